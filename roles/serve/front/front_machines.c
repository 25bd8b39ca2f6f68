/* Watched machines; see front_machines.h. DESIGN: continuity. */
#include "serve/front/front_machines.h"

#include "base/text.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"
#include "wire/wire.h"

#define PAUSE 1000 /* milliseconds before one that failed begins anew */

void front_machines_new(struct front *f)
{
    struct front_machines *m = &f->machines;
    m->n = f->setup.watchers < FRONT_WATCHERS ? f->setup.watchers : FRONT_WATCHERS;
    for (size_t i = 0; i < m->n; i++)
        m->v[i].front = f;
}

/* over ends one round: the next begins at once where all went well. */
static void over(struct front_call *c, bool well)
{
    struct front_machines *m = &c->front->machines;
    size_t i = (size_t)(c - m->v);
    m->busy[i] = false;
    m->again[i] = well ? 0 : wire_now() + PAUSE;
}

static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)t;
    over(c, a->status == TALK_DONE);
}

/* nobody says that no answer came; asked: the attester was asked, and it is its own fault. */
static void nobody(struct front_call *c, bool asked)
{
    c->ask.kind = TALK_SILENT;
    c->ask.dialled = asked;
    c->ask.channel_size = 0;
    front_keeper_ask(&c->front->keeper, c, told);
}

/* appraised is what became of evidence. What the keeper did not take is no fault of the machine's, unless it was late. */
static void appraised(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    if (a->status == TALK_DONE || a->status == TALK_EXPIRED || a->status == TALK_NO_KEEPER)
        told(c, a, t);
    else
        nobody(c, false);
}

static void answered(struct front_call *c, const struct dial_answer *a, int bundle)
{
    if (!a->ok) {
        nobody(c, true);
        return;
    }
    c->ask.kind = TALK_APPRAISE;
    c->ask.dialled = 1;
    c->ask.channel_size = a->channel_size;
    c->ask.round_trip_us = a->round_trip_us;
    memcpy(c->ask.channel, a->channel, a->channel_size);
    c->evidence = bundle;
    front_keeper_ask(&c->front->keeper, c, appraised);
}

static void due(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    struct front *f = c->front;
    (void)t;
    if (a->status != TALK_DONE || a->target >= f->setup.dial.n || a->wait_ms <= 0) {
        over(c, false);
        return;
    }
    memcpy(c->ask.session, a->session, sizeof c->ask.session);
    const struct front_dialled to = {(size_t)a->target, span_of(a->nonce, a->nonce_size),
                                     a->wait_ms < FRONT_DIAL_MS ? a->wait_ms : FRONT_DIAL_MS, c};
    (void)front_dial_take(&f->dials, &f->setup.dial, to.target, c); /* others wait for it */
    if (!front_dial(&f->dials, &f->setup.dial, &to, answered))
        nobody(c, false);
}

void front_machines_turn(struct front *f)
{
    struct front_machines *m = &f->machines;
    for (size_t i = 0; i < m->n && f->keeper.fd >= 0; i++) {
        struct front_call *c = &m->v[i];
        if (m->busy[i] || wire_now() < m->again[i])
            continue;
        *c = (struct front_call){.front = f, .evidence = -1, .ask = {.kind = TALK_DUE}};
        m->busy[i] = true;
        front_keeper_ask(&f->keeper, c, due);
    }
}

static void machine(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)a;
    front_answer(c, 200, c->accepted, t->text[0], 0);
}

/* ask_of asks about a machine by its name, as it stands in a member of what was asked. */
static void ask_of(struct front_call *c, enum talk_kind kind, const char *member, struct span name)
{
    c->ask.kind = kind;
    if (name.n >= sizeof c->ask.machine) {
        front_refuse(c, FRONT_malformed, member, "63 letters at most", TEXT_BYTES(name.n));
        return;
    }
    memcpy(c->ask.machine, name.p ? (const char *)name.p : "", name.n);
    front_keeper_ask(&c->front->keeper, c, machine);
}

void front_fleet(struct front_call *c)
{
    ask_of(c, TALK_MACHINES, "after", http_query_get(&c->query, "after"));
}

void front_machine(struct front_call *c)
{
    ask_of(c, TALK_MACHINE, "name", span_text(c->part));
}

void front_events(struct front_call *c)
{
    struct span after = http_query_get(&c->query, "after");
    if (after.p && !text_number(after, 0, INT64_MAX, &c->ask.after))
        front_refuse(c, FRONT_malformed, "after", "the number of an event", TEXT_CUT(after));
    else
        ask_of(c, TALK_EVENTS, "name", span_text(c->part));
}
