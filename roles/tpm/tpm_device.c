/* Opening, closing, errors; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"
#include "frame/out.h"

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* TPM_HT_TRANSIENT and TPM_HT_LOADED_SESSION in the first byte (part 2, 7.2, 7.5). */
#define FIRST_TRANSIENT 0x80000000u
#define FIRST_SESSION 0x02000000u

/* Response codes whose cause we know (part 2, 6.6.3); session and parameter numbers are cut off. */
static const char *hint_of(TSS2_RC rc)
{
    if ((rc & TSS2_RC_LAYER_MASK) != 0)
        return "the TPM does not answer; check the TCTI string and that nobody else holds the TPM";
    TSS2_RC base = rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc;
    switch (base) {
    case TPM2_RC_POLICY_FAIL:
    case TPM2_RC_PCR_CHANGED:
        return "the registers are not those that the key was sealed to: boot the approved host";
    case TPM2_RC_LOCKOUT: /* cuts of power count as wrong passwords (part 1, 19.8.6) */
        return "the TPM lost power too often without a shutdown: wait, or reset its dictionary "
               "attack lockout";
    case TPM2_RC_LOCALITY:
        return "this register is not open to this locality";
    case TPM2_RC_INTEGRITY:
        return "the object is of another TPM, or of this one before it was cleared";
    case TPM2_RC_OBJECT_MEMORY:
    case TPM2_RC_SESSION_MEMORY:
        return "the TPM is full of other programs' objects; use its resource manager";
    default:
        return "the TPM refused the command; the response code is in TPM 2.0 Library, part 2, 6.6";
    }
}

static enum situs_code code_of(TSS2_RC rc)
{
    if ((rc & TSS2_RC_LAYER_MASK) != 0)
        return SITUS_MISSING;
    TSS2_RC base = rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc;
    return base == TPM2_RC_INTEGRITY ? SITUS_MISMATCH : SITUS_NOT_ALLOWED;
}

bool tpm_tss_ok(struct tpm *t, TSS2_RC rc, const char *command, struct situs_err *err)
{
    if (rc == TSS2_RC_SUCCESS) {
        out_step("tpm: %s", command);
        return true;
    }
    t->code = rc;
    char got[160];
    snprintf(got, sizeof got, "0x%x %s", (unsigned)rc, Tss2_RC_Decode(rc));
    err_fail(err, code_of(rc), TPM_PART, command, SITUS_NO_OFFSET, "success", got);
    return err_hint(err, hint_of(rc));
}

uint32_t tpm_code(const struct tpm *t)
{
    return t->code;
}

/* flush_left flushes the objects or sessions whose handles begin at first: what a program that was
 * killed left in a TPM without a resource manager. Behind one nobody else's are seen. */
static bool flush_left(struct tpm *t, TPM2_HANDLE first, struct situs_err *err)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more;
    if (!tpm_tss_ok(t,
                    Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                       TPM2_CAP_HANDLES, first, TPM2_MAX_CAP_HANDLES, &more, &data),
                    "TPM2_GetCapability", err))
        return false;
    const TPML_HANDLE *handles = &data->data.handles;
    for (UINT32 i = 0; i < handles->count && i < TPM2_MAX_CAP_HANDLES; i++) {
        ESYS_TR object = ESYS_TR_NONE;
        if (Esys_TR_FromTPMPublic(t->esys, handles->handle[i], ESYS_TR_NONE, ESYS_TR_NONE,
                                  ESYS_TR_NONE, &object) == TSS2_RC_SUCCESS)
            Esys_FlushContext(t->esys, object);
    }
    Esys_Free(data);
    return true;
}

struct tpm *tpm_open(const char *tcti, struct situs_err *err)
{
    struct tpm *t = calloc(1, sizeof *t);
    if (!t) {
        err_fail(err, SITUS_NO_MEMORY, TPM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
        return NULL;
    }
    setenv("TSS2_LOG", "all+NONE", 0); /* errors are ours to tell */
    signal(SIGPIPE, SIG_IGN);
    TSS2_ABI_VERSION abi = TSS2_ABI_VERSION_CURRENT;
    if (tpm_turn_take(tcti, TPM_TURN_SECONDS * 1000, &t->turn, err) &&
        tpm_tss_ok(t, Tss2_TctiLdr_Initialize(tcti, &t->tcti), "tcti", err) &&
        tpm_tss_ok(t, Esys_Initialize(&t->esys, t->tcti, &abi), "esys", err) &&
        flush_left(t, FIRST_TRANSIENT, err) && flush_left(t, FIRST_SESSION, err))
        return t;
    tpm_close(t);
    return NULL;
}

void tpm_close(struct tpm *t)
{
    if (!t)
        return;
    if (t->esys)
        Esys_Finalize(&t->esys);
    if (t->tcti)
        Tss2_TctiLdr_Finalize(&t->tcti);
    tpm_turn_end(&t->turn);
    free(t);
}

void tpm_flush(struct tpm *t, struct tpm_key *key)
{
    if (t && key->handle) {
        ESYS_TR object = key->handle;
        if (key->transient)
            Esys_FlushContext(t->esys, object);
        else
            Esys_TR_Close(t->esys, &object);
    }
    *key = (struct tpm_key){0};
}
