/* situs policy diff: what one policy demands and the other does not. */
#include "base/limits.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/policy_diff.h"
#include "situs/door.h"

#include <stdlib.h>

#define DIFF_ROOM (4 * LIMIT_POLICY)

static int print(const struct policy *a, const struct policy *b)
{
    char *text = malloc(DIFF_ROOM);
    struct wr w = wr_new(text, text ? DIFF_ROOM : 0);
    size_t n = policy_diff(a, b, &w);
    bool ok = text && wr_ok(&w);
    if (ok)
        out_bytes(wr_span(&w));
    else
        out_error("the differences do not fit their memory");
    free(text);
    return !ok ? EXIT_USAGE : n ? EXIT_DIFFERS : EXIT_GOOD;
}

command_function cmd_policy_diff;
int cmd_policy_diff(const struct command *own, int argc, char **argv)
{
    const struct args args = {own, NULL, 0, 2, 2};
    struct words operands = {.n = 0};
    struct loaded_policy a = {0}, b = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (load_policy(&a, operands.v[0]) && load_policy(&b, operands.v[1]))
        exit = print(&a.policy->policy, &b.policy->policy);
    load_policy_free(&a);
    load_policy_free(&b);
    return exit;
}
