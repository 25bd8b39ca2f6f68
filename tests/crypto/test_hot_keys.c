/* crypto/hot_keys: a key earns a table by signatures that hold, there are few of them, and what no
 * longer comes makes room. */
#include "support/ec_both.h"

#include <openssl/ecdsa.h>
#include <stdlib.h>

#define PLACES 32
#define EARNED_P256 768
#define EARNED_P384 8

/* How many tables were made, and whether one can be. */
static size_t made;
static bool out_of_memory;

struct ec_table *__real_ec_table_new(const EC_KEY *key);
struct ec_table *__wrap_ec_table_new(const EC_KEY *key);
struct ec_table *__wrap_ec_table_new(const EC_KEY *key)
{
    made++;
    return out_of_memory ? NULL : __real_ec_table_new(key);
}

/* A key and a signature of it that holds, and one that does not. */
struct signer {
    EC_KEY *key;
    uint8_t digest[32], rs[96], wrong[96];
    size_t half;
};

static struct signer signer_new(int name)
{
    struct signer s = {.key = EC_KEY_new_by_curve_name(name),
                       .half = name == NID_secp384r1 ? 48 : 32};
    assert_int_equal(EC_KEY_generate_key(s.key), 1);
    ECDSA_SIG *sig = ECDSA_do_sign(s.digest, sizeof s.digest, s.key);
    assert_non_null(sig);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), s.rs, (int)s.half);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), s.rs + s.half, (int)s.half);
    ECDSA_SIG_free(sig);
    memcpy(s.wrong, s.rs, sizeof s.wrong);
    s.wrong[0] ^= 1;
    return s;
}

static bool verify(struct hot_keys *hot, const struct signer *s, const uint8_t *rs)
{
    const struct ec_signature q = {SPAN_ARR(s->digest), span_of(rs, s->half),
                                   span_of(rs + s->half, s->half)};
    return ecdsa_verify(s->key, NULL, hot, &q);
}

static void use(struct hot_keys *hot, const struct signer *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(verify(hot, s, s->rs));
}

static struct hot_keys *new_hot(void)
{
    void *memory = calloc(1, hot_keys_size());
    made = 0;
    struct hot_keys *hot = hot_keys_new(memory);
    assert_ptr_equal(hot, memory);
    return hot;
}

static void drop(struct hot_keys *hot)
{
    hot_keys_free(hot);
    hot_keys_free(NULL);
    free(hot);
}

static void a_key_earns_a_table_by_use(void **state)
{
    (void)state;
    static const struct {
        int name;
        size_t earned;
    } curves[] = {{NID_X9_62_prime256v1, EARNED_P256}, {NID_secp384r1, EARNED_P384}};
    for (size_t i = 0; i < 2; i++) {
        struct hot_keys *hot = new_hot();
        struct signer s = signer_new(curves[i].name);
        use(hot, &s, curves[i].earned - 1);
        assert_int_equal(made, 0);
        assert_null(hot_keys_table(hot, s.key));
        use(hot, &s, 1);
        assert_int_equal(made, 1);
        assert_non_null(hot_keys_table(hot, s.key));
        use(hot, &s, curves[i].earned + 1);
        assert_false(verify(hot, &s, s.wrong));
        assert_int_equal(made, 1);
        drop(hot);
        EC_KEY_free(s.key);
    }
}

/* By its point, whatever object says it: a key that a cache forgot and read again is the same. */
static void a_key_is_known_by_its_point(void **state)
{
    (void)state;
    struct hot_keys *hot = new_hot();
    struct signer s = signer_new(NID_secp384r1), other = signer_new(NID_secp384r1);
    use(hot, &s, EARNED_P384);
    EC_KEY *again = EC_KEY_new_by_curve_name(NID_secp384r1);
    assert_int_equal(EC_KEY_set_public_key(again, EC_KEY_get0_public_key(s.key)), 1);
    EC_KEY_free(s.key);
    s.key = again;
    assert_non_null(hot_keys_table(hot, s.key));
    assert_null(hot_keys_table(hot, other.key));
    use(hot, &s, 1);
    use(hot, &other, 1);
    drop(hot);
    EC_KEY_free(s.key);
    EC_KEY_free(other.key);
}

static void signatures_that_do_not_hold_earn_nothing(void **state)
{
    (void)state;
    struct hot_keys *hot = new_hot();
    struct signer s = signer_new(NID_secp384r1);
    for (size_t i = 0; i < 3 * EARNED_P384; i++)
        assert_false(verify(hot, &s, s.wrong));
    assert_int_equal(made, 0);
    drop(hot);
    EC_KEY_free(s.key);
}

static void without_memory_a_key_earns_it_again(void **state)
{
    (void)state;
    struct hot_keys *hot = new_hot();
    struct signer s = signer_new(NID_secp384r1);
    out_of_memory = true;
    use(hot, &s, 2 * EARNED_P384);
    out_of_memory = false;
    assert_int_equal(made, 2);
    assert_null(hot_keys_table(hot, s.key));
    use(hot, &s, EARNED_P384);
    assert_int_equal(made, 3);
    assert_non_null(hot_keys_table(hot, s.key));
    drop(hot);
    EC_KEY_free(s.key);
}

/* More keys than places, each as often: those that were first keep theirs; a stranger gets one when
 * one of them has long not come. */
static void places_are_few_and_are_kept_by_use(void **state)
{
    (void)state;
    struct hot_keys *hot = new_hot();
    struct signer s[PLACES + 2];
    for (size_t i = 0; i < PLACES + 2; i++)
        s[i] = signer_new(NID_secp384r1);
    for (size_t round = 0; round < EARNED_P384 + 2; round++)
        for (size_t i = 0; i < PLACES + 2; i++)
            use(hot, &s[i], 1);
    assert_int_equal(made, PLACES);
    for (size_t i = 0; i < PLACES + 2; i++)
        assert_int_equal(hot_keys_table(hot, s[i].key) != NULL, i < PLACES);
    for (size_t i = 0; i < 1100; i++) /* all but the second come on */
        hot_keys_table(hot, s[i % PLACES == 1 ? 0 : i % PLACES].key);
    use(hot, &s[PLACES], EARNED_P384);
    assert_int_equal(made, PLACES + 1);
    for (size_t i = 0; i < PLACES + 2; i++)
        assert_int_equal(hot_keys_table(hot, s[i].key) != NULL, i != 1 && i <= PLACES);
    drop(hot);
    for (size_t i = 0; i < PLACES + 2; i++)
        EC_KEY_free(s[i].key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_earns_a_table_by_use),
        cmocka_unit_test(a_key_is_known_by_its_point),
        cmocka_unit_test(signatures_that_do_not_hold_earn_nothing),
        cmocka_unit_test(without_memory_a_key_earns_it_again),
        cmocka_unit_test(places_are_few_and_are_kept_by_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
