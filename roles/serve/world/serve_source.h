/*
 * What the service fetches by itself ("fetch" of the configuration, situs-serve(5)): sources, each kept in the cache
 * under its own name, by which policies name it. Texts are the configuration's.
 */
#ifndef SITUS_SERVE_SERVE_SOURCE_H
#define SITUS_SERVE_SERVE_SOURCE_H

#include "codec/json/json.h"
#include "serve/world/serve_member.h"

#define SERVE_SOURCES 64
#define SERVE_FETCHED "fetched:" /* how a policy's path begins that names a source */

enum serve_source_kind {
    SERVE_SOURCE_COLLATERAL,
    SERVE_SOURCE_ENDORSEMENT,
    SERVE_SOURCE_REFRESH,
    SERVE_SOURCE_EARLY, /* beside COLLATERAL, in the next place: what Intel will hold its platforms to */
    SERVE_SOURCE_KINDS
};

struct serve_source {
    char name[72]; /* of its file or directory in the cache */
    enum serve_source_kind kind;
    const char *url, *file, *issuer, *ca, *tee, *key; /* NULL: not given */
    struct serve_paths platforms, products;           /* FMSPCs; AMD's, by name */
    int64_t every;                                    /* seconds between two askings, at most */
    const char *trust; /* the trust file of those policies that name it; NULL: built in */
    int policy;        /* the first of them; -1: none does */
};

struct serve_fetch {
    const char *cache;          /* a directory; NULL: nothing is fetched */
    const char *proxy, *cacert; /* NULL: none; the system's */
    bool offline;               /* nobody is asked: what the cache has is what there is */
    struct serve_paths hosts;   /* where addresses out of endorsements may be */
    int64_t retry, timeout;     /* seconds */
    struct serve_source v[SERVE_SOURCES];
    size_t n;
};

/* serve_source_read reads the member "fetch", if there is one. */
bool serve_source_read(struct serve_fetch *f, const struct json *root, struct situs_err *err);

/* serve_source_use notes that a policy (its index and trust file) names what a path names: *source is that, or -1 for
 * a path of a file. False: there is no such source, or another policy believes it under other anchors. */
bool serve_source_use(struct serve_fetch *f, const char *path, int policy, const char *trust,
                      int *source);

/* serve_source_used says that every source has a use, or names one that has none. */
bool serve_source_used(const struct serve_fetch *f, struct situs_err *err);

/* serve_source_path is where the cache has a source. */
void serve_source_path(const struct serve_fetch *f, size_t source, char path[PATH_MAX]);

#endif
