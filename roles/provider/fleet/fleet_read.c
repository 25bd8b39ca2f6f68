/* Reading the inventory, one row at a time; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/fleet_lists.h"
#include "provider/fleet/store.h"

#include <stdio.h>

/* One row a machine; ?1 narrows it in the literals below. The columns of ground_of, which
 * fleet_signable looks at, then those of machine_of. */
#define OWNER(site, machine)                                                 \
    "(SELECT name FROM naming WHERE what = 'owner' AND site = " site " AND " \
    "machine = " machine ")"
#define GROUND                                                                                   \
    "SELECT m.name, m.site, m.status, i.piid, i.ppid, i.receipt, i.vouched_by, "                 \
    "i.manifest IS NOT NULL, i.pck IS NOT NULL, "                                                \
    "c.piid = i.piid AND i.manifest IS NOT NULL AND NOT EXISTS "                                 \
    "(SELECT 1 FROM instance_prid x WHERE x.piid = i.piid AND x.prid NOT IN "                    \
    "(SELECT prid FROM composition_prid WHERE sha256 = c.sha256)), "                             \
    "(SELECT COUNT(*) FROM instance_prid x WHERE x.piid = i.piid), "                             \
    "(SELECT x.prid FROM instance_prid x LEFT JOIN prid d ON d.prid = x.prid "                   \
    "AND d.machine = m.name WHERE x.piid = i.piid AND d.prid IS NULL ORDER BY x.prid LIMIT 1), " \
    "COALESCE(" OWNER("''", "m.name") ", " OWNER("m.site", "''") ", " OWNER("''", "''") ")"
#define COMPOSITION                                                          \
    "LEFT JOIN composition c ON c.sha256 = (SELECT sha256 FROM composition " \
    "WHERE machine = m.name ORDER BY history DESC LIMIT 1) "
#define MACHINE                                                                              \
    GROUND ", m.confirmed_at, c.supplier, p.not_after, p.owner, e.ek, e.class = 'vtpm', "    \
           "e.seen_reset_count IS NOT NULL, e.seen_reset_count, e.seen_restart_count, "      \
           "e.reset_count = e.seen_reset_count AND e.restart_count = e.seen_restart_count, " \
           "e.confirmed_at "                                                                 \
           "FROM machine m LEFT JOIN instance i ON i.machine = m.name AND i.until IS NULL "  \
           "LEFT JOIN poe p ON p.id = (SELECT id FROM poe WHERE piid = i.piid "              \
           "ORDER BY not_after DESC, id LIMIT 1) "                                           \
           "LEFT JOIN ek e ON e.machine = m.name AND e.until IS NULL " COMPOSITION

static void cut(char *to, size_t size, sqlite3_stmt *s, int column)
{
    snprintf(to, size, "%s", store_column(s, column));
}

static void ground_of(struct fleet_machine *m, sqlite3_stmt *s)
{
    memset(m, 0, sizeof *m);
    cut(m->name, sizeof m->name, s, 0);
    cut(m->site, sizeof m->site, s, 1);
    m->status = FLEET_RETIRED;
    for (enum fleet_status k = 0; k < FLEET_STATUSES; k++)
        if (strcmp(store_column(s, 2), fleet_status_name(k)) == 0)
            m->status = k;
    cut(m->piid, sizeof m->piid, s, 3);
    cut(m->ppid, sizeof m->ppid, s, 4);
    cut(m->receipt, sizeof m->receipt, s, 5);
    cut(m->vouched_by, sizeof m->vouched_by, s, 6);
    m->has_manifest = sqlite3_column_int(s, 7);
    m->has_pck = sqlite3_column_int(s, 8);
    m->composed = sqlite3_column_int(s, 9);
    m->packages = sqlite3_column_int64(s, 10);
    cut(m->stranger, sizeof m->stranger, s, 11);
    cut(m->set_owner, sizeof m->set_owner, s, 12);
}

static void machine_of(struct fleet_machine *m, sqlite3_stmt *s)
{
    ground_of(m, s);
    m->confirmed_at = sqlite3_column_int64(s, 13);
    cut(m->composed_by, sizeof m->composed_by, s, 14);
    m->poe_until = sqlite3_column_int64(s, 15);
    cut(m->owner, sizeof m->owner, s, 16);
    cut(m->ek, sizeof m->ek, s, 17);
    m->vtpm = sqlite3_column_int(s, 18);
    m->boot_seen = sqlite3_column_int(s, 19);
    m->boot.reset = (uint32_t)sqlite3_column_int64(s, 20);
    m->boot.restart = (uint32_t)sqlite3_column_int64(s, 21);
    m->boot_confirmed = sqlite3_column_int(s, 22);
    m->boot_confirmed_at = sqlite3_column_int64(s, 23);
}

bool fleet_machine_get(struct fleet *f, const char *machine, struct fleet_machine *out,
                       struct situs_err *err)
{
    memset(out, 0, sizeof *out);
    sqlite3_stmt *s = store_bind(f, err, MACHINE "WHERE m.name = ?1", "t", machine);
    if (!s)
        return false;
    bool found = store_next(f, s, err);
    if (found)
        machine_of(out, s);
    sqlite3_reset(s);
    if (found || err->code != SITUS_NONE)
        return found;
    err_fail(err, SITUS_UNKNOWN, STORE_PART, "machine", SITUS_NO_OFFSET,
             "a machine of the inventory", machine);
    return err_hint(err, "\"situs fleet list\" names them");
}

bool fleet_machine_by_ek(struct fleet *f, const uint8_t ek[32], struct fleet_machine *out,
                         struct situs_err *err)
{
    char name[FLEET_NAME + 1];
    fleet_hash hex;
    int64_t ended = 0;
    memset(out, 0, sizeof *out);
    text_hex(hex, sizeof hex, span_of(ek, 32));
    if (!store_text(f, err, name, sizeof name, "SELECT machine FROM ek WHERE ek = ?1", "t", hex) ||
        !store_number(f, err, &ended, "SELECT until IS NOT NULL FROM ek WHERE ek = ?1", "t", hex))
        return false;
    if (!name[0]) {
        err_fail(err, SITUS_UNKNOWN, STORE_PART, "ek", SITUS_NO_OFFSET, "an EK of the inventory",
                 hex);
        return err_hint(err, "enrol it: \"situs fleet add --machine NAME --ek FILE\"");
    }
    if (!fleet_machine_get(f, name, out, err))
        return false;
    if (!ended)
        return true;
    err_fail(err, SITUS_REVOKED, STORE_PART, "ek", SITUS_NO_OFFSET, "an EK in use", hex);
    return err_hint(err,
                    "this TPM has left its machine, or the machine has left the fleet; it does "
                    "not come back");
}

bool fleet_list(struct fleet *f, const struct fleet_filter *filter, fleet_machine_visit visit,
                void *to, struct situs_err *err)
{
    struct fleet_machine m;
    const char *status =
        filter->status < 0 ? NULL : fleet_status_name((enum fleet_status)filter->status);
    sqlite3_stmt *s =
        store_bind(f, err,
                   MACHINE "WHERE (?1 IS NULL OR m.site = ?1) AND (?2 IS NULL OR m.status = ?2) "
                           "AND (?3 = 0 OR p.not_after < ?3) "
                           "ORDER BY m.name",
                   "ttn", filter->site, status, filter->expiring_before);
    bool more = s != NULL;
    while (more && store_next(f, s, err)) {
        machine_of(&m, s);
        more = visit(to, &m);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool fleet_ids(struct fleet *f, const struct fleet_listed *which, fleet_id_visit visit,
               fleet_left_out left_out, void *to, struct situs_err *err)
{
    struct fleet_machine m;
    sqlite3_stmt *s =
        store_bind(f, err,
                   GROUND " FROM instance i CROSS JOIN machine m ON m.name = i.machine " COMPOSITION
                          "WHERE i.ppid IS NOT NULL AND i.until IS NULL "
                          "AND m.status = 'enrolled' AND (?1 IS NULL OR m.site = ?1) "
                          "ORDER BY i.ppid",
                   "t", which->site);
    bool more = s != NULL;
    while (more && store_next(f, s, err)) {
        struct situs_err why = {0};
        ground_of(&m, s);
        if (fleet_signable(&m, &why) && fleet_owned(&m, which->owner, !which->owner, &why))
            more = visit(to, m.ppid);
        else if (left_out)
            left_out(to, m.name, &why);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

static bool count_id(void *to, const char *ppid)
{
    (void)ppid;
    ++*(int64_t *)to;
    return true;
}

bool fleet_ids_count(struct fleet *f, const struct fleet_listed *which, int64_t *n,
                     struct situs_err *err)
{
    *n = 0;
    return fleet_ids(f, which, count_id, NULL, n, err);
}

bool fleet_history(struct fleet *f, const char *machine, fleet_event_visit visit, void *to,
                   struct situs_err *err)
{
    sqlite3_stmt *s =
        machine ? store_bind(f, err,
                             "SELECT number, at, operator, action, machine, detail FROM history "
                             "WHERE machine = ?1 ORDER BY number",
                             "t", machine)
                : store_bind(f, err,
                             "SELECT number, at, operator, action, machine, detail FROM history "
                             "ORDER BY number",
                             "");
    bool more = s != NULL;
    while (more && store_next(f, s, err)) {
        struct fleet_event e = {sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                store_column(s, 2),         store_column(s, 3),
                                store_column(s, 4),         store_column(s, 5)};
        more = visit(to, &e);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool fleet_count(struct fleet *f, int64_t *n, struct situs_err *err)
{
    return store_number(f, err, n, "SELECT COUNT(*) FROM machine", "");
}
