/*
 * Events that webhooks were not handed yet, on record beside the events themselves: what is not handed over survives a restart. Of
 * each webhook 10000 at most wait; the eldest are lost to it, and that is said.
 */
#ifndef SITUS_SERVE_HOOK_STORE_H
#define SITUS_SERVE_HOOK_STORE_H

#include "database/database.h"
#include "serve/world/serve_hooks.h"
#include "token/event_jwt.h"

/* hook_store_add lets an event wait for every webhook (hooks NULL: there are none), in the transaction that puts it on record.
 * hook_store_bound ends such a transaction: no more wait than may, and lost counts, for each webhook, those that are lost to it. */
bool hook_store_add(struct database *db, const struct serve_hooks *hooks, const char *replica,
                    int64_t number, struct situs_err *err);
bool hook_store_bound(struct database *db, const struct serve_hooks *hooks, const char *replica,
                      uint64_t lost[SERVE_HOOKS], struct situs_err *err);

/* hook_store_next is the eldest event that a webhook was not handed, and how many wait; number 0: none. */
bool hook_store_next(struct database *db, const char *hook, const char *replica,
                     struct event_jwt *event, int64_t *waiting, struct situs_err *err);

/* hook_store_done notes that it was handed over. */
bool hook_store_done(struct database *db, const char *hook, const char *replica, int64_t number,
                     struct situs_err *err);

#endif
