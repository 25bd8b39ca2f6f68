/* JSON: strictness, typed getters, paths in errors, raw slices. */
#include "base/limits.h"
#include "codec/json/json.h"

#include "support/test.h"

static const struct {
    const char *what, *text;
    enum situs_code code;
    size_t at;
} bad[] = {
    {"empty", "", SITUS_TOO_SHORT, 0},
    {"cut short", "{\"a\":1", SITUS_TOO_SHORT, 6},
    {"trailing", "{} x", SITUS_TRAILING, 4},
    {"two values", "{}{}", SITUS_TRAILING, 3},
    {"duplicate key", "{\"a\":1,\"a\":2}", SITUS_DUPLICATE, 10},
    {"inner duplicate", "{\"b\":{\"a\":1,\"a\":2}}", SITUS_DUPLICATE, 15},
    {"escaped NUL", "{\"a\":\"\\u0000\"}", SITUS_MALFORMED, 13},
    {"bad UTF-8", "{\"a\":\"\xff\"}", SITUS_MALFORMED, 6},
    {"number too large", "{\"a\":9223372036854775808}", SITUS_MALFORMED, 24},
    {"no object", "1", SITUS_MALFORMED, 1},
    {"too deep", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", SITUS_TOO_LONG, 16},
};

static void json_refuses_what_is_not_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct situs_err err = {0};
        struct json_doc doc;
        struct json root;
        print_message("%s\n", bad[i].what);
        assert_false(json_read(&doc, &root, span_text(bad[i].text), "p", &err));
        expect_err(err, bad[i].code, "json", bad[i].at);
        assert_null(doc.root);
        json_free(&doc);
    }
}

/* Only where it is asked for, only as an escape in text, and it is part of the text. */
static void json_text_may_hold_nul(void **state)
{
    (void)state;
    struct json_doc doc;
    struct json root;
    struct situs_err err = {0};
    struct span text;
    static const char escaped[] = "{\"a\": \"b\\u0000\"}";
    assert_false(json_read(&doc, &root, span_text(escaped), "p", &err));
    err = (struct situs_err){0};
    assert_true(json_read_nul(&doc, &root, span_text(escaped), "p", &err));
    assert_true(json_get_text(&root, "a", &text, &err));
    assert_true(span_equal(text, span_of("b\0", 2)));
    json_free(&doc);
    assert_false(json_read_nul(&doc, &root, SPAN_LIT("{\"a\": \"b\0\"}"), "p", &err));
    expect_err(err, SITUS_MALFORMED, "json", 8);
    err = (struct situs_err){0};
    assert_false(json_read_nul(&doc, &root, SPAN_LIT("{\"a\\u0000\": 1}"), "p", &err));
}

static void json_refuses_nul(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct json_doc doc;
    struct json root;
    assert_false(json_read(&doc, &root, SPAN_LIT("{}\0"), "p", &err));
    expect_err(err, SITUS_MALFORMED, "json", 2);
}

static void json_accepts_nesting_up_to_the_limit(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct json_doc doc;
    struct json root;
    const char *text = "[[[[[[[[[[[[[[[[\"[[[\\\"[\"]]]]]]]]]]]]]]]]";
    assert_true(json_read(&doc, &root, span_text(text), "p", &err));
    json_free(&doc);
}

/* Whoever sends a text of brackets and commas gets no tree of it: 6 MB were 500 MB and seconds. */
static void json_bounds_the_values_that_are_made(void **state)
{
    (void)state;
    static char text[2 * LIMIT_JSON_VALUES + 8];
    struct situs_err err = {0};
    struct json_doc doc;
    struct json root;
    for (size_t more = 0; more < 2; more++) {
        size_t elements = LIMIT_JSON_VALUES - 1 + more, n = 0; /* the array is a value, too */
        text[n++] = '[';
        for (size_t i = 0; i < elements; i++) {
            text[n++] = '1';
            text[n++] = i + 1 < elements ? ',' : ']';
        }
        assert_int_equal(json_read(&doc, &root, span_of(text, n), "p", &err), !more);
        json_free(&doc);
    }
    expect_err(err, SITUS_TOO_LONG, "json", 2 * (LIMIT_JSON_VALUES - 1));
    text[1] = text[2 * LIMIT_JSON_VALUES - 1] = '"'; /* what stands in a string is no value */
    assert_true(json_read(&doc, &root, span_of(text, 2 * LIMIT_JSON_VALUES + 1), "p", &err));
    json_free(&doc);
}

static const char sample[] = "{\"list\":[{\"n\":5,\"t\":\"x\"},{\"n\":-1}],\"f\":1.0,\"b\":true}";

static void json_names_the_way_to_a_wrong_value(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct json_doc doc;
    struct json root, list;
    int64_t n;
    bool b;
    struct span t;
    assert_true(json_read(&doc, &root, span_text(sample), "p", &err));
    assert_true(json_get_array(&root, "list", &list, &err));
    assert_int_equal(json_count(&list), 2);
    struct json first = json_element(&list, 0), second = json_element(&list, 1);
    assert_true(json_get_num(&first, "n", 0, 5, &n, &err));
    assert_int_equal(n, 5);
    assert_true(json_get_text(&first, "t", &t, &err) && span_equal(t, SPAN_LIT("x")));
    assert_true(json_get_bool(&root, "b", &b, &err) && b);

    assert_false(json_get_num(&second, "n", 0, 5, &n, &err));
    expect_err(err, SITUS_MALFORMED, "list[1].n", SITUS_NO_OFFSET);
    assert_string_equal(err.got, "-1");
    err = (struct situs_err){0};
    assert_false(json_get_text(&second, "t", &t, &err));
    expect_err(err, SITUS_MISSING, "list[1].t", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(json_get_num(&root, "f", 0, 5, &n, &err));
    expect_err(err, SITUS_MALFORMED, "f", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(json_get_bool(&root, "f", &b, &err));
    err = (struct situs_err){0};
    assert_false(json_get_text(&list, "x", &t, &err));
    expect_err(err, SITUS_MALFORMED, "list", SITUS_NO_OFFSET);
    json_free(&doc);
}

static void json_known_refuses_a_key_that_is_not_listed(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct json_doc doc;
    struct json root;
    assert_true(json_read(&doc, &root, span_text(sample), "p", &err));
    assert_true(JSON_KNOWN(&root, &err, "b", "f", "list"));
    assert_false(JSON_KNOWN(&root, &err, "b", "list"));
    expect_err(err, SITUS_UNKNOWN, "f", SITUS_NO_OFFSET);
    json_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_refuses_what_is_not_strict),
        cmocka_unit_test(json_refuses_nul),
        cmocka_unit_test(json_text_may_hold_nul),
        cmocka_unit_test(json_accepts_nesting_up_to_the_limit),
        cmocka_unit_test(json_bounds_the_values_that_are_made),
        cmocka_unit_test(json_names_the_way_to_a_wrong_value),
        cmocka_unit_test(json_known_refuses_a_key_that_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
