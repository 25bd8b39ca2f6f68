/* JSON of a policy; see policy_json.h. */
#include "verifier/policy_json.h"

#include "base/text.h"
#include "model/policy_weak.h"

static void put_image(struct json_out *o, struct span name, const struct closed *c)
{
    json_out_object(o);
    json_out_pair_text(o, "name", name);
    json_out_pair_text(o, "closed_by", c->by);
    json_out_name(o, "not_stated");
    json_out_array(o);
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        if (!(c->stated >> i & 1))
            json_out_string(o, closed_key((enum closed_point)i));
    json_out_close(o);
    json_out_close(o);
}

static void put_list(struct json_out *o, enum param_type type, const struct param_value *v)
{
    json_out_array(o);
    for (size_t i = 0; i < v->n; i++)
        if (type == PARAM_IS_NUMS)
            json_out_num(o, v->nums[i]);
        else if (type == PARAM_IS_WORDS)
            json_out_text(o, v->words[i]);
        else if (type == PARAM_IS_REFERENCES)
            put_image(o, v->references[i].name, &v->references[i].closed);
        else
            put_image(o, v->hosts[i].name, &v->hosts[i].closed);
    json_out_close(o);
}

static void put_platform(struct json_out *o, const struct platform_statement *s)
{
    json_out_object(o);
    json_out_pair_text(o, "by", s->by);
    json_out_name(o, "banks");
    json_out_array(o);
    for (unsigned h = 0; h < HASH_COUNT; h++)
        if (s->banks >> h & 1)
            json_out_string(o, hash_name((enum hash)h));
    json_out_close(o);
    json_out_pair_bool(o, "firmware_first", s->firmware_first);
    json_out_pair_bool(o, "all_banks_extended", s->all_banks_extended);
    json_out_close(o);
}

static void put_value(struct json_out *o, enum param_type type, const struct param_value *v)
{
    if (!v->given)
        json_out_null(o);
    else if (type == PARAM_IS_FLAG)
        json_out_bool(o, v->flag);
    else if (type == PARAM_IS_NUM)
        json_out_num(o, v->num);
    else if (type == PARAM_IS_HEX)
        json_out_hex(o, v->hex);
    else if (type == PARAM_IS_PLATFORM)
        put_platform(o, v->platform);
    else
        put_list(o, type, v);
}

static void put_params(const struct policy *p, struct json_out *o)
{
    json_out_name(o, "parameters");
    json_out_array(o);
    for (enum param id = 0; id < PARAM_COUNT; id++) {
        const struct param_row *row = param_row(id);
        json_out_object(o);
        json_out_pair_string(o, "check", check_row(row->check)->id);
        json_out_pair_string(o, "key", row->key);
        json_out_name(o, "value");
        put_value(o, row->type, &p->v[id]);
        json_out_pair_bool(o, "stated", p->stated[id]);
        json_out_pair_string(o, "sentence", row->sentence);
        json_out_close(o);
    }
    json_out_close(o);
}

static void put_require(const struct policy *p, struct json_out *o)
{
    json_out_name(o, "require");
    json_out_array(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (p->require & proof)
            json_out_string(o, proof_name(proof));
    json_out_close(o);
}

static void put_warnings(const struct policy *p, struct json_out *o)
{
    const char *weak[POLICY_WEAK_MAX];
    size_t n = policy_weak(p, weak);
    json_out_name(o, "warnings");
    json_out_array(o);
    for (size_t i = 0; i < n; i++)
        json_out_string(o, weak[i]);
    json_out_close(o);
}

void policy_json(const struct policy *p, struct json_out *o)
{
    static const char *const scenarios[] = {"none", "managed", "bare-metal"};
    json_out_object(o);
    json_out_pair_text(o, "policy", span_cut(span_text(p->name), 0, strnlen(p->name, 100)));
    json_out_pair_hex(o, "sha256", SPAN_ARR(p->sha256));
    json_out_pair_string(o, "scenario", scenarios[p->scenario]);
    json_out_pair_bool(o, "simulated", p->simulated);
    put_require(p, o);
    put_params(p, o);
    put_warnings(p, o);
    json_out_close(o);
}

void policy_json_anchors(const struct trust *trust, struct json_out *o)
{
    json_out_array(o);
    for (size_t i = 0; i < trust->n; i++) {
        const struct anchor *a = &trust->anchors[i];
        json_out_object(o);
        json_out_pair_string(o, "name", a->name);
        json_out_pair_hex(o, "sha256", SPAN_ARR(a->sha256));
        json_out_name(o, "for");
        json_out_array(o);
        for (unsigned use = 1; use <= a->uses; use <<= 1)
            if (a->uses & use)
                json_out_string(o, trust_use_name((enum anchor_use)use));
        json_out_close(o);
        if (a->profile)
            json_out_pair_string(o, "profile", ak_profile_name(a->profile));
        json_out_pair_bool(o, "builtin", a->builtin);
        json_out_pair_bool(o, "simulated", a->simulated);
        json_out_close(o);
    }
    json_out_close(o);
}
