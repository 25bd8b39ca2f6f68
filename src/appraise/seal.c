/* The sealed attestation key of bare metal; see seal.h. */
#include "appraise/seal.h"

#include "base/text.h"
#include "crypto/tpm_policy.h"

static const char not_held[] = "the platform's TPM quote does not hold";

/* Both claims of a set with authority, or a failed row that names the one that is missing. */
static bool both(struct findings *f, enum check c, const struct claims *a, enum claim_id a_id,
                 const struct claims *b, enum claim_id b_id, const char *hint)
{
    const struct claims *set[] = {a, b};
    const enum claim_id id[] = {a_id, b_id};
    for (size_t i = 0; i < 2; i++)
        if (!claims_get(set[i], id[i]))
            return finding_fail(f, c, SITUS_MISSING,
                                FINDING_AT(set[i]->instance, claim_row(id[i])->name),
                                claim_row(id[i])->sentence, "none", hint);
    return true;
}

void seal_check_enrolled(struct findings *f, const struct claims *platform)
{
    static const char enrol[] = "enrol the key with the registrar, on the machine itself";
    const enum check c = CHECK_AK_ENROLLED;
    if (!platform->authority) {
        finding_skip(f, c, not_held);
        return;
    }
    if (!both(f, c, platform, CLAIM_MACHINE_CLASS, platform, CLAIM_ENROLLED_AK_NAME, enrol) ||
        !both(f, c, platform, CLAIM_AK_NAME, platform, CLAIM_EK_NAME, enrol))
        return;
    struct span class = platform->v[CLAIM_MACHINE_CLASS].bytes;
    struct span certified = platform->v[CLAIM_ENROLLED_AK_NAME].bytes;
    struct span name = platform->v[CLAIM_AK_NAME].bytes;
    if (!span_equal(class, SPAN_LIT("dtpm")))
        finding_fail(f, c, SITUS_NOT_ALLOWED, FINDING_AT(platform->instance, "machine_class"),
                     "dtpm", TEXT_CUT(class), "a virtual TPM does not stand for the machine's own");
    else if (!span_equal(certified, name))
        finding_fail(f, c, SITUS_MISMATCH, FINDING_AT(platform->instance, "enrolled_ak_name"),
                     TEXT_HEX(name), TEXT_HEX(certified), enrol);
    else
        finding_pass(f, c);
}

void seal_check_boot(struct findings *f, const struct claims *platform)
{
    static const enum claim_id counters[][2] = {
        {CLAIM_RESET_COUNT, CLAIM_ENROLLED_RESET_COUNT},
        {CLAIM_RESTART_COUNT, CLAIM_ENROLLED_RESTART_COUNT}};
    static const char again[] = "the machine was restarted since its key was certified: its "
                                "provider must confirm where it is, and enrol it again";
    if (!platform->authority) {
        finding_skip(f, CHECK_AK_BOOT, not_held);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        enum claim_id now = counters[i][0], then = counters[i][1];
        if (!both(f, CHECK_AK_BOOT, platform, now, platform, then, again))
            return;
        if (platform->v[now].num != platform->v[then].num) {
            finding_fail(f, CHECK_AK_BOOT, SITUS_MISMATCH,
                         FINDING_AT(platform->instance, claim_row(now)->name),
                         TEXT_NUM(platform->v[then].num), TEXT_NUM(platform->v[now].num), again);
            return;
        }
    }
    finding_pass(f, CHECK_AK_BOOT);
}

void seal_check_machine(struct findings *f, const struct claims *td, const struct claims *platform)
{
    const enum check c = CHECK_MACHINE_SAME;
    if (!platform->authority || !td->authority) {
        finding_skip(f, c, td->authority ? not_held : "the TD quote does not hold");
        return;
    }
    if (!both(f, c, td, CLAIM_PIID, platform, CLAIM_MACHINE_PIID,
              "only a platform whose registrar knows its PIID can be compared"))
        return;
    struct span certified = platform->v[CLAIM_MACHINE_PIID].bytes, piid = td->v[CLAIM_PIID].bytes;
    if (span_equal(certified, piid))
        finding_pass(f, c);
    else
        finding_fail(f, c, SITUS_MISMATCH, FINDING_AT(td->instance, "piid"), TEXT_HEX(certified),
                     TEXT_HEX(piid), "the TD quote was made by another machine's processors");
}

/* One policy for both roles: user (TPM2_Quote) and admin (TPM2_ActivateCredential), which a plain
 * policy cannot serve (TPM 2.0 part 1, 19.2). */
static bool for_both_roles(const uint8_t p[32], uint8_t out[32])
{
    uint8_t activate[32];
    return tpm_policy_command(p, TPM_CC_ACTIVATE_CREDENTIAL, activate) &&
           tpm_policy_or(p, activate, out);
}

bool seal_policy_host(const struct host_reference *host, uint8_t out[32])
{
    struct span values[REGISTERS_MAX];
    uint8_t p[32];
    size_t n = 0;
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (host->registers >> i & 1)
            values[n++] = span_of(host->value[i], hash_size(host->bank));
    return tpm_policy_pcr(host->bank, host->registers, values, n, p) && for_both_roles(p, out);
}

bool seal_policy_authorized(struct span key_name, struct span policy_ref, uint8_t out[32])
{
    uint8_t p[32];
    return tpm_policy_authorize(key_name, policy_ref, p) && for_both_roles(p, out);
}

static bool check_policy(struct findings *f, const struct policy *p, struct span auth_policy,
                         const struct host_reference *host)
{
    uint8_t want[32];
    bool authorize = policy_word(p, PARAM_AK_SEALED_FORM, SPAN_LIT("authorize"));
    if (authorize && p->v[PARAM_AK_SEALED_KEY].hex.n == 0)
        return finding_fail(f, CHECK_AK_SEALED, SITUS_MISSING,
                            FINDING_AT("policy", "ak.sealed.provider_key"),
                            "the Name of the approving key", "none", NULL);
    if (authorize ? !seal_policy_authorized(p->v[PARAM_AK_SEALED_KEY].hex,
                                            p->v[PARAM_AK_SEALED_REF].hex, want)
                  : !seal_policy_host(host, want))
        return finding_fail(f, CHECK_AK_SEALED, SITUS_INTERNAL,
                            FINDING_AT("tpmt_public", "auth_policy"), "a hash", "none", NULL);
    return span_equal(auth_policy, SPAN_ARR(want)) ||
           finding_fail(f, CHECK_AK_SEALED, SITUS_MISMATCH,
                        FINDING_AT("tpmt_public", "auth_policy"), TEXT_HEX(SPAN_ARR(want)),
                        TEXT_HEX(auth_policy),
                        "the key is not sealed to the approved host: provision it again there");
}

static bool check_signer(struct findings *f, const struct claims *platform)
{
    uint8_t want[2 + HASH_MAX_SIZE];
    if (!both(f, CHECK_AK_SEALED, platform, CLAIM_EK_NAME, platform, CLAIM_QUALIFIED_SIGNER, NULL))
        return false;
    struct span got = platform->v[CLAIM_QUALIFIED_SIGNER].bytes;
    size_t n = tpm_policy_qualified(platform->v[CLAIM_EK_NAME].bytes,
                                    platform->v[CLAIM_AK_NAME].bytes, want);
    if (n == 0)
        return finding_fail(f, CHECK_AK_SEALED, SITUS_MALFORMED,
                            FINDING_AT(platform->instance, "ek_name"), "nameAlg and a digest",
                            TEXT_HEX(platform->v[CLAIM_EK_NAME].bytes), NULL);
    return span_equal(got, span_of(want, n)) ||
           finding_fail(f, CHECK_AK_SEALED, SITUS_MISMATCH,
                        FINDING_AT(platform->instance, "qualified_signer"),
                        TEXT_HEX(span_of(want, n)), TEXT_HEX(got),
                        "the key is not a child of the certified endorsement key");
}

void seal_check_sealed(struct findings *f, const struct policy *p, const struct claims *platform,
                       struct span auth_policy, const struct host_reference *host)
{
    if (!platform->authority)
        finding_skip(f, CHECK_AK_SEALED, not_held);
    else if (!host && !policy_word(p, PARAM_AK_SEALED_FORM, SPAN_LIT("authorize")))
        finding_skip(f, CHECK_AK_SEALED, "no host of the policy runs, so nothing to be sealed to");
    else if (check_policy(f, p, auth_policy, host) && check_signer(f, platform))
        finding_pass(f, CHECK_AK_SEALED);
}
