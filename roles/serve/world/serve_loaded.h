/* What is loaded of the files that policies rest on. */
#ifndef SITUS_SERVE_SERVE_LOADED_H
#define SITUS_SERVE_SERVE_LOADED_H

#include "base/time.h"
#include "collateral/collateral.h"
#include "frame/load.h"
#include "serve/world/serve_config.h"

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
    struct collateral
        early; /* and what it makes: Intel's early set, where the cache has it; for reports */
    struct loaded_snapshot forecast;
    struct file words[SITUS_ENDORSEMENTS];
    struct situs_item items[SITUS_ENDORSEMENTS]; /* of words */
    size_t n_items;
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

#define SERVE_PLATFORMS 64
#define SERVE_NUMBERS (SERVE_POLICIES * SITUS_ENDORSEMENTS) /* lists that policies hold, at most */

/* One kind of platform, for which Intel's early set is fetched. */
struct serve_platform {
    uint8_t fmspc[6], tdx;
    uint8_t known; /* both sets are held: falls is known */
    int64_t falls; /* INT64_MAX: no level that is good now falls by the early set */
};

/* What a configuration names. Of collateral and endorsements the service has bytes, until serve_load_verify. */
struct serve_world {
    struct serve_config config;
    struct serve_loaded loaded[SERVE_POLICIES]; /* of config.policies */
    struct serve_held held[SERVE_SOURCES];      /* of config.fetch */
    struct serve_platform platform[SERVE_PLATFORMS];
    size_t platforms;
    struct serve_dates *dates;    /* of what policies hold (serve_dates.h); malloc'd */
    struct serve_number *numbers; /* of the lists that they hold; malloc'd */
    size_t n_numbers;
};

/* serve_loaded_snapshot verifies the collateral that was read, where there is some, and makes the table of its key. */
bool serve_loaded_snapshot(struct serve_loaded *l, struct situs_err *err);

/* serve_loaded_room makes room in a world for dates and numbers, without any. */
bool serve_loaded_room(struct serve_world *w);

/* serve_loaded_request is a request under the policy; its evidence, nonce, channel and time are the caller's. */
struct situs_request serve_loaded_request(const struct serve_loaded *l);

#endif
