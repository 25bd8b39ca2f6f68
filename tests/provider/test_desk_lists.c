/* provider/desk/desk_lists: no list takes the place of a newer one of its kind, and site. */
#include "support/soft_signer.h"

#include "support/fleet_place.h"

#include <sys/stat.h>

#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "provider/desk/desk_lists.h"

static struct desk_lists lists;
static struct place *other; /* exports the same file once the first has written its list */
static char file[128];

bool __real_revocation_write_end(struct revocation_writer *w, struct situs_err *err);
bool __wrap_revocation_write_end(struct revocation_writer *w, struct situs_err *err);

static bool export(struct place *p, int64_t *number)
{
    struct desk_listed listed = {.number = 0};
    bool ok = desk_lists_revocations(p->f, &p->act, &lists, file, &listed, &p->err);
    *number = listed.number;
    return ok;
}

/* A theft is reported, and a list that names it is out, before the first list is in its place. */
bool __wrap_revocation_write_end(struct revocation_writer *w, struct situs_err *err)
{
    struct place *second = other;
    int64_t number;
    bool ok = __real_revocation_write_end(w, err);
    other = NULL;
    if (!second)
        return ok;
    assert_true(fleet_end(second->f, &second->act, "m1", FLEET_LOST, "stolen", &second->err));
    assert_true(export(second, &number));
    assert_int_equal(number, 3);
    return ok;
}

static long size(void)
{
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    return (long)st.st_size;
}

bool __real_id_list_write_end(struct id_list_writer *w, struct situs_err *err);
bool __wrap_id_list_write_end(struct id_list_writer *w, struct situs_err *err);

static const char *elsewhere; /* the site of the other export */

static bool export_machines(struct place *p, const char *site, const char *to, int64_t *number)
{
    struct desk_listed listed = {.number = 0};
    struct desk_lists l = lists;
    l.site = site;
    bool ok = desk_lists_ids(p->f, &p->act, &l, to, &listed, &p->err);
    *number = listed.number;
    return ok;
}

/* A machine is lost, and a list without it is out, before the first list is in its place. */
bool __wrap_id_list_write_end(struct id_list_writer *w, struct situs_err *err)
{
    struct place *second = other;
    int64_t number;
    bool ok = __real_id_list_write_end(w, err);
    other = NULL;
    if (!second)
        return ok;
    if (!elsewhere)
        assert_true(fleet_end(second->f, &second->act, "m2", FLEET_LOST, "stolen", &second->err));
    assert_true(export_machines(second, elsewhere ? elsewhere : "ams1", file, &number));
    return ok;
}

static void a_second_machine(struct place *p)
{
    struct fleet_goods g = {.machine = "m2", .site = "ams1", .n_prids = 1};
    struct fleet_platform claim = {.machine = "m2", .n_prids = 1};
    memset(g.prid[0], '9', 32);
    memset(claim.prid[0], '9', 32);
    strcpy(claim.piid, PIID_2);
    memset(claim.manifest, '9', 64);
    memset(claim.pck, '9', 64);
    strcpy(claim.ppid, PPID_2);
    strcpy(claim.receipt, PPID_2);
    assert_true(fleet_add_goods(p->f, &p->act, &g, &p->err));
    assert_true(fleet_add_platform(p->f, &p->act, &claim, &p->err));
    assert_true(confirm_piid(p, "m2", PIID_2));
}

static void use_signer(struct soft_signer *s)
{
    soft_signer_make(s, "fleet CA", AT, NULL);
    lists = (struct desk_lists){.life = DAY,
                                .signer = {.key = (struct sign_key *)(uintptr_t)s->issuer.key,
                                           .certs = {s->chain[0], s->chain[1]},
                                           .n_certs = 2}};
}

static void nor_does_an_older_list_of_machines(void **state)
{
    struct place *p = *state, second = *p;
    struct soft_signer s;
    int64_t number;
    char all[160];
    use_signer(&s);
    snprintf(file, sizeof file, "%s/machines.cose", p->directory);
    snprintf(all, sizeof all, "%s/all.cose", p->directory);
    ready(p);
    a_second_machine(p);
    assert_true(export_machines(p, "ams1", file, &number));
    assert_int_equal(number, 1);
    long both = size();
    second.f = fleet_open(p->path, true, &second.err);
    assert_non_null(second.f);
    other = &second;
    expect_refused(p, export_machines(p, "ams1", file, &number), SITUS_OUT_OF_DATE, "number");
    assert_true(size() < both); /* it does not name the machine that was lost */
    long one = size();
    assert_true(export_machines(p, "ams1", file, &number)); /* the inventory is free */
    assert_int_equal(number, 4);
    assert_int_equal(size(), one);
    other = &second; /* of all sites, meanwhile, is another list */
    elsewhere = "ams1";
    assert_true(export_machines(p, NULL, all, &number));
    assert_int_equal(number, 5);
    fleet_close(second.f);
    sign_key_free(lists.signer.key);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(unlink(all), 0);
}

static void an_older_list_takes_no_newer_ones_place(void **state)
{
    struct place *p = *state, second = *p;
    struct soft_signer s;
    int64_t number;
    use_signer(&s);
    snprintf(file, sizeof file, "%s/revoked.cose", p->directory);
    ready(p);
    assert_true(export(p, &number));
    assert_int_equal(number, 1);
    long none = size();
    second.f = fleet_open(p->path, true, &second.err);
    assert_non_null(second.f);
    other = &second;
    expect_refused(p, export(p, &number), SITUS_OUT_OF_DATE, "number");
    assert_true(size() > none); /* it names the machine */
    long stolen = size();
    assert_true(export(p, &number)); /* the inventory is free, and the next list is as good */
    assert_int_equal(number, 4);
    assert_int_equal(size(), stolen);
    fleet_close(second.f);
    sign_key_free(lists.signer.key);
    assert_int_equal(unlink(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_older_list_takes_no_newer_ones_place, setup, teardown),
        cmocka_unit_test_setup_teardown(nor_does_an_older_list_of_machines, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
