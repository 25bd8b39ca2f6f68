/* evidence/tpm_quote: what a TPM quote must be, one broken rule a case. */
#include "support/quote_scene.h"

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

/* The platform quotes exactly the registers of a host that the policy names, each measured
 * (N61). */
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
