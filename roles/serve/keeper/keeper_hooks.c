/* Handing events over; see keeper_hooks.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"
#include "serve/keeper/hook_store.h"
#include "serve/world/backoff.h"

#include <sys/random.h>
#include <unistd.h>

#define LOST_MS 900000 /* after which an attempt of which nothing was heard is made anew */
#define BACKOFF 1000   /* milliseconds after the first attempt that failed */

static const struct serve_hooks *hooks_of(const struct keeper *k)
{
    return &k->world->config.machines.hooks;
}

/* later is when the next attempt is made; after: what the receiver asked for. */
static int64_t later(const struct keeper *k, unsigned tries, int64_t after)
{
    int64_t wait = backoff_wait(BACKOFF, tries);
    return k->clock.steady() + (wait > after ? wait : after);
}

/* event_of is an event, signed, as sealed memory; -1: it could not be. */
static int event_of(const struct keeper *k, const struct serve_hook *to, struct event_jwt *event)
{
    char text[EVENT_JWT_MAX];
    struct situs_err err = {0};
    const struct keeper_issuer *i = &k->issuers[to->policy];
    event->made = k->clock.highest;
    if (event_jwt_write(i->key, i->issuer, to->url, event, text, &err))
        return talk_memory(text, strlen(text));
    out_failure(&err);
    return -1;
}

/* hand gives an event to the supervisor; false: not now. */
static bool hand(struct keeper *k, size_t i, struct event_jwt *event)
{
    struct keeper_hook *h = &k->hooks.v[i];
    struct hook_ask ask = {.hook = (uint32_t)i};
    int fd = event_of(k, &hooks_of(k)->v[i], event);
    bool ok = fd != -1 && getrandom(&ask.id, sizeof ask.id, 0) == (ssize_t)sizeof ask.id &&
              ask.id != 0 && talk_send(k->supervisor, &ask, sizeof ask, &fd, 1);
    if (fd != -1)
        close(fd);
    if (ok) {
        h->id = ask.id;
        h->number = event->number;
        h->sent = k->clock.steady();
    } else {
        h->next = later(k, ++h->tries, 0);
    }
    return ok;
}

/* look finds what waits for one webhook. */
static void look(struct keeper *k, size_t i)
{
    struct keeper_hook *h = &k->hooks.v[i];
    struct situs_err err = {0};
    struct event_jwt event;
    int64_t on_record = k->machines.store.event;
    const char *name = hooks_of(k)->v[i].name, *replica = k->world->config.replica;
    if (!hook_store_next(&k->store.db, name, replica, &event, &h->waiting, &err))
        h->next = later(k, ++h->tries, 0);
    else if (event.number)
        hand(k, i, &event);
    else
        h->event = on_record + 1;
}

void keeper_hooks_turn(struct keeper *k)
{
    const struct keeper_machines *m = &k->machines;
    if (hooks_of(k)->n == 0 || !m->claimed || m->unmarked || k->supervisor == -1 || !k->store.up)
        return;
    for (size_t i = 0; i < hooks_of(k)->n; i++) {
        struct keeper_hook *h = &k->hooks.v[i];
        if (h->id && k->clock.steady() - h->sent > LOST_MS)
            h->id = 0;
        if (!h->id && k->clock.steady() >= h->next && h->event != m->store.event + 1)
            look(k, i);
    }
}

/* handed takes an event that was handed over off the record; where that fails it is handed over again. */
static void handed(struct keeper *k, size_t i)
{
    struct keeper_hook *h = &k->hooks.v[i];
    struct situs_err err = {0};
    if (k->store.up && !hook_store_done(&k->store.db, hooks_of(k)->v[i].name,
                                        k->world->config.replica, h->number, &err))
        out_failure(&err);
    h->handed++;
    h->tries = 0;
    h->next = 0;
    h->event = 0;
}

void keeper_hooks_told(struct keeper *k, const struct hook_told told[SERVE_HOOKS])
{
    for (size_t i = 0; i < hooks_of(k)->n; i++) {
        struct keeper_hook *h = &k->hooks.v[i];
        if (h->id == 0 || told[i].id != h->id)
            continue;
        h->id = 0;
        if (told[i].ok) {
            handed(k, i);
            continue;
        }
        h->failed++;
        h->next = later(k, ++h->tries, told[i].retry_after);
        out_error("webhook %s did not take event %lld; trying again in %lld s",
                  hooks_of(k)->v[i].name, (long long)h->number,
                  (long long)(h->next - k->clock.steady()) / 1000);
    }
}

void keeper_hooks_metrics(const struct keeper *k, struct wr *w)
{
    static const struct {
        const char *name, *type, *end, *help;
    } rows[] = {{"webhook_waiting", "gauge", "",
                 "Events that a webhook was not handed, when it was last looked."},
                {"webhook_handed", "counter", "_total", "Events that a webhook took."},
                {"webhook_failures", "counter", "_total", "Attempts that a webhook did not take."},
                {"webhook_lost", "counter", "_total",
                 "Events that are lost to a webhook, for too many waited."}};
    const struct serve_hooks *hooks = hooks_of(k);
    for (size_t row = 0; hooks->n && row < sizeof rows / sizeof *rows; row++) {
        wr_format(w, "# TYPE situs_%s %s\n# HELP situs_%s %s\n", rows[row].name, rows[row].type,
                  rows[row].name, rows[row].help);
        for (size_t i = 0; i < hooks->n; i++) {
            const struct keeper_hook *h = &k->hooks.v[i];
            const uint64_t values[] = {(uint64_t)h->waiting, h->handed, h->failed,
                                       k->machines.store.lost[i]};
            wr_format(w, "situs_%s%s{webhook=\"%s\"} %llu\n", rows[row].name, rows[row].end,
                      hooks->v[i].name, (unsigned long long)values[row]);
        }
    }
}
