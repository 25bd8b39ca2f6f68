/* provider/fleet: EKs and packages: a machine has one TPM, what left is revoked by the id that
 * verifiers compare, and a package moves from no machine but a retired one. */
#include "support/fleet_place.h"

#define REVOKED_EK "SELECT COUNT(*) FROM revocation WHERE kind = 'ek' AND id = "
#define EK_2_NAME "000b" EK_2

static bool swap(struct place *p, bool with_name)
{
    struct fleet_goods g = {.machine = "m1"};
    strcpy(g.ek, EK_2);
    if (with_name)
        strcpy(g.ek_name[g.n_ek_names++], EK_2_NAME);
    return fleet_add_goods(p->f, &p->act, &g, &p->err);
}

static void confirmed_in(struct place *p, char ek, uint32_t reset)
{
    struct fleet_machine m;
    bool confirmed;
    assert_true(report(p, ek, reset, 0, &confirmed, &m));
    assert_true(confirm_boot(p, reset, 0));
    assert_true(report(p, ek, reset, 0, &confirmed, &m));
    assert_true(confirmed);
}

/* The swapped TPM's key is no longer the machine's, whatever boot it reports, and a confirmation of
 * the machine is none of it. */
static void fleet_ends_the_old_tpm_with_a_new_one(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    confirmed_in(p, '7', 5);
    assert_true(swap(p, false));
    assert_int_equal(count(p, REVOKED_EK "'" EK_NAME "' AND reason = 'replaced'"), 1);
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.status, FLEET_PENDING);
    assert_string_equal(m.ek, EK_2);
    assert_false(m.boot_seen);
    assert_true(report(p, '8', 1, 0, &confirmed, &m));
    expect_refused(p, confirm_boot(p, 5, 0), SITUS_MISMATCH, "boot");
    confirmed_in(p, '8', 1);
    for (uint32_t boot = 5; boot < 10; boot += 4)
        expect_refused(p, report(p, '7', boot, 0, &confirmed, &m), SITUS_REVOKED, "ek");
    assert_true(report(p, '8', 1, 0, &confirmed, &m)); /* not knocked out by it */
    assert_true(confirmed);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM ek WHERE until IS NULL"), 1);
}

static void fleet_takes_no_tpm_back(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    ready(p);
    assert_true(swap(p, true));
    g.n_prids = 0;
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_REVOKED, "ek");
    g.machine = "m2";
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_DUPLICATE, "ek");
    assert_false(can(p, "UPDATE ek SET until = NULL"));
    assert_false(can(p, "DELETE FROM ek"));
    assert_false(can(p, "INSERT INTO ek (ek, machine, class, since) "
                        "VALUES ('" HASH "', 'm1', 'dtpm', 1)")); /* two in use */
}

static void fleet_ends_an_ek_by_command(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    confirmed_in(p, '7', 5);
    assert_true(fleet_end_ek(p->f, &p->act, "m1", true, "read out", &p->err));
    assert_int_equal(count(p, REVOKED_EK "'" EK_NAME "' AND reason = 'compromised'"), 1);
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.status, FLEET_PENDING);
    assert_string_equal(m.ek, "");
    expect_refused(p, report(p, '7', 5, 0, &confirmed, &m), SITUS_REVOKED, "ek");
    expect_refused(p, confirm_boot(p, 5, 0), SITUS_MISSING, "boot");
    expect_refused(p, fleet_end_ek(p->f, &p->act, "m1", false, "again", &p->err), SITUS_MISSING,
                   "ek");
    assert_true(confirm_piid(p, "m1", PIID));
}

/* Of an EK that came as a hash alone, the Name is that which the registrar saw. Nobody certified a
 * key of one that it never saw. */
static void fleet_revokes_the_name_that_the_registrar_saw(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    bool confirmed;
    ready(p);
    assert_true(swap(p, false));
    assert_true(report(p, '8', 1, 0, &confirmed, &m));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    assert_int_equal(count(p, REVOKED_EK "'" EK_2_NAME "' AND reason = 'lost'"), 1);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation WHERE kind = 'ek'"), 2);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation WHERE kind = 'ek' "
                              "AND length(id) NOT IN (68, 100)"),
                     0);
}

static void fleet_revokes_every_name_that_a_key_can_have(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    memset(g.ek_name[g.n_ek_names++], '9', 100);
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err)); /* once more says no more */
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_RETIRED, "old", &p->err));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation WHERE kind = 'ek'"), 2);
    g.machine = "m2";
    g.ek[0] = '9';
    g.n_prids = 0;
    strcpy(g.ek_name[0], "000b");
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_MALFORMED, "ek_name");
}

static void fleet_moves_a_package_from_a_retired_machine_alone(void **state)
{
    static const enum fleet_status ends[] = {FLEET_RETIRED, FLEET_SOLD, FLEET_LOST};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct fleet_goods g = {.machine = "m2", .site = "ams1", .n_prids = 1};
        assert_int_equal(setup(state), 0);
        struct place *p = *state;
        strcpy(g.prid[0], PRID);
        ready(p);
        expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_DUPLICATE, "prid");
        assert_true(fleet_end(p->f, &p->act, "m1", ends[i], "gone", &p->err));
        if (ends[i] == FLEET_RETIRED) {
            assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
            assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE machine = 'm1' "
                                      "AND action = 'move' AND detail LIKE '%to m2'"),
                             1);
        } else {
            expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_REVOKED, "prid");
        }
        assert_int_equal(count(p, "SELECT COUNT(*) FROM prid WHERE machine = 'm2'"),
                         ends[i] == FLEET_RETIRED);
        teardown(state);
    }
}

/* What is in the store room may be stolen from there. */
static void fleet_loses_what_was_retired(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = {.machine = "m2", .site = "ams1", .n_prids = 1};
    strcpy(g.prid[0], PRID);
    ready(p);
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_RETIRED, "old", &p->err));
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_RETIRED, "old", &p->err), SITUS_REVOKED,
                   "status");
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_SOLD, "sold", &p->err), SITUS_REVOKED,
                   "status");
    expect_refused(p, fleet_add_goods(p->f, &p->act, &g, &p->err), SITUS_REVOKED, "prid");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_ends_the_old_tpm_with_a_new_one),
        TEST(fleet_takes_no_tpm_back),
        TEST(fleet_ends_an_ek_by_command),
        TEST(fleet_revokes_the_name_that_the_registrar_saw),
        TEST(fleet_revokes_every_name_that_a_key_can_have),
        cmocka_unit_test(fleet_moves_a_package_from_a_retired_machine_alone),
        TEST(fleet_loses_what_was_retired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
