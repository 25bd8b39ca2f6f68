/* provider/fleet: what a supplier signed about a machine counts for that machine, and only the
 * newest. */
#include "support/fleet_place.h"

/* What the supplier signed: both packages, and the PIID. */
static struct fleet_composition composition(int64_t number)
{
    struct fleet_composition c = {.machine = "m1",
                                  .site = "ams1",
                                  .supplier = "Supplier",
                                  .number = number,
                                  .issued = AT - DAY,
                                  .n_prids = 2,
                                  .bytes = SPAN_LIT("signed")};
    strcpy(c.serial, "SN-42");
    strcpy(c.prid[0], PRID);
    strcpy(c.prid[1], PRID_2);
    strcpy(c.piid, PIID);
    memset(c.sha256, '0' + (int)number, 64);
    return c;
}

static bool compose(struct place *p, const struct fleet_composition *c)
{
    return fleet_add_composition(p->f, &p->act, c, &p->err);
}

/* The machine's own words, without Intel's receipt or anybody's. */
static bool state_bare(struct place *p)
{
    struct fleet_platform claim = platform();
    claim.receipt[0] = 0;
    return fleet_add_platform(p->f, &p->act, &claim, &p->err) && confirm_piid(p, "m1", PIID);
}

static void fleet_endorses_what_the_supplier_signed(void **state)
{
    struct place *p = *state;
    struct fleet_composition c = composition(1);
    struct fleet_machine m;
    struct fleet_poe poe;
    assert_true(compose(p, &c) && state_bare(p));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_string_equal(m.composed_by, "Supplier");
    assert_true(m.composed);
    assert_true(endorse(p, &poe));
    assert_int_equal(count(p,
                           "SELECT COUNT(*) FROM history WHERE action = 'composition' AND detail "
                           "LIKE 'authenticated by composition manifest of Supplier; serial "
                           "SN-42; number 1 %2 packages%'"),
                     1);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM composition WHERE bytes = '7369676e6564'"), 1);
    assert_false(can(p, "DELETE FROM composition_prid"));
    assert_false(can(p, "UPDATE composition_prid SET prid = '" PRID "'"));
    assert_false(can(p, "DELETE FROM composition"));
    assert_false(can(p, "UPDATE composition SET supplier = 'eve'"));
}

/* Without the PIID, or without one package of it, anybody could have written the Platform
 * Manifest. */
static void fleet_composition_authenticates_only_what_it_names(void **state)
{
    struct place *p = *state;
    struct fleet_composition c = composition(1);
    struct fleet_platform claim = platform();
    struct fleet_poe poe;
    c.piid[0] = 0;
    assert_true(compose(p, &c) && state_bare(p));
    expect_refused(p, endorse(p, &poe), SITUS_UNTRUSTED, "receipt");
    c = composition(2);
    strcpy(c.piid, PIID_2);
    assert_true(compose(p, &c));
    expect_refused(p, endorse(p, &poe), SITUS_UNTRUSTED, "receipt");
    c = composition(3);
    c.n_prids = 1; /* and the other package has left */
    assert_true(compose(p, &c));
    expect_refused(p, endorse(p, &poe), SITUS_UNTRUSTED, "receipt");
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err)); /* with its receipt */
    expect_refused(p, endorse(p, &poe), SITUS_NOT_ALLOWED, "prid");
    c = composition(4);
    assert_true(compose(p, &c));
    assert_true(endorse(p, &poe));
}

static void fleet_composition_takes_no_word_of_an_operator_away(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = goods();
    struct fleet_composition c = composition(1);
    struct fleet_poe poe;
    g.vouched_by = "grace";
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(compose(p, &c));
    c = composition(2);
    c.n_prids = 1;
    assert_true(compose(p, &c));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM prid WHERE source = 'vouched'"), 2);
    struct fleet_platform claim = platform();
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err) && confirm_piid(p, "m1", PIID) &&
                endorse(p, &poe));
}

static void fleet_composition_is_refused(void **state)
{
    struct place *p = *state;
    struct fleet_composition c = composition(2), other = composition(2);
    assert_true(compose(p, &c));
    memset(other.sha256, 'f', 64);
    expect_refused(p, compose(p, &other), SITUS_DUPLICATE, "number");
    other.number = 1;
    expect_refused(p, compose(p, &other), SITUS_OUT_OF_DATE, "number");
    other = composition(3);
    other.machine = "m2";
    expect_refused(p, compose(p, &other), SITUS_DUPLICATE, "serial");
    strcpy(other.serial, "SN-43");
    expect_refused(p, compose(p, &other), SITUS_DUPLICATE, "prid");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM machine"), 1); /* nothing of it stays */
    other = composition(3);
    strcpy(other.serial, "SN-43");
    expect_refused(p, compose(p, &other), SITUS_MISMATCH, "serial");
    other = composition(3);
    other.n_prids = 0;
    expect_refused(p, compose(p, &other), SITUS_MISSING, "prid");
    other = composition(3);
    strcpy(other.prid[1], "00000000000000000000000000000000");
    expect_refused(p, compose(p, &other), SITUS_MALFORMED, "prid");
    other = composition(3);
    strcpy(other.serial, "SN\n43");
    expect_refused(p, compose(p, &other), SITUS_MALFORMED, "serial");
    other = composition(3);
    other.site = "fra2";
    expect_refused(p, compose(p, &other), SITUS_MISMATCH, "site");
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "gone", &p->err));
    other = composition(3);
    expect_refused(p, compose(p, &other), SITUS_REVOKED, "status");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM composition"), 1);
}

/* An inventory of migration 1 is brought up to date by init, with its machines, once. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_endorses_what_the_supplier_signed),
        TEST(fleet_composition_authenticates_only_what_it_names),
        TEST(fleet_composition_takes_no_word_of_an_operator_away),
        TEST(fleet_composition_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
