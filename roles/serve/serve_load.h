/* What every policy of the configuration rests on, read and verified once, before any process of the service is made:
 * judges and keeper have it by fork(2), and none of it is secret. The zero state may be freed. */
#ifndef SITUS_SERVE_SERVE_LOAD_H
#define SITUS_SERVE_SERVE_LOAD_H

#include "base/time.h"
#include "collateral/collateral.h"
#include "frame/load.h"
#include "serve/serve_config.h"

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
};

struct serve_world {
    struct serve_config config;
    struct serve_loaded loaded[SERVE_POLICIES]; /* of config.policies */
};

/* serve_load reads the configuration and all that it names but keys; false: said on stderr. */
bool serve_load(struct serve_world *w, const char *path);
void serve_load_free(struct serve_world *w);

/* serve_load_current says that nothing that the policy rests on is out of its time; else expired or not-yet-valid, with
 * its name as part. */
bool serve_load_current(const struct serve_loaded *l, int64_t at, struct situs_err *err);

/* serve_load_request is a request under the policy; its evidence, nonce, channel and time are the caller's. */
struct situs_request serve_load_request(const struct serve_loaded *l);

#endif
