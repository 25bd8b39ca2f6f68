/* New inventories, and old ones that are brought up to date; see fleet.h. */
#include "provider/fleet/change.h"
#include "provider/fleet/store_seal.h"

#include <stdio.h>
#include <time.h>

/* migrate applies what the file lacks, and says so in the history. */
static bool migrate(struct fleet *f, const struct fleet_act *act, const char *action,
                    const char *detail, const struct fleet_names *names, struct situs_err *err)
{
    struct fleet_act dated;
    if (!store_begin(f, err))
        return false;
    int64_t at = act->at ? act->at : act->clock ? act->clock() : (int64_t)time(NULL);
    bool ok = store_migrate(f, at, err) && store_seal_make(f, err) &&
              change_date(f, act, CHANGE_URGENT, &dated, err) &&
              store_history(f, &dated, action, NULL, detail, NULL, err) &&
              (!names || change_names(f, &dated, names, err));
    return store_end(f, ok, err);
}

bool fleet_create(const char *path, const struct fleet_act *act, const struct fleet_names *names,
                  struct situs_err *err)
{
    if (!change_name(act->by, "operator", err))
        return false;
    struct fleet *f = store_open(path, true, true, err);
    if (!f)
        return false;
    bool ok = migrate(f, act, "init", "a new inventory", names, err);
    store_close(f);
    if (!ok)
        store_remove(path);
    return ok;
}

bool fleet_upgrade(const char *path, const struct fleet_act *act, struct situs_err *err)
{
    char detail[64];
    int64_t have = 0;
    if (!change_name(act->by, "operator", err))
        return false;
    struct fleet *f = store_open(path, true, false, err);
    if (!f)
        return false;
    bool ok = store_version(f, &have, err) && have < store_newest();
    snprintf(detail, sizeof detail, "schema %lld to %lld", (long long)have,
             (long long)store_newest());
    ok = ok && migrate(f, act, "upgrade", detail, NULL, err);
    store_close(f);
    return ok;
}
