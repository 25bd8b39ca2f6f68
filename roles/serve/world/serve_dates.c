/* Dates of collateral and CRLs; see serve_dates.h. */
#include "serve/world/serve_dates.h"

#include "base/text.h"
#include "collateral/collateral_state.h"
#include "crypto/digest.h"
#include "situs/door.h"

#include <stdio.h>

static const struct serve_date *find(const struct serve_dates *d, size_t policy, const char *name)
{
    for (size_t i = 0; i < d->n[policy]; i++)
        if (strcmp(d->v[policy][i].name, name) == 0)
            return &d->v[policy][i];
    return NULL;
}

struct serve_date *serve_dates_raise(struct serve_dates *d, size_t policy, const char *name,
                                     int64_t at)
{
    const struct serve_date *there = find(d, policy, name);
    if (!there && (d->n[policy] == SERVE_DATES || strlen(name) >= sizeof there->name))
        return NULL;
    struct serve_date *v = &d->v[policy][there ? (size_t)(there - d->v[policy]) : d->n[policy]++];
    if (!there) {
        *v = (struct serve_date){.at = at};
        snprintf(v->name, sizeof v->name, "%s", name);
    }
    v->at = at > v->at ? at : v->at;
    return v;
}

/* counts says that an item of collateral is issued anew from time to time, and can be told from others by its name. */
static bool counts(const struct collateral_item *item)
{
    return strncmp(item->name, "certificate", strlen("certificate")) != 0 &&
           strcmp(item->name, "CRL of a CA that is not here") != 0;
}

void serve_dates_of(struct serve_dates *d, const struct serve_world *w)
{
    memset(d, 0, sizeof *d);
    for (size_t p = 0; p < w->config.n; p++) {
        const struct serve_loaded *l = &w->loaded[p];
        const struct situs_endorsements *words = l->endorsements.endorsements;
        struct collateral_item item;
        for (size_t i = 0; l->snapshot.snapshot && collateral_item(l->snapshot.snapshot, i, &item);
             i++)
            if (counts(&item))
                serve_dates_raise(d, p, item.name, item.valid.from);
        for (size_t i = 0; words && i < words->words.crls.n; i++) {
            const struct x509_crl *crl = &words->words.crls.v[i];
            char name[48];
            uint8_t hash[32];
            if (crl->why.code != SITUS_NONE || !digest(HASH_SHA256, crl->crl.issuer, hash))
                continue;
            snprintf(name, sizeof name, "CRL of %s", TEXT_HEX(span_of(hash, 16)));
            serve_dates_raise(d, p, name, crl->crl.valid.from);
        }
    }
}

bool serve_dates_current(const struct serve_dates *held, const struct serve_dates *seen,
                         size_t policy, struct situs_err *err)
{
    for (size_t i = 0; i < held->n[policy]; i++) {
        const struct serve_date *h = &held->v[policy][i];
        const struct serve_date *s = find(seen, policy, h->name);
        if (!s || s->at <= h->at)
            continue;
        err_fail(err, SITUS_OUT_OF_DATE, h->name, "date", SITUS_NO_OFFSET, TEXT_TIME(s->at),
                 TEXT_TIME(h->at));
        return err_hint(err, "a newer one was seen before: get the newest");
    }
    return true;
}
