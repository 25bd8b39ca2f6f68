/* Machines and their sites; see fleet_move. */
#include "provider/fleet/change.h"

#include <stdio.h>

bool change_add_site(struct fleet *f, const char *site, struct situs_err *err)
{
    return store_do(f, err, "INSERT INTO site VALUES (?1) ON CONFLICT (name) DO NOTHING", "t",
                    site);
}

static bool put_at(struct fleet *f, const char *machine, const char *site, struct situs_err *err)
{
    return change_add_site(f, site, err) &&
           store_do(f, err, "UPDATE machine SET site = ?2 WHERE name = ?1", "tt", machine, site);
}

bool fleet_move(struct fleet *f, const struct fleet_act *act, const char *machine, const char *site,
                struct situs_err *err)
{
    struct fleet_act dated;
    enum fleet_status status;
    char from[FLEET_NAME + 1], detail[160];
    if (!change_site(site, err) || !change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    bool ok = change_in_use(f, machine, &status, err) &&
              store_text(f, err, from, sizeof from, "SELECT site FROM machine WHERE name = ?1", "t",
                         machine);
    if (ok && strcmp(from, site) == 0) {
        err_fail(err, SITUS_NOT_ALLOWED, STORE_PART, "site", SITUS_NO_OFFSET, "another site", site);
        ok = err_hint(err, "the machine is there already, for the inventory");
    }
    snprintf(detail, sizeof detail, "from %s to %s; was %s", ok ? from : "", site,
             ok ? fleet_status_name(status) : "");
    ok = ok && store_history(f, &dated, "move", machine, detail, NULL, err) &&
         put_at(f, machine, site, err) &&
         (status != FLEET_ENROLLED || change_set_status(f, machine, FLEET_PENDING, err));
    return store_end(f, ok, err);
}
