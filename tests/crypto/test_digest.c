/* crypto/digest: published values, and the table of hashes is one-to-one. */
#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"

static const struct {
    enum hash h;
    const char *abc; /* of "abc": FIPS 180-4 examples, GB/T 32905 A.1 */
} known[] = {
    {HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                  "8086072ba1e7cc2358baeca134c825a7"},
    {HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {HASH_SM3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
};

static void every_hash_gives_its_published_value(void **state)
{
    (void)state;
    assert_int_equal(sizeof known / sizeof *known, HASH_COUNT - 1);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t out[HASH_MAX_SIZE];
        struct span all = span_of(out, hash_size(known[i].h));
        assert_true(digest(known[i].h, SPAN_LIT("abc"), out));
        expect_hex(all, known[i].abc);
        memset(out, 0, sizeof out);
        assert_true(digest2(known[i].h, SPAN_LIT("a"), SPAN_LIT("bc"), out));
        expect_hex(all, known[i].abc);
        const struct span parts[] = {SPAN_LIT(""), SPAN_LIT("ab"), {NULL, 0}, SPAN_LIT("c")};
        memset(out, 0, sizeof out);
        assert_true(digest_parts(known[i].h, parts, 4, out));
        expect_hex(all, known[i].abc);
    }
}

static void an_extend_may_write_over_its_input(void **state)
{
    (void)state;
    for (enum hash h = HASH_NONE + 1; h < HASH_COUNT; h++) {
        uint8_t a[HASH_MAX_SIZE] = {0}, b[HASH_MAX_SIZE];
        struct span in = span_of(a, hash_size(h));
        assert_true(digest2(h, in, SPAN_LIT("event"), b));
        assert_true(digest2(h, in, SPAN_LIT("event"), a));
        assert_memory_equal(a, b, hash_size(h));
    }
}

static void no_hash_is_no_digest(void **state)
{
    (void)state;
    uint8_t out[HASH_MAX_SIZE];
    assert_false(digest(HASH_NONE, SPAN_LIT("abc"), out));
    assert_false(digest(HASH_COUNT, SPAN_LIT("abc"), out));
    assert_int_equal(hash_size(HASH_NONE), 0);
    assert_int_equal(hash_size(HASH_COUNT), 0);
    assert_string_equal(hash_name(HASH_NONE), "none");
    assert_int_equal(hash_by_name(SPAN_LIT("none")), HASH_NONE);
    assert_int_equal(hash_by_name(SPAN_LIT("SHA256")), HASH_NONE);
    assert_int_equal(hash_by_name(SPAN_LIT("sha25")), HASH_NONE);
    assert_int_equal(hash_by_tpm(0x0010), HASH_NONE); /* TPM_ALG_NULL */
}

static void names_and_identifiers_find_their_hash(void **state)
{
    (void)state;
    for (enum hash h = HASH_NONE + 1; h < HASH_COUNT; h++) {
        assert_int_equal(hash_by_name(span_text(hash_name(h))), h);
        assert_int_equal(hash_by_tpm(hash_tpm(h)), h);
        assert_true(hash_size(h) <= HASH_MAX_SIZE);
    }
    assert_int_equal(hash_by_tpm(0x000b), HASH_SHA256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hash_gives_its_published_value),
        cmocka_unit_test(an_extend_may_write_over_its_input),
        cmocka_unit_test(no_hash_is_no_digest),
        cmocka_unit_test(names_and_identifiers_find_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
