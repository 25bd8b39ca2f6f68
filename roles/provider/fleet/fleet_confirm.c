/* An operator has seen a machine in its place; see fleet_confirm. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   const char *hint, struct situs_err *err)
{
    err_fail(err, code, STORE_PART, field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

/* name_boot is how messages and operators write a boot. */
static void name_boot(char text[32], const struct fleet_counts *boot)
{
    snprintf(text, 32, "boot %lu,%lu", (unsigned long)boot->reset, (unsigned long)boot->restart);
}

/* boot_ok: what the operator saw is what was reported; a boot that others reported since is not. */
static bool boot_ok(const struct fleet_machine *m, const struct fleet_counts *boot,
                    struct situs_err *err)
{
    char reported[32], seen[32];
    name_boot(seen, boot);
    name_boot(reported, &m->boot);
    if (!m->boot_seen)
        return refuse(SITUS_MISSING, "boot", "a boot that the machine's TPM reported", "none",
                      m->ek[0] ? "run \"situs host provision\" on the machine first"
                               : "a machine without a TPM is confirmed by its PIID: --piid HEX",
                      err);
    return (m->boot.reset == boot->reset && m->boot.restart == boot->restart) ||
           refuse(SITUS_MISMATCH, "boot", reported, seen,
                  "what reported last is not what was seen: look at the machine again; it may have "
                  "been started since, or started elsewhere",
                  err);
}

static bool piid_ok(const struct fleet_machine *m, const char *piid, struct situs_err *err)
{
    char reported[32];
    name_boot(reported, &m->boot);
    if (!change_hex(piid, 16, "piid", err))
        return false;
    if (m->boot_seen && !m->boot_confirmed)
        return refuse(
            SITUS_NOT_ALLOWED, "boot", reported, "a PIID",
            "its TPM reported a boot that nobody has seen: when you see it on the machine, "
            "name it with --boot RESET,RESTART",
            err);
    if (!m->piid[0])
        return refuse(SITUS_MISSING, "piid", "a platform instance of the machine", "none",
                      "\"situs fleet add --machine NAME --manifest FILE --pck FILE\"", err);
    return strcmp(m->piid, piid) == 0 ||
           refuse(SITUS_MISMATCH, "piid", m->piid, piid,
                  "what was seen is another platform instance than the inventory's: state it first "
                  "with \"situs fleet add --manifest --pck\"",
                  err);
}

static bool seen_ok(struct fleet *f, const char *machine, const struct fleet_sight *seen,
                    char detail[80], struct situs_err *err)
{
    struct fleet_machine m;
    char boot[32];
    if (!seen->boot == !seen->piid)
        return refuse(SITUS_MALFORMED, "seen", "either a boot or a PIID",
                      seen->boot ? "both" : "neither", "say what was seen in the machine's place",
                      err);
    if (!fleet_machine_get(f, machine, &m, err) ||
        !(seen->boot ? boot_ok(&m, seen->boot, err) : piid_ok(&m, seen->piid, err)))
        return false;
    if (seen->boot)
        name_boot(boot, seen->boot);
    snprintf(detail, 80, "%s; was %s", seen->boot ? boot : seen->piid, fleet_status_name(m.status));
    return true;
}

/* keep makes the boot that was seen the confirmed one. */
static bool keep(struct fleet *f, const char *machine, const struct fleet_counts *boot, int64_t at,
                 struct situs_err *err)
{
    return !boot ||
           store_do(f, err,
                    "UPDATE ek SET reset_count = ?2, restart_count = ?3, confirmed_at = ?4 "
                    "WHERE machine = ?1 AND until IS NULL "
                    "AND seen_reset_count = ?2 AND seen_restart_count = ?3",
                    "tnnn", machine, (int64_t)boot->reset, (int64_t)boot->restart, at);
}

bool fleet_confirm(struct fleet *f, const struct fleet_act *act, const char *machine,
                   const struct fleet_sight *seen, struct situs_err *err)
{
    enum fleet_status status;
    char detail[80];
    struct fleet_act dated;
    if (!change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    bool ok = change_in_use(f, machine, &status, err) && seen_ok(f, machine, seen, detail, err) &&
              store_history(f, &dated, "confirm", machine, detail, NULL, err) &&
              keep(f, machine, seen->boot, dated.at, err) &&
              store_do(f, err, "UPDATE machine SET confirmed_at = ?2 WHERE name = ?1", "tn",
                       machine, dated.at) &&
              change_set_status(f, machine, FLEET_ENROLLED, err);
    return store_end(f, ok, err);
}
