/*
 * A stock guest: systemd extends PCR 11 after the firmware's log ended, and the attester continues
 * that log (attester/log_tail.h, systemd_log.h). Whole appraisals by libsitus: what the reference's
 * tail names passes in order, everything else is refused, however its log is told.
 */
#include "attester/log_tail.h"
#include "attester/systemd_log.h"
#include "evidence/tcg_log.h"
#include "lab/attacks/lab_judge.h"
#include "lab/tpm/lab_log.h"
#include "support/make_log.h"
#include "support/test.h"

#include <stdlib.h>

#define AT INT64_C(1800000000)

static struct lab_stage *stage;
static struct lab_judge *judge;
static const uint8_t nonce[32] = {7};

static int set_up(void **state)
{
    (void)state;
    stage = lab_stage_new(AT);
    judge = lab_judge_new(stage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lab_judge_free(judge);
    lab_stage_free(stage);
    return 0;
}

/* What the running system measures. */
struct measured {
    unsigned pcr;
    const char *text;
};

/* An honest guest after its boot; before NULL. */
static struct lab_vm boot(const struct measured *m)
{
    const struct lab_boot b = lab_firmware_boot();
    const struct lab_identity id = {"lab-hall-1", "cloud-b", 1, stage->cpu[CLOUD_B].platform.piid};
    struct lab_vm vm = lab_stage_vm(stage, CLOUD_B, &b, &b);
    vm.ak_cert = lab_stage_certify(stage, &stage->provider, &vm.vtpm, &id);
    for (; m->text; m++)
        lab_soft_extend(&vm.vtpm, m->pcr, span_text(m->text));
    return vm;
}

/* log_all writes every measurement into the log, in order: the most that its sender can say. */
static struct span log_all(const struct lab_vm *vm, const struct measured *m)
{
    struct lab_buf log = {0};
    lab_buf_bytes(&log, lab_buf_span(&vm->log));
    for (; m->text; m++)
        lab_log_event(&log, lab_swtpm_banks, LAB_TPM_BANKS, m->pcr, EV_IPL, span_text(m->text),
                      span_text(m->text));
    return lab_world_keep(stage->w, &log);
}

static struct registers registers_of(const struct lab_tpm_item *t)
{
    struct registers r = {.n = 0};
    for (size_t b = 0; b < LAB_TPM_BANKS; b++) {
        enum hash h = lab_swtpm_banks[b];
        if (!(t->banks >> h & 1))
            continue;
        struct bank *bank = &r.bank[r.n++];
        *bank = (struct bank){.hash = h, .mask = t->mask};
        for (size_t i = 0; i < REGISTERS_MAX; i++)
            bank->value[i] = span_of(t->pcr[b][i], hash_size(h));
    }
    return r;
}

/* by_phases is what situs attest makes of the firmware's log where systemd keeps none. */
static struct span by_phases(const struct lab_vm *vm, const struct lab_evidence *e)
{
    static const struct span phases[] = {
        {(const uint8_t *)"enter-initrd", 12}, {(const uint8_t *)"leave-initrd", 12},
        {(const uint8_t *)"sysinit", 7},       {(const uint8_t *)"ready", 5},
        {(const uint8_t *)"shutdown", 8},      {(const uint8_t *)"final", 5}};
    static uint8_t bytes[64 * 1024];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct registers quoted = registers_of(&e->guest);
    const struct events log = make_log_load(lab_buf_span(&vm->log), LOG_PCR);
    size_t n = 6;
    wr_bytes(&w, log.log);
    log_tail_phases(&w, &log, &quoted, phases, &n);
    assert_true(wr_ok(&w));
    return wr_span(&w);
}

/* by_log is what it makes of systemd's own log, in which systemd is honest. */
static struct span by_log(const struct lab_vm *vm, const struct measured *m)
{
    static uint8_t bytes[64 * 1024], text[32 * 1024];
    struct wr t = wr_new(text, sizeof text), w = wr_new(bytes, sizeof bytes);
    const struct events log = make_log_load(lab_buf_span(&vm->log), LOG_PCR);
    struct systemd_log found;
    struct situs_err err = {0};
    for (; m->text; m++) {
        wr_format(&t, "\x1e{\"pcr\":%u,\"digests\":[", m->pcr);
        for (size_t b = 0; b < LAB_TPM_BANKS; b++) {
            uint8_t value[HASH_MAX_SIZE];
            enum hash h = lab_swtpm_banks[b];
            assert_true(digest(h, span_text(m->text), value));
            wr_format(&t, "%s{\"hashAlg\":\"%s\",\"digest\":\"", b ? "," : "", hash_name(h));
            wr_hex(&t, span_of(value, hash_size(h)));
            wr_text(&t, "\"}");
        }
        wr_text(&t, "],\"content_type\":\"systemd\",\"content\":{\"string\":\"");
        wr_text(&t, m->text);
        wr_text(&t, "\"}}\n");
    }
    wr_bytes(&w, log.log);
    assert_true(wr_ok(&t) && systemd_log_append(&w, &log, wr_span(&t), &found, &err));
    return wr_span(&w);
}

static lab_checks appraise(struct lab_evidence *e, struct span log)
{
    e->log_guest = log;
    const struct result *r = lab_judge_situs(judge, LAB_MANAGED, e);
    lab_checks refusing = lab_judge_refusing(r);
    assert_int_equal(r->verdict == VERDICT_TRUSTED, refusing == 0);
    return refusing;
}

#define END     \
    {           \
        0, NULL \
    }
#define EXPLAINED 0
#define UNEXPLAINED (LAB_CHECK(LOG_PCR) | LAB_CHECK(BIND_MEASUREMENTS))
#define REFUSED LAB_CHECK(BIND_MEASUREMENTS)

static const struct {
    struct measured measured[6];
    lab_checks firmware; /* the firmware's log alone, which is all that the kernel gives */
    lab_checks phases;   /* continued by the phases that lead to the quote */
    lab_checks all;      /* continued by systemd's log, or by all that was measured */
} rows[] = {
    {{END}, EXPLAINED, EXPLAINED, EXPLAINED},
    {{{11, "enter-initrd"}, END}, UNEXPLAINED, EXPLAINED, EXPLAINED},
    {{{11, "enter-initrd"}, {11, "leave-initrd"}, END}, UNEXPLAINED, EXPLAINED, EXPLAINED},
    {{{11, "enter-initrd"}, {11, "leave-initrd"}, {11, "sysinit"}, {11, "ready"}, END},
     UNEXPLAINED,
     EXPLAINED,
     EXPLAINED},
    /* a phase that the reference does not name: read, explained, and refused */
    {{{11, "enter-initrd"},
      {11, "leave-initrd"},
      {11, "sysinit"},
      {11, "ready"},
      {11, "shutdown"},
      END},
     UNEXPLAINED,
     REFUSED,
     REFUSED},
    /* out of order, one left out, one twice, a foreign text, another register */
    {{{11, "leave-initrd"}, {11, "enter-initrd"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    {{{11, "enter-initrd"}, {11, "sysinit"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    {{{11, "enter-initrd"}, {11, "enter-initrd"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    {{{11, "enter-initrd"}, {11, "attacker"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    {{{12, "enter-initrd"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    {{{9, "nvpcr-separator"}, {11, "enter-initrd"}, END}, UNEXPLAINED, UNEXPLAINED, REFUSED},
    /* into a register that nobody quotes: neither asked nor shown */
    {{{15, "machine-id:1"}, {11, "enter-initrd"}, END}, UNEXPLAINED, EXPLAINED, EXPLAINED},
};

static void expect(size_t row, const char *how, lab_checks want, lab_checks got)
{
    if (want == got)
        return;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if ((want ^ got) >> c & 1)
            print_error("row %zu, %s: %s %s\n", row, how, got >> c & 1 ? "refused by" : "not by",
                        check_row(c)->id);
    fail();
}

static void systemds_phases_pass_as_the_reference_names_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct measured *m = rows[i].measured;
        struct lab_vm vm = boot(m);
        struct lab_evidence e = lab_vm_attest(&vm, LAB_SITUS, nonce);
        e.peer = vm.spki;
        expect(i, "firmware's log", rows[i].firmware, appraise(&e, lab_buf_span(&vm.log)));
        expect(i, "phases", rows[i].phases, appraise(&e, by_phases(&vm, &e)));
        expect(i, "systemd's log", rows[i].all, appraise(&e, by_log(&vm, m)));
        expect(i, "the whole log", rows[i].all, appraise(&e, log_all(&vm, m)));
        lab_vm_free(&vm);
    }
}

/* Events behind the log that no register has are refused whatever they say. */
static void a_tail_that_was_not_measured_is_refused(void **state)
{
    (void)state;
    static const struct measured none[] = {END}, one[] = {{11, "enter-initrd"}, END};
    struct lab_vm vm = boot(none);
    struct lab_evidence e = lab_vm_attest(&vm, LAB_SITUS, nonce);
    expect(0, "an invented tail", UNEXPLAINED, appraise(&e, log_all(&vm, one)));
    lab_vm_free(&vm);
}

/* without writes the log again, event i without its digest in a bank (PFP 1.06, 10.2.2). */
static struct span without(const struct events *log, size_t i, size_t bank)
{
    struct lab_buf b = {0};
    const struct event *e = &log->v[i];
    size_t end = e->data_at + (size_t)e->data_size;
    lab_buf_bytes(&b, span_cut(log->log, 0, e->at + 8u));
    lab_buf_u32le(&b, (uint32_t)log->banks - 1);
    for (size_t k = 0; k < log->banks; k++) {
        if (k == bank)
            continue;
        lab_buf_u16le(&b, log->bank[k].alg);
        lab_buf_bytes(&b, events_digest(log, e, k));
    }
    lab_buf_u32le(&b, e->data_size);
    lab_buf_bytes(&b, events_data(log, e));
    lab_buf_bytes(&b, span_cut(log->log, end, log->log.n - end));
    return lab_world_keep(stage->w, &b);
}

/* Logs may lack banks, but no event of this boot: each register is asked about, in both banks. */
static void no_event_may_lack_a_quoted_bank(void **state)
{
    (void)state;
    static const struct measured none[] = {END};
    struct lab_vm vm = boot(none);
    struct lab_evidence e = lab_vm_attest(&vm, LAB_SITUS, nonce);
    const struct events log = make_log_load(lab_buf_span(&vm.log), LOG_PCR);
    assert_int_equal(log.banks, 2);
    for (size_t i = 0; i < log.n; i++)
        for (size_t bank = 0; bank < log.banks; bank++)
            expect(i, "a digest is missing", UNEXPLAINED, appraise(&e, without(&log, i, bank)));
    lab_vm_free(&vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(systemds_phases_pass_as_the_reference_names_them),
        cmocka_unit_test(a_tail_that_was_not_measured_is_refused),
        cmocka_unit_test(no_event_may_lack_a_quoted_bank),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
