/* What the commands of "situs fleet" share; see desk.h. */
#include "provider/desk/desk.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "frame/exits.h"
#include "frame/out.h"

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
    if (strcmp(err->part, "fleet") != 0)
        return err->code == SITUS_MISSING || err->code == SITUS_NO_MEMORY ? EXIT_USAGE
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

static void pair(struct json_out *o, const char *name, const char *text)
{
    json_out_name(o, name);
    if (text[0])
        json_out_string(o, text);
    else
        json_out_null(o);
}

static void pair_time(struct json_out *o, const char *name, int64_t t)
{
    pair(o, name, t ? TEXT_TIME(t) : "");
}

static void boot_json(struct json_out *o, const struct fleet_machine *m)
{
    json_out_object(o);
    json_out_pair_num(o, "reset_count", m->boot.reset);
    json_out_pair_num(o, "restart_count", m->boot.restart);
    json_out_pair_bool(o, "confirmed", m->boot_confirmed);
    json_out_close(o);
}

static void machine_json(const struct fleet_machine *m)
{
    char text[2048];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    pair(&o, "machine", m->name);
    pair(&o, "site", m->site);
    pair(&o, "status", fleet_status_name(m->status));
    pair_time(&o, "confirmed_at", m->confirmed_at);
    pair(&o, "piid", m->piid);
    pair(&o, "ppid", m->ppid);
    json_out_pair_bool(&o, "manifest", m->has_manifest);
    pair(&o, "receipt", m->receipt);
    pair(&o, "vouched_by", m->vouched_by);
    pair(&o, "composed_by", m->composed_by);
    json_out_pair_bool(&o, "composed", m->composed);
    json_out_pair_bool(&o, "pck", m->has_pck);
    pair(&o, "ek", m->ek);
    pair(&o, "ek_class", !m->ek[0] ? "" : m->vtpm ? "vtpm" : "dtpm");
    json_out_name(&o, "boot");
    if (m->boot_seen)
        boot_json(&o, m);
    else
        json_out_null(&o);
    pair(&o, "set_owner", m->set_owner);
    pair(&o, "owner", m->owner);
    pair_time(&o, "endorsed_until", m->poe_until);
    json_out_close(&o);
    if (json_out_end(&o))
        out_bytes(wr_span(&w));
}

static void line(const char *name, const char *text)
{
    if (text[0])
        out_print("  %-16s %s\n", name, text);
}

void desk_machine(const struct fleet_machine *m, bool json)
{
    if (json) {
        machine_json(m);
        return;
    }
    out_print("%s: %s at %s\n", m->name, fleet_status_name(m->status), m->site);
    if (m->composed_by[0])
        out_print("  %-16s manifest of %s\n", "composition", m->composed_by);
    line("confirmed at", m->confirmed_at ? TEXT_TIME(m->confirmed_at) : "");
    line("piid", m->piid);
    line("ppid", m->ppid);
    if (m->has_manifest && m->vouched_by[0])
        out_print("  %-16s on the word of %s\n", "manifest", m->vouched_by);
    else if (m->has_manifest)
        line("manifest", m->receipt[0] ? "registered with Intel"
                         : m->composed ? "authenticated by the composition manifest"
                                       : "not authenticated");
    if (m->ek[0])
        out_print("  %-16s %s (%s)\n", "ek", m->ek, m->vtpm ? "vtpm" : "dtpm");
    if (m->boot_seen)
        out_print("  %-16s %lu,%lu (%s)\n", "boot", (unsigned long)m->boot.reset,
                  (unsigned long)m->boot.restart,
                  m->boot_confirmed ? "confirmed" : "reported; nobody has seen it");
    line("owner", m->owner[0] ? m->owner : m->set_owner);
    line("endorsed until", m->poe_until ? TEXT_TIME(m->poe_until) : "");
}

int desk_after(struct fleet *f, const char *machine, bool json)
{
    struct situs_err err = {0};
    struct fleet_machine m;
    if (!fleet_machine_get(f, machine, &m, &err))
        return desk_failed(&err);
    desk_machine(&m, json);
    if (json)
        out_print("\n");
    return EXIT_GOOD;
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
