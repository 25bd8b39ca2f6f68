/* situs doctor: what can this machine attest, what is missing, and how is it mended? And --closed:
 * what it has, seen from inside, against a statement that it is closed. */
#include "doctor/attest_look.h"
#include "doctor/closed_look.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "frame/table.h"

#include <string.h>

#define PROBES 32

/* What was found of what situs attest needs. */
struct sight {
    struct attest_finding found[PROBES];
    size_t n;
};

static bool good(const struct sight *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->found[i].id, id) == 0)
            return s->found[i].state == STATE_GOOD;
    return true; /* not asked */
}

/* A paravisor reports by its TPM, which is asked where a TCTI is given. */
static bool has_td(const struct sight *s, bool asked)
{
    return good(s, "td.quotes") || (asked && good(s, "azure.report"));
}

static bool has_tpm(const struct sight *s)
{
    return good(s, "tpm.version") && good(s, "tpm.device") && good(s, "tpm.ak");
}

static bool print_sight(const struct sight *s, bool asked, bool json)
{
    struct table t = {.json = json};
    const struct table_cell has[] = {TABLE_BOOL("td", has_td(s, asked)),
                                     TABLE_BOOL("tpm", has_tpm(s))};
    table_begin(&t, has, sizeof has / sizeof *has, "probes");
    for (size_t i = 0; i < s->n; i++) {
        const struct attest_finding *f = &s->found[i];
        const char *state = attest_look_state(f->state);
        const struct table_cell row[] = {TABLE_TEXT(NULL, -7, " ", state),
                                         TABLE_TEXT("id", -18, " ", f->id),
                                         TABLE_TEXT("state", 0, NULL, state),
                                         TABLE_TEXT("what", 0, ": ", f->what),
                                         TABLE_TEXT("got", 0, "\n", f->got),
                                         TABLE_MAYBE("hint", 0, NULL, f->hint ? f->hint : "")};
        table_row(&t, row, sizeof row / sizeof *row);
        if (!json && f->hint)
            out_print("%26s -> %s\n", "", f->hint);
    }
    return table_end(&t);
}

static void print_sum(const struct sight *s, bool asked)
{
    out_print("\nevidence of a TEE: %s\n", has_td(s, asked) ? "yes" : "no");
    out_print("evidence of a TPM: %s\n", has_tpm(s) ? "yes" : "no");
    if (has_tpm(s) && !asked)
        out_print("The TPM was not asked for its keys: --tcti device:/dev/tpmrm0\n");
}

static int look_to_attest(const char *root, const char *tcti, bool json)
{
    struct sight s = {.n = 0};
    while (s.n < PROBES - ATTEST_TPM && attest_look(root, s.n, &s.found[s.n]))
        s.n++;
    if (tcti) {
        attest_look_tpm(tcti, &s.found[s.n]);
        s.n += ATTEST_TPM;
    }
    if (!print_sight(&s, tcti, json))
        return EXIT_USAGE;
    if (!json)
        print_sum(&s, tcti != NULL);
    return has_td(&s, tcti) || has_tpm(&s) ? EXIT_GOOD : EXIT_REFUSED;
}

static bool print_closed(const struct closed_sight *v, bool json)
{
    static const char *const words[LOOKS] = {"  ?  ", "  -  ", "OPEN "};
    struct table t = {.json = json};
    table_begin(&t, NULL, 0, "closed");
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        const struct table_cell row[] = {
            TABLE_TEXT(NULL, 0, " ", words[v[i].look]),
            TABLE_TEXT("point", -18, " ", closed_key((enum closed_point)i)),
            TABLE_TEXT("look", 0, NULL, closed_look_name(v[i].look)),
            TABLE_TEXT("what", 0, "\n", v[i].what)};
        table_row(&t, row, sizeof row / sizeof *row);
    }
    return table_end(&t);
}

static void print_count(const size_t count[LOOKS])
{
    out_print("%zu open, %zu with nothing seen against, %zu that cannot be seen from inside (?)\n",
              count[LOOK_OPEN], count[LOOK_CLEAR], count[LOOK_BLIND]);
    out_print(
        "Nothing here proves a point: who builds the image states it. docs/guides/operator.md\n");
}

static int look_for_closed(const char *root, bool json)
{
    struct closed_sight v[CLOSED_POINTS];
    size_t count[LOOKS] = {0};
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        v[i] = closed_look((enum closed_point)i, root);
        count[v[i].look]++;
    }
    if (!print_closed(v, json))
        return EXIT_USAGE;
    if (!json)
        print_count(count);
    return count[LOOK_OPEN] ? EXIT_REFUSED : EXIT_GOOD;
}

command_function cmd_doctor;
int cmd_doctor(const struct command *own, int argc, char **argv)
{
    bool closed = false, json = false;
    const char *root = NULL, *tcti = NULL;
    const struct option options[] = {
        OPTION_FLAG("closed", 0, &closed, "what speaks against a closed image, point by point"),
        OPTION_VALUE("root", 0, "DIR", &root, "look below DIR (default: this machine)"),
        OPTION_VALUE("tcti", 0, "TCTI", &tcti, "ask this TPM for its keys, as device:/dev/tpmrm0"),
        OPTION_JSON(&json)};
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (closed && tcti) {
        out_error("--closed does not ask a TPM");
        out_hint("leave out --tcti, or --closed to see what can be attested");
        return EXIT_USAGE;
    }
    root = root ? root : "";
    return closed ? look_for_closed(root, json) : look_to_attest(root, tcti, json);
}
