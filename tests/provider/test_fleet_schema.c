/* provider/fleet: the inventory of an older situs is brought up to date whole or not at all, one of
 * a newer situs is left alone. */
#include "support/fleet_place.h"

#define VERSIONS 8

static int64_t newest(void)
{
    int64_t n = 0;
    while (fleet_migrations[n])
        n++;
    assert_true(n < VERSIONS);
    return n;
}

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* older makes the inventory of an older situs in the place of the test's: a machine that could have
 * two EKs in use, the second the newer. */
static void older(struct place *p, int64_t version)
{
    sqlite3 *db = NULL;
    char sql[100];
    fleet_close(p->f);
    p->f = NULL;
    store_remove(p->path);
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_true(run(db, "PRAGMA application_id = 0x53495455"));
    for (int64_t i = 0; i < version; i++) {
        assert_true(run(db, fleet_migrations[i]));
        snprintf(sql, sizeof sql, "INSERT INTO migration VALUES (%d, 1)", (int)i + 1);
        assert_true(run(db, sql));
    }
    assert_true(run(db,
                    "INSERT INTO site VALUES ('ams1');"
                    "INSERT INTO machine (name, site, status) VALUES ('m1', 'ams1', 'enrolled');"
                    "INSERT INTO ek (ek, machine, class, since) VALUES "
                    "('" EK "', 'm1', 'dtpm', 1800000000);"));
    if (version < 3)
        assert_true(run(db, "INSERT INTO ek (ek, machine, class, since) VALUES "
                            "('" EK_2 "', 'm1', 'dtpm', 1800000005);"));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void fleet_of_an_older_schema_is_upgraded(void **state)
{
    for (int64_t version = 1; version < newest(); version++) {
        struct fleet_machine m;
        bool confirmed;
        assert_int_equal(setup(state), 0);
        struct place *p = *state;
        older(p, version);
        p->f = fleet_open(p->path, true, &p->err);
        expect_refused(p, p->f != NULL, SITUS_UNSUPPORTED, "schema");
        if (!fleet_upgrade(p->path, &p->act, &p->err))
            fail_msg("version %d: %s %s", (int)version, p->err.field, p->err.got);
        assert_false(fleet_upgrade(p->path, &p->act, &p->err));
        assert_int_equal(p->err.code, SITUS_NONE);
        p->f = fleet_open(p->path, true, &p->err);
        assert_non_null(p->f);
        assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'upgrade'"), 1);
        assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
        assert_string_equal(m.ek, version < 3 ? EK_2 : EK);
        if (version < 3)
            expect_refused(p, report(p, '7', 1, 0, &confirmed, &m), SITUS_REVOKED, "ek");
        teardown(state);
    }
}

/* A full disk, or whatever else ends it in the middle, leaves the old inventory. */
static void fleet_is_upgraded_whole_or_not_at_all(void **state)
{
    struct place *p = *state;
    older(p, 2);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_true(run(db, "CREATE INDEX history_at ON history (at)")); /* in migration 3's way */
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    expect_refused(p, fleet_upgrade(p->path, &p->act, &p->err), SITUS_INTERNAL, "database");
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_false(run(db, "SELECT * FROM ek_name"));
    assert_true(run(db, "INSERT INTO migration VALUES (3, 1)")); /* which is free */
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void fleet_of_a_newer_schema_is_refused(void **state)
{
    struct place *p = *state;
    assert_true(can(p, "INSERT INTO migration VALUES (99, 1)"));
    struct fleet *f = fleet_open(p->path, true, &p->err);
    assert_null(f);
    expect_refused(p, false, SITUS_UNSUPPORTED, "schema");
    assert_false(fleet_upgrade(p->path, &p->act, &p->err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fleet_of_an_older_schema_is_upgraded),
        TEST(fleet_is_upgraded_whole_or_not_at_all),
        TEST(fleet_of_a_newer_schema_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
