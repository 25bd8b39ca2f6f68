/* Adding machines, their packages, EKs and platform instances; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

bool change_hex(const char *hex, size_t bytes, const char *field, struct situs_err *err)
{
    uint8_t id[32];
    bool ok = strlen(hex) == 2 * bytes && text_hex_read(id, bytes, span_text(hex)) &&
              !span_all(span_of(id, bytes), 0);
    for (const char *p = hex; ok && *p; p++)
        ok = *p < 'A' || *p > 'F';
    if (ok)
        return true;
    err_fail(err, SITUS_MALFORMED, STORE_PART, field, SITUS_NO_OFFSET,
             bytes == 16 ? "32 lower-case hex digits, not all zero"
                         : "64 lower-case hex digits, not all zero",
             TEXT_CUT(span_text(hex)));
    return err_hint(err, "nothing was changed; correct the identifier");
}

bool change_taken(const char *field, const char *id, const char *machine, const char *hint,
                  struct situs_err *err)
{
    char whose[FLEET_NAME + 100];
    snprintf(whose, sizeof whose, "%s of machine %s", id, machine);
    err_fail(err, SITUS_DUPLICATE, STORE_PART, field, SITUS_NO_OFFSET, "a part of one machine only",
             whose);
    return err_hint(err, hint);
}

bool change_machine(struct fleet *f, const char *machine, const char *site, struct situs_err *err)
{
    char has[FLEET_NAME + 1];
    enum fleet_status status;
    if (!site)
        return change_in_use(f, machine, &status, err);
    if (!change_name(machine, "machine", err) || !change_name(site, "site", err) ||
        !store_text(f, err, has, sizeof has, "SELECT site FROM machine WHERE name = ?1", "t",
                    machine))
        return false;
    if (has[0] && strcmp(has, site) != 0) {
        err_fail(err, SITUS_MISMATCH, STORE_PART, "site", SITUS_NO_OFFSET, has, site);
        return err_hint(err, "the inventory has this machine at another site; if it was moved: "
                             "\"situs fleet move\"");
    }
    if (has[0])
        return change_in_use(f, machine, &status, err);
    return change_site(site, err) && change_add_site(f, site, err) &&
           store_do(f, err, "INSERT INTO machine (name, site, status) VALUES (?1, ?2, 'pending')",
                    "tt", machine, site);
}

/* move takes a package over from a machine that was retired. Who sells or loses a machine has no
 * word any more about what is in it. */
static bool move(struct fleet *f, const struct fleet_act *act, const char *prid, const char *from,
                 const char *to, const char *vouched_by, struct situs_err *err)
{
    char detail[160];
    enum fleet_status status;
    if (!change_status(f, from, &status, err))
        return false;
    if (status < FLEET_RETIRED)
        return change_taken("prid", prid, from,
                            "a package that moved: retire the machine that it left, or correct the "
                            "papers",
                            err);
    if (status != FLEET_RETIRED) {
        snprintf(detail, sizeof detail, "%s of machine %s, %s", prid, from,
                 fleet_status_name(status));
        err_fail(err, SITUS_REVOKED, STORE_PART, "prid", SITUS_NO_OFFSET,
                 "a package of no machine that was sold or lost", detail);
        return err_hint(err, "a package that left with its machine does not come back in another");
    }
    snprintf(detail, sizeof detail, "package %s to %s", prid, to);
    return store_history(f, act, "move", from, detail, NULL, err) &&
           store_do(f, err,
                    "UPDATE prid SET machine = ?2, source = ?3, vouched_by = ?4 WHERE prid = ?1",
                    "tttt", prid, to, vouched_by ? "vouched" : "supply", vouched_by);
}

bool change_prid(struct fleet *f, const struct fleet_act *act, const char *machine,
                 const char *prid, const char *vouched_by, struct situs_err *err)
{
    char has[FLEET_NAME + 1];
    if (!change_hex(prid, 16, "prid", err) ||
        !store_text(f, err, has, sizeof has, "SELECT machine FROM prid WHERE prid = ?1", "t", prid))
        return false;
    if (has[0])
        return strcmp(has, machine) == 0 || move(f, act, prid, has, machine, vouched_by, err);
    return store_do(f, err, "INSERT INTO prid VALUES (?1, ?2, ?3, ?4)", "tttt", prid, machine,
                    vouched_by ? "vouched" : "supply", vouched_by);
}

/* free_ek says that the EK is no other machine's and has not ended; *has: it is there. */
static bool free_ek(struct fleet *f, const struct fleet_goods *g, bool *has, struct situs_err *err)
{
    char machine[FLEET_NAME + 1];
    int64_t ended = 0;
    if (!store_text(f, err, machine, sizeof machine, "SELECT machine FROM ek WHERE ek = ?1", "t",
                    g->ek) ||
        !store_number(f, err, &ended, "SELECT until IS NOT NULL FROM ek WHERE ek = ?1", "t", g->ek))
        return false;
    *has = machine[0] != 0;
    if (*has && strcmp(machine, g->machine) != 0)
        return change_taken("ek", g->ek, machine,
                            "a TPM stays with its machine and ends with it: correct the papers",
                            err);
    if (!ended)
        return true;
    err_fail(err, SITUS_REVOKED, STORE_PART, "ek", SITUS_NO_OFFSET, "an EK in use", g->ek);
    return err_hint(err, "this TPM was taken out and stays revoked; put another one in");
}

/* new_ek ends the one before: the swapped TPM is this machine's no more. */
static bool new_ek(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *g,
                   int64_t history, struct situs_err *err)
{
    enum fleet_status status;
    int64_t had = 0;
    return store_number(f, err, &had,
                        "SELECT COUNT(*) FROM ek WHERE machine = ?1 AND until IS NULL", "t",
                        g->machine) &&
           change_end_ek(f, act, g->machine, "replaced", history, err) &&
           store_do(f, err, "INSERT INTO ek (ek, machine, class, since) VALUES (?1, ?2, ?3, ?4)",
                    "tttn", g->ek, g->machine, g->vtpm ? "vtpm" : "dtpm", act->at) &&
           change_status(f, g->machine, &status, err) &&
           (!had || status != FLEET_ENROLLED ||
            change_set_status(f, g->machine, FLEET_PENDING, err));
}

/* name_ok says that it is a Name of SHA-256 or SHA-384: two bytes of the algorithm before it. */
static bool name_ok(const char *hex, struct situs_err *err)
{
    uint8_t name[50];
    size_t n = strlen(hex) / 2;
    if ((n == 34 || n == 50) && text_hex_read(name, n, span_text(hex)))
        return true;
    err_fail(err, SITUS_MALFORMED, STORE_PART, "ek_name", SITUS_NO_OFFSET, "34 or 50 bytes in hex",
             hex);
    return err_hint(err, "nothing was changed; correct the identifier");
}

static bool add_ek(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *g,
                   int64_t history, struct situs_err *err)
{
    bool has = false;
    if (!g->ek[0])
        return true;
    bool ok = change_hex(g->ek, 32, "ek", err) && free_ek(f, g, &has, err) &&
              (has || new_ek(f, act, g, history, err));
    for (size_t i = 0; ok && i < g->n_ek_names; i++)
        ok = name_ok(g->ek_name[i], err) &&
             store_do(f, err, "INSERT INTO ek_name VALUES (?1, ?2) ON CONFLICT DO NOTHING", "tt",
                      g->ek, g->ek_name[i]);
    return ok;
}

bool change_goods(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *g,
                  enum change_did *did, struct situs_err *err)
{
    char detail[200];
    int64_t history, there = 0;
    if (g->vouched_by && !change_name(g->vouched_by, "vouch", err))
        return false;
    snprintf(detail, sizeof detail, "%s%s; %zu package%s; EK %s", g->site ? "site " : "same site",
             g->site ? g->site : "", g->n_prids, g->n_prids == 1 ? "" : "s",
             g->ek[0] ? g->ek : "not given");
    if (g->vouched_by)
        snprintf(detail + strlen(detail), sizeof detail - strlen(detail), "; %s vouches",
                 g->vouched_by);
    bool ok = store_number(f, err, &there, "SELECT COUNT(*) FROM machine WHERE name = ?1", "t",
                           g->machine) &&
              store_mark(f, err) && change_machine(f, g->machine, g->site, err) &&
              store_history(f, act, "add", g->machine, detail, &history, err);
    int64_t before = store_changes(f);
    for (size_t i = 0; ok && i < g->n_prids; i++)
        ok = change_prid(f, act, g->machine, g->prid[i], g->vouched_by, err);
    ok = ok && add_ek(f, act, g, history, err);
    *did = !there ? CHANGE_ADDED : store_changes(f) != before ? CHANGE_CHANGED : CHANGE_NOTHING;
    return ok && store_unmark(f, *did != CHANGE_NOTHING, err);
}

bool fleet_add_goods(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *goods,
                     struct situs_err *err)
{
    struct fleet_act dated;
    enum change_did did;
    return change_begin(f, act, CHANGE_USUAL, &dated, err) &&
           store_end(f, change_goods(f, &dated, goods, &did, err), err);
}

/* claim_ok says that what the machine says of itself is whole and agrees with itself. */
static bool claim_ok(const struct fleet_platform *p, struct situs_err *err)
{
    if (!change_hex(p->piid, 16, "piid", err) ||
        (p->pck[0] && !change_hex(p->ppid, 16, "ppid", err)) ||
        (p->receipt[0] && !change_hex(p->receipt, 16, "receipt", err)) ||
        (p->vouched_by && !change_name(p->vouched_by, "vouch", err)))
        return false;
    for (size_t i = 0; i < p->n_prids; i++)
        if (!change_hex(p->prid[i], 16, "prid", err))
            return false;
    if (p->receipt[0] && !p->manifest[0]) {
        err_fail(err, SITUS_MISSING, STORE_PART, "manifest", SITUS_NO_OFFSET,
                 "the manifest that the receipt answers", "none");
        return err_hint(err, "give --manifest together with --receipt");
    }
    return true;
}

/* receipt_ok says that Intel's answer names the PPID of the PCK certificate, once both are
 * known. */
static bool receipt_ok(struct fleet *f, const char *piid, struct situs_err *err)
{
    fleet_id ppid, receipt;
    if (!store_text(f, err, ppid, sizeof ppid, "SELECT ppid FROM instance WHERE piid = ?1", "t",
                    piid) ||
        !store_text(f, err, receipt, sizeof receipt, "SELECT receipt FROM instance WHERE piid = ?1",
                    "t", piid))
        return false;
    if (!ppid[0] || !receipt[0] || strcmp(ppid, receipt) == 0)
        return true;
    err_fail(err, SITUS_MISMATCH, STORE_PART, "receipt", SITUS_NO_OFFSET, ppid, receipt);
    return err_hint(err, "Intel answered this manifest with another platform's PPID: manifest, "
                         "receipt and PCK certificate are not of one machine");
}

/* free_piid says that the PIID is this machine's and has not ended; *current says it is there. */
static bool free_piid(struct fleet *f, const struct fleet_platform *p, bool *current,
                      struct situs_err *err)
{
    char machine[FLEET_NAME + 1];
    int64_t ended = 0;
    if (!store_text(f, err, machine, sizeof machine, "SELECT machine FROM instance WHERE piid = ?1",
                    "t", p->piid) ||
        !store_number(f, err, &ended, "SELECT until IS NOT NULL FROM instance WHERE piid = ?1", "t",
                      p->piid))
        return false;
    *current = machine[0] != 0;
    if (*current && strcmp(machine, p->machine) != 0)
        return change_taken(
            "piid", p->piid, machine,
            "one platform instance is one machine: correct the papers, or look which "
            "machine this is",
            err);
    if (!ended)
        return true;
    err_fail(err, SITUS_REVOKED, STORE_PART, "piid", SITUS_NO_OFFSET, "a platform instance in use",
             p->piid);
    return err_hint(err, "this instance has ended and stays revoked; reset the machine's keys (SGX "
                         "factory reset) so that it gets a new PIID");
}

static bool set_manifest(struct fleet *f, const struct fleet_platform *p, struct situs_err *err)
{
    if (!p->manifest[0])
        return true;
    /* A second manifest for one instance (after a TCB recovery) must be authenticated anew. */
    bool ok =
        store_do(f, err,
                 "UPDATE instance SET manifest = ?2, receipt = ?3, vouched_by = ?4 "
                 "WHERE piid = ?1",
                 "tttt", p->piid, p->manifest, p->receipt[0] ? p->receipt : NULL, p->vouched_by) &&
        store_do(f, err, "DELETE FROM instance_prid WHERE piid = ?1", "t", p->piid);
    for (size_t i = 0; ok && i < p->n_prids; i++)
        ok = store_do(f, err, "INSERT INTO instance_prid VALUES (?1, ?2)", "tt", p->piid,
                      p->prid[i]);
    return ok;
}

/* set_pck keeps the PPID: it is as old as the PIID, and does not change with the TCB. */
static bool set_pck(struct fleet *f, const struct fleet_platform *p, struct situs_err *err)
{
    fleet_id ppid;
    if (!p->pck[0])
        return true;
    if (!store_text(f, err, ppid, sizeof ppid, "SELECT ppid FROM instance WHERE piid = ?1", "t",
                    p->piid))
        return false;
    if (ppid[0] && strcmp(ppid, p->ppid) != 0) {
        err_fail(err, SITUS_MISMATCH, STORE_PART, "ppid", SITUS_NO_OFFSET, ppid, p->ppid);
        return err_hint(err, "one platform instance has one PPID; the certificate is not of it");
    }
    return store_do(f, err, "UPDATE instance SET pck = ?2, ppid = ?3 WHERE piid = ?1", "ttt",
                    p->piid, p->pck, p->ppid);
}

/* new_instance ends the old one, if there is one, and starts this. */
static bool new_instance(struct fleet *f, const struct fleet_act *act,
                         const struct fleet_platform *p, int64_t history, struct situs_err *err)
{
    return change_end_instance(f, act, p->machine, "replaced", history, err) &&
           store_do(f, err, "INSERT INTO instance (piid, machine, since) VALUES (?1, ?2, ?3)",
                    "ttn", p->piid, p->machine, act->at) &&
           change_set_status(f, p->machine, FLEET_PENDING, err);
}

bool fleet_add_platform(struct fleet *f, const struct fleet_act *act,
                        const struct fleet_platform *p, struct situs_err *err)
{
    char detail[400];
    enum fleet_status status;
    bool current = false;
    int64_t history;
    struct fleet_act dated;
    if (!claim_ok(p, err) || !change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    snprintf(detail, sizeof detail, "PIID %s; manifest %s%s%s%s%s; PCK %s", p->piid,
             p->manifest[0] ? p->manifest : "not given", p->receipt[0] ? ", receipt " : "",
             p->receipt, p->vouched_by ? ", vouched for by " : "",
             p->vouched_by ? p->vouched_by : "", p->pck[0] ? p->pck : "not given");
    bool ok = change_in_use(f, p->machine, &status, err) && free_piid(f, p, &current, err) &&
              store_history(f, &dated, "platform", p->machine, detail, &history, err) &&
              (current || new_instance(f, &dated, p, history, err)) && set_manifest(f, p, err) &&
              set_pck(f, p, err) && receipt_ok(f, p->piid, err);
    return store_end(f, ok, err);
}
