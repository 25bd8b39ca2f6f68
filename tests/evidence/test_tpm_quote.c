/* evidence/tpm_quote: what a TPM quote must be, one broken rule a case. */
#include "support/test.h"

#include "base/text.h"
#include "evidence/tpm_quote.h"
#include "support/soft_ca.h"
#include "support/soft_tpm.h"
#include "support/tpm_vectors.h"
#include "support/vectors.h"

#include <stdio.h>

#define SHA1 0x0004
#define SHA256 0x000b
#define SHA384 0x000c
#define AK_V 0x00050072 /* the guest template of google and situs */
#define AK_D 0x000500b2
#define GUEST 0x5bffu /* PCR 0-9, 11, 12, 14 */

static const uint8_t zeros[64], auth_policy[32] = {7};
static uint8_t ones[64];

/* A whole appraisal of a TPM quote, good as made by good(): a test breaks one thing. */
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

static void set_nums(enum param p, int64_t *nums, uint32_t mask)
{
    size_t n = 0;
    for (int i = 0; i < REGISTERS_MAX; i++)
        if (mask >> i & 1)
            nums[n++] = i;
    s.policy.v[p] = (struct param_value){.given = true, .nums = nums, .n = n};
}

static void set_words(enum param p, const struct span *words, size_t n)
{
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = n};
}

static void add_bank(enum hash h, uint32_t mask)
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
static struct span qualified(void)
{
    static const uint8_t endorsement[4] = {0x40, 0, 0, 0x0b};
    uint8_t name[34] = {0, SHA256};
    memcpy(s.qualified, name, 2);
    assert_true(digest(HASH_SHA256, s.soft.public, name + 2) &&
                digest2(HASH_SHA256, SPAN_ARR(endorsement), SPAN_ARR(name), s.qualified + 2));
    return SPAN_ARR(s.qualified);
}

static void good_with(enum soft_kind kind, uint32_t attributes, struct span policy)
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
static void set_host(enum hash bank, uint32_t mask)
{
    s.host = (struct host_reference){.bank = bank, .registers = mask};
    s.policy.v[PARAM_HOST_IMAGE_IMAGES] =
        (struct param_value){.given = true, .hosts = &s.host, .n = 1};
}

static void good(void)
{
    good_with(SOFT_P256, AK_V, span_of(NULL, 0));
}

/* What the TPM does: digest, attest, signature. */
static void quote(void)
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

static bool appraise(void)
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
static void expect_good(void)
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
static void expect_bad(enum check check, enum situs_code code, const char *field)
{
    assert_true(appraise());
    expect_fail(s.findings, check, code, field);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(s.findings.v[checks[i]].outcome == OUTCOME_FAIL, checks[i] == check);
}

static void quote_good_passes(void **state)
{
    (void)state;
    for (enum soft_kind kind = SOFT_RSASSA; kind <= SOFT_P256; kind++) {
        if (kind == SOFT_RSAPSS)
            continue; /* no provider's template */
        good_with(kind, AK_V, span_of(NULL, 0));
        quote();
        expect_good();
    }
}

#define LAUNCH 0x60000u /* PCR 17, 18 */

static void good_platform(void)
{
    good_with(SOFT_P256, AK_D, SPAN_ARR(auth_policy));
    s.registers.n = s.attest.n_selections = 0;
    add_bank(HASH_SHA256, LAUNCH);
    set_host(HASH_SHA256, LAUNCH);
    s.instance = "tpm.platform";
    quote();
}

/* The platform quotes exactly the registers of a host that the policy names, each measured (N61).
 */
static void quote_of_a_platform_covers_the_hosts_registers(void **state)
{
    (void)state;
    good_platform();
    expect_good();
    s.host.registers |= 1 << 19;
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.pcr_select");
    s.host.bank = HASH_SHA384;
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.hash");
    good_platform();
    add_bank(HASH_SHA384, LAUNCH);
    quote();
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.count");
    s.policy.v[PARAM_HOST_IMAGE_IMAGES].n = 0;
    expect_bad(CHECK_TPM_PCRS, SITUS_MISSING, "host.image.images");
    good_platform();
    set_nums(PARAM_TPM_PCRS_UNMEASURED, s.exempt, LAUNCH); /* for guests only */
    memset(s.measured[0][18], 0xff, 32);
    quote();
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[18]");
}

/* N47, N57: what bind.* and continuity compare is claimed as it stands. */
static void quote_claims_what_the_tpm_says(void **state)
{
    (void)state;
    good();
    s.attest.safe = false;
    quote();
    expect_good();
    const struct claim *v = s.claims.v;
    assert_true(span_equal(v[CLAIM_EXTRA_DATA].bytes, SPAN_LIT("extra")));
    assert_true(span_equal(v[CLAIM_QUALIFIED_SIGNER].bytes, SPAN_ARR(s.qualified)));
    assert_int_equal(v[CLAIM_CLOCK].num, 1000);
    assert_int_equal(v[CLAIM_RESET_COUNT].num, 3);
    assert_int_equal(v[CLAIM_RESTART_COUNT].num, 2);
    assert_true(v[CLAIM_CLOCK_SAFE].set && v[CLAIM_CLOCK_SAFE].num == 0);
    assert_int_equal(v[CLAIM_FIRMWARE_VERSION].num, 0x20160511);
    assert_int_equal(v[CLAIM_AK_NAME].bytes.n, 34);
    assert_null(claims_get(&s.claims, CLAIM_EXTRA_DATA)); /* no authority yet */
}

static void quote_refuses_other_attestations(void **state)
{
    (void)state;
    good();
    s.attest.magic = 0x544347ff; /* N45 */
    quote();
    assert_true(appraise());
    expect_fail(s.findings, CHECK_TPM_SIGNATURE, SITUS_MALFORMED, "magic");
    expect_fail(s.findings, CHECK_TPM_PCRS, SITUS_MALFORMED, "attested");
    assert_false(s.claims.v[CLAIM_EXTRA_DATA].set);
    static const uint16_t types[] = {0x8014, 0x8017, 0x801a, 0x801c}; /* N46: NV, CERTIFY, ... */
    for (size_t i = 0; i < 4; i++) {
        good();
        s.attest.type = types[i];
        quote();
        assert_true(appraise());
        expect_fail(s.findings, CHECK_TPM_SIGNATURE, SITUS_MALFORMED, "type");
        expect_fail(s.findings, CHECK_TPM_PCRS, SITUS_MALFORMED, "attested");
    }
}

/* N48 */
static void quote_refuses_every_flipped_bit(void **state)
{
    (void)state;
    good();
    quote();
    struct span parts[] = {s.attest_span, s.signature_span};
    for (size_t p = 0; p < 2; p++)
        for (size_t bit = 0; bit < parts[p].n * 8; bit++) {
            uint8_t *byte = (p ? s.signature_bytes : s.attest_bytes) + bit / 8;
            *byte ^= (uint8_t)(1 << bit % 8);
            if (appraise())
                assert_int_equal(s.findings.v[CHECK_TPM_SIGNATURE].outcome, OUTCOME_FAIL);
            *byte ^= (uint8_t)(1 << bit % 8);
        }
    expect_good();
    uint8_t other[512];
    s.attest.reset_count++; /* a signature over other bytes */
    s.attest_span = soft_tpm_attest(other, sizeof other, &s.attest);
    expect_bad(CHECK_TPM_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
}

/* N55 */
static void quote_takes_the_scheme_from_the_key(void **state)
{
    (void)state;
    good();
    s.signature_hash = SHA384;
    quote();
    expect_bad(CHECK_TPM_SIGNATURE, SITUS_MISMATCH, "signature.hash");
    good_with(SOFT_RSASSA, AK_V, span_of(NULL, 0));
    s.soft.scheme = TPM_ALG_RSAPSS; /* signs by PSS; the public area says RSASSA */
    quote();
    expect_bad(CHECK_TPM_SIGNATURE, SITUS_MISMATCH, "sig_alg");
    struct soft_ak rsa;
    good();
    soft_tpm_ak(&rsa, SOFT_RSASSA, AK_V, span_of(NULL, 0));
    quote();
    s.signature_span =
        soft_tpm_sign(s.signature_bytes, sizeof s.signature_bytes, &rsa, SHA256, s.attest_span);
    expect_bad(CHECK_TPM_SIGNATURE, SITUS_MISMATCH, "sig_alg");
    s.soft.public = rsa.public; /* and so when only the key is known */
    s.has_public = false;
    quote();
    assert_true(appraise());
    expect_fail(s.findings, CHECK_TPM_SIGNATURE, SITUS_MISMATCH, "sig_alg");
    good();
    s.has_public = false; /* the scheme is unknown, so the hash has to be strong by itself */
    s.signature_hash = SHA1;
    quote();
    assert_true(appraise());
    expect_fail(s.findings, CHECK_TPM_SIGNATURE, SITUS_NOT_ALLOWED, "signature.hash");
    expect_fail(s.findings, CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "signature.hash");
    good_with(SOFT_RSA_E3, AK_V, span_of(NULL, 0));
    assert_false(appraise());
    expect_err(s.err, SITUS_NOT_ALLOWED, "key.exponent", SITUS_NO_OFFSET);
    good_with(SOFT_RSA_SHORT, AK_V, span_of(NULL, 0));
    assert_false(appraise());
    expect_err(s.err, SITUS_NOT_ALLOWED, "key.bits", SITUS_NO_OFFSET);
}

/* N56; codec/test_tpm.c has the offsets of all three structures. */
static void quote_refuses_trailing_bytes(void **state)
{
    (void)state;
    good();
    quote();
    s.attest_span.n++;
    assert_false(appraise());
    expect_err(s.err, SITUS_TRAILING, "tpms_attest", s.attest_span.n - 1);
    s.attest_span.n--;
    s.signature_span.n++;
    assert_false(appraise());
    expect_err(s.err, SITUS_TRAILING, "tpmt_signature", s.signature_span.n - 1);
}

/* N49, N50 */
static void quote_covers_exactly_the_policys_registers(void **state)
{
    (void)state;
    good();
    quote();
    set_nums(PARAM_TPM_PCRS_SET, s.set, GUEST | 1 << 10);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.pcr_select");
    set_nums(PARAM_TPM_PCRS_SET, s.set, GUEST & ~1u);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.pcr_select");
    set_nums(PARAM_TPM_PCRS_SET, s.set, GUEST);
    s.set[s.policy.v[PARAM_TPM_PCRS_SET].n++] = 24; /* there is no such register */
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.pcr_select");
    set_nums(PARAM_TPM_PCRS_SET, s.set, 0);
    expect_bad(CHECK_TPM_PCRS, SITUS_MISSING, "tpm.pcrs");
    set_nums(PARAM_TPM_PCRS_SET, s.set, GUEST);
    s.registers.bank[0].mask ^= 1 << 10; /* a value that the TPM did not sign */
    s.registers.bank[0].value[10] = span_of(ones, 48);
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "registers");
    s.registers.bank[0].mask = GUEST & ~2u; /* a signed value is missing */
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "registers");
}

static void quote_refuses_other_values(void **state)
{
    (void)state;
    good();
    quote();
    s.measured[0][4][47] ^= 1;
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "attested.pcr_digest");
    s.measured[0][4][47] ^= 1;
    struct span swapped = s.registers.bank[0].value[2];
    s.registers.bank[0].value[2] = s.registers.bank[0].value[3];
    s.registers.bank[0].value[3] = swapped;
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "attested.pcr_digest");
}

/* N51: the same concatenation, cut elsewhere. */
static void quote_refuses_values_cut_elsewhere(void **state)
{
    (void)state;
    good();
    static uint8_t joined[96];
    memset(joined, 5, sizeof joined);
    s.registers.bank[0].value[0] = span_of(joined, 48);
    s.registers.bank[0].value[1] = span_of(joined + 48, 48);
    quote();
    expect_good();
    s.registers.bank[0].value[0] = span_of(joined, 47);
    s.registers.bank[0].value[1] = span_of(joined + 47, 49);
    expect_bad(CHECK_TPM_PCRS, SITUS_MALFORMED, "value");
    s.registers.bank[0].value[0] = span_of(joined, 96);
    s.registers.bank[0].value[1] = span_of(joined, 0);
    expect_bad(CHECK_TPM_PCRS, SITUS_MALFORMED, "value");
}

/* N53 */
static void quote_covers_exactly_the_policys_banks(void **state)
{
    (void)state;
    static const enum hash banks[] = {HASH_SHA1, HASH_SHA256, HASH_SHA512};
    for (size_t i = 0; i < 3; i++) {
        good();
        s.registers.n = s.attest.n_selections = 0;
        add_bank(banks[i], GUEST);
        quote();
        expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.hash");
    }
    good();
    add_bank(HASH_SHA256, GUEST);
    quote();
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.count");
    s.bank[1] = SPAN_LIT("sha256");
    set_words(PARAM_TPM_PCRS_BANK, s.bank, 2);
    expect_good();
    s.registers.n = 1;
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "banks");
    s.registers.bank[0].hash = HASH_SHA256; /* values under another bank's name */
    s.registers.n = 2;
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "registers");
    good();
    s.registers.bank[0].hash = HASH_SHA256; /* SHA-256 values for a SHA-384 selection */
    quote();
    expect_bad(CHECK_TPM_PCRS, SITUS_MISMATCH, "registers");
}

static void with_value(uint32_t pcr, const uint8_t *value)
{
    good();
    s.registers.n = s.attest.n_selections = 0;
    add_bank(HASH_SHA384, 0xffffff);
    s.registers.bank[0].value[pcr] = span_of(value, 48);
    set_nums(PARAM_TPM_PCRS_SET, s.set, 0xffffff);
    quote();
}

/* N61 */
static void quote_needs_a_measurement(void **state)
{
    (void)state;
    with_value(17, ones);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[17]");
    with_value(17, zeros);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[17]");
    with_value(22, ones);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[22]");
    with_value(0, zeros);
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[0]");
    with_value(11, zeros); /* its reset value, and may_be_unmeasured */
    expect_good();
    with_value(11, ones); /* no reset value of PCR 11 */
    expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[11]");
    with_value(17, ones);
    set_nums(PARAM_TPM_PCRS_UNMEASURED, s.exempt, 1 << 17);
    expect_good();
}

/* N54 */
static void quote_needs_the_whole_template(void **state)
{
    (void)state;
    for (int bit = 0; bit < 32; bit++) {
        good_with(SOFT_P256, AK_V ^ 1u << bit, span_of(NULL, 0));
        quote();
        expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "object_attributes");
    }
    good_with(SOFT_P256, AK_V, SPAN_ARR(auth_policy));
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "auth_policy");
    good_with(SOFT_P384, AK_V, span_of(NULL, 0));
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "parameters.scheme");
    good_with(SOFT_RSAPSS, AK_V, span_of(NULL, 0));
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "parameters.scheme");
    good_with(SOFT_P384, AK_V, span_of(NULL, 0));
    s.soft.bytes[15] = SHA256; /* the template's hash, another curve */
    s.signature_hash = SHA256;
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "parameters.size");
    good();
    s.soft.bytes[3] = SHA384;
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "name_alg");
    good();
    quote();
    s.provider[0] = SPAN_LIT("azure"); /* has no ECC template */
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "type");
    set_words(PARAM_AK_PROVIDERS, s.provider, 0);
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "type");
    good();
    quote();
    s.has_public = false;
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_MISSING, "tpmt_public");
}

/* Real evidence */

/* The public area does not say where a key lives: the TPM does, in each quote. */
static void quote_needs_the_keys_place_in_the_tpm(void **state)
{
    (void)state;
    static const uint8_t parents[][4] = {{0x40, 0, 0, 1}, {0x40, 0, 0, 7}, {0x40, 0, 0, 0x0c}};
    uint8_t name[34] = {0, SHA256};
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) { /* owner, null, platform */
        good();
        assert_true(digest(HASH_SHA256, s.soft.public, name + 2) &&
                    digest2(HASH_SHA256, SPAN_ARR(parents[i]), SPAN_ARR(name), s.qualified + 2));
        quote();
        expect_bad(CHECK_AK_ATTRIBUTES, SITUS_MISMATCH, "qualified_signer");
        assert_string_equal(s.findings.v[CHECK_AK_ATTRIBUTES].why->part, "tpms_attest");
    }
    for (size_t at = 0; at < sizeof s.qualified; at++) {
        good();
        s.qualified[at] ^= 1;
        quote();
        expect_bad(CHECK_AK_ATTRIBUTES, SITUS_MISMATCH, "qualified_signer");
    }
    good();
    s.attest.qualified_signer = span_of(s.qualified, 33); /* no prefix */
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_MISMATCH, "qualified_signer");
    good();
    s.attest.qualified_signer = span_of(NULL, 0);
    quote();
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_MISMATCH, "qualified_signer");
}

static void read_real(const char *attest, const char *signature)
{
    s.attest_span = vectors_read(attest);
    s.signature_span = vectors_read(signature);
    set_nums(PARAM_TPM_PCRS_SET, s.set, s.registers.bank[0].mask);
    s.bank[0] = span_text(hash_name(s.registers.bank[0].hash));
}

static void quote_real_gce_passes(void **state)
{
    (void)state;
    vectors_need();
    char path[3][80];
    for (int i = 0; i < 3; i++) {
        good();
        snprintf(path[0], 80, "tpm/gce-cos-85/quote%d.pcrs.json", i);
        snprintf(path[1], 80, "tpm/gce-cos-85/quote%d.tpms_attest", i);
        snprintf(path[2], 80, "tpm/gce-cos-85/quote%d.tpmt_signature", i);
        s.soft.public = vectors_read("tpm/gce-cos-85/ak_pub.tpmt");
        tpm_vectors_json(&s.registers, path[0]);
        read_real(path[1], path[2]);
        s.provider[0] = SPAN_LIT("google");
        expect_bad(CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr[17]"); /* a guest has no DRTM */
        set_nums(PARAM_TPM_PCRS_UNMEASURED, s.exempt, 0xffff00);
        expect_good();
        expect_hex(s.claims.v[CLAIM_EXTRA_DATA].bytes, "9009");
        s.bank[0] = SPAN_LIT("sha384"); /* the default bank: SHA-1 and SHA-256 are refused */
        if (i < 2)
            expect_bad(CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "attested.pcr_select.hash");
    }
}

static void quote_real_drtm_passes_but_its_template(void **state)
{
    (void)state;
    vectors_need();
    good();
    assert_true(
        tpm_public_unwrap(&s.soft.public, vectors_read("lab/baremetal-drtm/ak_pub"), &s.err));
    tpm_vectors_text(&s.registers, "lab/baremetal-drtm/pcrs.txt", "sha256", 0x607ff);
    read_real("lab/baremetal-drtm/quote_msg", "lab/baremetal-drtm/quote_sig");
    set_host(HASH_SHA256, 0x607ff);
    s.instance = "tpm.platform";
    expect_bad(CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "object_attributes");
    assert_true(span_equal(s.claims.v[CLAIM_EXTRA_DATA].bytes,
                           span_of("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee"
                                   "\xff\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd"
                                   "\xee\xff",
                                   32)));
}

/* Azure sends no TPMT_PUBLIC: the key comes from the certificate, and ak.attributes cannot hold. */
static void quote_real_azure_has_no_public_area(void **state)
{
    (void)state;
    vectors_need();
    good();
    tpm_vectors_json(&s.registers, "tdx/azure-2026/vtpm_quote.pcrs.json");
    read_real("tdx/azure-2026/vtpm_quote.tpms_attest", "tdx/azure-2026/vtpm_quote.tpmt_signature");
    set_nums(PARAM_TPM_PCRS_UNMEASURED, s.exempt, 0xffff00);
    struct tpm_evidence e = {s.attest_span, s.signature_span, &s.registers};
    struct tpm_quote q;
    struct ak ak;
    struct span cert = soft_ca_pem(vectors_read("tdx/azure-2026/ak_cert.pem"), 0);
    assert_true(ak_from_certificate(&ak, cert, &s.err));
    assert_true(tpm_quote_read(&q, &e, &s.err));
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.findings.arena = &s.arena;
    tpm_quote_claims(&q, &ak, &s.claims);
    tpm_quote_verify(&q, &ak, s.instance, &s.policy, &s.findings);
    ak_free(&ak);
    assert_int_equal(s.findings.v[CHECK_TPM_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(s.findings.v[CHECK_TPM_PCRS].outcome, OUTCOME_PASS);
    expect_fail(s.findings, CHECK_AK_ATTRIBUTES, SITUS_MISSING, "tpmt_public");
    assert_false(s.claims.v[CLAIM_AK_HASH].set);
    assert_true(span_all(s.claims.v[CLAIM_EXTRA_DATA].bytes, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quote_good_passes),
        cmocka_unit_test(quote_of_a_platform_covers_the_hosts_registers),
        cmocka_unit_test(quote_claims_what_the_tpm_says),
        cmocka_unit_test(quote_refuses_other_attestations),
        cmocka_unit_test(quote_refuses_every_flipped_bit),
        cmocka_unit_test(quote_takes_the_scheme_from_the_key),
        cmocka_unit_test(quote_refuses_trailing_bytes),
        cmocka_unit_test(quote_covers_exactly_the_policys_registers),
        cmocka_unit_test(quote_refuses_other_values),
        cmocka_unit_test(quote_refuses_values_cut_elsewhere),
        cmocka_unit_test(quote_covers_exactly_the_policys_banks),
        cmocka_unit_test(quote_needs_a_measurement),
        cmocka_unit_test(quote_needs_the_whole_template),
        cmocka_unit_test(quote_needs_the_keys_place_in_the_tpm),
        cmocka_unit_test(quote_real_gce_passes),
        cmocka_unit_test(quote_real_drtm_passes_but_its_template),
        cmocka_unit_test(quote_real_azure_has_no_public_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
