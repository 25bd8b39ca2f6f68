/* Endorsing; see desk_poe.h. */
#include "provider/desk/desk_poe.h"

#include "base/text.h"
#include "endorse/poe/poe_write.h"
#include "frame/file.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY 86400

bool desk_poe_days(const char *text, const char *option, int64_t *seconds)
{
    size_t n = strspn(text, "0123456789");
    uint64_t days;
    if ((text[n] == 0 || strcmp(text + n, "d") == 0) &&
        text_number(span_of(text, n), 1, 3660, &days)) {
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
    if (!desk_need(e->sign.key, "key", "FILE") || !desk_need(e->sign.chain, "chain", "FILE") ||
        (e->days && !desk_poe_days(e->days, "days", &e->life)))
        return false;
    if (signer_read(&e->signer, &e->sign, &err))
        return true;
    out_failure(&err); /* exit 1: a file of one's own */
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

bool desk_poe_directory(const char *path)
{
    struct stat s;
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode) && access(path, W_OK | X_OK) == 0)
        return true;
    out_error("%s is not a directory that can be written", path);
    out_hint("make it first: mkdir -p %s", path);
    return false;
}

/* is_machines says that a refusal is of the one machine: the next one has the same clock, issuer and
 * inventory. */
static bool is_machines(const struct situs_err *why)
{
    static const char *const all[] = {"clock", "issuer", "seal"};
    bool own = strcmp(why->part, "fleet") == 0 && why->code != SITUS_INTERNAL;
    for (size_t i = 0; own && i < sizeof all / sizeof *all; i++)
        own = strcmp(why->field, all[i]) != 0;
    return own;
}

/* refused tells of a machine that is not endorsed; true: the others are. */
static bool refused(const struct desk_row *row, enum desk_poe_refusal refusal,
                    struct desk_poe_done *done, struct situs_err *why, struct situs_err *err)
{
    if (refusal == DESK_POE_STOP || !is_machines(why)) {
        *err = *why;
        return desk_row_failed(row, err);
    }
    if (refusal == DESK_POE_FAIL) {
        out_error("%s is not renewed:", row->machine);
        int exit = desk_failed(why);
        done->exit = done->refused ? done->exit : exit;
    } else if (done->refused < DESK_TOLD) {
        out_note("%s is not endorsed: %s: expected %s, got %s", row->machine, why->field,
                 why->expected, why->got);
    }
    done->refused++;
    return true;
}

static bool sign_all(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                     const struct desk_rows *rows, struct fleet_signed *v,
                     struct desk_poe_done *done, struct situs_err *err)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct desk_row *row = &rows->v[i];
        const char *owner = row->more[0][0] ? row->more[0] : e->owner;
        const struct fleet_wish wish = {.machine = row->machine,
                                        .owner = owner,
                                        .issuer = e->issuer,
                                        .other_owner = e->other_owner,
                                        .life = e->life};
        struct situs_err why = {0};
        if (fleet_sign_one(f, act, &wish, e->dry_run ? NULL : sign, e, &v[done->endorsed], &why))
            done->endorsed++;
        else if (!refused(row, e->refusal, done, &why, err))
            return false;
        desk_progress("signing", (int64_t)i + 1, (int64_t)rows->n);
    }
    return true;
}

static bool record_all(struct fleet *f, const struct fleet_act *act, const struct fleet_signed *v,
                       size_t n, struct situs_err *err)
{
    bool ok = fleet_hold(f, act, err);
    if (!ok)
        return false;
    for (size_t i = 0; ok && i < n; i++)
        ok = fleet_record(f, act, &v[i], err);
    return fleet_release(f, ok, err);
}

static bool write_all(const char *directory, const struct fleet_signed *v, size_t n,
                      struct situs_err *err)
{
    char path[4096];
    for (size_t i = 0; i < n; i++) {
        desk_poe_path(path, sizeof path, directory, v[i].piid);
        if (!file_write(path, span_of(v[i].bytes, v[i].n), err))
            return err_hint(err, "they are recorded: \"situs fleet export --poe DIR\" writes them "
                                 "again");
        desk_progress("writing", (int64_t)i + 1, (int64_t)n);
    }
    return true;
}

bool desk_poe_many(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                   const struct desk_rows *rows, struct desk_poe_done *done, struct situs_err *err)
{
    memset(done, 0, sizeof *done);
    struct fleet_signed *v = calloc(rows->n + 1, sizeof *v);
    if (!v)
        return err_fail(err, SITUS_NO_MEMORY, "fleet", "", SITUS_NO_OFFSET, NULL, NULL);
    bool ok = sign_all(f, act, e, rows, v, done, err);
    if (ok && e->refusal == DESK_POE_LEAVE && done->refused > DESK_TOLD)
        out_note("%zu more are not endorsed", done->refused - DESK_TOLD);
    ok = ok && (e->dry_run || (record_all(f, act, v, done->endorsed, err) &&
                               write_all(e->out, v, done->endorsed, err)));
    for (size_t i = 0; i < done->endorsed; i++)
        free(v[i].bytes);
    free(v);
    return ok;
}
