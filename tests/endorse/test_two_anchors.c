/* Two makers' roots in one trust file: the collateral and CAs of one say nothing of the other. */
#include "support/lab_case.h"

#include "base/text.h"
#include "base/time.h"
#include "support/test.h"

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

/* two_anchors is a trust file with the roots of both worlds. */
static struct span two_anchors(struct lab_world *other)
{
    struct lab_buf b = {0};
    struct lab_edit edits[LAB_EDITS] = {LAB_REPLACE("lab Intel", "other Intel")};
    lab_buf_bytes(&b, lab_trust_anchor(other));
    lab_buf_edit(&b, edits);
    struct span second = lab_world_keep(other, &b);
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(world));
    lab_buf_text(&b, ", ");
    lab_buf_bytes(&b, second);
    lab_buf_text(&b, "]}");
    return lab_world_keep(world, &b);
}

/* The collateral of one anchor says nothing about quotes of another. */
static void tcb_info_of_another_anchor_does_not_count(void **state)
{
    (void)state;
    struct lab_world *other = lab_world_new(LAB_CASE_AT);
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct lab_collateral theirs = lab_collateral_honest(other, &c->platform, true);
    c->trust = two_anchors(other);
    c->leave_out = 1u << PART_TCB_INFO;
    c->more = item_of("theirs", lab_chain_pem(other, &theirs.tcb_info_chain));
    c->and_more = item_of("info", lab_tcb_info_make(other, &theirs.tcb_info).answer);
    lab_case_run(c);
    assert_int_equal(c->a.snapshot.n_infos, 1);
    assert_int_equal(c->a.findings.v[CHECK_TDX_PCK_CHAIN].outcome, OUTCOME_PASS);
    assert_int_equal(c->a.findings.v[CHECK_TDX_TCB].outcome, OUTCOME_FAIL);
    assert_string_equal(c->a.findings.v[CHECK_TDX_TCB].why->field, "tcbInfo.fmspc");
    lab_case_free(c);
    lab_world_free(other);
}

/* A CA that the snapshot knows under one anchor does not stand under the root of another. */
static void a_known_ca_stands_under_its_own_root_only(void **state)
{
    (void)state;
    struct lab_world *other = lab_world_new(LAB_CASE_AT);
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct lab_chain head = c->quote.chain, tail = lab_chain_pck(other, &c->platform);
    struct lab_buf b = {0};
    c->trust = two_anchors(other);
    head.n = 2;
    lab_buf_bytes(&b, lab_chain_pem(world, &head));
    lab_pem(&b, lab_cert_make(other, &tail.certs[2]));
    c->quote.certification = lab_world_keep(world, &b);
    lab_case_run(c);
    expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, SITUS_BAD_SIGNATURE, "pck_chain.ca");
    assert_null(c->a.claims.authority);
    lab_case_free(c);
    lab_world_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcb_info_of_another_anchor_does_not_count),
        cmocka_unit_test(a_known_ca_stands_under_its_own_root_only),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
