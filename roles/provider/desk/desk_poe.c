/* Endorsing; see desk_poe.h. */
#include "provider/desk/desk_poe.h"

#include "base/text.h"
#include "endorse/poe/poe_write.h"
#include "frame/file.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY 86400

bool desk_poe_days(const char *text, const char *option, int64_t *seconds)
{
    size_t n = strspn(text, "0123456789");
    uint64_t days;
    if ((text[n] == 0 || strcmp(text + n, "d") == 0) &&
        args_number(span_of(text, n), 1, 3660, &days)) {
        *seconds = (int64_t)days * DAY;
        return true;
    }
    out_error("--%s \"%s\" is not a number of days from 1 to 3660", option, text);
    out_hint("write 14 or 14d");
    return false;
}

bool desk_poe_ready(struct endorsing *e, int *exit)
{
    struct situs_err err = {0};
    *exit = EXIT_USAGE;
    e->life = POE_LIFE_DEFAULT;
    if (!desk_need(e->key, "key", "FILE") || !desk_need(e->chain, "chain", "FILE") ||
        (e->days && !desk_poe_days(e->days, "days", &e->life)))
        return false;
    if (signer_read(&e->signer, e->key, e->chain, &err))
        return true;
    *exit = desk_failed(&err);
    return false;
}

/* id_of reads the endorsement back: its id, in hex, and the window that it really has. */
static bool id_of(struct fleet_poe *poe, struct fleet_wish *wish, struct situs_err *err)
{
    struct poe read;
    if (!poe_read(&read, span_of(poe->bytes, poe->n), "endorsement", err))
        return false;
    if (2 * read.id.v.n >= sizeof poe->id)
        return err_fail(err, SITUS_TOO_LONG, "endorsement", "id", SITUS_NO_OFFSET, NULL, NULL);
    text_hex(poe->id, sizeof poe->id, read.id.v);
    wish->not_before = read.validity.from;
    wish->not_after = read.validity.to;
    return true;
}

static bool sign(void *signer, struct span piid, struct fleet_wish *wish, struct fleet_poe *poe,
                 struct situs_err *err)
{
    const struct endorsing *e = signer;
    struct wr w = wr_new(poe->bytes, sizeof poe->bytes);
    struct poe_terms terms = {.piid = piid,
                              .owner = span_text(wish->owner),
                              .iss = span_text(wish->issuer),
                              .refresh_uri = span_text(e->refresh ? e->refresh : ""),
                              .not_before = wish->not_before,
                              .not_after = wish->not_after,
                              .certs = e->signer.certs,
                              .n_certs = e->signer.n_certs,
                              .es384 = e->es384};
    if (!poe_write(&w, &terms, e->signer.key, "endorsement", err))
        return false;
    poe->n = w.n;
    return id_of(poe, wish, err);
}

bool desk_poe_endorse(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                      const char *machine, const char *owner, const char *path,
                      struct situs_err *err)
{
    struct fleet_poe poe;
    struct fleet_wish wish = {.machine = machine,
                              .owner = owner,
                              .issuer = e->issuer,
                              .other_owner = e->other_owner,
                              .life = e->life};
    return fleet_endorse(f, act, &wish, sign, e, &poe, err) &&
           (!path || file_write(path, span_of(poe.bytes, poe.n), err) ||
            err_hint(err, "it is recorded: \"situs fleet export --poe DIR\" writes it again"));
}

void desk_poe_path(char *path, size_t size, const char *directory, const char *piid)
{
    snprintf(path, size, "%s/%s.cbor", directory, piid);
}
