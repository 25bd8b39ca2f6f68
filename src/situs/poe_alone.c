/* One ownership endorsement, asked without evidence of its machine (DESIGN: ownership). */
#include "situs/poe_alone.h"
#include "base/limits.h"
#include "base/text.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocations.h"
#include "situs/evidence_kind.h"
#include "situs/given.h"
#include "situs/rows.h"

#include <assert.h>

enum check poe_row(size_t i)
{
    static const enum check rows[POE_ROWS] = {CHECK_POE_SIGNATURE, CHECK_POE_WINDOW,
                                              CHECK_POE_MATCH, CHECK_POE_REVOKED};
    return rows[i];
}

struct work {
    const struct situs_poe_request *q;
    struct situs_poe *out;
    struct endorsements *given;
    struct arena *a;
};

/* Reads items that must be of one kind. */
static bool read_kind(struct work *w, const struct situs_item *items, size_t n,
                      enum endorsement_kind kind, const char *expected)
{
    struct situs_err *err = &w->out->err;
    size_t before = w->given->n;
    if (n && !items)
        return err_fail(err, SITUS_MISSING, "request", "items", SITUS_NO_OFFSET, expected, "none");
    if (!given_read(w->given, items, n, NULL, w->a, err))
        return false;
    for (size_t i = before; i < w->given->n; i++)
        if (w->given->v[i].kind != kind) {
            err_fail(err, SITUS_MISMATCH, w->given->v[i].part, "", SITUS_NO_OFFSET, expected,
                     "another document");
            return err_hint(err, "--crl takes CRLs and --revocations signed revocation lists");
        }
    return true;
}

static bool check_piid(struct span piid, struct situs_err *err)
{
    return piid.n == 0 || piid.n == 16 || piid.n == 32 ||
           err_fail(err, SITUS_MALFORMED, "piid", "size", SITUS_NO_OFFSET, "16 or 32 bytes",
                    TEXT_BYTES(piid.n));
}

/* Everything beside the endorsement. */
static bool read_request(struct work *w)
{
    const struct situs_poe_request *q = w->q;
    struct situs_err *err = &w->out->err;
    if (!span_all(SPAN_ARR(q->reserved), 0))
        return err_fail(err, SITUS_UNSUPPORTED, "request", "reserved", SITUS_NO_OFFSET, "zero",
                        "a request that a newer situs.h made");
    if (q->n_list_seen && (!q->list_seen || !q->n_revocations))
        return err_fail(err, SITUS_MISSING, "request", "list_seen", SITUS_NO_OFFSET,
                        "numbers, and the revocation lists that they speak of", "none");
    if (!q->piid.p != !q->piid.size)
        return err_fail(err, SITUS_MISSING, "piid", "", SITUS_NO_OFFSET, "bytes", "none");
    return check_piid(item_span(q->piid), err) &&
           seen_known((struct seen){q->list_seen, q->n_list_seen}, door_trust(q->trust),
                      "list_seen", err) &&
           read_kind(w, q->crls, q->n_crls, ENDORSEMENT_CRL, "a CRL") &&
           read_kind(w, q->revocations, q->n_revocations, ENDORSEMENT_REVOCATION,
                     "a revocation list");
}

/* Asks the issuer's lists, as a policy without words about them would. */
static void check_revoked(struct work *w, const struct poe *poe)
{
    struct span seen;
    struct situs_poe *x = w->out;
    struct revocations lists;
    const struct revocation_id ids[] = {{REVOCATION_PIID, poe->piid},
                                        {REVOCATION_POE_ID, poe->id.v}};
    struct policy policy = {.name = "poe verify"};
    uint64_t hours;
    bool read =
        text_number(span_text(param_row(PARAM_REVOCATION_MAX_AGE)->fallback), 0, INT32_MAX, &hours);
    assert(read);
    policy.v[PARAM_REVOCATION_MAX_AGE] = (struct param_value){.given = true, .num = (int64_t)hours};
    if (!x->claims.authority) {
        finding_skip(&x->findings, CHECK_POE_REVOKED, "the endorsement does not hold");
        return;
    }
    revocations_of(&lists, w->given, w->a);
    const struct question q = {.crls = &w->given->crls,
                               .trust = door_trust(w->q->trust),
                               .policy = &policy,
                               .at = w->q->at,
                               .seen = {w->q->list_seen, w->q->n_list_seen},
                               .revocations = &lists,
                               .arena = w->a};
    const struct revocation_question asked =
        revocations_question(&q, ANCHOR_POE, x->claims.authority, &x->claims.issuers, ids, 2);
    revocation_check(&asked, &seen, &x->findings);
    if (seen.n)
        claim_bytes(&x->claims, CLAIM_REVOCATION_SEEN, seen);
}

static void judge(struct work *w)
{
    static const struct anchor caller = {.name = "--piid"};
    struct situs_poe *x = w->out;
    struct claims tee = {.instance = "tdx", .authority = &caller};
    struct poe *poe = ARENA_NEW(w->a, struct poe);
    if (!poe) {
        err_fail(&x->err, SITUS_NO_MEMORY, x->name, "", SITUS_NO_OFFSET, NULL, NULL);
        return;
    }
    if (!poe_read(poe, item_span(w->q->poe), x->name, &x->err)) {
        evidence_kind_named(item_span(w->q->poe), PLACE_OWNERSHIP, x->name,
                            "an ownership endorsement", &x->err);
        return;
    }
    const struct poe_question q = {.poe = poe,
                                   .trust = door_trust(w->q->trust),
                                   .crls = &w->given->crls,
                                   .at = w->q->at,
                                   .part = x->name};
    poe_verify(&q, w->a, &x->claims, &x->findings);
    if (w->q->piid.size) {
        claim_bytes(&tee, CLAIM_PIID, item_span(w->q->piid));
        poe_match(&x->claims, &tee, x->name, &x->findings);
    }
    if (w->q->n_revocations)
        check_revoked(w, poe);
}

const struct situs_poe *situs_poe_verify(const struct situs_poe_request *q,
                                         struct situs_memory memory)
{
    struct arena a = arena_new(memory.p, memory.p ? memory.size : 0);
    struct situs_poe *x = q && memory.p ? ARENA_NEW(&a, struct situs_poe) : NULL;
    if (!x)
        return NULL;
    struct work w = {q, x, ARENA_NEW(&a, struct endorsements), &a};
    x->asked_for = *q;
    x->name = q->poe.name ? q->poe.name : "endorsement";
    x->findings.arena = &a;
    for (size_t i = 0; i < POE_ROWS; i++)
        x->asked[i] = poe_row(i) == CHECK_POE_MATCH     ? q->piid.size > 0
                      : poe_row(i) == CHECK_POE_REVOKED ? q->n_revocations > 0
                                                        : true;
    if (!w.given)
        err_fail(&x->err, SITUS_NO_MEMORY, "memory", "size", SITUS_NO_OFFSET, NULL, NULL);
    else if (read_request(&w))
        judge(&w);
    else
        x->err_in_request = true;
    x->findings.arena = NULL; /* it ends here */
    return x;
}

static bool refuses(const struct situs_poe *x, size_t row)
{
    return x->asked[row] && x->findings.v[poe_row(row)].outcome != OUTCOME_PASS;
}

/* That of situs verify for a required proof: 0, or that of the rows. */
int situs_poe_exit(const struct situs_poe *x)
{
    int exit = 0;
    if (!x || x->err.code != SITUS_NONE)
        return x && x->err_in_request ? 1 : 2;
    for (size_t i = 0; i < POE_ROWS; i++) {
        const struct finding *f = &x->findings.v[poe_row(i)];
        if (refuses(x, i))
            exit = finding_exit(poe_row(i), f->why ? f->why->code : SITUS_MISSING);
    }
    return exit;
}

bool situs_poe_holds(const struct situs_poe *x)
{
    return situs_poe_exit(x) == 0;
}

bool situs_poe_simulated(const struct situs_poe *x)
{
    return x && x->claims.authority && x->claims.authority->simulated;
}

bool situs_poe_check(const struct situs_poe *x, size_t i, struct situs_check *out)
{
    if (!x || x->err.code != SITUS_NONE || i >= POE_ROWS)
        return false;
    *out = rows_check(poe_row(i), &x->findings.v[poe_row(i)]);
    out->refuses = refuses(x, i);
    return true;
}

bool situs_poe_error(const struct situs_poe *x, size_t i, struct situs_error *out)
{
    static const struct situs_err none = {.code = SITUS_NO_MEMORY, .at = SITUS_NO_OFFSET};
    if (!x || x->err.code != SITUS_NONE) {
        if (i == 0)
            *out = rows_failed(NULL, true, x ? &x->err : &none);
        return i == 0;
    }
    for (size_t k = 0; k < POE_ROWS; k++) {
        const struct finding *f = &x->findings.v[poe_row(k)];
        if ((f->outcome != OUTCOME_FAIL && !refuses(x, k)) || i-- > 0)
            continue;
        *out = f->outcome == OUTCOME_FAIL
                   ? rows_failed(check_row(poe_row(k))->id, refuses(x, k), f->why)
                   : rows_not_run(poe_row(k), f,
                                  "what was not checked does not hold; situs-poe(1) says what each "
                                  "check needs");
        return true;
    }
    return false;
}
