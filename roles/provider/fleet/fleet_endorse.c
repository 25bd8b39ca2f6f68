/* Endorsing a machine, and the record of it; see fleet.h. */
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

static bool record(struct fleet *f, const struct fleet_act *act, const struct fleet_signed *it,
                   struct situs_err *err)
{
    char detail[400], *hex = malloc(2 * it->n + 1);
    int64_t history;
    snprintf(detail, sizeof detail, "POE %s; PIID %s; owner %s; until %s", it->id, it->piid,
             it->owner, TEXT_TIME(it->not_after));
    bool ok = hex || err_fail(err, SITUS_NO_MEMORY, STORE_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    ok = ok && store_history(f, act, "endorse", it->machine, detail, &history, err) &&
         store_do(f, err, "INSERT INTO poe VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "tttnntn", it->id,
                  it->piid, it->owner, it->not_before, it->not_after,
                  text_hex(hex, 2 * it->n + 1, span_of(it->bytes, it->n)), history);
    free(hex);
    return ok;
}

struct maker {
    fleet_sign sign; /* NULL: only say whether it would be signed */
    void *signer;
};

static bool sign_checked(struct fleet_machine *m, struct fleet_wish *wish, struct maker by,
                         struct fleet_poe *poe, struct situs_err *err)
{
    const int64_t from = wish->not_before, to = wish->not_after;
    uint8_t piid[16];
    if (!text_hex_read(piid, sizeof piid, span_text(m->piid)))
        return err_fail(err, SITUS_INTERNAL, STORE_PART, "piid", SITUS_NO_OFFSET, NULL, NULL);
    if (!by.sign(by.signer, SPAN_ARR(piid), wish, poe, err))
        return false;
    return (wish->not_before >= from && wish->not_after <= to && poe->n > 0 && poe->id[0]) ||
           err_fail(err, SITUS_INTERNAL, STORE_PART, "poe", SITUS_NO_OFFSET, NULL, NULL);
}

#define TRIES 64 /* endorsements of one machine in one second */

/* sign_anew gives the endorsement an id that none has: what says the same for the same time has the
 * same, so each of a second ends a second earlier than the one before. */
static bool sign_anew(struct fleet *f, struct fleet_machine *m, struct fleet_wish *wish,
                      struct maker by, struct fleet_poe *poe, struct situs_err *err)
{
    int64_t taken = 0, from = wish->not_before;
    for (int i = 0; i < TRIES; i++) {
        if (!sign_checked(m, wish, by, poe, err) ||
            !store_number(f, err, &taken, "SELECT COUNT(*) FROM poe WHERE id = ?1", "t", poe->id))
            return false;
        if (!taken)
            return true;
        wish->not_before = from;
        wish->not_after--;
    }
    return refuse(SITUS_DUPLICATE, "poe", "at most 64 endorsements of a machine in a second",
                  m->name, "wait a second, and run this again", err);
}

/* named fills in the names that were set, where the wish has none; what it has must be these. */
static bool named(struct fleet *f, const struct fleet_machine *m, struct fleet_wish *wish,
                  char issuer[FLEET_NAME + 1], struct situs_err *err)
{
    wish->owner = wish->owner ? wish->owner : m->set_owner;
    if (!fleet_owned(m, wish->owner, wish->other_owner, err) ||
        !change_name(wish->owner, "owner", err) ||
        !fleet_issuer(f, wish->issuer, wish->other_owner, issuer, err))
        return false;
    wish->issuer = issuer;
    return true;
}

/* prepare signs for a machine that may be signed for; it reads only. */
static bool prepare(struct fleet *f, const struct fleet_act *dated, const struct fleet_wish *wish,
                    struct maker by, struct fleet_poe *poe, struct fleet_signed *out,
                    struct situs_err *err)
{
    struct fleet_machine m;
    struct fleet_wish said = *wish;
    char issuer[FLEET_NAME + 1];
    memset(out, 0, sizeof *out);
    poe->n = 0;
    poe->id[0] = 0;
    if (!fleet_machine_get(f, wish->machine, &m, err) || !fleet_signable(&m, err) ||
        !named(f, &m, &said, issuer, err))
        return false;
    said.not_before = dated->at;
    said.not_after = dated->at + wish->life;
    if (by.sign && !sign_anew(f, &m, &said, by, poe, err))
        return false;
    memcpy(out->machine, m.name, sizeof out->machine);
    memcpy(out->piid, m.piid, sizeof out->piid);
    memcpy(out->id, poe->id, sizeof out->id);
    snprintf(out->owner, sizeof out->owner, "%s", said.owner);
    out->other_owner = wish->other_owner;
    out->not_before = said.not_before;
    out->not_after = said.not_after;
    return true;
}

static bool life_ok(const struct fleet_wish *wish, struct situs_err *err)
{
    return wish->life > 0 || refuse(SITUS_MALFORMED, "window", "an end after the start",
                                    TEXT_NUM(wish->life), "give --days", err);
}

bool fleet_endorse(struct fleet *f, const struct fleet_act *act, struct fleet_wish *wish,
                   fleet_sign sign, void *signer, struct fleet_poe *poe, struct situs_err *err)
{
    struct fleet_act dated;
    struct fleet_signed it;
    poe->n = 0;
    if (!life_ok(wish, err) || !change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    bool ok = change_checked(f, err) &&
              prepare(f, &dated, wish, (struct maker){sign, signer}, poe, &it, err);
    if (ok) {
        it.bytes = poe->bytes;
        it.n = poe->n;
        ok = record(f, &dated, &it, err);
        wish->not_before = it.not_before;
        wish->not_after = it.not_after;
    }
    if (store_end(f, ok, err))
        return true;
    poe->n = 0;
    return false;
}

bool fleet_sign_one(struct fleet *f, const struct fleet_act *act, const struct fleet_wish *wish,
                    fleet_sign sign, void *signer, struct fleet_signed *out, struct situs_err *err)
{
    struct fleet_act dated;
    struct fleet_poe poe;
    memset(out, 0, sizeof *out);
    if (!life_ok(wish, err) || (!f->checked && !fleet_check(f, err)) || !store_snapshot(f, err))
        return false;
    bool ok = change_date(f, act, CHANGE_USUAL, &dated, err) &&
              prepare(f, &dated, wish, (struct maker){sign, signer}, &poe, out, err);
    store_end(f, false, err);
    if (!ok || !sign)
        return ok;
    out->bytes = malloc(poe.n);
    if (!out->bytes)
        return err_fail(err, SITUS_NO_MEMORY, STORE_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(out->bytes, poe.bytes, poe.n);
    out->n = poe.n;
    return true;
}

bool fleet_record(struct fleet *f, const struct fleet_act *act, const struct fleet_signed *it,
                  struct situs_err *err)
{
    struct fleet_act dated;
    struct fleet_machine m;
    if (!change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    bool ok = fleet_machine_get(f, it->machine, &m, err) && fleet_signable(&m, err) &&
              fleet_owned(&m, it->owner, it->other_owner, err);
    if (ok && strcmp(m.piid, it->piid) != 0)
        ok = refuse(SITUS_MISMATCH, "piid", it->piid, m.piid,
                    "the machine got another platform instance while it was signed for: run this "
                    "again",
                    err);
    return store_end(f, ok && record(f, &dated, it, err), err);
}
