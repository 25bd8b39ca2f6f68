/* situs policy check: is the policy well formed, and what of it is weak? A misspelt key is an
 * error, never ignored; a weakness is a warning. */
#include "base/text.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "frame/place.h"
#include "model/policy_weak.h"
#include "situs/door.h"
#include "verifier/policy_places.h"

#include <stdlib.h>

#define REFUSED_ROOM (256 * 1024)

static void print(const struct policy *p, bool json)
{
    const char *weak[POLICY_WEAK_MAX];
    size_t n = policy_weak(p, weak);
    if (!json) {
        out_print("ok: %s\n", p->name);
        for (size_t i = 0; i < n; i++)
            out_note("warning: %s", weak[i]);
        return;
    }
    char buffer[8192];
    struct wr w = wr_new(buffer, sizeof buffer);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_bool(&o, "ok", true);
    json_out_pair_text(&o, "policy", span_cut(span_text(p->name), 0, strnlen(p->name, 100)));
    json_out_pair_hex(&o, "sha256", SPAN_ARR(p->sha256));
    json_out_name(&o, "require");
    json_out_array(&o);
    for (unsigned bit = 1; bit <= p->require; bit <<= 1)
        if (p->require & bit)
            json_out_string(&o, proof_name(bit));
    json_out_close(&o);
    json_out_name(&o, "warnings");
    json_out_array(&o);
    for (size_t i = 0; i < n; i++)
        json_out_string(&o, weak[i]);
    json_out_close(&o);
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
}

/* Why a policy does not load, and what of it a person has yet to fill in. */
static void print_refused(const char *name, struct span text, const struct situs_err *why)
{
    char *buffer = malloc(REFUSED_ROOM);
    struct wr w = wr_new(buffer, buffer ? REFUSED_ROOM : 0);
    struct json_out o = json_out_new(&w, false);
    struct place place = place_find(text, why);
    json_out_object(&o);
    json_out_pair_bool(&o, "ok", false);
    json_out_pair_text(&o, "policy", span_cut(span_text(name), 0, strnlen(name, 100)));
    json_out_name(&o, "error");
    json_out_object(&o);
    json_out_pair_string(&o, "code", situs_code_name(why->code));
    json_out_pair_string(&o, "field", why->field);
    if (place.line) {
        json_out_pair_num(&o, "line", (int64_t)place.line);
        json_out_pair_num(&o, "column", (int64_t)place.column);
    }
    json_out_pair_string(&o, "expected", why->expected);
    json_out_pair_string(&o, "got", why->got);
    json_out_pair_string(&o, "hint", why->hint[0] ? why->hint : situs_code_hint(why->code));
    json_out_close(&o);
    json_out_name(&o, "empty");
    policy_places_json(text, &o);
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
    free(buffer);
}

command_function cmd_policy_check;
int cmd_policy_check(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    struct loaded_policy policy = {0};
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    exit = EXIT_USAGE;
    if (load_policy(&policy, path)) {
        print(&policy.policy->policy, json);
        exit = EXIT_GOOD;
    } else if (json) {
        print_refused(path, file_span(&policy.file), &policy.why);
    } else {
        policy_places_say(file_span(&policy.file));
    }
    load_policy_free(&policy);
    return exit;
}
