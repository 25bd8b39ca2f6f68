/* The tcb rows: collateral in date, Intel's rules (tcb_rules.c), then the policy; see tcb.h. */
#include "tee/intel/tcb.h"

#include <stdio.h>

#include "base/text.h"
#include "base/wr.h"
#include "tee/intel/tcb_rules.h"

#define DAY (24 * 3600)
#define YEAR (365 * DAY) /* from a TCB recovery to where the standard set holds platforms to it */

/* The parameters of one row. */
struct params {
    enum param accept, min_evaluation, max_age, grace, advisories;
};
static const struct params tdx_params = {PARAM_TDX_TCB_ACCEPT, PARAM_TDX_TCB_MIN_EVALUATION,
                                         PARAM_TDX_TCB_MAX_AGE, PARAM_TDX_TCB_GRACE,
                                         PARAM_TDX_TCB_ADVISORIES};
static const struct params sgx_params = {PARAM_SGX_TCB_ACCEPT, PARAM_SGX_TCB_MIN_EVALUATION,
                                         PARAM_SGX_TCB_MAX_AGE, PARAM_SGX_TCB_GRACE,
                                         PARAM_SGX_TCB_ADVISORIES};

struct apply {
    struct claims *c;
    const struct snapshot *s;
    const struct policy *p;
    const struct params *params;
    int64_t at, expires;
    struct findings *f; /* NULL: a forecast, which decides nothing */
    enum check check;
    bool tdx;
    const struct tcb_info *info;
    const struct qe_identity *qe;
    struct tcb_rating rating;
};

static bool fail(struct apply *t, enum situs_code code, const char *field, const char *expected,
                 const char *got, const char *hint)
{
    return t->f &&
           finding_fail(t->f, t->check, code, FINDING_AT("collateral", field), expected, got, hint);
}

static bool fail_fmspc(struct apply *t, struct span fmspc)
{
    char got[160] = "none", hint[200];
    struct wr w = wr_new(got, sizeof got);
    size_t others = 0;
    for (size_t i = 0; i < t->s->n_infos; i++) {
        if (t->s->infos[i].tdx != t->tdx || (w.n > sizeof got - 20 && others))
            continue;
        wr_text(&w, others++ ? ", " : "");
        wr_hex(&w, SPAN_ARR(t->s->infos[i].fmspc));
    }
    wr_u8(&w, 0);
    if (others == 0)
        snprintf(got, sizeof got, "none");
    snprintf(hint, sizeof hint, "fetch the %s TCB info for FMSPC %s", t->tdx ? "TDX" : "SGX",
             TEXT_HEX(fmspc));
    return fail(t, others ? SITUS_MISMATCH : SITUS_MISSING, "tcbInfo.fmspc", TEXT_HEX(fmspc), got,
                hint);
}

/* find the collateral of this platform, of the quote's own anchor. */
static bool find(struct apply *t)
{
    struct span fmspc = t->c->v[CLAIM_FMSPC].bytes, pceid = t->c->v[CLAIM_PCEID].bytes;
    t->info = snapshot_tcb(t->s, t->c->authority, t->tdx, fmspc);
    if (!t->info)
        return fail_fmspc(t, fmspc);
    if (!span_equal(SPAN_ARR(t->info->pceid), pceid))
        return fail(t, SITUS_MISMATCH, "tcbInfo.pceId", TEXT_HEX(pceid),
                    TEXT_HEX(SPAN_ARR(t->info->pceid)), "fetch the TCB info of this platform");
    t->qe = snapshot_qe(t->s, t->c->authority, t->tdx);
    return t->qe || fail(t, SITUS_MISSING, "enclaveIdentity",
                         t->tdx ? "the identity TD_QE" : "the identity QE", "none",
                         "fetch the QE identity and give it with --collateral");
}

static bool in_window(struct apply *t, struct window w, const char *field, const char *what)
{
    if (w.to < t->expires)
        t->expires = w.to;
    if (!t->f)
        return t->at >= w.from && t->at <= w.to;
    return finding_in_window(t->f, t->check, "collateral", field, what, w, t->at);
}

/* The signing certificate and its root are in date, and the root has not revoked it. */
static bool signer_holds(struct apply *t, const struct intel_issuer *signer)
{
    const struct intel_crl *crl = intel_pki_crl(&t->s->pki, signer->parent);
    if (!in_window(t, signer->cert.valid, "tcb_signing", "the TCB signing certificate") ||
        !in_window(t, signer->parent->cert.valid, "root", "the root certificate"))
        return false;
    if (!crl)
        return fail(t, SITUS_MISSING, "crl.root", "the CRL of the root CA", "none",
                    "fetch the root CA CRL and give it with --collateral");
    if (!in_window(t, crl->valid, "crl.root", "the root CRL"))
        return false;
    return !intel_crl_revokes(crl, signer->cert.serial) ||
           fail(t, SITUS_REVOKED, "tcb_signing", "a serial number not on the CRL",
                TEXT_HEX(signer->cert.serial), "fetch the collateral anew");
}

static bool current(struct apply *t)
{
    return in_window(t, t->info->valid, "tcbInfo", "the TCB info") &&
           in_window(t, t->qe->valid, "enclaveIdentity", "the QE identity") &&
           signer_holds(t, t->info->signer) &&
           (t->qe->signer == t->info->signer || signer_holds(t, t->qe->signer));
}

static void claim_text(struct claims *c, enum claim_id id, enum tcb_status s)
{
    claim_bytes(c, id, span_text(tcb_status_name(s)));
}

static void state(struct apply *t)
{
    const struct tcb_rating *r = &t->rating;
    const struct claim *expires = &t->c->v[CLAIM_COLLATERAL_EXPIRES];
    claim_text(t->c, CLAIM_TCB_STATUS, r->status);
    claim_text(t->c, CLAIM_QE_STATUS, r->qe);
    if (r->module != TCB_NONE)
        claim_text(t->c, CLAIM_MODULE_STATUS, r->module);
    if (r->dated)
        claim_num(t->c, CLAIM_TCB_DATE, r->date);
    claim_words(t->c, CLAIM_TCB_ADVISORIES, r->advisories, r->n_advisories);
    claim_words(t->c, CLAIM_TCB_SHORT, r->shortfalls, r->n_shortfalls);
    claim_num(t->c, CLAIM_TCB_EVALUATION_NUMBER, t->info->evaluation_number);
    if (!expires->set || t->expires < expires->num)
        claim_num(t->c, CLAIM_COLLATERAL_EXPIRES, t->expires);
}

static bool listed(const struct param_value *v, struct span word)
{
    for (size_t i = 0; i < v->n; i++)
        if (span_equal(v->words[i], word))
            return true;
    return false;
}

#define MORE " and 9999 more: --all"

/* join writes words into text as far as they fit, whole, and how many did not; it returns text. */
static const char *join(char *text, size_t size, const char *before, const struct span *words,
                        size_t n, const char *between)
{
    size_t used = (size_t)snprintf(text, size, "%s", before);
    for (size_t i = 0; i < n; i++) {
        const char *gap = i ? between : "";
        if (used + strlen(gap) + words[i].n + (i + 1 < n ? sizeof MORE : 1) > size) {
            snprintf(text + used, size - used, " and %zu more: --all", n - i);
            break;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", gap, (int)words[i].n,
                                 (const char *)words[i].p);
    }
    return text;
}

/* in_grace: the update is all that is missing to a status that is accepted, and at is at most so
 * many days after the date of the level that is out of date. */
static bool in_grace(const struct apply *t)
{
    const struct param_value *grace = &t->p->v[t->params->grace];
    const struct param_value *accept = &t->p->v[t->params->accept];
    enum tcb_status s = t->rating.status;
    if (!grace->given || !t->rating.dated ||
        (s != TCB_OUT_OF_DATE && s != TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) ||
        !listed(accept, span_text(tcb_status_name(t->rating.updated))))
        return false;
    int64_t age = t->at - t->rating.late_since;
    return age / DAY < grace->num || (age / DAY == grace->num && age % DAY == 0);
}

static bool status_accepted(struct apply *t)
{
    const struct tcb_rating *r = &t->rating;
    const struct param_value *accept = &t->p->v[t->params->accept];
    const char *name = tcb_status_name(r->status);
    bool never =
        r->status == TCB_NONE || r->status == TCB_REVOKED || r->status == TCB_NOT_SUPPORTED;
    char expected[160], status[100], got[160], hint[200];
    if (!never && (listed(accept, span_text(name)) || in_grace(t)))
        return true;
    enum situs_code code = SITUS_NOT_ALLOWED;
    if (r->status == TCB_REVOKED)
        code = SITUS_REVOKED;
    else if (r->status == TCB_OUT_OF_DATE || r->status == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED)
        code = SITUS_OUT_OF_DATE;
    join(expected, sizeof expected, "", accept->words, accept->n, " or ");
    snprintf(status, sizeof status, "%s%s%s, %zu advisories%s", name, r->dated ? ", level of " : "",
             r->dated ? TEXT_TIME(r->date) : "", r->n_advisories, r->n_advisories ? ": " : "");
    join(got, sizeof got, status, r->advisories, r->n_advisories, " ");
    join(hint, sizeof hint, "update the platform: ", r->shortfalls, r->n_shortfalls, "; ");
    return fail(t, code, "tcbStatus", expected, got,
                r->n_shortfalls && code != SITUS_REVOKED ? hint : NULL);
}

static bool evaluation_accepted(struct apply *t)
{
    static const char hint[] = "fetch newer collateral";
    const struct param_value *min = &t->p->v[t->params->min_evaluation];
    if (!min->given)
        return true;
    if (t->info->evaluation_number < min->num)
        return fail(t, SITUS_NOT_ALLOWED, "tcbInfo.tcbEvaluationDataNumber", TEXT_NUM(min->num),
                    TEXT_NUM(t->info->evaluation_number), hint);
    return t->qe->evaluation_number >= min->num ||
           fail(t, SITUS_NOT_ALLOWED, "enclaveIdentity.tcbEvaluationDataNumber", TEXT_NUM(min->num),
                TEXT_NUM(t->qe->evaluation_number), hint);
}

static bool age_accepted(struct apply *t)
{
    const struct param_value *max = &t->p->v[t->params->max_age];
    if (!max->given)
        return true;
    int64_t age = t->at - t->rating.date;
    if (t->rating.dated && (age / DAY < max->num || (age / DAY == max->num && age % DAY == 0)))
        return true;
    char expected[64];
    snprintf(expected, sizeof expected, "at most %s days old", TEXT_NUM(max->num));
    return fail(t, SITUS_NOT_ALLOWED, "tcbDate", expected,
                t->rating.dated ? TEXT_TIME(t->rating.date) : "no date", "update the platform");
}

static bool advisories_accepted(struct apply *t)
{
    const struct tcb_rating *r = &t->rating;
    const struct param_value *accept = &t->p->v[t->params->advisories];
    if (!accept->given || r->status == TCB_UP_TO_DATE)
        return true;
    for (size_t i = 0; i < r->n_advisories; i++)
        if (!listed(accept, r->advisories[i]))
            return fail(t, SITUS_NOT_ALLOWED, "advisoryIDs",
                        "only advisories that the policy lists", TEXT_CUT(r->advisories[i]),
                        "update the platform, or weigh this advisory");
    return true;
}

static struct apply begin(struct claims *c, const struct snapshot *s, const struct policy *p,
                          int64_t at, struct findings *f)
{
    struct apply t = {.c = c, .s = s, .p = p, .at = at, .expires = INT64_MAX, .f = f};
    t.tdx = strcmp(c->instance, "tdx") == 0;
    t.check = t.tdx ? CHECK_TDX_TCB : CHECK_SGX_TCB;
    t.params = t.tdx ? &tdx_params : &sgx_params;
    return t;
}

void tcb_apply(struct claims *c, const struct snapshot *s, const struct policy *p, int64_t at,
               struct findings *f)
{
    struct apply t = begin(c, s, p, at, f);
    struct situs_err err = {0};
    if (!s) {
        fail(&t, SITUS_MISSING, "collateral", "TCB info and QE identity", "no collateral",
             "give --collateral auto, or what \"situs collateral fetch\" gets");
        return;
    }
    if (!c->authority) {
        finding_skip(f, t.check, "the quote does not verify");
        return;
    }
    if (!find(&t) || !current(&t))
        return;
    if (!tcb_rules_rate(&t.rating, c, t.info, t.qe, f->arena, &err)) {
        finding_fail_err(f, t.check, &err);
        return;
    }
    state(&t);
    if (status_accepted(&t) && evaluation_accepted(&t) && age_accepted(&t) &&
        advisories_accepted(&t))
        finding_pass(f, t.check);
}

/* falls is when what the early set refuses is refused: its date is that of the part which is out of date. */
static int64_t falls(const struct apply *t)
{
    const struct param_value *accept = &t->p->v[t->params->accept];
    bool qe = !listed(accept, span_text(tcb_status_name(t->rating.qe)));
    const struct tcb_levels *of = qe ? &t->qe->levels : &t->info->levels;
    return of->n ? of->v[0].date + YEAR : 0;
}

void tcb_forecast(struct claims *c, const struct snapshot *early, const struct policy *p,
                  int64_t at, struct arena *a)
{
    struct apply t = begin(c, early, p, at, NULL);
    const struct param_value *accept = &p->v[t.params->accept];
    const struct tcb_rating *r = &t.rating;
    struct situs_err ignored = {0};
    if (!c->authority || !c->v[CLAIM_TCB_STATUS].set || !find(&t) || !current(&t) ||
        !tcb_rules_rate(&t.rating, c, t.info, t.qe, a, &ignored))
        return;
    claim_text(c, CLAIM_EARLY_TCB_STATUS, r->status);
    claim_words(c, CLAIM_EARLY_TCB_ADVISORIES, r->advisories, r->n_advisories);
    claim_words(c, CLAIM_EARLY_TCB_SHORT, r->shortfalls, r->n_shortfalls);
    int64_t end = falls(&t);
    if (end > 0 && listed(accept, c->v[CLAIM_TCB_STATUS].bytes) &&
        !listed(accept, span_text(tcb_status_name(r->status))))
        claim_num(c, CLAIM_TCB_FALLS, end);
}
