/* The whole report for people: the answer, and everything behind it; see report.h. */
#include "base/text.h"
#include "base/time.h"
#include "situs/door.h"
#include "situs/report.h"

#define WIDTH 20       /* of the check id column */
#define CLAIM_WIDTH 36 /* of the column of instance.claim */

static void line(struct wr *w, const char *label, const char *text)
{
    if (text[0])
        wr_format(w, "  %*s%-9s %s\n", WIDTH + 10, "", label, text);
}

static void why(struct wr *w, const struct situs_err *err)
{
    char where[160];
    line(w, "where", page_where(where, err));
    line(w, "expected", err->expected);
    line(w, "got", err->got);
    line(w, "hint", err->hint[0] ? err->hint : situs_code_hint(err->code));
}

void report_check(const struct page *p, const struct situs_check *c)
{
    wr_text(p->w, "  ");
    if (c->outcome == SITUS_PASS)
        page_paint(p, "32", "pass     ");
    else if (c->outcome == SITUS_FAIL)
        page_paint(p, "31", "FAIL     ");
    else
        page_paint(p, "2", "not run  ");
    wr_format(p->w, "%-*s %s", WIDTH, c->id, c->sentence);
    if (c->outcome == SITUS_FAIL)
        wr_format(p->w, " [%s]", situs_code_name(c->why->code));
    wr_text(p->w, "\n");
    if (c->outcome == SITUS_FAIL)
        why(p->w, c->why);
    if (c->outcome == SITUS_NOT_RUN)
        line(p->w, "reason", c->reason);
}

/* Where a row stands: failed, not run though a proof that was asked for needed it, passed, others. */
static int rank(const struct situs_check *c)
{
    if (c->outcome == SITUS_NOT_RUN)
        return c->refuses ? 1 : 3;
    return c->outcome == SITUS_FAIL ? 0 : 2;
}

static void checks(const struct page *p, const struct situs_result *r)
{
    struct situs_check c;
    wr_text(p->w, "\nchecks\n");
    for (int row = 0; row < 4; row++)
        for (size_t i = 0; situs_result_check(r, i, &c); i++)
            if (rank(&c) == row)
                report_check(p, &c);
}

static void proofs(const struct page *p, const struct situs_result *r)
{
    struct situs_proof proof;
    wr_text(p->w, "\nproofs\n");
    for (size_t i = 0; situs_result_proof(r, i, &proof); i++) {
        const char *on;
        wr_text(p->w, "  ");
        page_paint(p,
                   proof.holds      ? "32"
                   : proof.required ? "31"
                                    : "2",
                   proof.holds ? "holds    " : "no       ");
        wr_format(p->w, "%-*s %s", WIDTH, proof.name, proof.sentence);
        if (proof.held_as_of && !proof.holds)
            wr_format(p->w, " (was so as of %s)", TEXT_TIME(r->result.at));
        wr_text(p->w, proof.required ? " (required)\n" : "\n");
        for (size_t k = 0; proof.holds && (on = situs_result_rests_on(r, i, k)) != NULL; k++)
            line(p->w, "rests on", on);
    }
}

static void claims(struct wr *w, const struct claims *set)
{
    const struct anchor *by = set->authority;
    if (!by)
        return;
    wr_format(w, "  %s says, by %s%s%s:\n", set->instance, by->name,
              by->profile ? ", profile " : "", ak_profile_name(by->profile));
    for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
        const struct claim *c = claims_get(set, id);
        if (!c)
            continue;
        wr_format(w, "  %s.%-*s ", set->instance, (int)(CLAIM_WIDTH - 1 - strlen(set->instance)),
                  claim_row(id)->name);
        report_claim(c, claim_row(id)->type, w);
        wr_text(w, "\n");
    }
}

static void milliseconds(struct wr *w, const char *name, int64_t us)
{
    wr_format(w, "%s %lld.%lld ms", name, (long long)(us / 1000), (long long)(us / 100 % 10));
}

static void round_trips(struct wr *w, const struct result *r)
{
    if (r->trips.n == 0)
        return;
    wr_format(w, "\nround trips of %zu challenges at once: ", r->trips.n);
    milliseconds(w, "min", r->trips.least_us);
    milliseconds(w, ", median", r->trips.median_us);
    milliseconds(w, ", max", r->round_trip_us);
    milliseconds(w, ", spread", r->round_trip_us - r->trips.least_us);
    wr_text(w, ": advisory\n");
}

void report_text(const struct situs_result *r, bool colour, struct wr *w)
{
    struct page p = page_new(w, colour, true);
    report_brief(r, &p);
    round_trips(w, &r->result);
    checks(&p, r);
    proofs(&p, r);
    wr_text(w, "\nclaims, each by the authority in which its chain ends\n");
    for (int i = 0; i < INSTANCE_COUNT; i++)
        claims(w, &r->result.claims[i]);
}

size_t situs_result_text(const struct situs_result *r, bool colour, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    report_text(r, colour, &w);
    return report_finish(&w, text, size);
}
