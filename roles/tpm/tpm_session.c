/* Policy sessions: for the endorsement key and for sealed keys; see tpm_tss.h. */
#include "tpm/tpm_tss.h"

#include "appraise/seal.h"
#include "base/text.h"
#include "crypto/tpm_policy.h"

#include <tss2/tss2_mu.h>

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

void tpm_tss_end(struct tpm *t, ESYS_TR *session)
{
    if (*session != ESYS_TR_NONE && *session != ESYS_TR_PASSWORD)
        Esys_FlushContext(t->esys, *session);
    *session = ESYS_TR_NONE;
}

static bool start(struct tpm *t, ESYS_TR *session, struct situs_err *err)
{
    const TPMT_SYM_DEF symmetric = {.algorithm = TPM2_ALG_NULL};
    *session = ESYS_TR_NONE;
    return tpm_tss_ok(t,
                      Esys_StartAuthSession(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, NO_SESSIONS, NULL,
                                            TPM2_SE_POLICY, &symmetric, TPM2_ALG_SHA256, session),
                      "TPM2_StartAuthSession", err);
}

bool tpm_tss_ek_session(struct tpm *t, const struct tpm_key *ek, ESYS_TR *session,
                        struct situs_err *err)
{
    *session = ESYS_TR_PASSWORD;
    if (ek->password)
        return true;
    if (!start(t, session, err))
        return false;
    if (tpm_tss_ok(t,
                   Esys_PolicySecret(t->esys, ESYS_TR_RH_ENDORSEMENT, *session, ESYS_TR_PASSWORD,
                                     ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL, NULL, 0, NULL, NULL),
                   "TPM2_PolicySecret", err))
        return true;
    tpm_tss_end(t, session);
    return false;
}

static bool get_digest(struct tpm *t, ESYS_TR session, uint8_t out[32], struct situs_err *err)
{
    TPM2B_DIGEST *d = NULL;
    if (!tpm_tss_ok(t, Esys_PolicyGetDigest(t->esys, session, NO_SESSIONS, &d),
                    "TPM2_PolicyGetDigest", err))
        return false;
    bool ok = d->size == 32;
    if (ok)
        memcpy(out, d->buffer, 32);
    Esys_Free(d);
    return ok || err_fail(err, SITUS_MALFORMED, TPM_PART, "policy_digest", SITUS_NO_OFFSET,
                          "32 bytes", NULL);
}

/* The authority's key and signature in the TSS's form. */
struct authority {
    TPM2B_PUBLIC public;
    TPMT_SIGNATURE signature;
    TPM2B_NONCE ref;
    TPM2B_DIGEST digest; /* aHash = SHA-256(approved policy || ref) (part 3, 23.16) */
    TPM2B_DIGEST approved;
};

static bool read_authority(struct authority *a, const struct tpm_approval *from,
                           const uint8_t approved[32], struct situs_err *err)
{
    *a = (struct authority){.digest.size = 32, .approved.size = 32};
    size_t key_end = 0, signature_end = 0;
    bool ok = from->ref.n <= sizeof a->ref.buffer &&
              Tss2_MU_TPMT_PUBLIC_Unmarshal(from->key.p, from->key.n, &key_end,
                                            &a->public.publicArea) == TSS2_RC_SUCCESS &&
              key_end == from->key.n &&
              Tss2_MU_TPMT_SIGNATURE_Unmarshal(from->signature.p, from->signature.n, &signature_end,
                                               &a->signature) == TSS2_RC_SUCCESS &&
              signature_end == from->signature.n &&
              digest2(HASH_SHA256, span_of(approved, 32), from->ref, a->digest.buffer);
    if (!ok)
        return err_fail(err, SITUS_MALFORMED, "approval", "", SITUS_NO_OFFSET,
                        "TPMT_PUBLIC, TPMT_SIGNATURE and a reference", NULL);
    memcpy(a->approved.buffer, approved, 32);
    memcpy(a->ref.buffer, from->ref.p, from->ref.n);
    a->ref.size = (UINT16)from->ref.n;
    return true;
}

/* PolicyAuthorize: the TPM checks the authority's signature over the session's digest and sets the
 * digest to the authority's own. */
static bool authorize(struct tpm *t, const struct tpm_approval *approval, ESYS_TR session,
                      struct situs_err *err)
{
    struct authority a;
    uint8_t now[32];
    ESYS_TR key = ESYS_TR_NONE;
    TPM2B_NAME *name = NULL;
    TPMT_TK_VERIFIED *ticket = NULL;
    if (!get_digest(t, session, now, err) || !read_authority(&a, approval, now, err))
        return false;
    /* A ticket needs a hierarchy: those of the null hierarchy end with this boot. */
    bool ok =
        tpm_tss_ok(t,
                   Esys_LoadExternal(t->esys, NO_SESSIONS, NULL, &a.public, ESYS_TR_RH_OWNER, &key),
                   "TPM2_LoadExternal", err) &&
        tpm_tss_ok(t, Esys_TR_GetName(t->esys, key, &name), "TPM2_ReadPublic", err) &&
        tpm_tss_ok(
            t, Esys_VerifySignature(t->esys, key, NO_SESSIONS, &a.digest, &a.signature, &ticket),
            "TPM2_VerifySignature", err) &&
        tpm_tss_ok(
            t,
            Esys_PolicyAuthorize(t->esys, session, NO_SESSIONS, &a.approved, &a.ref, name, ticket),
            "TPM2_PolicyAuthorize", err);
    if (key != ESYS_TR_NONE)
        Esys_FlushContext(t->esys, key);
    Esys_Free(name);
    Esys_Free(ticket);
    return ok;
}

/* P + PolicyCommandCode when activating, then PolicyOR. The branches come from the session itself,
 * so it is the TPM that refuses a key whose authPolicy is of other registers. */
static bool satisfy(struct tpm *t, const struct tpm_seal *seal, bool activate, ESYS_TR session,
                    struct situs_err *err)
{
    const TPML_PCR_SELECTION pcrs = tpm_tss_pcrs(&seal->pcrs, 1);
    TPML_DIGEST branches = {.count = 2, .digests = {{.size = 32}, {.size = 32}}};
    uint8_t *p = branches.digests[0].buffer;
    if (!tpm_tss_ok(t, Esys_PolicyPCR(t->esys, session, NO_SESSIONS, NULL, &pcrs), "TPM2_PolicyPCR",
                    err) ||
        (seal->approval && !authorize(t, seal->approval, session, err)) ||
        !get_digest(t, session, p, err))
        return false;
    if (!tpm_policy_command(p, TPM_CC_ACTIVATE_CREDENTIAL, branches.digests[1].buffer))
        return err_fail(err, SITUS_INTERNAL, TPM_PART, "policy", SITUS_NO_OFFSET, NULL, NULL);
    if (activate &&
        !tpm_tss_ok(
            t, Esys_PolicyCommandCode(t->esys, session, NO_SESSIONS, TPM2_CC_ActivateCredential),
            "TPM2_PolicyCommandCode", err))
        return false;
    return tpm_tss_ok(t, Esys_PolicyOR(t->esys, session, NO_SESSIONS, &branches), "TPM2_PolicyOR",
                      err);
}

bool tpm_tss_seal_session(struct tpm *t, const struct tpm_seal *seal, bool activate,
                          ESYS_TR *session, struct situs_err *err)
{
    *session = ESYS_TR_PASSWORD;
    if (!seal)
        return true;
    if (!start(t, session, err))
        return false;
    if (satisfy(t, seal, activate, *session, err))
        return true;
    tpm_tss_end(t, session);
    return false;
}

/* The Name of the authority's key: nameAlg and the hash of its TPMT_PUBLIC (part 1, 16). */
static bool authority_policy(const struct tpm_approval *a, uint8_t policy[32],
                             struct situs_err *err)
{
    uint8_t name[34] = {0x00, 0x0b}; /* SHA-256 (part 2, 6.3) */
    if (a->key.n < 4 || memcmp(a->key.p + 2, name, 2) != 0)
        return err_fail(err, SITUS_UNSUPPORTED, "approval", "key.name_alg", 2, "SHA-256", NULL);
    if (digest(HASH_SHA256, a->key, name + 2) &&
        seal_policy_authorized(SPAN_ARR(name), a->ref, policy))
        return true;
    return err_fail(err, SITUS_INTERNAL, "approval", "", SITUS_NO_OFFSET, NULL, NULL);
}

bool tpm_seal_policy(struct tpm *t, const struct tpm_seal *seal, uint8_t policy[32],
                     struct situs_err *err)
{
    struct tpm_pcrs pcrs;
    if (seal->approval)
        return authority_policy(seal->approval, policy, err);
    if (!tpm_pcrs_read(t, &seal->pcrs, 1, &pcrs, err))
        return false;
    const struct bank *bank = &pcrs.registers.bank[0];
    struct host_reference host = {.bank = bank->hash, .registers = bank->mask};
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (bank->mask >> i & 1)
            memcpy(host.value[i], bank->value[i].p, bank->value[i].n);
    return seal_policy_host(&host, policy) ||
           err_fail(err, SITUS_INTERNAL, TPM_PART, "policy", SITUS_NO_OFFSET, NULL, NULL);
}
