/* base/err: what an error keeps of the words that it is given. */
#include "support/test.h"

static void a_long_part_keeps_its_end(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"quote", "quote"},
        {"/srv/site/which/has/39/bytes/trust.json", "/srv/site/which/has/39/bytes/trust.json"},
        {"/srv/sites/which/has/40/bytes/trust.json", ".../sites/which/has/40/bytes/trust.json"},
        {"/srv/\xc3\xa4\xc3\xa4\xc3\xa4/of/cut/characters/trust.jsonxy",
         "...\xc3\xa4\xc3\xa4/of/cut/characters/trust.jsonxy"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err = {0};
        assert_false(err_fail(&err, SITUS_MISSING, rows[i][0], "", SITUS_NO_OFFSET, "", ""));
        assert_string_equal(err.part, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_part_keeps_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
