/* The human report; see report.h. */
#include "appraise/verdict.h"
#include "base/text.h"
#include "base/time.h"
#include "situs/report.h"

#define LONGEST_TEXT 4400 /* names with escapes, for --list-seen; an owner is at most 1024 bytes */
#define WIDTH 20          /* of the check id column */
#define CLAIM_WIDTH 36    /* of the column of instance.claim */

struct pen {
    struct wr *w;
    bool colour;
};

static void paint(const struct pen *p, const char *code, const char *text)
{
    if (p->colour)
        wr_format(p->w, "\033[%sm%s\033[0m", code, text);
    else
        wr_text(p->w, text);
}

static void line(struct wr *w, const char *label, const char *text)
{
    if (!text[0])
        return;
    wr_format(w, "  %*s%-9s ", WIDTH + 10, "", label);
    wr_text(w, text);
    wr_text(w, "\n");
}

static void why(struct wr *w, const struct situs_err *err)
{
    char place[160];
    struct wr at = wr_new(place, sizeof place - 1);
    wr_format(&at, "%s%s%s", err->part, err->part[0] && err->field[0] ? " " : "", err->field);
    if (err->at != SITUS_NO_OFFSET)
        wr_format(&at, " at byte %zu", err->at);
    place[wr_ok(&at) ? at.n : 0] = 0;
    line(w, "where", place);
    line(w, "expected", err->expected);
    line(w, "got", err->got);
    line(w, "hint", err->hint[0] ? err->hint : err_code_hint(err->code));
}

static void check(const struct pen *p, const struct result *r, enum check c)
{
    const struct finding *f = &r->findings.v[c];
    const struct check_row *row = check_row(c);
    wr_text(p->w, "  ");
    if (f->outcome == OUTCOME_PASS)
        paint(p, "32", "pass     ");
    else if (f->outcome == OUTCOME_FAIL)
        paint(p, "31", "FAIL     ");
    else
        paint(p, "2", "not run  ");
    wr_format(p->w, "%-*s ", WIDTH, row->id);
    wr_text(p->w, row->sentence);
    if (f->outcome == OUTCOME_FAIL)
        wr_format(p->w, " [%s]", err_code_name(f->why->code));
    wr_text(p->w, "\n");
    if (f->outcome == OUTCOME_FAIL)
        why(p->w, f->why);
    if (f->outcome == OUTCOME_NOT_RUN)
        line(p->w, "reason", f->reason ? f->reason : "no such evidence was given");
}

static void proof(const struct pen *p, const struct result *r, unsigned bit, const char *name,
                  bool live, unsigned contains, const char *sentence)
{
    bool held = r->held & bit, required = r->policy->require & bit;
    bool then = !held && live && r->archived && verdict_rows(r, bit);
    wr_text(p->w, "  ");
    paint(p, held ? "32" : required ? "31" : "2", held ? "holds    " : "no       ");
    wr_format(p->w, "%-*s ", WIDTH, name);
    wr_text(p->w, sentence);
    if (then)
        wr_format(p->w, " (was so as of %s)", TEXT_TIME(r->at));
    if (required)
        wr_text(p->w, " (required)");
    else if (bit & (PROOF_HOST_MEASURED | PROOF_CO_LOCATED) &&
             r->policy->scenario != SCENARIO_BARE_METAL)
        wr_text(p->w, " (bare metal only)");
    wr_text(p->w, "\n");
    if (!held)
        return;
    unsigned on = verdict_rests_on(r, bit, contains);
#define PROOF(bit_, name_, live_, contains_, sentence_)
#define RESTS(bit_, text)  \
    if (on & PROOF_##bit_) \
        line(p->w, "rests on", text);
#include "model/proofs.def"
#undef PROOF
#undef RESTS
}

void report_claim(const struct claim *c, enum claim_type type, struct wr *w)
{
    switch (type) {
    case CLAIM_IS_BYTES:
        wr_hex(w, c->bytes);
        break;
    case CLAIM_IS_TEXT: /* whole: the longest is an owner's name */
        wr_text(w, text_cut((char[LONGEST_TEXT]){0}, LONGEST_TEXT, c->bytes));
        break;
    case CLAIM_IS_NUM:
        wr_format(w, "%llu", (unsigned long long)c->num);
        break;
    case CLAIM_IS_TIME:
        wr_text(w, TEXT_TIME(c->num));
        break;
    case CLAIM_IS_FLAG:
        wr_text(w, c->num ? "yes" : "no");
        break;
    case CLAIM_IS_WORDS:
        for (size_t i = 0; i < c->words.n; i++)
            wr_format(w, "%s%s", i ? ", " : "", TEXT_CUT(c->words.v[i]));
        if (c->words.n == 0)
            wr_text(w, "none");
    }
}

static void claims(const struct pen *p, const struct claims *set)
{
    for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
        const struct claim *c = claims_get(set, id);
        if (!c)
            continue;
        wr_format(p->w, "  %s.%-*s ", set->instance, (int)(CLAIM_WIDTH - 1 - strlen(set->instance)),
                  claim_row(id)->name);
        report_claim(c, claim_row(id)->type, p->w);
        wr_text(p->w, "\n");
    }
}

static void milliseconds(struct wr *w, const char *name, int64_t us)
{
    wr_format(w, "%s %lld.%lld ms", name, (long long)(us / 1000), (long long)(us / 100 % 10));
}

static void round_trips(struct wr *w, const struct result *r)
{
    wr_format(w, "round trips of %zu challenges at once: ", r->trips.n);
    milliseconds(w, "min", r->trips.least_us);
    milliseconds(w, ", median", r->trips.median_us);
    milliseconds(w, ", max", r->round_trip_us);
    milliseconds(w, ", spread", r->round_trip_us - r->trips.least_us);
    wr_text(w, ": advisory\n");
}

static void head(const struct pen *p, const struct result *r)
{
    wr_format(p->w, "policy %s, appraised %s %s\n", r->policy->name, r->archived ? "as of" : "at",
              TEXT_TIME(r->at));
    if (r->trips.n > 0) {
        round_trips(p->w, r);
    } else if (r->round_trip_us > 0) {
        milliseconds(p->w, "round trip", r->round_trip_us);
        wr_text(p->w, ": advisory, an honest answer can be slow\n");
    }
    if (result_simulated(r))
        paint(p, "33", "SIMULATED: the chain ends in an anchor that is marked as simulated\n");
    if (r->err.code != SITUS_NONE) {
        paint(p, "31", "reading stopped");
        wr_format(p->w, " [%s]\n", err_code_name(r->err.code));
        why(p->w, &r->err);
    }
    for (size_t i = 0; i < r->n_notes; i++)
        wr_format(p->w, "note: %s\n", r->notes[i]);
}

void report_text(const struct result *r, bool colour, struct wr *w)
{
    struct pen p = {w, colour};
    head(&p, r);
    wr_text(w, "\nchecks\n");
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (verdict_applies(r, c))
            check(&p, r, c);
    wr_text(w, "\nproofs\n");
#define PROOF(bit, name, live, contains, sentence) \
    proof(&p, r, PROOF_##bit, name, live, contains, sentence);
#define RESTS(bit, text)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
    wr_text(w, "\nclaims, each by the authority in which its chain ends\n");
    for (int i = 0; i < INSTANCE_COUNT; i++)
        if (r->claims[i].authority) {
            const struct anchor *by = r->claims[i].authority;
            wr_format(w, "  %s says, by %s%s%s:\n", r->claims[i].instance, by->name,
                      by->profile ? ", profile " : "", ak_profile_name(by->profile));
            claims(&p, &r->claims[i]);
        }
    wr_text(w, "\nverdict: ");
    if (r->verdict == VERDICT_TRUSTED)
        paint(&p, "1;32", "trusted");
    else
        paint(&p, "1;31", "REFUSED");
    wr_format(w, "%s (exit %d)\n", result_simulated(r) ? ", simulated" : "", r->exit);
}
