/* Evidence on its way to the keeper, as sealed memory that nobody here reads. */
#include "serve/front/front_state.h"

#include <stdio.h>

void front_pass(struct front_call *c, enum talk_kind kind, struct span bytes,
                void (*answered)(struct front_call *c, const struct talk_answer *a,
                                 const struct front_texts *t))
{
    c->ask.kind = kind;
    c->evidence = talk_memory(bytes.p, bytes.n);
    if (c->evidence < 0)
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    else
        front_keeper_ask(&c->front->keeper, c, answered);
}

void front_appraise(struct front_call *c, struct span evidence, bool want_token,
                    void (*answered)(struct front_call *c, const struct talk_answer *a,
                                     const struct front_texts *t))
{
    c->ask.want_token = want_token;
    snprintf(c->policy, sizeof c->policy, "%s", c->ask.policy);
    front_pass(c, c->ask.kind == TALK_APPRAISE_KEPT ? TALK_APPRAISE_KEPT : TALK_APPRAISE, evidence,
               answered);
}
