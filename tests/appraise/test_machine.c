/* appraise/machine: two parties speak of one machine, and a denied machine is refused by any of its
 * ids. */
#include "support/test.h"

#include "appraise/machine.h"
#include "base/text.h"
#include "model/gce.h"

static const struct anchor maker = {.name = "maker"}, provider = {.name = "provider"},
                           issuer = {.name = "issuer"}, signer = {.name = "signer"};
static const uint8_t id[7][16] = {{1}, {2}, {3}, {4}, {5}, {6}, {7}};
static uint8_t memory[8192];
static struct arena arena;
static struct policy policy;
static struct result r;
static struct span parties[2], deny[1];
static struct claims *tee, *guest, *poe, *list;

/* A managed machine: a Google instance, an owner and a list; all of it holds and fits. */
static int good(void **state)
{
    (void)state;
    static uint8_t mrowner[48];
    arena = arena_new(memory, sizeof memory);
    policy = (struct policy){.require = PROOF_BOUND | PROOF_OWNED, .scenario = SCENARIO_MANAGED};
    parties[0] = SPAN_LIT("provider=issuer");
    parties[1] = SPAN_LIT("provider=signer");
    policy.v[PARAM_MACHINE_PARTIES] = (struct param_value){.given = true, .words = parties, .n = 2};
    r = (struct result){.policy = &policy, .tee = KIND_TDX, .findings = {.arena = &arena}};
    tee = &r.claims[INSTANCE_TEE], guest = &r.claims[INSTANCE_GUEST];
    poe = &r.claims[INSTANCE_POE], list = &r.claims[INSTANCE_LIST];
    *tee = (struct claims){.instance = "tdx", .authority = &maker};
    *guest = (struct claims){.instance = "tpm.guest", .authority = &provider};
    *poe = (struct claims){.instance = "poe", .authority = &issuer};
    *list = (struct claims){.instance = "list", .authority = &signer};
    claim_bytes(tee, CLAIM_PIID, SPAN_ARR(id[0]));
    claim_num(guest, CLAIM_GCE_INSTANCE_ID, 7);
    claim_num(guest, CLAIM_GCE_PROJECT_NUMBER, 8);
    claim_bytes(guest, CLAIM_GCE_ZONE, SPAN_LIT("us-central1-a"));
    assert_true(gce_mrowner(7, 8, SPAN_LIT("us-central1-a"), mrowner));
    claim_bytes(tee, CLAIM_MROWNER, SPAN_ARR(mrowner));
    return 0;
}

static const struct finding *check(void)
{
    const struct claims *const endorsements[] = {poe, list};
    r.findings.v[CHECK_MACHINE_SAME] = (struct finding){.outcome = OUTCOME_NOT_RUN};
    machine_check(&r.findings, &policy, tee, guest, endorsements, 2);
    return &r.findings.v[CHECK_MACHINE_SAME];
}

static void one_party_behind_both_words_is_one_machine(void **state)
{
    (void)state;
    assert_int_equal(check()->outcome, OUTCOME_PASS);
    poe->authority = NULL; /* one word that holds is enough */
    assert_int_equal(check()->outcome, OUTCOME_PASS);
    static const uint8_t zero[48] = {0};
    claim_bytes(tee, CLAIM_MROWNER, SPAN_ARR(zero)); /* says nothing */
    assert_int_equal(check()->outcome, OUTCOME_PASS);
}

/* As TDs of Google's of June 2026 have it: the row is not asked, and why is said by name. */
static void an_owner_id_that_is_absent_is_told(void **state)
{
    static const uint8_t zero[48] = {0};
    good(state);
    policy.require = PROOF_BOUND;
    assert_false(machine_owner_absent(tee, guest));
    assert_int_equal(check()->outcome, OUTCOME_PASS);
    claim_bytes(tee, CLAIM_MROWNER, SPAN_ARR(zero));
    assert_true(machine_owner_absent(tee, guest));
    assert_int_equal(check()->outcome, OUTCOME_NOT_RUN);
    assert_string_equal(check()->reason, "the TD names no instance: its MROWNER is zero");
    guest->v[CLAIM_GCE_INSTANCE_ID].set = false; /* another provider's certificate */
    assert_false(machine_owner_absent(tee, guest));
    good(state);
    claim_bytes(tee, CLAIM_MROWNER, SPAN_ARR(zero));
    guest->authority = NULL; /* a certificate that nobody verified names none */
    assert_false(machine_owner_absent(tee, guest));
}

static void a_word_of_another_party_is_refused(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        good(state);
        parties[i] = SPAN_LIT("provider=somebody");
        check();
        expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_NOT_ALLOWED, "authority");
        good(state);
        parties[i] = SPAN_LIT("somebody=issuer");
        check();
        expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_NOT_ALLOWED, "authority");
    }
}

static void what_nobody_says_is_not_run(void **state)
{
    (void)state;
    guest->authority = NULL; /* no certified TPM */
    assert_int_equal(check()->outcome, OUTCOME_NOT_RUN);
    good(state);
    policy.v[PARAM_MACHINE_PARTIES].given = false;
    assert_int_equal(check()->outcome, OUTCOME_NOT_RUN);
    good(state);
    poe->authority = list->authority = NULL;
    assert_int_equal(check()->outcome, OUTCOME_NOT_RUN);
}

static void parties_are_asked_only_where_two_proofs_meet(void **state)
{
    static const struct {
        unsigned require;
        bool asked;
    } cases[] = {{PROOF_BOUND, false},
                 {PROOF_OWNED | PROOF_LISTED, false},
                 {PROOF_BOUND | PROOF_OWNED, true},
                 {PROOF_BOUND | PROOF_LISTED, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good(state);
        policy.require = cases[i].require;
        tee->v[CLAIM_MROWNER].set = false;
        assert_int_equal(check()->outcome, cases[i].asked ? OUTCOME_PASS : OUTCOME_NOT_RUN);
        parties[0] = parties[1] = SPAN_LIT("provider=somebody");
        assert_int_equal(check()->outcome, cases[i].asked ? OUTCOME_FAIL : OUTCOME_NOT_RUN);
    }
}

/* What the TD's owner id says of the instance is asked whatever is required. */
static void an_owner_id_is_the_instances_whatever_is_required(void **state)
{
    static const unsigned require[] = {PROOF_GENUINE, PROOF_BOUND, PROOF_OWNED,
                                       PROOF_BOUND | PROOF_LISTED};
    for (size_t i = 0; i < sizeof require / sizeof *require; i++) {
        good(state);
        policy.require = require[i];
        assert_int_equal(check()->outcome, OUTCOME_PASS);
        claim_num(guest, CLAIM_GCE_INSTANCE_ID, 9);
        check();
        expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "mrowner");
    }
}

static void an_owner_id_of_another_instance_is_refused(void **state)
{
    static const enum claim_id numbers[] = {CLAIM_GCE_INSTANCE_ID, CLAIM_GCE_PROJECT_NUMBER};
    for (size_t i = 0; i < 2; i++) {
        good(state);
        claim_num(guest, numbers[i], 9);
        check();
        expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "mrowner");
    }
    good(state);
    claim_bytes(guest, CLAIM_GCE_ZONE, SPAN_LIT("us-central1-b"));
    check();
    expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "mrowner");
    good(state);
    claim_bytes(guest, CLAIM_GCE_ZONE, SPAN_LIT("no zone\"")); /* its document has no hash */
    check();
    expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "mrowner");
}

/* A registrar's certificate names the platform: then nothing but that platform will do, whatever is
 * asked and whatever the parties are. */
static void a_platform_that_the_certificate_names_is_the_quotes(void **state)
{
    (void)state;
    policy.require = PROOF_BOUND;
    policy.v[PARAM_MACHINE_PARTIES].given = false;
    claim_bytes(guest, CLAIM_MACHINE_PIID, SPAN_ARR(id[0]));
    assert_int_equal(check()->outcome, OUTCOME_PASS);
    claim_bytes(guest, CLAIM_MACHINE_PIID, SPAN_ARR(id[1]));
    check();
    expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "piid");
    claim_bytes(guest, CLAIM_MACHINE_PIID, span_of(id[0], 15)); /* no prefix */
    check();
    expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISMATCH, "piid");
    claim_bytes(guest, CLAIM_MACHINE_PIID, SPAN_ARR(id[0]));
    tee->authority = NULL; /* a quote that nobody verified is of no platform */
    assert_int_equal(check()->outcome, OUTCOME_NOT_RUN);
}

/* F7: the certificate names a platform, and the quote is of one that has no id. */
static void a_named_platform_is_not_one_without_a_name(void **state)
{
    static const unsigned require[] = {PROOF_GENUINE, PROOF_BOUND, PROOF_BOUND | PROOF_OWNED};
    for (size_t i = 0; i < sizeof require / sizeof *require; i++) {
        good(state);
        policy.require = require[i];
        claim_bytes(guest, CLAIM_MACHINE_PIID, SPAN_ARR(id[0]));
        tee->v[CLAIM_PIID].set = false;
        check();
        expect_fail(r.findings, CHECK_MACHINE_SAME, SITUS_MISSING, "piid");
        assert_string_equal(r.findings.v[CHECK_MACHINE_SAME].why->part, "ak_certificate");
    }
}

/* Every id by which a machine can be denied. */
static const struct {
    enum instance instance;
    enum claim_id claim;
    const char *field;
} ids[] = {
    {INSTANCE_TEE, CLAIM_PIID, "piid"},           {INSTANCE_TEE, CLAIM_PPID, "ppid"},
    {INSTANCE_TEE, CLAIM_CHIP_ID, "chip_id"},     {INSTANCE_GUEST, CLAIM_EK_NAME, "ek_name"},
    {INSTANCE_GUEST, CLAIM_AK_NAME, "ak_name"},   {INSTANCE_PLATFORM, CLAIM_EK_NAME, "ek_name"},
    {INSTANCE_PLATFORM, CLAIM_AK_NAME, "ak_name"}};

static void state_ids(const char *denied)
{
    r.claims[INSTANCE_PLATFORM] =
        (struct claims){.instance = "tpm.platform", .authority = &provider};
    for (size_t i = 0; i < 7; i++)
        claim_bytes(&r.claims[ids[i].instance], ids[i].claim, SPAN_ARR(id[i]));
    deny[0] = span_text(denied);
    policy.v[PARAM_REVOCATION_DENY] = (struct param_value){.given = true, .words = deny, .n = 1};
}

static void a_machine_is_denied_by_each_of_its_ids(void **state)
{
    for (size_t i = 0; i < 7; i++) {
        good(state);
        state_ids(TEXT_HEX(SPAN_ARR(id[i])));
        machine_check_denied(&r);
        expect_fail(r.findings, CHECK_MACHINE_DENIED, SITUS_REVOKED, ids[i].field);
        good(state);
        state_ids(TEXT_HEX(SPAN_ARR(id[i])));
        r.claims[ids[i].instance].authority =
            NULL; /* nobody vouches that the id is the machine's */
        machine_check_denied(&r);
        assert_int_not_equal(r.findings.v[CHECK_MACHINE_DENIED].outcome, OUTCOME_FAIL);
    }
}

static void an_id_is_denied_whole(void **state)
{
    static const char *const words[] = {"010000000000000000000000000000",
                                        "0100000000000000000000000000000000", "01",
                                        "01000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        good(state);
        state_ids(words[i]);
        machine_check_denied(&r);
        assert_int_equal(r.findings.v[CHECK_MACHINE_DENIED].outcome, OUTCOME_PASS);
    }
}

/* With a deny list, a machine that nobody can name might be the one that it names. */
static void a_machine_without_a_name_is_not_cleared(void **state)
{
    (void)state;
    state_ids("ff");
    tee->authority = NULL;
    machine_check_denied(&r);
    assert_int_equal(r.findings.v[CHECK_MACHINE_DENIED].outcome, OUTCOME_NOT_RUN);
    policy.v[PARAM_REVOCATION_DENY] = (struct param_value){0}; /* nobody is denied */
    machine_check_denied(&r);
    assert_int_equal(r.findings.v[CHECK_MACHINE_DENIED].outcome, OUTCOME_PASS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_party_behind_both_words_is_one_machine, good),
        cmocka_unit_test_setup(an_owner_id_that_is_absent_is_told, good),
        cmocka_unit_test_setup(a_word_of_another_party_is_refused, good),
        cmocka_unit_test_setup(what_nobody_says_is_not_run, good),
        cmocka_unit_test_setup(parties_are_asked_only_where_two_proofs_meet, good),
        cmocka_unit_test_setup(an_owner_id_is_the_instances_whatever_is_required, good),
        cmocka_unit_test_setup(a_named_platform_is_not_one_without_a_name, good),
        cmocka_unit_test_setup(an_owner_id_of_another_instance_is_refused, good),
        cmocka_unit_test_setup(a_platform_that_the_certificate_names_is_the_quotes, good),
        cmocka_unit_test_setup(a_machine_is_denied_by_each_of_its_ids, good),
        cmocka_unit_test_setup(an_id_is_denied_whole, good),
        cmocka_unit_test_setup(a_machine_without_a_name_is_not_cleared, good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
