/* Endorsement and attestation keys; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"

#include <tss2/tss2_mu.h>

#include <stdio.h>

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

/* PolicyA: PolicySecret of the endorsement authority, SHA-256 (EK Credential Profile 2.5,
 * B.6.2). */
static const uint8_t policy_a[32] = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
    0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

/* Template L-1 (EK Credential Profile 2.5, B.3.3): RSA-2048, AES-128-CFB, unique of 256 zeros. */
static TPM2B_PUBLIC ek_template(void)
{
    TPM2B_PUBLIC p = {
        .publicArea = {
            .type = TPM2_ALG_RSA,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = 0x000300b2, /* ... adminWithPolicy restricted decrypt */
            .authPolicy = {.size = sizeof policy_a},
            .parameters.rsaDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
                                                   .keyBits.aes = 128,
                                                   .mode.aes = TPM2_ALG_CFB},
                                     .scheme = {.scheme = TPM2_ALG_NULL},
                                     .keyBits = 2048},
            .unique.rsa = {.size = 256},
        }};
    memcpy(p.publicArea.authPolicy.buffer, policy_a, sizeof policy_a);
    return p;
}

/* PolicyB: PolicyOR of PolicyA and PolicyC, SHA-384 (EK Credential Profile 2.5, B.6). */
static const uint8_t policy_b[48] = {
    0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc, 0xf5, 0xfd, 0x3a, 0x1a,
    0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4, 0xe4, 0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca,
    0xcb, 0x47, 0xba, 0x09, 0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12};

/* Template H-3 (B.4): P-384, AES-256-CFB; unique is empty. */
static TPM2B_PUBLIC ek_template_p384(void)
{
    TPM2B_PUBLIC p = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA384,
            .objectAttributes = 0x000300f2, /* ... userWithAuth adminWithPolicy restricted ... */
            .authPolicy = {.size = sizeof policy_b},
            .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
                                                   .keyBits.aes = 256,
                                                   .mode.aes = TPM2_ALG_CFB},
                                     .scheme = {.scheme = TPM2_ALG_NULL},
                                     .curveID = TPM2_ECC_NIST_P384,
                                     .kdf = {.scheme = TPM2_ALG_NULL}},
        }};
    memcpy(p.publicArea.authPolicy.buffer, policy_b, sizeof policy_b);
    return p;
}

/* AK templates of src/model/ak_profiles.def: P-256, ECDSA with SHA-256. */
static TPM2B_PUBLIC ak_template(uint32_t attributes, struct span policy)
{
    TPM2B_PUBLIC p = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = attributes,
            .authPolicy = {.size = (UINT16)policy.n},
            .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_NULL},
                                     .scheme = {.scheme = TPM2_ALG_ECDSA,
                                                .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf = {.scheme = TPM2_ALG_NULL}},
        }};
    if (policy.n)
        memcpy(p.publicArea.authPolicy.buffer, policy.p, policy.n);
    return p;
}

/* fill takes public area and Name of a loaded key. */
static bool fill(struct tpm *t, struct tpm_key *key, const TPM2B_PUBLIC *public,
                 struct situs_err *err)
{
    TPM2B_NAME *name = NULL;
    size_t end = 0;
    if (!tpm_tss_ok(
            t,
            Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, key->public, sizeof key->public, &end),
            "TPMT_PUBLIC", err) ||
        !tpm_tss_ok(t, Esys_TR_GetName(t->esys, key->handle, &name), "TPM2_ReadPublic", err))
        return false;
    bool ok = name->size <= sizeof key->name;
    if (ok)
        memcpy(key->name, name->name, name->size);
    key->name_size = name->size;
    key->public_size = end;
    Esys_Free(name);
    return ok;
}

static bool primary(struct tpm *t, const TPM2B_PUBLIC *form, struct tpm_key *key,
                    struct situs_err *err)
{
    const TPM2B_SENSITIVE_CREATE sensitive = {0};
    const TPM2B_DATA outside = {0};
    const TPML_PCR_SELECTION none = {0};
    TPM2B_PUBLIC *public = NULL;
    ESYS_TR handle = ESYS_TR_NONE;
    *key = (struct tpm_key){0};
    if (!tpm_tss_ok(t,
                    Esys_CreatePrimary(t->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
                                       ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, form, &outside,
                                       &none, &handle, &public, NULL, NULL, NULL),
                    "TPM2_CreatePrimary", err))
        return false;
    key->handle = handle;
    key->transient = true;
    bool ok = fill(t, key, public, err);
    Esys_Free(public);
    if (!ok)
        tpm_flush(t, key);
    return ok;
}

/* same_template says that a key has the template but for unique. */
static bool same_form(const TPM2B_PUBLIC *key, const TPM2B_PUBLIC *form)
{
    uint8_t a[TPM_PUBLIC_MAX], b[TPM_PUBLIC_MAX];
    size_t na = 0, nb = 0;
    TPMT_PUBLIC copy = key->publicArea;
    copy.unique = form->publicArea.unique;
    return copy.type == form->publicArea.type &&
           Tss2_MU_TPMT_PUBLIC_Marshal(&copy, a, sizeof a, &na) == TSS2_RC_SUCCESS &&
           Tss2_MU_TPMT_PUBLIC_Marshal(&form->publicArea, b, sizeof b, &nb) == TSS2_RC_SUCCESS &&
           span_equal(span_of(a, na), span_of(b, nb));
}

/* take_at takes what lies at a persistent handle. A TPM without it gives TPM_RC_HANDLE; *found says. */
static bool take_at(struct tpm *t, uint32_t at, struct tpm_key *key, TPM2B_PUBLIC **public,
                    bool *found, struct situs_err *err)
{
    ESYS_TR handle = ESYS_TR_NONE;
    *key = (struct tpm_key){0};
    *public = NULL;
    TSS2_RC rc = Esys_TR_FromTPMPublic(t->esys, at, NO_SESSIONS, &handle);
    *found = (rc & (TPM2_RC_FMT1 | 0x3f)) != TPM2_RC_HANDLE || (rc & TSS2_RC_LAYER_MASK) != 0;
    if (!*found)
        return true;
    if (!tpm_tss_ok(t, rc, "TPM2_ReadPublic", err))
        return false;
    *key = (struct tpm_key){.handle = handle};
    return tpm_tss_ok(t, Esys_ReadPublic(t->esys, handle, NO_SESSIONS, public, NULL, NULL),
                      "TPM2_ReadPublic", err);
}

/* persistent takes the EK at its handle, where there is one. */
static bool persistent(struct tpm *t, uint32_t at, const TPM2B_PUBLIC *form, struct tpm_key *ek,
                       bool *found, struct situs_err *err)
{
    TPM2B_PUBLIC *public;
    bool ok = take_at(t, at, ek, &public, found, err);
    if (ok && *found && !same_form(public, form))
        ok = err_fail(err, SITUS_NOT_ALLOWED, TPM_PART, "ek", SITUS_NO_OFFSET,
                      "an endorsement key of the profile's template", "another key");
    ok = ok && (!*found || fill(t, ek, public, err));
    Esys_Free(public);
    if (!ok)
        tpm_flush(t, ek);
    return ok;
}

bool tpm_ak_at(struct tpm *t, uint32_t at, struct tpm_key *ak, struct situs_err *err)
{
    TPM2B_PUBLIC *public;
    char name[16];
    bool found = false, ok = take_at(t, at, ak, &public, &found, err);
    snprintf(name, sizeof name, "%08xh", (unsigned)at);
    if (ok && !found)
        ok = err_fail(err, SITUS_MISSING, TPM_PART, "TPM2_ReadPublic", SITUS_NO_OFFSET, name,
                      "no such key");
    ok = ok && fill(t, ak, public, err);
    Esys_Free(public);
    if (!ok)
        tpm_flush(t, ak);
    return ok;
}

static bool find_ek(struct tpm *t, uint32_t at, const TPM2B_PUBLIC *form, struct tpm_key *ek,
                    struct situs_err *err)
{
    bool found;
    *ek = (struct tpm_key){0};
    if (!persistent(t, at, form, ek, &found, err) || (!found && !primary(t, form, ek, err)))
        return false;
    ek->password = (form->publicArea.objectAttributes & TPMA_OBJECT_USERWITHAUTH) != 0;
    return true;
}

bool tpm_ek(struct tpm *t, struct tpm_key *ek, struct situs_err *err)
{
    const TPM2B_PUBLIC form = ek_template();
    return find_ek(t, TPM_EK_PERSISTENT, &form, ek, err);
}

bool tpm_ek_p384(struct tpm *t, struct tpm_key *ek, struct situs_err *err)
{
    const TPM2B_PUBLIC form = ek_template_p384();
    return find_ek(t, TPM_EK_PERSISTENT_P384, &form, ek, err);
}

bool tpm_tss_ak_primary(struct tpm *t, uint32_t attributes, struct span policy, struct tpm_key *ak,
                        struct situs_err *err)
{
    const TPM2B_PUBLIC form = ak_template(attributes, policy);
    return primary(t, &form, ak, err);
}

bool tpm_ak_of(struct tpm *t, struct span template, struct tpm_key *ak, struct situs_err *err)
{
    TPM2B_PUBLIC form = {0};
    size_t end = 0;
    *ak = (struct tpm_key){0};
    if (Tss2_MU_TPMT_PUBLIC_Unmarshal(template.p, template.n, &end, &form.publicArea) !=
            TSS2_RC_SUCCESS ||
        end != template.n)
        return err_fail(err, SITUS_MALFORMED, TPM_PART, "template", SITUS_NO_OFFSET, "TPMT_PUBLIC",
                        "other bytes");
    return primary(t, &form, ak, err);
}

bool tpm_ak_primary(struct tpm *t, struct tpm_key *ak, struct situs_err *err)
{
    return tpm_tss_ak_primary(t, 0x00050072, span_of(NULL, 0), ak, err);
}

bool tpm_ak_create(struct tpm *t, const struct tpm_key *ek, const uint8_t policy[32],
                   struct tpm_blob *blob, struct situs_err *err)
{
    return tpm_tss_ak_create(t, ek, 0x000500b2, policy, blob, err);
}

bool tpm_tss_ak_create(struct tpm *t, const struct tpm_key *ek, uint32_t attributes,
                       const uint8_t policy[32], struct tpm_blob *blob, struct situs_err *err)
{
    const TPM2B_PUBLIC form = ak_template(attributes, span_of(policy, 32));
    const TPM2B_SENSITIVE_CREATE sensitive = {0};
    const TPM2B_DATA outside = {0};
    const TPML_PCR_SELECTION none = {0};
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    *blob = (struct tpm_blob){0};
    bool ok =
        tpm_tss_ek_session(t, ek, &session, err) &&
        tpm_tss_ok(t,
                   Esys_Create(t->esys, ek->handle, session, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                               &form, &outside, &none, &private, &public, NULL, NULL, NULL),
                   "TPM2_Create", err) &&
        tpm_tss_ok(t,
                   Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, blob->public,
                                               sizeof blob->public, &blob->public_size),
                   "TPMT_PUBLIC", err);
    if (ok && private->size > sizeof blob->private)
        ok = err_fail(err, SITUS_TOO_LONG, TPM_PART, "TPM2_Create", SITUS_NO_OFFSET,
                      TEXT_BYTES(sizeof blob->private), TEXT_BYTES(private->size));
    if (ok) {
        memcpy(blob->private, private->buffer, private->size);
        blob->private_size = private->size;
    } else {
        *blob = (struct tpm_blob){0};
    }
    tpm_tss_end(t, &session);
    Esys_Free(private);
    Esys_Free(public);
    return ok;
}

bool tpm_ak_load(struct tpm *t, const struct tpm_key *ek, const struct tpm_blob *blob,
                 struct tpm_key *ak, struct situs_err *err)
{
    TPM2B_PUBLIC public = {0};
    TPM2B_PRIVATE private = {.size = (UINT16)blob->private_size};
    ESYS_TR session = ESYS_TR_NONE, handle = ESYS_TR_NONE;
    size_t end = 0;
    *ak = (struct tpm_key){0};
    if (blob->private_size > sizeof private.buffer ||
        Tss2_MU_TPMT_PUBLIC_Unmarshal(blob->public, blob->public_size, &end, &public.publicArea) !=
            TSS2_RC_SUCCESS ||
        end != blob->public_size)
        return err_fail(err, SITUS_MALFORMED, "ak", "public", SITUS_NO_OFFSET, "TPMT_PUBLIC", NULL);
    memcpy(private.buffer, blob->private, blob->private_size);
    bool ok = tpm_tss_ek_session(t, ek, &session, err) &&
              tpm_tss_ok(t,
                         Esys_Load(t->esys, ek->handle, session, ESYS_TR_NONE, ESYS_TR_NONE,
                                   &private, &public, &handle),
                         "TPM2_Load", err);
    tpm_tss_end(t, &session);
    if (!ok)
        return false;
    *ak = (struct tpm_key){.handle = handle, .transient = true};
    ok = fill(t, ak, &public, err);
    if (!ok)
        tpm_flush(t, ak);
    return ok;
}

bool tpm_activate(struct tpm *t, const struct tpm_key *ak, const struct tpm_seal *seal,
                  const struct tpm_key *ek, const struct tpm_credential *credential,
                  struct tpm_secret *secret, struct situs_err *err)
{
    TPM2B_ID_OBJECT id = {.size = (UINT16)credential->id_object.n};
    TPM2B_ENCRYPTED_SECRET encrypted = {.size = (UINT16)credential->encrypted.n};
    TPM2B_DIGEST *opened = NULL;
    ESYS_TR ak_session = ESYS_TR_NONE, ek_session = ESYS_TR_NONE;
    secret->n = 0;
    if (credential->id_object.n > sizeof id.credential ||
        credential->encrypted.n > sizeof encrypted.secret)
        return err_fail(err, SITUS_TOO_LONG, "credential", "size", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(id.credential, credential->id_object.p, credential->id_object.n);
    memcpy(encrypted.secret, credential->encrypted.p, credential->encrypted.n);
    bool ok =
        tpm_tss_seal_session(t, seal, true, &ak_session, err) &&
        tpm_tss_ek_session(t, ek, &ek_session, err) &&
        tpm_tss_ok(t,
                   Esys_ActivateCredential(t->esys, ak->handle, ek->handle, ak_session, ek_session,
                                           ESYS_TR_NONE, &id, &encrypted, &opened),
                   "TPM2_ActivateCredential", err);
    if (ok && opened->size > TPM_SECRET_MAX)
        ok = err_fail(err, SITUS_TOO_LONG, "credential", "secret", SITUS_NO_OFFSET, NULL, NULL);
    if (ok) {
        memcpy(secret->bytes, opened->buffer, opened->size);
        secret->n = opened->size;
    }
    tpm_tss_end(t, &ak_session);
    tpm_tss_end(t, &ek_session);
    Esys_Free(opened);
    return ok;
}
