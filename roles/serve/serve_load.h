/* What every policy of the configuration rests on, read and verified once, before any process of the service is made:
 * judges and keeper have it by fork(2), and none of it is secret. The zero state may be freed. */
#ifndef SITUS_SERVE_SERVE_LOAD_H
#define SITUS_SERVE_SERVE_LOAD_H

#include "base/time.h"
#include "collateral/collateral.h"
#include "frame/load.h"
#include "serve/serve_config.h"
#include "serve/serve_seen.h"

/* When a policy can be served: while all that it rests on is there and in its time. */
struct serve_term {
    struct window valid;
    char begins[40], ends[40]; /* what begins last, and what ends first */
    char missing[72];          /* a source of which the cache has nothing that holds; empty: none */
};

struct serve_loaded {
    struct loaded_policy policy;
    struct loaded_trust trust;
    struct collateral collateral;
    struct loaded_snapshot snapshot;
    struct file words[SITUS_ENDORSEMENTS];
    struct situs_item items[SITUS_ENDORSEMENTS];
    struct loaded_endorsements endorsements;
    uint8_t sha256[32]; /* of the policy */
    unsigned require;   /* PROOF_*: of the policy */
    bool simulated;     /* an anchor of a lab counts */
    struct serve_term term;
};

/* What the cache has of a source. */
struct serve_held {
    bool holds; /* it reads, and what signs it is under the anchors; else it counts as none */
    struct window valid; /* of all that is in it */
};

struct serve_world {
    struct serve_config config;
    struct serve_loaded loaded[SERVE_POLICIES]; /* of config.policies */
    struct serve_held held[SERVE_SOURCES];      /* of config.fetch */
    const struct serve_world
        *base; /* of a world that was renewed: whose files it shares; else NULL */
};

/* serve_load reads the configuration and all that it names but keys; false: said on stderr. */
bool serve_load(struct serve_world *w, const char *path);
void serve_load_free(struct serve_world *w);

/* serve_load_renew makes a world of the one that was loaded, with what the cache has now; of the operator's own files
 * nothing is read again, and base must outlive it. False: said on stderr. */
bool serve_load_renew(struct serve_world *w, const struct serve_world *base);

/* serve_load_numbers writes the lists that the policies hold, SERVE_NUMBERS at most, and returns how many. */
#define SERVE_NUMBERS (SERVE_POLICIES * SITUS_ENDORSEMENTS)
size_t serve_load_numbers(const struct serve_world *w, int64_t at, struct serve_number *rows);

/* serve_load_current says that nothing that a policy rests on is missing or out of its time; else missing, expired or
 * not-yet-valid, with its name as part. */
bool serve_load_current(const struct serve_term *t, int64_t at, struct situs_err *err);

/* serve_load_request is a request under the policy; its evidence, nonce, channel and time are the caller's. */
struct situs_request serve_load_request(const struct serve_loaded *l);

#endif
