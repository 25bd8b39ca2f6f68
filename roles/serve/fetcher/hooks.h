/*
 * Handing events over: each attempt is a process of its own, situs-fetch, which has the network, the event on its standard
 * input, no key, no database and no cache. The keeper says what and when; DESIGN: continuity.
 */
#ifndef SITUS_SERVE_HOOKS_H
#define SITUS_SERVE_HOOKS_H

#include "serve/fetcher/hook_state.h"
#include "serve/world/serve_load.h"

#include <sys/types.h>

struct hook_flight {
    pid_t pid;     /* 0: none */
    uint64_t id;   /* of the keeper's ask */
    int said;      /* its standard output; -1: none */
    int64_t until; /* by which it must have ended, milliseconds of wire_now */
};

struct hooks {
    const struct serve_config *config;
    char program[PATH_MAX];
    struct hook_flight v[SERVE_HOOKS];
    struct hook_told told[SERVE_HOOKS];
    bool changed; /* told is not told yet */
};

/* hooks_can says that there is a program that hands over, where a world needs one; false: said on stderr. */
bool hooks_can(struct hooks *h, const struct serve_world *w);

/* hooks_new begins for the keeper of a world; what another's was doing ends. */
void hooks_new(struct hooks *h, const struct serve_world *w);

/* hooks_turn takes what a keeper asks at this socket, which does not block, and ends who takes too long. */
void hooks_turn(struct hooks *h, int keeper);

/* hooks_ended takes the end of a process; false: it was none of these. */
bool hooks_ended(struct hooks *h, pid_t pid, int status);

/* hooks_stop ends all of them. */
void hooks_stop(struct hooks *h);

#endif
