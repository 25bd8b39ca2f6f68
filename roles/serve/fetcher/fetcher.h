/*
 * The fetcher: what the service's sources have is fetched by itself, ahead of its end. The supervisor keeps the times; each
 * asking is a process of its own, situs-fetch, which has the network and the cache, no key and no database, and puts only
 * what holds into the cache. DESIGN: fetching.
 */
#ifndef SITUS_SERVE_FETCHER_H
#define SITUS_SERVE_FETCHER_H

#include "serve/fetcher/fetcher_state.h"
#include "serve/world/serve_load.h"

#include <sys/types.h>

struct fetcher_item {
    pid_t pid;                /* 0: nobody asks now; one flight an item */
    int said;                 /* its standard output; -1: none */
    int64_t until;            /* by which it must have ended, milliseconds of wire_now */
    int64_t next, not_before; /* when it is due, and before when it is not, wire_now */
    int64_t renew;            /* and when it is due by the wall's clock, Unix seconds */
    unsigned tries;           /* askings in a row that brought nothing newer */
};

struct fetcher {
    const struct serve_fetch *config;
    char program[PATH_MAX];
    struct fetcher_item v[SERVE_SOURCES];
    struct fetcher_state state;
    bool news;    /* the cache has something that is not served yet */
    bool changed; /* state is not told yet */
};

/* fetcher_can says that there is a program that asks, where a world needs one; false: said on stderr. */
bool fetcher_can(struct fetcher *f, const struct serve_world *w);

/* fetcher_new begins with what a world's cache holds; who asks for another ends. */
void fetcher_new(struct fetcher *f, const struct serve_world *w);

/* fetcher_look takes over what a world holds, after the cache has changed. */
void fetcher_look(struct fetcher *f, const struct serve_world *w);

/* fetcher_wait is how long is waited after so many failures in a row, milliseconds: twice as long after each, and half of
 * it by chance. */
int64_t fetcher_wait(const struct serve_fetch *c, unsigned tries);

/* fetcher_turn asks for what is due, and ends who takes too long. */
void fetcher_turn(struct fetcher *f);

/* fetcher_ended takes the end of a process; false: it was none of the fetcher's. */
bool fetcher_ended(struct fetcher *f, pid_t pid, int status);

/* fetcher_once asks each source of a world now and waits for the answers; how many could not be fetched. */
size_t fetcher_once(struct fetcher *f, const struct serve_world *w);

/* fetcher_stop ends all who ask. */
void fetcher_stop(struct fetcher *f);

#endif
