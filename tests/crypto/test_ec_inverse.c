/* crypto/ec_inverse: as BN_mod_inverse, at the edges and between them. */
#include "support/test.h"

#include "crypto/ec_inverse.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

static size_t asked; /* of OpenSSL */

BIGNUM *__real_BN_mod_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx);
BIGNUM *__wrap_BN_mod_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx);
BIGNUM *__wrap_BN_mod_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx)
{
    asked++;
    return __real_BN_mod_inverse(out, a, n, ctx);
}

static BN_CTX *ctx;
static BIGNUM *a, *ours, *theirs;

static int start(void **state)
{
    (void)state;
    ctx = BN_CTX_new();
    a = BN_new();
    ours = BN_new();
    theirs = BN_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    BN_free(a), BN_free(ours), BN_free(theirs);
    BN_CTX_free(ctx);
    return 0;
}

/* And found by our own arithmetic, which has none of OpenSSL's to fall back to. */
static void expect_same(const BIGNUM *n)
{
    assert_non_null(__real_BN_mod_inverse(theirs, a, n, ctx));
    asked = 0;
    assert_true(ec_inverse(ours, a, n, ctx));
    assert_int_equal(asked, 0);
    assert_int_equal(BN_cmp(ours, theirs), 0);
}

static void it_is_openssls_for_every_kind_of_number(void **state)
{
    (void)state;
    static const int curves[] = {NID_X9_62_prime256v1, NID_secp384r1};
    for (size_t i = 0; i < 2; i++) {
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[i]);
        const BIGNUM *n = EC_GROUP_get0_order(group);
        for (BN_ULONG word = 1; word < 64; word++) {
            assert_int_equal(BN_set_word(a, word), 1);
            expect_same(n);
            assert_int_equal(BN_sub(a, n, a), 1);
            expect_same(n);
        }
        for (int bit = 0; bit < BN_num_bits(n) - 1; bit++) { /* 2^bit, and the ones below */
            BN_zero(a);
            assert_int_equal(BN_set_bit(a, bit), 1);
            expect_same(n);
            if (bit == 0)
                continue;
            assert_int_equal(BN_sub_word(a, 1), 1);
            expect_same(n);
        }
        for (int k = 0; k < 2000; k++) {
            assert_int_equal(BN_rand_range(a, n), 1);
            if (!BN_is_zero(a))
                expect_same(n);
        }
        EC_GROUP_free(group);
    }
}

/* A product that is not 1 is not taken: here the modulus is the field's, as long as the order. Others
 * are not tried. */
static void what_is_wrong_is_asked_of_openssl(void **state)
{
    (void)state;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *longer = BN_new(), *even = BN_new();
    assert_int_equal(BN_set_word(longer, 1), 1);
    assert_int_equal(BN_set_bit(longer, 600), 1);
    assert_int_equal(BN_sub(even, EC_GROUP_get0_order(group), BN_value_one()), 1);
    const BIGNUM *const moduli[] = {EC_GROUP_get0_field(group), longer, even};
    assert_int_equal(BN_set_word(a, 7), 1);
    for (size_t i = 0; i < 3; i++) {
        asked = 0;
        const BIGNUM *right = __real_BN_mod_inverse(theirs, a, moduli[i], ctx);
        assert_int_equal(ec_inverse(ours, a, moduli[i], ctx), right != NULL);
        assert_int_equal(asked, 1);
        if (right)
            assert_int_equal(BN_cmp(ours, theirs), 0);
    }
    BN_free(longer), BN_free(even);
    EC_GROUP_free(group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_openssls_for_every_kind_of_number),
        cmocka_unit_test(what_is_wrong_is_asked_of_openssl),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
