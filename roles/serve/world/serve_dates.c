/* Dates of collateral and CRLs; see serve_dates.h. */
#include "serve/world/serve_dates.h"

#include "base/text.h"
#include "collateral/collateral_state.h"
#include "crypto/digest.h"
#include "serve/world/serve_seen.h"
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

/* name_of tells a CRL from others by its issuer's name and key: two CAs of one name do not raise each other's. The key is
 * the one under which its signature holds, or, where no certificate of that CA is here, the one that the CRL names. */
static bool name_of(const struct x509_crl *crl, char *name, size_t size)
{
    uint8_t hash[32];
    const struct span key = crl->judged ? SPAN_ARR(crl->key) : crl->crl.authority_key_id;
    return crl->why.code == SITUS_NONE && digest2(HASH_SHA256, crl->crl.issuer, key, hash) &&
           snprintf(name, size, "CRL of %s", TEXT_HEX(span_of(hash, 16))) < (int)size;
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
            char name[48];
            if (name_of(&words->words.crls.v[i], name, sizeof name))
                serve_dates_raise(d, p, name, words->words.crls.v[i].crl.valid.from);
        }
    }
}

bool serve_dates_forgotten(const struct serve_config *c, size_t policy, const char *name,
                           int64_t at)
{
    struct serve_seen row = {.kind = "date", .number = (uint64_t)at};
    return snprintf(row.anchor, sizeof row.anchor, "%s", c->policies[policy].name) <
               (int)sizeof row.anchor &&
           snprintf(row.subject, sizeof row.subject, "%s", name) < (int)sizeof row.subject &&
           snprintf(row.facility, sizeof row.facility, "%s", c->replica) <
               (int)sizeof row.facility &&
           serve_seen_forgotten(c, &row);
}

bool serve_dates_believed(const struct serve_dates *held, const struct serve_config *c,
                          size_t policy, struct situs_err *err)
{
    for (size_t i = 0; i < held->n[policy]; i++) {
        const struct serve_date *h = &held->v[policy][i];
        if (!serve_dates_forgotten(c, policy, h->name, h->at))
            continue;
        err_fail(err, SITUS_NOT_ALLOWED, h->name, "date", SITUS_NO_OFFSET,
                 "a date that \"forget\" does not name", TEXT_TIME(h->at));
        return err_hint(err, "the operator does not believe it: put another in its place");
    }
    return true;
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
