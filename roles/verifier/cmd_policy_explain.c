/* situs policy explain: what a policy demands, and the trust anchors in force, on one screen;
 * without a policy, the presets. */
#include "base/limits.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/policy_weak.h"
#include "situs/door.h"
#include "verifier/policy_json.h"

#include <stdlib.h>

#define EXPLAIN_ROOM (4 * LIMIT_POLICY)
#define BRIEF_LINES 20 /* of 24; anchors, warnings, and where to read more have the others */

static void print_uses(const struct anchor *a)
{
    for (unsigned use = 1; use <= a->uses; use <<= 1)
        if (a->uses & use)
            out_print(" %s", trust_use_name((enum anchor_use)use));
    if (a->profile)
        out_print(", profile %s", ak_profile_name(a->profile));
}

static void print_anchors(const struct trust *trust)
{
    out_print("\ntrust anchors (SHA-256 of the certificate, name, what it counts for):\n");
    for (size_t i = 0; i < trust->n; i++) {
        const struct anchor *a = &trust->anchors[i];
        out_print("  %s  %s, for:", TEXT_HEX(SPAN_ARR(a->sha256)), TEXT_CUT(span_text(a->name)));
        print_uses(a);
        out_print("%s%s\n", a->builtin ? " (built in)" : "", a->simulated ? " (SIMULATED)" : "");
    }
}

/* Who can end a chain, in one line each of two. */
static void print_trusted(const struct trust *trust)
{
    char text[4096] = "";
    struct wr w = wr_new(text, sizeof text - 1);
    wr_format(&w, "trusts %zu anchors: ", trust->n);
    for (size_t i = 0; i < trust->n; i++)
        wr_format(&w, "%s%s", i ? ", " : "", TEXT_CUT(span_text(trust->anchors[i].name)));
    bool fits = wr_ok(&w) && w.n <= 79;
    out_print("%.*s%s\n", fits ? 79 : 76, text, fits ? "" : "...");
}

static void print_brief(const struct policy *p, const struct trust *trust)
{
    const char *weak[POLICY_WEAK_MAX];
    char text[BRIEF_LINES * 81];
    struct wr w = wr_new(text, sizeof text);
    size_t n = policy_weak(p, weak);
    policy_explain_brief(p, BRIEF_LINES, &w);
    out_written(&w, false);
    print_trusted(trust);
    if (n)
        out_print("%zu words are weak: \"situs policy check\" says which\n", n);
    out_print("--all prints every check, every parameter and every anchor\n");
}

static bool write_json(const struct policy *p, const struct trust *trust, struct wr *w)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    if (p) {
        json_out_name(&o, "policy");
        policy_json(p, &o);
    }
    json_out_name(&o, "anchors");
    policy_json_anchors(trust, &o);
    json_out_close(&o);
    wr_text(w, "\n");
    return json_out_end(&o);
}

/* The whole of it; p NULL: the anchors alone, in JSON. */
static int print_whole(const struct policy *p, const struct trust *trust, bool json)
{
    char *text = malloc(EXPLAIN_ROOM);
    struct wr w = wr_new(text, text ? EXPLAIN_ROOM : 0);
    bool ok = true;
    if (json)
        ok = write_json(p, trust, &w);
    else
        policy_explain(p, &w);
    ok = ok && text && wr_ok(&w);
    if (ok)
        out_written(&w, false);
    else
        out_error("the explanation does not fit its memory");
    free(text);
    if (ok && !json)
        print_anchors(trust);
    return ok ? EXIT_GOOD : EXIT_USAGE;
}

static int print_presets(const struct trust *trust)
{
    out_print("presets:");
    for (size_t i = 0; policy_preset_name(i); i++)
        out_print(" %s", policy_preset_name(i));
    out_print("\n\"situs policy explain PRESET\" says what one demands.\n");
    print_anchors(trust);
    return EXIT_GOOD;
}

struct asked {
    const char *policy; /* NULL: none */
    bool all, json;
};

static int print(const struct policy *p, const struct trust *trust, const struct asked *a)
{
    if (a->json || (p && a->all))
        return print_whole(p, trust, a->json);
    if (!p)
        return print_presets(trust);
    print_brief(p, trust);
    return EXIT_GOOD;
}

static int explain(void *asked, const struct situs_trust *trust)
{
    const struct asked *a = asked;
    struct loaded_policy policy = {0};
    int exit = EXIT_USAGE;
    if (!a->policy || load_policy(&policy, a->policy))
        exit = print(a->policy ? &policy.policy->policy : NULL, &trust->trust, a);
    load_policy_free(&policy);
    return exit;
}

command_function cmd_policy_explain;
int cmd_policy_explain(const struct command *own, int argc, char **argv)
{
    const char *trust = NULL;
    struct asked asked = {.policy = NULL};
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &trust, "trust anchors (default: built in)"),
        OPTION_FLAG("all", 'a', &asked.all, "every check, parameter and anchor"),
        OPTION_JSON(&asked.json)};
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 1};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    asked.policy = operands.n ? operands.v[0] : NULL;
    return load_with_trust(trust, explain, &asked);
}
