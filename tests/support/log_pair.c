/* Pairs of logs; see log_pair.h. */
#include "support/log_pair.h"

#include "support/make_log.h"
#include "support/test.h"

#include "appraise/boot_walk.h"
#include "appraise/logs.h"
#include "appraise/reference.h"
#include "base/text.h"

static const int64_t guest_set[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14};
static const int64_t rtmr_set[] = {0, 1, 2};

void log_pair_start(struct log_pair *p)
{
    static const struct anchor lab = {.name = "lab", .simulated = true};
    memset(p, 0, sizeof *p);
    case_start(&p->c);
    p->c.td.authority = &lab;
    memcpy(p->pcrs, guest_set, sizeof guest_set);
    p->n_pcrs = sizeof guest_set / sizeof *guest_set;
    p->rtmrs = 7;
    memset(p->image.mrtd, 0x4d, 48);
}

struct log_pair_row *log_pair_add(struct log_pair_log *l, uint32_t at, uint32_t type,
                                  struct span measured, struct span data)
{
    assert_true(l->n < LOG_PAIR_ROWS);
    struct log_pair_row *r = &l->row[l->n++];
    *r = (struct log_pair_row){.at = at, .type = type, .data = data};
    assert_true(digest(HASH_SHA384, measured, r->digest));
    return r;
}

void log_pair_load(struct log_pair_log *l, const struct events *log)
{
    size_t bank = events_bank(log, HASH_SHA384);
    for (size_t i = 0; i < log->n; i++) {
        const struct event *e = &log->v[i];
        uint32_t at = events_register(log, e);
        if (at >= REGISTERS_MAX)
            continue;
        struct span data = events_data(log, e);
        memcpy(log_pair_add(l, at, e->type, data, data)->digest, events_digest(log, e, bank).p, 48);
    }
}

static bool is_separator(const struct log_pair_row *r)
{
    return span_equal(SPAN_ARR(r->digest), SPAN_ARR(boot_separator));
}

void log_pair_td(struct log_pair *p)
{
    bool first = true;
    p->td.n = 0;
    log_pair_add(&p->td, 0, EV_EFI_HANDOFF_TABLES2, SPAN_LIT("hob"), SPAN_LIT("TdxTable"));
    log_pair_add(&p->td, 0, EV_EFI_PLATFORM_FIRMWARE_BLOB2, SPAN_LIT("cfv"), SPAN_LIT("CFV"));
    for (size_t i = 0; i < p->tpm.n; i++) {
        struct log_pair_row r = p->tpm.row[i];
        if (r.at == 0 || r.at == 10 || r.tpm_only)
            continue;
        if (is_separator(&r) && r.at != 7) {
            if (!first || r.at == 1)
                continue;
            first = false;
        }
        r.at = r.at == 1 || r.at == 7 ? 0 : r.at < 7 ? 1 : 2;
        log_pair_insert(&p->td, p->td.n, r);
    }
}

struct log_pair_row *log_pair_find(struct log_pair_log *l, uint32_t at, uint32_t type)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->row[i].at == at && l->row[i].type == type)
            return &l->row[i];
    fail_msg("no such row");
    return NULL;
}

void log_pair_remove(struct log_pair_log *l, size_t i)
{
    l->n--;
    memmove(&l->row[i], &l->row[i + 1], (l->n - i) * sizeof *l->row);
}

void log_pair_insert(struct log_pair_log *l, size_t i, struct log_pair_row row)
{
    assert_true(l->n < LOG_PAIR_ROWS);
    memmove(&l->row[i + 1], &l->row[i], (l->n - i) * sizeof *l->row);
    l->row[i] = row;
    l->n++;
}

struct events log_pair_written(const struct log_pair_log *l, enum log_kind kind)
{
    static struct make_log m[2];
    static uint8_t memory[2][1 << 16];
    struct make_log *to = &m[kind == LOG_CCEL];
    struct arena a = arena_new(memory[kind == LOG_CCEL], sizeof memory[0]);
    struct situs_err err = {0};
    struct events out;
    make_log_start(to, (const enum hash[]){HASH_SHA384, HASH_NONE});
    for (size_t i = 0; i < l->n; i++)
        make_log_digest(to, l->row[i].at + (kind == LOG_CCEL), l->row[i].type,
                        SPAN_ARR(l->row[i].digest), l->row[i].data);
    if (!tcg_log_read(&out, wr_span(&to->w), kind, "log", &a, &err))
        fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
    return out;
}

static void measure(struct claims *td, const struct events *ccel)
{
    static struct replay r;
    assert_true(logs_replay(&r, ccel, HASH_SHA384, 15));
    for (size_t i = 0; i < 4; i++)
        claim_bytes(td, (enum claim_id)(CLAIM_RTMR0 + i), span_of(r.value[i], 48));
}

static void refer_lists(struct log_pair *p)
{
    size_t n = 0;
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        struct boot_list *l = &p->image.boot[pcr];
        *l = (struct boot_list){.v = &p->lists[n], .tail = l->tail, .n_tail = l->n_tail};
        for (size_t i = 0; BOOT_PCRS >> pcr & 1 && i < p->tpm.n; i++) {
            const struct log_pair_row *r = &p->tpm.row[i];
            if (r->at != pcr)
                continue;
            memcpy(p->lists[n].digest, r->digest, 48);
            p->lists[n++].tpm_only = r->tpm_only;
            l->n++;
        }
    }
}

/* Naming all of PCR 7 but the separator would hide what the content tells: name what it does
 * not. */
static void refer_pcr7(struct log_pair *p)
{
    uint8_t hash[48];
    for (size_t i = 0; i < p->tpm.n; i++) {
        const struct log_pair_row *r = &p->tpm.row[i];
        if (r->at != 7)
            continue;
        assert_true(digest(HASH_SHA384, r->data, hash));
        if (memcmp(hash, r->digest, 48) != 0)
            memcpy(p->pcr7[p->image.n_pcr7++], r->digest, 48);
    }
    p->image.pcr7 = (const uint8_t(*)[48])p->pcr7;
}

void log_pair_refer(struct log_pair *p)
{
    static struct replay r;
    struct events ccel = log_pair_written(&p->td, LOG_CCEL),
                  tcg = log_pair_written(&p->tpm, LOG_PCR);
    measure(&p->c.td, &ccel);
    claim_bytes(&p->c.td, CLAIM_MRTD, SPAN_ARR(p->image.mrtd));
    for (size_t i = 0; i < 4; i++)
        memcpy(p->image.rtmr[i], p->c.td.v[CLAIM_RTMR0 + i].bytes.p, 48);
    p->image.tee = KIND_TDX;
    p->image.name = SPAN_LIT("honest");
    p->image.closed.stated = (1u << CLOSED_POINTS) - 1;
    p->image.profile = PROFILE_LAB;
    p->image.has_boot = true;
    p->image.n_pcr7 = 0;
    refer_lists(p);
    refer_pcr7(p);
    assert_true(logs_replay(&r, &tcg, HASH_SHA384, 1));
    text_hex(p->pcr0, sizeof p->pcr0, span_of(r.value[0], 48));
    p->pcr0_word = span_text(p->pcr0);
}

bool log_pair_bound(struct log_pair *p)
{
    static struct replay r;
    struct registers quoted = {.n = 1};
    struct events ccel = log_pair_written(&p->td, LOG_CCEL),
                  tcg = log_pair_written(&p->tpm, LOG_PCR);
    struct reference_logs logs = {&ccel, &tcg};
    struct findings *f = &p->c.findings;
    measure(&p->c.td, &ccel);
    assert_true(logs_replay(&r, &tcg, HASH_SHA384, 0xffffff));
    quoted.bank[0].hash = HASH_SHA384;
    for (size_t i = 0; i < p->n_pcrs; i++) {
        quoted.bank[0].mask |= 1u << p->pcrs[i];
        quoted.bank[0].value[p->pcrs[i]] = span_of(r.value[p->pcrs[i]], 48);
    }
    case_again(&p->c);
    case_set(&p->c, PARAM_LOG_PCR_SET, p->pcrs, p->n_pcrs);
    case_set(&p->c, PARAM_LOG_RTMR_SET, rtmr_set, 3);
    p->c.policy.v[PARAM_REF_GUEST_IMAGES] =
        (struct param_value){.given = true, .references = &p->image, .n = 1};
    p->c.policy.v[PARAM_BIND_PCR0] =
        (struct param_value){.given = true, .words = &p->pcr0_word, .n = p->pcr0_word.n > 0};
    const struct reference *image = reference_check(f, &p->c.policy, &p->c.td, &logs);
    uint32_t rtmrs = logs_check_rtmr(f, &p->c.policy, &p->c.td, &ccel);
    uint32_t pcrs = logs_check_pcr(f, &p->c.policy, &quoted, &tcg);
    const struct measured x = {&p->c.td, image, &quoted, {&ccel, rtmrs & p->rtmrs}, {&tcg, pcrs}};
    measurements_check(f, &p->c.policy, &x, &p->out);
    return f->v[CHECK_LOG_RTMR].outcome == OUTCOME_PASS &&
           f->v[CHECK_LOG_PCR].outcome == OUTCOME_PASS &&
           f->v[CHECK_REF_GUEST].outcome == OUTCOME_PASS &&
           f->v[CHECK_BIND_MEASUREMENTS].outcome == OUTCOME_PASS;
}

void log_pair_refused(struct log_pair *p, enum situs_code code, const char *field)
{
    assert_false(log_pair_bound(p));
    expect_fail(p->c.findings, CHECK_BIND_MEASUREMENTS, code, field);
    assert_int_equal(p->out.shared, 0);
}
