/* Opening the inventory, and the names and status of machines; see fleet.h. */
#include "provider/fleet/fleet.h"

#include "base/text.h"
#include "provider/fleet/change.h"
#include "provider/fleet/store_seal.h"

#include <stdio.h>
#include <time.h>

static const char *const words[FLEET_STATUSES] = {
    [FLEET_PENDING] = "pending", [FLEET_ENROLLED] = "enrolled", [FLEET_MAINTENANCE] = "maintenance",
    [FLEET_RETIRED] = "retired", [FLEET_SOLD] = "sold",         [FLEET_LOST] = "lost",
};

const char *fleet_status_name(enum fleet_status s)
{
    return words[s];
}

static int64_t newest_schema(void)
{
    int64_t n = 0;
    while (fleet_migrations[n])
        n++;
    return n;
}

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
    bool ok = store_version(f, &have, err) && have < newest_schema();
    snprintf(detail, sizeof detail, "schema %lld to %lld", (long long)have,
             (long long)newest_schema());
    ok = ok && migrate(f, act, "upgrade", detail, NULL, err);
    store_close(f);
    return ok;
}

struct fleet *fleet_open(const char *path, bool write, struct situs_err *err)
{
    struct fleet *f = store_open(path, write, false, err);
    int64_t have = 0, want = newest_schema();
    if (f && store_version(f, &have, err) && have == want)
        return f;
    if (f && err->code == SITUS_NONE) {
        err_fail(err, SITUS_UNSUPPORTED, STORE_PART, "schema", SITUS_NO_OFFSET, TEXT_NUM(want),
                 TEXT_NUM(have));
        err_hint(err, have < want ? "run \"situs fleet init\" on it: that applies what it lacks"
                                  : "a newer situs made it; use that one");
    }
    store_close(f);
    return NULL;
}

bool fleet_check(struct fleet *f, struct situs_err *err)
{
    if (!store_snapshot(f, err))
        return false;
    f->checked = store_seal_check(f, err);
    return store_end(f, f->checked, err);
}

void fleet_close(struct fleet *f)
{
    store_close(f);
}

bool change_status(struct fleet *f, const char *machine, enum fleet_status *status,
                   struct situs_err *err)
{
    char word[16];
    if (!change_name(machine, "machine", err) ||
        !store_text(f, err, word, sizeof word, "SELECT status FROM machine WHERE name = ?1", "t",
                    machine))
        return false;
    for (*status = 0; *status < FLEET_STATUSES; ++*status)
        if (strcmp(word, words[*status]) == 0)
            return true;
    *status = FLEET_RETIRED;
    err_fail(err, SITUS_UNKNOWN, STORE_PART, "machine", SITUS_NO_OFFSET,
             "a machine of the inventory", machine);
    return err_hint(err, "\"situs fleet list\" names them; \"situs fleet add --site\" adds one");
}

bool change_in_use(struct fleet *f, const char *machine, enum fleet_status *status,
                   struct situs_err *err)
{
    if (!change_status(f, machine, status, err))
        return false;
    if (*status < FLEET_RETIRED)
        return true;
    err_fail(err, SITUS_REVOKED, STORE_PART, "status", SITUS_NO_OFFSET,
             "pending, enrolled or maintenance", words[*status]);
    return err_hint(err, CHANGE_LEFT);
}

bool change_set_status(struct fleet *f, const char *machine, enum fleet_status status,
                       struct situs_err *err)
{
    return store_do(f, err, "UPDATE machine SET status = ?2 WHERE name = ?1", "tt", machine,
                    words[status]);
}
