/* Reading and verifying TPM quotes; see tpm_quote.h. */
#include "evidence/tpm_quote.h"

#include "base/text.h"
#include "crypto/tpm_policy.h"

#include <stdio.h>

static const char attest_part[] = "tpms_attest";
static const char signature_part[] = "tpmt_signature";
static const char public_part[] = "tpmt_public";
static const char pcrs_part[] = "pcr values";

bool tpm_quote_read(struct tpm_quote *q, const struct tpm_evidence *e, struct situs_err *err)
{
    *q = (struct tpm_quote){.signed_part = e->attest, .registers = e->registers};
    if (tpm_attest_read(&q->attest, e->attest, err) &&
        tpm_signature_read(&q->signature, e->signature, err))
        return true;
    *q = (struct tpm_quote){0};
    return false;
}

void tpm_quote_claims(const struct tpm_quote *q, const struct ak *ak, struct claims *c)
{
    const struct tpm_attest *a = &q->attest;
    if (ak->has_public) {
        claim_bytes(c, CLAIM_AK_NAME, ak_name(ak));
        claim_bytes(c, CLAIM_AK_HASH, SPAN_ARR(ak->hash));
    }
    if (!a->is_quote)
        return;
    claim_bytes(c, CLAIM_QUALIFIED_SIGNER, a->qualified_signer);
    claim_bytes(c, CLAIM_EXTRA_DATA, a->extra_data);
    claim_num(c, CLAIM_CLOCK, (int64_t)a->clock);
    claim_num(c, CLAIM_RESET_COUNT, a->reset_count);
    claim_num(c, CLAIM_RESTART_COUNT, a->restart_count);
    claim_num(c, CLAIM_CLOCK_SAFE, a->safe);
    claim_num(c, CLAIM_FIRMWARE_VERSION, (int64_t)a->firmware_version);
    claim_bytes(c, CLAIM_PCR_DIGEST, a->pcr_digest);
}

/* tpm.signature */

static bool signature_fails(struct findings *f, enum situs_code code, const char *part,
                            const char *field, const char *expected, const char *got,
                            const char *hint)
{
    return finding_fail(f, CHECK_TPM_SIGNATURE, code, FINDING_AT(part, field), expected, got, hint);
}

/* A restricted key signs what begins with TPM_GENERATED only if the TPM made it (part 1, 31.1); the
 * type tells a quote from the other things that a TPM certifies. */
static bool check_kind(const struct tpm_attest *a, struct findings *f)
{
    char got[24];
    if (a->magic != TPM_GENERATED) {
        snprintf(got, sizeof got, "%08x", (unsigned)a->magic);
        return signature_fails(f, SITUS_MALFORMED, attest_part, "magic", "ff544347", got,
                               "these bytes were not made inside a TPM");
    }
    if (a->type != TPM_ST_ATTEST_QUOTE) {
        snprintf(got, sizeof got, "%04x", (unsigned)a->type);
        return signature_fails(f, SITUS_MALFORMED, attest_part, "type", "8018 (quote)", got,
                               "send the result of TPM2_Quote");
    }
    return true;
}

static bool is_strong(enum hash h)
{
    return h == HASH_SHA256 || h == HASH_SHA384 || h == HASH_SHA512;
}

/* The scheme is the key's, never the signature's choice (part 2, 12.2.3.5). */
static bool check_scheme(const struct tpm_signature *s, const struct ak *ak, struct findings *f)
{
    if (!is_strong(hash_by_tpm(s->hash)))
        return signature_fails(f, SITUS_NOT_ALLOWED, signature_part, "signature.hash",
                               "SHA-256, SHA-384 or SHA-512", hash_name(hash_by_tpm(s->hash)),
                               NULL);
    if (verify_key_is_rsa(ak->key) != (s->alg != TPM_ALG_ECDSA))
        return signature_fails(f, SITUS_MISMATCH, signature_part, "sig_alg",
                               "the algorithm of the attestation key", TEXT_NUM(s->alg), NULL);
    if (ak->has_public && ak->public.scheme != s->alg)
        return signature_fails(f, SITUS_MISMATCH, signature_part, "sig_alg",
                               TEXT_NUM(ak->public.scheme), TEXT_NUM(s->alg), NULL);
    if (ak->has_public && ak->public.scheme_hash != s->hash)
        return signature_fails(f, SITUS_MISMATCH, signature_part, "signature.hash",
                               hash_name(hash_by_tpm(ak->public.scheme_hash)),
                               hash_name(hash_by_tpm(s->hash)), NULL);
    return true;
}

static void check_signature(const struct tpm_quote *q, const struct ak *ak, struct findings *f)
{
    const struct tpm_signature *s = &q->signature;
    if (!check_kind(&q->attest, f) || !check_scheme(s, ak, f))
        return;
    enum hash h = hash_by_tpm(s->hash);
    enum scheme scheme = s->alg == TPM_ALG_RSAPSS ? SCHEME_RSAPSS : SCHEME_RSASSA;
    bool ok = s->alg == TPM_ALG_ECDSA
                  ? verify_ecdsa_known(ak->key, ak->hot, h, q->signed_part, s->r, s->s)
                  : verify_rsa(ak->key, scheme, h, q->signed_part, s->rsa);
    if (ok)
        finding_pass(f, CHECK_TPM_SIGNATURE);
    else
        signature_fails(f, SITUS_BAD_SIGNATURE, signature_part, "signature",
                        "the attestation key's signature over the TPMS_ATTEST", NULL, NULL);
}

/* tpm.pcrs */

static bool pcrs_fail(struct findings *f, enum situs_code code, const char *part, const char *field,
                      const char *expected, const char *got)
{
    return finding_fail(f, CHECK_TPM_PCRS, code, FINDING_AT(part, field), expected, got, NULL);
}

/* The registers of a NUMS parameter, bit i for register i. A number past the last register gives
 * bit 31, which no selection has: such a policy is never met. */
static uint32_t mask_of(const struct param_value *v)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < v->n; i++)
        mask |= v->nums[i] >= 0 && v->nums[i] < REGISTERS_MAX ? 1u << v->nums[i] : 1u << 31;
    return mask;
}

static bool fail_mask(struct findings *f, uint32_t want, uint32_t mask)
{
    char expected[16], got[16];
    snprintf(expected, sizeof expected, "mask %06x", (unsigned)want);
    snprintf(got, sizeof got, "mask %06x", (unsigned)mask);
    return pcrs_fail(f, SITUS_NOT_ALLOWED, attest_part, "attested.pcr_select.pcr_select", expected,
                     got);
}

/* "sha256 sha384", as words of a policy. */
static const char *banks_text(char text[40], uint32_t banks)
{
    size_t n = 0;
    for (unsigned h = 0; h < 32 && n < 32; h++)
        if (banks >> h & 1)
            n += (size_t)snprintf(text + n, 40 - n, "%s%s", n ? " " : "", hash_name((enum hash)h));
    return text;
}

/* The signed selection equals the policy's: those banks, each with exactly those registers. */
static bool check_selection(const struct tpm_attest *a, const struct policy *p, struct findings *f)
{
    uint32_t set = mask_of(&p->v[PARAM_TPM_PCRS_SET]), banks = policy_banks(p), left = banks;
    if (set == 0 || banks == 0)
        return pcrs_fail(f, SITUS_MISSING, "policy", "tpm.pcrs", "a bank and registers", "none");
    if (a->n_selections != (size_t)__builtin_popcount(banks))
        return pcrs_fail(f, SITUS_NOT_ALLOWED, attest_part, "attested.pcr_select.count",
                         banks_text((char[40]){0}, banks), TEXT_NUM(a->n_selections));
    for (size_t i = 0; i < a->n_selections; i++) {
        const struct tpm_selection *s = &a->selection[i];
        enum hash h = hash_by_tpm(s->hash);
        if (!(left >> h & 1))
            return pcrs_fail(f, SITUS_NOT_ALLOWED, attest_part, "attested.pcr_select.hash",
                             banks_text((char[40]){0}, banks), hash_name(h));
        if (s->mask != set)
            return fail_mask(f, set, s->mask);
        left &= ~(1u << h);
    }
    return true;
}

/* On the platform: one bank, and exactly the registers of a host image that the policy names. */
static bool check_launch_selection(const struct tpm_attest *a, const struct policy *p,
                                   struct findings *f)
{
    const struct param_value *v = &p->v[PARAM_HOST_IMAGE_IMAGES];
    const struct tpm_selection *s = &a->selection[0];
    if (v->n == 0)
        return pcrs_fail(f, SITUS_MISSING, "policy", "host.image.images", "a host image", "none");
    if (a->n_selections != 1)
        return pcrs_fail(f, SITUS_NOT_ALLOWED, attest_part, "attested.pcr_select.count", "1",
                         TEXT_NUM(a->n_selections));
    bool bank = false;
    for (size_t i = 0; i < v->n; i++) {
        if (v->hosts[i].bank != hash_by_tpm(s->hash))
            continue;
        bank = true;
        if (v->hosts[i].registers == s->mask)
            return true;
    }
    if (!bank)
        return pcrs_fail(f, SITUS_NOT_ALLOWED, attest_part, "attested.pcr_select.hash",
                         "the bank of a host image", hash_name(hash_by_tpm(s->hash)));
    return fail_mask(f, v->hosts[0].registers, s->mask);
}

/* The values sent are those selected, no more and no fewer, each of its bank's digest size: bytes
 * cannot move from one register to the next. */
static bool check_shape(const struct tpm_attest *a, const struct registers *r, struct findings *f)
{
    if (r->n != a->n_selections)
        return pcrs_fail(f, SITUS_MISMATCH, pcrs_part, "banks", TEXT_NUM(a->n_selections),
                         TEXT_NUM(r->n));
    for (size_t i = 0; i < a->n_selections; i++) {
        enum hash h = hash_by_tpm(a->selection[i].hash);
        const struct bank *bank = registers_bank(r, h);
        if (!bank || bank->mask != a->selection[i].mask)
            return pcrs_fail(f, SITUS_MISMATCH, pcrs_part, "registers",
                             "the registers of the signed selection", bank ? "others" : "none");
        for (size_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
            if (bank->mask >> pcr & 1 && bank->value[pcr].n != hash_size(h))
                return pcrs_fail(f, SITUS_MALFORMED, pcrs_part, "value", TEXT_BYTES(hash_size(h)),
                                 TEXT_BYTES(bank->value[pcr].n));
    }
    return true;
}

/* pcrDigest: the signing scheme's hash over the values, in the order of the selections and, within
 * a bank, of the registers (part 3, 18.4). */
static bool check_digest(const struct tpm_quote *q, struct findings *f)
{
    const struct tpm_attest *a = &q->attest;
    struct span parts[LIMIT_PCR_SELECTIONS * REGISTERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < a->n_selections; i++) {
        const struct bank *bank = registers_bank(q->registers, hash_by_tpm(a->selection[i].hash));
        for (size_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
            if (bank->mask >> pcr & 1)
                parts[n++] = bank->value[pcr];
    }
    enum hash h = hash_by_tpm(q->signature.hash);
    uint8_t computed[HASH_MAX_SIZE];
    if (!is_strong(h) || !digest_parts(h, parts, n, computed))
        return pcrs_fail(f, SITUS_NOT_ALLOWED, signature_part, "signature.hash",
                         "SHA-256, SHA-384 or SHA-512", hash_name(h));
    struct span expected = span_of(computed, hash_size(h));
    if (!span_equal(expected, a->pcr_digest))
        return pcrs_fail(f, SITUS_MISMATCH, attest_part, "attested.pcr_digest", TEXT_HEX(expected),
                         TEXT_HEX(a->pcr_digest));
    return true;
}

#define DYNAMIC 0x7e0000u /* PCR 17-22 */

/* Reset values (PC Client Platform TPM Profile 1.06, 4.6): PCR 17-22 are all ones before a dynamic
 * launch and all zeros after it, the others all zeros. */
static bool check_measured(const struct tpm_quote *q, uint32_t exempt, struct findings *f)
{
    for (size_t i = 0; i < q->registers->n; i++) {
        const struct bank *bank = &q->registers->bank[i];
        for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++) {
            uint32_t bit = 1u << pcr;
            if (!(bank->mask & bit))
                continue;
            bool zeros = span_all(bank->value[pcr], 0), ones = span_all(bank->value[pcr], 0xff);
            bool reset = zeros || (ones && (DYNAMIC & bit));
            if ((!zeros && !ones) || (reset && (exempt & bit)))
                continue;
            char field[16];
            snprintf(field, sizeof field, "pcr[%u]", (unsigned)pcr);
            return pcrs_fail(f, SITUS_NOT_MEASURED, pcrs_part, field, "a measurement",
                             zeros ? "all zeros" : "all ones");
        }
    }
    return true;
}

static void check_pcrs(const struct tpm_quote *q, bool platform, const struct policy *p,
                       struct findings *f)
{
    uint32_t exempt = mask_of(&p->v[PARAM_TPM_PCRS_UNMEASURED]) & (platform ? ~DYNAMIC : ~0u);
    if (!q->attest.is_quote) {
        pcrs_fail(f, SITUS_MALFORMED, attest_part, "attested", "a quote", "something else");
        return;
    }
    if ((platform ? check_launch_selection : check_selection)(&q->attest, p, f) &&
        check_shape(&q->attest, q->registers, f) && check_digest(q, f) &&
        check_measured(q, exempt, f))
        finding_pass(f, CHECK_TPM_PCRS);
}

/* ak.attributes */

enum parent { PARENT_ENDORSEMENT, PARENT_EK };

struct ak_template {
    enum ak_profile profile;
    const char *instance;
    uint32_t attributes;
    size_t policy_size;
    uint16_t type, scheme, size; /* size: key bits, or the curve */
    enum parent parent;
};

static const struct ak_template templates[] = {
#define AK_TEMPLATE(id, instance, attributes, policy, type, scheme, size, parent) \
    {AK_PROFILE_##id, instance, attributes, policy, type, scheme, size, PARENT_##parent},
#include "model/ak_profiles.def"
};

/* How far a public area agrees with a template: the first field that differs. */
enum agreement { TYPE, NAME_ALG, SCHEME, SIZE, POLICY, ATTRIBUTES, WHOLE };

static const char *const agreement_fields[] = {
    "type", "name_alg", "parameters.scheme", "parameters.size", "auth_policy", "object_attributes",
};

static enum agreement compare(const struct ak_template *t, const struct tpm_public *p)
{
    const uint16_t sha256 = hash_tpm(HASH_SHA256);
    if (p->type != t->type)
        return TYPE;
    if (p->name_alg != sha256)
        return NAME_ALG;
    if (p->scheme != t->scheme || p->scheme_hash != sha256)
        return SCHEME;
    if (t->size != (t->type == TPM_ALG_RSA ? p->bits : p->curve))
        return SIZE;
    if (p->auth_policy.n != t->policy_size)
        return POLICY;
    return p->attributes == t->attributes ? WHOLE : ATTRIBUTES;
}

/* Where the key lives in the TPM (part 1, 16): one loaded under another parent, or from outside,
 * has the same public area. Under the EK ak.sealed asks, by the EK that the certificate names. */
static void check_parent(const struct ak_template *t, const struct tpm_attest *a,
                         const struct ak *ak, struct findings *f)
{
    uint8_t want[2 + HASH_MAX_SIZE];
    size_t n = tpm_policy_primary(ak_name(ak), want);
    if (t->parent == PARENT_EK || (n && span_equal(a->qualified_signer, span_of(want, n))))
        finding_pass(f, CHECK_AK_ATTRIBUTES);
    else
        finding_fail(f, CHECK_AK_ATTRIBUTES, SITUS_MISMATCH,
                     FINDING_AT(attest_part, "qualified_signer"), TEXT_HEX(span_of(want, n)),
                     TEXT_HEX(a->qualified_signer),
                     "make the attestation key a primary of the endorsement hierarchy");
}

/* The template of the policy's providers that agrees with the key in most fields. */
static const struct ak_template *nearest(const struct ak *ak, const char *instance,
                                         const struct policy *policy, enum agreement *best)
{
    const struct ak_template *found = NULL;
    *best = TYPE;
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const struct ak_template *t = &templates[i];
        if (strcmp(t->instance, instance) != 0 || !policy_takes(policy, t->profile))
            continue;
        enum agreement a = compare(t, &ak->public);
        if (a >= *best) {
            *best = a;
            found = t;
        }
    }
    return found;
}

static void check_attributes(const struct tpm_quote *q, const struct ak *ak, const char *instance,
                             const struct policy *policy, struct findings *f)
{
    if (!ak->has_public) {
        finding_fail(f, CHECK_AK_ATTRIBUTES, SITUS_MISSING, FINDING_AT(public_part, "tpmt_public"),
                     "the attestation key's public area", "none", "send the AK's TPMT_PUBLIC");
        return;
    }
    enum agreement best;
    const struct ak_template *t = nearest(ak, instance, policy, &best);
    if (best == WHOLE) {
        check_parent(t, &q->attest, ak, f);
        return;
    }
    char expected[64] = "a template of the policy's providers", got[16] = "";
    if (best == ATTRIBUTES) {
        snprintf(expected, sizeof expected, "%08x", (unsigned)t->attributes);
        snprintf(got, sizeof got, "%08x", (unsigned)ak->public.attributes);
    }
    finding_fail(f, CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED,
                 FINDING_AT(public_part, agreement_fields[best]), expected, got,
                 "make the attestation key by the provider's template");
}

void tpm_quote_verify(const struct tpm_quote *q, const struct ak *ak, const char *instance,
                      const struct policy *policy, struct findings *f)
{
    check_signature(q, ak, f);
    check_pcrs(q, strcmp(instance, "tpm.platform") == 0, policy, f);
    check_attributes(q, ak, instance, policy, f);
}
