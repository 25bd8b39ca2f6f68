/* AMD's service; see kds.h. */
#include "fetch/kds.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "fetch/http.h"

static const char *kind(const struct wanted_amd *w)
{
    return w->vlek ? "vlek" : "vcek";
}

/* The path of a VCEK's certificate: family, chip and levels (57230, 4.1). */
static void vcek_path(char path[512], const struct wanted_amd *w)
{
    static const char *const query[] = {
#define SNP_PART(id, word, query) query,
#include "model/snp_parts.def"
#undef SNP_PART
    };
    struct wr out = wr_new(path, 511);
    wr_format(&out, "/vcek/v1/%s/%s", w->product->name,
              TEXT_HEX(span_of(w->chip_id, w->product->chip_id)));
    const char *mark = "?";
    for (unsigned i = 0; i < SNP_PARTS; i++) {
        if (w->product->at[i] < 0)
            continue;
        wr_format(&out, "%s%s=%02u", mark, query[i], (unsigned)w->tcb[w->product->at[i]]);
        mark = "&";
    }
    path[out.n] = 0;
}

static bool ask(struct pcs_service *s, const char *base, const char *path, const char *what,
                struct dir *d, struct situs_err *err)
{
    const struct http_request q = {.what = what, .limit = LIMIT_COLLATERAL_JSON};
    snprintf(s->asked, sizeof s->asked, "%s%s", base, path);
    return pcs_get(s, &q, d, err);
}

static bool fetch_vek(struct pcs_service *s, const char *base, const struct wanted_amd *w, size_t i,
                      struct dir *d, struct situs_err *err)
{
    char path[512], what[40];
    snprintf(what, sizeof what, "VEK certificate %zu", i);
    if (w->held.n)
        return dir_add(d, what, w->held, err);
    if (!w->vcek || w->has)
        return true;
    vcek_path(path, w);
    return ask(s, base, path, what, d, err);
}

static bool fetch_family(struct pcs_service *s, const char *base, const struct wanted_amd *w,
                         struct dir *d, struct situs_err *err)
{
    char path[128], what[40];
    snprintf(path, sizeof path, "/%s/v1/%s/cert_chain", kind(w), w->product->name);
    snprintf(what, sizeof what, "chain of %s %s", kind(w), w->product->name);
    if (!ask(s, base, path, what, d, err))
        return false;
    snprintf(path, sizeof path, "/%s/v1/%s/crl", kind(w), w->product->name);
    snprintf(what, sizeof what, "CRL of %s %s", kind(w), w->product->name);
    return ask(s, base, path, what, d, err);
}

/* Whether an earlier one is of the same chain. */
static bool asked_before(const struct wanted *w, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (w->amd[k].product == w->amd[i].product && w->amd[k].vlek == w->amd[i].vlek)
            return true;
    return false;
}

bool kds_fetch(struct pcs_service *s, const struct wanted *w, struct dir *d, struct situs_err *err)
{
    char base[256] = KDS_AMD;
    bool ok = !w->n_amd || !s->url || pcs_base(base, s->url, err);
    for (size_t i = 0; ok && i < w->n_amd; i++)
        ok = fetch_vek(s, base, &w->amd[i], i, d, err) &&
             (asked_before(w, i) || fetch_family(s, base, &w->amd[i], d, err));
    if (ok)
        s->asked[0] = 0;
    return ok;
}
