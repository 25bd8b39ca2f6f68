/* machine.same and machine.denied; see machine.h. */
#include "appraise/machine.h"

#include "base/limits.h"
#include "base/near.h"
#include "base/text.h"
#include "model/gce.h"

#include <stdio.h>

static bool fail(struct findings *f, enum situs_code code, const char *part, const char *field,
                 const char *expected, const char *got, const char *hint)
{
    return finding_fail(f, CHECK_MACHINE_SAME, code, FINDING_AT(part, field), expected, got, hint);
}

/* Google's certificate names an instance, of which MROWNER says something. */
static bool has_instance(const struct claims *tee, const struct claims *guest)
{
    return claims_get(tee, CLAIM_MROWNER) && claims_get(guest, CLAIM_GCE_INSTANCE_ID) &&
           claims_get(guest, CLAIM_GCE_PROJECT_NUMBER) && claims_get(guest, CLAIM_GCE_ZONE);
}

bool machine_owner_absent(const struct claims *tee, const struct claims *guest)
{
    return has_instance(tee, guest) && span_all(tee->v[CLAIM_MROWNER].bytes, 0);
}

/* A zero MROWNER says nothing; another one must be the instance's that the certificate names. */
static bool names_instance(const struct claims *tee, const struct claims *guest)
{
    return has_instance(tee, guest) && !machine_owner_absent(tee, guest);
}

static bool check_mrowner(struct findings *f, const struct claims *tee, const struct claims *guest)
{
    uint8_t expected[48];
    struct span mrowner = tee->v[CLAIM_MROWNER].bytes;
    if (gce_mrowner((uint64_t)guest->v[CLAIM_GCE_INSTANCE_ID].num,
                    (uint64_t)guest->v[CLAIM_GCE_PROJECT_NUMBER].num,
                    guest->v[CLAIM_GCE_ZONE].bytes, expected) &&
        span_equal(mrowner, SPAN_ARR(expected)))
        return true;
    return fail(f, SITUS_MISMATCH, "tdx", "mrowner", TEXT_HEX(SPAN_ARR(expected)),
                TEXT_HEX(mrowner), "the AK certificate is of another instance than the TD");
}

/* A platform that the certificate names is the quote's, and no other; nor is it one that has no
 * name. */
static bool check_piid(struct findings *f, const struct claims *tee, struct span named)
{
    const struct claim *has = claims_get(tee, CLAIM_PIID);
    if (!has)
        return fail(f, SITUS_MISSING, "ak_certificate", "piid",
                    "a quote of the platform that the AK certificate names",
                    "a PCK certificate without a platform instance id (Processor CA)",
                    "the TPM was certified for a platform that has an id: not for this quote's");
    return span_equal(has->bytes, named) ||
           fail(f, SITUS_MISMATCH, "ak_certificate", "piid", TEXT_HEX(has->bytes), TEXT_HEX(named),
                "the TPM was certified for another platform id; an SGX factory reset changes it");
}

static void check_parties(struct findings *f, const struct policy *policy,
                          const struct claims *guest, const struct claims *const *endorsements,
                          size_t n)
{
    size_t seen = 0;
    if (!policy->v[PARAM_MACHINE_PARTIES].given) {
        finding_skip(
            f, CHECK_MACHINE_SAME,
            "the policy does not say which anchors are one party's (machine.same.parties)");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct anchor *by = endorsements[i]->authority;
        if (!by)
            continue;
        seen++;
        if (!policy_pair(policy, PARAM_MACHINE_PARTIES, span_text(guest->authority->name),
                         span_text(by->name))) {
            fail(f, SITUS_NOT_ALLOWED, endorsements[i]->instance, "authority",
                 "an anchor of the party that vouches for the TPM", by->name,
                 "say so in machine.same.parties, if it is");
            return;
        }
    }
    if (seen)
        finding_pass(f, CHECK_MACHINE_SAME);
    else
        finding_skip(f, CHECK_MACHINE_SAME, "no endorsement of the platform holds");
}

/* What the certificate says of the platform, against what the quote says: a contradiction refuses
 * whatever the policy asks for. */
static bool check_named(struct findings *f, const struct claims *tee, const struct claims *guest,
                        bool *agrees)
{
    const struct claim *piid = claims_get(guest, CLAIM_MACHINE_PIID);
    bool instance = names_instance(tee, guest);
    *agrees = piid || instance;
    return (!piid || check_piid(f, tee, piid->bytes)) &&
           (!instance || check_mrowner(f, tee, guest));
}

void machine_check(struct findings *f, const struct policy *policy, const struct claims *tee,
                   const struct claims *guest, const struct claims *const *endorsements, size_t n)
{
    bool agrees = false, piid = claims_get(guest, CLAIM_MACHINE_PIID);
    bool asked = policy->require & PROOF_BOUND && policy->require & (PROOF_OWNED | PROOF_LISTED);
    if (!guest->authority)
        finding_skip(f, CHECK_MACHINE_SAME, "no certified TPM says which machine it is in");
    else if (!tee->authority)
        finding_skip(f, CHECK_MACHINE_SAME, "no verified quote says which platform it is");
    else if (!check_named(f, tee, guest, &agrees))
        return;
    else if (asked && !piid)
        check_parties(f, policy, guest, endorsements, n);
    else if (agrees)
        finding_pass(f, CHECK_MACHINE_SAME);
    else
        finding_skip(f, CHECK_MACHINE_SAME,
                     machine_owner_absent(tee, guest)
                         ? "the TD names no instance: its MROWNER is zero"
                         : "asked only of owned or listed together with bound");
}

static bool is_anchor(const struct trust *trust, struct span name, struct situs_err *err)
{
    const char *names[LIMIT_ANCHORS];
    char word[TRUST_NAME_MAX + 1], hint[TRUST_NAME_MAX + 64];
    size_t n = trust->n < LIMIT_ANCHORS ? trust->n : LIMIT_ANCHORS;
    for (size_t i = 0; i < trust->n; i++)
        if (span_equal(name, span_text(trust->anchors[i].name)))
            return true;
    for (size_t i = 0; i < n; i++)
        names[i] = trust->anchors[i].name;
    const char *near = near_word(text_cut(word, sizeof word, name), names, n);
    snprintf(hint, sizeof hint, "did you mean \"%s\"?", near ? near : "");
    err_fail(err, SITUS_UNKNOWN, "policy", "machine.same.parties", SITUS_NO_OFFSET,
             "the name of an anchor of the trust file", word);
    return err_hint(err, near ? hint
                              : "\"situs trust show\" lists them; a pair of another trust "
                                "file belongs into another policy");
}

bool machine_parties_known(const struct policy *policy, const struct trust *trust,
                           struct situs_err *err)
{
    const struct param_value *v = &policy->v[PARAM_MACHINE_PARTIES];
    for (size_t i = 0; v->given && i < v->n; i++) {
        struct span pair = v->words[i];
        const uint8_t *middle = memchr(pair.p, '=', pair.n); /* names of anchors have none */
        size_t at = middle ? (size_t)(middle - pair.p) : pair.n, after = at + (middle != NULL);
        if (!is_anchor(trust, span_cut(pair, 0, at), err) ||
            !is_anchor(trust, span_cut(pair, after, pair.n - after), err))
            return false;
    }
    return true;
}

/* By what a machine can be denied. */
static const struct {
    enum instance instance;
    enum claim_id claim;
    bool platform; /* it says which platform the quote is of */
} ids[] = {
#define MACHINE_ID(instance, claim, kind, platform) {INSTANCE_##instance, CLAIM_##claim, platform},
#include "model/machine_ids.def"
#undef MACHINE_ID
};

void machine_check_denied(struct result *r)
{
    bool known = false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct claims *c = &r->claims[ids[i].instance];
        const struct claim *id = claims_get(c, ids[i].claim);
        if (!id)
            continue;
        known |= ids[i].platform;
        if (policy_denies(r->policy, id->bytes)) {
            finding_fail(&r->findings, CHECK_MACHINE_DENIED, SITUS_REVOKED,
                         FINDING_AT(c->instance, claim_row(ids[i].claim)->name),
                         "an id that the policy does not deny", TEXT_HEX(id->bytes),
                         "your own policy denies it: poe.revoked.deny");
            return;
        }
    }
    if (known || r->policy->v[PARAM_REVOCATION_DENY].n == 0)
        finding_pass(&r->findings, CHECK_MACHINE_DENIED);
    else
        finding_skip(&r->findings, CHECK_MACHINE_DENIED,
                     "no verified quote says which platform it is");
}
