/* Fetching and keeping; see obtain.h. */
#include "fetch/obtain.h"

#include "base/text.h"
#include "collateral/collateral_state.h"
#include "fetch/kds.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdlib.h>

#define TIMEOUT_DEFAULT 30
#define TIMEOUT_MOST 600
#define RETRIES_DEFAULT 3 /* after 1, 2 and 4 seconds */
#define RETRIES_MOST 8

static bool read_number(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t without, const char *hint, uint64_t *number)
{
    *number = without;
    if (!text || text_number(span_text(text), least, most, number))
        return true;
    out_error("--%s \"%s\" is not a number from %llu to %llu", option, text,
              (unsigned long long)least, (unsigned long long)most);
    out_hint("%s", hint);
    return false;
}

bool obtain_service(struct pcs_service *s, const struct obtain_options *o)
{
    struct situs_err err = {0};
    char base[256];
    uint64_t seconds, retries;
    int64_t at;
    *s = (struct pcs_service){.url = o->url, .cacert = o->cacert, .early = o->early};
    if (!args_time(o->at, &at) ||
        !read_number("timeout", o->timeout, 1, TIMEOUT_MOST, TIMEOUT_DEFAULT,
                     "it is in seconds, and bounds each answer; the default is 30", &seconds) ||
        !read_number("retries", o->retries, 0, RETRIES_MOST, RETRIES_DEFAULT,
                     "it bounds how often each answer is asked for again; the default is 3",
                     &retries))
        return false;
    s->seconds = (long)seconds;
    s->retries = (unsigned)retries;
    if (!o->url || pcs_base(base, o->url, &err))
        return true;
    out_failure(&err);
    return false;
}

/* What has ended was just served: another hint than that of who keeps collateral too long. */
static bool current(const struct situs_snapshot *s, int64_t at, struct situs_err *err)
{
    return collateral_current(s, at, err) ||
           err_hint(err, "the service serves what is out of its time: is the clock right? else its "
                         "cache is stale; ask another with --url");
}

void obtain_failure(const struct obtain_options *o, const struct pcs_service *s,
                    const struct situs_err *err)
{
    out_failure(err);
    if (s->asked[0])
        out_note("asked %s", s->asked);
    if (o->retry_after && s->retry_after)
        out_print("retry-after %llu\n", (unsigned long long)s->retry_after);
}

int obtain(struct pcs_service *s, const struct obtain_options *o, const struct wanted *w,
           const struct situs_trust *trust, const struct situs_snapshot *held, bool keep,
           const char *to)
{
    struct situs_err err = {0};
    int64_t at = 0;
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot got = {.snapshot = NULL};
    bool ok = c ? (!wanted_of_intel(w) || pcs_fetch(s, w, &c->files, &err)) &&
                      kds_fetch(s, w, &c->files, &err)
                : err_fail(&err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
    if (ok)
        collateral_parts(c);
    ok = ok && args_time(o->at, &at) && load_snapshot(&got, c->parts, c->n, trust, &err) &&
         wanted_met(w, got.snapshot, &err) && current(got.snapshot, at, &err) &&
         (!held || collateral_not_older(got.snapshot, held, &err));
    int exit = ok ? EXIT_GOOD : load_exit(&err);
    if (!ok)
        obtain_failure(o, s, &err);
    if (ok && !collateral_save(c, to, trust, keep, &err)) {
        out_failure(&err);
        exit = collateral_save_exit(&err);
    }
    load_snapshot_free(&got);
    if (c)
        collateral_free(c);
    free(c);
    return exit;
}
