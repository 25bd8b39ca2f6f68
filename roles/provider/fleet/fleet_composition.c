/* Composition manifests of suppliers; see fleet.h and DESIGN: composition manifests. */
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

static bool form_ok(const struct fleet_composition *c, struct situs_err *err)
{
    if (!change_name(c->supplier, "supplier", err) || !change_name(c->serial, "serial", err) ||
        !change_hex(c->sha256, 32, "composition", err) ||
        (c->piid[0] && !change_hex(c->piid, 16, "piid", err)))
        return false;
    return c->n_prids > 0 || refuse(SITUS_MISSING, "prid", "one package or more", "none",
                                    "a manifest without packages says nothing", err);
}

/* one_machine says that serial number and machine are each other's alone. */
static bool one_machine(struct fleet *f, const struct fleet_composition *c, struct situs_err *err)
{
    char machine[FLEET_NAME + 1], serial[FLEET_NAME + 1];
    if (!store_text(f, err, machine, sizeof machine,
                    "SELECT machine FROM composition WHERE supplier = ?1 AND serial = ?2 LIMIT 1",
                    "tt", c->supplier, c->serial) ||
        !store_text(f, err, serial, sizeof serial,
                    "SELECT serial FROM composition WHERE supplier = ?1 AND machine = ?2 LIMIT 1",
                    "tt", c->supplier, c->machine))
        return false;
    if (machine[0] && strcmp(machine, c->machine) != 0)
        return change_taken("serial", c->serial, machine,
                            "a serial number is of one machine: correct the papers", err);
    return !serial[0] || strcmp(serial, c->serial) == 0 ||
           refuse(SITUS_MISMATCH, "serial", serial, c->serial,
                  "the manifest is of another machine of this supplier", err);
}

/* newer says that no manifest of this number or a later one was seen: an old one may name a package
 * that was taken out since. */
static bool newer(struct fleet *f, const struct fleet_composition *c, struct situs_err *err)
{
    int64_t highest = 0;
    if (!store_number(f, err, &highest,
                      "SELECT MAX(number) FROM composition WHERE supplier = ?1 AND serial = ?2",
                      "tt", c->supplier, c->serial))
        return false;
    if (c->number > highest)
        return true;
    return refuse(c->number == highest ? SITUS_DUPLICATE : SITUS_OUT_OF_DATE, "number",
                  "a number above the last manifest's", TEXT_NUM(c->number),
                  "get the supplier's newest manifest of this machine", err);
}

static bool record(struct fleet *f, const struct fleet_composition *c, int64_t history,
                   struct situs_err *err)
{
    char *hex = malloc(2 * c->bytes.n + 1);
    bool ok = hex || err_fail(err, SITUS_NO_MEMORY, STORE_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    ok =
        ok &&
        store_do(f, err, "INSERT INTO composition VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 "ttttnnttn", c->sha256, c->machine, c->supplier, c->serial, c->number, c->issued,
                 c->piid[0] ? c->piid : NULL, text_hex(hex, 2 * c->bytes.n + 1, c->bytes), history);
    free(hex);
    for (size_t i = 0; ok && i < c->n_prids; i++)
        ok = change_hex(c->prid[i], 16, "prid", err) &&
             store_do(f, err, "INSERT INTO composition_prid VALUES (?1, ?2)", "tt", c->sha256,
                      c->prid[i]);
    return ok;
}

/* enrol takes the packages over: those of this manifest are in the machine, those that only an
 * earlier one of the same serial number named have left it. An operator's word stays. */
static bool enrol(struct fleet *f, const struct fleet_act *act, const struct fleet_composition *c,
                  struct situs_err *err)
{
    bool ok = store_do(f, err,
                       "DELETE FROM prid WHERE machine = ?1 AND source = 'supply' "
                       "AND prid IN (SELECT p.prid FROM composition_prid p JOIN composition o "
                       "ON o.sha256 = p.sha256 WHERE o.supplier = ?2 AND o.serial = ?3) "
                       "AND prid NOT IN (SELECT prid FROM composition_prid WHERE sha256 = ?4)",
                       "tttt", c->machine, c->supplier, c->serial, c->sha256);
    for (size_t i = 0; ok && i < c->n_prids; i++)
        ok = change_prid(f, act, c->machine, c->prid[i], NULL, err);
    return ok;
}

bool fleet_add_composition(struct fleet *f, const struct fleet_act *act,
                           const struct fleet_composition *c, struct situs_err *err)
{
    char detail[500];
    int64_t history;
    struct fleet_act dated;
    if (!form_ok(c, err) || !change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    snprintf(detail, sizeof detail,
             "authenticated by composition manifest of %s; serial %s; number %lld of %s; "
             "%zu package%s; PIID %s; SHA-256 %s",
             c->supplier, c->serial, (long long)c->number, TEXT_TIME(c->issued), c->n_prids,
             c->n_prids == 1 ? "" : "s", c->piid[0] ? c->piid : "not named", c->sha256);
    bool ok = change_machine(f, c->machine, c->site, err) && one_machine(f, c, err) &&
              newer(f, c, err) &&
              store_history(f, &dated, "composition", c->machine, detail, &history, err) &&
              record(f, c, history, err) && enrol(f, &dated, c, err);
    return store_end(f, ok, err);
}
