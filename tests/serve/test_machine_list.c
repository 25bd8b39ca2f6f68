/* The list of watched machines: pages in the order of names, none left out, none that another keeper has told as one's own. */
#include "support/served.h"

#include "serve/keeper/keeper_fleet.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MACHINES (KEEPER_FLEET_PAGE + 8)
#define AK \
    "000b" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char folder[] = "/tmp/machinelistXXXXXX";

static bool work(const struct serve_world *world, const struct judge_ask *ask,
                 const struct judge_given *given, struct token_record *r, int *report)
{
    (void)world, (void)ask, (void)given, (void)r, (void)report;
    return false;
}

/* load names n machines, the last one first. */
static void load(struct served *s, size_t n)
{
    static char text[64 * 1024];
    size_t at = (size_t)snprintf(
        text, sizeof text,
        "{\"listen\": \"127.0.0.1:0\", \"base\": \"http://localhost\", \"policies\": {\"a\": "
        "{\"policy\": \"" SITUS_SOURCE_ROOT "/policies/managed.json\"}},"
        "\"limits\": {\"judges\": 1}, \"connect\": {\"targets\": [\"a:1\"]}, "
        "\"store\": {\"sqlite\": \"%s/store\"}, \"watch\": {\"mark\": \"%s/mark\", "
        "\"machines\": {",
        folder, folder);
    for (size_t i = n; i-- > 0;)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "\"m%02zu\": {\"policy\": \"a\", \"target\": \"a:1\", "
                               "\"site\": \"hall %zu\", \"ak_name\": \"" AK "%02zx\"}%s",
                               i, i % 3, i, i ? ", " : "}}}");
    served_load(s, text);
}

static void due(const struct served *s)
{
    const struct talk_ask ask = {.kind = TALK_DUE, .id = 77};
    served_send(s, &ask, NULL);
}

/* list is the page behind a name. */
static enum talk_status list(const struct served *s, const char *after, char out[4096])
{
    char texts[TALK_FDS][4096] = {{0}};
    struct talk_ask ask = {.kind = TALK_MACHINES};
    struct talk_answer a;
    snprintf(ask.machine, sizeof ask.machine, "%s", after);
    served_send(s, &ask, NULL);
    do {
        a = served_answer(s, texts);
    } while (a.kind == TALK_DUE);
    assert_int_equal(a.kind, TALK_MACHINES);
    memcpy(out, texts[0], sizeof texts[0]);
    return (enum talk_status)a.status;
}

/* starts says that a page begins with this machine. */
static bool starts(const char *text, const char *name)
{
    const char *at = strstr(text, "\"machine\":\"");
    return at && strncmp(at + 11, name, strlen(name)) == 0;
}

static int start(void **state)
{
    static struct served s;
    load(&s, MACHINES);
    served_start(&s, work);
    *state = &s;
    return 0;
}

static int stop(void **state)
{
    static const char *const names[] = {"store", "store-wal", "store-shm", "mark"};
    char path[96];
    served_stop(*state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return 0;
}

static void pages_follow_each_other_by_name(void **state)
{
    const struct served *s = *state;
    char text[4096], last[8];
    assert_int_equal(list(s, "", text), TALK_NO_STORE); /* no front asked yet: nothing is claimed */
    due(s);
    assert_int_equal(list(s, "", text), TALK_DONE);
    assert_true(starts(text, "m00"));
    assert_non_null(strstr(text, "\"site\":\"hall 1\""));
    assert_non_null(strstr(text, "\"state\":\"new\",\"observed\":false"));
    snprintf(last, sizeof last, "m%02d", KEEPER_FLEET_PAGE - 1);
    assert_int_equal(list(s, last, text), TALK_DONE);
    assert_true(starts(text, "m32"));
    assert_non_null(strstr(text, "\"machine\":\"m39\""));
    assert_non_null(strstr(text, "],\"more\":false}"));
    assert_int_equal(list(s, "m35x", text), TALK_DONE); /* of a name that is none any more */
    assert_true(starts(text, "m36"));
    assert_int_equal(list(s, "zz", text), TALK_DONE);
    assert_non_null(strstr(text, "\"machines\":[],\"more\":false}"));
}

/* A page of more machines than there are has no more; one of exactly as many neither. */
static void the_last_page_says_so(void **state)
{
    const struct served *s = *state;
    char text[4096], after[8];
    due(s);
    snprintf(after, sizeof after, "m%02d", MACHINES - KEEPER_FLEET_PAGE - 1);
    struct talk_ask ask = {.kind = TALK_MACHINES};
    memcpy(ask.machine, after, sizeof after);
    assert_int_equal(list(s, after, text), TALK_DONE); /* 32 are left: the end is cut off here */
    assert_true(starts(text, "m08"));
    assert_int_equal(list(s, "m37", text), TALK_DONE);
    assert_non_null(strstr(text, "\"machine\":\"m39\""));
    assert_non_null(strstr(text, "],\"more\":false}"));
}

static void a_machine_that_another_keeper_took_has_no_state_here(void **state)
{
    const struct served *s = *state;
    struct served other;
    char text[4096];
    due(s);
    assert_int_equal(list(s, "m37", text), TALK_DONE);
    load(&other, MACHINES - 1); /* and leaves m39 */
    served_start(&other, work);
    due(&other);
    assert_int_equal(list(&other, "m37", text), TALK_DONE);
    assert_non_null(strstr(text, "\"machine\":\"m38\""));
    assert_non_null(strstr(text, "\"state\":\"new\""));
    assert_null(strstr(text, "m39"));
    assert_int_equal(list(s, "m37", text), TALK_DONE);
    assert_non_null(strstr(text, "\"machine\":\"m38\",\"policy\":\"a\",\"site\":\"hall 2\""));
    assert_non_null(strstr(text, "\"state\":\"elsewhere\"}"));
    served_stop(&other);
}

static int fresh(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : 1;
}

static int gone(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_follow_each_other_by_name, start, stop),
        cmocka_unit_test_setup_teardown(the_last_page_says_so, start, stop),
        cmocka_unit_test_setup_teardown(a_machine_that_another_keeper_took_has_no_state_here, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, fresh, gone);
}
