/* The pull reader for JSON: strictness, typed values, fields of errors, and jansson as its
 * oracle. */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#include "../../fuzz/fuzz_scan.c"
#include "../../fuzz/oracle.c"

#include "lab/intel/lab_intel.h"
#include "support/test.h"

static const struct {
    const char *what, *text;
    enum situs_code code;
    size_t at;
} bad[] = {
    {"empty", "", SITUS_TOO_SHORT, 0},
    {"cut object", "{\"a\":1", SITUS_TOO_SHORT, 6},
    {"cut string", "{\"a\":\"1", SITUS_TOO_SHORT, 7},
    {"cut escape", "{\"a\":\"\\", SITUS_TOO_SHORT, 7},
    {"cut word", "[tru", SITUS_MALFORMED, 1},
    {"trailing", "{} x", SITUS_TRAILING, 3},
    {"two values", "{}{}", SITUS_TRAILING, 2},
    {"NUL after", "{}\x01", SITUS_TRAILING, 2},
    {"comma at the end", "{\"a\":1,}", SITUS_MALFORMED, 7},
    {"comma at the end of an array", "[1,]", SITUS_MALFORMED, 3},
    {"comma first", "[,1]", SITUS_MALFORMED, 1},
    {"no comma", "[1 2]", SITUS_MALFORMED, 3},
    {"no colon", "{\"a\" 1}", SITUS_MALFORMED, 5},
    {"key without quotes", "{a:1}", SITUS_MALFORMED, 1},
    {"wrong bracket", "[1}", SITUS_MALFORMED, 2},
    {"other word", "[nil]", SITUS_MALFORMED, 1},
    {"escaped NUL", "[\"\\u0000\"]", SITUS_MALFORMED, 8},
    {"other escape", "[\"\\x\"]", SITUS_MALFORMED, 3},
    {"bad hex", "[\"\\u00g0\"]", SITUS_MALFORMED, 4},
    {"lone high surrogate", "[\"\\ud800\"]", SITUS_MALFORMED, 8},
    {"lone low surrogate", "[\"\\udc00\"]", SITUS_MALFORMED, 8},
    {"two high surrogates", "[\"\\ud800\\ud800\"]", SITUS_MALFORMED, 14},
    {"control character", "[\"\n\"]", SITUS_MALFORMED, 2},
    {"bad UTF-8", "[\"\xff\"]", SITUS_MALFORMED, 2},
    {"escaped key", "{\"\\u0061\":1}", SITUS_UNSUPPORTED, 1},
    {"leading zero", "[01]", SITUS_MALFORMED, 3},
    {"minus alone", "[-]", SITUS_MALFORMED, 2},
    {"plus", "[+1]", SITUS_MALFORMED, 1},
    {"no fraction", "[1.]", SITUS_MALFORMED, 3},
    {"exponent", "[1e2]", SITUS_MALFORMED, 2},
    {"19 digits", "[1234567890123456789]", SITUS_MALFORMED, 19},
    {"too deep", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", SITUS_TOO_LONG, 16},
};

static void scan_refuses_what_is_not_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct situs_err err = {0};
        struct scan s = scan_new(span_text(bad[i].text), 0, NULL, "p", &err);
        print_message("%s\n", bad[i].what);
        scan_skip(&s);
        assert_false(scan_end(&s));
        expect_err(err, bad[i].code, "json", bad[i].at);
    }
}

static void scan_takes_what_is_json(void **state)
{
    (void)state;
    static const char *const good[] = {
        " { } ",
        "[]",
        "{\"a\":[true,false,null,-0,0.5,123456789012345678],\"b\":{\"c\":\"\xc3\xa9\"}}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]",
        "[[[[[[[[[[[[[[[[\"[[[\\\"[\"]]]]]]]]]]]]]]]]",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct situs_err err = {0};
        struct scan s = scan_new(span_text(good[i]), 0, NULL, "p", &err);
        scan_skip(&s);
        assert_true(scan_end(&s));
        LLVMFuzzerTestOneInput((const uint8_t *)good[i], strlen(good[i]));
    }
}

/* {"list": [{"n": NUMBER, "t": TEXT, "h": HEX}]}: what the tests below read. */
static int64_t read_sample(const char *text, struct span *t, struct situs_err *err)
{
    static const char *const outer[] = {"list"}, *const inner[] = {"n", "t", "h"};
    struct scan s = scan_new(span_text(text), 0, "root", "p", err);
    struct scan_level o, list, element;
    int64_t sum = 0;
    uint8_t h[2];
    scan_object(&s, &o, outer, 1);
    while (scan_member(&s, &o))
        for (scan_array(&s, &list); scan_element(&s, &list);) {
            scan_object(&s, &element, inner, 3);
            while (scan_member(&s, &element)) {
                if (element.index == 0)
                    sum += scan_num(&s, -5, 300);
                else if (element.index == 1)
                    *t = scan_text(&s);
                else
                    scan_hex(&s, h, sizeof h);
            }
            scan_need(&s, &element, 1u << 2);
        }
    scan_need(&s, &o, 0);
    return scan_end(&s) ? sum : INT64_MIN;
}

static void scan_gives_values_of_known_members(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct span t = {0};
    static const char text[] = "{\"x\":{\"n\":[\"}\"]}, \"list\" : [ {\"t\":\"abc\",\"n\":300} ,"
                               "{\"n\":-5,\"h\":\"0aFf\",\"t\":\"\",\"y\":1.5,\"y\":2}]}";
    assert_int_equal(read_sample(text, &t, &err), 295);
    assert_int_equal(err.code, SITUS_NONE);
    assert_int_equal(t.n, 0);
}

static const struct {
    const char *text;
    enum situs_code code;
    const char *field;
    size_t at;
} wrong[] = {
    {"[]", SITUS_MALFORMED, "root", SITUS_NO_OFFSET},
    {"{}", SITUS_MISSING, "root.list", SITUS_NO_OFFSET},
    {"{\"List\":[]}", SITUS_MISSING, "root.list", SITUS_NO_OFFSET},
    {"{\"list\":{}}", SITUS_MALFORMED, "root.list", SITUS_NO_OFFSET},
    {"{\"list\":[],\"list\":[]}", SITUS_DUPLICATE, "json", 11},
    {"{\"list\":[{\"n\":1,\"t\":\"\"},{\"n\":1}]}", SITUS_MISSING, "root.list[1].t",
     SITUS_NO_OFFSET},
    {"{\"list\":[{\"n\":301}]}", SITUS_MALFORMED, "root.list[0].n", SITUS_NO_OFFSET},
    {"{\"list\":[{\"n\":-6}]}", SITUS_MALFORMED, "root.list[0].n", SITUS_NO_OFFSET},
    {"{\"list\":[{\"n\":1.0}]}", SITUS_MALFORMED, "root.list[0].n", SITUS_NO_OFFSET},
    {"{\"list\":[{\"n\":\"1\"}]}", SITUS_MALFORMED, "root.list[0].n", SITUS_NO_OFFSET},
    {"{\"list\":[{\"t\":1}]}", SITUS_MALFORMED, "root.list[0].t", SITUS_NO_OFFSET},
    {"{\"list\":[{\"t\":\"\\n\"}]}", SITUS_UNSUPPORTED, "root.list[0].t", SITUS_NO_OFFSET},
    {"{\"list\":[{\"h\":\"0aF\"}]}", SITUS_MALFORMED, "root.list[0].h", SITUS_NO_OFFSET},
    {"{\"list\":[{\"n\":1,\"n\":1}]}", SITUS_DUPLICATE, "json", 16},
    {"{\"list\":[", SITUS_TOO_SHORT, "json", 9},
};

static void scan_names_the_field_of_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct situs_err err = {0};
        struct span t;
        print_message("%s\n", wrong[i].text);
        assert_int_equal(read_sample(wrong[i].text, &t, &err), INT64_MIN);
        expect_err(err, wrong[i].code, wrong[i].field, wrong[i].at);
    }
}

static void scan_gives_the_raw_bytes_of_a_value(void **state)
{
    (void)state;
    static const char *const keys[] = {"body"};
    struct situs_err err = {0};
    struct scan s =
        scan_new(span_text("{\"body\" : { \"a\": [1] } , \"s\":0}"), 0, NULL, "p", &err);
    struct scan_level o;
    scan_object(&s, &o, keys, 1);
    assert_true(scan_member(&s, &o));
    struct span raw = scan_skip(&s);
    assert_true(span_equal(raw, SPAN_LIT("{ \"a\": [1] }")));
    assert_false(scan_member(&s, &o));
    assert_true(scan_end(&s));
}

/* Each text, and many with a byte of it changed, left out or doubled: all asserts of the
 * harness. */
static void against_jansson(struct span text, size_t steps)
{
    uint8_t *p = malloc(text.n + 1);
    static const uint8_t bytes[] = "\"\\{}[],:0-.eu \x80\xc3n";
    uint64_t seed = 1;
    LLVMFuzzerTestOneInput(text.p, text.n);
    for (size_t i = 0; i < steps; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
        size_t at = (size_t)((seed >> 33) % text.n), n = text.n;
        memcpy(p, text.p, text.n);
        if (i % 3 == 0) {
            p[at] = bytes[(seed >> 20) % (sizeof bytes - 1)];
        } else if (i % 3 == 1) {
            memmove(p + at, p + at + 1, --n - at);
        } else {
            memmove(p + at + 1, p + at, n++ - at);
        }
        LLVMFuzzerTestOneInput(p, n);
    }
    free(p);
}

static void jansson_takes_all_that_scan_takes(void **state)
{
    (void)state;
    struct lab_world *world = lab_world_new(1790000000);
    struct lab_platform p = lab_platform_honest(0);
    struct lab_collateral c = lab_collateral_honest(world, &p, true);
    struct situs_item parts[LAB_PARTS];
    lab_collateral_parts(world, &c, parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        if (parts[i].size && *(const char *)parts[i].p == '{')
            against_jansson(item_span(parts[i]), 500);
    against_jansson(SPAN_LIT("{\"a\":[true,false,null,-0,0.5,12],\"b\":{\"c\":\"\xc3\xa9\\u00e9\"},"
                             "\"d\":\"\\ud83d\\ude00\"}"),
                    30000);
    lab_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_refuses_what_is_not_strict),
        cmocka_unit_test(scan_takes_what_is_json),
        cmocka_unit_test(scan_gives_values_of_known_members),
        cmocka_unit_test(scan_names_the_field_of_an_error),
        cmocka_unit_test(scan_gives_the_raw_bytes_of_a_value),
        cmocka_unit_test(jansson_takes_all_that_scan_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
