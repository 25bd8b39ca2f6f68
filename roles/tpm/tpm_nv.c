/* NV indices; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"

#include <stdio.h>

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

/* TPM_PT_NV_BUFFER_MAX is at least 512 in the PC Client profile (1.06, 4.9). */
#define PIECE 512

/* open_index gives the index's handle and its size; *there is false, and nothing fails, where the TPM has none. */
static bool open_index(struct tpm *t, uint32_t index, ESYS_TR *nv, size_t *size, bool *there,
                       struct situs_err *err)
{
    TPM2B_NV_PUBLIC *public = NULL;
    *nv = ESYS_TR_NONE;
    TSS2_RC rc = Esys_TR_FromTPMPublic(t->esys, index, NO_SESSIONS, nv);
    *there = (rc & (TPM2_RC_FMT1 | 0x3f)) != TPM2_RC_HANDLE || (rc & TSS2_RC_LAYER_MASK) != 0;
    if (!*there)
        return true;
    bool ok = tpm_tss_ok(t, rc, "TPM2_NV_ReadPublic", err) &&
              tpm_tss_ok(t, Esys_NV_ReadPublic(t->esys, *nv, NO_SESSIONS, &public, NULL),
                         "TPM2_NV_ReadPublic", err);
    *size = ok ? public->nvPublic.dataSize : 0;
    Esys_Free(public);
    return ok;
}

static void close_index(struct tpm *t, ESYS_TR *nv)
{
    if (*nv != ESYS_TR_NONE)
        Esys_TR_Close(t->esys, nv);
}

static bool read_all(struct tpm *t, ESYS_TR by, ESYS_TR nv, uint8_t *out, size_t all,
                     struct situs_err *err)
{
    bool ok = true;
    for (size_t at = 0; ok && at < all; at += PIECE) {
        UINT16 n = (UINT16)(all - at < PIECE ? all - at : PIECE);
        TPM2B_MAX_NV_BUFFER *data = NULL;
        ok = tpm_tss_ok(t,
                        Esys_NV_Read(t->esys, by, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                     n, (UINT16)at, &data),
                        "TPM2_NV_Read", err);
        if (ok && data->size != n)
            ok = err_fail(err, SITUS_TOO_SHORT, TPM_PART, "TPM2_NV_Read", SITUS_NO_OFFSET,
                          TEXT_BYTES(n), TEXT_BYTES(data->size));
        if (ok)
            memcpy(out + at, data->buffer, n);
        Esys_Free(data);
    }
    return ok;
}

static bool read_index(struct tpm *t, uint32_t index, bool owner, uint8_t *out, size_t room,
                       size_t *size, struct situs_err *err)
{
    ESYS_TR nv;
    char name[16];
    bool there = false;
    size_t all = 0;
    *size = 0;
    snprintf(name, sizeof name, "%08xh", (unsigned)index);
    bool ok = open_index(t, index, &nv, &all, &there, err);
    if (ok && !there)
        ok = err_fail(err, SITUS_MISSING, TPM_PART, "TPM2_NV_ReadPublic", SITUS_NO_OFFSET, name,
                      "no such NV index");
    if (ok && all > room)
        ok = err_fail(err, SITUS_TOO_LONG, TPM_PART, "nv_public.data_size", SITUS_NO_OFFSET,
                      TEXT_BYTES(room), TEXT_BYTES(all));
    ok = ok && read_all(t, owner ? ESYS_TR_RH_OWNER : nv, nv, out, all, err);
    *size = ok ? all : 0;
    close_index(t, &nv);
    return ok;
}

bool tpm_nv_read(struct tpm *t, uint32_t index, uint8_t *out, size_t room, size_t *size,
                 struct situs_err *err)
{
    return read_index(t, index, false, out, room, size, err);
}

bool tpm_nv_read_as_owner(struct tpm *t, uint32_t index, uint8_t *out, size_t room, size_t *size,
                          struct situs_err *err)
{
    return read_index(t, index, true, out, room, size, err);
}

static bool define(struct tpm *t, uint32_t index, size_t size, ESYS_TR *nv, struct situs_err *err)
{
    const TPM2B_AUTH none = {0};
    const TPM2B_NV_PUBLIC public = {.nvPublic = {.nvIndex = index,
                                                 .nameAlg = TPM2_ALG_SHA256,
                                                 .attributes = TPMA_NV_OWNERWRITE |
                                                               TPMA_NV_OWNERREAD |
                                                               TPMA_NV_AUTHWRITE | TPMA_NV_AUTHREAD,
                                                 .dataSize = (UINT16)size}};
    return tpm_tss_ok(t,
                      Esys_NV_DefineSpace(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                          ESYS_TR_NONE, &none, &public, nv),
                      "TPM2_NV_DefineSpace", err);
}

bool tpm_nv_put(struct tpm *t, uint32_t index, struct span bytes, struct situs_err *err)
{
    TPM2B_MAX_NV_BUFFER data = {.size = (UINT16)bytes.n};
    ESYS_TR nv;
    bool there = false;
    size_t size = 0;
    if (bytes.n > PIECE)
        return err_fail(err, SITUS_TOO_LONG, TPM_PART, "TPM2_NV_Write", SITUS_NO_OFFSET,
                        TEXT_BYTES(PIECE), TEXT_BYTES(bytes.n));
    memcpy(data.buffer, bytes.p, bytes.n);
    bool ok = open_index(t, index, &nv, &size, &there, err);
    if (ok && there && size != bytes.n)
        ok = err_fail(err, SITUS_MISMATCH, TPM_PART, "nv_public.data_size", SITUS_NO_OFFSET,
                      TEXT_BYTES(bytes.n), TEXT_BYTES(size));
    ok = ok && (there || define(t, index, bytes.n, &nv, err)) &&
         tpm_tss_ok(t,
                    Esys_NV_Write(t->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                  ESYS_TR_NONE, &data, 0),
                    "TPM2_NV_Write", err);
    close_index(t, &nv);
    return ok;
}
