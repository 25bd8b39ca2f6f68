/* Several endorsements of one machine: one that holds decides, two owners refuse both, and a word
 * about another machine takes nothing away. */
#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/poe/poe_write.h"
#include "endorse/revocation/revocation_write.h"
#include "situs/ownership.h"
#include "support/faults.h"
#include "support/make_poe.h"
#include "support/soft_signer.h"

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
    trust = (struct trust){.anchors = &anchor, .n = 1};
    policy = (struct policy){.require = PROOF_OWNED};
    allow[0] = SPAN_LIT("issuers=owner");
    allow[1] = SPAN_LIT("issuers=two");
    policy.v[PARAM_POE_OWNER_ALLOW] = (struct param_value){.given = true, .words = allow, .n = 2};
    policy.v[PARAM_POE_REVOKED_SOURCE] =
        (struct param_value){.given = true, .words = &none_word, .n = 1};
    r = (struct result){.policy = &policy, .tee = KIND_TDX, .findings = {.arena = &arena}};
    r.claims[INSTANCE_TEE] = (struct claims){.instance = "tdx", .authority = &anchor};
    claim_bytes(&r.claims[INSTANCE_TEE], CLAIM_PIID, SPAN_ARR(piid));
    g = (struct gathered){.n_collateral = 0};
    return 0;
}

/* As of a bundle, so that what does not read is given all the same; the caller's where said. */
static void give_as(enum endorsement_kind kind, struct span bytes, bool bundle)
{
    struct situs_err err = {0};
    assert_true(endorsements_read(
        &g.words,
        (struct endorsement){.part = "file", .kind = kind, .bytes = bytes, .from_bundle = true},
        NULL, &arena, &err));
    g.words.v[g.words.n - 1].from_bundle = bundle;
}

static void give(struct span bytes)
{
    give_as(ENDORSEMENT_POE, bytes, false);
}

static void appraise(void)
{
    const struct situs_request q = {.trust = (const struct situs_trust *)&trust,
                                    .policy = (const struct situs_policy *)&policy,
                                    .at = MAKE_POE_AT - 3600};
    struct revocations revocations;
    revocations_of(&revocations, &g.words, &arena);
    ownership_decide(&r, &g, &revocations, &q, &arena);
}

static void expect_owned(void)
{
    for (enum check c = CHECK_POE_SIGNATURE; c <= CHECK_POE_REVOKED; c++)
        assert_int_equal(r.findings.v[c].outcome, OUTCOME_PASS);
    assert_non_null(claims_get(&r.claims[INSTANCE_POE], CLAIM_OWNER));
}

/* A lab's issuer vouches only in a policy of the lab's. */
static void a_simulated_issuer_counts_where_the_policy_says_so(void **state)
{
    give(make_poe(NULL, 0));
    anchor.simulated = policy.simulated = true;
    appraise();
    expect_owned();
    setup(state);
    give(make_poe(NULL, 0));
    anchor.simulated = true;
    appraise();
    expect_fail(r.findings, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "anchor");
    assert_string_equal(r.findings.v[CHECK_POE_SIGNATURE].why->part, "file");
    assert_null(r.claims[INSTANCE_POE].authority);
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

#define LONG_AGO                                           \
    {                                                      \
        POE_Y_VALIDITY, "04a200c11a68d1e30001c11a6956b740" \
    }

/* An endorsement that the policy finds too old gives no proof, and contradicts all the same: the
 * buyer's beside the seller's, which came in the bundle. */
static void an_old_word_contradicts_a_new_one(void **state)
{
    for (int i = 0; i < 4; i++) {
        setup(state);
        struct span old = make_poe((struct poe_change[]){LONG_AGO, OTHER_OWNER}, i < 2 ? 2 : 1);
        policy.v[PARAM_POE_MAX_AGE] = (struct param_value){.given = true, .num = 30};
        give(i % 2 ? make_poe(NULL, 0) : old);
        give(i % 2 ? old : make_poe(NULL, 0));
        appraise();
        if (i >= 2) { /* the same owner */
            expect_owned();
            continue;
        }
        expect_fail(r.findings, CHECK_POE_OWNER, SITUS_DUPLICATE, "endorsement.owner_name");
        assert_null(r.claims[INSTANCE_POE].authority);
    }
    setup(state); /* alone it is too old */
    policy.v[PARAM_POE_MAX_AGE] = (struct param_value){.given = true, .num = 30};
    give(make_poe((struct poe_change[]){LONG_AGO}, 1));
    appraise();
    expect_fail(r.findings, CHECK_POE_WINDOW, SITUS_NOT_ALLOWED, "max_age_days");
    setup(state); /* one that has ended contradicts nobody */
    give(make_poe(
        (struct poe_change[]){{POE_Y_VALIDITY, "04a200c11a68d1e30001c11a6955b900"}, OTHER_OWNER},
        2));
    give(make_poe(NULL, 0));
    appraise();
    expect_owned();
}

/* Memory that runs out must not take the second owner's word away. */
static void no_allocation_loses_a_second_owner(void **state)
{
    struct span one = make_poe(NULL, 0), two = make_poe((struct poe_change[]){OTHER_OWNER}, 1);
    for (size_t n = 0, calls = 1; n <= calls; n += n ? 97 : 1) {
        setup(state);
        give(one);
        give(two);
        faults_count = 0;
        faults_left = n;
        appraise();
        faults_left = 0;
        if (n == 0)
            calls = faults_count;
        if (r.claims[INSTANCE_POE].authority)
            fail_msg("allocation %zu of %zu lost the second owner", n, calls);
    }
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

/* The issuer has no list, says the policy; but one was given, and it might be the issuer's. */
static void beside_a_revocation_list_that_does_not_read_nothing_is_owned(void **state)
{
    (void)state;
    give(make_poe(NULL, 0));
    give_as(ENDORSEMENT_REVOCATION, SPAN_LIT("no list"), true);
    appraise();
    const struct finding *f = &r.findings.v[CHECK_POE_REVOKED];
    assert_int_equal(f->outcome, OUTCOME_NOT_RUN);
    assert_non_null(strstr(f->reason, "does not read"));
}

static void a_word_beside_no_verified_platform_is_no_claim(void **state)
{
    (void)state;
    r.claims[INSTANCE_TEE].authority = NULL;
    give(make_poe(NULL, 0));
    appraise();
    assert_int_equal(r.findings.v[CHECK_POE_MATCH].outcome, OUTCOME_NOT_RUN);
    assert_null(r.claims[INSTANCE_POE].authority);
}

/* On bare metal the machine's own TPM is the platform's. */
static void a_denied_tpm_of_the_platform_is_refused(void **state)
{
    (void)state;
    static const uint8_t name[34] = {0, 11, 7};
    struct span word = span_text(TEXT_HEX(SPAN_ARR(name)));
    static const enum claim_id ids[] = {CLAIM_EK_NAME, CLAIM_AK_NAME};
    for (size_t i = 0; i < 2; i++) {
        setup(state);
        policy.v[PARAM_REVOCATION_DENY] =
            (struct param_value){.given = true, .words = &word, .n = 1};
        r.claims[INSTANCE_PLATFORM] =
            (struct claims){.instance = "tpm.platform", .authority = &anchor};
        claim_bytes(&r.claims[INSTANCE_PLATFORM], ids[i], SPAN_ARR(name));
        give(make_poe(NULL, 0));
        appraise();
        expect_fail(r.findings, CHECK_POE_REVOKED, SITUS_REVOKED, "poe.revoked.deny");
    }
}

/* The caller's word of another owner, by another issuer. */
static struct span word_by(const struct soft_signer *issuer)
{
    static uint8_t bytes[8192];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct situs_err err = {0};
    const struct poe_terms terms = {.piid = SPAN_ARR(piid),
                                    .owner = SPAN_LIT("two"),
                                    .not_before = MAKE_POE_AT - 7200,
                                    .not_after = MAKE_POE_AT,
                                    .certs = issuer->chain,
                                    .n_certs = 2};
    if (!poe_write(&w, &terms, issuer->issuer.key, "poe", &err))
        fail_msg("%s: %s", err.field, err.got);
    return wr_span(&w);
}

/* A CRL of the bundle takes back what it takes back, but no contradiction: only the caller's own
 * can say that the other issuer's word is over. */
static void no_crl_of_the_bundle_ends_a_contradiction(void **state)
{
    static struct soft_signer second;
    static const struct {
        int from, to; /* hours around the time */
        bool revokes, bundle, refused;
    } rows[] = {
        {-1, 1, false, true, true},    {-40, -1, false, true, true}, {-1, 1, true, true, true},
        {-40, -1, false, false, true}, {-1, 1, true, false, false},
    };
    const int64_t at = MAKE_POE_AT - 3600;
    soft_signer_make(&second, "second", at, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setup(state);
        struct anchor two[] = {anchor, second.anchor};
        trust = (struct trust){.anchors = two, .n = 2};
        struct span crl =
            soft_ca_crl(&second.root, at + rows[i].from * 3600, at + rows[i].to * 3600,
                        rows[i].revokes ? second.leaf.serial : 0);
        x509_crls_add(&g.words.crls, crl, rows[i].bundle);
        give(make_poe(NULL, 0));
        give(word_by(&second));
        appraise();
        if (!rows[i].refused) {
            expect_owned();
            continue;
        }
        expect_fail(r.findings, CHECK_POE_OWNER, SITUS_DUPLICATE, "endorsement.owner_name");
        assert_null(r.claims[INSTANCE_POE].authority);
    }
}

/* A revocation list that names the platform, or another one; from, to: hours around the time. */
static void give_revocation(const struct soft_signer *by, uint64_t number, int from, int to,
                            bool names, bool bundle)
{
    static uint8_t bytes[2][8192];
    uint8_t id[16];
    struct wr w = wr_new(bytes[number % 2], sizeof bytes[0]);
    struct revocation_writer out;
    struct situs_err err = {0};
    const int64_t at = MAKE_POE_AT - 3600;
    const struct revocation_plan plan = {REVOCATION_PIID, 16, 1};
    const struct revocation_meta meta = {.number = number,
                                         .valid = {at + from * 3600, at + to * 3600},
                                         .issuer = SPAN_LIT("second"),
                                         .plans = &plan,
                                         .n_plans = 1};
    memcpy(id, piid, sizeof id);
    id[0] ^= names ? 0 : 1;
    assert_true(revocation_write_begin(&out, &meta, &by->issuer, soft_signer_put, &w, &err));
    assert_true(revocation_write_add(&out, SPAN_ARR(id), REVOCATION_REASON_LOST, 1, &err));
    assert_true(revocation_write_end(&out, &err));
    give_as(ENDORSEMENT_REVOCATION, wr_span(&w), bundle);
}

/* The attack: the machine was lost, was found and has a new endorsement, which the caller holds.
 * The former owner's endorsement comes in the bundle, and with it the list of the time in which it
 * was lost. An old list takes a proof away; what the caller's files say it ends only as his own. */
static void no_old_list_of_the_bundle_ends_a_contradiction(void **state)
{
    static struct soft_signer second, revoked;
    static const struct {
        int from, to;
        bool newer; /* one that does not name it is beside it */
        bool bundle, by_revoked, refused;
    } rows[] = {
        {-40, -1, false, true, false, true}, {1, 40, false, true, false, true},
        {-1, 1, true, true, false, true},    {-1, 1, false, true, true, true},
        {-1, 1, false, true, false, false},  {-40, -1, false, false, false, false},
    };
    const int64_t at = MAKE_POE_AT - 3600;
    soft_signer_make(&second, "second", at, NULL);
    soft_signer_under(&revoked, &second.root, at, NULL);
    revoked.leaf.serial = second.leaf.serial + 7;
    soft_ca_issue(&revoked.leaf);
    revoked.chain[0] = revoked.leaf.der;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setup(state);
        struct anchor two[] = {anchor, second.anchor};
        trust = (struct trust){.anchors = two, .n = 2};
        policy.simulated = true;
        x509_crls_add(&g.words.crls,
                      soft_ca_crl(&second.root, at - 3600, at + 3600, revoked.leaf.serial), false);
        give(make_poe(NULL, 0));
        give(word_by(&second));
        give_revocation(rows[i].by_revoked ? &revoked : &second, 10, rows[i].from, rows[i].to, true,
                        rows[i].bundle);
        if (rows[i].newer)
            give_revocation(&second, 11, -1, 1, false, true);
        appraise();
        if (!rows[i].refused) {
            expect_owned();
            continue;
        }
        expect_fail(r.findings, CHECK_POE_OWNER, SITUS_DUPLICATE, "endorsement.owner_name");
        assert_null(r.claims[INSTANCE_POE].authority);
    }
}

/* Under which of two roots an endorsement or a list stands is the choice of who sends it. */
static void no_choice_of_a_root_hides_a_revocation(void **state)
{
    static struct soft_roots t;
    const int64_t at = MAKE_POE_AT - 3600;
    soft_signer_two_roots(&t, at);
    for (size_t i = 0; i < 8; i++) {
        bool names = i < 4;
        const struct soft_signer *endorser = &t.signer[i / 2 % 2];
        setup(state);
        trust = (struct trust){.anchors = t.anchors, .n = 2};
        allow[0] = SPAN_LIT("old root=two");
        allow[1] = SPAN_LIT("new root=two");
        policy.v[PARAM_POE_REVOKED_SOURCE].words = (const struct span[]){SPAN_LIT("list")};
        give(word_by(endorser));
        give_revocation(&t.signer[i % 2], 43, -1, 1, names, false);
        if (names)
            give_revocation(endorser, 42, -1, 1, false, true);
        appraise();
        if (names)
            expect_fail(r.findings, CHECK_POE_REVOKED, SITUS_REVOKED, "piid");
        else
            expect_owned();
    }
}

/* An endorsement, and the list that clears it, hold no longer than the CRL of who signed them. */
static void a_crl_that_ends_first_is_the_end(void **state)
{
    (void)state;
    static struct soft_signer second;
    const int64_t at = MAKE_POE_AT - 3600;
    soft_signer_make(&second, "issuers", at, NULL);
    trust = (struct trust){.anchors = &second.anchor, .n = 1};
    policy.simulated = true;
    policy.v[PARAM_POE_REVOKED_SOURCE].words = (const struct span[]){SPAN_LIT("list")};
    x509_crls_add(&g.words.crls, soft_ca_crl(&second.root, at - 3600, at + 300, 0), false);
    give(word_by(&second));
    give_revocation(&second, 12, -1, 1, false, false);
    appraise();
    expect_owned();
    assert_int_equal(r.findings.v[CHECK_POE_SIGNATURE].until, at + 300);
    assert_int_equal(r.findings.v[CHECK_POE_REVOKED].until, at + 300);
}

/* A CRL that cannot be read is not passed over, in whatever place it stands. */
static void every_crl_that_is_given_is_read(void **state)
{
    (void)state;
    static struct soft_signer stranger; /* keeps its keys reachable */
    soft_signer_make(&stranger, "stranger", MAKE_POE_AT - 3600, NULL);
    struct span crl = soft_ca_crl(&stranger.root, MAKE_POE_AT - 7200, MAKE_POE_AT, 0);
    for (size_t i = 0; i < 2; i++) {
        setup(state);
        for (size_t k = 0; k < 6; k++)
            x509_crls_add(&g.words.crls, crl, false);
        x509_crls_add(&g.words.crls, i ? SPAN_LIT("no CRL") : crl, false);
        give(make_poe(NULL, 0));
        appraise();
        if (i == 0)
            expect_owned();
    }
    expect_fail(r.findings, CHECK_POE_SIGNATURE, SITUS_MALFORMED, "chain[0].crl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_that_holds_decides, setup),
        cmocka_unit_test_setup(a_simulated_issuer_counts_where_the_policy_says_so, setup),
        cmocka_unit_test_setup(two_owners_refuse_both, setup),
        cmocka_unit_test_setup(an_old_word_contradicts_a_new_one, setup),
        cmocka_unit_test_setup(no_allocation_loses_a_second_owner, setup),
        cmocka_unit_test_setup(a_word_about_another_machine_is_no_claim, setup),
        cmocka_unit_test_setup(a_word_beside_no_verified_platform_is_no_claim, setup),
        cmocka_unit_test_setup(a_denied_tpm_of_the_platform_is_refused, setup),
        cmocka_unit_test_setup(no_crl_of_the_bundle_ends_a_contradiction, setup),
        cmocka_unit_test_setup(no_old_list_of_the_bundle_ends_a_contradiction, setup),
        cmocka_unit_test_setup(no_choice_of_a_root_hides_a_revocation, setup),
        cmocka_unit_test_setup(a_crl_that_ends_first_is_the_end, setup),
        cmocka_unit_test_setup(every_crl_that_is_given_is_read, setup),
        cmocka_unit_test_setup(beside_a_revocation_list_that_does_not_read_nothing_is_owned, setup),
        cmocka_unit_test_setup(without_a_revocation_list_nothing_is_owned, setup),
    };
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
