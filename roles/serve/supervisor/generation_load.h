/*
 * What policies rest on is bytes of others, out of files and the cache: a process verifies them that can read no key (and
 * becomes the nursery of judges, which need them), and says until when policies can be served. The supervisor, which can
 * read all, reads none of them.
 */
#ifndef SITUS_SERVE_GENERATION_LOAD_H
#define SITUS_SERVE_GENERATION_LOAD_H

#include "serve/world/serve_loaded.h"

/* What whoever starts processes does while he waits for their word, ten times a second; false: he waits no longer. */
struct generation_wait {
    bool (*meanwhile)(void *own); /* NULL: nothing */
    void *own;
};

/* generation_load_waits says that a socket had something to say within a minute. */
bool generation_load_waits(int socket, const struct generation_wait *wait);

/* generation_load verifies a world in this process, which keeps no file but the cache, and tells whoever holds the other
 * end of socket. False: said on stderr. */
bool generation_load(struct serve_world *w, int socket);

/* generation_load_hear takes its word over into the same world: terms, what the cache holds, platforms, numbers of lists;
 * *pack is the bytes for the judges' second build, where there is one (serve_pack.h), else -1. False: it said none. */
bool generation_load_hear(struct serve_world *w, int socket, const struct generation_wait *wait,
                          int *pack);

/* generation_load_holdings is sealed memory of what policies hold (keeper_told.h); -1: there is no memory. */
int generation_load_holdings(const struct serve_world *w);

/* generation_load_apart does both, with a process of its own that ends. */
bool generation_load_apart(struct serve_world *w);

#endif
