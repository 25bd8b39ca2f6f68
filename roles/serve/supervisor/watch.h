/*
 * Whether the service serves (sd_notify(3), WATCHDOG=1): once a period the supervisor asks what anybody may ask, a report on
 * a byte that is no evidence, at the service's own door. An answer that front, keeper and judge had their part in is
 * passed on to systemd; without one nothing is, and systemd starts the service anew.
 */
#ifndef SITUS_SERVE_WATCH_H
#define SITUS_SERVE_WATCH_H

#include "serve/world/serve_listen.h"

struct watch {
    int64_t period, next; /* milliseconds; 0: nobody watches; wire_now */
    int fd;               /* of a question that is out; -1: none */
    size_t n;             /* bytes of its answer */
    char answer[1024];
};

/* watch_new takes the period from the environment, a third of WATCHDOG_USEC. */
struct watch watch_new(void);

/* watch_turn asks at the listener, about this policy, and hears the answer, without waiting. */
void watch_turn(struct watch *w, const struct serve_listener *at, const char *policy);

#endif
