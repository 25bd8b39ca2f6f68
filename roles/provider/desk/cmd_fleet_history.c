/* situs fleet history: who did what, when. */
#include "base/text.h"
#include "base/time.h"
#include "frame/out.h"
#include "provider/desk/desk.h"
#include "show/show.h"

struct telling {
    bool json, more;
};

static void event_json(const struct fleet_event *e)
{
    char text[8192];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    struct show s = {.json = true, .out = &o};
    json_out_object(&o);
    show_num(&s, "number", e->number);
    show_time(&s, "at", e->at);
    show_text(&s, "operator", span_text(e->by));
    show_text(&s, "action", span_text(e->action));
    if (e->machine[0])
        show_text(&s, "machine", span_text(e->machine));
    show_text(&s, "detail", span_text(e->detail));
    json_out_close(&o);
    if (json_out_end(&o))
        out_bytes(wr_span(&w));
}

static bool tell(void *to, const struct fleet_event *e)
{
    struct telling *t = to;
    if (t->json) {
        out_print(t->more ? ",\n" : "");
        event_json(e);
    } else {
        out_print("%6lld %s %-12s %-11s %-12s %s\n", (long long)e->number, TEXT_TIME(e->at), e->by,
                  e->action, e->machine, e->detail);
    }
    t->more = true;
    return true;
}

command_function cmd_fleet_history;
int cmd_fleet_history(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const char *machine = NULL;
    const struct option rows[] = {
        OPTION_FLEET_READ(&o),
        OPTION_VALUE("machine", 'm', "NAME", &machine, "only of this machine"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    struct fleet *f = desk_open(&o, false, NULL);
    if (!f)
        return EXIT_USAGE;
    struct telling t = {o.json, false};
    struct fleet_machine known;
    bool ok = !machine || fleet_machine_get(f, machine, &known, &err);
    if (ok) {
        out_print(o.json ? "{\"history\":[" : "");
        ok = fleet_history(f, machine, tell, &t, &err);
    }
    fleet_close(f);
    if (!ok)
        return desk_failed(&err);
    out_print(o.json ? "]}\n" : "");
    return EXIT_GOOD;
}
