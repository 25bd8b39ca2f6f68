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

bool fleet_endorse(struct fleet *f, const struct fleet_act *act, struct fleet_wish *wish,
                   fleet_sign sign, void *signer, struct fleet_poe *poe, struct situs_err *err)
{
    struct fleet_machine m;
    struct fleet_act dated;
    char issuer[FLEET_NAME + 1];
    struct fleet_wish said = *wish;
    poe->n = 0;
    poe->id[0] = 0;
    if (wish->life <= 0)
        return refuse(SITUS_MALFORMED, "window", "an end after the start", TEXT_NUM(wish->life),
                      "give --days", err);
    if (!change_begin(f, act, CHANGE_USUAL, &dated, err))
        return false;
    bool ok = change_checked(f, err) && fleet_machine_get(f, wish->machine, &m, err) &&
              fleet_signable(&m, err) && named(f, &m, &said, issuer, err);
    said.not_before = dated.at;
    said.not_after = dated.at + wish->life;
    ok = ok && sign_checked(&m, &said, sign, signer, poe, err) &&
         record(f, &dated, &m, &said, poe, err);
    wish->not_before = said.not_before;
    wish->not_after = said.not_after;
    if (store_end(f, ok, err))
        return true;
    poe->n = 0;
    return false;
}
