/*
 * The configuration of situs serve (JSON, situs-serve(5)): as strict as a policy. Texts live as long
 * as the struct; its zero state may be freed.
 */
#ifndef SITUS_SERVE_SERVE_CONFIG_H
#define SITUS_SERVE_SERVE_CONFIG_H

#include "codec/json/json.h"
#include "database/database.h"
#include "frame/file.h"
#include "serve/world/dial_config.h"
#include "serve/world/peer_key.h"
#include "serve/world/serve_machines.h"
#include "serve/world/serve_source.h"
#include "situs.h"

#define SERVE_POLICIES 64
#define SERVE_REPLICA 16 /* bytes of a replica's name, with its zero byte */
#define SERVE_SIMULATED \
    "simulated-" /* how the name of a policy begins, where a lab's anchor counts */

/* One policy: a name in URLs, and an issuer of tokens where it has a key. */
struct serve_policy {
    const char *name, *file; /* file: a path, or a preset */
    const char *trust;       /* NULL: the built-in anchors */
    const char *key, *next_key, *last_key,
        *audience; /* key and audience NULL: it signs no tokens; next_key, last_key may be NULL */
    bool bearer;
    bool party_challenge; /* a relying party may choose N */
    size_t dialect;       /* of token_dialect */
    struct serve_paths collateral, endorsements;
};

/* A number of a list that was seen, by kind, anchor, signer and facility, and is to be forgotten. Texts may be empty but kind and
 * anchor. */
#define SERVE_FORGET 16
struct serve_forget {
    const char *kind, *anchor, *subject, *facility;
    int64_t number;
};

/* Times are milliseconds, sizes bytes. */
struct serve_limits {
    int64_t body, connections, waiting, judges, judge_requests, judge_memory;
    int64_t idle, request, judge, drain;
};

struct serve_config {
    struct file file;
    struct json_doc doc;
    const char *listen, *listen_private, *base,
        *default_policy; /* listen_private, default_policy may be NULL */
    struct serve_policy policies[SERVE_POLICIES];
    size_t n;
    struct serve_policy
        alliance; /* key NULL: its paths are not answered; else file is that of alliance_policy */
    int alliance_policy; /* under which quotes are appraised */
    const char *moniker; /* of this signer among those of the alliance */
    bool padded; /* Veraison's nonces are base64 with padding, as its clients of before read them */
    struct peer_key peer_key;
    struct dial_config dial;
    struct serve_machines machines;
    const char *audit;  /* file of the audit log; NULL: none is kept */
    int64_t audit_most; /* bytes above which it is put aside */
    struct database_place store;
    const char *store_mark; /* file of what is in it, too, outside of it; NULL: none */
    struct serve_forget forget[SERVE_FORGET];
    size_t n_forget;
    const char *replica; /* its name among those that share a database; empty: it is alone */
    size_t agree,
        builds; /* judges whose records must be equal before a token is signed, and their builds: 1 or 2 */
    struct serve_limits limits;
    struct serve_fetch fetch;
};

/* serve_config_text reads a text, to which nothing refers afterwards; the part of errors is "configuration". */
bool serve_config_text(struct serve_config *c, struct span text, struct situs_err *err);

/* serve_config_read reads the file; false: said on stderr, with line and column. */
bool serve_config_read(struct serve_config *c, const char *path);
void serve_config_free(struct serve_config *c);

/* serve_config_policy is the policy of a name, or the default for an empty one; -1: none. */
int serve_config_policy(const struct serve_config *c, const char *name);

#endif
