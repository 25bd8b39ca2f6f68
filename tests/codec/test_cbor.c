/* codec/cbor: only the core deterministic encoding is read, and only that is written. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#include "base/text.h"
#include "codec/cbor.h"

static uint8_t input[256];

static struct span hex(const char *text)
{
    size_t n = strlen(text) / 2;
    assert_true(text_hex_read(input, n, span_text(text)));
    return span_of(input, n);
}

/* RFC 8949 appendix A, the rows that are in the deterministic encoding and the profile. */
static const char *const honest[] = {
    "00", "01", "0a", "17", "1818", "1819", "1864", "1903e8", "1a000f4240", "1b000000e8d4a51000",
    "1bffffffffffffffff", "3bffffffffffffffff", "20", "29", "3863", "3903e7", "f4", "f5", "f6",
    "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "d74401020304",
    "d818456449455446", "40", "4401020304", "60", "6161", "6449455446", "62225c", "62c3bc",
    "63e6b0b4", "64f0908591", "80", "83010203", "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304",
    "a26161016162820203", "826161a161626163", "a56161614161626142616361436164614461656145",
    /* key order is bytewise over the encoding: 10, 100, -1, "z", "aa" (RFC 8949 4.2.1) */
    "a50a01186402200361"
    "7a04"
    "62616105"};

static const struct {
    const char *hex;
    enum situs_code code;
    size_t at;
} bad[] = {
    {"", SITUS_TOO_SHORT, 0},
    {"0000", SITUS_TRAILING, 1},
    {"1817", SITUS_MALFORMED, 0}, /* longer heads than needed */
    {"1900ff", SITUS_MALFORMED, 0},
    {"1a0000ffff", SITUS_MALFORMED, 0},
    {"1b00000000ffffffff", SITUS_MALFORMED, 0},
    {"3817", SITUS_MALFORMED, 0},
    {"5801aa", SITUS_MALFORMED, 0},
    {"780161", SITUS_MALFORMED, 0},
    {"980100", SITUS_MALFORMED, 0},
    {"b8010000", SITUS_MALFORMED, 0},
    {"d81700", SITUS_MALFORMED, 0},
    {"18", SITUS_TOO_SHORT, 1},
    {"1c", SITUS_MALFORMED, 0}, /* reserved additional information */
    {"1f", SITUS_UNSUPPORTED, 0},
    {"5f4100ff", SITUS_UNSUPPORTED, 0}, /* indefinite lengths */
    {"7f6161ff", SITUS_UNSUPPORTED, 0},
    {"9f00ff", SITUS_UNSUPPORTED, 0},
    {"bf0000ff", SITUS_UNSUPPORTED, 0},
    {"ff", SITUS_UNSUPPORTED, 0},
    {"f97e00", SITUS_UNSUPPORTED, 0}, /* floats and other simple values */
    {"fa47c35000", SITUS_UNSUPPORTED, 0},
    {"fb3ff199999999999a", SITUS_UNSUPPORTED, 0},
    {"f7", SITUS_UNSUPPORTED, 0},
    {"f0", SITUS_UNSUPPORTED, 0},
    {"f820", SITUS_UNSUPPORTED, 0},
    {"62c328", SITUS_MALFORMED, 0}, /* not UTF-8 */
    {"61ff", SITUS_MALFORMED, 0},
    {"63eda080", SITUS_MALFORMED, 0},
    {"a201020103", SITUS_DUPLICATE, 3},
    {"a202000100", SITUS_MALFORMED, 3}, /* keys out of order */
    {"a2616100187800", SITUS_MALFORMED, 4},
    {"a18000", SITUS_UNSUPPORTED, 1}, /* keys of other types */
    {"a1a000", SITUS_UNSUPPORTED, 1},
    {"a1f500", SITUS_UNSUPPORTED, 1},
    {"a1c00000", SITUS_UNSUPPORTED, 1},
    {"83010203ff", SITUS_TRAILING, 4},
    {"9a10000000", SITUS_TOO_SHORT, 0}, /* N105: 2^28 items in 5 bytes */
    {"ba08000000", SITUS_TOO_SHORT, 0},
    {"9bffffffffffffffff", SITUS_TOO_SHORT, 0},
    {"bb8000000000000001", SITUS_TOO_SHORT, 0}, /* twice the count overflows */
    {"820000ff", SITUS_TRAILING, 3},
    {"8200", SITUS_TOO_SHORT, 0},
    {"a100", SITUS_TOO_SHORT, 0},
    {"4401", SITUS_TOO_SHORT, 0},
    {"5bffffffffffffffff", SITUS_TOO_SHORT, 0},
    {"c0", SITUS_TOO_SHORT, 1},
    {"81c0", SITUS_TOO_SHORT, 2},
    {"82c000", SITUS_TOO_SHORT, 3}, /* a tag is not an item of its own */
};

static void cbor_reads_deterministic_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof honest / sizeof *honest; i++) {
        struct situs_err err = {0};
        struct span in = hex(honest[i]);
        struct cbor c = cbor_new(in, 0, "cbor", &err);
        struct span raw = cbor_skip(&c, "item");
        assert_string_equal(err_code_name(err.code), "none");
        assert_true(cbor_end(&c, "item"));
        assert_true(span_equal(raw, in));
    }
}

static void cbor_refuses_everything_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        struct cbor c = cbor_new(hex(bad[i].hex), 0, "cbor", &err);
        cbor_skip(&c, "item");
        assert_false(cbor_end(&c, "item"));
        if (err.code != bad[i].code || err.at != bad[i].at)
            print_error("%s\n", bad[i].hex);
        expect_err(err, bad[i].code, "item", bad[i].at);
    }
}

static void cbor_refuses_deep_nesting(void **state)
{
    (void)state;
    uint8_t deep[LIMIT_NESTING + 2];
    for (size_t n = LIMIT_NESTING; n <= LIMIT_NESTING + 1; n++) {
        for (int tags = 0; tags < 2; tags++) {
            struct situs_err err = {0};
            memset(deep, tags ? 0xc0 : 0x81, n);
            deep[n] = 0;
            struct cbor c = cbor_new(span_of(deep, n + 1), 0, "cbor", &err);
            cbor_skip(&c, "item");
            assert_int_equal(cbor_end(&c, "item"), n == LIMIT_NESTING);
            if (n > LIMIT_NESTING)
                expect_err(err, SITUS_TOO_LONG, "item", LIMIT_NESTING);
        }
    }
}

static void cbor_reads_typed_fields(void **state)
{
    (void)state;
    struct situs_err err = {0};
    /* {0: h'0102', 1: -500, 2: 18([true, null, "ü", 7])} at byte 1000 of its part */
    struct cbor c = cbor_new(hex("a3004201020139"
                                 "01f302d284f5f662c3bc07"),
                             1000, "cbor", &err);
    assert_int_equal(cbor_peek(&c), CBOR_MAP);
    assert_int_equal(cbor_map(&c, "m"), 3);
    assert_int_equal(cbor_uint(&c, "k"), 0);
    expect_hex(cbor_bytes(&c, "v"), "0102");
    assert_int_equal(cbor_int(&c, "k"), 1);
    assert_int_equal(cbor_int(&c, "v"), -500);
    assert_int_equal(cbor_uint(&c, "k"), 2);
    assert_int_equal(cbor_peek(&c), CBOR_TAG);
    assert_true(cbor_tag_is(&c, 18, "tag"));
    assert_int_equal(cbor_array(&c, "a"), 4);
    expect_hex(cbor_skip(&c, "b"), "f5");
    expect_hex(cbor_skip(&c, "n"), "f6");
    expect_hex(cbor_text(&c, "t"), "c3bc");
    assert_int_equal(cbor_at(&c), 1017);
    assert_int_equal(cbor_uint(&c, "u"), 7);
    assert_int_equal(cbor_peek(&c), CBOR_END);
    assert_true(cbor_leave(&c, "a"));
    assert_true(cbor_leave(&c, "m"));
    assert_true(cbor_end(&c, "end"));
}

enum call { UINT, INT, BYTES, TEXT, ARRAY, MAP, TAG, TAG_18, LEAVE, INSIDE };

static void call(struct cbor *c, enum call f)
{
    switch (f) {
    case UINT:
        cbor_uint(c, "f");
        break;
    case INT:
        cbor_int(c, "f");
        break;
    case BYTES:
        cbor_bytes(c, "f");
        break;
    case TEXT:
        cbor_text(c, "f");
        break;
    case ARRAY:
        cbor_array(c, "f");
        break;
    case MAP:
        cbor_map(c, "f");
        break;
    case TAG:
        cbor_tag(c, "f");
        break;
    case TAG_18:
        cbor_tag_is(c, 18, "f");
        break;
    case LEAVE:
        cbor_leave(c, "f");
        break;
    case INSIDE:
        cbor_inside(c, "f");
        break;
    }
}

static void cbor_refuses_wrong_types(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum call call;
        enum situs_code code;
        size_t at;
    } rows[] = {
        {"8120", UINT, SITUS_MALFORMED, 1},
        {"81f97e00", INT, SITUS_UNSUPPORTED, 1}, /* N105: a float where an integer is due */
        {"811b8000000000000000", INT, SITUS_UNSUPPORTED, 1},
        {"813b8000000000000000", INT, SITUS_UNSUPPORTED, 1},
        {"8160", BYTES, SITUS_MALFORMED, 1},
        {"8140", TEXT, SITUS_MALFORMED, 1},
        {"81a0", ARRAY, SITUS_MALFORMED, 1},
        {"8180", MAP, SITUS_MALFORMED, 1},
        {"8100", TAG, SITUS_MALFORMED, 1},
        {"81c100", TAG_18, SITUS_MISMATCH, 1},
        {"81d200", UINT, SITUS_MALFORMED, 1}, /* an unexpected tag is no decoration */
        {"8100", LEAVE, SITUS_TRAILING, 1},
        {"80", UINT, SITUS_MISSING, 1},
        {"80", TAG, SITUS_MISSING, 1},
        {"8100", INSIDE, SITUS_MALFORMED, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err = {0};
        struct cbor c = cbor_new(hex(rows[i].hex), 0, "cbor", &err);
        cbor_array(&c, "a");
        call(&c, rows[i].call);
        expect_err(err, rows[i].code, "f", rows[i].at);
        assert_false(cbor_end(&c, "end"));
    }
}

static void cbor_refuses_a_second_item_at_the_top(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct cbor c = cbor_new(hex("0001"), 0, "cbor", &err);
    cbor_uint(&c, "one");
    cbor_uint(&c, "two");
    expect_err(err, SITUS_MISSING, "two", 1);
}

static void cbor_refuses_an_end_before_the_item(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct cbor c = cbor_new(hex(""), 0, "cbor", &err);
    assert_false(cbor_end(&c, "end"));
    expect_err(err, SITUS_MISSING, "end", 0);
}

static void cbor_refuses_an_end_inside_a_container(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct cbor c = cbor_new(hex("8100"), 0, "cbor", &err);
    cbor_array(&c, "a");
    cbor_uint(&c, "f");
    assert_false(cbor_end(&c, "end"));
    expect_err(err, SITUS_INTERNAL, "end", 2);
}

static void cbor_skip_leaves_the_container_of_its_caller_open(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct cbor c = cbor_new(hex("8282018000"), 0, "cbor", &err);
    cbor_array(&c, "a");
    expect_hex(cbor_skip(&c, "x"), "820180");
    assert_int_equal(cbor_uint(&c, "y"), 0);
    assert_true(cbor_leave(&c, "a"));
    assert_true(cbor_end(&c, "end"));
}

static void cbor_inside_keeps_offsets(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct cbor c = cbor_new(hex("824381000000"), 10, "cbor", &err);
    cbor_array(&c, "a");
    struct cbor inside = cbor_inside(&c, "s");
    cbor_array(&inside, "b");
    cbor_uint(&inside, "u");
    cbor_leave(&inside, "b");
    assert_false(cbor_end(&inside, "s"));
    expect_err(err, SITUS_TRAILING, "s", 14);
}

static void cbor_writes_what_it_reads(void **state)
{
    (void)state;
    uint8_t out[64];
    struct wr w = wr_new(out, sizeof out);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_map(&o, 5);
    cbor_put_uint(&o, 10);
    cbor_put_array(&o, 0);
    cbor_put_uint(&o, 0x100000000);
    cbor_put_tag(&o, 18);
    cbor_put_array(&o, 3);
    cbor_put_item(&o, SPAN_LIT("\xf5"));
    cbor_put_item(&o, SPAN_LIT("\xf4"));
    cbor_put_item(&o, SPAN_LIT("\xf6"));
    cbor_put_int(&o, -1);
    cbor_put_int(&o, INT64_MIN);
    cbor_put_bytes(&o, SPAN_LIT("\1\2"));
    cbor_put_uint(&o, 65536);
    cbor_put_text(&o, SPAN_LIT("z"));
    cbor_put_map(&o, 0);
    assert_true(cbor_put_end(&o));
    expect_hex(wr_span(&w), "a50a801b0000000100000000d283f5f4f6203b7fffffffffffffff42"
                            "01021a00010000617aa0");
    struct situs_err err = {0};
    struct cbor c = cbor_new(wr_span(&w), 0, "cbor", &err);
    cbor_skip(&c, "item");
    assert_true(cbor_end(&c, "item"));
}

static void cbor_writer_reports_a_full_buffer(void **state)
{
    (void)state;
    uint8_t out[4];
    struct wr w = wr_new(out, sizeof out);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_map(&o, 2);
    cbor_put_text(&o, SPAN_LIT("abc"));
    cbor_put_uint(&o, 0);
    cbor_put_text(&o, SPAN_LIT("abd"));
    cbor_put_uint(&o, 0);
    assert_false(cbor_put_end(&o));
    assert_int_equal(w.n, 11);
}

/* Writes a map of two pairs with these keys, or of one pair too many, in a child: its exit. */
static int child_writes(uint64_t first, uint64_t second, size_t pairs)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint8_t buffer[64];
        struct wr w = wr_new(buffer, sizeof buffer);
        struct cbor_out o = cbor_out_new(&w);
        fclose(stderr);
        cbor_put_map(&o, pairs);
        cbor_put_uint(&o, first);
        cbor_put_uint(&o, 0);
        cbor_put_uint(&o, second);
        cbor_put_uint(&o, 0);
        _exit(cbor_put_end(&o) ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void cbor_writer_asserts_order_and_counts(void **state)
{
    (void)state;
    assert_int_equal(child_writes(1, 2, 2), 0);
    assert_true(WIFSIGNALED(child_writes(2, 1, 2)));
    assert_true(WIFSIGNALED(child_writes(1, 1, 2)));
    assert_true(WIFSIGNALED(child_writes(1, 2, 1)));
    assert_true(WIFSIGNALED(child_writes(1, 2, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbor_reads_deterministic_items),
        cmocka_unit_test(cbor_refuses_everything_else),
        cmocka_unit_test(cbor_refuses_deep_nesting),
        cmocka_unit_test(cbor_reads_typed_fields),
        cmocka_unit_test(cbor_refuses_wrong_types),
        cmocka_unit_test(cbor_refuses_a_second_item_at_the_top),
        cmocka_unit_test(cbor_refuses_an_end_before_the_item),
        cmocka_unit_test(cbor_refuses_an_end_inside_a_container),
        cmocka_unit_test(cbor_skip_leaves_the_container_of_its_caller_open),
        cmocka_unit_test(cbor_inside_keeps_offsets),
        cmocka_unit_test(cbor_writes_what_it_reads),
        cmocka_unit_test(cbor_writer_reports_a_full_buffer),
        cmocka_unit_test(cbor_writer_asserts_order_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
