/*
 * Four writers at once, each by the system's clock: no honest change is refused, none that was
 * answered is lost, and the history's dates never run backwards. SITUS_WRITERS is the number of
 * seconds.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "provider/fleet/fleet_lists.h"
#include "provider/fleet/store.h"

#define WRITERS 4

static char directory[] = "/tmp/situs-writers.XXXXXX", path[64];

/* turn is one machine's life: four changes. */
static bool turn(struct fleet *f, unsigned writer, unsigned n, struct situs_err *err)
{
    const struct fleet_act act = {.by = "ada"};
    struct fleet_snapshot taken;
    char machine[32];
    snprintf(machine, sizeof machine, "w%u-m%u", writer, n);
    struct fleet_goods g = {.machine = machine, .site = "ams1", .n_prids = 1};
    snprintf(g.prid[0], sizeof g.prid[0], "%016x%016x", writer + 1, n + 1);
    if (!fleet_add_goods(f, &act, &g, err) || !fleet_maintain(f, &act, machine, err) ||
        !fleet_end(f, &act, machine, FLEET_LOST, "stolen", err) ||
        !fleet_snapshot_begin(f, &act, "revocation", NULL, &taken, err))
        return false;
    fleet_snapshot_end(f);
    return true;
}

/* writer says how many changes were answered; a refusal ends it. */
static _Noreturn void writer(unsigned w, time_t until, int fd)
{
    struct situs_err err = {0};
    struct fleet *f = fleet_open(path, true, &err);
    unsigned n = 0;
    bool ok = f != NULL;
    while (ok && time(NULL) < until)
        if ((ok = turn(f, w, n, &err)))
            n++;
    if (!ok)
        fprintf(stderr, "writer %u: %s: expected %s, got %s (%s)\n", w, err.field, err.expected,
                err.got, err.hint);
    fleet_close(f);
    unsigned done = 4 * n;
    _exit(write(fd, &done, sizeof done) == (ssize_t)sizeof done && ok ? 0 : 1);
}

static int64_t number(struct fleet *f, const char *sql)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(f->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void fleet_refuses_none_of_four_writers(void **state)
{
    const struct fleet_act act = {.by = "ada"};
    const char *seconds = getenv("SITUS_WRITERS");
    struct situs_err err = {0};
    unsigned done = 0, sum = 0;
    int ends[2], status;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/fleet.db", directory);
    assert_true(fleet_create(path, &act, NULL, &err));
    assert_int_equal(pipe(ends), 0);
    time_t until = time(NULL) + (seconds ? atoi(seconds) : 3);
    for (unsigned w = 0; w < WRITERS; w++)
        if (fork() == 0)
            writer(w, until, ends[1]);
    for (unsigned w = 0; w < WRITERS; w++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_int_equal(read(ends[0], &done, sizeof done), sizeof done);
        sum += done;
    }
    struct fleet *f = fleet_open(path, true, &err);
    assert_non_null(f);
    print_message("%u changes\n", sum);
    /* a snapshot whose moment another writer took is numbered once more */
    assert_true(number(f, "SELECT COUNT(*) FROM history WHERE action <> 'init'") >= sum);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM history WHERE action IN "
                               "('add', 'maintain', 'lost')"),
                     sum / 4 * 3);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM history a JOIN history b "
                               "ON b.number = a.number + 1 WHERE b.at < a.at"),
                     0);
    fleet_close(f);
    store_remove(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fleet_refuses_none_of_four_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
