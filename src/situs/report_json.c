/* The JSON report; see report.h. Its shape is fixed by situs-verify(1): names are never changed. */
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "situs/door.h"
#include "situs/report.h"
#include "situs/rows.h"

static void reason(struct json_out *o, const struct situs_err *err)
{
    json_out_pair_string(o, "code", situs_code_name(err->code));
    json_out_pair_string(o, "part", err->part);
    json_out_pair_string(o, "field", err->field);
    json_out_name(o, "at");
    if (err->at == SITUS_NO_OFFSET)
        json_out_null(o);
    else
        json_out_num(o, (int64_t)err->at);
    json_out_pair_string(o, "expected", err->expected);
    json_out_pair_string(o, "got", err->got);
    json_out_pair_string(o, "hint", err->hint[0] ? err->hint : situs_code_hint(err->code));
}

static void plain_row(struct json_out *o, const char *id, enum situs_code code)
{
    char text[400];
    struct wr w = wr_new(text, sizeof text);
    report_plain_row(id, code, &w);
    json_out_pair_text(o, "plain", wr_span(&w));
}

static void check(struct json_out *o, const struct situs_check *c)
{
    json_out_object(o);
    json_out_pair_string(o, "id", c->id);
    if (c->outcome == SITUS_FAIL) {
        json_out_pair_string(o, "outcome", "fail");
        reason(o, c->why);
    } else if (c->outcome == SITUS_PASS) {
        json_out_pair_string(o, "outcome", "pass");
    } else {
        json_out_pair_string(o, "outcome", "not-run");
        json_out_pair_string(o, "reason", c->reason);
    }
    json_out_pair_string(o, "sentence", c->sentence);
    json_out_pair_bool(o, "refuses", c->refuses);
    if (c->outcome != SITUS_PASS)
        plain_row(o, c->id, c->why ? c->why->code : SITUS_NONE);
    json_out_close(o);
}

static void error(struct json_out *o, const struct situs_error *e)
{
    json_out_object(o);
    json_out_name(o, "check");
    if (e->check)
        json_out_string(o, e->check);
    else
        json_out_null(o);
    json_out_pair_string(o, "outcome", e->outcome == SITUS_FAIL ? "fail" : "not-run");
    reason(o, &e->why);
    json_out_close(o);
}

/* What decided against a proof. */
static void against(struct json_out *o, const struct situs_result *r, size_t p)
{
    struct rows_at at = {0};
    struct situs_error e;
    json_out_name(o, "reasons");
    json_out_array(o);
    while (rows_against(r, p, &at, &e))
        error(o, &e);
    json_out_close(o);
}

static void proof(struct json_out *o, const struct situs_result *r, size_t i,
                  const struct situs_proof *p)
{
    const char *on;
    json_out_name(o, p->name);
    json_out_object(o);
    json_out_pair_bool(o, "holds", p->holds);
    json_out_pair_bool(o, "required", p->required);
    if (p->held_as_of)
        json_out_pair_string(o, "held_as_of", TEXT_TIME(r->result.at));
    against(o, r, i);
    json_out_name(o, "rests_on");
    json_out_array(o);
    for (size_t k = 0; p->holds && (on = situs_result_rests_on(r, i, k)) != NULL; k++)
        json_out_string(o, on);
    json_out_close(o);
    json_out_close(o);
}

static void parties(struct json_out *o, const struct situs_result *r)
{
    struct situs_party party;
    struct situs_proof p;
    json_out_name(o, "parties");
    json_out_array(o);
    for (size_t i = 0; situs_result_party(r, i, &party); i++) {
        json_out_object(o);
        json_out_pair_string(o, "role", party.role);
        json_out_name(o, "name");
        if (party.name)
            json_out_text(o, span_text(party.name));
        else
            json_out_null(o);
        json_out_pair_string(o, "sentence", party.sentence);
        json_out_pair_string(o, "root", report_party_root(&party));
        json_out_pair_string(o, "trusted_for", report_party_words(&party));
        json_out_name(o, "proofs");
        json_out_array(o);
        for (size_t k = 0; situs_result_proof(r, k, &p); k++)
            if (party.proofs >> k & 1)
                json_out_string(o, p.name);
        json_out_close(o);
        json_out_close(o);
    }
    json_out_close(o);
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

static void lists(struct json_out *o, const struct situs_result *r)
{
    struct situs_proof p;
    struct situs_check c;
    const char *note;
    json_out_name(o, "proofs");
    json_out_object(o);
    for (size_t i = 0; situs_result_proof(r, i, &p); i++)
        proof(o, r, i, &p);
    json_out_close(o);
    parties(o, r);
    json_out_name(o, "checks");
    json_out_array(o);
    for (size_t i = 0; situs_result_check(r, i, &c); i++)
        check(o, &c);
    json_out_close(o);
    json_out_name(o, "claims");
    json_out_object(o);
    for (int i = 0; i < INSTANCE_COUNT; i++)
        claims(o, &r->result.claims[i]);
    json_out_close(o);
    json_out_name(o, "notes");
    json_out_array(o);
    for (size_t i = 0; (note = situs_result_note(r, i)) != NULL; i++)
        json_out_string(o, note);
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

/* The span in which the machine was watched, where fresh.continuity passed. */
static void continuity(struct json_out *o, const struct result *r)
{
    json_out_name(o, "continuity");
    if (r->watched.since == 0) {
        json_out_null(o);
        return;
    }
    json_out_object(o);
    json_out_pair_string(o, "since", TEXT_TIME(r->watched.since));
    json_out_pair_string(o, "until", TEXT_TIME(r->watched.until));
    json_out_pair_num(o, "within_ms", r->watched.within_ms);
    json_out_pair_num(o, "longest_gap_ms", r->watched.longest_gap_ms);
    json_out_close(o);
}

static void hash(struct json_out *o, const char *name, const struct situs_result *r,
                 enum situs_input input)
{
    uint8_t sha256[32];
    json_out_name(o, name);
    if (situs_result_sha256(r, input, 0, sha256))
        json_out_hex(o, SPAN_ARR(sha256));
    else
        json_out_null(o);
}

/* What was appraised, by which words, when: so that a report stands for itself. */
static void inputs(struct json_out *o, const struct situs_result *r)
{
    uint8_t sha256[32];
    hash(o, "evidence_sha256", r, SITUS_INPUT_EVIDENCE);
    hash(o, "ccel_sha256", r, SITUS_INPUT_CCEL);
    hash(o, "pcr_log_sha256", r, SITUS_INPUT_PCR_LOG);
    hash(o, "trust_sha256", r, SITUS_INPUT_TRUST);
    hash(o, "collateral_sha256", r, SITUS_INPUT_COLLATERAL);
    json_out_name(o, "endorsements_sha256");
    json_out_array(o);
    for (size_t i = 0; situs_result_sha256(r, SITUS_INPUT_ENDORSEMENT, i, sha256); i++)
        json_out_hex(o, SPAN_ARR(sha256));
    json_out_close(o);
    hash(o, "channel_sha256", r, SITUS_INPUT_CHANNEL);
    json_out_name(o, "nonce");
    if (item_span(r->asked.nonce).n)
        json_out_hex(o, item_span(r->asked.nonce));
    else
        json_out_null(o);
}

static void until(struct json_out *o, const struct situs_result *r)
{
    const char *what;
    int64_t at;
    json_out_name(o, "until");
    if (!situs_result_until(r, &at, &what)) {
        json_out_null(o);
        return;
    }
    json_out_object(o);
    json_out_pair_string(o, "at", TEXT_TIME(at));
    json_out_pair_string(o, "what", what);
    json_out_close(o);
}

/* For people: what ends next, what else would end it, what is not proven. */
static void plain(struct json_out *o, const struct situs_result *r)
{
    const char *words;
    int64_t at;
    json_out_name(o, "ends");
    json_out_array(o);
    for (size_t i = 0; report_end_of(r, i, &at, &words); i++) {
        json_out_object(o);
        json_out_pair_string(o, "at", TEXT_TIME(at));
        json_out_pair_string(o, "what", words);
        json_out_close(o);
    }
    json_out_close(o);
    json_out_name(o, "breaks");
    json_out_array(o);
    for (size_t i = 0; (words = report_break(r, i)) != NULL; i++)
        json_out_string(o, words);
    json_out_close(o);
    json_out_name(o, "does_not_prove");
    json_out_array(o);
    for (size_t i = 0; (words = report_open(r, i)) != NULL; i++)
        json_out_string(o, words);
    json_out_close(o);
}

static void warning(struct json_out *o, const struct situs_result *r)
{
    char text[160];
    json_out_name(o, "warning");
    if (situs_result_warning(r, text, sizeof text))
        json_out_string(o, text);
    else
        json_out_null(o);
}

static void verdict(struct json_out *o, const struct situs_result *r)
{
    char words[48], text[8192];
    struct situs_error why;
    struct wr w = wr_new(text, sizeof text);
    wr_format(&w, "%s: ", report_verdict(words, r));
    report_sentence(r, 0, &w);
    json_out_pair_string(o, "verdict", situs_result_trusted(r) ? "trusted" : "refused");
    json_out_pair_num(o, "exit", situs_result_exit(r));
    json_out_name(o, "answer");
    json_out_text(o, wr_span(&w));
    w.n = 0;
    report_plain(r, false, &w);
    json_out_pair_text(o, "sentence", wr_span(&w));
    w.n = 0;
    json_out_name(o, "sentence_past");
    report_plain(r, true, &w);
    if (situs_result_trusted(r))
        json_out_text(o, wr_span(&w));
    else
        json_out_null(o);
    json_out_name(o, "why");
    if (situs_result_reason(r, &why))
        error(o, &why);
    else
        json_out_null(o);
    json_out_pair_bool(o, "simulated", situs_result_simulated(r));
    json_out_name(o, "held_as_of");
    if (situs_result_held_as_of(r))
        json_out_string(o, TEXT_TIME(r->result.at));
    else
        json_out_null(o);
}

void report_json(const struct situs_result *r, struct wr *w)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    verdict(&o, r);
    json_out_pair_string(&o, "situs_version", situs_version());
    json_out_pair_string(&o, "policy", r->result.policy->name);
    json_out_pair_hex(&o, "policy_sha256", SPAN_ARR(r->result.policy->sha256));
    inputs(&o, r);
    json_out_pair_string(&o, "at", TEXT_TIME(r->result.at));
    until(&o, r);
    plain(&o, r);
    warning(&o, r);
    json_out_name(&o, "round_trip_us");
    if (r->result.round_trip_us > 0)
        json_out_num(&o, r->result.round_trip_us);
    else
        json_out_null(&o);
    round_trips(&o, &r->result);
    continuity(&o, &r->result);
    lists(&o, r);
    json_out_name(&o, "error");
    if (r->result.err.code == SITUS_NONE) {
        json_out_null(&o);
    } else {
        json_out_object(&o);
        reason(&o, &r->result.err);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_end(&o);
}

size_t situs_result_json(const struct situs_result *r, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    report_json(r, &w);
    return report_finish(&w, text, size);
}
