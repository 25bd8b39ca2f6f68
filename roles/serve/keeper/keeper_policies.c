/* What there is to choose from: the policies, as JSON; see keeper.h. */
#include "serve/keeper/keeper.h"

#include "codec/json_out.h"
#include "model/policy.h"

#include <stdlib.h>
#include <string.h>

#define POLICIES_MAX (64 * 1024)

static void one(struct json_out *o, const struct serve_world *w, size_t i)
{
    const struct serve_policy *p = &w->config.policies[i];
    json_out_object(o);
    json_out_pair_string(o, "name", p->name);
    json_out_pair_bool(o, "default",
                       w->config.default_policy && strcmp(p->name, w->config.default_policy) == 0);
    json_out_pair_bool(o, "simulated", w->loaded[i].simulated);
    json_out_pair_bool(o, "signs", p->key != NULL);
    json_out_name(o, "require");
    json_out_array(o);
    for (unsigned proof = 1; proof <= PROOF_ALL; proof <<= 1)
        if (w->loaded[i].require & proof)
            json_out_string(o, proof_name(proof));
    json_out_close(o);
    json_out_close(o);
}

int keeper_policies(const struct keeper *k)
{
    uint8_t *text = malloc(POLICIES_MAX);
    struct wr w = wr_new(text, text ? POLICIES_MAX : 0);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_name(&o, "policies");
    json_out_array(&o);
    for (size_t i = 0; i < k->world->config.n; i++)
        one(&o, k->world, i);
    json_out_close(&o);
    json_out_close(&o);
    int fd = json_out_end(&o) ? talk_memory(text, w.n) : -1;
    free(text);
    return fd;
}
