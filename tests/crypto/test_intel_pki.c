/* tee/intel/pki: issuers are found by exact bytes, CRLs by anchor and name. */
#include "support/test.h"

#include "tee/intel/pki.h"

static const uint8_t real[32] = {1}, lab[32] = {2}, again[32] = {1};

/* Two hierarchies of equal names under different anchors, as a lab's beside Intel's. */
static void crls_do_not_cross_anchors(void **state)
{
    (void)state;
    struct intel_issuer issuers[3] = {
        {.cert = {.der = SPAN_LIT("one"), .subject = SPAN_LIT("CA")}, .anchor_sha256 = real},
        {.cert = {.der = SPAN_LIT("two"), .subject = SPAN_LIT("CA")}, .anchor_sha256 = lab},
        {.cert = {.der = SPAN_LIT("three"), .subject = SPAN_LIT("Root")}, .anchor_sha256 = lab},
    };
    struct intel_issuer_crl crls[2] = {{.issuer = &issuers[1]}, {.issuer = &issuers[0]}};
    const struct intel_pki pki = {.issuers = issuers, .crls = crls, .n_issuers = 3, .n_crls = 2};
    assert_ptr_equal(intel_pki_issuer(&pki, SPAN_LIT("two")), &issuers[1]);
    assert_null(intel_pki_issuer(&pki, SPAN_LIT("tw")));
    assert_null(intel_pki_issuer(&pki, SPAN_LIT("")));
    assert_ptr_equal(intel_pki_crl(&pki, &issuers[0]), &crls[1].crl);
    assert_ptr_equal(intel_pki_crl(&pki, &issuers[1]), &crls[0].crl);
    assert_null(intel_pki_crl(&pki, &issuers[2]));
    issuers[0].anchor_sha256 = again; /* the certificate is the anchor, not the object */
    assert_ptr_equal(intel_pki_crl(&pki, &issuers[0]), &crls[1].crl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crls_do_not_cross_anchors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
