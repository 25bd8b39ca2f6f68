/* crypto/p256: what is not a point or not a signature is refused, whatever OpenSSL's queue
 * holds. */
#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/p256.h"

#include <openssl/err.h>

/* RFC 6979 A.2.5: P-256, SHA-256, message "sample". */
static const char key_hex[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                              "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char rs_hex[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                             "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
/* FIPS 186-5 / SP 800-186 3.2.1.3 */
static const char n_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char p_plus_5_hex[] =
    "ffffffff00000001000000000000000000000001000000000000000000000004";

static uint8_t xy[64], rs[64];
static struct p256_key *key;

static int start(void **state)
{
    (void)state;
    text_hex_read(xy, 64, SPAN_LIT(key_hex));
    text_hex_read(rs, 64, SPAN_LIT(rs_hex));
    key = p256_key_new(xy);
    return key ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    p256_key_free(key);
    p256_key_free(NULL);
    return 0;
}

static void a_published_signature_holds(void **state)
{
    (void)state;
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, SPAN_LIT("sample"), hash));
    assert_true(p256_verify(key, hash, rs));
    assert_true(p256_verify_message(key, SPAN_LIT("sample"), rs));
    assert_false(p256_verify_message(key, SPAN_LIT("samplf"), rs));
    assert_false(p256_verify_message(key, SPAN_LIT(""), rs));
}

static void any_flipped_bit_breaks_a_signature(void **state)
{
    (void)state;
    uint8_t bad[64];
    for (size_t bit = 0; bit < 512; bit++) {
        memcpy(bad, rs, 64);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
    }
}

static void r_and_s_are_in_range(void **state)
{
    (void)state;
    uint8_t bad[64], n[32];
    assert_true(text_hex_read(n, 32, SPAN_LIT(n_hex)));
    for (size_t half = 0; half < 64; half += 32) {
        memcpy(bad, rs, 64);
        memset(bad + half, 0, 32);
        assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
        memcpy(bad + half, n, 32);
        assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
        memset(bad + half, 0xff, 32);
        assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
    }
    memset(bad, 0, 64); /* CVE-2022-21449 */
    assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
}

static void a_key_is_a_point_of_the_curve(void **state)
{
    (void)state;
    uint8_t bad[64] = {0};
    assert_null(p256_key_new(bad)); /* (0, 0) stands for infinity in some encodings */
    for (size_t i = 0; i < 64; i += 21) {
        memcpy(bad, xy, 64);
        bad[i] ^= 1;
        assert_null(p256_key_new(bad));
    }
    /* x = 5 is on the curve; x = p + 5 is not reduced. */
    memset(bad, 0, 64);
    bad[31] = 5;
    text_hex_read(bad + 32, 32,
                  SPAN_LIT("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"));
    struct p256_key *five = p256_key_new(bad);
    assert_non_null(five);
    p256_key_free(five);
    text_hex_read(bad, 32, SPAN_LIT(p_plus_5_hex));
    assert_null(p256_key_new(bad));
}

static void the_error_queue_neither_matters_nor_stays(void **state)
{
    (void)state;
    uint8_t bad[64] = {0};
    for (int round = 0; round < 2; round++) {
        ERR_raise(ERR_LIB_EC, ERR_R_INTERNAL_ERROR);
        assert_true(p256_verify_message(key, SPAN_LIT("sample"), rs));
        assert_int_equal(ERR_peek_error(), 0);
        ERR_raise(ERR_LIB_EC, ERR_R_INTERNAL_ERROR);
        assert_false(p256_verify_message(key, SPAN_LIT("sample"), bad));
        assert_int_equal(ERR_peek_error(), 0);
        assert_null(p256_key_new(bad));
        assert_int_equal(ERR_peek_error(), 0);
    }
}

static void keys_tell_their_point(void **state)
{
    (void)state;
    uint8_t other[64];
    memcpy(other, xy, 64);
    assert_true(p256_key_is(key, other));
    other[63] ^= 1;
    assert_false(p256_key_is(key, other));
}

static void a_key_like_another_is_its_own(void **state)
{
    (void)state;
    struct p256_key *first = p256_key_new(xy), *like = p256_key_new_like(first, xy);
    assert_non_null(like);
    p256_key_free(first);
    assert_true(p256_verify_message(like, SPAN_LIT("sample"), rs));
    assert_false(p256_verify_message(like, SPAN_LIT("simple"), rs));
    assert_true(p256_key_is(like, xy));
    uint8_t bad[64];
    memcpy(bad, xy, 64);
    bad[40] ^= 1;
    assert_null(p256_key_new_like(like, bad));
    assert_int_equal(ERR_peek_error(), 0);
    p256_key_free(like);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_signature_holds),
        cmocka_unit_test(any_flipped_bit_breaks_a_signature),
        cmocka_unit_test(r_and_s_are_in_range),
        cmocka_unit_test(a_key_is_a_point_of_the_curve),
        cmocka_unit_test(the_error_queue_neither_matters_nor_stays),
        cmocka_unit_test(a_key_like_another_is_its_own),
        cmocka_unit_test(keys_tell_their_point),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
