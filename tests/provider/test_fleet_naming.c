/* provider/fleet: in whose name is signed. It is said once; another name is meant or a mistake. */
#include "support/fleet_place.h"

static bool set(struct place *p, const char *owner, const char *issuer, const char *site,
                const char *machine)
{
    const struct fleet_names n = {owner, issuer, site, machine};
    return fleet_set(p->f, &p->act, &n, &p->err);
}

/* Signs, and keeps in whose name. */
static bool sign_names(void *signer, struct span piid, struct fleet_wish *wish,
                       struct fleet_poe *poe, struct situs_err *err)
{
    static unsigned n;
    snprintf(signer, 160, "%s by %s", wish->owner, wish->issuer);
    return sign(&n, piid, wish, poe, err);
}

static const char *signs(struct place *p, const char *owner, const char *issuer, bool other)
{
    static char names[160];
    struct fleet_wish wish = {
        .machine = "m1", .owner = owner, .issuer = issuer, .other_owner = other, .life = DAY};
    struct fleet_poe poe;
    names[0] = 0;
    return fleet_endorse(p->f, &p->act, &wish, sign_names, names, &poe, &p->err) ? names : NULL;
}

static void fleet_signs_in_the_name_that_was_set(void **state)
{
    struct place *p = *state;
    ready(p);
    assert_string_equal(signs(p, NULL, NULL, false), "example.com by example");
    assert_string_equal(signs(p, "example.com", "example", false), "example.com by example");
    expect_refused(p, signs(p, "example.con", NULL, false), SITUS_MISMATCH, "owner");
    expect_refused(p, signs(p, NULL, "exemple", false), SITUS_MISMATCH, "issuer");
    assert_string_equal(signs(p, "example.org", "other", true), "example.org by other");
    expect_refused(p, signs(p, "", NULL, true), SITUS_MALFORMED, "owner");
    assert_int_equal(count(p, "SELECT COUNT(*) FROM poe"), 3);
}

static void fleet_asks_the_nearest_owner(void **state)
{
    struct place *p = *state;
    ready(p);
    assert_true(set(p, "hall.example", NULL, "ams1", NULL));
    assert_string_equal(signs(p, NULL, NULL, false), "hall.example by example");
    assert_true(set(p, "rack.example", NULL, NULL, "m1"));
    assert_string_equal(signs(p, NULL, NULL, false), "rack.example by example");
    expect_refused(p, signs(p, "hall.example", NULL, false), SITUS_MISMATCH, "owner");
    expect_refused(p, set(p, "x", NULL, "fra2", NULL), SITUS_UNKNOWN, "site");
    expect_refused(p, set(p, "x", NULL, "all", NULL), SITUS_NOT_ALLOWED, "site");
    expect_refused(p, set(p, "x", NULL, NULL, "m9"), SITUS_UNKNOWN, "machine");
    expect_refused(p, set(p, "x", NULL, "ams1", "m1"), SITUS_MALFORMED, "site");
    expect_refused(p, set(p, NULL, "x", "ams1", NULL), SITUS_MALFORMED, "site");
    expect_refused(p, set(p, NULL, NULL, NULL, "m1"), SITUS_MISSING, "owner");
    expect_refused(p, set(p, " x", NULL, NULL, NULL), SITUS_MALFORMED, "owner");
    expect_refused(p, set(p, NULL, "x\"", NULL, NULL), SITUS_MALFORMED, "issuer");
    assert_true(set(p, "rack.example", NULL, NULL, "m1"));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE action = 'set' "
                              "AND machine = 'm1' AND detail = 'owner rack.example'"),
                     2);
}

/* An inventory of an older situs, or a new one, in which nobody has said it. */
static void fleet_signs_nothing_before_it_was_set(void **state)
{
    struct place *p = *state;
    char name[FLEET_NAME + 1];
    int64_t n;
    const struct fleet_listed listed = {.owner = "example.com"}, any = {.owner = NULL};
    ready(p);
    assert_true(can(p, "DELETE FROM naming WHERE what = 'owner'"));
    for (int other = 0; other < 2; other++) {
        expect_refused(p, signs(p, "example.com", NULL, other), SITUS_MISSING, "owner");
        expect_refused(p, fleet_owner(p->f, NULL, "example.com", other, name, &p->err),
                       SITUS_MISSING, "owner");
    }
    assert_true(fleet_ids_count(p->f, &listed, &n, &p->err));
    assert_int_equal(n, 0);
    assert_true(fleet_ids_count(p->f, &any, &n, &p->err));
    assert_int_equal(n, 0);
    assert_true(set(p, "example.com", NULL, NULL, NULL));
    assert_true(can(p, "DELETE FROM naming WHERE what = 'issuer'"));
    for (int other = 0; other < 2; other++) {
        expect_refused(p, signs(p, NULL, "example", other), SITUS_MISSING, "issuer");
        expect_refused(p, fleet_issuer(p->f, "example", other, name, &p->err), SITUS_MISSING,
                       "issuer");
    }
}

/* A list has one owner: a machine of another is not on it. */
static void desk_lists_the_machines_of_one_owner(void **state)
{
    struct place *p = *state;
    char name[FLEET_NAME + 1];
    const struct fleet_listed ours = {.owner = "example.com"}, theirs = {.owner = "rack.example"},
                              all = {.owner = NULL};
    int64_t n;
    ready(p);
    assert_true(fleet_ids_count(p->f, &ours, &n, &p->err));
    assert_int_equal(n, 1);
    assert_true(set(p, "rack.example", NULL, NULL, "m1"));
    assert_true(fleet_ids_count(p->f, &ours, &n, &p->err));
    assert_int_equal(n, 0);
    assert_true(fleet_ids_count(p->f, &theirs, &n, &p->err));
    assert_int_equal(n, 1);
    assert_true(fleet_ids_count(p->f, &all, &n, &p->err));
    assert_int_equal(n, 1);
    assert_true(fleet_owner(p->f, "ams1", NULL, false, name, &p->err));
    assert_string_equal(name, "example.com"); /* what is one machine's is not the list's */
    expect_refused(p, fleet_owner(p->f, "ams1", "rack.example", false, name, &p->err),
                   SITUS_MISMATCH, "owner");
    assert_true(set(p, "hall.example", NULL, "ams1", NULL));
    assert_true(fleet_owner(p->f, "ams1", NULL, false, name, &p->err));
    assert_string_equal(name, "hall.example");
    assert_true(fleet_owner(p->f, NULL, NULL, false, name, &p->err));
    assert_string_equal(name, "example.com");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_signs_in_the_name_that_was_set),
        TEST(fleet_asks_the_nearest_owner),
        TEST(fleet_signs_nothing_before_it_was_set),
        TEST(desk_lists_the_machines_of_one_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
