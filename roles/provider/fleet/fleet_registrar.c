/* What the registrar writes; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

static bool new_boot(struct fleet *f, const struct fleet_act *act, const struct fleet_machine *m,
                     struct fleet_counts boot, struct situs_err *err)
{
    char detail[80];
    snprintf(detail, sizeof detail, "resetCount %lu, restartCount %lu: presence to be confirmed",
             (unsigned long)boot.reset, (unsigned long)boot.restart);
    return store_history(f, act, "boot", m->name, detail, NULL, err) &&
           store_do(f, err,
                    "UPDATE ek SET seen_reset_count = ?2, seen_restart_count = ?3, "
                    "reset_count = NULL, restart_count = NULL, confirmed_at = NULL WHERE ek = ?1",
                    "tnn", m->ek, (int64_t)boot.reset, (int64_t)boot.restart) &&
           (m->status != FLEET_ENROLLED || change_set_status(f, m->name, FLEET_PENDING, err));
}

static bool same_boot(const struct fleet_machine *m, struct fleet_counts boot)
{
    return m->boot_seen && m->boot.reset == boot.reset && m->boot.restart == boot.restart;
}

/* add_name records the EK's Name when it is first seen. */
static bool add_name(struct fleet *f, const char *ek, struct span name, struct situs_err *err)
{
    fleet_name hex;
    return store_do(f, err, "INSERT INTO ek_name VALUES (?1, ?2) ON CONFLICT DO NOTHING", "tt", ek,
                    text_hex(hex, sizeof hex, name));
}

bool fleet_boot(struct fleet *f, const struct fleet_act *act, const struct fleet_report *report,
                bool *confirmed, struct fleet_machine *out, struct situs_err *err)
{
    struct situs_err why = {0};
    struct fleet_act dated;
    *confirmed = false;
    if (!change_begin(f, act, CHANGE_URGENT, &dated, err))
        return false;
    bool ok = change_checked(f, err) && fleet_machine_by_ek(f, report->ek, out, err) &&
              add_name(f, out->ek, report->ek_name, err);
    if (ok && !same_boot(out, report->boot))
        ok = new_boot(f, &dated, out, report->boot, err) &&
             fleet_machine_by_ek(f, report->ek, out, err);
    if (!store_end(f, ok, err))
        return false;
    *confirmed = out->boot_confirmed && fleet_signable(out, &why);
    if (why.code == SITUS_NONE || strcmp(why.field, "status") == 0)
        return true; /* confirm is what it lacks, or nothing */
    *err = why;
    return false;
}
