/* What is loaded of the files that policies rest on. */
#ifndef SITUS_SERVE_SERVE_LOADED_H
#define SITUS_SERVE_SERVE_LOADED_H

#include "base/time.h"
#include "collateral/collateral.h"
#include "frame/load.h"
#include "serve/serve_config.h"

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

struct serve_world {
    struct serve_config config;
    struct serve_loaded loaded[SERVE_POLICIES]; /* of config.policies */
    struct serve_held held[SERVE_SOURCES];      /* of config.fetch */
    const struct serve_world
        *base; /* of a world that was renewed: whose files it shares; else NULL */
};

/* serve_loaded_snapshot verifies the collateral that was read, where there is some, and makes the table of its key. */
bool serve_loaded_snapshot(struct serve_loaded *l, struct situs_err *err);

/* serve_loaded_request is a request under the policy; its evidence, nonce, channel and time are the caller's. */
struct situs_request serve_loaded_request(const struct serve_loaded *l);

#endif
