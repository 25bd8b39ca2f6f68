/* cli/args: declared options are read in every form, everything else is refused. */
#include "support/test.h"

#include "base/near.h"
#include "frame/args.h"
#include "situs/door.h"
#include "verifier/list_seen.h"

struct got {
    bool json;
    const char *at;
    struct words list, operands;
    int exit;
};

#define READ(got, ...) read_words(got, (const char *[]){"challenge", __VA_ARGS__, NULL})

static bool read_words(struct got *g, const char **words)
{
    char *argv[16];
    int argc = 0;
    for (; words[argc]; argc++)
        memcpy(&argv[argc], &words[argc], sizeof *argv);
    *g = (struct got){0};
    const struct option options[] = {OPTION_JSON(&g->json), OPTION_AT(&g->at),
                                     OPTION_LIST("collateral", 'c', "FILE", &g->list, "")};
    const struct command own = {"challenge", "[-j]", "print"};
    const struct args args = {&own, options, 3, 0, 2};
    return args_read(&args, argc, argv, &g->operands, &g->exit);
}

static void options_come_in_every_form(void **state)
{
    (void)state;
    struct got g;
    assert_true(READ(&g, "-j", "a", "--at=@1", "--collateral", "x", "-c", "y", "b"));
    assert_true(g.json);
    assert_string_equal(g.at, "@1");
    assert_int_equal(g.list.n, 2);
    assert_string_equal(g.list.v[1], "y");
    assert_int_equal(g.operands.n, 2);
    assert_string_equal(g.operands.v[1], "b");
    assert_true(READ(&g, "-cx", "-c=", "-c--", "b"));
    assert_int_equal(g.list.n, 3);
    assert_string_equal(g.list.v[0], "x");
    assert_string_equal(g.list.v[1], "=");
    assert_string_equal(g.list.v[2], "--");
    assert_string_equal(g.operands.v[0], "b");
    assert_true(READ(&g, "--json", "--", "-j", "--at"));
    assert_string_equal(g.operands.v[0], "-j");
    assert_null(g.at);
    assert_true(READ(&g, "-"));
    assert_string_equal(g.operands.v[0], "-");
    assert_true(READ(&g, "--at="));
    assert_string_equal(g.at, "");
}

static void wrong_options_end_with_usage(void **state)
{
    (void)state;
    struct got g;
    assert_false(READ(&g, "--jsn"));
    assert_int_equal(g.exit, 1);
    assert_false(READ(&g, "--js"));
    assert_false(READ(&g, "-x"));
    assert_false(READ(&g, "-jj"));
    assert_false(READ(&g, "-j=x"));
    assert_false(READ(&g, "-collateral", "x")); /* the name of a long one is no value */
    assert_false(READ(&g, "-collateral=x"));
    assert_false(READ(&g, "--json=yes"));
    assert_false(READ(&g, "--at"));
    assert_false(READ(&g, "--at", "--", "x"));
    assert_false(READ(&g, "--at=1", "--at=1"));
    assert_false(READ(&g, "a", "b", "c"));
    assert_int_equal(g.exit, 1);
}

static void help_is_no_error(void **state)
{
    (void)state;
    struct got g;
    assert_false(READ(&g, "--help", "--nonsense"));
    assert_int_equal(g.exit, 0);
}

static void the_nearest_name_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {"verify", "show", "collateral check"};
    assert_string_equal(near_word("verfy", names, 3), "verify");
    assert_string_equal(near_word("colateral check", names, 3), "collateral check");
    assert_null(near_word("xyzzyx", names, 3));
    assert_null(near_word("foo", names, 3)); /* two edits of three letters: another word */
    assert_string_equal(near_word("shw", names, 3), "show");
    assert_null(near_word("a word much longer than any that is compared", names, 3));
}

static void times_are_rfc3339_or_unix(void **state)
{
    (void)state;
    int64_t t;
    assert_true(args_time("@1795505307", &t) && t == 1795505307);
    assert_true(args_time("2026-11-24T07:28:27Z", &t) && t == 1795505307);
    assert_true(args_time("2026-11-24T09:28:27+02:00", &t) && t == 1795505307);
    assert_true(args_time("2026-11-23T21:58:27-09:30", &t) && t == 1795505307);
    assert_true(args_time("2026-11-24T07:28:27-00:00", &t) && t == 1795505307);
    assert_true(args_time(NULL, &t) && t > 1700000000);
    static const char *const bad[] = {"",
                                      "@",
                                      "1795505307",
                                      "@-1",
                                      "@1x",
                                      "@1234567890123",
                                      "2026-11-24",
                                      "now",
                                      "2026-11-24T07:28:27",
                                      "2026-11-24T07:28:27+0100",
                                      "2026-11-24T07:28:27+1:00",
                                      "2026-11-24T07:28:27+24:00",
                                      "2026-11-24T07:28:27+01:60",
                                      "2026-11-24T07:28:27+01:0x",
                                      "2026-11-24T07:28:27 01:00",
                                      "2026-11-24T07:28:27+01-00",
                                      "2026-13-24T07:28:27+01:00",
                                      "2026-11-24T07:28:27Z+01:00",
                                      "1970-01-01T00:00:00+00:01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (args_time(bad[i], &t))
            fail_msg("accepted %s", bad[i]);
}

/* What a report prints can be given back: numbers of lists have 63 bits. */
static void a_number_seen_has_63_bits(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        uint64_t number; /* 0: refused */
    } rows[] = {{"ppid:a=1", 1},
                {"ppid:a/CN%3Ds=hall%204=1000000000000000001", 1000000000000000001},
                {"ppid:a=9223372036854775807", INT64_MAX},
                {"ppid:a=9223372036854775808", 0},
                {"ppid:a=18446744073709551617", 0},
                {"ppid:a=0", 0}};
    const struct anchor anchor = {.name = "a", .uses = ANCHOR_LIST};
    const struct situs_trust trust = {.trust = {.anchors = &anchor, .n = 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct list_seen s = {.n = 0};
        const struct words words = {.v = {rows[i].word}, .n = 1};
        assert_int_equal(list_seen_read(&s, &words, &trust), rows[i].number > 0);
        if (rows[i].number)
            assert_true(s.v[0].number == rows[i].number);
        list_seen_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_in_every_form),
        cmocka_unit_test(wrong_options_end_with_usage),
        cmocka_unit_test(help_is_no_error),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(times_are_rfc3339_or_unix),
        cmocka_unit_test(a_number_seen_has_63_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
