/* What takes machines, platform instances and EKs out of use; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

bool change_end_instance(struct fleet *f, const struct fleet_act *act, const char *machine,
                         const char *reason, int64_t history, struct situs_err *err)
{
    fleet_id piid;
    if (!store_text(f, err, piid, sizeof piid,
                    "SELECT piid FROM instance WHERE machine = ?1 AND until IS NULL", "t", machine))
        return false;
    if (!piid[0])
        return true;
    return store_do(f, err,
                    "INSERT INTO revocation SELECT 'poe_id', id, ?2, ?3, ?4 FROM poe "
                    "WHERE piid = ?1 AND not_after >= ?3",
                    "ttnn", piid, reason, act->at, history) &&
           store_do(f, err,
                    "INSERT INTO revocation SELECT 'ppid', ppid, ?2, ?3, ?4 FROM instance "
                    "WHERE piid = ?1 AND ppid IS NOT NULL",
                    "ttnn", piid, reason, act->at, history) &&
           store_do(f, err, "INSERT INTO revocation VALUES ('piid', ?1, ?2, ?3, ?4)", "ttnn", piid,
                    reason, act->at, history) &&
           store_do(f, err, "UPDATE instance SET until = ?2, reason = ?3 WHERE piid = ?1", "tnt",
                    piid, act->at, reason);
}

bool change_end_ek(struct fleet *f, const struct fleet_act *act, const char *machine,
                   const char *reason, int64_t history, struct situs_err *err)
{
    return store_do(f, err,
                    "INSERT INTO revocation SELECT 'ek', n.name, ?2, ?3, ?4 FROM ek_name n "
                    "JOIN ek e ON e.ek = n.ek WHERE e.machine = ?1 AND e.until IS NULL "
                    "ON CONFLICT (kind, id) DO NOTHING",
                    "ttnn", machine, reason, act->at, history) &&
           store_do(f, err, "UPDATE ek SET until = ?2 WHERE machine = ?1 AND until IS NULL", "tn",
                    machine, act->at);
}

bool fleet_end_ek(struct fleet *f, const struct fleet_act *act, const char *machine,
                  bool compromised, const char *reason, struct situs_err *err)
{
    struct fleet_machine m;
    struct fleet_act dated;
    char detail[160];
    int64_t history;
    enum fleet_status status;
    const char *why = compromised ? "compromised" : "replaced";
    if (!change_name(reason, "reason", err) || !change_begin(f, act, CHANGE_URGENT, &dated, err))
        return false;
    bool ok = change_in_use(f, machine, &status, err) && fleet_machine_get(f, machine, &m, err);
    if (ok && !m.ek[0]) {
        err_fail(err, SITUS_MISSING, STORE_PART, "ek", SITUS_NO_OFFSET, "an EK in use", "none");
        ok = err_hint(err, "\"situs fleet list\" shows which machine has one");
    }
    snprintf(detail, sizeof detail, "%s; %s: %s", ok ? m.ek : "", why, reason);
    ok = ok && store_history(f, &dated, "end-ek", machine, detail, &history, err) &&
         change_end_ek(f, &dated, machine, why, history, err) &&
         (status != FLEET_ENROLLED || change_set_status(f, machine, FLEET_PENDING, err));
    return store_end(f, ok, err);
}

bool fleet_maintain(struct fleet *f, const struct fleet_act *act, const char *machine,
                    struct situs_err *err)
{
    struct fleet_act dated;
    enum fleet_status status;
    if (!change_begin(f, act, CHANGE_URGENT, &dated, err))
        return false;
    bool ok = change_in_use(f, machine, &status, err) &&
              store_history(f, &dated, "maintain", machine, fleet_status_name(status), NULL, err) &&
              change_set_status(f, machine, FLEET_MAINTENANCE, err);
    return store_end(f, ok, err);
}

/* may_end: what is retired may still be sold or lost, so that its packages move no more. */
static bool may_end(struct fleet *f, const char *machine, enum fleet_status to,
                    struct situs_err *err)
{
    enum fleet_status status;
    if (!change_status(f, machine, &status, err))
        return false;
    return (status == FLEET_RETIRED && to > FLEET_RETIRED) ||
           change_in_use(f, machine, &status, err);
}

bool fleet_end(struct fleet *f, const struct fleet_act *act, const char *machine,
               enum fleet_status status, const char *reason, struct situs_err *err)
{
    struct fleet_act dated;
    int64_t history;
    const char *why = fleet_status_name(status);
    if (status < FLEET_RETIRED)
        return err_fail(err, SITUS_INTERNAL, STORE_PART, "status", SITUS_NO_OFFSET, NULL, why);
    if (!change_name(reason, "reason", err) || !change_begin(f, act, CHANGE_URGENT, &dated, err))
        return false;
    bool ok = may_end(f, machine, status, err) &&
              store_history(f, &dated, why, machine, reason, &history, err) &&
              change_end_instance(f, &dated, machine, why, history, err) &&
              change_end_ek(f, &dated, machine, why, history, err) &&
              change_set_status(f, machine, status, err);
    return store_end(f, ok, err);
}
