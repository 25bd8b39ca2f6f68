/* provider/fleet: many changes in one transaction, whole or not at all; what is signed before it is
 * recorded; machines that move. */
#include "support/fleet_place.h"

#include <signal.h>
#include <sys/wait.h>

static bool add(struct place *p, const char *machine)
{
    struct fleet_goods g = {.machine = machine, .site = "ams1"};
    return fleet_add_goods(p->f, &p->act, &g, &p->err);
}

static void fleet_keeps_all_of_many_changes_or_none(void **state)
{
    struct place *p = *state;
    p->act.at = 0; /* now, the same for all */
    place_now = AT + 5;
    assert_true(fleet_hold(p->f, &p->act, &p->err));
    assert_true(add(p, "m1"));
    place_now = AT + 6;
    assert_true(add(p, "m2"));
    assert_true(fleet_release(p->f, true, &p->err));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM history WHERE at = 1800000005"), 2);
    assert_true(fleet_hold(p->f, &p->act, &p->err));
    assert_true(add(p, "m3"));
    expect_refused(p, fleet_move(p->f, &p->act, "m9", "fra2", &p->err), SITUS_UNKNOWN, "machine");
    assert_false(fleet_release(p->f, false, &p->err));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM machine"), 2);
    assert_true(add(p, "m3")); /* the inventory is as before, and free */
    assert_true(fleet_check(p->f, &p->err));
}

static void fleet_forgets_many_changes_of_a_writer_that_is_killed(void **state)
{
    struct place *p = *state;
    int64_t before = count(p, "SELECT MAX(number) FROM history");
    int status;
    fleet_close(p->f);
    pid_t child = fork();
    if (child == 0) {
        p->f = fleet_open(p->path, true, &p->err);
        char name[16];
        bool ok = p->f && fleet_hold(p->f, &p->act, &p->err);
        for (int i = 0; ok && i < 2000; i++) {
            snprintf(name, sizeof name, "m%d", i);
            ok = add(p, name);
        }
        if (ok)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    p->f = fleet_open(p->path, true, &p->err);
    assert_non_null(p->f);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM machine"), 0);
    assert_int_equal(count(p, "SELECT MAX(number) FROM history"), before);
    assert_true(fleet_check(p->f, &p->err));
    assert_true(add(p, "m1"));
}

/* A signer whose endorsements are called by what they say, as the real ones are. */
static bool sign_by_content(void *signer, struct span piid, struct fleet_wish *wish,
                            struct fleet_poe *poe, struct situs_err *err)
{
    (void)err;
    ++*(unsigned *)signer;
    memcpy(poe->bytes, piid.p, piid.n);
    poe->n = piid.n;
    snprintf(poe->id, sizeof poe->id, "%02x%lld%lld", piid.p[0], (long long)wish->not_before,
             (long long)wish->not_after);
    return true;
}

static void fleet_endorses_twice_in_one_second(void **state)
{
    struct place *p = *state;
    struct fleet_wish wish = {.machine = "m1", .life = DAY};
    struct fleet_poe poe;
    unsigned n = 0;
    ready(p);
    for (int64_t i = 0; i < 3; i++) {
        wish.owner = NULL;
        assert_true(fleet_endorse(p->f, &p->act, &wish, sign_by_content, &n, &poe, &p->err));
        assert_int_equal(wish.not_before, AT);
        assert_int_equal(wish.not_after, AT + DAY - i); /* never longer than asked */
    }
    assert_int_equal(count(p, "SELECT COUNT(DISTINCT id) FROM poe"), 3);
}

static void fleet_records_what_was_signed_if_it_still_may_be(void **state)
{
    struct place *p = *state;
    const struct fleet_wish wish = {.machine = "m1", .life = DAY};
    struct fleet_signed it;
    unsigned n = 0;
    ready(p);
    /* without a signer it only says whether */
    assert_true(fleet_sign_one(p->f, &p->act, &wish, NULL, NULL, &it, &p->err));
    assert_null(it.bytes);
    assert_true(fleet_sign_one(p->f, &p->act, &wish, sign_by_content, &n, &it, &p->err));
    assert_int_equal(count(p, "SELECT COUNT(*) FROM poe"), 0);
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    expect_refused(p, fleet_record(p->f, &p->act, &it, &p->err), SITUS_NOT_ALLOWED, "status");
    free(it.bytes);
    expect_refused(p, fleet_sign_one(p->f, &p->act, &wish, sign_by_content, &n, &it, &p->err),
                   SITUS_NOT_ALLOWED, "status");
    assert_int_equal(n, 1); /* what is not confirmed is not signed */
    assert_null(it.bytes);
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(fleet_sign_one(p->f, &p->act, &wish, sign_by_content, &n, &it, &p->err));
    /* a new owner, and another platform instance, since */
    const struct fleet_names buyer = {.owner = "buyer", .machine = "m1"};
    assert_true(fleet_set(p->f, &p->act, &buyer, &p->err));
    expect_refused(p, fleet_record(p->f, &p->act, &it, &p->err), SITUS_MISMATCH, "owner");
    const struct fleet_names same = {.owner = "example.com", .machine = "m1"};
    assert_true(fleet_set(p->f, &p->act, &same, &p->err));
    struct fleet_platform claim = platform();
    strcpy(claim.piid, PIID_2);
    strcpy(claim.ppid, PPID_2);
    strcpy(claim.receipt, PPID_2);
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(confirm_piid(p, "m1", PIID_2));
    expect_refused(p, fleet_record(p->f, &p->act, &it, &p->err), SITUS_MISMATCH, "piid");
    free(it.bytes);
    assert_true(fleet_sign_one(p->f, &p->act, &wish, sign_by_content, &n, &it, &p->err));
    assert_true(fleet_record(p->f, &p->act, &it, &p->err));
    expect_refused(p, fleet_record(p->f, &p->act, &it, &p->err), SITUS_NOT_ALLOWED, "database");
    free(it.bytes);
    assert_int_equal(count(p, "SELECT COUNT(*) FROM poe"), 1);
}

static void fleet_signs_for_no_machine_where_nobody_saw_it(void **state)
{
    struct place *p = *state;
    struct fleet_poe poe;
    struct fleet_machine m;
    ready(p);
    assert_true(endorse(p, &poe));
    expect_refused(p, fleet_move(p->f, &p->act, "m1", "ams1", &p->err), SITUS_NOT_ALLOWED, "site");
    expect_refused(p, fleet_move(p->f, &p->act, "m1", "all", &p->err), SITUS_NOT_ALLOWED, "site");
    assert_true(fleet_move(p->f, &p->act, "m1", "fra2", &p->err));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_string_equal(m.site, "fra2");
    assert_int_equal(m.status, FLEET_PENDING);
    expect_refused(p, endorse(p, &poe), SITUS_NOT_ALLOWED, "status");
    assert_true(confirm_piid(p, "m1", PIID));
    assert_true(endorse(p, &poe));
    /* one that is being worked on comes back elsewhere */
    assert_true(fleet_maintain(p->f, &p->act, "m1", &p->err));
    assert_true(fleet_move(p->f, &p->act, "m1", "ams1", &p->err));
    assert_true(fleet_machine_get(p->f, "m1", &m, &p->err));
    assert_int_equal(m.status, FLEET_MAINTENANCE);
    assert_true(fleet_end(p->f, &p->act, "m1", FLEET_LOST, "stolen", &p->err));
    expect_refused(p, fleet_move(p->f, &p->act, "m1", "fra2", &p->err), SITUS_REVOKED, "status");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fleet_keeps_all_of_many_changes_or_none),
        TEST(fleet_forgets_many_changes_of_a_writer_that_is_killed),
        TEST(fleet_endorses_twice_in_one_second),
        TEST(fleet_records_what_was_signed_if_it_still_may_be),
        TEST(fleet_signs_for_no_machine_where_nobody_saw_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
