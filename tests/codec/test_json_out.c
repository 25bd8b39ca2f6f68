/* codec/json_out: output is one well-formed value, whatever the text in it. */
#include "support/test.h"

#include "codec/json_out.h"

static uint8_t buffer[512];

static void expect_text(const struct wr *w, const char *text)
{
    struct span s = wr_span(w);
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

static void fill(struct json_out *o)
{
    json_out_object(o);
    json_out_pair_string(o, "a", "x");
    json_out_name(o, "list");
    json_out_array(o);
    json_out_num(o, -7);
    json_out_bool(o, false);
    json_out_null(o);
    json_out_object(o);
    json_out_close(o);
    json_out_close(o);
    json_out_pair_bool(o, "b", true);
    json_out_pair_num(o, "n", INT64_MAX);
    json_out_pair_hex(o, "h", SPAN_LIT("\xab\1"));
    json_out_close(o);
    assert_true(json_out_end(o));
}

static void json_out_places_commas(void **state)
{
    (void)state;
    struct wr w = wr_new(buffer, sizeof buffer);
    struct json_out o = json_out_new(&w, false);
    fill(&o);
    expect_text(&w, "{\"a\":\"x\",\"list\":[-7,false,null,{}],\"b\":true,"
                    "\"n\":9223372036854775807,\"h\":\"ab01\"}");
}

static void json_out_indents(void **state)
{
    (void)state;
    struct wr w = wr_new(buffer, sizeof buffer);
    struct json_out o = json_out_new(&w, true);
    fill(&o);
    expect_text(&w,
                "{\n  \"a\": \"x\",\n  \"list\": [\n    -7,\n    false,\n    null,\n    {}\n  ],\n"
                "  \"b\": true,\n  \"n\": 9223372036854775807,\n  \"h\": \"ab01\"\n}");
}

static void json_out_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\n\t\x1b[31m\x7f", "\"\\n\\u0009\\u001b[31m\\u007f\""},
        {"\xc3\xbc", "\"\xc3\xbc\""},
        {"\xff"
         "a",
         "\"\\ufffda\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wr w = wr_new(buffer, sizeof buffer);
        struct json_out o = json_out_new(&w, false);
        json_out_string(&o, rows[i].in);
        assert_true(json_out_end(&o));
        expect_text(&w, rows[i].out);
    }
}

/* Wherever it stands in a long text: plain bytes are looked at eight at a time. */
static void json_out_escapes_at_every_place(void **state)
{
    (void)state;
    static const uint8_t odd[] = {0, 0x1f, '"', '\\', 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < 17; at++)
        for (size_t i = 0; i < sizeof odd; i++) {
            uint8_t text[17];
            struct wr w = wr_new(buffer, sizeof buffer);
            struct json_out o = json_out_new(&w, false);
            memset(text, '~', sizeof text);
            text[at] = odd[i];
            json_out_text(&o, SPAN_ARR(text));
            assert_true(json_out_end(&o));
            assert_true(w.n > sizeof text + 2);
            assert_int_equal(buffer[1 + at], '\\');
        }
}

static void json_out_base64url_has_no_padding(void **state)
{
    (void)state;
    /* RFC 4648 10, and the two digits that differ from base64 */
    static const char *const rows[][2] = {{"", "\"\""},           {"f", "\"Zg\""},
                                          {"fo", "\"Zm8\""},      {"foo", "\"Zm9v\""},
                                          {"foob", "\"Zm9vYg\""}, {"\xfb\xff", "\"-_8\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wr w = wr_new(buffer, sizeof buffer);
        struct json_out o = json_out_new(&w, false);
        json_out_base64url(&o, span_text(rows[i][0]));
        assert_true(json_out_end(&o));
        expect_text(&w, rows[i][1]);
    }
}

static void json_out_reports_a_full_buffer(void **state)
{
    (void)state;
    struct wr w = wr_new(buffer, 8);
    struct json_out o = json_out_new(&w, false);
    json_out_string(&o, "123456789");
    assert_false(json_out_end(&o));
    assert_int_equal(w.n, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_out_places_commas),
        cmocka_unit_test(json_out_indents),
        cmocka_unit_test(json_out_escapes),
        cmocka_unit_test(json_out_escapes_at_every_place),
        cmocka_unit_test(json_out_base64url_has_no_padding),
        cmocka_unit_test(json_out_reports_a_full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
