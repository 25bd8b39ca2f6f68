/* What the commands of "situs fleet" share; see desk.h. */
#include "provider/desk/desk.h"

#include "frame/exits.h"
#include "frame/out.h"
#include "provider/fleet/csv.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define STEP 1000 /* machines between two marks of progress */

bool desk_need(const char *value, const char *option, const char *argument)
{
    if (value)
        return true;
    out_error("--%s is missing", option);
    out_hint("add --%s %s", option, argument);
    return false;
}

bool desk_act(const struct desk_options *o, struct fleet_act *act)
{
    *act = (struct fleet_act){.by = o->by};
    return desk_need(o->by, "operator", "NAME: the history keeps who did what") &&
           (!o->at || args_date("at", o->at, &act->at)) &&
           (!o->allow_future || args_date("allow-future", o->allow_future, &act->allow_future));
}

int64_t desk_time(const struct fleet_act *act)
{
    return act->at ? act->at : (int64_t)time(NULL);
}

struct fleet *desk_open(const struct desk_options *o, bool write, struct fleet_act *act)
{
    struct situs_err err = {0};
    if (!desk_need(o->db, "db", "FILE") || (write && !desk_act(o, act)))
        return NULL;
    struct fleet *f = fleet_open(o->db, write, &err);
    if (!f)
        out_failure(&err);
    return f;
}

int desk_failed(const struct situs_err *err)
{
    out_failure(err);
    bool own = strcmp(err->part, CSV_PART) == 0 || strcmp(err->field, "db") == 0 ||
               strncmp(err->part, "--", 2) == 0;
    if (own) /* a file of one's own, its name, or another word of the command */
        return EXIT_USAGE;
    if (strcmp(err->part, "fleet") != 0)
        return err->code == SITUS_MISSING || err->code == SITUS_NO_MEMORY ||
                       err->code == SITUS_UNKNOWN /* another kind of file */
                   ? EXIT_USAGE
                   : EXIT_BAD_BYTES;
    switch (err->code) {
    case SITUS_NOT_ALLOWED:
    case SITUS_REVOKED:
    case SITUS_UNTRUSTED:
    case SITUS_MISMATCH:
    case SITUS_DUPLICATE:
    case SITUS_OUT_OF_DATE:
        return EXIT_REFUSED;
    case SITUS_MISSING:
        return strcmp(err->field, "operator") == 0 ? EXIT_USAGE : EXIT_REFUSED;
    default:
        return EXIT_USAGE;
    }
}

void desk_progress(const char *what, int64_t done, int64_t total)
{
    bool end = total > 0 && done == total;
    if (!isatty(STDERR_FILENO) || (done % STEP != 0 && !end))
        return;
    if (total > 0)
        fprintf(stderr, "\rsitus: %s: %lld of %lld", what, (long long)done, (long long)total);
    else
        fprintf(stderr, "\rsitus: %s: %lld", what, (long long)done);
    if (end)
        fputc('\n', stderr);
}
