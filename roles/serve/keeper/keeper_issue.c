/* Whether a policy can be served, and N under it; see keeper.h. */
#include "serve/keeper/keeper.h"

#include <stdio.h>

bool keeper_is_ready(struct keeper *k, int policy, int64_t at, struct talk_answer *answer)
{
    struct keeper_ready *r = &k->ready[policy];
    if (r->at != at) {
        r->why = (struct situs_err){.code = SITUS_NONE};
        r->ok = serve_load_current(&k->terms[policy], at, &r->why) &&
                keeper_store_current(&k->store, (size_t)policy, &r->why);
        r->at = at;
    }
    if (r->ok)
        return true;
    answer->status = TALK_NOT_READY;
    answer->retry_after = 60;
    keeper_say(answer, &r->why);
    return false;
}

bool keeper_issue(struct keeper *k, int policy, struct keeper_session *s, int64_t at,
                  struct talk_answer *answer)
{
    const uint8_t *sha256 = k->world->loaded[policy].sha256;
    const char *own = k->world->config.replica;
    char text[TALK_SESSION];
    s->t = (uint32_t)(k->clock.steady() / 1000);
    answer->until = at + KEEPER_NONCE_SECONDS;
    if (!keeper_nonce_policy(k->world->config.policies[policy].name, sha256, s->policy) ||
        (!s->taken && !keeper_nonce_mint(&k->nonce, s, sha256)) ||
        !keeper_nonce_of(&k->nonce, s, sha256, answer->nonce) ||
        !keeper_nonce_write(&k->nonce, s, text) ||
        snprintf(answer->session, sizeof answer->session, "%s%s%s", own, own[0] ? "." : "", text) >=
            TALK_SESSION)
        return false;
    answer->nonce_size = s->size;
    return true;
}
