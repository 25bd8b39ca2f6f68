/* What the keeper signs for the alliance's paths; see keeper.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"
#include "token/alliance_jwt.h"

#include <stdio.h>
#include <sys/random.h>

static int refuse(struct talk_answer *answer, enum talk_status status, const char *expected,
                  const char *got)
{
    answer->status = status;
    snprintf(answer->detail, sizeof answer->detail, "expected %s, got %s", expected, got);
    return -1;
}

/* failed says what is wrong with us, or with the time. */
static int failed(struct talk_answer *answer, const struct situs_err *err)
{
    answer->status = err->code == SITUS_EXPIRED ? TALK_NOT_READY : TALK_INTERNAL;
    keeper_say(answer, err);
    out_failure(err);
    return -1;
}

int keeper_alliance(const struct keeper *k, struct keeper_job *job, struct talk_answer *answer)
{
    static char text[ALLIANCE_JWT_ANSWER];
    struct situs_err err = {0};
    const struct token_record *r = &job->run[0].record;
    const struct serve_config *c = &k->world->config;
    const struct keeper_issuer *i = &k->issuers[c->n];
    struct alliance_jwt_facts facts = {.issuer = i->issuer,
                                       .audience = c->alliance.audience,
                                       .moniker = c->moniker,
                                       .ends = k->terms[job->policy].valid.to};
    if (r->machine_size == 0)
        return refuse(answer, TALK_NOT_GENUINE, "proof genuine", r->check[0] ? r->check : "none");
    if (job->want_token && !r->listed)
        return refuse(answer, TALK_NOT_LISTED, "a machine of the list", "another");
    if (job->want_token &&
        getrandom(job->token_id, sizeof job->token_id, 0) != (ssize_t)sizeof job->token_id)
        return refuse(answer, TALK_INTERNAL, "random bytes", "none");
    memcpy(facts.id, job->token_id, sizeof facts.id);
    if (!(job->want_token ? alliance_jwt_write(i->key, r, &facts, text, &err)
                          : alliance_jwt_check(r, text, &err)))
        return failed(answer, &err);
    int fd = talk_memory(text, strlen(text));
    return fd != -1 ? fd : refuse(answer, TALK_INTERNAL, "memory", "none");
}
