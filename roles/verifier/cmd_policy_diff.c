/* situs policy diff: what one policy demands and the other does not. */
#include "base/limits.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/policy_diff.h"
#include "situs/door.h"

#include <stdlib.h>

#define DIFF_ROOM (4 * LIMIT_POLICY)

static const struct {
    const char *heading, *member;
} kinds[POLICY_DIFFS] = {
    [POLICY_ONLY_SECOND] = {"only the second demands:", "only_second"},
    [POLICY_ONLY_FIRST] = {"only the first demands:", "only_first"},
    [POLICY_DIFFERS] = {"they differ, and neither demands more:", "differ"},
};

/* next_line takes the first line, without its end, off lines; false: there is none. */
static bool next_line(struct span *lines, struct span *one)
{
    const uint8_t *end = lines->n ? memchr(lines->p, '\n', lines->n) : NULL;
    if (!end)
        return false;
    *one = span_cut(*lines, 0, (size_t)(end - lines->p));
    *lines = span_cut(*lines, one->n + 1, lines->n - one->n - 1);
    return true;
}

static void tell(enum policy_diff kind, struct span lines)
{
    struct span one;
    if (lines.n)
        out_print("%s\n", kinds[kind].heading);
    while (next_line(&lines, &one)) {
        out_print("  ");
        out_bytes(one);
        out_print("\n");
    }
}

static void tell_json(struct json_out *o, enum policy_diff kind, struct span lines)
{
    struct span one;
    json_out_name(o, kinds[kind].member);
    json_out_array(o);
    while (next_line(&lines, &one))
        json_out_text(o, one);
    json_out_close(o);
}

/* compare tells kind by kind, in room for the lines of one and in room for JSON (of no size: text). */
static bool compare(const struct policy *a, const struct policy *b, struct wr *w, struct wr *json,
                    size_t *n)
{
    struct json_out o = json_out_new(json, false);
    json_out_object(&o);
    for (unsigned kind = 0; kind < POLICY_DIFFS && wr_ok(w); kind++) {
        w->n = 0;
        *n += policy_diff(a, b, (enum policy_diff)kind, w);
        if (json->size)
            tell_json(&o, (enum policy_diff)kind, wr_span(w));
        else if (wr_ok(w))
            tell((enum policy_diff)kind, wr_span(w));
    }
    json_out_pair_bool(&o, "same", *n == 0);
    json_out_close(&o);
    return wr_ok(w) && (!json->size || json_out_end(&o));
}

static int print(const struct policy *a, const struct policy *b, bool json)
{
    size_t n = 0;
    char *text = malloc(3 * DIFF_ROOM);
    struct wr w = wr_new(text, text ? DIFF_ROOM : 0);
    struct wr j = wr_new(text ? text + DIFF_ROOM : NULL, text && json ? 2 * DIFF_ROOM : 0);
    bool ok = text && compare(a, b, &w, &j, &n);
    if (!ok)
        out_error("the differences do not fit their memory");
    else if (json)
        out_written(&j, true);
    free(text);
    return !ok ? EXIT_USAGE : n ? EXIT_DIFFERS : EXIT_GOOD;
}

command_function cmd_policy_diff;
int cmd_policy_diff(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {own, options, 1, 2, 2};
    struct words operands = {.n = 0};
    struct loaded_policy a = {0}, b = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (load_policy(&a, operands.v[0]) && load_policy(&b, operands.v[1]))
        exit = print(&a.policy->policy, &b.policy->policy, json);
    load_policy_free(&a);
    load_policy_free(&b);
    return exit;
}
