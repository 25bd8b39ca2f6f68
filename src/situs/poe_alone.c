/* One ownership endorsement, asked without evidence of its machine (DESIGN: ownership). */
#include "base/limits.h"
#include "base/text.h"
#include "codec/json_out.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocations.h"
#include "situs/door.h"
#include "situs/given.h"
#include "situs/report.h"
#include "situs/rows.h"

#include <stdlib.h>

static const enum check rows[] = {CHECK_POE_SIGNATURE, CHECK_POE_WINDOW, CHECK_POE_MATCH,
                                  CHECK_POE_REVOKED};
#define ROWS (sizeof rows / sizeof *rows)

static const enum claim_id shown[] = {CLAIM_OWNER,          CLAIM_ISSUER,         CLAIM_ISS,
                                      CLAIM_PIID,           CLAIM_NOT_BEFORE,     CLAIM_NOT_AFTER,
                                      CLAIM_REFRESH_URI,    CLAIM_ENDORSEMENT_ID, CLAIM_TAG_ID,
                                      CLAIM_REVOCATION_SEEN};
#define SHOWN (sizeof shown / sizeof *shown)

struct situs_poe {
    const char *name; /* of the endorsement, for people */
    bool asked[ROWS];
    struct findings findings;
    struct claims claims;
    struct situs_err err; /* why nothing was judged */
    bool err_in_request;  /* err is of what the caller gave beside the endorsement */
};

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
    policy.v[PARAM_REVOCATION_MAX_AGE] = (struct param_value){
        .given = true, .num = atoi(param_row(PARAM_REVOCATION_MAX_AGE)->fallback)};
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
    if (!poe_read(poe, item_span(w->q->poe), x->name, &x->err))
        return;
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
    x->name = q->poe.name ? q->poe.name : "endorsement";
    x->findings.arena = &a;
    for (size_t i = 0; i < ROWS; i++)
        x->asked[i] = rows[i] == CHECK_POE_MATCH     ? q->piid.size > 0
                      : rows[i] == CHECK_POE_REVOKED ? q->n_revocations > 0
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
    return x->asked[row] && x->findings.v[rows[row]].outcome != OUTCOME_PASS;
}

/* That of situs verify for a required proof: 0, or that of the rows. */
int situs_poe_exit(const struct situs_poe *x)
{
    int exit = 0;
    if (!x || x->err.code != SITUS_NONE)
        return x && x->err_in_request ? 1 : 2;
    for (size_t i = 0; i < ROWS; i++) {
        const struct finding *f = &x->findings.v[rows[i]];
        if (refuses(x, i))
            exit = finding_exit(rows[i], f->why ? f->why->code : SITUS_MISSING);
    }
    return exit;
}

bool situs_poe_holds(const struct situs_poe *x)
{
    return situs_poe_exit(x) == 0;
}

bool situs_poe_check(const struct situs_poe *x, size_t i, struct situs_check *out)
{
    if (!x || x->err.code != SITUS_NONE || i >= ROWS)
        return false;
    *out = rows_check(rows[i], &x->findings.v[rows[i]]);
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
    for (size_t k = 0; k < ROWS; k++) {
        const struct finding *f = &x->findings.v[rows[k]];
        if ((f->outcome != OUTCOME_FAIL && !refuses(x, k)) || i-- > 0)
            continue;
        *out = f->outcome == OUTCOME_FAIL
                   ? rows_failed(check_row(rows[k])->id, refuses(x, k), f->why)
                   : rows_not_run(rows[k], f,
                                  "what was not checked does not hold; situs-poe(1) says what each "
                                  "check needs");
        return true;
    }
    return false;
}

bool situs_poe_claim(const struct situs_poe *x, const char *name, char *text, size_t size)
{
    for (size_t i = 0; x && size && i < SHOWN; i++) {
        if (!claims_get(&x->claims, shown[i]) || strcmp(claim_row(shown[i])->name, name) != 0)
            continue;
        struct wr w = wr_new(text, size - 1);
        report_claim(&x->claims.v[shown[i]], claim_row(shown[i])->type, &w);
        text[wr_ok(&w) ? w.n : 0] = 0;
        return wr_ok(&w);
    }
    return false;
}

static size_t finish(struct wr *w, char *text, size_t size)
{
    if (size)
        text[wr_ok(w) ? w->n : w->size] = 0;
    return w->n;
}

static const struct situs_err *first_why(const struct situs_poe *x)
{
    if (x->err.code != SITUS_NONE)
        return &x->err;
    for (size_t i = 0; i < ROWS; i++)
        if (x->findings.v[rows[i]].outcome == OUTCOME_FAIL)
            return x->findings.v[rows[i]].why;
    return NULL;
}

/* note is what an endorsement that holds does not say; NULL: nothing. */
static const char *note(const struct situs_poe *x)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i] == CHECK_POE_REVOKED && !x->asked[i] && situs_poe_holds(x))
            return "whether the issuer took it back was not asked: give his revocation list";
    return NULL;
}

size_t situs_poe_json(const struct situs_poe *x, char *text, size_t size)
{
    static const char *const words[] = {"not-run", "pass", "fail"};
    struct wr w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&w, false);
    const struct situs_err *why = first_why(x);
    json_out_object(&o);
    json_out_pair_bool(&o, "holds", situs_poe_holds(x));
    for (size_t i = 0; i < ROWS; i++)
        json_out_pair_string(&o, check_row(rows[i])->id, words[x->findings.v[rows[i]].outcome]);
    if (why) {
        json_out_pair_string(&o, "code", err_code_name(why->code));
        json_out_pair_string(&o, "field", why->field);
    }
    if (x->claims.authority)
        json_out_pair_string(&o, "anchor", x->claims.authority->name);
    for (size_t i = 0; i < SHOWN; i++)
        if (claims_get(&x->claims, shown[i])) {
            json_out_name(&o, claim_row(shown[i])->name);
            report_claim_json(&x->claims.v[shown[i]], claim_row(shown[i])->type, &o);
        }
    json_out_name(&o, "notes");
    json_out_array(&o);
    if (note(x))
        json_out_string(&o, note(x));
    json_out_close(&o);
    json_out_close(&o);
    json_out_end(&o);
    return finish(&w, text, size);
}

size_t situs_poe_text(const struct situs_poe *x, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    const struct claims *c = &x->claims;
    wr_text(&w, x->name);
    wr_format(&w, ": %s\n", situs_poe_holds(x) ? "holds" : "REFUSED");
    if (c->authority)
        wr_format(&w, "  %-12s %s%s\n", "anchor", c->authority->name,
                  c->authority->simulated ? " (simulated)" : "");
    for (size_t i = 0; i < SHOWN; i++)
        if (claims_get(c, shown[i])) {
            wr_format(&w, "  %-12s ", claim_row(shown[i])->name);
            report_claim(&c->v[shown[i]], claim_row(shown[i])->type, &w);
            wr_text(&w, "\n");
        }
    if (note(x))
        wr_format(&w, "note: %s\n", note(x));
    return finish(&w, text, size);
}
