/*
 * A writer is killed (SIGKILL) at any moment, again and again: the inventory opens, its history has
 * no gap, every endorsement has its row of history, every one that was given out is on record, and
 * a machine that left is revoked whole.
 */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "provider/fleet/fleet.h"
#include "provider/fleet/store.h"

#define AT INT64_C(1800000000)
#define ROUNDS 200
#define LONGEST_US 60000 /* after the writer has opened the inventory */

static char directory[] = "/tmp/situs-crash.XXXXXX", path[64];

/* An identifier that no two machines and steps share. */
static void name_id(char *hex, size_t digits, const char *what, unsigned machine)
{
    char text[64];
    uint8_t hash[32];
    snprintf(text, sizeof text, "%s %u", what, machine);
    assert_true(digest(HASH_SHA256, span_text(text), hash));
    text_hex(hex, digits + 1, span_of(hash, digits / 2));
}

static bool sign(void *signer, struct span piid, struct fleet_wish *wish, struct fleet_poe *poe,
                 struct situs_err *err)
{
    (void)wish, (void)err;
    memcpy(poe->bytes, piid.p, piid.n);
    poe->n = piid.n;
    name_id(poe->id, 32, "poe", *(unsigned *)signer);
    return true;
}

/* live takes one machine through its life, and says on out what was given out. */
static bool live(struct fleet *f, unsigned n, FILE *out)
{
    struct fleet_act act = {.by = "ada", .at = AT + n, .allow_future = AT + n};
    struct situs_err err = {0};
    char machine[32];
    snprintf(machine, sizeof machine, "m%u", n);
    struct fleet_goods g = {.machine = machine, .site = "ams1", .n_prids = 1};
    struct fleet_platform p = {.machine = machine, .n_prids = 1};
    struct fleet_wish wish = {.machine = machine, .owner = "example.com", .life = 86400};
    struct fleet_poe poe;
    name_id(g.prid[0], 32, "prid", n);
    name_id(g.ek, 64, "ek", n);
    snprintf(g.ek_name[g.n_ek_names++], sizeof(fleet_name), "000b%s", g.ek);
    name_id(p.piid, 32, "piid", n);
    name_id(p.ppid, 32, "ppid", n);
    name_id(p.manifest, 64, "manifest", n);
    name_id(p.pck, 64, "pck", n);
    memcpy(p.prid[0], g.prid[0], 33);
    memcpy(p.receipt, p.ppid, 33);
    const struct fleet_sight seen = {.piid = p.piid};
    if (!fleet_add_goods(f, &act, &g, &err) || !fleet_add_platform(f, &act, &p, &err) ||
        !fleet_confirm(f, &act, machine, &seen, &err) ||
        !fleet_endorse(f, &act, &wish, sign, &n, &poe, &err))
        return false;
    fprintf(out, "endorsed %s\n", poe.id);
    fflush(out);
    if (n % 2 == 0 && !fleet_end(f, &act, machine, FLEET_LOST, "stolen", &err))
        return false;
    if (n % 2 == 0)
        fprintf(out, "lost %s\n", machine);
    fflush(out);
    return true;
}

/* writer starts with a machine that nobody has seen yet and goes on until it is killed. */
static _Noreturn void writer(unsigned first, int fd)
{
    struct situs_err err = {0};
    FILE *out = fdopen(fd, "w");
    struct fleet *f = fleet_open(path, true, &err);
    if (f && out)
        fputc('>', out);
    if (f && out)
        fflush(out);
    for (unsigned n = first; f && out && live(f, n, out); n++)
        ;
    fprintf(stderr, "writer: %s %s %s\n", err.field, err.got, err.hint);
    _exit(1);
}

static int64_t number(struct fleet *f, const char *sql)
{
    struct situs_err err = {0};
    sqlite3_stmt *s = NULL;
    (void)err;
    assert_int_equal(sqlite3_prepare_v2(f->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

/* given checks what the writer had said before it was killed. */
static void given(struct fleet *f, FILE *in)
{
    char word[16], id[129], sql[400];
    while (fscanf(in, "%15s %128s", word, id) == 2) {
        bool poe = strcmp(word, "endorsed") == 0;
        snprintf(sql, sizeof sql,
                 poe ? "SELECT COUNT(*) FROM poe JOIN history ON number = history WHERE id = '%s'"
                     : "SELECT COUNT(*) FROM machine m JOIN history h ON h.machine = m.name "
                       "AND h.action = 'lost' WHERE m.status = 'lost' AND m.name = '%s'",
                 id);
        assert_int_equal(number(f, sql), 1);
    }
}

static void whole(struct fleet *f)
{
    assert_int_equal(number(f, "SELECT COUNT(*) FROM pragma_integrity_check "
                               "WHERE integrity_check <> 'ok'"),
                     0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(number(f, "SELECT MAX(number) - COUNT(*) FROM history"), 0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM poe LEFT JOIN history h ON h.number = history "
                               "AND h.action = 'endorse' AND h.detail LIKE 'POE ' || id || ';%' "
                               "WHERE h.number IS NULL"),
                     0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM history WHERE action = 'endorse'") -
                         number(f, "SELECT COUNT(*) FROM poe"),
                     0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM machine") -
                         number(f, "SELECT COUNT(*) FROM history WHERE action = 'add'"),
                     0);
    /* PIID, PPID, POE and EK of a machine that left, each with the row that says so. */
    assert_int_equal(number(f,
                            "SELECT COUNT(*) FROM revocation JOIN history h ON h.number = history "
                            "AND h.action = 'lost'") -
                         4 * number(f, "SELECT COUNT(*) FROM machine WHERE status = 'lost'"),
                     0);
}

static void fleet_survives_a_writer_that_is_killed(void **state)
{
    (void)state;
    struct fleet_act act = {.by = "ada", .at = AT, .allow_future = AT};
    struct situs_err err = {0};
    unsigned seed = (unsigned)time(NULL), first = 0;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/fleet.db", directory);
    const struct fleet_names names = {.owner = "example.com", .issuer = "example"};
    assert_true(fleet_create(path, &act, NULL, &err));
    struct fleet *made = fleet_open(path, true, &err);
    assert_true(made && fleet_set(made, &act, &names, &err));
    fleet_close(made);
    print_message("seed %u\n", seed);
    srand(seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0)
            writer(first, ends[1]);
        close(ends[1]);
        char begun;
        assert_int_equal(read(ends[0], &begun, 1), 1);
        usleep((useconds_t)(rand() % LONGEST_US));
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        FILE *in = fdopen(ends[0], "r");
        struct fleet *f = fleet_open(path, true, &err);
        assert_non_null(f);
        given(f, in);
        whole(f);
        first = (unsigned)number(f, "SELECT COALESCE(MAX(CAST(substr(name, 2) AS INTEGER)) + 1, 0) "
                                    "FROM machine");
        fclose(in);
        fleet_close(f);
    }
    print_message("%u machines\n", first);
    assert_true(first > 0);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fleet_survives_a_writer_that_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
