/* The inventory behind the registrar; see registrar_inventory.h. */
#include "provider/registrar/registrar_inventory.h"

#include "base/text.h"

#include <stdio.h>
#include <sys/stat.h>

#define CHECK_EVERY 3600     /* seconds */
#define OPERATOR "registrar" /* who acts, in the inventory's history */

bool registrar_inventory_is(const char *path)
{
    static const char magic[16] = "SQLite format 3"; /* with its zero byte (fileformat2, 1.3) */
    char head[sizeof magic] = {0};
    struct stat st;
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    return n == sizeof head && memcmp(head, magic, sizeof magic) == 0;
}

bool registrar_inventory_open(struct registrar_inventory *i, const char *path, int64_t (*now)(void),
                              struct situs_err *err)
{
    *i = (struct registrar_inventory){fleet_open(path, true, err), now, now()};
    return i->fleet != NULL;
}

void registrar_inventory_close(struct registrar_inventory *i)
{
    fleet_close(i->fleet);
    i->fleet = NULL;
}

static bool machine_of(const struct fleet_machine *m, struct registrar_machine *out,
                       struct situs_err *err)
{
    _Static_assert(FLEET_NAME == REGISTRAR_NAME_MAX, "names of the inventory fit");
    *out = (struct registrar_machine){.class = m->vtpm ? AK_CLASS_VTPM : AK_CLASS_DTPM};
    memcpy(out->machine, m->name, sizeof m->name);
    memcpy(out->facility, m->site, sizeof m->site);
    if (text_hex_read(out->piid, sizeof out->piid, span_text(m->piid)))
        return true;
    err_fail(err, SITUS_MISSING, "fleet", "piid", SITUS_NO_OFFSET,
             "a machine whose platform instance is known", m->name);
    return err_hint(err, "add its Platform Manifest or PCK certificate with situs fleet add");
}

static bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err)
{
    const struct registrar_inventory *i = context;
    struct fleet_machine m;
    return fleet_machine_by_ek(i->fleet, ek, &m, err) && machine_of(&m, out, err);
}

static bool boot(void *context, const struct registrar_boot *b, bool *confirmed,
                 struct situs_err *err)
{
    struct registrar_inventory *i = context;
    const struct fleet_act act = {.by = OPERATOR, .clock = i->now};
    const struct fleet_report report = {b->ek, b->ek_name, {b->reset_count, b->restart_count}};
    struct fleet_machine m;
    if (i->now() - i->checked_at >= CHECK_EVERY) {
        i->checked_at = i->now();
        if (!fleet_check(i->fleet, err))
            return false;
    }
    if (!fleet_boot(i->fleet, &act, &report, confirmed, &m, err))
        return false;
    *b->confirmed_at = m.boot_confirmed_at;
    return machine_of(&m, b->machine, err);
}

struct registrar_fleet registrar_inventory_fleet(struct registrar_inventory *i)
{
    return (struct registrar_fleet){i, find, boot};
}
