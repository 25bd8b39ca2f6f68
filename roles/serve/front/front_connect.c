/*
 * POST /v1/connect: the service asks an attester itself. N is the keeper's, the key that of the handshake, the round trip
 * measured here. DESIGN: front, 8.
 */
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"

#include <stdio.h>

#define EVIDENCE_DOES_NOT_PARSE 2 /* of frame/exits.def */

/* failed is the one answer for an attester that cannot be reached, refuses, or sends something else. */
static void failed(struct front_call *c)
{
    front_refuse(c, FRONT_attester, "target", "evidence of an attester", "none");
}

static void appraised(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    if (a->exit == EVIDENCE_DOES_NOT_PARSE)
        failed(c);
    else
        front_v1_appraised(c, a, t);
}

static void answered(struct front_call *c, const struct dial_answer *a, int bundle)
{
    if (!a->ok) {
        failed(c);
        return;
    }
    c->ask.kind = TALK_APPRAISE;
    c->ask.channel_size = a->channel_size;
    c->ask.round_trip_us = a->round_trip_us;
    memcpy(c->ask.channel, a->channel, a->channel_size);
    c->evidence = bundle;
    front_keeper_ask(&c->front->keeper, c, appraised);
}

static void challenged(struct front_call *c, const struct talk_answer *a,
                       const struct front_texts *t)
{
    struct front *f = c->front;
    (void)t;
    memcpy(c->ask.session, a->session, sizeof c->ask.session);
    const struct front_dialled to = {c->target, span_of(a->nonce, a->nonce_size), FRONT_DIAL_MS, c};
    if (!front_dial(&f->dials, &f->setup.dial, &to, answered))
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
}

void front_v1_connect(struct front_call *c)
{
    struct front_request r = {0};
    struct situs_err err = {0};
    struct front *f = c->front;
    if (!front_request_connect(&r, c->http->body, &err)) {
        front_refuse_err(c, &err);
        return;
    }
    int target = dial_config_find(&f->setup.dial, span_text(r.target));
    int64_t wait = target < 0 ? 0 : front_dial_take(&f->dials, &f->setup.dial, (size_t)target, c);
    if (target < 0) {
        front_refuse(c, FRONT_target, "target", "a target of the configuration", r.target);
    } else if (wait < 0) {
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    } else if (wait > 0) {
        front_refuse(c, FRONT_rate, "target", "one that was not asked just now", r.target);
    } else {
        c->target = (size_t)target;
        c->ask = r.ask;
        c->ask.kind = TALK_CHALLENGE;
        c->ask.want_token = front_v1_wants_token(c);
        front_keeper_ask(&f->keeper, c, challenged);
    }
}
