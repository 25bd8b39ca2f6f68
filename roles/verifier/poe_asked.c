/* Reading of what endorsements are asked by; see poe_asked.h. */
#include "verifier/poe_asked.h"

#include "base/item.h"
#include "base/limits.h"
#include "frame/out.h"

static bool read_beside(struct poe_asked *a, const struct poe_options *o, struct situs_err *err)
{
    size_t n = o->crls.n + o->revocations.n;
    if (n > SITUS_ENDORSEMENTS)
        return err_fail(err, SITUS_MISSING, "--crl, --revocations", "", SITUS_NO_OFFSET,
                        "at most 16 files", "more");
    for (size_t i = 0; i < n; i++) {
        const char *name = i < o->crls.n ? o->crls.v[i] : o->revocations.v[i - o->crls.n];
        if (!file_read(&a->beside[i], name, LIMIT_LIST, err))
            return false;
        a->item[i] = item_of(name, file_span(&a->beside[i]));
    }
    a->crls = o->crls.n;
    a->revocations = o->revocations.n;
    return true;
}

bool poe_asked_read(struct poe_asked *a, const struct poe_options *o)
{
    struct situs_err err = {0};
    if (!o->trust) {
        out_error("--trust is missing: no issuer is built in");
        out_hint("write a trust file with the issuer's root and the use \"poe\": situs-trust(5)");
        return false;
    }
    if (o->seen.n && !o->revocations.n) {
        out_error("--list-seen speaks of no list");
        out_hint("give the issuer's newest list with --revocations");
        return false;
    }
    if (!args_time(o->at, &a->at) || !load_trust(&a->trust, o->trust) ||
        !list_seen_read(&a->seen, &o->seen, a->trust.trust))
        return false;
    if (!read_beside(a, o, &err))
        out_failure(&err);
    return err.code == SITUS_NONE;
}

struct situs_poe_request poe_asked_request(const struct poe_asked *a, struct situs_item poe)
{
    return (struct situs_poe_request){
        .poe = poe,
        .crls = a->item,
        .n_crls = a->crls,
        .revocations = a->item + a->crls,
        .n_revocations = a->revocations,
        .list_seen = a->seen.v,
        .n_list_seen = a->seen.n,
        .trust = a->trust.trust,
        .at = a->at,
    };
}

void poe_asked_free(struct poe_asked *a)
{
    for (size_t i = 0; i < SITUS_ENDORSEMENTS; i++)
        file_free(&a->beside[i]);
    load_trust_free(&a->trust);
    list_seen_free(&a->seen);
}
