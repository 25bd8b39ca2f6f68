/* base/text and base/time: text forms round-trip, and everything out of form is refused. */
#include "support/test.h"

#include "base/text.h"
#include "base/time.h"

static void hex_reads_exact_sizes_only(void **state)
{
    (void)state;
    uint8_t out[2];
    assert_true(text_hex_read(out, 2, SPAN_LIT("aB01")));
    expect_hex(SPAN_ARR(out), "ab01");
    assert_false(text_hex_read(out, 2, SPAN_LIT("ab0")));
    assert_false(text_hex_read(out, 2, SPAN_LIT("ab012")));
    assert_false(text_hex_read(out, 2, SPAN_LIT("ab0g")));
}

static void numbers_are_written_to_both_ends(void **state)
{
    (void)state;
    assert_string_equal(TEXT_NUM(0), "0");
    assert_string_equal(TEXT_NUM(-1), "-1");
    assert_string_equal(TEXT_NUM(INT64_MAX), "9223372036854775807");
    assert_string_equal(TEXT_NUM(INT64_MIN), "-9223372036854775808");
}

/* One reader of numbers: what one place refuses, all refuse. */
static void a_number_is_digits_and_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "+5",
                                      " 5",
                                      "5 ",
                                      "-5",
                                      "0x5",
                                      "5.",
                                      "5d",
                                      "a",
                                      "1e1",
                                      "2",
                                      "25",
                                      "250",
                                      "1x",
                                      "18446744073709551620",
                                      "99999999999999999999999"};
    uint64_t n;
    assert_true(text_number(SPAN_LIT("3"), 3, 24, &n) && n == 3);
    assert_true(text_number(SPAN_LIT("24"), 3, 24, &n) && n == 24);
    assert_true(text_number(SPAN_LIT("007"), 3, 24, &n) && n == 7);
    assert_true(text_number(SPAN_LIT("9223372036854775807"), 1, INT64_MAX, &n) && n == INT64_MAX);
    assert_false(text_number(SPAN_LIT("9223372036854775808"), 1, INT64_MAX, &n));
    assert_false(text_number(SPAN_LIT(""), 0, 24, &n));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (text_number(span_text(bad[i]), 3, 24, &n))
            fail_msg("accepted \"%s\"", bad[i]);
        assert_int_equal(n, 0);
    }
}

static void a_hex_number_is_hex_digits_and_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "+5", " 5", "0x5", "g", "1g", "10000000000000004", "2", "11", "ffffffffffffffff0"};
    uint64_t n;
    assert_true(text_hex_number(SPAN_LIT("aF"), 0, 255, &n) && n == 0xaf);
    assert_true(text_hex_number(SPAN_LIT("7fffffffffffffff"), 0, INT64_MAX, &n) && n == INT64_MAX);
    assert_false(text_hex_number(SPAN_LIT("8000000000000000"), 0, INT64_MAX, &n));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (text_hex_number(span_text(bad[i]), 3, 16, &n))
            fail_msg("accepted \"%s\"", bad[i]);
        assert_int_equal(n, 0);
    }
}

static void fields_are_what_stands_between_ends(void **state)
{
    (void)state;
    static const char *const fields[] = {"a", "", "bc", "", ""};
    struct span rest = SPAN_LIT("a,,bc,");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_true(span_equal(text_field(&rest, ','), span_text(fields[i])));
    assert_int_equal(rest.n, 0);
}

static void members_are_cut_to_their_room(void **state)
{
    (void)state;
    char field[80], long_name[200] = "";
    assert_string_equal(text_member(field, "registers.sha256", "7"), "registers.sha256.7");
    assert_string_equal(text_member(field, "", ""), ".");
    memset(long_name, 'x', sizeof long_name - 1);
    assert_int_equal(strlen(text_member(field, "a", long_name)), 79);
    assert_int_equal(strlen(text_member(field, long_name, "a")), 79);
}

static void base64_round_trips(void **state)
{
    (void)state;
    /* RFC 4648 section 10 */
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[16];
        uint8_t out[16];
        size_t n;
        assert_string_equal(text_base64(text, span_text(rows[i][0])), rows[i][1]);
        assert_int_equal(text_base64_size(strlen(rows[i][0])), strlen(rows[i][1]));
        assert_true(text_base64_read(out, sizeof out, &n, span_text(rows[i][1]), false));
        assert_true(span_equal(span_of(out, n), span_text(rows[i][0])));
    }
}

static void base64_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",    "Zg",       "Zg=",   "Zg===",    "Zh==",   "Zm9=",  "Zm8",  "=",
        "====", "Zg==Zg==", "Zm9v=", "Zm9v====", "Zg==\n", "Z g==", "Zm9v!"};
    uint8_t out[16];
    size_t n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (text_base64_read(out, sizeof out, &n, span_text(bad[i]), false))
            fail_msg("accepted %s", bad[i]);
    assert_true(text_base64_read(out, sizeof out, &n, SPAN_LIT("Zm\r\n9v\n"), true));
    assert_int_equal(n, 3);
    assert_false(text_base64_read(out, 2, &n, SPAN_LIT("Zm9v"), false)); /* no room */
}

static void utf8_is_the_shortest_form(void **state)
{
    (void)state;
    assert_true(text_utf8(SPAN_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    static const char *const bad[] = {
        "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff", "\x80", "\xc3("};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_utf8(span_text(bad[i])));
}

static void names_are_text_without_control_characters(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a",        "Halle 3, Frankfurt am Main", "Z\xc3\xbcrich",
        "\xc2\xa0", "\xe6\x9d\xb1\xe4\xba\xac 1", "12345678901234567890"};
    static const char *const bad[] = {"",
                                      " a",
                                      "a ",
                                      "a\nb",
                                      "\x7f",
                                      "\xc2\x85",
                                      "\xc2\x9f",
                                      "\xff",
                                      "\xc2",
                                      "a\tb",
                                      "123456789012345678901234567",
                                      "\x1b[31m"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_is_name(span_text(good[i]), 26));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_name(span_text(bad[i]), 26));
    assert_false(text_is_name(SPAN_LIT("a\0b"), 26));
}

static void time_reads_and_writes_rfc3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t t;
    } rows[] = {{"1970-01-01T00:00:00Z", 0},
                {"2000-02-29T12:00:00Z", 951825600},
                {"2026-11-24T07:28:27Z", 1795505307},
                {"2038-01-19T03:14:08Z", 2147483648},
                {"9990-12-31T23:59:59Z", 253118303999}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t t;
        assert_true(time_read_rfc3339(&t, span_text(rows[i].text)));
        assert_true(t == rows[i].t);
        assert_string_equal(TEXT_TIME(rows[i].t), rows[i].text);
    }
    assert_string_equal(TEXT_TIME(INT64_MAX), "@9223372036854775807");
    assert_string_equal(TEXT_TIME(INT64_MIN), "@-9223372036854775808");
}

static void time_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z",   "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z",   "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01 00:00:00Z",   "2026-01-01T00:00:00z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.0Z", "0000-01-01T00:00:00Z", "2026-1-01T00:00:00Z0"};
    int64_t t;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (time_read_rfc3339(&t, span_text(bad[i])))
            fail_msg("accepted %s", bad[i]);
}

static void forms_that_stand_for_other_bytes_are_told(void **state)
{
    (void)state;
#define HEX_48 "0400020081000000000000000000000000939a7233f79c4c"
#define BASE64_48 "BAACAIEAAAAAAAAAk5pyM_ecTKmUCg2zlX8GB+/0000AAAAA"
    static const struct {
        const char *text, *says; /* NULL: nothing */
    } rows[] = {
        {HEX_48, "hex"},
        {HEX_48 "\n", "hex"},
        {BASE64_48, "base64"},
        {"-----BEGIN%20CERTIFICATE-----%0A", "URL-encoded"},
        {"-----BEGIN CERTIFICATE-----\n", NULL},
        {"0400020081000000000000000000000000939a7233f79c4", NULL}, /* too few to tell */
        {"\n" HEX_48, NULL},
        {"{\"quote\": \"" HEX_48 "\"}", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *says = text_stands_for(span_text(rows[i].text));
        assert_int_equal(says != NULL, rows[i].says != NULL);
        if (says)
            assert_non_null(strstr(says, rows[i].says));
    }
    static const uint8_t quote[64] = {4, 0, 2, 0, 0x81};
    assert_null(text_stands_for(SPAN_ARR(quote)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_reads_exact_sizes_only),
        cmocka_unit_test(numbers_are_written_to_both_ends),
        cmocka_unit_test(a_number_is_digits_and_nothing_else),
        cmocka_unit_test(a_hex_number_is_hex_digits_and_nothing_else),
        cmocka_unit_test(fields_are_what_stands_between_ends),
        cmocka_unit_test(members_are_cut_to_their_room),
        cmocka_unit_test(base64_round_trips),
        cmocka_unit_test(base64_refuses_other_forms),
        cmocka_unit_test(utf8_is_the_shortest_form),
        cmocka_unit_test(names_are_text_without_control_characters),
        cmocka_unit_test(time_reads_and_writes_rfc3339),
        cmocka_unit_test(time_refuses_other_forms),
        cmocka_unit_test(forms_that_stand_for_other_bytes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
