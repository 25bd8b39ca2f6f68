/* endorse/ak_cert: real certificates of Google and Microsoft under the built-in pins, whose roots come with the evidence. */
#include "support/ak_cert_scene.h"
#include "support/vectors.h"

#include <stdio.h>

#define REAL_PROJECT "google.com:wuale-gcp-testing"

static void real(const char *provider, struct span leaf, const char *root_path)
{
    s.trust = *trust_builtin();
    s.provider[0] = span_text(provider);
    s.projects[0] = SPAN_LIT(REAL_PROJECT);
    s.intermediates[1] = vectors_read(root_path);
    s.sent = (struct ak_cert){leaf, s.intermediates, 2, NULL};
    verify_as_sent();
}

static void ak_cert_real_gce_passes(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err = {0};
    good_google();
    ak_free(&s.ak);
    assert_true(ak_read(&s.ak, vectors_read("tpm/gce-cos-85/ak_pub.tpmt"), &err));
    s.at = 1700000000;
    s.intermediates[0] = vectors_read("roots/gcp/tpm_ek_intermediate_2.crt");
    real("google", vectors_read("tpm/gce-cos-85/ak_cert.der"), "roots/gcp/tpm_ek_root_1.cer");
    assert_int_equal(s.findings.v[CHECK_AK_CERTIFICATE].outcome, OUTCOME_PASS);
    assert_string_equal(s.claims.authority->name, "Google Cloud host TPM root 2018");
    assert_true(span_equal(s.claims.v[CLAIM_GCE_ZONE].bytes, SPAN_LIT("us-central1-a")));
    assert_true(span_equal(s.claims.v[CLAIM_GCE_INSTANCE_NAME].bytes, SPAN_LIT("cos-test")));
    assert_true(s.claims.v[CLAIM_GCE_PROJECT_NUMBER].num == 0x1b5a475c69);
    assert_true(s.claims.v[CLAIM_GCE_INSTANCE_ID].num == 0x5e53e3fbbf8306c5);
}

/* Both generations of Google's CA; EK certificates do not pass for AK certificates. */
static void ak_cert_real_google_certificates(void **state)
{
    (void)state;
    vectors_need();
    static const char *const names[] = {"rsa_sign", "ecc_sign", "rsa_enc", "ecc_enc"};
    char path[128];
    for (int i = 0; i < 8; i++) {
        bool pca = i < 4;
        struct situs_err err = {0};
        snprintf(path, sizeof path, "tpm/gcp-certificates/%s_tpm_%s_cert.pem", pca ? "pca" : "uca",
                 names[i % 4]);
        struct span leaf = soft_ca_pem(vectors_read(path), 0);
        good_google();
        ak_free(&s.ak);
        assert_true(ak_from_certificate(&s.ak, leaf, &err));
        s.at = 1700000000;
        s.intermediates[0] = vectors_read(pca ? "roots/gcp/gcp_ek_ak_ca_intermediate_v3.crt"
                                              : "roots/gcp/tpm_ek_intermediate_3.crt");
        real("google", leaf,
             pca ? "roots/gcp/gcp_ek_ak_ca_root.crt" : "roots/gcp/tpm_ek_root_1.cer");
        const struct finding *f = &s.findings.v[CHECK_AK_CERTIFICATE];
        if (i % 4 < 2 && f->outcome != OUTCOME_PASS)
            fail_msg("%s: %s %s %s", path, f->why->field, f->why->expected, f->why->got);
        if (i % 4 >= 2)
            expect_bad(SITUS_NOT_ALLOWED, "key_usage");
    }
}

static void ak_cert_real_azure_passes(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err = {0};
    good_azure();
    ak_free(&s.ak);
    struct span leaf = soft_ca_pem(vectors_read("tdx/azure-2026/ak_cert.pem"), 0);
    struct span pem = vectors_read("tdx/azure-2026/ak_intermediates.pem");
    struct span top = vectors_read("roots/azure/azure-virtual-tpm-root-2023.pem");
    struct span chain[3] = {soft_ca_pem(pem, 0), soft_ca_pem(pem, 1), soft_ca_pem(top, 0)};
    assert_true(ak_from_certificate(&s.ak, leaf, &err));
    make_azure_policy(&s.policy, "Azure Cloud Virtual TPM CA - 24", "2026-01-01T00:00:00Z");
    s.at = 1780921955;
    s.trust = *trust_builtin();
    s.sent = (struct ak_cert){leaf, chain, 3, NULL};
    verify_as_sent();
    assert_non_null(s.claims.authority);
    assert_string_equal(s.claims.authority->name, "Microsoft Azure Virtual TPM Root 2023");
    s.sent.n_intermediates = 2; /* the pin's certificate does not come with the evidence */
    verify_as_sent();
    expect_bad(SITUS_UNTRUSTED, "chain[2].issuer");
    assert_non_null(strstr(s.findings.v[CHECK_AK_CERTIFICATE].why->hint, "TPM Root 2023"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ak_cert_real_gce_passes),
        cmocka_unit_test(ak_cert_real_google_certificates),
        cmocka_unit_test(ak_cert_real_azure_passes),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
