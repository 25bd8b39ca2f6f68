/* model/policy_diff, policy_brief: what one of two policies demands alone, every word of them counted;
 * and what a policy demands, on one screen. */
#include "support/test.h"

#include "frame/file.h"
#include "model/policy_diff.h"

#include <stdio.h>

#define D1                                                                                         \
    "11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111" \
    "1111"
#define D2                                                                                         \
    "22222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222" \
    "2222"
#define POINTS "\"agent_only\":true,\"no_login\":true"
#define IMAGE(name, mrtd, rtmr3, by, points)                                             \
    "{\"name\":\"" name "\",\"mrtd\":\"" mrtd "\",\"rtmr\":[\"" D1 "\",\"" D1 "\",\"" D1 \
    "\",\"" rtmr3 "\"],\"closed\":{\"by\":\"" by "\"," points "}}"
#define LIVE(images, more) \
    "{\"require\":[\"live\"],\"ref.guest\":{\"images\":[" images "]}" more "}"
#define ONE IMAGE("a", D1, D1, "us", POINTS)
#define B "only the second demands:\n  "
#define A "only the first demands:\n  "
#define N "they differ, and neither demands more:\n  "

static uint8_t memory[2][1 << 19];
static char text[1 << 14];

static size_t diff(const char *a, const char *b)
{
    struct policy p[2];
    const char *json[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct situs_err err = {0};
        struct arena arena = arena_new(memory[i], sizeof memory[i]);
        if (!policy_read(&p[i], "p", span_text(json[i]), &arena, &err))
            fail_msg("%s: %s: expected %s, got %s", json[i], err.field, err.expected, err.got);
    }
    static const char *const heads[] = {"only the second demands:\n", "only the first demands:\n",
                                        "they differ, and neither demands more:\n"};
    struct wr w = wr_new(text, sizeof text - 1);
    size_t n = 0;
    for (unsigned kind = 0; kind < POLICY_DIFFS; kind++) {
        char lines[1 << 12];
        struct wr of = wr_new(lines, sizeof lines - 1);
        size_t more = policy_diff(&p[0], &p[1], (enum policy_diff)kind, &of);
        assert_true(wr_ok(&of));
        lines[of.n] = 0;
        wr_text(&w, more ? heads[kind] : "");
        for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"), n++)
            wr_format(&w, "  %s\n", line);
        assert_true(more > 0 || of.n == 0);
    }
    assert_true(wr_ok(&w));
    text[w.n] = 0;
    return n;
}

static const struct {
    const char *a, *b, *says;
} rows[] = {
    {"{\"require\":[\"genuine\"]}", LIVE(ONE, ""),
     B "proof live\n  tee: not sgx\n  ref.guest images: a\n"},
    {LIVE(ONE, ""), LIVE(ONE "," IMAGE("b", D2, D1, "us", POINTS), ""),
     A "ref.guest images: not b\n"},
    {LIVE(ONE, ""), LIVE(IMAGE("a", D2, D1, "us", POINTS), ""), N "ref.guest images a: mrtd\n"},
    {LIVE(ONE, ""), LIVE(IMAGE("a", D1, D2, "us", POINTS), ""), N "ref.guest images a: rtmr3\n"},
    {LIVE(ONE, ""), LIVE(IMAGE("a", D1, D1, "them", POINTS), ""),
     N "ref.guest images a: who states which points of closed\n"},
    {LIVE(ONE, ""), LIVE(IMAGE("a", D1, D1, "us", "\"no_login\":true"), ""),
     N "ref.guest images a: who states which points of closed\n"},
    {LIVE(ONE, ""), LIVE(ONE, ",\"simulated\":true"), A "simulated: not anchors of a lab\n"},
    {LIVE(ONE, ""), LIVE(ONE, ",\"scenario\":\"managed\""), N "scenario: none and managed\n"},
    {LIVE(ONE, ""), LIVE(ONE, ",\"fresh.round-trip\":{\"max_ms\":9}"),
     B "fresh.round-trip max_ms: 9 (the other: not given)\n"},
    {LIVE(ONE, ",\"poe.revoked\":{\"max_age_hours\":12}"), LIVE(ONE, ""),
     A "poe.revoked max_age_hours: 12 (the other: 24)\n"},
    {LIVE(ONE, ",\"list.rollback\":{\"min_number\":4}"),
     LIVE(ONE, ",\"list.rollback\":{\"min_number\":5}"),
     B "list.rollback min_number: 5 (the other: 4)\n"},
    {LIVE(ONE, ",\"tdx.tcb\":{\"accept\":[\"UpToDate\",\"OutOfDate\"]}"), LIVE(ONE, ""),
     B "tdx.tcb accept: not OutOfDate\n"},
    {LIVE(ONE, ",\"tdx.tcb\":{\"grace_days\":30}"), LIVE(ONE, ""),
     B "tdx.tcb grace_days: not given (the other: 30)\n"},
    {LIVE(ONE, ",\"sgx.tcb\":{\"grace_days\":30}"), LIVE(ONE, ",\"sgx.tcb\":{\"grace_days\":7}"),
     B "sgx.tcb grace_days: 7 (the other: 30)\n"},
    {LIVE(ONE, ",\"tdx.tcb\":{\"max_tcb_age_days\":30}"), LIVE(ONE, ""),
     A "tdx.tcb max_tcb_age_days: 30 (the other: not given)\n"},
    {LIVE(ONE, ",\"tdx.tcb\":{\"accept_advisories\":[\"x\"]}"), LIVE(ONE, ""),
     A "tdx.tcb accept_advisories: x\n"},
    {LIVE(ONE, ",\"tdx.attributes\":{\"allow_kl\":false}"), LIVE(ONE, ""),
     A "tdx.attributes allow_kl: false\n"},
    {LIVE(ONE, ",\"tdx.attributes\":{\"require_sept_ve_disable\":true}"), LIVE(ONE, ""),
     A "tdx.attributes require_sept_ve_disable: true\n"},
    {LIVE(ONE, ",\"tdx.attributes\":{\"xfam_allowed\":\"0011223344556677\"}"), LIVE(ONE, ""),
     A "tdx.attributes xfam_allowed: 0011223344556677\n"},
    {LIVE(ONE, ",\"tdx.attributes\":{\"mrowner\":[\"" D1 "\"]}"), LIVE(ONE, ""),
     A "tdx.attributes mrowner: " D1 "\n"},
    {LIVE(ONE, ",\"tdx.attributes\":{\"mrseam\":[\"" D1 "\"]}"),
     LIVE(ONE, ",\"tdx.attributes\":{\"mrseam\":[\"" D1 "\",\"" D2 "\"]}"),
     A "tdx.attributes mrseam: not " D2 "\n"},
    {LIVE(ONE, ",\"poe.revoked\":{\"unchecked_issuers\":[\"x\"]}"), LIVE(ONE, ""),
     B "poe.revoked unchecked_issuers: not x\n"},
    {LIVE(ONE, ",\"poe.revoked\":{\"deny\":[\"00112233445566778899aabbccddeeff\"]}"), LIVE(ONE, ""),
     A "poe.revoked deny: 00112233445566778899aabbccddeeff\n"},
    {LIVE(ONE, ",\"log.rtmr\":{\"registers\":[0,1]}"), LIVE(ONE, ""), B "log.rtmr registers: 2\n"},
    {LIVE(ONE, ",\"tpm.pcrs\":{\"bank\":[\"sha256\"]}"), LIVE(ONE, ""),
     N "tpm.pcrs bank: the first: sha256\n  tpm.pcrs bank: the second: sha384\n"},
};

static void each_side_says_what_it_alone_demands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_not_equal(diff(rows[i].a, rows[i].b), 0);
        assert_string_equal(text, rows[i].says);
        assert_int_not_equal(diff(rows[i].b, rows[i].a), 0);
        assert_int_equal(diff(rows[i].a, rows[i].a), 0);
        assert_string_equal(text, "");
    }
}

static void what_a_default_says_counts_as_said(void **state)
{
    (void)state;
    assert_int_equal(diff(LIVE(ONE, ""), LIVE(ONE, ",\"poe.revoked\":{\"max_age_hours\":24}")), 0);
    assert_int_equal(diff(LIVE(ONE, ""), LIVE(ONE, ",\"tdx.tcb\":{\"accept\":[\"UpToDate\"]}")), 0);
}

/* However much a policy says, it fits a screen, and what is not shown is counted. */
static void a_policy_fits_a_screen(void **state)
{
    (void)state;
    static const size_t lines[] = {12, 20, 40};
    struct policy p;
    struct situs_err err = {0};
    struct file f = {0};
    struct arena arena = arena_new(memory[0], sizeof memory[0]);
    assert_true(
        file_read(&f, SITUS_SOURCE_ROOT "/policies/bare-metal.json", sizeof memory[1], &err));
    assert_true(policy_read(&p, "bare-metal", file_span(&f), &arena, &err));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct wr w = wr_new(text, sizeof text - 1);
        policy_explain_brief(&p, lines[i], &w);
        assert_true(wr_ok(&w));
        text[w.n] = 0;
        size_t n = 0;
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1, n++)
            assert_true(end - line <= 79);
        assert_true(n <= lines[i]);
        assert_int_equal(n == lines[i], strstr(text, "  and 5 more\n") != NULL);
        assert_non_null(
            strstr(text, "requires, on bare metal:\n  bound         TD and TPM evidence"));
        assert_non_null(
            strstr(text, "closed, all 12 points, by the word of Example Host Images\n"));
    }
    assert_non_null(strstr(text, "  ak.sealed form: or\n"));
    assert_null(strstr(text, "allow_kl")); /* a default */
    file_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_says_what_it_alone_demands),
        cmocka_unit_test(what_a_default_says_counts_as_said),
        cmocka_unit_test(a_policy_fits_a_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
