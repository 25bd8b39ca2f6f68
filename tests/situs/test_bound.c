/* Whole appraisals of a managed VM: the honest one is bound, each attack is refused by one row. */
#include "crypto/digest.h"
#include "situs/report.h"
#include "support/scene_attacks.h"
#include "support/test.h"

static void the_honest_machine_is_bound(void **state)
{
    (void)state;
    struct scene *s = scene_run(false, NULL);
    if (s->result.verdict != VERDICT_TRUSTED)
        scene_print(&s->result);
    assert_int_equal(s->result.verdict, VERDICT_TRUSTED);
    assert_int_equal(s->result.held, PROOF_GENUINE | PROOF_LIVE | PROOF_BOUND);
    assert_int_equal(s->result.exit, 0);
    assert_true(result_simulated(&s->result));
    assert_ptr_equal(s->result.claims[INSTANCE_GUEST].authority, &s->anchors[1]);
}

static void the_report_names_whom_bound_rests_on(void **state)
{
    (void)state;
    static const char *const parties[] = {"the TEE maker", "the secrecy", "the guest image builder",
                                          "the provider: its AK certificate authority, virtual"};
    static char text[1 << 16];
    struct wr w = wr_new(text, sizeof text - 1);
    const struct result *r = &scene_run(false, NULL)->result;
    scene_expect_rests(r, "bound", parties, 4);
    report_text(door_result(r), false, &w);
    text[w.n] = 0;
    assert_non_null(strstr(text, "vouches for the TPM (required)\n"));
    assert_non_null(strstr(text, "you trust  "));
    assert_non_null(strstr(text, ": image guest is closed, in all 12 points\n"));
    assert_null(strstr(strstr(text, "not asked"), "co-located\n")); /* it is of bare metal */
}

/* A lab's registrar vouches only in a policy of the lab's. (The lab's firmware wants the lab's
 * maker too, so bind.measurements fails beside it.) */
static void simulated_registrar(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    s->policy.simulated = s->anchors[0].simulated = false;
    s->anchors[1].simulated = true;
}

static void a_simulated_registrar_counts_where_the_policy_says_so(void **state)
{
    (void)state;
    const struct result *r = &scene_run(false, simulated_registrar)->result;
    expect_fail(r->findings, CHECK_AK_CERTIFICATE, SITUS_NOT_ALLOWED, "anchor");
    assert_string_equal(r->findings.v[CHECK_AK_CERTIFICATE].why->part, "ak_certificate");
    assert_null(r->claims[INSTANCE_GUEST].authority);
    assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
}

/* A machine's own TPM passed as a virtual one, and a certificate for another public area. */
static void dtpm_as_vtpm(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        s->says.class = 0;
}

static void other_public_area(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        s->says.ak_name[33] ^= 1;
}

/* F7: a TPM that its registrar certified for another platform, and for one that has an id beside a
 * quote without. */
static void other_platform(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        s->says.piid[15] ^= 1;
}

static void platform_without_id(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_PLANNED)
        return;
    s->platform.processor_ca = true;
    s->td = lab_quote_tdx(s->w, &s->platform, 4, 0);
    s->collateral = lab_collateral_honest(s->w, &s->platform, true);
}

/* The certified key, but loaded under another parent. */
static void another_parent(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ATTESTED)
        s->guest.qualified[33] ^= 1;
}

/* The relying party knows the TPM, or its key, to be bad. */
static void denied_ek(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        scene_deny(s, SPAN_ARR(s->says.ek_name));
}

static void denied_ak(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        scene_deny(s, SPAN_ARR(s->says.ak_name));
}

/* DESIGN: measurements, 7: what the policy's party says of the provider's vTPMs. */
static struct platform_statement said;

static void say_of_the_platform(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ASKED)
        s->policy.v[PARAM_AK_PLATFORM].platform = said.by.n ? &said : NULL;
}

static void a_platform_is_stated_or_there_is_no_bound(void **state)
{
    (void)state;
    static const char *const fields[] = {"ak.certificate.platform.firmware_first",
                                         "ak.certificate.platform.all_banks_extended"};
    for (int i = 0; i < 2; i++) {
        said = (struct platform_statement){SPAN_LIT("us"), 1u << HASH_SHA384, i != 0, i != 1};
        const struct result *r = &scene_run(false, say_of_the_platform)->result;
        expect_fail(r->findings, CHECK_AK_CERTIFICATE, SITUS_NOT_ALLOWED, fields[i]);
        assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
        assert_null(r->claims[INSTANCE_GUEST].authority);
    }
    said = (struct platform_statement){0}; /* policy_read refuses that where bound is required */
    const struct result *r = &scene_run(false, say_of_the_platform)->result;
    assert_int_equal(r->findings.v[CHECK_AK_CERTIFICATE].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
}

static void the_report_repeats_what_was_stated(void **state)
{
    (void)state;
    static char text[1 << 16];
    struct wr w = wr_new(text, sizeof text - 1);
    report_text(&scene_run(false, NULL)->answer, false, &w);
    text[w.n] = 0;
    assert_non_null(
        strstr(text, "note       image guest is closed, in all 12 points, by the word of lab"));
    assert_non_null(
        strstr(text, " provider: the provider's firmware extends each vTPM first, in every"));
}

/* An answer that took this long, where the policy bears 20 ms. */
static int64_t trip_us;

static void bound_the_trip(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED) {
        s->more = ",\"fresh.round-trip\":{\"max_ms\":20}";
        scene_policy(s);
    } else if (now == SCENE_ASKED) {
        s->request.round_trip_us = trip_us;
    }
}

/* N76. A slow answer refuses, and takes no proof away: a fast one gives none. */
static void a_round_trip_beyond_the_bound_is_refused(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        enum situs_code code;
    } bad[] = {{20001, SITUS_NOT_ALLOWED},
               {INT64_MAX, SITUS_NOT_ALLOWED},
               {0, SITUS_MISSING},
               {-1, SITUS_MISSING}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trip_us = bad[i].us;
        const struct result *r = &scene_run(false, bound_the_trip)->result;
        expect_fail(r->findings, CHECK_FRESH_ROUND_TRIP, bad[i].code, "round_trip_ms");
        assert_int_equal(r->verdict, VERDICT_REFUSED);
        assert_int_equal(r->exit, 6);
        assert_true(r->held & PROOF_BOUND);
    }
    trip_us = 20000;
    const struct result *r = &scene_run(false, bound_the_trip)->result;
    assert_int_equal(r->findings.v[CHECK_FRESH_ROUND_TRIP].outcome, OUTCOME_PASS);
    assert_int_equal(r->verdict, VERDICT_TRUSTED);
}

static const struct scene_row rows[] = {
    {"denied by its EK", denied_ek, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tpm.guest", "ek_name"},
    {"denied by its AK", denied_ak, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tpm.guest", "ak_name"},
    {"dTPM passed as vTPM", dtpm_as_vtpm, CHECK_AK_CERTIFICATE, SITUS_NOT_ALLOWED, "ak_certificate",
     "class"},
    {"N59 not the key that was certified", other_public_area, CHECK_AK_CERTIFICATE, SITUS_MISMATCH,
     "ak_certificate", "ak_name"},
    {"AK under another parent", another_parent, CHECK_AK_ATTRIBUTES, SITUS_MISMATCH, "tpms_attest",
     "qualified_signer"},
    {"TPM of another platform", other_platform, CHECK_MACHINE_SAME, SITUS_MISMATCH,
     "ak_certificate", "piid"},
    {"named platform, quote without an id", platform_without_id, CHECK_MACHINE_SAME, SITUS_MISSING,
     "ak_certificate", "piid"},
    {"re-signed TD quote", scene_swap_signer, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.guest",
     "extra_data"},
};

static void each_attack_is_refused_by_one_row(void **state)
{
    (void)state;
    scene_expect_refused(false, rows, sizeof rows / sizeof *rows);
}

static void every_row_of_bound_refuses_alone(void **state)
{
    (void)state;
    scene_expect_covered(false, rows, sizeof rows / sizeof *rows);
}

/* Verdict, both reports and the library say the same of a proof whose evidence contradicts
 * itself. */
static void a_contradicted_machine_is_bound_in_no_report(void **state)
{
    (void)state;
    static char text[1 << 16];
    struct wr w = wr_new(text, sizeof text - 1);
    const struct result *r = &scene_run(false, other_platform)->result;
    assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
    assert_int_equal(r->exit, 6);
    report_json(door_result(r), &w);
    text[w.n] = 0;
    assert_non_null(strstr(text, "\"live\":{\"holds\":true"));
    assert_non_null(strstr(text, "\"bound\":{\"holds\":false"));
    w = wr_new(text, sizeof text - 1);
    report_text(door_result(r), false, &w);
    text[w.n] = 0;
    assert_non_null(strstr(text, "\n  holds    live "));
    assert_non_null(strstr(text, "\n  no       bound "));
}

static void other_nonce(struct scene *s, enum scene_stage now)
{
    static const uint8_t nonce[32] = {7};
    if (now == SCENE_ASKED)
        s->request.nonce = item_of("nonce", SPAN_ARR(nonce));
}

static void no_nonce(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ASKED)
        s->request.nonce = item_of("nonce", span_of(NULL, 0));
}

static void short_nonce(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ASKED)
        s->request.nonce.size = 31;
}

/* A nonce of another size, for which the evidence is honestly made: the string and hash are written out. */
static uint8_t sized[66];
static size_t size;
static void sized_nonce(struct scene *s, enum scene_stage now)
{
    memset(sized, 0xa5, sizeof sized);
    if (now == SCENE_PLANNED && size == 32)
        memcpy(s->nonce, sized, 32);
    else if (now == SCENE_PLANNED)
        assert_true(digest2(HASH_SHA256, SPAN_LIT("situs/n/2\0"), span_of(sized, size), s->nonce));
    if (now == SCENE_ASKED)
        s->request.nonce = item_of("nonce", span_of(sized, size));
}

static void a_nonce_has_8_to_64_bytes(void **state)
{
    (void)state;
    static const uint8_t sizes[] = {1, 7, 8, 9, 31, 32, 33, 63, 64, 65};
    for (size_t i = 0; i < sizeof sizes; i++) {
        size = sizes[i];
        struct scene *s = scene_run(false, sized_nonce);
        bool good = size >= 8 && size <= 64;
        assert_int_equal(s->result.exit, good ? 0 : 6);
        if (good)
            continue;
        expect_fail(s->result.findings, CHECK_FRESH_NONCE, SITUS_MALFORMED, "size");
        expect_fail(s->result.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MALFORMED, "nonce");
        expect_fail(s->result.findings, CHECK_BIND_TD_IN_TPM, SITUS_MALFORMED, "nonce");
    }
}

/* An unset buffer, on both sides: the evidence is honestly made for it. */
static void zero_nonce(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED)
        memset(s->nonce, 0, sizeof s->nonce);
}

static void a_nonce_of_zeros_is_no_challenge(void **state)
{
    (void)state;
    struct scene *s = scene_run(false, zero_nonce);
    expect_fail(s->result.findings, CHECK_FRESH_NONCE, SITUS_NOT_ALLOWED, "value");
    assert_int_equal(s->result.findings.v[CHECK_BIND_NONCE_IN_TD].outcome, OUTCOME_PASS);
    assert_int_equal(s->result.findings.v[CHECK_BIND_TD_IN_TPM].outcome, OUTCOME_PASS);
    assert_int_equal(s->result.held, PROOF_GENUINE);
    assert_int_equal(s->result.exit, 6);
}

/* N37, N38, N42, N43: no nonce, another session's, a prefix of it. */
static void the_nonce_is_whole_and_the_callers(void **state)
{
    (void)state;
    struct scene *s = scene_run(false, other_nonce);
    expect_fail(s->result.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MISMATCH, "report_data[32..63]");
    expect_fail(s->result.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "extra_data");
    assert_int_equal(s->result.exit, 6);
    s = scene_run(false, no_nonce);
    assert_int_equal(s->result.findings.v[CHECK_FRESH_NONCE].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(s->result.held, PROOF_GENUINE);
    assert_int_equal(s->result.exit, 6);
    s = scene_run(false, short_nonce);
    expect_fail(s->result.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MISMATCH, "report_data[32..63]");
    expect_fail(s->result.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "extra_data");
    assert_int_equal(s->result.exit, 6);
}

/* The TPM's clock says what it likes; the caller's time decides. */
static void any_clock(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ATTESTED)
        s->guest.attest.clock = UINT64_MAX;
}

static int64_t asked_at;

static void another_time(struct scene *s, enum scene_stage now)
{
    any_clock(s, now);
    if (now == SCENE_ASKED)
        s->request.at = asked_at;
}

static void the_time_is_the_callers(void **state)
{
    (void)state;
    const int64_t year = 366 * 86400;
    struct scene *s = scene_run(false, any_clock);
    assert_int_equal(s->result.verdict, VERDICT_TRUSTED);
    asked_at = SCENE_AT + year;
    s = scene_run(false, another_time);
    expect_fail(s->result.findings, CHECK_TDX_PCK_CHAIN, SITUS_EXPIRED, "crl.root.to");
    assert_int_equal(s->result.held, 0);
    assert_int_equal(s->result.exit, 3);
    asked_at = SCENE_AT - year;
    s = scene_run(false, another_time);
    expect_fail(s->result.findings, CHECK_TDX_PCK_CHAIN, SITUS_NOT_YET_VALID, "pck_chain.pck.from");
    assert_int_equal(s->result.held, 0);
}

/* Two honest VMs: the TD quote of one, and what the other's TPM signed for the same challenge. */
static void two_machines(struct scene *s, enum scene_stage now)
{
    static struct soft_ak other;
    if (now != SCENE_REPORTED)
        return;
    soft_tpm_ak(&other, SOFT_P256, SCENE_AK_V, span_of(NULL, 0));
    assert_true(digest(HASH_SHA256, other.public, s->td.td.report_data));
}

static void honest_parts_of_two_machines_are_not_one(void **state)
{
    (void)state;
    struct scene *s = scene_run(false, two_machines);
    expect_fail(s->result.findings, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "report_data[0..31]");
    assert_int_equal(s->result.held, PROOF_GENUINE | PROOF_LIVE);
    assert_int_equal(s->result.exit, 6);
}

static void nothing_can_be_left_out(void **state)
{
    (void)state;
    static const char *const labels[] = {"guest", "log.tdx", "log.guest"};
    scene_expect_missed(false, labels, sizeof labels / sizeof *labels);
}

static int done(void **state)
{
    (void)state;
    scene_free(scene_run(false, NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_honest_machine_is_bound),
        cmocka_unit_test(a_platform_is_stated_or_there_is_no_bound),
        cmocka_unit_test(the_report_repeats_what_was_stated),
        cmocka_unit_test(a_simulated_registrar_counts_where_the_policy_says_so),
        cmocka_unit_test(the_report_names_whom_bound_rests_on),
        cmocka_unit_test(a_round_trip_beyond_the_bound_is_refused),
        cmocka_unit_test(each_attack_is_refused_by_one_row),
        cmocka_unit_test(every_row_of_bound_refuses_alone),
        cmocka_unit_test(a_contradicted_machine_is_bound_in_no_report),
        cmocka_unit_test(a_nonce_of_zeros_is_no_challenge),
        cmocka_unit_test(the_nonce_is_whole_and_the_callers),
        cmocka_unit_test(a_nonce_has_8_to_64_bytes),
        cmocka_unit_test(the_time_is_the_callers),
        cmocka_unit_test(honest_parts_of_two_machines_are_not_one),
        cmocka_unit_test(nothing_can_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
