/* What the commands of "situs fleet" print; see desk.h. One printer for text and JSON: roles/show. */
#include "base/text.h"
#include "base/time.h"
#include "frame/out.h"
#include "provider/desk/desk.h"
#include "show/show.h"

#include <stdio.h>

#define ROOM 2560 /* bytes of a machine in JSON */

/* known prints a value that may not be known: null in JSON, nothing in text. */
static void known(struct show *s, const char *name, const char *text)
{
    if (text[0])
        show_text(s, name, span_text(text));
    else if (s->json)
        json_out_name(s->out, name), json_out_null(s->out);
}

static void known_time(struct show *s, const char *name, int64_t t)
{
    known(s, name, t ? TEXT_TIME(t) : "");
}

/* yes prints what is so or not; text has only what is. */
static void yes(struct show *s, const char *name, bool is)
{
    if (s->json)
        json_out_pair_bool(s->out, name, is);
    else if (is)
        show_text(s, name, SPAN_LIT("yes"));
}

static void boot(struct show *s, const struct fleet_machine *m)
{
    if (!m->boot_seen) {
        known(s, "boot", "");
        return;
    }
    show_open(s, "boot");
    show_num(s, "reset_count", m->boot.reset);
    show_num(s, "restart_count", m->boot.restart);
    if (s->json)
        json_out_pair_bool(s->out, "confirmed", m->boot_confirmed);
    else
        show_text(s, "confirmed",
                  span_text(m->boot_confirmed ? "yes" : "no: reported; nobody has seen it"));
    show_close(s);
}

/* authenticated says on whose word the manifest stands. */
static void authenticated(struct show *s, const struct fleet_machine *m)
{
    char text[120] = "";
    if (m->has_manifest && m->vouched_by[0])
        snprintf(text, sizeof text, "on the word of %s", m->vouched_by);
    else if (m->has_manifest && m->receipt[0])
        snprintf(text, sizeof text, "registered with Intel");
    else if (m->has_manifest && m->composed)
        snprintf(text, sizeof text, "composition manifest of %s", m->composed_by);
    else if (m->has_manifest && !s->json)
        snprintf(text, sizeof text, "not authenticated");
    known(s, "authenticated", text);
}

static void counts(struct show *s, const struct desk_revoked *r)
{
    show_open(s, "revoked");
    for (size_t i = 0; i < r->n; i++)
        show_num(s, r->v[i].kind, r->v[i].n);
    show_close(s);
}

static void fields(struct show *s, const struct fleet_machine *m)
{
    known_time(s, "confirmed_at", m->confirmed_at);
    known(s, "piid", m->piid);
    known(s, "ppid", m->ppid);
    yes(s, "manifest", m->has_manifest);
    authenticated(s, m);
    known(s, "receipt", m->receipt);
    known(s, "vouched_by", m->vouched_by);
    known(s, "composed_by", m->composed_by);
    yes(s, "composed", m->composed);
    yes(s, "pck", m->has_pck);
    known(s, "ek", m->ek);
    known(s, "ek_class", !m->ek[0] ? "" : m->vtpm ? "vtpm" : "dtpm");
    boot(s, m);
    known(s, "set_owner", m->set_owner);
    known(s, "owner", m->owner);
    known_time(s, "endorsed_until", m->poe_until);
}

void desk_machine(const struct fleet_machine *m, const struct desk_revoked *revoked, bool json)
{
    char text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    struct show s = {.json = json, .out = &o, .indent = 2};
    if (!json) {
        out_print("%s: %s at %s\n", m->name, fleet_status_name(m->status), m->site);
        fields(&s, m);
        if (revoked)
            desk_revoked(revoked, false);
        return;
    }
    json_out_object(&o);
    known(&s, "machine", m->name);
    known(&s, "site", m->site);
    known(&s, "status", fleet_status_name(m->status));
    fields(&s, m);
    if (revoked && revoked->n)
        counts(&s, revoked);
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, false);
}

void desk_revoked_count(void *to, const char *kind, int64_t n)
{
    struct desk_revoked *r = to;
    if (r->n == DESK_REVOKED_KINDS)
        return;
    snprintf(r->v[r->n].kind, sizeof r->v[r->n].kind, "%s", kind);
    r->v[r->n++].n = n;
}

void desk_revoked(const struct desk_revoked *r, bool would)
{
    struct show s = {.indent = 2};
    if (!r->n)
        return;
    counts(&s, r);
    if (!would)
        out_print("it counts when it is published: situs fleet export --revocations FILE\n");
}

void desk_many_done(size_t n, const char *done, const struct desk_revoked *revoked, bool dry_run,
                    bool json)
{
    char text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    struct show s = {.json = true, .out = &o};
    if (!json) {
        out_print("%zu machine%s%s %s\n", n, n == 1 ? "" : "s", dry_run ? " would be" : "", done);
        desk_revoked(revoked, dry_run);
        out_print(dry_run ? "nothing was changed\n" : "");
        return;
    }
    json_out_object(&o);
    json_out_pair_num(&o, "machines", (int64_t)n);
    json_out_pair_bool(&o, "dry_run", dry_run);
    if (revoked->n)
        counts(&s, revoked);
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
}

int desk_after(struct fleet *f, const char *machine, bool json)
{
    struct situs_err err = {0};
    struct fleet_machine m;
    if (!fleet_machine_get(f, machine, &m, &err))
        return desk_failed(&err);
    desk_machine(&m, NULL, json);
    if (json)
        out_print("\n");
    return EXIT_GOOD;
}
