/*
 * Any one bit of accepted evidence turned over, through situs_verify: it is refused, or lies in
 * bytes that nothing signs, which are listed here, and then the report is the honest one to the
 * last byte.
 *
 * The plain build has a context that knows the honest evidence: a verifier that may remember is to be
 * deceived no more easily, and as only equal bytes are known, each flip is asked for what it changed.
 * The sample asks for everything.
 */
#include "lab/attacks/lab_azure.h"
#include "lab/attacks/lab_judge.h"
#include "support/lab_machine.h"
#include "support/test.h"
#include "support/vectors.h"

#include <stdlib.h>

/* Every bit in a plain build, which make test runs, too; under sanitizers, ten times slower, a sample. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 251 /* prime, so that all bit numbers occur */
#else
#define STRIDE 1
#endif

static struct lab_machine m;
#define EVIDENCE "\"evidence_sha256\":\""

static struct lab_verifier v;
static struct events events[2]; /* of the machine's logs */
static size_t pem_end = SIZE_MAX;
static uint8_t memory[SITUS_VERIFY_MEMORY];
static char text[256 * 1024], honest[256 * 1024];
static _Alignas(max_align_t) uint8_t known[256 * 1024]; /* of a context */

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    events[0] = make_log_read(&m.logs[0], LOG_CCEL);
    events[1] = make_log_read(&m.logs[1], LOG_PCR);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_machine_free(&m);
    return 0;
}

static bool trusted(const struct situs_request *q, char *report)
{
    const struct situs_result *r = situs_verify(q, (struct situs_memory){memory, sizeof memory});
    if (!situs_result_trusted(r))
        return false;
    assert_true(situs_result_json(r, report, sizeof text) < sizeof text);
    char *of = strstr(report, EVIDENCE);
    assert_non_null(of);
    memset(of + sizeof EVIDENCE - 1, '0', 64); /* it tells all evidence apart */
    return true;
}

/*
 * Bytes of a log that nothing signs (TCG PC Client Firmware Profile 1.06, 10.2): the registers hold
 * the digests and their order, no more. Of an event that is its type, a label, where no rule reads
 * another one from it, and its data, where no rule hashes them; of the header what says nothing
 * about the events.
 */
static bool unsigned_in_log(const struct events *log, size_t at)
{
    const size_t spec = 32; /* TCG_PCR_EVENT: index, type, SHA-1, size; 10.2.1 */
    if (at < log->v[0].at)
        return at < 4 || /* pcrIndex of the header: it extends nothing */
               (at >= spec + 16 && at < spec + 21) || /* platformClass, specVersionMinor */
               at == spec + 22 || at == spec + 23;    /* specErrata, uintnSize */
    for (size_t i = 0; i < log->n; i++) {
        const struct event *e = &log->v[i];
        if (at >= e->at + 4u && at < e->at + 8u)
            return true;
        if (at >= e->data_at && at < e->data_at + e->data_size)
            return true;
    }
    return false;
}

static const uint8_t *find(struct span in, struct span part)
{
    for (size_t i = 0; i + part.n <= in.n; i++)
        if (memcmp(in.p + i, part.p, part.n) == 0)
            return in.p + i;
    fail_msg("the part is not there");
    return NULL;
}

/* Nothing of evidence is unsigned, but for the two logs and the end of a real quote's PEM text. */
static bool is_unsigned(struct span in, size_t at)
{
    if (at == pem_end)
        return true;
    const struct make_log *logs[] = {&m.logs[0], &m.logs[1]};
    for (size_t i = 0; in.p && i < 2; i++) {
        struct span log = wr_span(&logs[i]->w);
        size_t from = (size_t)(find(in, log) - in.p);
        if (at >= from && at < from + log.n)
            return unsigned_in_log(&events[i], at - from);
    }
    return false;
}

/* Turns over the bits of the evidence from byte from to byte to; returns how many were taken, each of
 * which must be unsigned and change no letter of the report. */
static size_t flip(struct situs_request q, struct span in, size_t from, size_t to,
                   struct span logs_in)
{
    uint8_t *copy = malloc(in.n);
    size_t taken = 0;
    assert_non_null(copy);
    memcpy(copy, in.p, in.n);
    q.evidence = (struct situs_item){"flipped", copy, in.n};
    q.context =
        STRIDE > 1 ? NULL : situs_context_new(4, (struct situs_memory){known, sizeof known});
    assert_true(trusted(&q, honest));
    for (size_t bit = 8 * from; bit < 8 * to; bit += STRIDE) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (trusted(&q, text)) {
            taken++;
            if (!is_unsigned(logs_in, bit / 8))
                fail_msg("bit %zu of byte %zu was taken", bit % 8, bit / 8);
            assert_string_equal(text, honest);
        }
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    situs_context_free(q.context);
    free(copy);
    return taken;
}

static size_t flip_quote(struct situs_request q, struct span quote)
{
    q.nonce = q.channel = (struct situs_item){NULL, NULL, 0};
    return flip(q, quote, 0, quote.n, span_of(NULL, 0));
}

static void flip_lab_quote(uint16_t version, uint16_t body)
{
    struct span quote = lab_machine_quote(&m, version, body);
    lab_verifier_new(&v, &m, LAB_MACHINE_GENUINE);
    assert_int_equal(flip_quote(lab_verifier_request(&v, &m, quote), quote), 0);
    lab_verifier_free(&v);
}

static void no_bit_of_a_quote_v4_is_free(void **state)
{
    (void)state;
    flip_lab_quote(4, LAB_BODY_TD10);
}

static void no_bit_of_a_quote_v5_is_free(void **state)
{
    (void)state;
    flip_lab_quote(5, LAB_BODY_TD15);
}

static void no_bit_of_a_quote_v3_is_free(void **state)
{
    (void)state;
    flip_lab_quote(3, LAB_BODY_SGX);
}

static void of_a_real_quote_only_the_end_is_free(void **state)
{
    (void)state;
    vectors_need();
    static uint8_t room[2][SITUS_POLICY_MEMORY];
    struct span json = vectors_read("tdx/phala-v4/collateral.json");
    struct span quote = vectors_read("tdx/phala-v4/quote.bin");
    struct situs_item part = {"collateral.json", json.p, json.n};
    struct situs_err err = {0};
    struct situs_memory of_policy = {room[0], sizeof room[0]},
                        of_snapshot = {room[1], sizeof room[1]};
    struct situs_request q = {.at = 1750332747, .trust = situs_trust_builtin()};
    struct situs_snapshot *s = situs_snapshot_load(&part, 1, q.trust, of_snapshot, &err);
    assert_non_null(s);
    q.policy = situs_policy_preset("genuine", of_policy, &err);
    q.snapshot = s;
    pem_end = 4935; /* a NUL after the last line: white space is as good, and nothing signs it */
    flip_quote(q, quote);
    pem_end = SIZE_MAX;
    situs_snapshot_free(s);
}

/* TPMS_ATTEST, TPMT_SIGNATURE, the logs, and all that lies between them in a bundle. */
static void of_a_bundle_only_log_labels_are_free(void **state)
{
    (void)state;
    struct span bundle = lab_machine_bundle(&m, false, false);
    lab_verifier_new(&v, &m, NULL);
    struct situs_request q = lab_verifier_request(&v, &m, bundle);
    const struct span parts[] = {m.ccel, m.pcr_log, m.tpm.attest, m.tpm.signature};
    size_t done = 0;
    while (done < bundle.n) { /* what lies before the next part, and that part */
        size_t from = bundle.n, to = bundle.n;
        bool log = false;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            size_t at = (size_t)(find(bundle, parts[i]) - bundle.p);
            if (at < done || at >= from)
                continue;
            from = at;
            to = at + parts[i].n;
            log = i < 2;
        }
        assert_int_equal(flip(q, bundle, done, from, bundle), 0);
        assert_int_equal(flip(q, bundle, from, to, bundle) > 0, log);
        done = to;
    }
    lab_verifier_free(&v);
}

/* What of a TDREPORT its quote has not (Intel TDX Module Base Architecture, TDREPORT_STRUCT): nothing signs it. */
static bool free_in_hcl(const struct lab_vm *vm, size_t at)
{
    size_t in = at - 32;
    return vm->tee == KIND_TDX && at > 32 && in < 1024 &&
           (in < 128 || (in >= 192 && in < 264) || (in >= 384 && in < 512) || in >= 912);
}

/* Another text is another key, whose certificate is verified anew, and of SEV-SNP AMD's are in each bundle: a bit or two
 * of each byte, all bit numbers among them, and fewer there. */
#define FLIP_STEP (STRIDE > 1 ? 10 * STRIDE + 3 : 5)
#define FLIP_STEP_SNP (STRIDE > 1 ? 10 * STRIDE + 3 : 61)

/* Turns over bits of one item of the evidence; e.wire is all of it. Quotes and reports have tests of their own. */
static void flip_item(struct lab_judge *j, const struct lab_vm *vm, struct lab_evidence *e,
                      struct span item, bool hcl)
{
    struct span wire = e->wire;
    uint8_t *copy = malloc(wire.n);
    const size_t step = vm->tee == KIND_TDX ? FLIP_STEP : FLIP_STEP_SNP;
    size_t from = (size_t)(find(wire, item) - wire.p);
    assert_non_null(copy);
    memcpy(copy, wire.p, wire.n);
    e->wire.p = copy;
    for (size_t bit = 8 * from; bit < 8 * (from + item.n); bit += step) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const struct result *r =
            lab_judge_situs(j, vm->tee == KIND_TDX ? LAB_AZURE : LAB_AZURE_SNP, e);
        bool is_free = hcl && free_in_hcl(vm, bit / 8 - from);
        if ((r->verdict == VERDICT_TRUSTED) != is_free)
            fail_msg("bit %zu of byte %zu of an item", bit % 8, bit / 8 - from);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    e->wire = wire;
    free(copy);
}

static void of_a_paravisors_report_what_no_quote_has_is_free(void **state)
{
    (void)state;
    static const uint8_t nonce[32] = {7};
    struct lab_stage *s = lab_stage_new(1769510999);
    struct lab_judge *j = lab_judge_new(s);
    struct lab_boot boot = lab_firmware_boot();
    for (int i = 0; i < 2; i++) {
        struct lab_vm vm =
            lab_azure_vm(s, i ? KIND_SNP : KIND_TDX, CLOUD_A, LAB_AZURE_PARAVISOR, &boot);
        struct lab_evidence e = lab_azure_attest(s, &vm, nonce);
        e.wire = lab_judge_bundle(j, &e);
        flip_item(j, &vm, &e, e.hcl, true);
        flip_item(j, &vm, &e, e.guest.quote.attest, false);
        flip_item(j, &vm, &e, e.guest.quote.signature, false);
        flip_item(j, &vm, &e, e.guest.cert, false);
        flip_item(j, &vm, &e, e.channel, false);
        lab_vm_free(&vm);
    }
    lab_judge_free(j);
    lab_stage_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_bundle_only_log_labels_are_free),
        cmocka_unit_test(of_a_paravisors_report_what_no_quote_has_is_free),
        cmocka_unit_test(no_bit_of_a_quote_v4_is_free),
        cmocka_unit_test(no_bit_of_a_quote_v5_is_free),
        cmocka_unit_test(no_bit_of_a_quote_v3_is_free),
        cmocka_unit_test(of_a_real_quote_only_the_end_is_free),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
