/* Times of Intel's collateral in a rating: what ends first, and the root that signed it. */
#include "support/lab_case.h"

#include "support/test.h"
#include "tee/intel/tcb.h"

static struct lab_world *world;

static int setup(void **state)
{
    (void)state;
    world = lab_world_new(LAB_CASE_AT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_world_free(world);
    return 0;
}

static void the_earliest_end_of_collateral_is_claimed(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    c->collateral.qe_identity.next_update = c->at + 5;
    lab_case_run(c);
    assert_int_equal(claims_get(&c->a.claims, CLAIM_COLLATERAL_EXPIRES)->num, c->at + 5);
    lab_case_free(c);
    c->collateral.pck_crl.next_update = c->at + 4;
    lab_case_run(c);
    assert_int_equal(claims_get(&c->a.claims, CLAIM_COLLATERAL_EXPIRES)->num, c->at + 4);
    lab_case_free(c);
}

static void rate_at(struct lab_case *c, int64_t at)
{
    static uint8_t memory[64 * 1024];
    static struct arena arena;
    arena = arena_new(memory, sizeof memory);
    c->a.findings = (struct findings){.arena = &arena};
    tcb_apply(&c->a.claims, &c->a.snapshot, &c->a.policy, at, &c->a.findings);
}

/* The root that signed the collateral is asked for its time here too, whatever was said of the
 * quote's chain, whose root it is. */
static void the_signers_root_is_in_date(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct lab_collateral *k = &c->collateral;
    struct lab_cert *signer = &k->tcb_info_chain.certs[0];
    const struct lab_cert root = k->tcb_info_chain.certs[1];
    int64_t before = root.not_before - LAB_DAY, after = root.not_after + LAB_DAY;
    k->tcb_info.issue_date = k->qe_identity.issue_date = before;
    k->root_crl.this_update = k->pck_crl.this_update = signer->not_before = before;
    k->tcb_info.next_update = k->qe_identity.next_update = after;
    k->root_crl.next_update = k->pck_crl.next_update = signer->not_after = after;
    k->qe_identity_chain = k->tcb_info_chain;
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    rate_at(c, root.not_after);
    assert_int_equal(c->a.findings.v[CHECK_TDX_TCB].outcome, OUTCOME_PASS);
    rate_at(c, root.not_after + 1);
    expect_fail(c->a.findings, CHECK_TDX_TCB, SITUS_EXPIRED, "root.to");
    rate_at(c, root.not_before);
    assert_int_equal(c->a.findings.v[CHECK_TDX_TCB].outcome, OUTCOME_PASS);
    rate_at(c, root.not_before - 1);
    expect_fail(c->a.findings, CHECK_TDX_TCB, SITUS_NOT_YET_VALID, "root.from");
    lab_case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_end_of_collateral_is_claimed),
        cmocka_unit_test(the_signers_root_is_in_date),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
