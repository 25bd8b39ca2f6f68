/* Continuity, as who watches the machine knows it; see watched.h. */
#include "appraise/watched.h"

#include "base/text.h"

#include <inttypes.h>

#define ROW CHECK_FRESH_CONTINUITY
#define AT(field) FINDING_AT("span", field)

static bool malformed(const char *field, const char *expected, int64_t got, struct situs_err *err)
{
    return err_fail(err, SITUS_MALFORMED, "span", field, SITUS_NO_OFFSET, expected, TEXT_NUM(got));
}

bool watched_read(const struct watched *w, int64_t at, struct situs_err *err)
{
    if (w->since <= 0 || w->since > at)
        return malformed("since", "a time before the appraisal, Unix seconds", w->since, err);
    if (w->until < w->since)
        return malformed("until", "a time after its begin, Unix seconds", w->until, err);
    if (w->within_ms <= 0)
        return malformed("within_ms", "a time for an answer", w->within_ms, err);
    return w->longest_gap_ms >= 0 ||
           malformed("longest_gap_ms", "0 or more", w->longest_gap_ms, err);
}

/* asks says that a policy speaks of continuity. */
static bool asks(const struct policy *p)
{
    return p->require & PROOF_CONTINUOUS || p->v[PARAM_CONTINUITY_MAX_GAP].given ||
           p->v[PARAM_CONTINUITY_MIN].given;
}

/* holds says that nothing is against a span. */
static bool holds(struct result *r, const struct watched *w)
{
    const struct param_value *most = &r->policy->v[PARAM_CONTINUITY_MAX_GAP],
                             *least = &r->policy->v[PARAM_CONTINUITY_MIN];
    struct findings *f = &r->findings;
    if (w->longest_gap_ms > w->within_ms)
        return finding_fail(f, ROW, SITUS_NOT_ALLOWED, AT("longest_gap_ms"), TEXT_NUM(w->within_ms),
                            TEXT_NUM(w->longest_gap_ms), "a gap ends a span: this one ended");
    if (most->given && w->longest_gap_ms > most->num * 1000)
        return finding_fail(f, ROW, SITUS_NOT_ALLOWED, AT("longest_gap_ms"),
                            TEXT_NUM(most->num * 1000), TEXT_NUM(w->longest_gap_ms),
                            "watch the machine with a shorter time for its answers "
                            "(within_seconds): a new span may be without such a gap");
    if (least->given && r->at - w->since < least->num)
        return finding_fail(f, ROW, SITUS_NOT_ALLOWED, AT("seconds"), TEXT_NUM(least->num),
                            TEXT_NUM(r->at - w->since), "its span is younger: ask again later");
    finding_until(f, ROW, w->until, "the time for the machine's next answer");
    return r->at <= w->until ||
           finding_fail(f, ROW, SITUS_EXPIRED, AT("until"), TEXT_TIME(r->at), TEXT_TIME(w->until),
                        "the machine did not answer in time: its span has ended");
}

void watched_check(struct result *r, const struct watched *w)
{
    struct findings *f = &r->findings;
    if (r->archived)
        finding_skip(f, ROW, "archived evidence is of one moment");
    else if (!w && asks(r->policy))
        finding_fail(f, ROW, SITUS_MISSING, AT("since"), "a machine that is watched without a gap",
                     "none",
                     "ask a service that watches it (situs serve): no single answer shows this");
    else if (!w)
        finding_skip(f, ROW, "nobody watched the machine, and the policy does not ask for it");
    else if (holds(r, w)) {
        r->watched = *w;
        finding_pass(f, ROW);
    }
}
