/* appraise/bind: exact bytes of the formulas, and each row refuses what it must stop. */
#include "support/registers.h"
#include "support/test.h"

#include "appraise/bind.h"
#include "base/text.h"

/*
 * Computed by Python, independently:
 *   s = lambda b: hashlib.sha256(b).digest()
 *   akh, n, tqh = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
 *   k = s(b"spki of the channel key"); name = b"\0\x0b" + bytes(range(96, 128))
 *   akh + s(b"situs/rd/1\0" + n + k); s(b"situs/tq/1\0" + n + tqh)
 *   s(b"situs/pq/1\0" + n + tqh + name)
 */
#define SPKI SPAN_LIT("spki of the channel key")
static const char report_hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                 "a7afb368a4c0eacf5fee29a34de7d53f6b483785c1dddfacfb2721dfcdaf9d51";
static const char tq_hex[] = "1fdcbdb4acc44d1c4232d3f1c89ec7b79fd208f8c78a3818f9752f78263bb4b7";
static const char pq_hex[] = "8a3a2cfa6afb1cde01f8d1e71709ba7301803655343f75b5b66cb8bd9b5075fe";

/* Evidence that holds together, in writable bytes. */
struct bound {
    struct case_ c;
    struct bind in;
    uint8_t akh[32], nonce[32], tqh[32], report[64], extra[32];
};

static void start(struct bound *b)
{
    case_start(&b->c);
    for (uint8_t i = 0; i < 32; i++) {
        b->akh[i] = i;
        b->nonce[i] = (uint8_t)(32 + i);
        b->tqh[i] = (uint8_t)(64 + i);
    }
    assert_true(text_hex_read(b->report, 64, span_text(report_hex)));
    assert_true(text_hex_read(b->extra, 32, span_text(tq_hex)));
    claim_bytes(&b->c.td, CLAIM_REPORT_DATA, SPAN_ARR(b->report));
    claim_bytes(&b->c.tpm, CLAIM_AK_HASH, SPAN_ARR(b->akh));
    claim_bytes(&b->c.tpm, CLAIM_EXTRA_DATA, SPAN_ARR(b->extra));
    b->in =
        (struct bind){.nonce = SPAN_ARR(b->nonce), .channel = SPKI, .peer = SPKI, .tqh = b->tqh};
}

static const enum check rows[] = {CHECK_BIND_AK_IN_TD, CHECK_BIND_NONCE_IN_TD, CHECK_BIND_TD_IN_TPM,
                                  CHECK_BIND_CHANNEL};

/* Runs the checks; the outcome of each row of rows must be the letter: P pass, F fail, - not
 * run. */
static void expect(struct bound *b, const struct claims *tpm, const char *outcomes)
{
    case_again(&b->c);
    bind_check(&b->c.findings, &b->in, &b->c.td, tpm);
    char got[5] = {0};
    for (size_t i = 0; i < 4; i++)
        got[i] = "-PF"[b->c.findings.v[rows[i]].outcome];
    assert_string_equal(got, outcomes);
}

static void formulas_have_the_exact_bytes(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    uint8_t k[32], report[64], quote[32], name[34] = {0, 0x0b};
    for (uint8_t i = 0; i < 32; i++)
        name[2 + i] = (uint8_t)(96 + i);
    assert_true(bind_key(SPKI, k));
    assert_true(bind_report_data(b.akh, b.nonce, k, report));
    expect_hex(SPAN_ARR(report), report_hex);
    assert_true(bind_tq(b.nonce, b.tqh, quote));
    expect_hex(SPAN_ARR(quote), tq_hex);
    assert_true(bind_pq(b.nonce, b.tqh, SPAN_ARR(name), quote));
    expect_hex(SPAN_ARR(quote), pq_hex);
}

static void honest_evidence_is_bound(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    expect(&b, &b.c.tpm, "PPPP");
    b.in.peer = span_of(NULL, 0); /* the relying party names no peer */
    expect(&b, &b.c.tpm, "PPPP");
}

static void every_bit_of_every_input_counts(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    const struct {
        uint8_t *p;
        size_t n;
        const char *outcomes;
    } inputs[] = {{b.akh, 32, "FPPP"},    {b.nonce, 32, "PFFP"}, {b.tqh, 32, "PPFP"},
                  {b.report, 32, "FPPP"}, {b.extra, 32, "PPFP"}, {b.report + 32, 32, "PFPP"}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (size_t bit = 0; bit < 8 * inputs[i].n; bit++) {
            inputs[i].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            expect(&b, &b.c.tpm, inputs[i].outcomes);
            inputs[i].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    expect(&b, &b.c.tpm, "PPPP");
}

static void failures_name_the_half_of_report_data(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    b.report[0] ^= 1;
    b.report[63] ^= 1;
    b.extra[0] ^= 1;
    expect(&b, &b.c.tpm, "FFFP");
    expect_fail(b.c.findings, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "report_data[0..31]");
    expect_fail(b.c.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MISMATCH, "report_data[32..63]");
    expect_fail(b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "extra_data");
}

static void channel_key_is_mandatory_and_the_peers(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    b.in.channel = b.in.peer = span_of(NULL, 0);
    expect(&b, &b.c.tpm, "P-P-");
    assert_int_equal(b.c.findings.v[CHECK_BIND_CHANNEL].outcome, OUTCOME_NOT_RUN);
    start(&b);
    b.in.peer = SPAN_LIT("spki of another key");
    expect(&b, &b.c.tpm, "PPPF");
    expect_fail(b.c.findings, CHECK_BIND_CHANNEL, SITUS_MISMATCH, "spki");
    b.in.channel = b.in.peer; /* evidence collected for the first key */
    expect(&b, &b.c.tpm, "PFPP");
}

static void nonce_has_exactly_32_bytes(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    b.in.nonce.n = 31;
    expect(&b, &b.c.tpm, "PFFP");
    expect_fail(b.c.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MALFORMED, "nonce");
    expect_fail(b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MALFORMED, "nonce");
    b.in.nonce.n = 0;
    expect(&b, &b.c.tpm, "P--P");
}

/* What ends in zeros is not trimmed: neither the challenge nor what it is compared with. */
static void zeros_at_the_end_count(void **state)
{
    (void)state;
    struct bound b;
    uint8_t k[32], padded[64] = {0};
    start(&b);
    memset(b.nonce + 16, 0, 16);
    assert_true(bind_key(SPKI, k) && bind_report_data(b.akh, b.nonce, k, b.report) &&
                bind_tq(b.nonce, b.tqh, b.extra));
    expect(&b, &b.c.tpm, "PPPP");
    b.in.nonce.n = 16; /* the same challenge, trimmed */
    expect(&b, &b.c.tpm, "PFFP");
    expect_fail(b.c.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MALFORMED, "nonce");
    expect_fail(b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MALFORMED, "nonce");
    b.in.nonce.n = 32;
    memset(b.report + 33, 0, 31); /* the right hash up to there */
    expect(&b, &b.c.tpm, "PFPP");
    expect_fail(b.c.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MISMATCH, "report_data[32..63]");
    memcpy(padded, b.extra, 32);
    claim_bytes(&b.c.tpm, CLAIM_EXTRA_DATA, SPAN_ARR(padded));
    expect(&b, &b.c.tpm, "PFFP");
    expect_fail(b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISSING, "extra_data");
    claim_bytes(&b.c.td, CLAIM_REPORT_DATA, span_of(b.report, 32)); /* half a field */
    expect(&b, &b.c.tpm, "FFFP");
    expect_fail(b.c.findings, CHECK_BIND_AK_IN_TD, SITUS_MISSING, "report_data");
    expect_fail(b.c.findings, CHECK_BIND_NONCE_IN_TD, SITUS_MISSING, "report_data");
}

static void rows_about_the_tpm_need_a_tpm(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    expect(&b, NULL, "-P-P");
    memset(b.report, 0x55, 32); /* without TPM the first half is free */
    expect(&b, NULL, "-P-P");
}

static void claims_without_authority_bind_nothing(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    b.c.tpm.authority = NULL;
    expect(&b, &b.c.tpm, "-P-P");
    start(&b);
    b.c.td.authority = NULL;
    expect(&b, &b.c.tpm, "---P");
}

static void other_sizes_are_refused(void **state)
{
    (void)state;
    struct bound b;
    start(&b);
    b.c.tpm.v[CLAIM_EXTRA_DATA].bytes.n = 31;
    expect(&b, &b.c.tpm, "PPFP");
    expect_fail(b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISSING, "extra_data");
    start(&b);
    b.c.tpm.v[CLAIM_AK_HASH].set = false;
    expect(&b, &b.c.tpm, "FPPP");
    expect_fail(b.c.findings, CHECK_BIND_AK_IN_TD, SITUS_MISSING, "ak_hash");
}

/* Bare metal: the TD names the platform's key, whose quote is about the guest's. */
struct host {
    struct bound b;
    struct claims platform;
    uint8_t name[34], pq[32], guest_akh[32], config[48];
};

static void start_host(struct host *h)
{
    start(&h->b);
    h->name[0] = 0;
    h->name[1] = 0x0b;
    for (uint8_t i = 0; i < 32; i++)
        h->name[2 + i] = (uint8_t)(96 + i);
    assert_true(text_hex_read(h->pq, 32, span_text(pq_hex)));
    memset(h->guest_akh, 0x77, 32);
    memset(h->config, 0x33, 48);
    h->platform = h->b.c.tpm;
    h->platform.instance = "tpm.platform";
    claim_bytes(&h->platform, CLAIM_EXTRA_DATA, SPAN_ARR(h->pq));
    claim_bytes(&h->b.c.tpm, CLAIM_AK_NAME, SPAN_ARR(h->name));
    claim_bytes(&h->b.c.tpm, CLAIM_AK_HASH, SPAN_ARR(h->guest_akh));
    claim_bytes(&h->b.c.td, CLAIM_MRCONFIGID, SPAN_ARR(h->config));
    h->b.in.platform = &h->platform;
}

static void on_bare_metal_both_quotes_are_bound(void **state)
{
    (void)state;
    struct host h;
    start_host(&h);
    expect(&h.b, &h.b.c.tpm, "PPPP");
    assert_true(bind_vouches(&h.b.in, &h.b.c.tpm));
    const struct {
        uint8_t *p;
        size_t n;
        const char *outcomes;
        bool vouches;
    } inputs[] = {{h.b.akh, 32, "FPPP", true},        {h.b.nonce, 32, "PFFP", false},
                  {h.b.tqh, 32, "PPFP", false},       {h.b.extra, 32, "PPFP", true},
                  {h.pq, 32, "PPFP", false},          {h.name, 34, "PPFP", false},
                  {h.guest_akh, 32, "PPPP", true},    {h.b.report, 32, "FPPP", true},
                  {h.b.report + 32, 32, "PFPP", true}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (size_t bit = 0; bit < 8 * inputs[i].n; bit++) {
            inputs[i].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            expect(&h.b, &h.b.c.tpm, inputs[i].outcomes);
            assert_int_equal(bind_vouches(&h.b.in, &h.b.c.tpm), inputs[i].vouches);
            inputs[i].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void on_bare_metal_failures_name_the_quote(void **state)
{
    (void)state;
    struct host h;
    start_host(&h);
    h.pq[0] ^= 1;
    expect(&h.b, &h.b.c.tpm, "PPFP");
    expect_fail(h.b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "extra_data");
    assert_string_equal(h.b.c.findings.v[CHECK_BIND_TD_IN_TPM].why->part, "tpm.platform");
    start_host(&h);
    h.b.extra[0] ^= 1;
    expect(&h.b, &h.b.c.tpm, "PPFP");
    assert_string_equal(h.b.c.findings.v[CHECK_BIND_TD_IN_TPM].why->part, "tpm.guest");
    start_host(&h);
    h.b.c.tpm.v[CLAIM_AK_NAME].set = false; /* the name comes from its public area */
    expect(&h.b, &h.b.c.tpm, "PPFP");
    expect_fail(h.b.c.findings, CHECK_BIND_TD_IN_TPM, SITUS_MISSING, "ak_name");
}

static void on_bare_metal_both_quotes_are_needed(void **state)
{
    (void)state;
    struct host h;
    start_host(&h);
    expect(&h.b, NULL, "PP-P");
    h.b.c.tpm.authority = NULL; /* its own quote does not hold */
    expect(&h.b, &h.b.c.tpm, "PP-P");
    start_host(&h);
    h.platform.authority = NULL;
    expect(&h.b, &h.b.c.tpm, "-P-P");
    assert_false(bind_vouches(&h.b.in, &h.b.c.tpm));
    h.platform = (struct claims){0};
    expect(&h.b, &h.b.c.tpm, "-P-P");
    h.b.in.platform = NULL;
    assert_false(bind_vouches(&h.b.in, &h.b.c.tpm));
}

static void mrconfigid_names_the_key_where_demanded(void **state)
{
    (void)state;
    struct host h;
    start_host(&h);
    uint8_t want[48];
    memcpy(want, h.config, 48);
    h.b.in.mrconfigid = want;
    expect(&h.b, &h.b.c.tpm, "PPPP");
    want[47] ^= 1;
    expect(&h.b, &h.b.c.tpm, "FPPP");
    expect_fail(h.b.c.findings, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "mrconfigid");
    h.b.c.td.v[CLAIM_MRCONFIGID].set = false;
    expect(&h.b, &h.b.c.tpm, "FPPP");
    want[47] ^= 1;
    start_host(&h);
    h.b.in.mrconfigid = want;
    h.b.akh[0] ^= 1; /* it does not replace report_data */
    expect(&h.b, &h.b.c.tpm, "FPPP");
    expect_fail(h.b.c.findings, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "report_data[0..31]");
}

/* A paravisor's text stands between: report_data is its hash, and it carries the 64 bytes. */
static void a_paravisors_text_carries_what_the_report_does(void **state)
{
    (void)state;
    static const struct {
        char
            bend; /* what is bent: r report_data, k key, n the hash over the nonce, q quote, 0 all zero, e empty */
        const char *outcomes, *field; /* NULL: nothing failed */
    } bends[] = {
        {0, "PPPP", NULL},
        {'r', "F--P", "report_data"},
        {'q', "F--P", "hardware"},
        {'k', "FPPP", "user-data[0..31]"},
        {'n', "PFPP", "user-data[32..63]"},
        {'z', "---P", NULL},
        {'e', "---P", NULL},
    };
    for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
        struct bound b;
        uint8_t user_data[64], hash[64];
        start(&b);
        memcpy(user_data, b.report, 64);
        memset(hash, 0x5a, 64);
        struct bind_text text = {.user_data = SPAN_ARR(user_data),
                                 .of_report = bends[i].bend != 'q'};
        memcpy(text.akh, b.akh, 32);
        memcpy(text.report_data, hash, 64);
        claim_bytes(&b.c.td, CLAIM_REPORT_DATA, SPAN_ARR(hash));
        b.in.text = &text;
        hash[63] ^= bends[i].bend == 'r';
        user_data[0] ^= bends[i].bend == 'k';
        user_data[63] ^= bends[i].bend == 'n';
        if (bends[i].bend == 'z')
            memset(user_data, 0, 64);
        if (bends[i].bend == 'e')
            text.user_data = span_of(NULL, 0);
        expect(&b, &b.c.tpm, bends[i].outcomes);
        for (size_t k = 0; bends[i].field && k < 2; k++)
            if (b.c.findings.v[rows[k]].outcome == OUTCOME_FAIL)
                expect_fail(b.c.findings, rows[k], SITUS_MISMATCH, bends[i].field);
        if (bends[i].bend == 'k') /* also where no TPM quoted */
            expect(&b, NULL, "FP-P");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paravisors_text_carries_what_the_report_does),
        cmocka_unit_test(formulas_have_the_exact_bytes),
        cmocka_unit_test(honest_evidence_is_bound),
        cmocka_unit_test(every_bit_of_every_input_counts),
        cmocka_unit_test(failures_name_the_half_of_report_data),
        cmocka_unit_test(channel_key_is_mandatory_and_the_peers),
        cmocka_unit_test(nonce_has_exactly_32_bytes),
        cmocka_unit_test(zeros_at_the_end_count),
        cmocka_unit_test(rows_about_the_tpm_need_a_tpm),
        cmocka_unit_test(claims_without_authority_bind_nothing),
        cmocka_unit_test(other_sizes_are_refused),
        cmocka_unit_test(on_bare_metal_both_quotes_are_bound),
        cmocka_unit_test(on_bare_metal_failures_name_the_quote),
        cmocka_unit_test(on_bare_metal_both_quotes_are_needed),
        cmocka_unit_test(mrconfigid_names_the_key_where_demanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
