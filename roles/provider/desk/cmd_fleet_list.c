/* situs fleet list: the machines, one at a time, however many they are. */
#include "base/near.h"
#include "frame/out.h"
#include "frame/table.h"
#include "provider/desk/desk_poe.h"

#include <time.h>

struct listing {
    struct table table;
    int64_t total;
};

static bool print(void *to, const struct fleet_machine *m)
{
    struct listing *l = to;
    table_next(&l->table);
    desk_machine(m, NULL, l->table.json);
    desk_progress("listing", (int64_t)l->table.n, l->total);
    return true;
}

static bool read_status(const char *word, int *status)
{
    const char *names[FLEET_STATUSES];
    *status = -1;
    for (enum fleet_status s = 0; s < FLEET_STATUSES; s++) {
        names[s] = fleet_status_name(s);
        if (word && strcmp(word, names[s]) == 0)
            *status = (int)s;
    }
    if (!word || *status >= 0)
        return true;
    const char *near = near_word(word, names, FLEET_STATUSES);
    out_error("no machine has the status \"%s\"", word);
    if (near)
        out_hint("did you mean \"%s\"?", near);
    else
        out_hint("pending, enrolled, maintenance, retired, sold or lost");
    return false;
}

command_function cmd_fleet_list;
int cmd_fleet_list(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct fleet_filter filter = {0};
    const char *status = NULL, *expiring = NULL;
    int64_t within = 0;
    const struct option rows[] = {
        OPTION_FLEET_READ(&o),
        OPTION_VALUE("site", 0, "NAME", &filter.site, "only machines at this site"),
        OPTION_VALUE("status", 0, "WORD", &status, "only machines of this status"),
        OPTION_VALUE("expiring", 0, "DAYS", &expiring,
                     "only those whose newest endorsement ends within DAYS"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    struct listing l = {.total = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (expiring && !desk_poe_days(expiring, "expiring", &within))
        return EXIT_USAGE;
    filter.expiring_before = expiring ? (int64_t)time(NULL) + within : 0;
    struct fleet *f = read_status(status, &filter.status) ? desk_open(&o, false, NULL) : NULL;
    if (!f)
        return EXIT_USAGE;
    l.table = (struct table){.json = o.json, .lines = true};
    table_begin(&l.table, NULL, 0, "machines");
    bool ok = fleet_count(f, &l.total, &err) && fleet_list(f, &filter, print, &l, &err);
    fleet_close(f);
    if (!ok)
        return desk_failed(&err);
    if (l.table.n == 0)
        out_note("no machine is so, of %lld in the inventory", (long long)l.total);
    return table_end(&l.table) ? EXIT_GOOD : EXIT_USAGE;
}
