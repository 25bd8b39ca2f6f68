/* The JSON report; see report.h. Its shape is fixed by situs-verify(1): names are never changed. */
#include "appraise/verdict.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "situs/report.h"

static void reason(struct json_out *o, const struct situs_err *err)
{
    json_out_pair_string(o, "code", err_code_name(err->code));
    json_out_pair_string(o, "part", err->part);
    json_out_pair_string(o, "field", err->field);
    json_out_name(o, "at");
    if (err->at == SITUS_NO_OFFSET)
        json_out_null(o);
    else
        json_out_num(o, (int64_t)err->at);
    json_out_pair_string(o, "expected", err->expected);
    json_out_pair_string(o, "got", err->got);
    json_out_pair_string(o, "hint", err->hint[0] ? err->hint : err_code_hint(err->code));
}

static void check(struct json_out *o, const struct result *r, enum check c)
{
    const struct finding *f = &r->findings.v[c];
    json_out_object(o);
    json_out_pair_string(o, "id", check_row(c)->id);
    if (f->outcome == OUTCOME_FAIL) {
        json_out_pair_string(o, "outcome", "fail");
        reason(o, f->why);
    } else if (f->outcome == OUTCOME_PASS) {
        json_out_pair_string(o, "outcome", "pass");
    } else {
        json_out_pair_string(o, "outcome", "not-run");
        json_out_pair_string(o, "reason", f->reason ? f->reason : "no such evidence was given");
    }
    json_out_close(o);
}

static void proof(struct json_out *o, const struct result *r, unsigned bit, const char *name,
                  bool live, unsigned contains)
{
    json_out_name(o, name);
    json_out_object(o);
    json_out_pair_bool(o, "holds", r->held & bit);
    if (live && r->archived && verdict_rows(r, bit))
        json_out_pair_string(o, "held_as_of", TEXT_TIME(r->at));
    json_out_name(o, "rests_on");
    json_out_array(o);
    unsigned on = verdict_rests_on(r, bit, contains);
#define PROOF(bit_, name_, live_, contains_, sentence_)
#define RESTS(bit_, text)  \
    if (on & PROOF_##bit_) \
        json_out_string(o, text);
#include "model/proofs.def"
#undef PROOF
#undef RESTS
    json_out_close(o);
    json_out_close(o);
}

void report_claim_json(const struct claim *c, enum claim_type type, struct json_out *o)
{
    switch (type) {
    case CLAIM_IS_BYTES:
        json_out_hex(o, c->bytes);
        break;
    case CLAIM_IS_TEXT:
        json_out_text(o, c->bytes);
        break;
    case CLAIM_IS_NUM:
        json_out_num(o, c->num);
        break;
    case CLAIM_IS_TIME:
        json_out_string(o, TEXT_TIME(c->num));
        break;
    case CLAIM_IS_FLAG:
        json_out_bool(o, c->num != 0);
        break;
    case CLAIM_IS_WORDS:
        json_out_array(o);
        for (size_t i = 0; i < c->words.n; i++)
            json_out_text(o, c->words.v[i]);
        json_out_close(o);
    }
}

static void claims(struct json_out *o, const struct claims *set)
{
    for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
        const struct claim *c = claims_get(set, id);
        char name[64];
        if (!c)
            continue;
        struct wr w = wr_new(name, sizeof name - 1);
        wr_format(&w, "%s.%s", set->instance, claim_row(id)->name);
        name[w.n] = 0;
        json_out_name(o, name);
        report_claim_json(c, claim_row(id)->type, o);
    }
}

static void lists(struct json_out *o, const struct result *r)
{
    json_out_name(o, "checks");
    json_out_array(o);
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (verdict_applies(r, c))
            check(o, r, c);
    json_out_close(o);
    json_out_name(o, "claims");
    json_out_object(o);
    for (int i = 0; i < INSTANCE_COUNT; i++)
        claims(o, &r->claims[i]);
    json_out_close(o);
    json_out_name(o, "notes");
    json_out_array(o);
    for (size_t i = 0; i < r->n_notes; i++)
        json_out_string(o, r->notes[i]);
    json_out_close(o);
}

/* Several challenges at once: the fastest, the middle and the slowest answer, and what lies between
 * the first and the last. */
static void round_trips(struct json_out *o, const struct result *r)
{
    json_out_name(o, "round_trips");
    if (r->trips.n == 0) {
        json_out_null(o);
        return;
    }
    json_out_object(o);
    json_out_pair_num(o, "challenges", (int64_t)r->trips.n);
    json_out_pair_num(o, "min_us", r->trips.least_us);
    json_out_pair_num(o, "median_us", r->trips.median_us);
    json_out_pair_num(o, "max_us", r->round_trip_us);
    json_out_pair_num(o, "spread_us", r->round_trip_us - r->trips.least_us);
    json_out_close(o);
}

void report_json(const struct result *r, struct wr *w)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "verdict", r->verdict == VERDICT_TRUSTED ? "trusted" : "refused");
    json_out_pair_num(&o, "exit", r->exit);
    json_out_pair_bool(&o, "simulated", result_simulated(r));
    json_out_pair_string(&o, "policy", r->policy->name);
    json_out_pair_hex(&o, "policy_sha256", SPAN_ARR(r->policy->sha256));
    json_out_pair_string(&o, "at", TEXT_TIME(r->at));
    json_out_name(&o, "round_trip_us");
    if (r->round_trip_us > 0)
        json_out_num(&o, r->round_trip_us);
    else
        json_out_null(&o);
    round_trips(&o, r);
    json_out_name(&o, "proofs");
    json_out_object(&o);
#define PROOF(bit, name, live, contains, sentence) proof(&o, r, PROOF_##bit, name, live, contains);
#define RESTS(bit, text)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
    json_out_close(&o);
    lists(&o, r);
    json_out_name(&o, "error");
    if (r->err.code == SITUS_NONE) {
        json_out_null(&o);
    } else {
        json_out_object(&o);
        reason(&o, &r->err);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_end(&o);
}
