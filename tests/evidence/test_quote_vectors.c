/* Real quotes with their collateral: each gives the answer that its MANIFEST row names. */
#include "support/appraise_quote.h"

#include "base/text.h"
#include "base/time.h"
#include "support/intel_vectors.h"
#include "support/test.h"
#include "support/vectors.h"

static struct appraisal a;

static struct span quote_of(const char *folder)
{
    return intel_vectors_read(folder, "quote.bin");
}

static int run(const char *folder, int64_t at)
{
    appraise_vector(&a, folder, NULL);
    if (!appraise_quote(&a, quote_of(folder), at))
        fail_msg("%s %s", err_code_name(a.err.code), a.err.field);
    int exit = appraise_exit(&a);
    appraise_free(&a);
    return exit;
}

static void expect_status(const char *word)
{
    const struct claim *c = claims_get(&a.claims, CLAIM_TCB_STATUS);
    assert_non_null(c);
    assert_true(span_equal(c->bytes, span_text(word)));
}

static void expect_words(enum claim_id id, const char *const *words, size_t n)
{
    const struct claim *c = claims_get(&a.claims, id);
    assert_non_null(c);
    for (size_t i = 0; i < c->words.n; i++)
        print_message("%.*s\n", (int)c->words.v[i].n, (const char *)c->words.v[i].p);
    assert_int_equal(c->words.n, n);
    for (size_t i = 0; i < n; i++)
        assert_true(span_equal(c->words.v[i], span_text(words[i])));
}

static void phala_v4_is_up_to_date(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(run("phala-v4", 1750332747), 0);
    expect_status("UpToDate");
    expect_words(CLAIM_TCB_ADVISORIES, NULL, 0);
    expect_words(CLAIM_TCB_SHORT, NULL, 0);
}

static void bare_metal_2025_is_up_to_date(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(run("bare-metal-2025", 1769510999), 0);
    expect_status("UpToDate");
    assert_true(a.quote.padding > 0);
    assert_int_equal(a.quote.whole.n + a.quote.padding, 8000);
}

static void azure_2026_is_up_to_date(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(run("azure-2026", 1780921955), 0);
    expect_status("UpToDate");
}

static void gcp_cos113_is_out_of_date_with_seven_advisories(void **state)
{
    (void)state;
    static const char *const advisories[] = {"INTEL-SA-01010", "INTEL-SA-01036", "INTEL-SA-01076",
                                             "INTEL-SA-01079", "INTEL-SA-01099", "INTEL-SA-01103",
                                             "INTEL-SA-01111"};
    static const char *const shortfalls[] = {
        "SGX component 0 (\"Early Microcode Update\"): 7 < 8",
        "SGX component 1 (\"SGX Late Microcode Update\"): 7 < 8",
        "SGX component 4 (\"BIOS\"): 3 < 4",
        "SGX component 7 (\"SEAMLDR ACM\"): 3 < 6",
        "TDX component 2 (\"TDX Late Microcode Update\"): 7 < 8",
        "TDX module TDX_01: 4 < 6"};
    int64_t date;
    vectors_need();
    assert_int_equal(run("gcp-cos113", 1769510999), 4);
    expect_status("OutOfDate");
    expect_fail(a.findings, CHECK_TDX_TCB, SITUS_OUT_OF_DATE, "tcbStatus");
    assert_int_equal(a.findings.v[CHECK_TDX_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(a.findings.v[CHECK_TDX_PCK_CHAIN].outcome, OUTCOME_PASS);
    assert_int_equal(a.findings.v[CHECK_TDX_ATTRIBUTES].outcome, OUTCOME_PASS);
    expect_words(CLAIM_TCB_ADVISORIES, advisories, 7);
    expect_words(CLAIM_TCB_SHORT, shortfalls, 6);
    assert_true(time_read_rfc3339(&date, SPAN_LIT("2024-03-13T00:00:00Z")));
    assert_int_equal(claims_get(&a.claims, CLAIM_TCB_DATE)->num, date);
    assert_true(span_all(claims_get(&a.claims, CLAIM_REPORT_DATA)->bytes, 0));
}

static void azure_v5_matches_no_level(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(run("azure-v5", 1771415931), 4);
    expect_status("NotSupported");
    expect_fail(a.findings, CHECK_TDX_TCB, SITUS_NOT_ALLOWED, "tcbStatus");
    assert_int_equal(a.findings.v[CHECK_TDX_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(a.findings.v[CHECK_TDX_PCK_CHAIN].outcome, OUTCOME_PASS);
}

static void spr_e4_has_text_after_the_quote(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err = {0};
    struct quote q;
    struct span bytes = quote_of("spr-e4");
    assert_false(quote_read(&q, bytes, &err));
    expect_err(err, SITUS_TRAILING, "quote", 4935);
    assert_string_equal(err.got, "39 bytes");

    appraise_vector(&a, "spr-e4", NULL);
    assert_true(appraise_quote(&a, span_cut(bytes, 0, 4935), 1687081378));
    assert_int_equal(appraise_exit(&a), 4);
    expect_status("NotSupported");
    appraise_free(&a);
}

static void wrong_fmspc_names_both(void **state)
{
    (void)state;
    vectors_need();
    assert_int_equal(run("wrong-fmspc", 1769510999), 3);
    expect_fail(a.findings, CHECK_TDX_TCB, SITUS_MISMATCH, "tcbInfo.fmspc");
    assert_string_equal(a.findings.v[CHECK_TDX_TCB].why->expected, "b0c06f000000");
    assert_string_equal(a.findings.v[CHECK_TDX_TCB].why->got, "00806f050000");
}

static void live_ccel_reads(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err = {0};
    struct quote q;
    assert_true(quote_read(&q, quote_of("live-ccel"), &err));
    assert_int_equal(q.version, 4);
    assert_true(q.tdx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phala_v4_is_up_to_date),
        cmocka_unit_test(bare_metal_2025_is_up_to_date),
        cmocka_unit_test(azure_2026_is_up_to_date),
        cmocka_unit_test(gcp_cos113_is_out_of_date_with_seven_advisories),
        cmocka_unit_test(azure_v5_matches_no_level),
        cmocka_unit_test(spr_e4_has_text_after_the_quote),
        cmocka_unit_test(wrong_fmspc_names_both),
        cmocka_unit_test(live_ccel_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
