/*
 * Every case of the lab's table is refused in its own place: by part or check, code and field. What
 * an honest machine sends is accepted in every form.
 */
#include "support/test.h"

#include <stdio.h>

#include "lab/intel/lab_intel.h"
#include "tee/intel/quote_verify.h"
#include "tee/intel/tcb.h"

#define AT INT64_C(1800000000)

/* Two cases depend on what the policy says (N17, N33). */
static const char policy_text[] = "{\"scenario\": \"managed\", \"require\": [\"genuine\"],"
                                  " \"tdx.tcb\": {\"min_evaluation_number\": 19},"
                                  " \"tdx.attributes\": {\"xfam_allowed\": \"ffffffffffffff00\"}}";

static int setup(void **state)
{
    *state = lab_world_new(AT);
    return 0;
}

static int teardown(void **state)
{
    lab_world_free(*state);
    return 0;
}

static const char *refusal(const char *place, const struct situs_err *err)
{
    static char text[200];
    snprintf(text, sizeof text, "%s %s %s", place, err_code_name(err->code), err->field);
    return text;
}

/* decided is the one check that failed, else one that did not run, else "accepted". */
static const char *decided(const struct findings *f, bool tdx)
{
    enum check first = tdx ? CHECK_TDX_SIGNATURE : CHECK_SGX_SIGNATURE;
    const char *text = "accepted";
    size_t failed = 0;
    for (enum check c = first; c < first + 4; c++) {
        const struct finding *row = &f->v[c];
        if (row->outcome == OUTCOME_FAIL) {
            text = refusal(check_row(c)->id, row->why);
            failed++;
        } else if (row->outcome != OUTCOME_PASS && failed == 0) {
            text = "not run";
        }
    }
    return failed > 1 ? "more than one check failed" : text;
}

/* appraised runs a scene through everything that reads or decides about Intel's evidence. */
static const char *appraised(struct lab_world *w, const struct lab_scene *s)
{
    static uint8_t memory[1 << 20];
    static struct claims claims;
    static struct findings findings;
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct trust trust;
    struct policy policy;
    struct snapshot snapshot = {0};
    struct quote quote;
    struct situs_item parts[LAB_PARTS];
    claims = (struct claims){0};
    findings = (struct findings){.arena = &a};
    assert_true(trust_read(&trust, lab_trust_json(w), &a, &err));
    assert_true(policy_read(&policy, "test", span_text(policy_text), &a, &err));
    if (!quote_read(&quote, lab_quote_make(w, &s->quote), &err))
        return refusal("quote", &err);
    lab_collateral_parts(w, &s->collateral, parts);
    const char *text = NULL;
    if (!snapshot_load(&snapshot, parts, LAB_PARTS, &trust, &a, &err)) {
        text = refusal(err.part, &err);
    } else {
        quote_claims(&quote, &claims);
        const struct quote_question question = {
            .trust = &trust, .pki = &snapshot.pki, .policy = &policy, .at = s->at};
        quote_verify(&quote, &question, &a, &claims, &findings);
        tcb_apply(&claims, &snapshot, &policy, s->at, &findings);
        text = decided(&findings, quote.tdx);
    }
    snapshot_free(&snapshot);
    return text;
}

static void honest_machines_are_accepted(void **state)
{
    struct lab_world *w = *state;
    struct lab_scene tdx = lab_scene_honest(w), sgx = tdx, processor = tdx;
    assert_string_equal(appraised(w, &tdx), "accepted");
    tdx.quote = lab_quote_tdx(w, &tdx.machine, 5, LAB_BODY_TD10);
    assert_string_equal(appraised(w, &tdx), "accepted");
    tdx.quote = lab_quote_tdx(w, &tdx.machine, 5, LAB_BODY_TD15);
    assert_string_equal(appraised(w, &tdx), "accepted");
    sgx.collateral = lab_collateral_honest(w, &sgx.machine, false);
    for (uint16_t version = 3; version <= 5; version++) {
        sgx.quote = lab_quote_sgx(w, &sgx.machine, version);
        assert_string_equal(appraised(w, &sgx), "accepted");
    }
    processor.machine.processor_ca = true;
    processor.quote = lab_quote_tdx(w, &processor.machine, 4, LAB_BODY_TD10);
    processor.collateral = lab_collateral_honest(w, &processor.machine, true);
    assert_string_equal(appraised(w, &processor), "accepted");
}

static void honest_variants_are_accepted(void **state)
{
    struct lab_world *w = *state;
    struct lab_scene good = lab_scene_honest(w), s = good;
    s.quote.padding = 3000;
    assert_string_equal(appraised(w, &s), "accepted");
    s = good;
    s.quote.chain.edits[0] = LAB_APPEND("\0"); /* Azure's NUL after the last line */
    assert_string_equal(appraised(w, &s), "accepted");
    s = good; /* Intel wrote FMSPCs in lower case until 2023 */
    s.collateral.tcb_info.before[0] =
        LAB_REPLACE("\"fmspc\":\"00806F050000\"", "\"fmspc\":\"00806f050000\"");
    assert_string_equal(appraised(w, &s), "accepted");
    s = good;
    s.collateral.pck_crl.revoked[0] = SPAN_LIT("\x12\x34");
    s.collateral.pck_crl.n_revoked = 1;
    assert_string_equal(appraised(w, &s), "accepted");
}

static void another_world_is_not_trusted(void **state)
{
    struct lab_world *w = *state, *other = lab_world_new(AT);
    struct lab_scene s = lab_scene_honest(w), foreign = lab_scene_honest(other);
    foreign.quote.certification = lab_chain_pem(other, &foreign.quote.chain);
    struct span quote = lab_quote_make(other, &foreign.quote);
    s.quote.after[0] = (struct lab_edit){.find = lab_quote_make(w, &s.quote), .put = quote};
    assert_string_equal(appraised(w, &s), "tdx.pck-chain untrusted pck_chain.root");
    lab_world_free(other);
}

static void every_case_is_refused_in_its_place(void **state)
{
    static const char *const expected[][2] = {
#define CASE(id, verdict) {id, verdict},
#include "lab/lab_cases.def"
#undef CASE
    };
    struct lab_world *w = *state;
    const size_t n = sizeof expected / sizeof expected[0];
    for (size_t i = 0; i < n; i++) {
        const struct lab_fault *c = lab_fault_at(i);
        struct lab_scene s = lab_scene_honest(w);
        assert_non_null(c);
        assert_string_equal(c->id, expected[i][0]);
        c->bend(w, &s, c->form);
        const char *verdict = appraised(w, &s);
        if (strcmp(verdict, expected[i][1]) != 0)
            fail_msg("%s, %s: %s, not %s", c->id, c->what, verdict, expected[i][1]);
    }
    assert_null(lab_fault_at(n));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(honest_machines_are_accepted),
        T(honest_variants_are_accepted),
        T(another_world_is_not_trusted),
        T(every_case_is_refused_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
