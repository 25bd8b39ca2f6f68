/* situs doctor: what can this machine attest, what is missing, and how is it mended? And --closed:
 * what it has, seen from inside, against a statement that it is closed. */
#include "base/text.h"
#include "codec/json_out.h"
#include "doctor/attest_look.h"
#include "doctor/closed_look.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <string.h>

#define JSON_ROOM 16384
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

static bool has_td(const struct sight *s)
{
    return good(s, "td.quotes");
}

static bool has_tpm(const struct sight *s)
{
    return good(s, "tpm.version") && good(s, "tpm.device") && good(s, "tpm.ak");
}

static void print_sight(const struct sight *s, bool asked)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct attest_finding *f = &s->found[i];
        out_print("%-7s %-18s %s: %s\n", attest_look_state(f->state), f->id, f->what, f->got);
        if (f->hint)
            out_print("%26s -> %s\n", "", f->hint);
    }
    out_print("\nevidence of a TD: %s\n", has_td(s) ? "yes" : "no");
    out_print("evidence of a TPM: %s\n", has_tpm(s) ? "yes" : "no");
    if (has_tpm(s) && !asked)
        out_print("The TPM was not asked for its keys: --tcti device:/dev/tpmrm0\n");
}

static bool print_sight_json(const struct sight *s)
{
    static char text[JSON_ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_bool(&o, "td", has_td(s));
    json_out_pair_bool(&o, "tpm", has_tpm(s));
    json_out_name(&o, "probes");
    json_out_array(&o);
    for (size_t i = 0; i < s->n; i++) {
        const struct attest_finding *f = &s->found[i];
        json_out_object(&o);
        json_out_pair_string(&o, "id", f->id);
        json_out_pair_string(&o, "state", attest_look_state(f->state));
        json_out_pair_string(&o, "what", f->what);
        json_out_pair_string(&o, "got", f->got);
        if (f->hint)
            json_out_pair_string(&o, "hint", f->hint);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_close(&o);
    wr_text(&w, "\n");
    if (!json_out_end(&o))
        return false;
    out_bytes(wr_span(&w));
    return true;
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
    if (!json)
        print_sight(&s, tcti != NULL);
    else if (!print_sight_json(&s))
        return EXIT_USAGE;
    return has_td(&s) || has_tpm(&s) ? EXIT_GOOD : EXIT_REFUSED;
}

static void print_text(const struct closed_sight *v, const size_t count[LOOKS])
{
    static const char *const words[LOOKS] = {"  ?  ", "  -  ", "OPEN "};
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        out_print("%s %-18s %s\n", words[v[i].look], closed_key((enum closed_point)i), v[i].what);
    out_print("%zu open, %zu with nothing seen against, %zu that cannot be seen from inside (?)\n",
              count[LOOK_OPEN], count[LOOK_CLEAR], count[LOOK_BLIND]);
    out_print(
        "Nothing here proves a point: who builds the image states it. docs/guides/operator.md\n");
}

static bool print_json(const struct closed_sight *v)
{
    static char text[JSON_ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_name(&o, "closed");
    json_out_array(&o);
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        json_out_object(&o);
        json_out_pair_string(&o, "point", closed_key((enum closed_point)i));
        json_out_pair_string(&o, "look", closed_look_name(v[i].look));
        json_out_pair_string(&o, "what", v[i].what);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_close(&o);
    wr_text(&w, "\n");
    if (!json_out_end(&o))
        return false;
    out_bytes(wr_span(&w));
    return true;
}

static int look_for_closed(const char *root, bool json)
{
    struct closed_sight v[CLOSED_POINTS];
    size_t count[LOOKS] = {0};
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        v[i] = closed_look((enum closed_point)i, root);
        count[v[i].look]++;
    }
    if (!json)
        print_text(v, count);
    else if (!print_json(v))
        return EXIT_USAGE;
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
