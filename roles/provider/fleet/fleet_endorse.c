/* What must hold before a machine is endorsed (docs/DESIGN.md 15), and the record of it. */
#include "base/text.h"
#include "base/time.h"
#include "provider/fleet/change.h"

#include <stdio.h>
#include <stdlib.h>

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   const char *hint, struct situs_err *err)
{
    err_fail(err, code, STORE_PART, field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

/* authenticated: Intel's registration answered the manifest with the PPID of the PCK certificate,
 * or a named operator vouches, or the supplier signed its PIID together with all its packages. */
static bool authenticated(const struct fleet_machine *m, struct situs_err *err)
{
    if (!m->has_manifest)
        return refuse(SITUS_MISSING, "manifest", "a Platform Manifest", "none",
                      "\"situs fleet add --machine NAME --manifest FILE\"", err);
    if (!m->has_pck || !m->ppid[0])
        return refuse(SITUS_MISSING, "pck", "a PCK certificate with the manifest's PIID", "none",
                      "\"situs fleet add --machine NAME --pck FILE\"", err);
    if (m->composed || m->vouched_by[0] || (m->receipt[0] && strcmp(m->receipt, m->ppid) == 0))
        return true;
    return refuse(SITUS_UNTRUSTED, "receipt", m->ppid, m->receipt[0] ? m->receipt : "none",
                  "anybody can write a manifest: give Intel's registration answer with --receipt, "
                  "or an operator's word with --vouch, beside --manifest, or the supplier's "
                  "composition manifest that names its PIID with --composition",
                  err);
}

/* packages: every PRID that the manifest names is enrolled for this machine. */
static bool packages(struct fleet *f, const struct fleet_machine *m, struct situs_err *err)
{
    fleet_id prid;
    int64_t n = 0;
    if (!store_number(f, err, &n, "SELECT COUNT(*) FROM instance_prid WHERE piid = ?1", "t",
                      m->piid) ||
        !store_text(f, err, prid, sizeof prid,
                    "SELECT i.prid FROM instance_prid i LEFT JOIN prid p "
                    "ON p.prid = i.prid AND p.machine = ?2 "
                    "WHERE i.piid = ?1 AND p.prid IS NULL ORDER BY i.prid",
                    "tt", m->piid, m->name))
        return false;
    if (n > 0 && !prid[0])
        return true;
    return refuse(SITUS_NOT_ALLOWED, "prid", "only packages that are enrolled for this machine",
                  prid[0] ? prid : "no package",
                  "a package that nobody delivered: look into the machine, then enrol it with "
                  "\"situs fleet add --machine NAME --prid HEX\"",
                  err);
}

static bool allowed(struct fleet *f, const struct fleet_wish *wish, struct fleet_machine *m,
                    struct situs_err *err)
{
    enum fleet_status status;
    if (!change_in_use(f, wish->machine, &status, err) ||
        !fleet_machine_get(f, wish->machine, m, err))
        return false;
    if (status != FLEET_ENROLLED)
        return refuse(SITUS_NOT_ALLOWED, "status", "enrolled", fleet_status_name(status),
                      "see the machine in its place, then \"situs fleet confirm\"", err);
    if (!m->piid[0])
        return refuse(SITUS_MISSING, "piid", "a platform instance", "none",
                      "\"situs fleet add --machine NAME --manifest FILE --pck FILE\"", err);
    return authenticated(m, err) && packages(f, m, err);
}

static bool record(struct fleet *f, const struct fleet_act *act, const struct fleet_machine *m,
                   const struct fleet_wish *wish, const struct fleet_poe *poe,
                   struct situs_err *err)
{
    char detail[400], *hex = malloc(2 * poe->n + 1);
    int64_t history;
    snprintf(detail, sizeof detail, "POE %s; PIID %s; owner %s; until %s", poe->id, m->piid,
             wish->owner, TEXT_TIME(wish->not_after));
    bool ok = hex || err_fail(err, SITUS_NO_MEMORY, STORE_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    ok = ok && store_history(f, act, "endorse", m->name, detail, &history, err) &&
         store_do(f, err, "INSERT INTO poe VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "tttnntn", poe->id,
                  m->piid, wish->owner, wish->not_before, wish->not_after,
                  text_hex(hex, 2 * poe->n + 1, span_of(poe->bytes, poe->n)), history);
    free(hex);
    return ok;
}

static bool sign_checked(struct fleet_machine *m, struct fleet_wish *wish, fleet_sign sign,
                         void *signer, struct fleet_poe *poe, struct situs_err *err)
{
    const int64_t from = wish->not_before, to = wish->not_after;
    uint8_t piid[16];
    if (!text_hex_read(piid, sizeof piid, span_text(m->piid)))
        return err_fail(err, SITUS_INTERNAL, STORE_PART, "piid", SITUS_NO_OFFSET, NULL, NULL);
    if (!sign(signer, SPAN_ARR(piid), wish, poe, err))
        return false;
    return (wish->not_before >= from && wish->not_after <= to && poe->n > 0 && poe->id[0]) ||
           err_fail(err, SITUS_INTERNAL, STORE_PART, "poe", SITUS_NO_OFFSET, NULL, NULL);
}

bool fleet_endorse(struct fleet *f, const struct fleet_act *act, struct fleet_wish *wish,
                   fleet_sign sign, void *signer, struct fleet_poe *poe, struct situs_err *err)
{
    struct fleet_machine m;
    poe->n = 0;
    poe->id[0] = 0;
    if (wish->not_before >= wish->not_after)
        return refuse(SITUS_MALFORMED, "window", "an end after the start",
                      TEXT_TIME(wish->not_after), "give --days", err);
    if (!change_name(act->operator, "operator", err) || !change_name(wish->owner, "owner", err) ||
        !store_begin(f, err))
        return false;
    bool ok = allowed(f, wish, &m, err) && sign_checked(&m, wish, sign, signer, poe, err) &&
              record(f, act, &m, wish, poe, err);
    if (store_end(f, ok, err))
        return true;
    poe->n = 0;
    return false;
}
