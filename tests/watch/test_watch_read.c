/* What a service says of its machines: read strictly, shown harmless, compared by who the machines are; no I/O. */
#include "watch/watch_compare.h"
#include "watch/watch_history.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define AT "\"at\":\"2026-12-01T00:00:00Z\""
#define NOW 1796083200 /* the same */
#define SPAN                                                                                     \
    "\"span\":{\"number\":1,\"began_by\":\"began\",\"since\":\"2026-11-27T20:00:00Z\",\"last\":" \
    "\"2026-11-30T23:59:52Z\"}"
#define LIVE(name) \
    "{\"machine\":\"" name "\",\"policy\":\"p\",\"state\":\"live\",\"within_seconds\":60," SPAN "}"
#define PAGE(list) "{" AT ",\"machines\":[" list "],\"more\":false}"

static const struct {
    const char *text, *code, *field;
} pages[] = {
    {PAGE(LIVE("a") "," LIVE("b")), NULL, NULL},
    {PAGE(LIVE("b") "," LIVE("a")), "not-allowed", "machines[1]"},
    {PAGE(LIVE("a") "," LIVE("a")), "not-allowed", "machines[1]"},
    {"{" AT ",\"machines\":[],\"more\":true}", "malformed", "machines"},
    {"{" AT ",\"machines\":[]}", "missing", "more"},
    {"{\"machines\":[],\"more\":false}", "missing", "at"},
    {"[]", "malformed", "json"},
    {"{" AT ",\"machines\":[],\"more\":false} ", NULL, NULL},
    {"{" AT ",\"machines\":[],\"machines\":[],\"more\":false}", "malformed", NULL},
    {"{" AT ",\"machines\":[],\"more\":false}x", "malformed", NULL},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"live\",\"within_seconds\":60}"),
     "missing", "machines[0].span"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"live\",\"within_seconds\":6," SPAN "}"),
     NULL, NULL},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"live\",\"within_seconds\":5," SPAN "}"),
     "not-allowed", "machines[0]"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"live\"," SPAN "}"), "missing",
     "machines[0].within_seconds"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"broken\",\"broken_at\":\"2026-11-30T00:"
          "00:00Z\"}"),
     "missing", "machines[0].reason"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"broken\",\"reason\":\"silence\"}"),
     "missing", "machines[0].broken_at"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"new\",\"known_by\":{\"ek_name\":\"000\"}"
          "}"),
     "malformed", "machines[0].known_by.ek_name"},
    {PAGE(
         "{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"new\",\"known_by\":{\"platform\":\"\"}}"),
     "malformed", "machines[0].known_by.platform"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"new\",\"alarm_at\":\"2026-11-31T00:00:"
          "00Z\"}"),
     "malformed", "machines[0].alarm_at"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":7}"), "malformed", "machines[0].state"},
    {PAGE("{\"machine\":\"0123456789012345678901234567890123456789012345678901234567890123\"}"),
     "too-long", "machines[0].machine"},
    {PAGE("{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"new\",\"observed\":\"yes\"}"),
     "malformed", "machines[0].observed"},
};

static void a_page_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct watch_fleet f = {.n = 0};
        struct situs_err err = {0};
        bool more;
        bool ok = watch_read_fleet(&f, span_text(pages[i].text), "list", &more, &err);
        watch_read_fleet_free(&f);
        if (ok != !pages[i].code)
            fail_msg("%zu: %s", i, pages[i].text);
        if (!pages[i].code || !pages[i].field)
            continue;
        assert_string_equal(err_code_name(err.code), pages[i].code);
        assert_string_equal(err.field, pages[i].field);
    }
}

static void read_fleet(struct watch_fleet *f, const char *text)
{
    struct situs_err err = {0};
    bool more;
    *f = (struct watch_fleet){.n = 0};
    if (!watch_read_fleet(f, span_text(text), "list", &more, &err))
        fail_msg("%s %s: %s", err_code_name(err.code), err.field, text);
}

/* Whatever else stands in between: a state is good by its word alone. */
static void the_worst_state_is_the_exit_code(void **state)
{
    static const struct {
        const char *list;
        int exit;
    } rows[] = {
        {LIVE("a"), 0},
        {"", 6},
        {LIVE("a") ",{\"machine\":\"b\",\"policy\":\"p\",\"state\":\"late\",\"within_seconds\":"
                   "60," SPAN "}",
         9},
        {LIVE("a") ",{\"machine\":\"b\",\"policy\":\"p\",\"state\":\"new\"}", 6},
        {LIVE("a") ",{\"machine\":\"b\",\"policy\":\"p\",\"state\":\"elsewhere\"}", 6},
        {LIVE("a") ",{\"machine\":\"b\",\"policy\":\"p\",\"state\":\"Live\"}", 6},
        {LIVE("a") ",{\"machine\":\"b\",\"policy\":\"p\",\"state\":\"broken\",\"reason\":"
                   "\"silence\","
                   "\"broken_at\":\"2026-11-30T00:00:00Z\"}",
         6},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct watch_fleet f;
        char text[4096];
        snprintf(text, sizeof text, "{" AT ",\"machines\":[%s],\"more\":false}", rows[i].list);
        read_fleet(&f, text);
        struct watch_view v = {.service = "s", .fleet = &f, .now = NOW};
        assert_int_equal(watch_show_exit(&v), rows[i].exit);
        v.now = NOW + WATCH_STALE + 1; /* an old answer is none of now */
        assert_int_equal(watch_show_exit(&v), 7);
        v.now = NOW - WATCH_STALE - 1;
        assert_int_equal(watch_show_exit(&v), 7);
        v.now = NOW;
        v.fails = "missing";
        assert_int_equal(watch_show_exit(&v), 7);
        watch_read_fleet_free(&f);
    }
}

/* table writes the table of a list into 8 KiB. */
static void table(char out[8192], const char *text, size_t lines)
{
    struct watch_fleet f;
    read_fleet(&f, text);
    const struct watch_view v = {.service = "s", .fleet = &f, .now = NOW};
    const struct watch_form form = {.lines = lines};
    struct wr w = wr_new(out, 8191);
    watch_show_table(&w, &v, &form);
    assert_true(wr_ok(&w));
    out[w.n] = 0;
    watch_read_fleet_free(&f);
}

static void nothing_that_a_service_says_commands_a_terminal(void **state)
{
    char out[8192];
    (void)state;
    table(out,
          PAGE("{\"machine\":\"a\\u001b[2J\",\"policy\":\"p\",\"site\":\"\\u202ehall\\u009b1m\\n\","
               "\"state\":\"\\u001b]0;x\\u0007\"}"),
          0);
    for (const char *p = out; *p; p++)
        assert_true((unsigned char)*p >= 0x20 || *p == '\n');
    assert_non_null(strstr(out, "a<U+001B>[2J"));
    assert_non_null(strstr(out, "<U+202E>hall<U+009B>1m<U+000A>"));
    assert_non_null(strstr(out, "<U+001B>]0;x<U+0007>"));
}

static void times_are_told_as_people_read_them(void **state)
{
    char out[8192];
    (void)state;
    table(out, PAGE(LIVE("a")), 0);
    assert_non_null(strstr(out, "as of 2026-12-01 00:00:00 UTC: 1 machine, 1 live"));
    assert_non_null(strstr(out, "2026-11-27 20:00:00 UTC  8 s "));
    assert_string_equal(WATCH_AGE(-5), "0 s");
    assert_string_equal(WATCH_AGE(59), "59 s");
    assert_string_equal(WATCH_AGE(60), "1 min");
    assert_string_equal(WATCH_AGE(3725), "1 h 2 min");
    assert_string_equal(WATCH_AGE(86400 * 3 + 3600 * 4 + 59), "3 d 4 h");
}

/* Of more than fit, those that are worse are shown, and the others counted. */
static void a_window_that_is_too_low_shows_the_worst(void **state)
{
    char out[8192], text[4096];
    (void)state;
    snprintf(text, sizeof text, "{" AT ",\"machines\":[%s],\"more\":false}",
             LIVE("a") "," LIVE("b") "," LIVE(
                 "c") ",{\"machine\":\"d\",\"policy\":\"p\",\"state\":\"new\"}");
    table(out, text, 6);
    assert_non_null(strstr(out, "  new       d "));
    assert_non_null(strstr(out, "and 3 more, none of them worse"));
    table(out, text, 8);
    assert_non_null(strstr(out, "and 1 more, none of them worse"));
    table(out, text, 20);
    assert_null(strstr(out, "more, none"));
}

#define EVENT(number, event, span, nth) \
    "{\"number\":" #number "," AT ",\"event\":\"" event "\",\"span\":" #span ",\"nth\":" #nth "}"
#define OLD(number, event, span) \
    "{\"number\":" #number "," AT ",\"event\":\"" event "\",\"span\":" #span "}"

static void a_missing_event_is_seen(void **state)
{
    static const struct {
        const char *list, *count, *missing;
    } rows[] = {
        {"", "", NULL},
        {EVENT(3, "began", 1, 1) "," EVENT(9, "broken", 1, 2) "," EVENT(11, "re-endorsed", 2, 3),
         ",\"count\":3", NULL},
        {OLD(3, "began", 1) "," OLD(9, "broken", 1) "," OLD(10, "refused", 1) "," OLD(11, "alarm",
                                                                                      1),
         "", NULL},
        {EVENT(3, "began", 1, 1) "," EVENT(9, "broken", 1, 2) "," EVENT(10, "began", 2, 3), "",
         NULL},
        {EVENT(9, "broken", 1, 2), "", "event 1 of the machine is missing"},
        {EVENT(3, "began", 1, 1) "," EVENT(11, "re-endorsed", 2, 4), "",
         "events 2 to 3 of the machine are missing"},
        {EVENT(3, "began", 1, 1) "," EVENT(11, "broken", 1, 1), "",
         "event 1 of the machine comes twice"},
        {EVENT(3, "began", 1, 1), ",\"count\":3", "events 2 to 3 of the machine are missing"},
        {"", ",\"count\":1", "event 1 of the machine is missing"},
        {OLD(3, "began", 1) "," OLD(11, "re-endorsed", 2), "",
         "an event is missing: re-endorsed does not follow live"},
        {OLD(3, "broken", 1), "", "an event is missing: broken does not follow new"},
        {OLD(3, "began", 1) "," OLD(4, "broken", 1) "," OLD(5, "restarted", 4), "",
         "an event is missing: span 4 follows span 1"},
        {OLD(3, "began", 1) "," OLD(4, "something", 1) "," OLD(5, "began", 3), "",
         NULL}, /* of a newer service */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct watch_history h = {.n = 0};
        struct situs_err err = {0};
        char text[2048], out[8192];
        bool more;
        snprintf(text, sizeof text, "{\"machine\":\"a\",\"events\":[%s],\"more\":false%s}",
                 rows[i].list, rows[i].count);
        assert_true(watch_read_history(&h, span_text(text), "events", &more, &err));
        struct wr w = wr_new(out, sizeof out - 1);
        watch_history_text(&w, &h, "s", "a");
        out[w.n] = 0;
        if (watch_history_whole(&h) != !rows[i].missing ||
            (rows[i].missing && !strstr(out, rows[i].missing)))
            fail_msg("%zu: %s", i, out);
        watch_read_history_free(&h);
    }
}

static void events_come_in_their_order(void **state)
{
    struct watch_history h = {.n = 0};
    struct situs_err err = {0};
    bool more;
    (void)state;
    assert_false(watch_read_history(
        &h,
        span_text("{\"events\":[" OLD(3, "began", 1) "," OLD(3, "broken", 1) "],\"more\":false}"),
        "events", &more, &err));
    assert_string_equal(err.field, "events[1].number");
    watch_read_history_free(&h);
}

#define KNOWN(name, st, more, ids)                               \
    "{\"machine\":\"" name "\",\"policy\":\"p\",\"state\":\"" st \
    "\",\"within_seconds\":60," more SPAN ",\"known_by\":{" ids "}}"
#define GOOD(name, ids) KNOWN(name, "live", "", ids)
#define BAD(name, ids) \
    KNOWN(name, "broken", "\"reason\":\"silence\",\"broken_at\":\"2026-11-30T00:00:00Z\",", ids)
#define EK(x) "\"ek_name\":\"" x "\""
#define AK(x) "\"ak_name\":\"" x "\""
#define PIID(x) "\"platform\":\"" x "\""

static void machines_are_compared_by_who_they_are(void **state)
{
    static const struct {
        const char *one, *two;
        int exit;
        const char *says;
    } rows[] = {
        {GOOD("a", EK("0b") "," PIID("01")), GOOD("z", EK("0B") "," PIID("01")), 0, "agree: a"},
        {GOOD("a", EK("0b") "," PIID("01")), BAD("z", EK("0b") "," PIID("01")), 8, "differs: a"},
        {BAD("a", EK("0b")), BAD("z", EK("0b")), 6, "not-proven: a"},
        {GOOD("a", EK("0b")), GOOD("a", EK("0c")), 8,
         "not-all: a"}, /* a name is nobody's identity */
        {GOOD("a", EK("0b")), "", 8, "not-all: a"},
        {GOOD("a", EK("0b") "," PIID("01")), GOOD("a", EK("0b") "," PIID("02")), 8,
         "conflict: a"}, /* a TPM that was moved */
        {GOOD("a", EK("0b") "," PIID("01")), GOOD("a", EK("0c") "," PIID("01")), 8, "conflict: a"},
        {GOOD("a", EK("0b") "," AK("0d")), GOOD("a", EK("0b") "," AK("0e")), 8, "conflict: a"},
        {GOOD("a", AK("0d") "," PIID("01")), GOOD("b", AK("0e") "," PIID("01")), 8,
         "not-all: a"}, /* two guests of one host */
        {GOOD("a", AK("0d") "," PIID("01")), GOOD("b", AK("0d") "," PIID("01")), 0, "agree: a"},
        {GOOD("a", PIID("01")), GOOD("b", PIID("01")), 0, "agree: a"},
        /* two guests without a TPM on one platform, each with a key of its own */
        {GOOD("a",
              PIID("01") ",\"channel_sha256\":"
                         "\"1111111111111111111111111111111111111111111111111111111111111111\""),
         GOOD("b",
              PIID("01") ",\"channel_sha256\":"
                         "\"2222222222222222222222222222222222222222222222222222222222222222\""),
         8, "conflict"},
        {"{\"machine\":\"a\",\"policy\":\"p\",\"state\":\"new\"}", GOOD("a", EK("0b")), 6,
         "not-matched: a"},
        {KNOWN("a", "late", "", EK("0b")), GOOD("b", EK("0b")), 9, "late: a"},
        {"", "", 6, "Nobody watches a machine"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct watch_fleet f[2];
        struct watch_compared c;
        char text[4096], out[8192];
        for (size_t k = 0; k < 2; k++) {
            snprintf(text, sizeof text, "{" AT ",\"machines\":[%s],\"more\":false}",
                     k ? rows[i].two : rows[i].one);
            read_fleet(&f[k], text);
        }
        struct watch_view v[2] = {{.service = "s1", .fleet = &f[0], .now = NOW},
                                  {.service = "s2", .fleet = &f[1], .now = NOW}};
        assert_true(watch_compare(&c, v, 2));
        struct wr w = wr_new(out, sizeof out - 1);
        watch_compare_text(&w, &c, v);
        out[w.n] = 0;
        if (watch_compare_exit(&c, v) != rows[i].exit || !strstr(out, rows[i].says))
            fail_msg("%zu: %d %s", i, watch_compare_exit(&c, v), out);
        v[1].fails = "missing: Connection refused"; /* who gives no answer does not agree */
        int exit = watch_compare_exit(&c, v);
        assert_int_equal(exit, rows[i].exit == 6 ? 6 : 7);
        v[1] = (struct watch_view){.service = "s2", .fleet = &f[1], .now = NOW + 3600};
        assert_int_equal(watch_compare_exit(&c, v), exit);
        watch_compare_free(&c);
        watch_read_fleet_free(&f[0]);
        watch_read_fleet_free(&f[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read_strictly),
        cmocka_unit_test(the_worst_state_is_the_exit_code),
        cmocka_unit_test(nothing_that_a_service_says_commands_a_terminal),
        cmocka_unit_test(times_are_told_as_people_read_them),
        cmocka_unit_test(a_window_that_is_too_low_shows_the_worst),
        cmocka_unit_test(a_missing_event_is_seen),
        cmocka_unit_test(events_come_in_their_order),
        cmocka_unit_test(machines_are_compared_by_who_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
