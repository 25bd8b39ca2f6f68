/* situs policy check: is the policy well formed, and what of it is weak? A misspelt key is an
 * error, never ignored; a weakness is a warning. */
#include "base/text.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/policy_weak.h"
#include "situs/door.h"
#include "verifier/policy_places.h"

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
    out_bytes(json_out_end(&o) ? wr_span(&w) : span_of(NULL, 0));
    out_print("\n");
}

command_function cmd_policy_check;
int cmd_policy_check(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {own, options, 1, 1, 1};
    struct words operands = {.n = 0};
    struct loaded_policy policy = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (load_policy(&policy, operands.v[0])) {
        print(&policy.policy->policy, json);
        exit = EXIT_GOOD;
    } else {
        policy_places_say(file_span(&policy.file));
    }
    load_policy_free(&policy);
    return exit;
}
