/* appraise/verdict: nothing but passes of every row makes a proof; the smallest exit code wins. */
#include "support/test.h"

#include "appraise/verdict.h"

static struct policy policy;
static uint8_t memory[65536];
static struct arena arena;
static struct result r;

static const struct anchor anchor = {.name = "test"};

/* A TDX result in which every check passed. */
static int all_pass(void **state)
{
    (void)state;
    arena = arena_new(memory, sizeof memory);
    policy = (struct policy){.name = "test", .require = PROOF_ALL, .scenario = SCENARIO_BARE_METAL};
    r = (struct result){.policy = &policy, .tee = KIND_TDX, .findings = {.arena = &arena}};
    r.claims[INSTANCE_TEE].authority = &anchor;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        finding_pass(&r.findings, c);
    return 0;
}

static void all_rows_passed_is_trusted(void **state)
{
    (void)state;
    verdict_decide(&r);
    assert_int_equal(r.verdict, VERDICT_TRUSTED);
    assert_int_equal(r.exit, 0);
    assert_int_equal(r.held, PROOF_ALL);
}

static void every_row_not_run_takes_its_proofs_away(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        all_pass(state);
        if (!verdict_applies(&r, c))
            continue;
        r.findings.v[c].outcome = OUTCOME_NOT_RUN;
        verdict_decide(&r);
        assert_int_equal(r.held, PROOF_ALL & ~check_row(c)->proofs);
        assert_int_equal(r.verdict, check_row(c)->proofs ? VERDICT_REFUSED : VERDICT_TRUSTED);
        assert_int_equal(r.exit, check_row(c)->proofs ? 6 : 0);
    }
}

/* Which proofs stand on the evidence of a row: what falls when it fails. One line a row of
 * checks.def, by hand. */
#define ALL PROOF_ALL
#define NOW (PROOFS_LIVE | PROOFS_BOUND)
#define BOUND PROOFS_BOUND
static const struct {
    enum check check;
    unsigned falls;
} stands[] = {
    {CHECK_FRESH_NONCE, NOW},
    {CHECK_FRESH_ROUND_TRIP, 0},
    {CHECK_FRESH_CONTINUITY, PROOF_CONTINUOUS},
    {CHECK_TDX_SIGNATURE, ALL},
    {CHECK_TDX_PCK_CHAIN, ALL},
    {CHECK_TDX_TCB, ALL},
    {CHECK_TDX_ATTRIBUTES, ALL},
    {CHECK_SGX_SIGNATURE, PROOF_GENUINE | PROOFS_LIVE},
    {CHECK_SGX_PCK_CHAIN, PROOF_GENUINE | PROOFS_LIVE},
    {CHECK_SGX_TCB, PROOF_GENUINE | PROOFS_LIVE},
    {CHECK_SGX_ATTRIBUTES, PROOF_GENUINE | PROOFS_LIVE},
    {CHECK_SNP_SIGNATURE, ALL},
    {CHECK_SNP_VEK_CHAIN, ALL},
    {CHECK_SNP_TCB, ALL},
    {CHECK_SNP_ATTRIBUTES, ALL},
    {CHECK_REF_GUEST, NOW},
    {CHECK_TPM_SIGNATURE, BOUND},
    {CHECK_TPM_PCRS, BOUND},
    {CHECK_AK_CERTIFICATE, BOUND},
    {CHECK_AK_ATTRIBUTES, BOUND},
    {CHECK_AK_ENROLLED, BOUND},
    {CHECK_AK_SEALED, BOUND},
    {CHECK_AK_BOOT, BOUND},
    {CHECK_LOG_LAUNCH, BOUND},
    {CHECK_HOST_IMAGE, BOUND},
    {CHECK_HOST_CO_LOCATED, BOUND},
    {CHECK_LOG_RTMR, BOUND},
    {CHECK_LOG_PCR, BOUND},
    {CHECK_BIND_AK_IN_TD, BOUND},
    {CHECK_BIND_NONCE_IN_TD, NOW},
    {CHECK_BIND_TD_IN_TPM, BOUND},
    {CHECK_BIND_CHANNEL, NOW},
    {CHECK_BIND_MEASUREMENTS, BOUND},
    {CHECK_POE_SIGNATURE, PROOF_OWNED},
    {CHECK_POE_WINDOW, PROOF_OWNED},
    {CHECK_POE_MATCH, PROOF_OWNED},
    {CHECK_POE_OWNER, PROOF_OWNED},
    {CHECK_POE_REVOKED, PROOF_OWNED},
    {CHECK_LIST_SIGNATURE, PROOF_LISTED},
    {CHECK_LIST_WINDOW, PROOF_LISTED},
    {CHECK_LIST_MATCH, PROOF_LISTED},
    {CHECK_LIST_ROLLBACK, PROOF_LISTED},
    {CHECK_VOUCH_SIGNATURE, PROOF_VOUCHED},
    {CHECK_VOUCH_WINDOW, PROOF_VOUCHED},
    {CHECK_VOUCH_MATCH, PROOF_VOUCHED},
    {CHECK_MACHINE_DENIED, ALL},
    {CHECK_MACHINE_SAME, BOUND},
};
#undef ALL
#undef NOW
#undef BOUND

static unsigned falls(enum check c)
{
    for (size_t i = 0; i < sizeof stands / sizeof *stands; i++)
        if (stands[i].check == c)
            return stands[i].falls;
    fail_msg("say which proofs stand on %s", check_row(c)->id);
    return 0;
}

static bool is_endorsement(enum check c)
{
    return check_row(c)->kind == KIND_POE || check_row(c)->kind == KIND_LIST ||
           check_row(c)->kind == KIND_VOUCH;
}

static void fail_row(enum check c)
{
    r.findings.v[c].outcome = OUTCOME_NOT_RUN;
    finding_fail(&r.findings, c, SITUS_NOT_ALLOWED, FINDING_AT("part", "field"), "a", "b", NULL);
    verdict_decide(&r);
}

/* In both scenarios and whatever is required: also where the proof does not need the row to
 * pass. */
static void a_failed_row_takes_away_every_proof_that_stands_on_it(void **state)
{
    static const unsigned require[] = {PROOF_GENUINE, PROOF_BOUND, PROOF_ALL,
                                       PROOF_BOUND | PROOF_OWNED};
    static const enum scenario scenario[] = {SCENARIO_MANAGED, SCENARIO_BARE_METAL};
    assert_int_equal(sizeof stands / sizeof *stands, CHECK_COUNT);
    for (enum check c = 0; c < CHECK_COUNT; c++)
        for (size_t i = 0; i < 8; i++) {
            all_pass(state);
            policy.scenario = scenario[i % 2];
            policy.require = require[i / 2];
            r.tee = check_row(c)->kind == KIND_SGX ? KIND_SGX : KIND_TDX;
            verdict_decide(&r);
            unsigned before = r.held;
            fail_row(c);
            assert_int_equal(r.held, before & ~falls(c));
            assert_true(r.exit != 0 || (is_endorsement(c) && !(policy.require & falls(c))));
        }
}

/* Google's document of a host says something of a TD only by the AK certificate of its TPM. */
static void a_list_by_the_tpms_word_falls_with_the_tpm(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        all_pass(state);
        claim_bytes(&r.claims[INSTANCE_LIST], CLAIM_LIST_SOURCE, SPAN_LIT("google-host"));
        fail_row(c);
        unsigned by_tpm = falls(c) & PROOF_BOUND ? PROOF_LISTED : 0;
        assert_int_equal(r.held, PROOF_ALL & ~(falls(c) | by_tpm));
        all_pass(state);
        claim_bytes(&r.claims[INSTANCE_LIST], CLAIM_LIST_SOURCE, SPAN_LIT("signed"));
        fail_row(c);
        assert_int_equal(r.held, PROOF_ALL & ~falls(c));
    }
}

static void a_failed_endorsement_takes_only_its_proof_away(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (!is_endorsement(c))
            continue;
        all_pass(state);
        policy.require = PROOF_GENUINE | PROOF_LIVE | PROOFS_BOUND;
        fail_row(c);
        assert_int_equal(r.held, PROOF_ALL & ~check_row(c)->proofs);
        assert_int_equal(r.verdict, VERDICT_TRUSTED);
        assert_int_equal(r.exit, 0);
    }
}

static void a_failed_endorsement_refuses_where_its_proof_is_required(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (!is_endorsement(c))
            continue;
        all_pass(state);
        policy.require = check_row(c)->proofs;
        fail_row(c);
        assert_int_equal(r.verdict, VERDICT_REFUSED);
        assert_int_equal(r.exit, 6);
    }
}

static void owned_holds_only_where_live_holds(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        all_pass(state);
        if (!(check_row(c)->proofs & PROOF_LIVE) || !verdict_applies(&r, c))
            continue;
        fail_row(c);
        assert_int_equal(r.held & PROOFS_LIVE, 0);
    }
}

static void one_machine_is_asked_only_of_two_parties(void **state)
{
    static const struct {
        unsigned require;
        bool asked;
    } cases[] = {
        {PROOF_BOUND, false},
        {PROOF_OWNED | PROOF_LISTED, false},
        {PROOF_BOUND | PROOF_OWNED, true},
        {PROOF_BOUND | PROOF_LISTED, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        all_pass(state);
        policy.require = cases[i].require;
        policy.scenario = SCENARIO_MANAGED;
        r.findings.v[CHECK_MACHINE_SAME].outcome = OUTCOME_NOT_RUN;
        verdict_decide(&r);
        assert_int_equal(r.exit, cases[i].asked ? 6 : 0);
    }
}

static void every_failed_row_refuses_even_if_its_proof_is_not_required(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        all_pass(state);
        policy.require = PROOF_GENUINE;
        if (is_endorsement(c))
            continue;
        r.findings.v[c].outcome = OUTCOME_NOT_RUN;
        finding_fail(&r.findings, c, SITUS_NOT_ALLOWED, FINDING_AT("part", "field"), "a", "b",
                     NULL);
        verdict_decide(&r);
        assert_int_equal(r.verdict, VERDICT_REFUSED);
        assert_int_equal(r.exit, check_row(c)->exit >= 5 ? check_row(c)->exit : 4);
    }
}

/* A time proves nothing by itself: its row fails where the policy bounds it, and gives no proof. */
static void every_row_but_a_time_is_needed_by_some_proof(void **state)
{
    (void)state;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        assert_int_equal((check_row(c)->proofs & PROOF_ALL) == 0, c == CHECK_FRESH_ROUND_TRIP);
}

static void a_later_pass_does_not_undo_a_failure(void **state)
{
    (void)state;
    finding_fail(&r.findings, CHECK_TPM_PCRS, SITUS_MISMATCH, FINDING_AT("p", "f"), NULL, NULL,
                 NULL);
    finding_pass(&r.findings, CHECK_TPM_PCRS);
    finding_fail(&r.findings, CHECK_TPM_PCRS, SITUS_EXPIRED, FINDING_AT("p", "later"), NULL, NULL,
                 NULL);
    assert_int_equal(r.findings.v[CHECK_TPM_PCRS].outcome, OUTCOME_FAIL);
    assert_string_equal(r.findings.v[CHECK_TPM_PCRS].why->field, "f");
}

static void a_failure_without_memory_is_still_a_failure(void **state)
{
    (void)state;
    arena.used = arena.size;
    finding_fail(&r.findings, CHECK_TDX_TCB, SITUS_REVOKED, FINDING_AT("p", "f"), NULL, NULL, NULL);
    verdict_decide(&r);
    assert_int_equal(r.verdict, VERDICT_REFUSED);
    assert_int_equal(r.findings.v[CHECK_TDX_TCB].why->code, SITUS_NO_MEMORY);
}

static void the_smallest_exit_code_wins(void **state)
{
    (void)state;
    finding_fail(&r.findings, CHECK_BIND_CHANNEL, SITUS_MISMATCH, FINDING_AT("", ""), NULL, NULL,
                 NULL);
    finding_fail(&r.findings, CHECK_TDX_TCB, SITUS_EXPIRED, FINDING_AT("", ""), NULL, NULL, NULL);
    finding_fail(&r.findings, CHECK_LOG_RTMR, SITUS_MISMATCH, FINDING_AT("", ""), NULL, NULL, NULL);
    verdict_decide(&r);
    assert_int_equal(r.exit, 3);
}

static void codes_give_their_exit(void **state)
{
    (void)state;
    assert_int_equal(finding_exit(CHECK_TDX_SIGNATURE, SITUS_BAD_SIGNATURE), 2);
    assert_int_equal(finding_exit(CHECK_TDX_SIGNATURE, SITUS_MISMATCH), 2);
    assert_int_equal(finding_exit(CHECK_TDX_PCK_CHAIN, SITUS_EXPIRED), 3);
    assert_int_equal(finding_exit(CHECK_TDX_PCK_CHAIN, SITUS_REVOKED), 4);
    assert_int_equal(finding_exit(CHECK_TDX_TCB, SITUS_MISMATCH), 3);
    assert_int_equal(finding_exit(CHECK_TDX_TCB, SITUS_OUT_OF_DATE), 4);
    assert_int_equal(finding_exit(CHECK_TDX_ATTRIBUTES, SITUS_NOT_ALLOWED), 4);
    assert_int_equal(finding_exit(CHECK_LOG_RTMR, SITUS_MALFORMED), 5);
    assert_int_equal(finding_exit(CHECK_AK_CERTIFICATE, SITUS_EXPIRED), 6);
    for (enum check c = 0; c < CHECK_COUNT; c++)
        for (enum situs_code code = SITUS_NONE; code < SITUS_CODE_COUNT; code++)
            assert_in_range(finding_exit(c, code), 2, 6);
}

static void what_cannot_be_read_gives_no_proof(void **state)
{
    (void)state;
    err_fail(&r.err, SITUS_MALFORMED, "quote", "x", 1, NULL, NULL);
    verdict_decide(&r);
    assert_int_equal(r.held, 0);
    assert_int_equal(r.exit, 2);
}

/* Evidence that does not read is 2 for every code; collateral is 3 where it is absent or out of its
 * time; what the caller gave is 1. */
static void reading_errors_give_their_exit(void **state)
{
    for (enum situs_code code = SITUS_NONE + 1; code < SITUS_CODE_COUNT; code++) {
        bool absent = code == SITUS_MISSING || code == SITUS_EXPIRED || code == SITUS_NOT_YET_VALID;
        for (int of = 0; of < 3; of++) {
            all_pass(state);
            r.err_in_collateral = of == 1;
            r.err_in_request = of == 2;
            err_fail(&r.err, code, "part", "x", SITUS_NO_OFFSET, NULL, NULL);
            verdict_decide(&r);
            assert_int_equal(r.exit, of == 2 ? 1 : absent && of ? 3 : 2);
            assert_int_equal(r.verdict, VERDICT_REFUSED);
        }
    }
}

/* Whatever row let a lab's anchor by, nothing holds under a policy of the world. */
static void a_simulated_authority_gives_no_proof(void **state)
{
    static const struct anchor lab = {.name = "lab", .simulated = true};
    for (int i = 0; i < INSTANCE_COUNT; i++)
        for (int simulated = 0; simulated < 2; simulated++) {
            all_pass(state);
            r.claims[i].authority = &lab;
            policy.simulated = simulated;
            verdict_decide(&r);
            assert_int_equal(r.exit, simulated ? 0 : 4);
            assert_int_equal(r.held != 0, simulated);
            assert_int_equal(r.verdict, simulated ? VERDICT_TRUSTED : VERDICT_REFUSED);
            policy.simulated = false;
            r.claims[i].authority = NULL;
        }
}

static void no_tee_evidence_gives_no_proof(void **state)
{
    (void)state;
    r.tee = KIND_ANY;
    verdict_decide(&r);
    assert_int_equal(r.held, 0);
    assert_int_equal(r.exit, 6);
}

static void archived_evidence_gives_no_live_proof(void **state)
{
    (void)state;
    r.archived = true;
    verdict_decide(&r);
    assert_int_equal(r.held, PROOF_GENUINE);
    assert_true(verdict_rows(&r, PROOF_LIVE));
    assert_int_equal(r.exit, 6);
}

static void an_enclave_is_never_bound(void **state)
{
    (void)state;
    r.tee = KIND_SGX;
    verdict_decide(&r);
    assert_int_equal(r.held, PROOF_ALL & ~PROOFS_BOUND);
}

static void a_policy_that_requires_nothing_is_refused(void **state)
{
    (void)state;
    policy.require = 0;
    verdict_decide(&r);
    assert_int_equal(r.verdict, VERDICT_REFUSED);
}

static void a_managed_cloud_has_no_host_rows(void **state)
{
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        all_pass(state);
        if (check_row(c)->kind != KIND_HOST)
            continue;
        policy.scenario = SCENARIO_MANAGED;
        policy.require = PROOF_BOUND;
        r.findings.v[c].outcome = OUTCOME_NOT_RUN;
        verdict_decide(&r);
        assert_int_equal(r.held, PROOF_ALL & ~(PROOF_HOST_MEASURED | PROOF_CO_LOCATED));
        assert_int_equal(r.exit, 0);
    }
}

static void the_hosts_proofs_are_bare_metals(void **state)
{
    (void)state;
    policy.scenario = SCENARIO_MANAGED;
    policy.require = PROOF_HOST_MEASURED;
    verdict_decide(&r);
    assert_int_equal(r.held & (PROOF_HOST_MEASURED | PROOF_CO_LOCATED), 0);
    assert_int_equal(r.exit, 6);
}

#define CASE(f) cmocka_unit_test_setup(f, all_pass)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_rows_passed_is_trusted),
        CASE(every_row_not_run_takes_its_proofs_away),
        CASE(a_failed_row_takes_away_every_proof_that_stands_on_it),
        CASE(a_list_by_the_tpms_word_falls_with_the_tpm),
        CASE(a_failed_endorsement_takes_only_its_proof_away),
        CASE(a_failed_endorsement_refuses_where_its_proof_is_required),
        CASE(owned_holds_only_where_live_holds),
        CASE(one_machine_is_asked_only_of_two_parties),
        CASE(every_failed_row_refuses_even_if_its_proof_is_not_required),
        CASE(every_row_but_a_time_is_needed_by_some_proof),
        CASE(a_later_pass_does_not_undo_a_failure),
        CASE(a_failure_without_memory_is_still_a_failure),
        CASE(the_smallest_exit_code_wins),
        CASE(codes_give_their_exit),
        CASE(what_cannot_be_read_gives_no_proof),
        CASE(reading_errors_give_their_exit),
        CASE(a_simulated_authority_gives_no_proof),
        CASE(no_tee_evidence_gives_no_proof),
        CASE(archived_evidence_gives_no_live_proof),
        CASE(a_managed_cloud_has_no_host_rows),
        CASE(the_hosts_proofs_are_bare_metals),
        CASE(an_enclave_is_never_bound),
        CASE(a_policy_that_requires_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
