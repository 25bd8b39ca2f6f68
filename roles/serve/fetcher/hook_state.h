/* What keeper and supervisor say to each other of webhooks: the keeper what is to be handed over, the supervisor what became
 * of it. */
#ifndef SITUS_SERVE_HOOK_STATE_H
#define SITUS_SERVE_HOOK_STATE_H

#include "serve/world/serve_hooks.h"

#include <stdint.h>

/* One packet of the keeper's; beside it the event, signed, as sealed memory. One is out for a webhook. */
struct hook_ask {
    uint64_t id; /* random, of this attempt alone */
    uint32_t hook;
    uint32_t zero;
};

/* The last attempt that has ended, of each webhook. */
struct hook_told {
    uint64_t id;         /* 0: none has */
    int64_t retry_after; /* milliseconds for which the receiver wants not to be asked; 0: no word */
    bool ok;
};

#endif
