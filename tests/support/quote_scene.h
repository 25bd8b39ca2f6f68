/* A whole appraisal of a TPM quote, good as made by good(): a test breaks one thing. */
#ifndef SITUS_TESTS_QUOTE_SCENE_H
#define SITUS_TESTS_QUOTE_SCENE_H

#include "support/soft_tpm.h"
#include "support/test.h"

#include "base/text.h"
#include "evidence/tpm_quote.h"

#define SHA1 0x0004
#define SHA256 0x000b
#define SHA384 0x000c
#define AK_V 0x00050072 /* the guest template of google and situs */
#define AK_D 0x000500b2
#define GUEST 0x5bffu /* PCR 0-9, 11, 12, 14 */

static const uint8_t zeros[64], auth_policy[32] = {7};
static uint8_t ones[64];

struct scene {
    struct soft_ak soft;
    uint8_t measured[5][REGISTERS_MAX][64];
    struct registers registers;
    struct tpm_attest attest;
    uint8_t qualified[34], digest[64], attest_bytes[512], signature_bytes[512];
    struct span attest_span, signature_span;
    uint16_t signature_hash;
    const char *instance;
    struct policy policy;
    struct span bank[2], provider[3];
    struct host_reference host;
    int64_t set[REGISTERS_MAX + 1], exempt[REGISTERS_MAX];
    bool has_public;
    /* results */
    uint8_t memory[65536];
    struct arena arena;
    struct findings findings;
    struct claims claims;
    struct situs_err err;
};
static struct scene s;

static inline void set_nums(enum param p, int64_t *nums, uint32_t mask)
{
    size_t n = 0;
    for (int i = 0; i < REGISTERS_MAX; i++)
        if (mask >> i & 1)
            nums[n++] = i;
    s.policy.v[p] = (struct param_value){.given = true, .nums = nums, .n = n};
}

static inline void set_words(enum param p, const struct span *words, size_t n)
{
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = n};
}

static inline void add_bank(enum hash h, uint32_t mask)
{
    struct bank *bank = &s.registers.bank[s.registers.n];
    *bank = (struct bank){.hash = h, .mask = mask};
    for (size_t i = 0; i < REGISTERS_MAX; i++) {
        uint8_t *v = s.measured[s.registers.n][i];
        memset(v, (int)i + 1, 64);
        if (mask >> i & 1)
            bank->value[i] = span_of(v, hash_size(h));
    }
    s.registers.n++;
    s.attest.selection[s.attest.n_selections++] = (struct tpm_selection){hash_tpm(h), mask};
}

/* Of a primary key of the endorsement hierarchy, TPM_RH_ENDORSEMENT, computed here anew: nameAlg ||
 * H(4000000b || Name). */
static inline struct span qualified(void)
{
    static const uint8_t endorsement[4] = {0x40, 0, 0, 0x0b};
    uint8_t name[34] = {0, SHA256};
    memcpy(s.qualified, name, 2);
    assert_true(digest(HASH_SHA256, s.soft.public, name + 2) &&
                digest2(HASH_SHA256, SPAN_ARR(endorsement), SPAN_ARR(name), s.qualified + 2));
    return SPAN_ARR(s.qualified);
}

static inline void good_with(enum soft_kind kind, uint32_t attributes, struct span policy)
{
    memset(&s, 0, sizeof s);
    memset(ones, 0xff, sizeof ones);
    soft_tpm_ak(&s.soft, kind, attributes, policy);
    s.has_public = true;
    s.signature_hash = s.soft.hash;
    s.instance = "tpm.guest";
    s.attest = (struct tpm_attest){.magic = TPM_GENERATED,
                                   .type = TPM_ST_ATTEST_QUOTE,
                                   .qualified_signer = qualified(),
                                   .extra_data = SPAN_LIT("extra"),
                                   .clock = 1000,
                                   .reset_count = 3,
                                   .restart_count = 2,
                                   .safe = true,
                                   .firmware_version = 0x20160511};
    add_bank(HASH_SHA384, GUEST);
    s.bank[0] = SPAN_LIT("sha384");
    s.provider[0] = SPAN_LIT("situs");
    set_words(PARAM_TPM_PCRS_BANK, s.bank, 1);
    set_words(PARAM_AK_PROVIDERS, s.provider, 1);
    set_nums(PARAM_TPM_PCRS_SET, s.set, GUEST);
    set_nums(PARAM_TPM_PCRS_UNMEASURED, s.exempt, 0x81ff00);
}

/* The policy names a host of these registers. */
static inline void set_host(enum hash bank, uint32_t mask)
{
    s.host = (struct host_reference){.bank = bank, .registers = mask};
    s.policy.v[PARAM_HOST_IMAGE_IMAGES] =
        (struct param_value){.given = true, .hosts = &s.host, .n = 1};
}

static inline void good(void)
{
    good_with(SOFT_P256, AK_V, span_of(NULL, 0));
}

/* What the TPM does: digest, attest, signature. */
static inline void quote(void)
{
    struct span parts[5 * REGISTERS_MAX];
    size_t n = 0;
    for (size_t b = 0; b < s.registers.n; b++)
        for (size_t i = 0; i < REGISTERS_MAX; i++)
            if (s.registers.bank[b].mask >> i & 1)
                parts[n++] = s.registers.bank[b].value[i];
    enum hash h = hash_by_tpm(s.signature_hash);
    assert_true(digest_parts(h, parts, n, s.digest));
    s.attest.pcr_digest = span_of(s.digest, hash_size(h));
    s.attest_span = soft_tpm_attest(s.attest_bytes, sizeof s.attest_bytes, &s.attest);
    s.signature_span = soft_tpm_sign(s.signature_bytes, sizeof s.signature_bytes, &s.soft,
                                     s.signature_hash, s.attest_span);
}

static inline bool appraise(void)
{
    struct tpm_evidence e = {s.attest_span, s.signature_span, &s.registers};
    struct tpm_quote q;
    struct ak ak;
    s.err = (struct situs_err){0};
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.findings = (struct findings){.arena = &s.arena};
    s.claims = (struct claims){.instance = s.instance};
    if (!ak_read(&ak, s.soft.public, &s.err))
        return false;
    if (!s.has_public)
        ak.has_public = false;
    bool read = tpm_quote_read(&q, &e, &s.err);
    if (read) {
        tpm_quote_claims(&q, &ak, &s.claims);
        tpm_quote_verify(&q, &ak, s.instance, &s.policy, &s.findings);
    }
    ak_free(&ak);
    return read;
}

static const enum check checks[] = {CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS, CHECK_AK_ATTRIBUTES};

/* Everything passes. */
static inline void expect_good(void)
{
    assert_true(appraise());
    for (size_t i = 0; i < 3; i++) {
        const struct finding *f = &s.findings.v[checks[i]];
        if (f->outcome != OUTCOME_PASS)
            fail_msg("%s: %s %s %s", check_row(checks[i])->id, f->why->field, f->why->expected,
                     f->why->got);
    }
}

/* This check fails so, and no other does. */
static inline void expect_bad(enum check check, enum situs_code code, const char *field)
{
    assert_true(appraise());
    expect_fail(s.findings, check, code, field);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(s.findings.v[checks[i]].outcome == OUTCOME_FAIL, checks[i] == check);
}

#endif
