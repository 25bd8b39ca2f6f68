/* The answer for people: one sentence for every kind of verdict, whose names nobody but policy and trust file give. */
#include "appraise/verdict.h"
#include "base/text.h"
#include "model/trust_places.h"
#include "situs/door.h"
#include "situs/report.h"
#include "support/test.h"

#include <string.h>

static const struct anchor chip = {.name = "Chip Maker"}, cloud = {.name = "Example Cloud"},
                           registrar = {.name = "Example Metal"}, issuer = {.name = "Issuer"},
                           lab = {.name = "Lab", .simulated = true};
static const struct trust_place amsterdam = {.facility = {(const uint8_t *)"ams1", 4},
                                             .name = "Amsterdam"};
static struct situs_trust trust;
static struct policy policy;
static struct situs_result r;
static char text[8192];
static uint8_t why_memory[4096];
static struct arena why_arena;

/* A result in which every row passed, of a policy that asks for these proofs. */
static void all_pass(unsigned require)
{
    policy = (struct policy){.require = require, .scenario = SCENARIO_MANAGED, .name = "policy"};
    r = (struct situs_result){.result = {.policy = &policy, .tee = KIND_TDX, .at = 1800000000},
                              .asked = {.at = 1800000000, .trust = &trust}};
    why_arena = arena_new(why_memory, sizeof why_memory);
    r.result.findings.arena = &why_arena;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        finding_pass(&r.result.findings, c);
    r.result.image.image = "guest-2026-11";
    r.result.claims[INSTANCE_TEE].authority = &chip;
    trust = (struct situs_trust){{.anchors = &cloud, .n = 1, .places = &amsterdam, .n_places = 1}};
    verdict_decide(&r.result);
}

static void claim(enum instance in, const struct anchor *by, enum claim_id id, const char *said)
{
    r.result.claims[in].authority = by;
    claim_bytes(&r.result.claims[in], id, span_text(said));
}

static void allow(enum param id, const char *words)
{
    static struct span word[4];
    static size_t at;
    at = (at + 1) % 4;
    word[at] = span_text(words);
    policy.v[id] = (struct param_value){.given = true, .words = &word[at], .n = 1};
}

static char *sentence(bool past)
{
    struct wr w = wr_new(text, sizeof text - 1);
    verdict_decide(&r.result);
    report_plain(&r, past, &w);
    assert_true(wr_ok(&w));
    text[w.n] = 0;
    return text;
}

static void bound(const char *facility)
{
    all_pass(PROOF_BOUND);
    claim(INSTANCE_GUEST, &cloud, CLAIM_FACILITY, facility);
}

static void a_place_is_called_as_the_trust_file_calls_it_then_the_policy_and_else_not(void **state)
{
    (void)state;
    bound("ams1");
    allow(PARAM_AK_ALLOW, "Example Cloud=ams1");
    assert_string_equal(sentence(false),
                        "Runs the approved image \u201cguest-2026-11\u201d on a machine that "
                        "\u201cExample Cloud\u201d vouches for, in \u201cAmsterdam\u201d.");
    bound("hall 4");
    allow(PARAM_AK_ALLOW, "Example Cloud=hall 4");
    assert_string_equal(sentence(false),
                        "Runs the approved image \u201cguest-2026-11\u201d on a machine that "
                        "\u201cExample Cloud\u201d vouches for, in \u201chall 4\u201d.");
    static const char nowhere[] =
        "Runs the approved image \u201cguest-2026-11\u201d on a machine that "
        "\u201cExample Cloud\u201d vouches for; neither policy nor trust file names its place.";
    bound("Fort Knox"); /* the word of evidence alone */
    assert_string_equal(sentence(false), nowhere);
    allow(PARAM_AK_ALLOW, "Another=Fort Knox");
    assert_string_equal(sentence(false), nowhere);
    all_pass(PROOF_BOUND);
    claim(INSTANCE_GUEST, &cloud, CLAIM_GCE_ZONE, "us-central1-a");
    assert_string_equal(sentence(false), nowhere);
    allow(PARAM_AK_ZONES, "us-central1-a");
    assert_non_null(strstr(sentence(false), " vouches for, in \u201cus-central1-a\u201d."));
}

static void bare_metal_is_its_registrar_s(void **state)
{
    (void)state;
    all_pass(PROOF_CO_LOCATED);
    policy.scenario = SCENARIO_BARE_METAL;
    claim(INSTANCE_GUEST, NULL, CLAIM_FACILITY, "Fort Knox");
    claim(INSTANCE_PLATFORM, &registrar, CLAIM_FACILITY, "ams1");
    assert_string_equal(sentence(false),
                        "Runs the approved image \u201cguest-2026-11\u201d on a machine that "
                        "\u201cExample Metal\u201d vouches for, in \u201cAmsterdam\u201d.");
}

static void an_owner_is_called_as_the_policy_calls_him(void **state)
{
    (void)state;
    all_pass(PROOF_OWNED);
    claim(INSTANCE_POE, &issuer, CLAIM_OWNER, "M\xc3\xbcller GmbH");
    allow(PARAM_POE_OWNER_ALLOW, "Issuer=M\xc3\xbcller GmbH");
    assert_string_equal(sentence(false), "Runs the approved image \u201cguest-2026-11\u201d on a "
                                         "machine of \u201cM\xc3\xbcller GmbH\u201d; "
                                         "where that is was not asked.");
    all_pass(PROOF_LISTED);
    claim(INSTANCE_LIST, &issuer, CLAIM_OWNER, "Owner");
    claim(INSTANCE_LIST, &issuer, CLAIM_FACILITY, "ams1");
    assert_string_equal(sentence(false),
                        "Runs the approved image \u201cguest-2026-11\u201d on a machine on "
                        "the list of \u201cIssuer\u201d, in \u201cAmsterdam\u201d.");
    allow(PARAM_LIST_ALLOW, "Issuer=Owner");
    assert_non_null(strstr(sentence(false), " on the list of \u201cIssuer\u201d of machines of "
                                            "\u201cOwner\u201d, in \u201cAmsterdam\u201d."));
    bound("ams1"); /* nobody asked for ownership: another may say it of a machine of his */
    claim(INSTANCE_POE, &issuer, CLAIM_OWNER, "Owner");
    allow(PARAM_POE_OWNER_ALLOW, "Issuer=Owner");
    assert_non_null(strstr(
        sentence(false), " that \u201cExample Cloud\u201d vouches for, in \u201cAmsterdam\u201d."));
}

static void what_was_not_asked_is_not_said(void **state)
{
    (void)state;
    all_pass(PROOF_LIVE);
    claim(INSTANCE_GUEST, &cloud, CLAIM_FACILITY, "ams1");
    assert_string_equal(sentence(false),
                        "Runs the approved image \u201cguest-2026-11\u201d in a genuine chip; "
                        "where the machine is, and whose, was not asked.");
    all_pass(PROOF_GENUINE);
    assert_string_equal(sentence(false),
                        "A genuine chip signed this, by the word of \u201cChip Maker\u201d; "
                        "what ran there, when, where and whose was not asked.");
}

static void what_was_is_told_as_what_was(void **state)
{
    (void)state;
    bound("ams1");
    static const char was[] =
        "As of 2027-01-15 08:00 UTC it ran the approved image \u201cguest-2026-11\u201d "
        "on a machine that \u201cExample Cloud\u201d vouches for, in \u201cAmsterdam\u201d. "
        "Nothing is proven of now.";
    assert_string_equal(sentence(true), was);
    r.result.archived = true;
    assert_string_equal(sentence(false), was);
    assert_false(situs_result_trusted(&r));
}

static void a_simulation_says_so_first(void **state)
{
    (void)state;
    bound("ams1");
    policy.simulated = true;
    r.result.claims[INSTANCE_TEE].authority = &lab;
    assert_string_equal(sentence(false),
                        "SIMULATED, no real machine: runs the approved image "
                        "\u201cguest-2026-11\u201d on a machine that \u201cExample Cloud\u201d "
                        "vouches for, in \u201cAmsterdam\u201d.");
    policy.simulated = false;
    assert_int_equal(strncmp(sentence(false), "SIMULATED, no real machine: not proven: ", 40), 0);
}

static void reject(enum check c, enum situs_code code)
{
    all_pass(PROOF_ALL);
    policy.scenario = SCENARIO_BARE_METAL;
    r.result.tee = tee_row(check_row(c)->kind) ? check_row(c)->kind : KIND_TDX;
    policy.require = r.result.tee == KIND_TDX ? PROOF_ALL : PROOFS_LIVE;
    finding_retract(&r.result.findings, c);
    if (code != SITUS_NONE)
        finding_fail(&r.result.findings, c, code, FINDING_AT("part", "field"), "this", "EVIDENCE",
                     NULL);
}

static void each_row_that_refuses_has_its_sentence(void **state)
{
    (void)state;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        reject(c, SITUS_MISMATCH);
        sentence(false);
        assert_int_equal(strncmp(text, "Not proven: ", 12), 0);
        assert_true(text[strlen(text) - 1] == '.' && strlen(text) < 160);
        assert_null(strstr(text, "EVIDENCE"));
        assert_null(strstr(text, check_row(c)->id));
        char failed[sizeof text];
        strcpy(failed, text);
        reject(c, SITUS_NONE);
        if (check_row(c)->proofs & policy.require)
            assert_string_equal(sentence(false), failed);
    }
    reject(CHECK_AK_CERTIFICATE, SITUS_NONE);
    assert_string_equal(sentence(false), "Not proven: nobody vouches for this machine's place.");
    reject(CHECK_AK_CERTIFICATE, SITUS_REVOKED);
    assert_string_equal(sentence(false),
                        "Not proven: nobody vouches for this machine's place (it was taken back).");
    reject(CHECK_BIND_MEASUREMENTS, SITUS_NOT_ALLOWED);
    assert_null(strstr(sentence(false), "two machines"));
    reject(CHECK_POE_WINDOW, SITUS_EXPIRED);
    assert_non_null(strstr(sentence(false), " (it has ended)."));
    reject(CHECK_POE_WINDOW, SITUS_NOT_YET_VALID);
    assert_non_null(strstr(sentence(false), " (its time has not begun)."));
}

static void stopped(const char *part, bool in_collateral, bool in_request, const char *words)
{
    all_pass(PROOF_BOUND);
    err_fail(&r.result.err, SITUS_TOO_SHORT, part, "field", 0, "this", "that");
    r.result.err_in_collateral = in_collateral;
    r.result.err_in_request = in_request;
    assert_string_equal(sentence(false), words);
}

static void what_does_not_read_is_told_apart(void **state)
{
    (void)state;
    stopped("quote", false, false, "Not proven: what was given cannot be read as evidence.");
    stopped("tcb_info", true, false,
            "Not proven: what the chip's maker says of its chips cannot be read.");
    stopped("channel", false, true, "Not proven: the request cannot be read.");
    all_pass(PROOF_BOUND);
    r.result.tee = KIND_SNP; /* there is no such proof of it */
    assert_string_equal(sentence(false),
                        "Not proven: the policy asks for what this kind of evidence cannot show.");
}

/* owned_by is the sentence about a machine whose owner the policy calls so. */
static char *owned_by(const char *owner)
{
    static char pair[512];
    all_pass(PROOF_OWNED);
    strcpy(pair, "Issuer=");
    strcat(pair, owner);
    claim(INSTANCE_POE, &issuer, CLAIM_OWNER, owner);
    allow(PARAM_POE_OWNER_ALLOW, pair);
    return sentence(false);
}

static void a_name_moves_and_hides_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } rows[] = {
        {"a\xe2\x80\xae"
         "b",
         "a<U+202E>b"},
        {"a\xe2\x81\xa6"
         "b",
         "a<U+2066>b"},
        {"a\xe2\x80\x8b"
         "b",
         "a<U+200B>b"},
        {"a\xe2\x80\xa8"
         "b",
         "a<U+2028>b"},
        {"a\xd8\x9c"
         "b",
         "a<U+061C>b"},
        {"a\nb\x1b[2J", "a<U+000A>b<U+001B>[2J"},
        {"a\xc2\x85"
         "b\x7f",
         "a<U+0085>b<U+007F>"},
        {"a\xef\xbb\xbf"
         "b",
         "a<U+FEFF>b"},
        {"a\xf3\xa0\x81\x81"
         "b",
         "a<U+E0041>b"},
        {"a\u201d now\u201c", "a<U+201D> now<U+201C>"},
        {"a\xff"
         "b\xe2\x80",
         "a?b??"},
        {"\xd7\x90\xf0\x9f\x99\x82", "\xd7\x90\xf0\x9f\x99\x82"},
        {"<b>\"&", "<b>\"&"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[200] = " on a machine of \u201c";
        strcat(want, rows[i].shown);
        strcat(want, "\u201d;");
        assert_non_null(strstr(owned_by(rows[i].name), want));
    }
    char wide[301] = "";
    for (size_t i = 0; i < 100; i++)
        strcat(wide, "\xe2\x82\xac");
    assert_non_null(strstr(owned_by(wide), "\xe2\x82\xac...\u201d;"));
    assert_true(text_utf8(span_text(text)) && strlen(text) < 300);
}

/* That a sentence about what is open is there or not. */
static bool says(const char *(*row)(const struct situs_result *, size_t), const char *words)
{
    const char *one;
    for (size_t i = 0; (one = row(&r, i)) != NULL; i++)
        if (strcmp(one, words) == 0)
            return true;
    return false;
}

static void what_is_open_and_what_would_end_it_follow_from_what_was_asked(void **state)
{
    (void)state;
    static const char whose[] = "whose machine it is", where[] = "where the machine is",
                      restart[] = "the machine restarts: somebody must vouch for it anew";
    bound("ams1");
    assert_true(says(report_open, whose) && !says(report_open, where));
    assert_false(says(report_open, "what runs beneath the image")); /* of bare metal alone */
    assert_false(says(report_break, restart));
    all_pass(PROOF_OWNED);
    assert_true(!says(report_open, whose) && says(report_open, where));
    all_pass(PROOF_CO_LOCATED | PROOF_HOST_MEASURED);
    policy.scenario = SCENARIO_BARE_METAL;
    verdict_decide(&r.result);
    assert_true(says(report_break, restart));
    reject(CHECK_TDX_SIGNATURE, SITUS_BAD_SIGNATURE);
    verdict_decide(&r.result);
    assert_true(says(report_open, "that a genuine chip signed this") && !report_break(&r, 0));
    struct situs_proof p;
    size_t proofs = 0, open = 0;
    while (situs_result_proof(&r, proofs, &p))
        proofs++;
    while (report_open(&r, open))
        open++;
    assert_int_equal(
        open, proofs + 3); /* no proof that does not hold goes untold, and what none ever proves */
}

static void ends_come_in_their_order_and_once(void **state)
{
    (void)state;
    int64_t at, before = 0;
    const char *what;
    bound("ams1");
    finding_until(&r.result.findings, CHECK_TDX_TCB, 30, "the TCB info");
    finding_until(&r.result.findings, CHECK_TDX_PCK_CHAIN, 20, "the root CRL");
    finding_until(&r.result.findings, CHECK_AK_CERTIFICATE, 30, "the AK certificate");
    finding_until(&r.result.findings, CHECK_AK_ATTRIBUTES, 30, "the AK certificate");
    finding_until(&r.result.findings, CHECK_POE_WINDOW, 10, "what nobody asked for");
    static const char *const want[] = {"the root CRL", "the TCB info", "the AK certificate"};
    for (size_t i = 0; i < 3; i++, before = at) {
        assert_true(report_end_of(&r, i, &at, &what));
        assert_string_equal(what, want[i]);
        assert_true(at >= before);
    }
    assert_false(report_end_of(&r, 3, &at, &what));
    assert_true(situs_result_until(&r, &at, &what) && at == 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_called_as_the_trust_file_calls_it_then_the_policy_and_else_not),
        cmocka_unit_test(bare_metal_is_its_registrar_s),
        cmocka_unit_test(an_owner_is_called_as_the_policy_calls_him),
        cmocka_unit_test(what_was_not_asked_is_not_said),
        cmocka_unit_test(what_was_is_told_as_what_was),
        cmocka_unit_test(a_simulation_says_so_first),
        cmocka_unit_test(each_row_that_refuses_has_its_sentence),
        cmocka_unit_test(what_does_not_read_is_told_apart),
        cmocka_unit_test(a_name_moves_and_hides_nothing),
        cmocka_unit_test(what_is_open_and_what_would_end_it_follow_from_what_was_asked),
        cmocka_unit_test(ends_come_in_their_order_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
