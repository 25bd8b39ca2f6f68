/* What waits for webhooks; see hook_store.h. */
#include "serve/keeper/hook_store.h"

#include "base/text.h"
#include "continuity/continuity.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* bound drops the eldest of one webhook above what may wait. */
static bool bound(struct database *db, const char *hook, const char *replica, uint64_t *lost,
                  struct situs_err *err)
{
    uint64_t n = 0;
    if (!database_ask(db, err,
                      "DELETE FROM situs_hook WHERE hook = $1 AND replica = $2 AND number <= "
                      "(SELECT number FROM situs_hook WHERE hook = $1 AND replica = $2 "
                      "ORDER BY number DESC LIMIT 1 OFFSET 10000) RETURNING number",
                      hook, replica, NULL))
        return false;
    while (database_next(db, err))
        n++;
    *lost += n;
    if (n)
        out_error("webhook %s: more than 10000 events wait; the eldest is lost to it", hook);
    return err->code == SITUS_NONE;
}

bool hook_store_add(struct database *db, const struct serve_hooks *hooks, const char *replica,
                    int64_t number, struct situs_err *err)
{
    bool ok = true;
    for (size_t i = 0; hooks && ok && i < hooks->n; i++)
        ok = database_ask(db, err,
                          "INSERT INTO situs_hook (hook, replica, number) VALUES ($1, $2, $3)",
                          hooks->v[i].name, replica, TEXT_NUM(number), NULL);
    return ok;
}

bool hook_store_bound(struct database *db, const struct serve_hooks *hooks, const char *replica,
                      uint64_t lost[SERVE_HOOKS], struct situs_err *err)
{
    bool ok = true;
    for (size_t i = 0; hooks && ok && i < hooks->n; i++)
        ok = bound(db, hooks->v[i].name, replica, &lost[i], err);
    return ok;
}

static int64_t number(struct database *db, int column)
{
    return strtoll(database_column(db, column), NULL, 10);
}

static void text(char to[EVENT_JWT_NAME], struct database *db, int column)
{
    snprintf(to, EVENT_JWT_NAME, "%s", database_column(db, column));
}

/* whose is the side that a reason is on. */
static const char *whose(const char *reason)
{
    int i = 0;
    while (i < CONTINUITY_REASONS &&
           strcmp(continuity_reason_word((enum continuity_reason)i), reason) != 0)
        i++;
    return i < CONTINUITY_REASONS ? continuity_reason_whose((enum continuity_reason)i) : "";
}

static void read_event(struct database *db, struct event_jwt *e, int64_t *waiting)
{
    e->number = number(db, 0);
    text(e->machine, db, 1);
    e->at = number(db, 2);
    text(e->event, db, 3);
    if (strcmp(database_column(db, 4), continuity_reason_word(CONTINUITY_NO_REASON)) != 0) {
        text(e->reason, db, 4);
        snprintf(e->whose, sizeof e->whose, "%s", whose(e->reason));
    }
    e->span = number(db, 5);
    e->previous = number(db, 6);
    *waiting = number(db, 7);
}

bool hook_store_next(struct database *db, const char *hook, const char *replica,
                     struct event_jwt *event, int64_t *waiting, struct situs_err *err)
{
    *event = (struct event_jwt){.number = 0};
    *waiting = 0;
    if (!database_ask(db, err,
                      "SELECT h.number, e.machine, e.at, e.event, e.reason, e.span, "
                      "COALESCE((SELECT MAX(p.number) FROM situs_event p WHERE p.machine = "
                      "e.machine AND p.number < e.number), 0), (SELECT COUNT(*) FROM situs_hook w "
                      "WHERE w.hook = $1 AND w.replica = $2) FROM situs_hook h JOIN situs_event e "
                      "ON e.number = h.number WHERE h.hook = $1 AND h.replica = $2 ORDER BY "
                      "h.number LIMIT 1",
                      hook, replica, NULL))
        return false;
    if (database_next(db, err))
        read_event(db, event, waiting);
    return err->code == SITUS_NONE;
}

bool hook_store_done(struct database *db, const char *hook, const char *replica, int64_t number,
                     struct situs_err *err)
{
    return database_ask(db, err,
                        "DELETE FROM situs_hook WHERE hook = $1 AND replica = $2 AND number = $3",
                        hook, replica, TEXT_NUM(number), NULL);
}
