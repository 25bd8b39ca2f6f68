/* Replay of event logs; see logs.h. */
#include "appraise/logs.h"

#include "base/text.h"
#include "base/wr.h"

#include <assert.h>

/* Launch PCRs are 0xff until a measured launch resets them to zero (PTP 1.05, 4.6). */
static void first_values(struct replay *r, const struct events *log)
{
    size_t size = hash_size(r->hash);
    memset(r->value, 0, sizeof r->value);
    if (log->kind == LOG_CCEL)
        return;
    r->value[0][size - 1] = log->startup_locality;
    if (!log->launched)
        memset(r->value[17], 0xff, 6 * HASH_MAX_SIZE);
}

bool logs_replay(struct replay *r, const struct events *log, enum hash h, uint32_t mask)
{
    size_t bank = events_bank(log, h), size = hash_size(h);
    r->hash = h;
    r->event = log->n;
    if (h == HASH_NONE || bank == log->banks)
        return false;
    r->extended = 0;
    r->n = 0;
    first_values(r, log);
    for (r->event = 0; r->event < log->n; r->event++) {
        const struct event *e = &log->v[r->event];
        uint32_t at = events_register(log, e);
        if (at >= REGISTERS_MAX || !(mask >> at & 1))
            continue;
        struct span value = events_digest(log, e, bank);
        if (!value.n || !digest2(h, span_of(r->value[at], size), value, r->value[at]))
            return false;
        r->extended |= 1u << at;
        r->n++;
    }
    return true;
}

/* The registers that a policy parameter lists; 0 when it lists none or one that cannot exist. */
static uint32_t listed(const struct policy *p, enum param id, int64_t count)
{
    const struct param_value *v = &p->v[id];
    uint32_t mask = 0;
    for (size_t i = 0; i < v->n; i++) {
        if (v->nums[i] < 0 || v->nums[i] >= count)
            return 0;
        mask |= 1u << v->nums[i];
    }
    return mask;
}

/* What one check compares: registers of one bank and their names. */
struct comparison {
    enum check check;
    const char *part, *prefix; /* as "log.tdx", "rtmr" */
    const char *suffix;        /* "sha384" where a register has many banks, or "" */
    const struct bank *bank;
    uint32_t mask; /* registers to compare */
};

/* The registers whose value is not the replay's, as "RTMR0, RTMR1"; how many. */
static size_t differing(const struct comparison *c, const struct replay *r, struct wr *names,
                        uint32_t *first)
{
    size_t n = 0;
    for (uint32_t i = 0; i < REGISTERS_MAX; i++) {
        struct span value = c->bank->value[i];
        if (!(c->mask >> i & 1) || span_equal(value, span_of(r->value[i], hash_size(r->hash))))
            continue;
        if (n++ == 0)
            *first = i;
        wr_format(names, "%s%s%u", n > 1 ? ", " : "", c->prefix, i);
    }
    return n;
}

/* The text written so far; the buffer has one byte more than the writer knows of. */
static const char *ended(struct wr *w)
{
    w->p[w->n < w->size ? w->n : w->size] = 0;
    return (const char *)w->p;
}

static bool fail(struct findings *f, const struct comparison *c, uint32_t i, enum situs_code code,
                 const char *expected, const char *got, const char *hint)
{
    char field[40];
    struct wr w = wr_new(field, sizeof field - 1);
    wr_format(&w, "%s%u%s%s", c->prefix, i, *c->suffix ? "." : "", c->suffix);
    return finding_fail(f, c->check, code, FINDING_AT(c->part, ended(&w)), expected, got, hint);
}

/* Says which registers the log does not explain, and shows both values of the first. */
static bool fail_replay(struct findings *f, const struct comparison *c, const struct replay *r,
                        uint32_t i, const char *names)
{
    char hint[200];
    struct wr w = wr_new(hint, sizeof hint - 1);
    bool none = !(r->extended >> i & 1);
    wr_format(&w, "the log does not explain %s: ", names);
    wr_text(&w, none ? "it has no event for a register that was extended"
                     : "give the log of this boot; what extends it later is not in a boot log");
    return fail(f, c, i, none ? SITUS_MISSING : SITUS_MISMATCH, TEXT_HEX(c->bank->value[i]),
                TEXT_HEX(span_of(r->value[i], hash_size(r->hash))), ended(&w));
}

/* The replay ended early: an event that says nothing in the quoted bank cannot be replayed. */
static bool fail_event(struct findings *f, const struct comparison *c, const struct events *log,
                       const struct replay *r)
{
    char field[40];
    struct wr w = wr_new(field, sizeof field - 1);
    if (r->event == log->n || events_digest(log, &log->v[r->event], events_bank(log, r->hash)).n)
        return finding_fail(f, c->check, SITUS_INTERNAL, FINDING_AT(c->part, "event"), "a hash",
                            "none", NULL);
    wr_format(&w, "event[%zu].digests", r->event);
    return finding_fail(f, c->check, SITUS_MISSING, FINDING_AT(c->part, ended(&w)),
                        hash_name(r->hash), "other banks",
                        "quote a bank in which the firmware logs every event");
}

/* Compares one bank; false after a failure. Events counted are events replayed. */
static bool compare(struct findings *f, const struct comparison *c, const struct events *log)
{
    struct replay r;
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        if ((c->mask & ~c->bank->mask) >> i & 1)
            return fail(f, c, i, SITUS_MISSING, "a quoted value", "none",
                        "quote every register that the policy's log row names");
    if (events_bank(log, c->bank->hash) == log->banks)
        return finding_fail(f, c->check, SITUS_MISSING, FINDING_AT(c->part, "spec_id.digest_sizes"),
                            hash_name(c->bank->hash), "a log without this bank",
                            "quote a bank that the firmware logs");
    if (!logs_replay(&r, log, c->bank->hash, c->mask))
        return fail_event(f, c, log, &r);
    char text[160];
    struct wr names = wr_new(text, sizeof text - 1);
    uint32_t first = 0;
    if (differing(c, &r, &names, &first))
        return fail_replay(f, c, &r, first, ended(&names));
    if (r.n == 0)
        return finding_fail(f, c->check, SITUS_NOT_MEASURED, FINDING_AT(c->part, "event"),
                            "at least one measured event", "none",
                            "this guest's firmware measures nothing into these registers");
    return true;
}

uint32_t logs_check_rtmr(struct findings *f, const struct policy *p, const struct claims *td,
                         const struct events *ccel)
{
    if (!ccel || !td || !td->authority) {
        finding_skip(f, CHECK_LOG_RTMR, ccel ? "the TD quote does not hold" : "no CCEL was given");
        return 0;
    }
    struct bank rtmr = {.hash = HASH_SHA384};
    for (uint32_t i = 0; i < 4; i++) {
        const struct claim *c = claims_get(td, (enum claim_id)(CLAIM_RTMR0 + i));
        if (!c)
            continue;
        rtmr.value[i] = c->bytes;
        rtmr.mask |= 1u << i;
    }
    struct comparison c = {
        CHECK_LOG_RTMR, "log.tdx", "rtmr", "", &rtmr, listed(p, PARAM_LOG_RTMR_SET, 4)};
    assert(ccel->kind == LOG_CCEL);
    if (c.mask == 0) {
        finding_fail(f, CHECK_LOG_RTMR, SITUS_NOT_ALLOWED,
                     FINDING_AT("policy", "log.rtmr.registers"), "RTMRs, 0 to 3", "none",
                     "name the RTMRs that the log must explain");
        return 0;
    }
    if (!compare(f, &c, ccel))
        return 0;
    finding_pass(f, CHECK_LOG_RTMR);
    return c.mask;
}

/* The hash of one event's data in each quoted bank. Many events in a row are separators, of the
 * same data: these are not hashed again. */
struct hashed {
    bool made;
    struct span data;
    uint8_t value[sizeof(((struct registers *)NULL)->bank) / sizeof(struct bank)][HASH_MAX_SIZE];
};

static bool hash_data(struct hashed *h, const struct registers *quoted, struct span data)
{
    if (h->made && span_equal(h->data, data))
        return true;
    for (size_t b = 0; b < quoted->n; b++)
        if (!digest(quoted->bank[b].hash, data, h->value[b]))
            return false;
    h->data = data;
    h->made = true;
    return true;
}

/* An event whose digest is the hash of its data in one bank is so in all: else two boots, or a bank
 * that somebody filled afterwards, share one log. */
static bool banks_agree(struct findings *f, const struct registers *quoted,
                        const struct events *log, uint32_t mask)
{
    struct hashed h = {0};
    char field[40];
    struct wr w = wr_new(field, sizeof field - 1);
    for (size_t i = 0; quoted->n > 1 && i < log->n; i++) {
        const struct event *e = &log->v[i];
        uint32_t at = events_register(log, e);
        size_t hashed = 0;
        if (at >= REGISTERS_MAX || !(mask >> at & 1))
            continue;
        if (!hash_data(&h, quoted, events_data(log, e)))
            return finding_fail(f, CHECK_LOG_PCR, SITUS_INTERNAL, FINDING_AT("log.guest", "event"),
                                "a hash", "none", NULL);
        for (size_t b = 0; b < quoted->n; b++) {
            enum hash bank = quoted->bank[b].hash;
            hashed += span_equal(events_digest(log, e, events_bank(log, bank)),
                                 span_of(h.value[b], hash_size(bank)));
        }
        if (hashed == 0 || hashed == quoted->n)
            continue;
        wr_format(&w, "event[%zu].digests", i);
        return finding_fail(f, CHECK_LOG_PCR, SITUS_MISMATCH, FINDING_AT("log.guest", ended(&w)),
                            "the hash of the event's data in every quoted bank, or in none",
                            "in some", "a bank of this TPM was not extended by its firmware");
    }
    return true;
}

uint32_t logs_check_pcr(struct findings *f, const struct policy *p, const struct registers *quoted,
                        const struct events *log)
{
    if (!log || !quoted || quoted->n == 0) {
        finding_skip(f, CHECK_LOG_PCR, log ? "no PCR was quoted" : "no TPM event log was given");
        return 0;
    }
    uint32_t mask = listed(p, PARAM_LOG_PCR_SET, REGISTERS_MAX), explained = 0;
    assert(log->kind == LOG_PCR);
    if (mask == 0) {
        finding_fail(f, CHECK_LOG_PCR, SITUS_NOT_ALLOWED, FINDING_AT("policy", "log.pcr.registers"),
                     "PCRs, 0 to 23", "none", "name the PCRs that the log must explain");
        return 0;
    }
    for (size_t i = 0; i < quoted->n; i++) {
        const struct bank *bank = &quoted->bank[i];
        struct comparison c = {CHECK_LOG_PCR,         "log.guest", "pcr",
                               hash_name(bank->hash), bank,        mask};
        if (!compare(f, &c, log))
            return 0;
        if (bank->hash == HASH_SHA384)
            explained = mask;
    }
    if (!banks_agree(f, quoted, log, mask))
        return 0;
    finding_pass(f, CHECK_LOG_PCR);
    return explained;
}

const struct bank *logs_check_launch(struct findings *f, const struct registers *quoted,
                                     const struct events *log)
{
    if (!log || !quoted || quoted->n == 0) {
        finding_skip(f, CHECK_LOG_LAUNCH, log ? "no PCR was quoted" : "no launch log was given");
        return NULL;
    }
    const struct bank *bank = &quoted->bank[0]; /* tpm.pcrs: a platform quote has one */
    struct comparison c = {CHECK_LOG_LAUNCH,      "log.platform", "pcr",
                           hash_name(bank->hash), bank,           bank->mask};
    assert(log->kind == LOG_LAUNCH);
    if (!compare(f, &c, log))
        return NULL;
    finding_pass(f, CHECK_LOG_LAUNCH);
    return bank;
}
