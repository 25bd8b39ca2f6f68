/* evidence/tpm_quote: real quotes of real TPMs. */
#include "support/quote_scene.h"

#include "support/soft_ca.h"
#include "support/tpm_vectors.h"
#include "support/vectors.h"

#include <stdio.h>

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
    struct span whole = vectors_read("lab/baremetal-drtm/ak_pub"); /* TPM2B_PUBLIC */
    s.soft.public = span_cut(whole, 2, whole.n - 2);
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
        cmocka_unit_test(quote_real_gce_passes),
        cmocka_unit_test(quote_real_drtm_passes_but_its_template),
        cmocka_unit_test(quote_real_azure_has_no_public_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
