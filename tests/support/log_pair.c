/* Pairs of logs; see log_pair.h. */
#include "support/log_pair.h"

#include "support/make_log.h"
#include "support/test.h"

#include "appraise/logs.h"

static const int64_t guest_set[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14};
static const int64_t rtmr_set[] = {0, 1, 2};

void log_pair_start(struct log_pair *p)
{
    memset(p, 0, sizeof *p);
    case_start(&p->c);
    memcpy(p->pcrs, guest_set, sizeof guest_set);
    p->n_pcrs = sizeof guest_set / sizeof *guest_set;
    p->rtmrs = 7;
}

struct log_pair_row *log_pair_add(struct log_pair *p, uint32_t pcr, uint32_t type,
                                  struct span measured, struct span data)
{
    assert_true(p->n < LOG_PAIR_ROWS);
    struct log_pair_row *r = &p->row[p->n++];
    *r = (struct log_pair_row){.pcr = pcr, .type = type, .data = data};
    assert_true(digest(HASH_SHA384, measured, r->digest));
    return r;
}

struct log_pair_row *log_pair_find(struct log_pair *p, uint32_t pcr, uint32_t type)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->row[i].pcr == pcr && p->row[i].type == type)
            return &p->row[i];
    fail_msg("no such row");
    return NULL;
}

void log_pair_remove(struct log_pair *p, struct log_pair_row *row)
{
    p->n--;
    memmove(row, row + 1, (size_t)(p->row + p->n - row) * sizeof *row);
}

void log_pair_measure(struct log_pair *p)
{
    struct replay r;
    assert_true(logs_replay(&r, &p->ccel, HASH_SHA384, 15));
    for (size_t i = 0; i < 4; i++) {
        memcpy(p->image.rtmr[i], r.value[i], 48);
        claim_bytes(&p->c.td, (enum claim_id)(CLAIM_RTMR0 + i), SPAN_ARR(p->image.rtmr[i]));
    }
}

bool log_pair_bound(struct log_pair *p)
{
    static struct make_log m;
    struct registers quoted = {0};
    struct replay r;
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    for (size_t i = 0; i < p->n; i++)
        make_log_digest(&m, p->row[i].pcr, p->row[i].type, SPAN_ARR(p->row[i].digest),
                        p->row[i].data);
    struct events tcg = make_log_read(&m, LOG_PCR);
    assert_true(logs_replay(&r, &tcg, HASH_SHA384, 0xffffff));
    for (size_t i = 0; i < p->n_pcrs; i++)
        registers_add(&quoted, HASH_SHA384, (uint32_t)p->pcrs[i], span_of(r.value[p->pcrs[i]], 48));
    case_again(&p->c);
    case_set(&p->c, PARAM_LOG_PCR_SET, p->pcrs, p->n_pcrs);
    case_set(&p->c, PARAM_LOG_RTMR_SET, rtmr_set, 3);
    p->c.policy.v[PARAM_REF_GUEST_IMAGES] =
        (struct param_value){.given = true, .references = &p->image, .n = 1};
    p->c.policy.v[PARAM_BIND_PROFILE] = (struct param_value){
        .given = p->profile.n > 0, .words = &p->profile, .n = p->profile.n > 0};
    uint32_t rtmrs = logs_check_rtmr(&p->c.findings, &p->c.policy, &p->c.td, &p->ccel);
    uint32_t pcrs = logs_check_pcr(&p->c.findings, &p->c.policy, &quoted, &tcg);
    measurements_check(&p->c.findings, &p->c.policy, &p->c.td, &quoted,
                       (struct explained){&p->ccel, rtmrs & p->rtmrs},
                       (struct explained){&tcg, pcrs}, &p->out);
    return p->c.findings.v[CHECK_BIND_MEASUREMENTS].outcome == OUTCOME_PASS;
}

void log_pair_refused(struct log_pair *p, enum situs_code code, const char *field)
{
    assert_false(log_pair_bound(p));
    expect_fail(p->c.findings, CHECK_BIND_MEASUREMENTS, code, field);
    assert_int_equal(p->out.shared, 0);
}
