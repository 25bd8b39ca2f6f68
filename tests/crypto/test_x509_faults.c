/* crypto/x509: memory that runs out in OpenSSL's look-up never loses a CRL that was given. */
#include "support/test.h"

#include "crypto/x509.h"
#include "support/faults.h"
#include "support/soft_ca.h"

#define NOW (SOFT_CA_NOON - 3600)

static void a_given_crl_is_never_skipped(void **state)
{
    (void)state;
    struct soft_cert root = {.name = "root", .ca = true}, leaf = {.name = "leaf", .issuer = &root};
    soft_ca_issue(&root);
    leaf.serial = 7;
    soft_ca_issue(&leaf);
    struct span crl = soft_ca_crl(&root, NOW - 60, NOW + 60, leaf.serial);
    struct x509_anchor anchor = {.der = root.der};
    assert_true(digest(HASH_SHA256, root.der, anchor.sha256));
    struct situs_err err = {0};
    struct x509 *cert = x509_read(leaf.der, NULL, "test", &err);
    assert_non_null(cert);
    struct x509_answer answer;
    struct x509_question q = {
        .leaf = cert, .anchors = &anchor, .n_anchors = 1, .at = NOW, .part = "test"};
    assert_true(x509_verify(&q, &answer, &err)); /* what the CRL takes away */
    struct x509_crls crls;
    for (int i = 0; i < 2; i++) {
        faults_lasting = i == 1;
        faults_count = 0;
        q.crls = soft_ca_crls(&crls, &crl, 1);
        assert_false(x509_verify(&q, &answer, &err));
        for (size_t n = 1, calls = faults_count; n <= calls; n++) {
            err = (struct situs_err){0};
            soft_ca_crls(&crls, &crl, 1); /* nothing is known of it */
            faults_left = n;
            bool yes = x509_verify(&q, &answer, &err);
            faults_left = 0;
            if (yes)
                fail_msg("allocation %zu of %zu lost the CRL", n, calls);
        }
    }
    x509_free(cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_given_crl_is_never_skipped)};
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
