/* provider/fleet: dates. A change ahead of the clock is meant or refused; one wrong date keeps
 * nobody from reporting a theft; the time is read when nobody else writes. */
#include "support/fleet_place.h"

static struct fleet *held;
static unsigned asked;

/* A clock that is right, and says whether it is read under the lock. */
static int64_t locked_clock(void)
{
    asked += held && sqlite3_get_autocommit(held->db) == 0;
    return AT + asked;
}

static void fleet_refuses_a_date_ahead_of_the_clock(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_snapshot taken;
    ready(p);
    place_now = AT + DAY;
    p->act.at = AT + DAY + 1;
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    expect_refused(p, fleet_maintain(p->f, &p->act, "m1", &p->err), SITUS_NOT_YET_VALID, "clock");
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err),
                   SITUS_NOT_YET_VALID, "clock");
    expect_refused(p, fleet_snapshot_begin(p->f, &p->act, "revocation", NULL, &taken, &p->err),
                   SITUS_NOT_YET_VALID, "clock");
    p->act.allow_future = AT + DAY + 2; /* another date is not this one */
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    p->act.allow_future = p->act.at;
    assert_true(endorse(p, &poe));
    assert_int_equal(count(p, "SELECT MAX(at) FROM history"), AT + DAY + 1);
}

static void fleet_refuses_a_clock_that_ran_backwards(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    ready(p);
    p->act.at = AT - 1;
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    place_now = AT - 1;
    p->act.at = 0;
    expect_refused(p, confirm_piid(p, "m1", PIID), SITUS_NOT_YET_VALID, "clock");
    p->act.at = 1;
    expect_refused(p, confirm_piid(p, "m1", PIID), SITUS_NOT_YET_VALID, "clock");
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err),
                   SITUS_NOT_YET_VALID, "clock");
    place_now = 1; /* a clock that lost its battery: who says the time twice may report */
    p->act.at = 0;
    expect_refused(p, fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err),
                   SITUS_NOT_YET_VALID, "clock");
    p->act.at = p->act.allow_future = AT + 1;
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
}

/* Who gives no date means now, and the record of what was seen says so. */
static void fleet_says_when_a_machine_was_seen(void **state)
{
    struct place *p = *state;
    struct fleet_machine m;
    ready(p);
    place_now = AT + 7;
    p->act.at = 0;
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.confirmed_at, AT + 7);
}

/* Somebody dates one change a hundred years ahead, and means it. */
static void fleet_reports_a_theft_after_a_wrong_date(void **state)
{
    const int64_t wrong = AT + 36500 * DAY;
    struct place *p = *state;
    struct fleet_goods g = {.machine = "m9", .site = "ams1"};
    struct fleet_machine m;
    struct fleet_snapshot taken;
    struct fleet_poe poe;
    bool confirmed;
    ready(p);
    p->act.at = p->act.allow_future = wrong;
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    place_now = AT + 5;
    p->act.at = p->act.allow_future = 0;
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    expect_refused(p, fleet_snapshot_begin(p->f, &p->act, "list", FLEET_ALL, &taken, &p->err),
                   SITUS_NOT_YET_VALID, "clock");
    p->act.allow_future = wrong - 1;
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    p->act.allow_future = wrong; /* named, it stands in nobody's way */
    assert_true(endorse(p, &poe));
    expect_hex(span_of(poe.bytes, poe.n), PIID);
    p->act.allow_future = 0; /* and once is enough */
    assert_true(endorse(p, &poe));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'clock'"), 1);
    assert_int_equal(count(p, "SELECT MAX(at) FROM history"), wrong); /* it stays on record */
    place_now = AT + 4; /* what was done since counts */
    expect_refused(p, endorse(p, &poe), SITUS_NOT_YET_VALID, "clock");
    place_now = AT + 5;
    assert_true(report(p, '7', 5, 0, &confirmed, &m));
    assert_true(fleet_end_ek(p->f, &p->act, "m1", false, "taken out", &p->err));
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    assert_true(fleet_snapshot_begin(p->f, &p->act, "revocation", NULL, &taken, &p->err));
    fleet_snapshot_end(p->f);
    assert_int_equal(taken.at, AT + 5);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM revocation WHERE at = 1800000005"), 5);
}

static void fleet_reads_the_clock_when_nobody_else_writes(void **state)
{
    struct place *p = *state;
    struct fleet_goods g = {.machine = "m1", .site = "ams1"};
    struct fleet_platform claim = platform();
    held = p->f;
    asked = 0;
    p->act.at = 0;
    p->act.clock = locked_clock;
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    assert_int_equal(asked, 5);
    assert_int_equal(count(p, "SELECT MAX(at) FROM history"), AT + 5);
    held = NULL;
}

/* The window of an endorsement begins when it is signed, so that it is fresh word. */
static void fleet_endorses_from_the_moment_of_signing_on(void **state)
{
    struct place *p = *state;
    struct fleet_wish wish = {.machine = "m1", .owner = "example.com", .life = DAY};
    struct fleet_poe poe;
    unsigned n = 0;
    ready(p);
    place_now = AT + 77;
    p->act.at = 0;
    assert_true(fleet_endorse(p->f, &p->act, &wish, sign, &n, &poe, &p->err));
    assert_int_equal(wish.not_before, AT + 77);
    assert_int_equal(wish.not_after, AT + 77 + DAY);
    wish.life = 0;
    expect_refused(p, fleet_endorse(p->f, &p->act, &wish, sign, &n, &poe, &p->err), SITUS_MALFORMED,
                   "window");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_refuses_a_date_ahead_of_the_clock),
        TEST(fleet_refuses_a_clock_that_ran_backwards),
        TEST(fleet_says_when_a_machine_was_seen),
        TEST(fleet_reports_a_theft_after_a_wrong_date),
        TEST(fleet_reads_the_clock_when_nobody_else_writes),
        TEST(fleet_endorses_from_the_moment_of_signing_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
