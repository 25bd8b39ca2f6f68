/* Evidence to a policy; see policy_new.h. */
#include "verifier/policy_new.h"

#include "appraise/boot_refer.h"
#include "appraise/verdict.h"
#include "base/text.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "situs/gather.h"
#include "tee/amd/product.h"
#include "verifier/policy_new_pcrs.h"

#include <stdlib.h>

#define HOST_DAYS 90
#define POLICY_ROOM (2 * LIMIT_POLICY)
#define BUILD_ROOM (8u * 1024 * 1024) /* logs, lists, and their alignment */

struct work {
    struct policy_form *f;
    struct appraisal *x;
    struct arena *a;
    struct gathered g;
    const struct result *r; /* of the last appraisal */
    struct situs_policy policy;
    struct situs_err err;
};

size_t policy_new_room(const struct appraisal *x)
{
    return 3 * appraisal_memory(x) + 2 * POLICY_ROOM + BUILD_ROOM;
}

static int refused(const struct situs_err *err, int exit)
{
    out_failure(err);
    return exit;
}

static int absent(const char *what, const char *hint)
{
    out_error("the evidence has no %s", what);
    out_hint("%s", hint);
    return EXIT_REFUSED;
}

/* The rows that failed, by the lowest exit code; an AK certificate is not asked of an image. */
static enum check failed_row(const struct result *r, int *exit)
{
    enum check worst = CHECK_COUNT;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        const struct finding *v = &r->findings.v[c];
        if (v->outcome != OUTCOME_FAIL || c == CHECK_AK_CERTIFICATE || !verdict_counts(r, c))
            continue;
        int code = finding_exit(c, v->why->code);
        if (worst == CHECK_COUNT || code < *exit) {
            worst = c;
            *exit = code;
        }
    }
    return worst;
}

/* Nothing failed, and these rows passed. */
static int rows_hold(const struct result *r, const enum check *need, size_t n)
{
    int exit = EXIT_GOOD;
    if (r->err.code != SITUS_NONE)
        return refused(&r->err, r->exit);
    enum check c = failed_row(r, &exit);
    if (c != CHECK_COUNT) {
        out_failure_of(check_row(c)->id, r->findings.v[c].why);
        return exit;
    }
    for (size_t i = 0; i < n; i++) {
        const struct finding *v = &r->findings.v[need[i]];
        if (v->outcome == OUTCOME_PASS)
            continue;
        out_error("%s did not run: %s", check_row(need[i])->id,
                  v->reason ? v->reason : "there is no such evidence");
        out_hint("a policy is written from evidence in which %s", check_row(need[i])->sentence);
        return EXIT_REFUSED;
    }
    return EXIT_GOOD;
}

static bool appraise(struct work *w, const struct situs_policy *policy)
{
    size_t size = appraisal_memory(w->x);
    void *memory = arena_take(w->a, size);
    const struct situs_result *r =
        memory ? appraisal_judge(w->x, policy, (struct situs_memory){memory, size}) : NULL;
    w->r = r ? &r->result : NULL;
    return r || err_fail(&w->err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
}

/* Appraises by the form as it is. */
static int judge(struct work *w, const struct policy_form *f, const enum check *need, size_t n)
{
    void *text = arena_take(w->a, POLICY_ROOM);
    struct wr out = wr_new(text, text ? POLICY_ROOM : 0);
    policy_form_write(f, &out);
    if (!wr_ok(&out)) {
        out_error("this boot has more events than a policy may list");
        out_hint("a policy is at most %d KiB", LIMIT_POLICY / 1024);
        return EXIT_REFUSED;
    }
    if (!policy_read(&w->policy.policy, "policy", wr_span(&out), w->a, &w->err) ||
        !appraise(w, &w->policy))
        return refused(&w->err, EXIT_REFUSED);
    return rows_hold(w->r, need, n);
}

/* Who measures the guest, as the options say and as the evidence does. */
static int check_paravisor(const struct work *w)
{
    bool ties = policy_form_ties(w->f), asked = policy_form_paravised(w->f);
    if (!w->g.hcl)
        return !asked || !ties ? EXIT_GOOD
                               : absent("report of a paravisor", "--provider azure speaks of one");
    if (!ties || !asked) {
        out_error("the evidence is of a guest under a paravisor, whose TPM names the image");
        out_hint("%s", "--require bound --provider azure: nothing else of it names an image");
        return EXIT_REFUSED;
    }
    if (!w->g.guest_log)
        return absent(
            "event log of the guest's TPM",
            "the events that lead to its registers are the image: log.guest, or --pcr-log");
    return EXIT_GOOD;
}

/* Reads the evidence a second time, for its lists: the same bytes. */
static int read_evidence(struct work *w)
{
    const bool ties = policy_form_ties(w->f);
    const struct situs_policy reading = {
        .policy = {.scenario = ties ? w->f->scenario : SCENARIO_NONE}};
    struct situs_request q = appraisal_request(w->x, &reading);
    if (w->x->refused.code != SITUS_NONE) {
        if (!appraise(w, w->x->policy.policy))
            return refused(&w->err, EXIT_REFUSED);
        return refused(&w->r->err, w->r->exit);
    }
    if (!gather(&w->g, &q, w->a, &w->err))
        return refused(&w->err, EXIT_BAD_BYTES);
    w->f->image.ref.tee = w->g.tee.kind;
    if (w->g.tee.kind != KIND_TDX && w->g.tee.kind != KIND_SNP)
        return absent("TD quote or SEV-SNP report",
                      "references are of these: give what \"situs attest\" wrote");
    int exit = check_paravisor(w);
    if (exit != EXIT_GOOD)
        return exit;
    if (w->g.tee.kind == KIND_SNP && ties && !w->g.hcl)
        return absent("TD quote", "no TPM is bound to an SEV-SNP guest: --require live");
    if ((w->g.tee.kind != KIND_SNP || w->g.hcl) && w->f->covers)
        return absent("SEV-SNP report", "--covers speaks of one: leave it out");
    if (!ties)
        return EXIT_GOOD;
    if (!w->g.guest)
        return absent("quote of the guest's TPM",
                      "run \"situs attest\" in a guest that has one, or pin the TD "
                      "alone: --require live");
    if (w->f->scenario == SCENARIO_BARE_METAL && !w->g.platform)
        return absent("quote of the machine's TPM", "a host image is written from it: let "
                                                    "\"situs attest\" ask the host (--platform)");
    if (w->g.platform && !w->g.launch)
        return absent("log of the measured launch", "the host agent sends it: log.platform");
    const struct registers *quoted = &w->g.guest->value.registers;
    for (size_t i = 0; i < quoted->n; i++)
        w->f->platform.banks |= 1u << quoted->bank[i].hash;
    return EXIT_GOOD;
}

/* The launch, event for event, in the registers that the platform quoted. */
static bool refer_host(struct work *w)
{
    struct host_reference *h = &w->f->host;
    const struct events *log = w->g.launch;
    const struct bank *quoted = &w->g.platform->value.registers.bank[0];
    size_t bank = events_bank(log, quoted->hash), size = hash_size(quoted->hash);
    struct host_event *v = ARENA_ARRAY(w->a, log->n + 1, struct host_event);
    if (!v)
        return err_fail(&w->err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
    if (bank == log->banks)
        return err_fail(&w->err, SITUS_MISSING, "log.platform", "spec_id.digest_sizes",
                        SITUS_NO_OFFSET, hash_name(quoted->hash), "a log without this bank");
    for (size_t i = 0; i < log->n; i++) {
        uint32_t pcr = events_register(log, &log->v[i]);
        if (pcr >= REGISTERS_MAX || !(quoted->mask >> pcr & 1))
            continue;
        struct host_event *e = &v[h->n++];
        *e = (struct host_event){.pcr = pcr, .type = log->v[i].type};
        e->typed = event_type_name(e->type) != NULL;
        memcpy(e->digest, events_digest(log, &log->v[i], bank).p, size);
    }
    h->events = v;
    h->bank = quoted->hash;
    h->registers = quoted->mask;
    h->valid = (struct window){w->x->at, w->x->at + (int64_t)HOST_DAYS * 24 * 3600};
    w->f->has_host = true;
    return true;
}

/* The quotes hold, and the logs explain them. */
static int check_evidence(struct work *w)
{
    static const enum check rows[] = {CHECK_TDX_SIGNATURE,  CHECK_TDX_PCK_CHAIN, CHECK_TDX_TCB,
                                      CHECK_TDX_ATTRIBUTES, CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS,
                                      CHECK_AK_ATTRIBUTES,  CHECK_LOG_RTMR,      CHECK_LOG_PCR,
                                      CHECK_LOG_LAUNCH,     CHECK_HOST_IMAGE};
    static const enum check snp[] = {CHECK_SNP_SIGNATURE, CHECK_SNP_VEK_CHAIN, CHECK_SNP_TCB,
                                     CHECK_SNP_ATTRIBUTES};
    static const enum check tpm[] = {CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS, CHECK_AK_ATTRIBUTES,
                                     CHECK_LOG_PCR};
    struct policy_form reading = policy_form_filled(w->f);
    bool is_snp = w->f->image.ref.tee == KIND_SNP;
    size_t n = !policy_form_ties(w->f) ? 4 : sizeof rows / sizeof *rows - (w->f->has_host ? 0 : 2);
    reading.judges = false;
    if (is_snp || w->g.hcl)
        n = 4;
    int exit = judge(w, &reading, is_snp ? snp : rows, n);
    return exit == EXIT_GOOD && w->g.hcl ? rows_hold(w->r, tpm, sizeof tpm / sizeof *tpm) : exit;
}

/* The least of what was reported, committed and launched by: the policy asks for it of all three. */
static bool refer_tcb(struct work *w)
{
    static const enum claim_id tcbs[] = {CLAIM_REPORTED_TCB, CLAIM_COMMITTED_TCB, CLAIM_LAUNCH_TCB};
    const struct claims *c = &w->r->claims[INSTANCE_TEE];
    const struct claim *name = claims_get(c, CLAIM_PRODUCT);
    const struct product *product = name ? product_by_name(name->bytes) : NULL;
    char text[2 * PRODUCT_TCB_TEXT];
    uint8_t least[8];
    memset(least, 0xff, sizeof least);
    for (size_t i = 0; product && i < sizeof tcbs / sizeof *tcbs; i++) {
        struct span tcb = claims_get(c, tcbs[i])->bytes;
        for (size_t k = 0; k < sizeof least; k++)
            least[k] = tcb.p[k] < least[k] ? tcb.p[k] : least[k];
    }
    if (product) {
        struct wr out = wr_new(text, sizeof text);
        product_minimum_write(product, SPAN_ARR(least), &out);
        w->f->minimum = arena_copy(w->a, wr_span(&out));
    }
    return w->f->minimum.n ||
           err_fail(&w->err, SITUS_INTERNAL, "snp", "tcb", SITUS_NO_OFFSET, "levels", "none");
}

/* An SEV-SNP guest's launch is one digest; its agent runs at one privilege level. */
static bool refer_launch(struct work *w)
{
    struct reference *r = &w->f->image.ref;
    const struct claims *c = &w->r->claims[INSTANCE_TEE];
    const struct claim *launch = claims_get(c, CLAIM_MEASUREMENT),
                       *vmpl = claims_get(c, CLAIM_VMPL);
    if (!launch || launch->bytes.n != sizeof r->mrtd || !vmpl)
        return err_fail(&w->err, SITUS_INTERNAL, "snp", "measurement", SITUS_NO_OFFSET, "48 bytes",
                        "none");
    memcpy(r->mrtd, launch->bytes.p, sizeof r->mrtd);
    r->vmpl = vmpl->num;
    return refer_tcb(w);
}

static bool refer_registers(struct work *w)
{
    struct reference *r = &w->f->image.ref;
    const struct claims *td = &w->r->claims[INSTANCE_TEE];
    if (w->g.hcl)
        return policy_new_pcrs(w->f, w->g.guest_log, td, w->a, &w->err) &&
               (r->tee != KIND_SNP || refer_tcb(w));
    if (r->tee == KIND_SNP)
        return refer_launch(w);
    for (unsigned i = 0; i < 5; i++) {
        const struct claim *c = claims_get(td, i == 0 ? CLAIM_MRTD : CLAIM_RTMR0 + i - 1);
        if (!c || c->bytes.n != 48)
            return err_fail(&w->err, SITUS_INTERNAL, "tdx", "registers", SITUS_NO_OFFSET,
                            "48 bytes", "none");
        memcpy(i == 0 ? r->mrtd : r->rtmr[i - 1], c->bytes.p, 48);
    }
    return true;
}

static bool refer_boot(struct work *w, bool rtmr1_open, bool gpt_open)
{
    const struct boot_refer boot = {w->g.guest_log, w->g.ccel, rtmr1_open, gpt_open};
    const struct reference *r = &w->f->image.ref;
    const struct bank *quoted;
    if (r->profile == PROFILE_COUNT)
        return true;
    quoted = registers_bank(&w->g.guest->value.registers, HASH_SHA384);
    if (!quoted) {
        err_fail(&w->err, SITUS_MISSING, "tpm.guest", "pcr0.sha384", SITUS_NO_OFFSET,
                 "a quoted value", "none");
        return err_hint(&w->err, "RTMRs are SHA-384: let \"situs attest\" quote that bank too");
    }
    if (!profile_pcr0(r->profile, SPAN_ARR(r->mrtd), quoted->value[0]))
        w->f->pcr0 = arena_copy(w->a, quoted->value[0]);
    return boot_refer_write(&w->f->image.ref, &boot, w->a, &w->err);
}

/* What is written accepts what it was written from, once everything is stated. */
static int check_form(struct work *w)
{
    static const enum check rows[] = {CHECK_REF_GUEST, CHECK_LOG_RTMR, CHECK_LOG_PCR,
                                      CHECK_TPM_PCRS, CHECK_BIND_MEASUREMENTS};
    /* under a paravisor the image is named by registers that count with the certificate of their TPM */
    static const enum check pcrs[] = {CHECK_LOG_PCR, CHECK_TPM_PCRS};
    struct policy_form filled = policy_form_filled(w->f);
    bool compares = w->f->image.ref.profile != PROFILE_COUNT;
    size_t n = policy_form_ties(w->f) ? sizeof rows / sizeof *rows - !compares : 1;
    int exit = w->g.hcl ? judge(w, &filled, pcrs, 2) : judge(w, &filled, rows, n);
    if (exit == EXIT_GOOD && w->g.hcl && !w->r->image.image)
        exit =
            absent("registers of its own log", "let \"situs attest\" quote PCR 0 to 9, 11 to 14");
    if (exit != EXIT_GOOD)
        out_note("nothing is written: a policy with these lists would refuse this very evidence");
    return exit;
}

/* Anybody can make evidence with a TPM of his own. */
static void say_whose_key(const struct work *w)
{
    const struct finding *v = &w->r->findings.v[CHECK_AK_CERTIFICATE];
    const struct gather_tpm *t = w->g.platform ? w->g.platform : w->g.guest;
    if (v->outcome == OUTCOME_PASS)
        return;
    if (t->value.n_certs == 0)
        out_note("this TPM's key is nobody's: no AK certificate came with the evidence");
    else if (v->outcome == OUTCOME_FAIL)
        out_note("nobody vouches for this TPM's key yet: %s: %s%s%sgot %s", v->why->field,
                 v->why->expected[0] ? "expected " : "", v->why->expected,
                 v->why->expected[0] ? ", " : "", v->why->got);
    else
        out_note("nobody vouches for this TPM's key yet: %s", v->reason ? v->reason : "not asked");
}

static int fill(struct work *w, bool rtmr1_open, bool gpt_open)
{
    int exit = read_evidence(w);
    if (exit != EXIT_GOOD)
        return exit;
    if (policy_form_ties(w->f) && w->g.platform && !refer_host(w))
        return refused(&w->err, finding_exit(CHECK_LOG_LAUNCH, w->err.code));
    exit = check_evidence(w);
    if (exit != EXIT_GOOD)
        return exit;
    if (!refer_registers(w) || !refer_boot(w, rtmr1_open, gpt_open))
        return refused(&w->err, finding_exit(CHECK_BIND_MEASUREMENTS, w->err.code));
    w->f->judges = true;
    exit = check_form(w);
    if (exit == EXIT_GOOD && policy_form_ties(w->f))
        say_whose_key(w);
    return exit;
}

int policy_new_fill(struct policy_form *f, struct appraisal *x, bool rtmr1_open, bool gpt_open,
                    struct arena *a)
{
    struct work *w = calloc(1, sizeof *w);
    if (!w) {
        out_error("out of memory");
        return EXIT_USAGE;
    }
    w->f = f;
    w->x = x;
    w->a = a;
    int exit = fill(w, rtmr1_open, gpt_open);
    gather_free(&w->g);
    free(w);
    return exit;
}
