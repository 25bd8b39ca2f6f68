/* frame/table: one set of cells is a line of text and an object of JSON; what does not fit is said. */
#include "support/test.h"

#include "frame/table.h"

#include <stdio.h>
#include <unistd.h>

static char seen[4096];

/* One row after another, as a command prints them; what went to stdout is in seen. */
static bool print(struct table *t, const char *const *texts, size_t n)
{
    FILE *to = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(to && kept >= 0 && fflush(stdout) == 0);
    assert_true(dup2(fileno(to), STDOUT_FILENO) >= 0);
    const struct table_cell head[] = {TABLE_NUM("exit", 0, NULL, -3), TABLE_BOOL("good", true)};
    table_begin(t, head, 2, "rows");
    for (size_t i = 0; i < n; i++) {
        const struct table_cell row[] = {
            TABLE_NUM("number", 4, " ", (int64_t)i), TABLE_TEXT(NULL, -6, "|", "text"),
            TABLE_TEXT("json", 0, NULL, "only"), TABLE_MAYBE("maybe", -3, ".\n", texts[i])};
        table_row(t, row, sizeof row / sizeof *row);
    }
    bool whole = table_end(t);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    rewind(to);
    seen[fread(seen, 1, sizeof seen - 1, to)] = 0;
    fclose(to);
    return whole;
}

static const char *const rows[] = {"a", "", "long \"er\""};

static void text_has_columns(void **state)
{
    (void)state;
    struct table t = {.json = false};
    assert_true(print(&t, rows, 3));
    assert_int_equal(t.n, 3);
    assert_string_equal(seen, "   0 text  |a  .\n"
                              "   1 text  |   .\n"
                              "   2 text  |long \"er\".\n");
}

static void json_is_an_array_in_an_object(void **state)
{
    (void)state;
    struct table t = {.json = true};
    assert_true(print(&t, rows, 3));
    assert_int_equal(t.n, 3);
    assert_string_equal(seen, "{\"exit\":-3,\"good\":true,\"rows\":["
                              "{\"number\":0,\"json\":\"only\",\"maybe\":\"a\"},"
                              "{\"number\":1,\"json\":\"only\"},"
                              "{\"number\":2,\"json\":\"only\",\"maybe\":\"long \\\"er\\\"\"}]}\n");
    t = (struct table){.json = true, .lines = true};
    assert_true(print(&t, rows, 2));
    assert_string_equal(seen, "{\"exit\":-3,\"good\":true,\"rows\":["
                              "{\"number\":0,\"json\":\"only\",\"maybe\":\"a\"},\n"
                              "{\"number\":1,\"json\":\"only\"}]}\n");
    t = (struct table){.json = true};
    assert_true(print(&t, NULL, 0));
    assert_string_equal(seen, "{\"exit\":-3,\"good\":true,\"rows\":[]}\n");
}

static void a_row_that_does_not_fit_is_no_whole_table(void **state)
{
    (void)state;
    static char text[9000];
    const char *const long_row[] = {"a", text, "b"};
    struct table t = {.json = true};
    memset(text, 'x', sizeof text - 1);
    assert_false(print(&t, long_row, 3));
    assert_null(strstr(seen, "]}"));
    assert_null(strstr(seen, "xx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_has_columns),
                                       cmocka_unit_test(json_is_an_array_in_an_object),
                                       cmocka_unit_test(a_row_that_does_not_fit_is_no_whole_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
