/* situs doctor: what this machine, seen from inside, has against a statement that it is closed. */
#include "base/text.h"
#include "codec/json_out.h"
#include "doctor/closed_look.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"

#define JSON_ROOM 16384

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

static int look(const char *root, bool json)
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
    const char *root = NULL;
    const struct option options[] = {
        OPTION_FLAG("closed", 0, &closed, "what speaks against a closed image, point by point"),
        OPTION_VALUE("root", 0, "DIR", &root, "look below DIR (default: this machine)"),
        OPTION_JSON(&json)};
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (closed)
        return look(root ? root : "", json);
    out_error("look at what?");
    out_hint("--closed: what in this guest speaks against a closed image");
    return EXIT_USAGE;
}
