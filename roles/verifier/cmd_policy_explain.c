/* situs policy explain: what a policy demands, and the trust anchors in force; without a policy,
 * the presets. */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "situs/door.h"

#include <stdlib.h>

#define EXPLAIN_ROOM (256 * 1024)

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

static int print_policy(const struct policy *p)
{
    char *text = malloc(EXPLAIN_ROOM);
    struct wr w = wr_new(text, text ? EXPLAIN_ROOM : 0);
    policy_explain(p, &w);
    bool ok = text && wr_ok(&w);
    if (ok)
        out_bytes(wr_span(&w));
    else
        out_error("the explanation does not fit its memory");
    free(text);
    return ok ? EXIT_GOOD : EXIT_USAGE;
}

static void print_presets(void)
{
    out_print("presets:");
    for (size_t i = 0; policy_preset_name(i); i++)
        out_print(" %s", policy_preset_name(i));
    out_print("\n\"situs policy explain PRESET\" says what one demands.\n");
}

command_function cmd_policy_explain;
int cmd_policy_explain(const struct command *own, int argc, char **argv)
{
    const char *trust_path = NULL;
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &trust_path, "trust anchors (default: built in)")};
    const struct args args = {own, options, 1, 0, 1};
    struct words operands = {.n = 0};
    struct loaded_policy policy = {0};
    struct loaded_trust trust = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (load_trust(&trust, trust_path) &&
        (operands.n == 0 || load_policy(&policy, operands.v[0]))) {
        exit = EXIT_GOOD;
        if (operands.n)
            exit = print_policy(&policy.policy->policy);
        else
            print_presets();
        print_anchors(&trust.trust->trust);
    }
    load_policy_free(&policy);
    load_trust_free(&trust);
    return exit;
}
