/* TCB rules; see tcb_rules.h. Each numbered step is of Intel's QVL, which the PCS API v4
 * follows. */
#include "tee/intel/tcb_rules.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"

enum { COMPONENTS = 16, SHORTFALLS = 2 * COMPONENTS + 3 };
/* The levels of platform, module and QE, of launch and of now. */
enum { RATED_LEVELS = 5 };

struct rate {
    const struct claims *c;
    const struct tcb_info *info;
    const struct qe_identity *qe;
    const struct tcb_level *levels[RATED_LEVELS];
    size_t n_levels;
    bool hardening, configuration; /* what a level of the platform asks for, in date or not */
    struct arena *a;
    struct situs_err *err;
};

static struct span bytes_of(const struct rate *r, enum claim_id id)
{
    return r->c->v[id].set ? r->c->v[id].bytes : span_of(NULL, 0);
}

static bool mismatch(struct rate *r, const char *field, struct span expected, struct span got,
                     const char *hint)
{
    err_fail(r->err, SITUS_NOT_ALLOWED, "quote", field, SITUS_NO_OFFSET, TEXT_HEX(expected),
             TEXT_HEX(got));
    return err_hint(r->err, hint);
}

/* masked_equal: value & mask equals expected, as QVL compares. */
static bool masked_equal(struct span value, const uint8_t *mask, struct span expected)
{
    if (value.n != expected.n)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if ((value.p[i] & mask[i]) != expected.p[i])
            return false;
    return true;
}

static bool reached(const uint8_t *have, const uint8_t *need, size_t from)
{
    for (size_t i = from; i < COMPONENTS; i++)
        if (have[i] < need[i])
            return false;
    return true;
}

/* With a module of version > 0, components 0 and 1 are the module's and rated by its identity. */
static size_t first_component(struct span svn)
{
    return svn.p[1] > 0 ? 2 : 0;
}

static const struct tcb_level *platform_level(const struct rate *r, struct span svn)
{
    struct span sgx = bytes_of(r, CLAIM_SGX_COMPONENTS);
    int64_t pcesvn = r->c->v[CLAIM_PCESVN].num;
    for (size_t i = 0; i < r->info->levels.n; i++) {
        const struct tcb_level *level = &r->info->levels.v[i];
        if (reached(sgx.p, level->sgx, 0) && pcesvn >= level->pcesvn &&
            (!r->info->tdx || reached(svn.p, level->tdx, first_component(svn))))
            return level;
    }
    return NULL;
}

static const struct tcb_level *isvsvn_level(const struct tcb_levels *levels, int64_t isvsvn)
{
    for (size_t i = 0; i < levels->n; i++)
        if (isvsvn >= levels->v[i].isvsvn)
            return &levels->v[i];
    return NULL;
}

/* fold is a platform's status with that of its QE or module. */
static enum tcb_status fold(enum tcb_status platform, enum tcb_status other)
{
    if (platform == TCB_REVOKED || other == TCB_REVOKED)
        return TCB_REVOKED;
    if (platform == TCB_NOT_SUPPORTED || other == TCB_NOT_SUPPORTED)
        return TCB_NOT_SUPPORTED;
    if (other != TCB_OUT_OF_DATE && other != TCB_OUT_OF_DATE_CONFIGURATION_NEEDED)
        return platform;
    switch (platform) {
    case TCB_UP_TO_DATE:
    case TCB_SW_HARDENING_NEEDED:
    case TCB_RELAUNCH_ADVISED:
        return TCB_OUT_OF_DATE;
    case TCB_CONFIGURATION_NEEDED:
    case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
    case TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
        return TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
    default:
        return platform;
    }
}

static bool out_of_date(enum tcb_status s)
{
    return s == TCB_OUT_OF_DATE || s == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool needs_configuration(enum tcb_status s)
{
    return s == TCB_CONFIGURATION_NEEDED || s == TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
           s == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static enum tcb_status status_of(struct rate *r, const struct tcb_level *level)
{
    if (!level)
        return TCB_NOT_SUPPORTED;
    r->levels[r->n_levels++] = level;
    return level->status;
}

static enum tcb_status platform_status(struct rate *r, struct span svn)
{
    enum tcb_status s = status_of(r, platform_level(r, svn));
    r->hardening |= s == TCB_SW_HARDENING_NEEDED || s == TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED;
    r->configuration |= needs_configuration(s) || s == TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
    return s;
}

static enum tcb_status updated(const struct rate *r)
{
    if (r->configuration)
        return r->hardening ? TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED : TCB_CONFIGURATION_NEEDED;
    return r->hardening ? TCB_SW_HARDENING_NEEDED : TCB_UP_TO_DATE;
}

static const struct tdx_module *module_of(const struct rate *r, uint8_t version)
{
    for (size_t i = 0; i < r->info->n_modules; i++)
        if (r->info->modules[i].version == version)
            return &r->info->modules[i];
    return NULL;
}

/* The TDX module is Intel's, or whose the collateral says. */
static bool module_matches(struct rate *r, struct span svn)
{
    static const char hint[] = "load a TDX module that Intel signed for production";
    const struct tdx_module *m = svn.p[1] ? module_of(r, svn.p[1]) : NULL;
    struct span signer = bytes_of(r, CLAIM_MRSIGNERSEAM);
    struct span attributes = bytes_of(r, CLAIM_SEAM_ATTRIBUTES);
    if (svn.p[1] && !m)
        return true; /* rated NotSupported */
    if (!m && !r->info->has_module)
        return err_fail(r->err, SITUS_MISSING, "collateral", "tcbInfo.tdxModule", SITUS_NO_OFFSET,
                        "the identity of the TDX module", "none");
    struct span expected = m ? SPAN_ARR(m->mrsigner) : SPAN_ARR(r->info->mrsigner);
    if (!span_equal(signer, expected))
        return mismatch(r, "body.mrsignerseam", expected, signer, hint);
    expected = m ? SPAN_ARR(m->attributes) : SPAN_ARR(r->info->attributes);
    const uint8_t *mask = m ? m->attributes_mask : r->info->attributes_mask;
    if (attributes.n != 8 || !span_all(attributes, 0) || !masked_equal(attributes, mask, expected))
        return mismatch(r, "body.seam_attributes", expected, attributes, hint);
    return true;
}

/* tdx_status is platform and module at these security versions. */
static enum tcb_status tdx_status(struct rate *r, struct span svn, enum tcb_status *module)
{
    enum tcb_status platform = platform_status(r, svn);
    *module = TCB_NONE;
    if (svn.p[1] == 0)
        return platform;
    const struct tdx_module *m = module_of(r, svn.p[1]);
    *module = status_of(r, m ? isvsvn_level(&m->levels, svn.p[0]) : NULL);
    return fold(platform, *module);
}

/* relaunch: the TD started on versions that are out of date, on a platform that is current now. */
static enum tcb_status relaunch(enum tcb_status launch, enum tcb_status now)
{
    bool current = !out_of_date(now) && now != TCB_REVOKED && now != TCB_NOT_SUPPORTED;
    if (!out_of_date(launch) || !current)
        return fold(launch, now);
    return needs_configuration(launch) || needs_configuration(now)
               ? TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
               : TCB_RELAUNCH_ADVISED;
}

static bool rate_tdx(struct rate *r, struct tcb_rating *out)
{
    struct span launch = bytes_of(r, CLAIM_TEE_TCB_SVN), now = bytes_of(r, CLAIM_TEE_TCB_SVN_2);
    enum tcb_status module;
    if (!module_matches(r, launch) || (now.n && !module_matches(r, now)))
        return false;
    out->status = tdx_status(r, launch, &out->module);
    if (now.n)
        out->status = relaunch(out->status, tdx_status(r, now, &module));
    return true;
}

static bool rate_qe(struct rate *r, struct tcb_rating *out)
{
    static const char hint[] = "the quoting enclave is not Intel's; do not trust this platform";
    const struct qe_identity *qe = r->qe;
    struct span got = bytes_of(r, CLAIM_QE_MISCSELECT);
    if (!masked_equal(got, qe->miscselect_mask, SPAN_ARR(qe->miscselect)))
        return mismatch(r, "qe.miscselect", SPAN_ARR(qe->miscselect), got, hint);
    got = bytes_of(r, CLAIM_QE_ATTRIBUTES);
    if (!masked_equal(got, qe->attributes_mask, SPAN_ARR(qe->attributes)))
        return mismatch(r, "qe.attributes", SPAN_ARR(qe->attributes), got, hint);
    got = bytes_of(r, CLAIM_QE_MRSIGNER);
    if (!span_equal(got, SPAN_ARR(qe->mrsigner)))
        return mismatch(r, "qe.mrsigner", SPAN_ARR(qe->mrsigner), got, hint);
    int64_t isvprodid = r->c->v[CLAIM_QE_ISVPRODID].num;
    if (isvprodid != qe->isvprodid) {
        err_fail(r->err, SITUS_NOT_ALLOWED, "quote", "qe.isvprodid", SITUS_NO_OFFSET,
                 TEXT_NUM(qe->isvprodid), TEXT_NUM(isvprodid));
        return err_hint(r->err, hint);
    }
    out->qe = status_of(r, isvsvn_level(&qe->levels, r->c->v[CLAIM_QE_ISVSVN].num));
    out->status = fold(out->status, out->qe);
    return true;
}

static bool no_memory(struct rate *r)
{
    return err_fail(r->err, SITUS_NO_MEMORY, "collateral", "tcbInfo", SITUS_NO_OFFSET,
                    "room for the TCB status", "none");
}

static void add_advisory(struct tcb_rating *out, struct span advisory)
{
    size_t i = 0;
    while (i < out->n_advisories && span_compare(out->advisories[i], advisory) < 0)
        i++;
    if (i < out->n_advisories && span_equal(out->advisories[i], advisory))
        return;
    for (size_t k = out->n_advisories++; k > i; k--)
        out->advisories[k] = out->advisories[k - 1];
    out->advisories[i] = advisory;
}

static bool collect(struct rate *r, struct tcb_rating *out)
{
    out->dated = r->n_levels && out->status != TCB_NOT_SUPPORTED;
    out->advisories = ARENA_ARRAY(r->a, (size_t)RATED_LEVELS * LIMIT_ADVISORIES, struct span);
    if (!out->advisories)
        return no_memory(r);
    bool late = false;
    out->updated = updated(r);
    for (size_t i = 0; i < r->n_levels; i++) {
        const struct tcb_level *level = r->levels[i];
        if (i == 0 || level->date < out->date)
            out->date = level->date;
        if (out_of_date(level->status) && (!late || level->date < out->late_since))
            out->late_since = level->date;
        late |= out_of_date(level->status);
        for (size_t k = 0; k < level->n_advisories; k++)
            add_advisory(out, level->advisories[k]);
    }
    out->late_since = late ? out->late_since : out->date;
    return true;
}

/* add_shortfall writes "WHAT (\"NAME\"): HAS < NEEDS"; only called when it is so. */
static bool add_shortfall(struct rate *r, struct tcb_rating *out, const char *what,
                          struct span name, int64_t has, int64_t needs)
{
    char text[160];
    struct wr w = wr_new(text, sizeof text);
    wr_text(&w, what);
    if (name.n)
        wr_format(&w, " (\"%.*s\")", (int)(name.n < 80 ? name.n : 80), (const char *)name.p);
    wr_format(&w, ": %lld < %lld", (long long)has, (long long)needs);
    struct span copy = arena_copy(r->a, wr_span(&w));
    if (!copy.p)
        return no_memory(r);
    out->shortfalls[out->n_shortfalls++] = copy;
    return true;
}

/* reaches says that the number does, or adds the shortfall. */
static bool reaches(struct rate *r, struct tcb_rating *out, const char *what, int64_t has,
                    int64_t needs)
{
    return has >= needs || add_shortfall(r, out, what, span_of(NULL, 0), has, needs);
}

static bool compare_components(struct rate *r, struct tcb_rating *out, int kind, struct span has,
                               const uint8_t *needs, size_t from)
{
    char what[32];
    for (size_t i = from; i < COMPONENTS; i++) {
        if (has.p[i] >= needs[i])
            continue;
        snprintf(what, sizeof what, "%s component %zu", kind ? "TDX" : "SGX", i);
        if (!add_shortfall(r, out, what, r->info->component[kind][i], has.p[i], needs[i]))
            return false;
    }
    return true;
}

/* compare holds everything against the newest level: what an update would bring. */
static bool compare(struct rate *r, struct tcb_rating *out)
{
    const struct tcb_level *newest = &r->info->levels.v[0];
    struct span svn = bytes_of(r, CLAIM_TEE_TCB_SVN);
    char what[32];
    out->shortfalls = ARENA_ARRAY(r->a, SHORTFALLS, struct span);
    if (!out->shortfalls)
        return no_memory(r);
    if (!compare_components(r, out, 0, bytes_of(r, CLAIM_SGX_COMPONENTS), newest->sgx, 0) ||
        !reaches(r, out, "PCESVN", r->c->v[CLAIM_PCESVN].num, newest->pcesvn))
        return false;
    if (r->info->tdx) {
        if (!compare_components(r, out, 1, svn, newest->tdx, first_component(svn)))
            return false;
        const struct tdx_module *m = svn.p[1] ? module_of(r, svn.p[1]) : NULL;
        snprintf(what, sizeof what, "TDX module TDX_%02X", svn.p[1]);
        if (m && !reaches(r, out, what, svn.p[0], m->levels.v[0].isvsvn))
            return false;
    }
    return reaches(r, out, "quoting enclave", r->c->v[CLAIM_QE_ISVSVN].num,
                   r->qe->levels.v[0].isvsvn);
}

bool tcb_rules_rate(struct tcb_rating *out, const struct claims *c, const struct tcb_info *info,
                    const struct qe_identity *qe, struct arena *a, struct situs_err *err)
{
    struct rate r = {.c = c, .info = info, .qe = qe, .a = a, .err = err};
    *out = (struct tcb_rating){0};
    if (info->tdx) {
        if (!rate_tdx(&r, out))
            return false;
    } else {
        out->status = platform_status(&r, span_of(NULL, 0));
    }
    return rate_qe(&r, out) && collect(&r, out) && compare(&r, out);
}
