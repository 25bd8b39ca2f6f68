/* crypto/intel_cert, intel_pem: real chains hold; everything outside the profile is refused. */
#include "support/intel_vectors.h"
#include "support/test.h"
#include "support/vectors.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/intel_chain.h"

static _Alignas(16) uint8_t memory[1 << 20];

static bool holds(const struct intel_cert *cert, const struct intel_cert *issuer)
{
    struct p256_key *key = p256_key_new(issuer->point);
    assert_non_null(key);
    bool ok = intel_cert_signed_by(cert, issuer, key);
    p256_key_free(key);
    return ok;
}

/* Reads a chain that must hold, leaf first, up to Intel's own root. */
static size_t read_real(struct intel_cert certs[6], struct span pem)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    size_t n;
    if (!intel_pem_chain(certs, 6, &n, pem, 0, "chain", &a, &err))
        fail_msg("%s %s at %zu: expected %s, got %s", err_code_name(err.code), err.field, err.at,
                 err.expected, err.got);
    for (size_t i = 0; i + 1 < n; i++)
        assert_true(holds(&certs[i], &certs[i + 1]));
    assert_true(holds(&certs[n - 1], &certs[n - 1]));
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, certs[n - 1].der, hash));
    expect_hex(SPAN_ARR(hash), "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
    return n;
}

static void real_chains_hold_up_to_intels_root(void **state)
{
    (void)state;
    vectors_need();
    for (const char *const *f = intel_vectors_folders; *f; f++) {
        struct intel_cert certs[6];
        assert_int_equal(read_real(certs, intel_vectors_pck_chain(*f)), 3);
        assert_int_equal(certs[0].role, INTEL_PCK);
        assert_int_equal(certs[1].role, INTEL_PLATFORM_CA);
        assert_int_equal(certs[2].role, INTEL_ROOT);
        assert_true(certs[0].sgx.n > 500);
        assert_ptr_equal(certs[0].der.p + certs[0].sgx_at, certs[0].sgx.p);
        static const struct {
            const char *file;
            enum intel_role role;
        } rows[] = {{"pck_crl_issuer_chain.pem", INTEL_PLATFORM_CA},
                    {"tcb_info_issuer_chain.pem", INTEL_TCB_SIGNING},
                    {"qe_identity_issuer_chain.pem", INTEL_TCB_SIGNING}};
        for (size_t i = 0; i < 3; i++) {
            struct span pem = intel_vectors_read(*f, rows[i].file);
            if (pem.n == 0)
                continue;
            assert_int_equal(read_real(certs, pem), 2);
            assert_int_equal(certs[0].role, rows[i].role);
            assert_int_equal(certs[1].role, INTEL_ROOT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_chains_hold_up_to_intels_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
