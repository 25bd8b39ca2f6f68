/* Events that wait for a webhook: eldest first, until they are taken, and no more than may wait. */
#include "serve/keeper/hook_store.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/hooksXXXXXX", path[64];
static struct database db;
static struct situs_err err;
static uint64_t lost[SERVE_HOOKS];
static const struct serve_hooks hooks = {.v = {{.name = "soc"}, {.name = "desk"}}, .n = 2};

static int start(void **state)
{
    (void)state;
    const struct database_place place = {.sqlite = path};
    snprintf(path, sizeof path, "%s/store", folder);
    memset(lost, 0, sizeof lost);
    return database_open(&db, &place, true, &err) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    database_close(&db);
    return unlink(path);
}

static void ask(const char *sql)
{
    assert_true(database_ask(&db, &err, sql, NULL));
    while (database_next(&db, &err))
        ;
    assert_int_equal(err.code, SITUS_NONE);
}

static void event(const char *number, const char *machine, const char *reason)
{
    assert_true(database_ask(&db, &err,
                             "INSERT INTO situs_event (number, machine, at, event, reason, span) "
                             "VALUES ($1, $2, 1800000000, 'broken', $3, 2)",
                             number, machine, reason, NULL));
    assert_true(hook_store_add(&db, &hooks, "r", strtoll(number, NULL, 10), &err));
    assert_true(hook_store_bound(&db, &hooks, "r", lost, &err));
}

static int64_t next(const char *hook, const char *replica, struct event_jwt *e)
{
    int64_t waiting;
    assert_true(hook_store_next(&db, hook, replica, e, &waiting, &err));
    return waiting;
}

static void the_eldest_comes_first_until_it_is_taken(void **state)
{
    (void)state;
    struct event_jwt e;
    event("3", "a", "none");
    event("5", "b", "silence");
    event("7", "a", "silence");
    assert_int_equal(next("soc", "r", &e), 3);
    assert_int_equal(e.number, 3);
    assert_int_equal(e.previous, 0);
    assert_string_equal(e.reason, "");
    assert_true(hook_store_done(&db, "soc", "r", 3, &err));
    assert_true(hook_store_done(&db, "soc", "r", 5, &err));
    assert_int_equal(next("soc", "r", &e), 1);
    assert_int_equal(e.number, 7);
    assert_int_equal(e.previous, 3); /* of the same machine */
    assert_string_equal(e.machine, "a");
    assert_string_equal(e.reason, "silence");
    assert_string_equal(e.whose, "machine");
    assert_int_equal(e.span, 2);
    assert_int_equal(next("desk", "r", &e), 3); /* each webhook has its own */
    assert_int_equal(next("soc", "other", &e), 0);
    assert_int_equal(e.number, 0);
}

static void no_more_than_may_wait_do_and_what_is_lost_is_counted(void **state)
{
    (void)state;
    struct event_jwt e;
    ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO situs_event (number, machine, at, event, reason, span) SELECT i, 'a', "
        "1800000000, 'broken', 'silence', 2 FROM n");
    ask("INSERT INTO situs_hook (hook, replica, number) SELECT 'soc', 'r', number FROM "
        "situs_event");
    assert_int_equal(next("soc", "r", &e), 10000);
    assert_int_equal(e.number, 1);
    event("10001", "a", "silence");
    assert_int_equal(lost[0], 1);
    assert_int_equal(lost[1], 0);
    assert_int_equal(next("soc", "r", &e), 10000);
    assert_int_equal(e.number, 2);
    assert_int_equal(e.previous, 1); /* which tells the receiver */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_eldest_comes_first_until_it_is_taken, start, stop),
        cmocka_unit_test_setup_teardown(no_more_than_may_wait_do_and_what_is_lost_is_counted, start,
                                        stop),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
