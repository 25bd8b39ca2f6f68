/* frame/place: where an error of a JSON file is, by line and column. */
#include "support/test.h"

#include "frame/place.h"

#include <stdio.h>

static const char text[] = "{\"a.b\": [1,\n"
                           "  {\"n\xc3\xa4m\": null, \"x\": \"]\"},\n"
                           "  [true]],\n"
                           " \"a\": {}}\n";

static void expect(const char *field, size_t line, size_t column)
{
    struct situs_err err = {.code = SITUS_MALFORMED, .at = SITUS_NO_OFFSET};
    snprintf(err.field, sizeof err.field, "%s", field);
    struct place p = place_find(span_text(text), &err);
    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
}

static void a_field_has_its_line(void **state)
{
    (void)state;
    expect("a.b", 1, 2);
    expect("a.b[0]", 1, 10);
    expect("a.b[1]", 2, 3);
    expect("a.b[1].n??m", 2, 4); /* as errors show it */
    expect("a.b[1].x", 2, 17);   /* a column is a character */
    expect("a.b[2][0]", 3, 4);
    expect("a", 4, 2);
}

static void what_is_absent_has_the_line_of_what_is_around_it(void **state)
{
    (void)state;
    expect("a.c", 4, 2);
    expect("a.b[1].name", 2, 3);
    expect("a.b[9]", 1, 2);
    expect("b", 0, 0);
    expect("json", 0, 0);
}

static void an_offset_has_its_line(void **state)
{
    (void)state;
    struct situs_err err = {.code = SITUS_MALFORMED, .at = 14, .field = "json"};
    struct place p = place_find(span_text(text), &err);
    assert_int_equal(p.line, 2);
    assert_int_equal(p.column, 3);
    err.at = sizeof text + 9;
    assert_int_equal(place_find(span_text(text), &err).line, 5);
    assert_int_equal(place_find(span_text(""), &err).line, 1);
}

static void text_that_breaks_off_has_places_up_to_there(void **state)
{
    (void)state;
    struct situs_err err = {.code = SITUS_MALFORMED, .at = SITUS_NO_OFFSET, .field = "b.c"};
    assert_int_equal(place_find(span_text("{\"a\": 1,\n\"b\": {\"c\": tru"), &err).line, 0);
    assert_int_equal(place_find(span_text("{\"a\": 1,\n\"b\": {\"c\": 2}, x"), &err).line, 2);
    assert_int_equal(place_find(span_text("[["), &err).line, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_has_its_line),
        cmocka_unit_test(what_is_absent_has_the_line_of_what_is_around_it),
        cmocka_unit_test(an_offset_has_its_line),
        cmocka_unit_test(text_that_breaks_off_has_places_up_to_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
