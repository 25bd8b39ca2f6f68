/* TCB status of lab machines: Intel's rules, times, and what a policy accepts. */
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

/* again makes quote and collateral anew after a change of the platform. */
static void again(struct lab_case *c)
{
    struct lab_collateral was = c->collateral;
    c->quote = lab_quote_tdx(world, &c->platform, c->quote.version, c->quote.body_type);
    c->collateral = lab_collateral_honest(world, &c->platform, true);
    memcpy(c->collateral.tcb_info.fmspc, was.tcb_info.fmspc, 6);
    memcpy(c->collateral.tcb_info.pceid, was.tcb_info.pceid, 2);
}

static void td15(struct lab_case *c, const uint8_t launch[3], const uint8_t now[3])
{
    c->quote = lab_quote_tdx(world, &c->platform, 5, LAB_BODY_TD15);
    memcpy(c->quote.td.tee_tcb_svn, launch, 3);
    memcpy(c->quote.td.tee_tcb_svn_2, now, 3);
}
#define TD15(c, a0, a1, a2, b0, b1, b2) \
    td15((c), (const uint8_t[3]){a0, a1, a2}, (const uint8_t[3]){b0, b1, b2})

#define POLICY(rows) \
    "{\"scenario\": \"managed\", \"require\": [\"genuine\"], \"tdx.tcb\": " rows "}"

/* Who the quoting enclave and the module are (N3, N7, N8). */
static void qe_mrsigner(struct lab_case *c)
{
    c->quote.qe.mrsigner[31] ^= 1;
}
static void qe_isvprodid(struct lab_case *c)
{
    c->quote.qe.isvprodid = 1;
}
static void qe_miscselect(struct lab_case *c)
{
    c->quote.qe.miscselect = 0x80000000;
}
static void qe_attributes(struct lab_case *c)
{
    c->quote.qe.attributes[7] = 0x80;
}
static void qe_svn_low(struct lab_case *c)
{
    c->quote.qe.isvsvn = 3;
}
static void qe_svn_old(struct lab_case *c)
{
    c->quote.qe.isvsvn = 7;
}
static void module_signer(struct lab_case *c)
{
    c->quote.td.mr_signer_seam[47] = 1;
}
static void module_attributes(struct lab_case *c)
{
    c->quote.td.seam_attributes[7] = 1;
}
static void module_identity(struct lab_case *c)
{
    c->collateral.tcb_info.modules[1].mrsigner[0] = 1;
}
static void module_zero_identity(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[1] = 0;
    c->collateral.tcb_info.module.mrsigner[0] = 1;
}
static void module_debug(struct lab_case *c)
{
    c->quote.td.seam_attributes[0] = 1;
    c->collateral.tcb_info.modules[1].attributes[0] = 1;
}
static void module_unknown(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[1] = 2;
}
static void module_low(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[0] = 3;
}
static void module_old(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[0] = 5;
}

/* Levels (N36: per component). */
static void component_low(struct lab_case *c)
{
    c->platform.components[0] = 255;
    c->platform.components[1] = 7;
    again(c);
}
static void component_last(struct lab_case *c)
{
    c->collateral.tcb_info.levels.v[0].sgx[15] = 1;
}
static void pcesvn_low(struct lab_case *c)
{
    c->platform.pcesvn = 12;
    again(c);
}
static void tdx_low(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[2] = 7;
}
static void tdx_zero_low(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[1] = 0;
    c->quote.td.tee_tcb_svn[0] = 4;
}
static void nothing_reached(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[2] = 5;
}

/* Status words (N11). */
#define WORD(name, word)                                  \
    static void name(struct lab_case *c)                  \
    {                                                     \
        c->collateral.tcb_info.levels.v[0].status = word; \
    }
WORD(hardening, "SWHardeningNeeded")
WORD(configuration, "ConfigurationNeeded")
WORD(configuration_hardening, "ConfigurationAndSWHardeningNeeded")
WORD(out_of_date, "OutOfDate")
WORD(out_of_date_configuration, "OutOfDateConfigurationNeeded")
WORD(revoked, "Revoked")
static void revoked_though_listed(struct lab_case *c)
{
    revoked(c);
    c->policy = POLICY("{\"accept\": [\"UpToDate\", \"OutOfDate\"], \"grace_days\": 100000}");
}
static void qe_revoked(struct lab_case *c)
{
    c->collateral.qe_identity.levels.v[0].status = "Revoked";
}
static void module_revoked(struct lab_case *c)
{
    c->collateral.tcb_info.modules[1].levels.v[0].status = "Revoked";
}
static void relaunch(struct lab_case *c)
{
    TD15(c, 4, 1, 8, 8, 1, 8);
}
static void now_unknown(struct lab_case *c)
{
    TD15(c, 8, 1, 8, 8, 2, 8);
}
static void now_old(struct lab_case *c)
{
    TD15(c, 8, 1, 8, 4, 1, 8);
}

/* For which platform, TEE and time (N12, N16, N18). */
static void other_fmspc(struct lab_case *c)
{
    c->collateral.tcb_info.fmspc[0] ^= 1;
}
static void other_pceid(struct lab_case *c)
{
    c->collateral.tcb_info.pceid[0] ^= 1;
}
static void sgx_info(struct lab_case *c)
{
    c->collateral.tcb_info = lab_tcb_info_honest(world, &c->platform, false);
}
static void sgx_qe(struct lab_case *c)
{
    c->collateral.qe_identity = lab_qe_identity_honest(world, &c->platform, false);
}
static void no_info(struct lab_case *c)
{
    c->leave_out = 1u << PART_TCB_INFO;
}
static void no_qe(struct lab_case *c)
{
    c->leave_out = 1u << PART_QE_IDENTITY;
}
static void info_expired(struct lab_case *c)
{
    c->collateral.tcb_info.next_update = c->at - 1;
}
static void info_early(struct lab_case *c)
{
    c->collateral.tcb_info.issue_date = c->at + 1;
}
static void qe_expired(struct lab_case *c)
{
    c->collateral.qe_identity.next_update = c->at - 1;
}
static void qe_early(struct lab_case *c)
{
    c->collateral.qe_identity.issue_date = c->at + 1;
}
static void signer_expired(struct lab_case *c)
{
    c->collateral.tcb_info_chain.certs[0].not_after = c->at - 1;
    c->collateral.qe_identity_chain = c->collateral.tcb_info_chain;
}
static void signer_early(struct lab_case *c)
{
    c->collateral.tcb_info_chain.certs[0].not_before = c->at + 1;
    c->collateral.qe_identity_chain = c->collateral.tcb_info_chain;
}
static void signer_revoked(struct lab_case *c)
{
    c->collateral.root_crl.revoked[0] = SPAN_ARR(c->collateral.tcb_info_chain.certs[0].serial);
    c->collateral.root_crl.n_revoked = 1;
}

/* Policy (N17). */
static void evaluation_of_info(struct lab_case *c)
{
    c->collateral.qe_identity.evaluation_number = 20;
    c->policy = POLICY("{\"min_evaluation_number\": 20}");
}
static void evaluation_of_qe(struct lab_case *c)
{
    c->collateral.tcb_info.evaluation_number = 20;
    c->policy = POLICY("{\"min_evaluation_number\": 20}");
}
static void age_over(struct lab_case *c)
{
    c->at = LAB_CASE_AT / 86400 * 86400 + 1;
    c->policy = POLICY("{\"max_tcb_age_days\": 611}"); /* 2025-05-14 to 2027-01-15 */
}
static void grace_over(struct lab_case *c)
{
    module_old(c);
    c->at = LAB_CASE_AT / 86400 * 86400 + 1;
    c->policy = POLICY("{\"grace_days\": 1038}"); /* 2024-03-13 to 2027-01-15 */
}
static void advisory_unlisted(struct lab_case *c)
{
    module_old(c);
    c->policy =
        POLICY("{\"accept\": [\"OutOfDate\"], \"accept_advisories\": [\"INTEL-SA-01036\"]}");
}
static void no_advisory_listed(struct lab_case *c)
{
    module_old(c);
    c->policy = POLICY("{\"accept\": [\"OutOfDate\"], \"accept_advisories\": []}");
}

static const struct {
    const char *what;
    void (*bend)(struct lab_case *c);
    enum situs_code code;
    const char *field, *status;
    int exit;
} bends[] = {
#define BEND(bend, code, field, status, exit)          \
    {                                                  \
#bend, bend, SITUS_##code, field, status, exit \
    }
    BEND(qe_mrsigner, NOT_ALLOWED, "qe.mrsigner", NULL, 4),
    BEND(qe_isvprodid, NOT_ALLOWED, "qe.isvprodid", NULL, 4),
    BEND(qe_miscselect, NOT_ALLOWED, "qe.miscselect", NULL, 4),
    BEND(qe_attributes, NOT_ALLOWED, "qe.attributes", NULL, 4),
    BEND(qe_svn_low, NOT_ALLOWED, "tcbStatus", "NotSupported", 4),
    BEND(qe_svn_old, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(module_signer, NOT_ALLOWED, "body.mrsignerseam", NULL, 4),
    BEND(module_attributes, NOT_ALLOWED, "body.seam_attributes", NULL, 4),
    BEND(module_identity, NOT_ALLOWED, "body.mrsignerseam", NULL, 4),
    BEND(module_zero_identity, NOT_ALLOWED, "body.mrsignerseam", NULL, 4),
    BEND(module_debug, NOT_ALLOWED, "body.seam_attributes", NULL, 4),
    BEND(module_unknown, NOT_ALLOWED, "tcbStatus", "NotSupported", 4),
    BEND(module_low, NOT_ALLOWED, "tcbStatus", "NotSupported", 4),
    BEND(module_old, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(component_low, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(component_last, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(pcesvn_low, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(tdx_low, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(tdx_zero_low, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(nothing_reached, NOT_ALLOWED, "tcbStatus", "NotSupported", 4),
    BEND(hardening, NOT_ALLOWED, "tcbStatus", "SWHardeningNeeded", 4),
    BEND(configuration, NOT_ALLOWED, "tcbStatus", "ConfigurationNeeded", 4),
    BEND(configuration_hardening, NOT_ALLOWED, "tcbStatus", "ConfigurationAndSWHardeningNeeded", 4),
    BEND(out_of_date, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(out_of_date_configuration, OUT_OF_DATE, "tcbStatus", "OutOfDateConfigurationNeeded", 4),
    BEND(revoked, REVOKED, "tcbStatus", "Revoked", 4),
    BEND(revoked_though_listed, REVOKED, "tcbStatus", "Revoked", 4),
    BEND(qe_revoked, REVOKED, "tcbStatus", "Revoked", 4),
    BEND(module_revoked, REVOKED, "tcbStatus", "Revoked", 4),
    BEND(relaunch, NOT_ALLOWED, "tcbStatus", "TDRelaunchAdvised", 4),
    BEND(now_unknown, NOT_ALLOWED, "tcbStatus", "NotSupported", 4),
    BEND(now_old, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(other_fmspc, MISMATCH, "tcbInfo.fmspc", NULL, 3),
    BEND(other_pceid, MISMATCH, "tcbInfo.pceId", NULL, 3),
    BEND(sgx_info, MISSING, "tcbInfo.fmspc", NULL, 3),
    BEND(sgx_qe, MISSING, "enclaveIdentity", NULL, 3),
    BEND(no_info, MISSING, "tcbInfo.fmspc", NULL, 3),
    BEND(no_qe, MISSING, "enclaveIdentity", NULL, 3),
    BEND(info_expired, EXPIRED, "tcbInfo.to", NULL, 3),
    BEND(info_early, NOT_YET_VALID, "tcbInfo.from", NULL, 3),
    BEND(qe_expired, EXPIRED, "enclaveIdentity.to", NULL, 3),
    BEND(qe_early, NOT_YET_VALID, "enclaveIdentity.from", NULL, 3),
    BEND(signer_expired, EXPIRED, "tcb_signing.to", NULL, 3),
    BEND(signer_early, NOT_YET_VALID, "tcb_signing.from", NULL, 3),
    BEND(signer_revoked, REVOKED, "tcb_signing", NULL, 4),
    BEND(evaluation_of_info, NOT_ALLOWED, "tcbInfo.tcbEvaluationDataNumber", "UpToDate", 4),
    BEND(evaluation_of_qe, NOT_ALLOWED, "enclaveIdentity.tcbEvaluationDataNumber", "UpToDate", 4),
    BEND(age_over, NOT_ALLOWED, "tcbDate", "UpToDate", 4),
    BEND(grace_over, OUT_OF_DATE, "tcbStatus", "OutOfDate", 4),
    BEND(advisory_unlisted, NOT_ALLOWED, "advisoryIDs", "OutOfDate", 4),
    BEND(no_advisory_listed, NOT_ALLOWED, "advisoryIDs", "OutOfDate", 4),
};

static void expect_status(struct lab_case *c, const char *word)
{
    const struct claim *status = claims_get(&c->a.claims, CLAIM_TCB_STATUS);
    assert_int_equal(status != NULL, word != NULL);
    if (word)
        assert_string_equal(TEXT_CUT(status->bytes), word);
}

static void a_bent_platform_is_refused_by_the_tcb_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        print_message("%s\n", bends[i].what);
        bends[i].bend(c);
        lab_case_run(c);
        int exit = appraise_exit(&c->a);
        expect_fail(c->a.findings, CHECK_TDX_TCB, bends[i].code, bends[i].field);
        assert_int_equal(exit, bends[i].exit);
        assert_int_equal(c->a.findings.v[CHECK_TDX_SIGNATURE].outcome, OUTCOME_PASS);
        assert_int_equal(c->a.findings.v[CHECK_TDX_PCK_CHAIN].outcome, OUTCOME_PASS);
        expect_status(c, bends[i].status);
        lab_case_free(c);
    }
}

/* What passes: the policy's exact bounds, and bits under no mask. */
static void qe_attributes_unmasked(struct lab_case *c)
{
    c->quote.qe.attributes[0] &= 0xfb;
}
static void age_exact(struct lab_case *c)
{
    age_over(c);
    c->at--;
}
static void grace_exact(struct lab_case *c)
{
    grace_over(c);
    c->at--;
}
static void hardening_listed(struct lab_case *c)
{
    hardening(c);
    c->policy = POLICY("{\"accept\": [\"UpToDate\", \"SWHardeningNeeded\"]}");
}
static void relaunch_listed(struct lab_case *c)
{
    relaunch(c);
    c->policy = POLICY("{\"accept\": [\"UpToDate\", \"TDRelaunchAdvised\"]}");
}
static void relaunch_configuration(struct lab_case *c)
{
    relaunch(c);
    configuration(c);
    c->policy = POLICY("{\"accept\": [\"TDRelaunchAdvisedConfigurationNeeded\"]}");
}
static void advisories_listed(struct lab_case *c)
{
    module_old(c);
    c->policy = POLICY("{\"accept\": [\"OutOfDate\"], "
                       "\"accept_advisories\": [\"INTEL-SA-01036\", \"INTEL-SA-01099\"]}");
}
static void module_three(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[0] = 3;
    c->quote.td.tee_tcb_svn[1] = 3;
}
static void module_zero(struct lab_case *c)
{
    c->quote.td.tee_tcb_svn[1] = 0;
    c->quote.td.tee_tcb_svn[0] = 5;
}
static void evaluation_exact(struct lab_case *c)
{
    c->policy = POLICY("{\"min_evaluation_number\": 19}");
}
static void window_ends(struct lab_case *c)
{
    c->collateral.tcb_info.issue_date = c->collateral.tcb_info.next_update = c->at;
    c->collateral.qe_identity.issue_date = c->collateral.qe_identity.next_update = c->at;
}

static void what_the_policy_allows_passes(void **state)
{
    (void)state;
    static void (*const allowed[])(struct lab_case *) = {
        qe_attributes_unmasked, age_exact,       grace_exact,
        hardening_listed,       relaunch_listed, relaunch_configuration,
        advisories_listed,      module_three,    module_zero,
        evaluation_exact,       window_ends};
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        print_message("%zu\n", i);
        allowed[i](c);
        lab_case_run(c);
        assert_int_equal(appraise_exit(&c->a), 0);
        lab_case_free(c);
    }
}

/* Every status of the platform with every status of the quoting enclave: Intel's table. */
static void qe_and_platform_fold_as_in_intels_table(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        /* platform, with QE OutOfDate, with QE Revoked */
        {"UpToDate", "OutOfDate", "Revoked"},
        {"SWHardeningNeeded", "OutOfDate", "Revoked"},
        {"ConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"},
        {"ConfigurationAndSWHardeningNeeded", "OutOfDateConfigurationNeeded", "Revoked"},
        {"OutOfDate", "OutOfDate", "Revoked"},
        {"OutOfDateConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"},
        {"Revoked", "Revoked", "Revoked"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
            c->collateral.tcb_info.levels.v[0].status = table[i][0];
            c->collateral.qe_identity.levels.v[0].status =
                (const char *[]){"UpToDate", "OutOfDate", "Revoked"}[k];
            lab_case_run(c);
            expect_status(c, table[i][k]);
            lab_case_free(c);
        }
}

/* Grace bridges an update, and nothing that the policy does not accept of an updated platform. */
static void grace_passes_what_is_accepted_once_it_is_updated(void **state)
{
    (void)state;
    static const struct {
        const char *platform, *qe, *accept;
        bool passes;
    } cases[] = {
        {"OutOfDate", "UpToDate", "UpToDate", true},
        {"OutOfDate", "UpToDate", "SWHardeningNeeded", false},
        {"OutOfDate", "OutOfDate", "UpToDate", true},
        {"UpToDate", "OutOfDate", "UpToDate", true},
        {"SWHardeningNeeded", "OutOfDate", "UpToDate", false},
        {"SWHardeningNeeded", "OutOfDate", "SWHardeningNeeded", true},
        {"OutOfDateConfigurationNeeded", "UpToDate", "UpToDate", false},
        {"OutOfDateConfigurationNeeded", "UpToDate", "ConfigurationNeeded", true},
        {"ConfigurationNeeded", "OutOfDate", "UpToDate", false},
        {"ConfigurationNeeded", "OutOfDate", "ConfigurationNeeded", true},
        {"ConfigurationAndSWHardeningNeeded", "OutOfDate", "ConfigurationNeeded", false},
        {"ConfigurationAndSWHardeningNeeded", "OutOfDate", "ConfigurationAndSWHardeningNeeded",
         true},
        {"Revoked", "OutOfDate", "UpToDate", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        char policy[200];
        snprintf(policy, sizeof policy, POLICY("{\"accept\": [\"%s\"], \"grace_days\": 100000}"),
                 cases[i].accept);
        c->policy = policy;
        c->collateral.tcb_info.levels.v[0].status = cases[i].platform;
        c->collateral.qe_identity.levels.v[0].status = cases[i].qe;
        lab_case_run(c);
        if (cases[i].passes != (appraise_exit(&c->a) == 0))
            fail_msg("%s, QE %s, accept %s", cases[i].platform, cases[i].qe, cases[i].accept);
        lab_case_free(c);
    }
}

/* It is counted from the level that is out of date: an older one that is up to date ends
 * nothing. */
static void grace_is_counted_from_what_is_out_of_date(void **state)
{
    (void)state;
    static const char *const late[] = {"2027-01-05T00:00:00Z", "2026-01-05T00:00:00Z"};
    for (size_t old = 0; old < 2; old++)
        for (int of_qe = 0; of_qe < 2; of_qe++) {
            struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
            struct lab_tcb_level *platform = &c->collateral.tcb_info.levels.v[0],
                                 *qe = &c->collateral.qe_identity.levels.v[0];
            c->policy = POLICY("{\"grace_days\": 60}"); /* now is 2027-01-15 */
            platform->date = qe->date = "2025-05-14T00:00:00Z";
            (of_qe ? qe : platform)->status = "OutOfDate";
            (of_qe ? qe : platform)->date = late[old];
            lab_case_run(c);
            assert_int_equal(appraise_exit(&c->a), old ? 4 : 0);
            lab_case_free(c);
        }
}

static void sgx_is_rated_by_its_own_collateral_and_policy(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 3, LAB_BODY_SGX);
    c->collateral.tcb_info.levels.v[0].status = "SWHardeningNeeded";
    lab_case_run(c);
    expect_fail(c->a.findings, CHECK_SGX_TCB, SITUS_NOT_ALLOWED, "tcbStatus");
    lab_case_free(c);
    c->policy = "{\"scenario\": \"managed\", \"require\": [\"genuine\"], "
                "\"sgx.tcb\": {\"accept\": [\"SWHardeningNeeded\"]}}";
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    lab_case_free(c);
}

/* A policy made by hand, past policy_read, cannot accept what must never pass. */
static void revoked_and_unsupported_never_pass(void **state)
{
    (void)state;
    static const struct span words[] = {{(const uint8_t *)"Revoked", 7},
                                        {(const uint8_t *)"NotSupported", 12}};
    static void (*const never[])(struct lab_case *) = {revoked, nothing_reached};
    for (size_t i = 0; i < 2; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        never[i](c);
        assert_true(lab_case_load(c));
        c->a.policy.v[PARAM_TDX_TCB_ACCEPT].words = words;
        c->a.policy.v[PARAM_TDX_TCB_ACCEPT].n = 2;
        assert_true(appraise_quote(&c->a, lab_quote_make(world, &c->quote), c->at));
        assert_int_equal(c->a.findings.v[CHECK_TDX_TCB].outcome, OUTCOME_FAIL);
        lab_case_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bent_platform_is_refused_by_the_tcb_row),
        cmocka_unit_test(what_the_policy_allows_passes),
        cmocka_unit_test(qe_and_platform_fold_as_in_intels_table),
        cmocka_unit_test(grace_passes_what_is_accepted_once_it_is_updated),
        cmocka_unit_test(grace_is_counted_from_what_is_out_of_date),
        cmocka_unit_test(sgx_is_rated_by_its_own_collateral_and_policy),
        cmocka_unit_test(revoked_and_unsupported_never_pass),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
