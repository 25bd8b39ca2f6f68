/* Opening the inventory, and the names and status of machines; see fleet.h. */
#include "provider/fleet/fleet.h"

#include "base/text.h"
#include "provider/fleet/change.h"
#include "provider/fleet/store_seal.h"

static const char *const words[FLEET_STATUSES] = {
    [FLEET_PENDING] = "pending", [FLEET_ENROLLED] = "enrolled", [FLEET_MAINTENANCE] = "maintenance",
    [FLEET_RETIRED] = "retired", [FLEET_SOLD] = "sold",         [FLEET_LOST] = "lost",
};

const char *fleet_status_name(enum fleet_status s)
{
    return words[s];
}

struct fleet *fleet_open(const char *path, bool write, struct situs_err *err)
{
    struct fleet *f = store_open(path, write, false, err);
    int64_t have = 0, want = store_newest();
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
