/* What the registrar writes; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

/* same_boot says that the counters are those of the confirmed boot. */
static bool same_boot(struct fleet *f, const char *ek, uint32_t reset, uint32_t restart, bool *same,
                      struct situs_err *err)
{
    int64_t n = 0;
    bool ok = store_number(f, err, &n,
                           "SELECT COUNT(*) FROM ek WHERE ek = ?1 AND reset_count = ?2 "
                           "AND restart_count = ?3",
                           "tnn", ek, (int64_t)reset, (int64_t)restart);
    *same = ok && n == 1;
    return ok;
}

static bool new_boot(struct fleet *f, const struct fleet_act *act, const struct fleet_machine *m,
                     uint32_t reset, uint32_t restart, struct situs_err *err)
{
    char detail[80];
    snprintf(detail, sizeof detail, "resetCount %lu, restartCount %lu: presence to be confirmed",
             (unsigned long)reset, (unsigned long)restart);
    return store_history(f, act, "boot", m->name, detail, NULL, err) &&
           store_do(f, err,
                    "UPDATE ek SET seen_reset_count = ?2, seen_restart_count = ?3, "
                    "reset_count = NULL, restart_count = NULL WHERE ek = ?1",
                    "tnn", m->ek, (int64_t)reset, (int64_t)restart) &&
           (m->status == FLEET_MAINTENANCE || change_set_status(f, m->name, FLEET_PENDING, err));
}

bool fleet_boot(struct fleet *f, const struct fleet_act *act, const uint8_t ek[32],
                uint32_t reset_count, uint32_t restart_count, bool *confirmed,
                struct fleet_machine *out, struct situs_err *err)
{
    bool same = false;
    int64_t seen = 0;
    *confirmed = false;
    if (!change_name(act->operator, "operator", err) || !store_begin(f, err))
        return false;
    bool ok = fleet_machine_by_ek(f, ek, out, err) &&
              same_boot(f, out->ek, reset_count, restart_count, &same, err) &&
              store_number(f, err, &seen,
                           "SELECT COUNT(*) FROM ek WHERE ek = ?1 AND seen_reset_count = ?2 "
                           "AND seen_restart_count = ?3",
                           "tnn", out->ek, (int64_t)reset_count, (int64_t)restart_count);
    if (ok && !seen)
        ok = new_boot(f, act, out, reset_count, restart_count, err) &&
             fleet_machine_by_ek(f, ek, out, err);
    bool done = store_end(f, ok, err);
    *confirmed = done && seen && same && out->status == FLEET_ENROLLED;
    return done;
}
