/* Does it run, can it serve? */
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"

void front_healthz(struct front_call *c)
{
    front_answer(c, 200, c->accepted, SPAN_LIT("ok\n"), 0);
}

static void ready(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)a;
    (void)t;
    front_answer(c, 200, c->accepted, SPAN_LIT("ready\n"), 0);
}

void front_readyz(struct front_call *c)
{
    struct situs_err err = {0};
    struct span policy = http_query_get(&c->query, "policy");
    c->ask.kind = TALK_READY;
    if (policy.p && !front_request_policy(&c->ask, policy, &err))
        front_refuse_err(c, &err);
    else
        front_keeper_ask(&c->front->keeper, c, ready);
}
