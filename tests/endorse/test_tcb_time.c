/* Times of Intel's collateral in a rating: what ends first, and the root that signed it. */
#include "support/lab_case.h"

#include "base/text.h"
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

static const struct claim *claim(const struct lab_case *c, enum claim_id id)
{
    return claims_get(&c->a.claims, id);
}

/* forecast has the claims of the case, run before, asked of the collateral as it is now. */
static void forecast(struct lab_case *c, int64_t at)
{
    static uint8_t memory[64 * 1024];
    struct arena arena = arena_new(memory, sizeof memory);
    const struct claims was = c->a.claims;
    lab_case_free(c);
    assert_true(lab_case_load(c));
    c->a.claims = was;
    c->a.claims.authority = &c->a.trust->anchors[0];
    tcb_forecast(&c->a.claims, &c->a.snapshot, &c->a.policy, at, &arena);
}

/* A year after the newest level's date, whatever the date of the level that this platform has. */
static void what_the_early_set_refuses_falls_a_year_after_its_newest_level(void **state)
{
    static const char *const words[] = {"UpToDate", "OutOfDate", "SWHardeningNeeded"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        lab_case_run(c);
        assert_null(claim(c, CLAIM_EARLY_TCB_STATUS));
        c->collateral.tcb_info.levels.v[0].status = words[i];
        c->policy =
            "{\"scenario\": \"managed\", \"require\": [\"genuine\"], \"tdx.tcb\": {\"accept\": "
            "[\"UpToDate\", \"SWHardeningNeeded\"]}}";
        forecast(c, c->at);
        assert_string_equal(TEXT_CUT(claim(c, CLAIM_EARLY_TCB_STATUS)->bytes), words[i]);
        assert_int_equal(claim(c, CLAIM_TCB_FALLS) != NULL, i == 1);
        if (i == 1)
            assert_int_equal(claim(c, CLAIM_TCB_FALLS)->num,
                             c->a.snapshot.infos[0].levels.v[0].date + 365 * LAB_DAY);
        assert_string_equal(TEXT_CUT(claim(c, CLAIM_TCB_STATUS)->bytes), "UpToDate");
        assert_int_equal(appraise_exit(&c->a), 0);
        lab_case_free(c);
    }
}

/* Of another platform, and out of its time, it says nothing; and so where the quote does not verify. */
static void an_early_set_that_does_not_hold_says_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        lab_case_run(c);
        c->collateral.tcb_info.fmspc[0] ^= i == 0;
        if (i == 1)
            c->collateral.qe_identity.next_update = c->at - 1;
        if (i == 2)
            c->a.claims.v[CLAIM_TCB_STATUS].set = false;
        forecast(c, c->at);
        assert_int_equal(claim(c, CLAIM_EARLY_TCB_STATUS) != NULL, i == 3);
        lab_case_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_end_of_collateral_is_claimed),
        cmocka_unit_test(the_signers_root_is_in_date),
        cmocka_unit_test(what_the_early_set_refuses_falls_a_year_after_its_newest_level),
        cmocka_unit_test(an_early_set_that_does_not_hold_says_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
