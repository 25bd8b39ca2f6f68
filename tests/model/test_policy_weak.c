/* model/policy_weak: what is legal and weak is said, each word by itself, and nothing else is. */
#include "model/policy_weak.h"

#include "support/test.h"

#include <string.h>

static struct policy p;
static struct span word[PARAM_COUNT];

static void num(enum param id, int64_t n)
{
    p.v[id] = (struct param_value){.given = true, .num = n};
    p.stated[id] = true;
}

static void flag(enum param id, bool on)
{
    p.v[id] = (struct param_value){.given = true, .flag = on};
    p.stated[id] = true;
}

static void text(enum param id, const char *one)
{
    word[id] = span_of(one, strlen(one));
    p.v[id] = (struct param_value){.given = true, .words = &word[id], .n = 1};
    p.stated[id] = true;
}

/* A policy as strict as the language allows. */
static void strict(void)
{
    p = (struct policy){.scenario = SCENARIO_MANAGED,
                        .require = PROOF_BOUND | PROOF_OWNED | PROOF_LISTED};
    num(PARAM_ROUND_TRIP_MAX, 100);
    text(PARAM_TDX_TCB_ACCEPT, "UpToDate");
    num(PARAM_TDX_TCB_MAX_AGE, 365);
    text(PARAM_SGX_TCB_ACCEPT, "UpToDate");
    num(PARAM_SGX_TCB_MAX_AGE, 365);
    text(PARAM_AK_PROVIDERS, "google");
    flag(PARAM_AK_CRL, true);
    flag(PARAM_AK_PRODUCTION, true);
    flag(PARAM_POE_REQUIRE_CRL, true);
    num(PARAM_POE_MAX_AGE, 30);
    text(PARAM_POE_REVOKED_SOURCE, "list");
    num(PARAM_REVOCATION_MAX_AGE, 24);
    text(PARAM_LIST_SOURCES, "signed");
    flag(PARAM_LIST_REQUIRE_CRL, true);
    num(PARAM_LIST_MAX_AGE, 24);
    text(PARAM_LIST_FACILITIES, "hall 4");
}

#define BENT(name, action) \
    static void name(void) \
    {                      \
        action;            \
    }
BENT(lab, p.simulated = true)
BENT(quote_alone, p.require = PROOF_GENUINE)
BENT(any_way_round, p.v[PARAM_ROUND_TRIP_MAX].given = false)
BENT(any_age, p.v[PARAM_TDX_TCB_MAX_AGE].given = false)
BENT(grace, num(PARAM_TDX_TCB_GRACE, 1))
BENT(late, text(PARAM_TDX_TCB_ACCEPT, "OutOfDateConfigurationNeeded"))
BENT(open_advisories, text(PARAM_TDX_TCB_ACCEPT, "SWHardeningNeeded"))
BENT(sgx_any_age, p.require = PROOF_GENUINE | PROOF_LIVE; p.v[PARAM_SGX_TCB_MAX_AGE].given = false)
BENT(snp_any_tcb, flag(PARAM_SNP_REQUIRE_CRL, true))
BENT(snp_no_crl, text(PARAM_SNP_MINIMUM, "Milan snp=24"))
BENT(no_ak_crl, flag(PARAM_AK_CRL, false))
BENT(no_production, flag(PARAM_AK_PRODUCTION, false))
BENT(authorize, p.scenario = SCENARIO_BARE_METAL; text(PARAM_AK_SEALED_FORM, "authorize"))
BENT(no_poe_crl, flag(PARAM_POE_REQUIRE_CRL, false))
BENT(long_poe, p.v[PARAM_POE_MAX_AGE].given = false)
BENT(source_none, text(PARAM_POE_REVOKED_SOURCE, "none"))
BENT(unchecked, text(PARAM_REVOCATION_UNCHECKED, "issuer"))
BENT(old_revocations, num(PARAM_REVOCATION_MAX_AGE, 25))
BENT(unsigned_list, text(PARAM_LIST_SOURCES, "alliance-csv"))
BENT(no_list_crl, flag(PARAM_LIST_REQUIRE_CRL, false))
BENT(old_list, p.v[PARAM_LIST_MAX_AGE].given = false)
BENT(undated, flag(PARAM_LIST_TOKEN_UNDATED, true))
BENT(any_hall, p.v[PARAM_LIST_FACILITIES].given = false)

#define PEER "require: live speaks of the holder"

static const struct {
    void (*bend)(void);
    const char *sentence;
} rows[] = {
    {lab, "simulated: "},
    {quote_alone, "require: genuine alone"},
    {any_way_round, "fresh.round-trip: without max_ms"},
    {any_age, "tdx.tcb: neither max_tcb_age_days"},
    {grace, "tdx.tcb: grace_days"},
    {late, "tdx.tcb: accept lists a status that is out of date"},
    {open_advisories, "tdx.tcb: accept lists a status with open advisories"},
    {sgx_any_age, "sgx.tcb: neither max_tcb_age_days"},
    {snp_any_tcb, "snp.tcb: without minimum"},
    {snp_no_crl, "snp.vek-chain: without require_crl"},
    {no_ak_crl, "ak.certificate: Google publishes CRLs"},
    {no_production, "ak.certificate: require_production"},
    {authorize, "ak.sealed: form authorize"},
    {no_poe_crl, "poe.signature: without require_crl"},
    {long_poe, "poe.window: without max_age_days"},
    {source_none, "poe.revoked: source none"},
    {unchecked, "poe.revoked: unchecked_issuers"},
    {old_revocations, "poe.revoked: max_age_hours above 24"},
    {unsigned_list, "list.signature: sources lists one that nobody signs"},
    {no_list_crl, "list.signature: without require_crl"},
    {old_list, "list.window: without max_age_hours"},
    {undated, "list.window: accept_undated_tokens"},
    {any_hall, "list.match: without facilities"},
};

static void each_weakness_is_said_and_no_other(void **state)
{
    (void)state;
    const char *said[POLICY_WEAK_MAX];
    strict();
    assert_int_equal(policy_weak(&p, said), 1); /* the peer's key is no word of a policy's */
    assert_non_null(strstr(said[0], PEER));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool live;
        strict();
        rows[i].bend();
        live = p.require != PROOF_GENUINE;
        size_t n = policy_weak(&p, said);
        assert_int_equal(n, live ? 2 : 1);
        size_t other = 0;
        for (size_t k = 0; k < n; k++)
            if (strncmp(said[k], rows[i].sentence, strlen(rows[i].sentence)) != 0)
                other += strncmp(said[k], PEER, strlen(PEER)) == 0 ? 1 : 100;
        if (other != live)
            fail_msg("%s: %s", rows[i].sentence, said[n - 1]);
    }
}

/* Of no kind: of those whose maker signs what is out of date. */
static void what_is_said_of_a_tee_is_said_of_one_that_counts(void **state)
{
    (void)state;
    const char *said[POLICY_WEAK_MAX];
    p = (struct policy){.require = PROOF_GENUINE};
    assert_int_equal(policy_weak(&p, said), 3);
    p.stated[PARAM_TDX_TCB_ACCEPT] = true;
    assert_int_equal(policy_weak(&p, said), 2);
    p.tees = 1u << KIND_SNP;
    assert_int_equal(policy_weak(&p, said), 3);
    assert_non_null(strstr(said[1], "snp.tcb: without minimum"));
}

static void all_of_them_have_room(void **state)
{
    (void)state;
    const char *said[POLICY_WEAK_MAX];
    strict();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        rows[i].bend();
    p.require = PROOF_ALL;
    assert_true(policy_weak(&p, said) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_weakness_is_said_and_no_other),
        cmocka_unit_test(what_is_said_of_a_tee_is_said_of_one_that_counts),
        cmocka_unit_test(all_of_them_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
