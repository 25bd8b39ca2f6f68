/* Several endorsements of one machine: one that holds decides, two owners refuse both, and a word
 * about another machine takes nothing away. */
#include "support/test.h"

#include "crypto/digest.h"
#include "situs/ownership.h"
#include "support/make_poe.h"

static struct result r;
static struct gathered g;
static struct policy policy;
static struct anchor anchor;
static struct trust trust;
static uint8_t memory[VERIFICATION_ARENA];
static struct arena arena;
static struct span allow[2];
static const uint8_t piid[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static struct span none_word = {(const uint8_t *)"none", 4};

#define OTHER_OWNER                   \
    {                                 \
        POE_R_OWNER, "3901906374776f" \
    }
#define OTHER_PIID                                           \
    {                                                        \
        POE_R_PIID, "38645000112233445566778899aabbccddeefe" \
    }

static int setup(void **state)
{
    (void)state;
    arena = arena_new(memory, sizeof memory);
    anchor = (struct anchor){.name = "issuers", .uses = ANCHOR_POE};
    anchor.der = make_poe_issuer()->root;
    digest(HASH_SHA256, anchor.der, anchor.sha256);
    trust = (struct trust){&anchor, 1};
    policy = (struct policy){.require = PROOF_OWNED};
    allow[0] = SPAN_LIT("issuers=owner");
    allow[1] = SPAN_LIT("issuers=two");
    policy.v[PARAM_POE_OWNER_ALLOW] = (struct param_value){.given = true, .words = allow, .n = 2};
    policy.v[PARAM_POE_REVOKED_SOURCE] =
        (struct param_value){.given = true, .words = &none_word, .n = 1};
    r = (struct result){.policy = &policy, .tee = KIND_TDX, .findings = {.arena = &arena}};
    r.claims[INSTANCE_TEE] = (struct claims){.instance = "tdx", .authority = &anchor};
    claim_bytes(&r.claims[INSTANCE_TEE], CLAIM_PIID, SPAN_ARR(piid));
    g = (struct gathered){.n_endorsements = 0};
    return 0;
}

static void give(struct span bytes)
{
    g.endorsements[g.n_endorsements++] = (struct endorsement){"file", ENDORSEMENT_POE, bytes};
}

static void appraise(void)
{
    const struct verify_request q = {.trust = &trust, .policy = &policy, .at = MAKE_POE_AT - 3600};
    ownership_poe(&r, &g, &q, &arena);
}

static void expect_owned(void)
{
    for (enum check c = CHECK_POE_SIGNATURE; c <= CHECK_POE_REVOKED; c++)
        assert_int_equal(r.findings.v[c].outcome, OUTCOME_PASS);
    assert_non_null(claims_get(&r.claims[INSTANCE_POE], CLAIM_OWNER));
}

static void one_that_holds_decides(void **state)
{
    (void)state;
    give(SPAN_LIT("no endorsement"));
    give(make_poe((struct poe_change[]){OTHER_PIID, OTHER_OWNER}, 2));
    give(make_poe(NULL, 0));
    give(make_poe(NULL, 0));
    appraise();
    expect_owned();
}

static void two_owners_refuse_both(void **state)
{
    (void)state;
    give(make_poe(NULL, 0));
    give(make_poe((struct poe_change[]){OTHER_OWNER}, 1));
    appraise();
    expect_fail(r.findings, CHECK_POE_OWNER, SITUS_DUPLICATE, "endorsement.owner_name");
    assert_null(r.claims[INSTANCE_POE].authority);
}

static void a_word_about_another_machine_is_no_claim(void **state)
{
    (void)state;
    give(make_poe((struct poe_change[]){OTHER_PIID}, 1));
    appraise();
    expect_fail(r.findings, CHECK_POE_MATCH, SITUS_MISMATCH, "condition.piid");
    assert_null(r.claims[INSTANCE_POE].authority);
}

static void without_a_revocation_list_nothing_is_owned(void **state)
{
    (void)state;
    policy.v[PARAM_POE_REVOKED_SOURCE].words = (const struct span[]){SPAN_LIT("list")};
    give(make_poe(NULL, 0));
    appraise();
    assert_int_equal(r.findings.v[CHECK_POE_REVOKED].outcome, OUTCOME_NOT_RUN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_that_holds_decides, setup),
        cmocka_unit_test_setup(two_owners_refuse_both, setup),
        cmocka_unit_test_setup(a_word_about_another_machine_is_no_claim, setup),
        cmocka_unit_test_setup(without_a_revocation_list_nothing_is_owned, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
