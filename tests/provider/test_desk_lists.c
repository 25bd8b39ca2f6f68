/* provider/desk/desk_lists: a revocation list never takes the place of a newer one. */
#include "support/soft_signer.h"

#include "support/fleet_place.h"

#include <sys/stat.h>

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

static void an_older_list_takes_no_newer_ones_place(void **state)
{
    struct place *p = *state, second = *p;
    struct soft_signer s;
    int64_t number;
    soft_signer_make(&s, "fleet CA", AT, NULL);
    lists = (struct desk_lists){.life = DAY,
                                .signer = {.key = (struct sign_key *)(uintptr_t)s.issuer.key,
                                           .certs = {s.chain[0], s.chain[1]},
                                           .n_certs = 2}};
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
    assert_int_equal(unlink(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_older_list_takes_no_newer_ones_place, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
