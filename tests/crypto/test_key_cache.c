/* crypto/key_cache: a known AK is not built again, and no key stands for another's bytes. */
#include "support/test.h"

#include "crypto/ak.h"
#include "support/soft_tpm.h"

#define ATTRIBUTES 0x00050072
#define SLOTS 2

static uint8_t memory[1024];
static struct soft_ak soft[3];

static struct key_cache *begin(void)
{
    static const enum soft_kind kinds[] = {SOFT_P256, SOFT_P384, SOFT_RSASSA};
    for (int i = 0; i < 3; i++)
        soft_tpm_ak(&soft[i], kinds[i], ATTRIBUTES, span_of(NULL, 0));
    assert_true(key_cache_size(SLOTS) <= sizeof memory);
    struct key_cache *cache = key_cache_new(memory, SLOTS);
    assert_non_null(cache);
    return cache;
}

/* read says whether reading the AK gives the object that is kept under its hash. */
static bool read(struct key_cache *cache, const struct soft_ak *s, struct ak *ak)
{
    struct situs_err err = {0};
    uint8_t id[32];
    assert_true(digest(HASH_SHA256, s->public, id));
    struct public_key *kept = key_cache_find(cache, id);
    assert_true(ak_read_known(ak, s->public, cache, &err));
    bool known = kept && kept == ak->key;
    verify_key_free(kept);
    return known;
}

static bool verifies(const struct soft_ak *s, const struct ak *ak)
{
    static const uint8_t message[] = "a message";
    uint8_t buffer[512];
    struct situs_err err = {0};
    struct tpm_signature sig;
    struct span bytes = soft_tpm_sign(buffer, sizeof buffer, s, s->hash, SPAN_ARR(message));
    assert_true(tpm_signature_read(&sig, bytes, &err));
    if (s->type == TPM_ALG_RSA)
        return verify_rsa(ak->key, SCHEME_RSASSA, HASH_SHA256, SPAN_ARR(message), sig.rsa);
    return verify_ecdsa(ak->key, hash_by_tpm(s->hash), SPAN_ARR(message), sig.r, sig.s);
}

static void a_known_key_is_the_same_object(void **state)
{
    (void)state;
    struct key_cache *cache = begin();
    for (int again = 0; again < 2; again++)
        for (int i = 0; i < 2; i++) {
            struct ak ak;
            assert_int_equal(read(cache, &soft[i], &ak), again);
            assert_true(verifies(&soft[i], &ak));
            ak_free(&ak);
        }
    key_cache_free(cache);
}

static void the_oldest_use_makes_room_and_what_is_in_use_lives(void **state)
{
    (void)state;
    struct key_cache *cache = begin();
    struct ak ak[3], again;
    assert_false(read(cache, &soft[0], &ak[0]));
    assert_false(read(cache, &soft[1], &ak[1]));
    assert_false(read(cache, &soft[2], &ak[2])); /* in the slot of the first */
    assert_false(read(cache, &soft[0], &again)); /* in the slot of the second */
    ak_free(&again);
    assert_true(read(cache, &soft[2], &again));
    ak_free(&again);
    key_cache_free(cache);
    for (int i = 0; i < 3; i++) {
        assert_true(verifies(&soft[i], &ak[i]));
        ak_free(&ak[i]);
    }
}

static void other_bytes_are_another_key(void **state)
{
    (void)state;
    struct key_cache *cache = begin();
    struct ak ak;
    struct situs_err err = {0};
    assert_false(read(cache, &soft[0], &ak));
    ak_free(&ak);
    soft[0].bytes[soft[0].public.n - 1] ^= 1; /* of y: no point of the curve */
    assert_false(ak_read_known(&ak, soft[0].public, cache, &err));
    expect_err(err, SITUS_MALFORMED, "key", SITUS_NO_OFFSET);
    assert_null(ak.key);
    key_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_key_is_the_same_object),
        cmocka_unit_test(the_oldest_use_makes_room_and_what_is_in_use_lives),
        cmocka_unit_test(other_bytes_are_another_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
