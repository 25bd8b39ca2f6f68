/* include/situs.h with pointers that are not there, or lead to what was freed: refused, never read. */
#include "support/lab_machine.h"
#include "support/test.h"

#include <stdalign.h>

static struct lab_machine m;
static struct lab_verifier v;
static alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY];
static const struct situs_memory room = {memory, sizeof memory};

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    lab_verifier_new(&v, &m, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return 0;
}

static struct situs_request honest(void)
{
    return lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
}

static const struct situs_result *verify(const struct situs_request *q)
{
    const struct situs_result *r = situs_verify(q, room);
    assert_non_null(r);
    assert_false(situs_result_trusted(r));
    return r;
}

/* A size without bytes is a caller's mistake that nothing may rest on: refused, never read. */
static void a_size_without_a_pointer_is_refused(void **state)
{
    (void)state;
    const struct situs_item hollow = {NULL, NULL, 9};
    struct situs_request q = honest();
    struct situs_err err = {0};
    q.evidence = hollow;
    assert_int_equal(situs_result_exit(verify(&q)), 2);
    q = honest();
    q.n_list_seen = 1;
    q.list_seen = NULL;
    const struct situs_result *r = verify(&q);
    assert_int_equal(situs_result_exit(r), 1);
    assert_false(situs_result_holds(r, "genuine"));
    assert_false(situs_result_holds(r, NULL));
    q = honest();
    assert_null(situs_verify(NULL, room));
    assert_null(situs_verify(&q, (struct situs_memory){NULL, sizeof memory}));
    assert_null(situs_policy_preset(NULL, room, &err));
    assert_null(situs_policy_read(hollow, room, &err));
    assert_null(situs_trust_read(hollow, room, &err));
    assert_null(situs_snapshot_load(&hollow, 1, NULL, room, &err));
    assert_null(situs_snapshot_load(NULL, 1, NULL, room, &err));
    assert_null(situs_endorsements_load(&hollow, 1, NULL, room, &err));
    assert_null(situs_endorsements_load(NULL, 1, NULL, room, &err));
    assert_true(situs_seen_known(NULL, 0, NULL, &err));
    assert_false(situs_seen_known(NULL, 1, NULL, &err));
    assert_string_equal(situs_code_name(err.code), "missing");
}

static void expect_refused(const struct situs_request *q, const char *field)
{
    struct situs_error e;
    const struct situs_result *r = verify(q);
    assert_int_equal(situs_result_exit(r), 1);
    assert_true(situs_result_reason(r, &e));
    assert_string_equal(e.why.field, field);
}

/* Keys are gone, and the items may be. */
static void what_was_freed_is_refused_by_its_name(void **state)
{
    (void)state;
    static alignas(max_align_t) uint8_t bytes[SITUS_SNAPSHOT_MEMORY];
    const struct situs_memory place = {bytes, sizeof bytes};
    struct situs_request q = honest();
    struct situs_err err;
    uint8_t sha256[32];
    struct situs_snapshot *s = situs_snapshot_load(m.parts, LAB_PARTS, v.trust, place, &err);
    assert_non_null(s);
    q.snapshot = s;
    assert_true(situs_result_trusted(situs_verify(&q, room)));
    q.early = s;
    assert_true(situs_result_trusted(situs_verify(&q, room)));
    situs_snapshot_free(s);
    situs_snapshot_free(s);
    assert_false(situs_snapshot_tabulate(s));
    expect_refused(&q, "snapshot");
    assert_false(situs_result_sha256(verify(&q), SITUS_INPUT_COLLATERAL, 0, sha256));
    q = honest();
    q.early = s;
    expect_refused(&q, "early");
    struct situs_endorsements *e = situs_endorsements_load(NULL, 0, NULL, place, &err);
    q = honest();
    q.endorsements = e;
    assert_non_null(e);
    situs_endorsements_free(e);
    expect_refused(&q, "endorsements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_without_a_pointer_is_refused),
        cmocka_unit_test(what_was_freed_is_refused_by_its_name),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
