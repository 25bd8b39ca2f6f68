/* situs trust show: the anchors of a trust file, what each counts for, and where facilities are. */
#include "base/limits.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/trust_places.h"
#include "model/trust_verifiers.h"
#include "situs/door.h"
#include "verifier/policy_json.h"

#include <stdlib.h>

#define SHOW_ROOM (2 * LIMIT_TRUST)

static void print_anchor(const struct anchor *a)
{
    out_print("%s%s%s\n  for:", TEXT_CUT(span_text(a->name)), a->builtin ? " (built in)" : "",
              a->simulated ? " (SIMULATED)" : "");
    for (unsigned use = 1; use <= a->uses; use <<= 1)
        if (a->uses & use)
            out_print(" %s", trust_use_name((enum anchor_use)use));
    if (a->profile)
        out_print(", certificates of %s", ak_profile_name(a->profile));
    out_print("\n  SHA-256 %s\n", TEXT_HEX(SPAN_ARR(a->sha256)));
}

static void print_places(const struct trust *t)
{
    if (t->n_places)
        out_print("places, by the word of whoever wrote this file\n");
    for (size_t i = 0; i < t->n_places; i++) {
        const struct trust_place *p = &t->places[i];
        out_print("  %s%s%s: %s", TEXT_CUT(p->anchor), p->anchor.n ? "=" : "",
                  TEXT_CUT(p->facility), p->name);
        out_print(p->country[0] ? ", country %s\n" : ", country not said%s\n", p->country);
    }
}

static void write_places(const struct trust *t, struct json_out *o)
{
    json_out_array(o);
    for (size_t i = 0; i < t->n_places; i++) {
        const struct trust_place *p = &t->places[i];
        json_out_object(o);
        if (p->anchor.n)
            json_out_pair_text(o, "anchor", p->anchor);
        json_out_pair_text(o, "facility", p->facility);
        json_out_pair_string(o, "name", p->name);
        if (p->country[0])
            json_out_pair_string(o, "country", p->country);
        json_out_close(o);
    }
    json_out_close(o);
}

static void print_verifiers(const struct trust *t)
{
    for (size_t i = 0; i < t->n_verifiers; i++) {
        const struct trust_verifier *v = &t->verifiers[i];
        out_print("%s (another verifier)%s\n  issuer %s\n", v->anchor.name,
                  v->anchor.simulated ? " (SIMULATED)" : "", TEXT_CUT(v->issuer));
        for (size_t k = 0; k < v->n_keys; k++)
            out_print("  key %s\n", TEXT_CUT(v->keys[k].kid));
    }
}

static void write_verifiers(const struct trust *t, struct json_out *o)
{
    json_out_array(o);
    for (size_t i = 0; i < t->n_verifiers; i++) {
        const struct trust_verifier *v = &t->verifiers[i];
        json_out_object(o);
        json_out_pair_string(o, "name", v->anchor.name);
        json_out_pair_text(o, "issuer", v->issuer);
        json_out_name(o, "keys");
        json_out_array(o);
        for (size_t k = 0; k < v->n_keys; k++)
            json_out_text(o, v->keys[k].kid);
        json_out_close(o);
        json_out_pair_bool(o, "simulated", v->anchor.simulated);
        json_out_close(o);
    }
    json_out_close(o);
}

static int print_json(const struct trust *t)
{
    void *text = malloc(SHOW_ROOM);
    struct wr w = wr_new(text, text ? SHOW_ROOM : 0);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_name(&o, "anchors");
    policy_json_anchors(t, &o);
    json_out_name(&o, "places");
    write_places(t, &o);
    json_out_name(&o, "verifiers");
    write_verifiers(t, &o);
    json_out_close(&o);
    int exit =
        out_report(text, json_out_end(&o) && text ? w.n : SHOW_ROOM, SHOW_ROOM, true, EXIT_GOOD);
    free(text);
    return exit;
}

static int show(void *json, const struct situs_trust *trust)
{
    const struct trust *t = &trust->trust;
    if (*(const bool *)json)
        return print_json(t);
    for (size_t i = 0; i < t->n; i++)
        print_anchor(&t->anchors[i]);
    print_places(t);
    print_verifiers(t);
    return EXIT_GOOD;
}

command_function cmd_trust_show;
int cmd_trust_show(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {own, options, 1, 0, 1};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    return load_with_trust(operands.n ? operands.v[0] : NULL, show, &json);
}
