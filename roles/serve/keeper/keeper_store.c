/* The keeper's database; see keeper_store.h. */
#include "serve/keeper/keeper_store.h"

#include "base/text.h"
#include "frame/out.h"
#include "serve/keeper/keeper_mark.h"
#include "serve/world/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 1000

#define RAISE                                                                 \
    "INSERT INTO situs_seen (kind, anchor, subject, facility, number, at) "   \
    "VALUES ($1, $2, $3, $4, $5, $6) "                                        \
    "ON CONFLICT (kind, anchor, subject, facility) DO UPDATE "                \
    "SET number = excluded.number, at = excluded.at WHERE excluded.number > " \
    "situs_seen.number"

/* share makes the memory of each policy anew: what its trust file knows, or judges would refuse the request. */
static bool share(struct keeper_store *s)
{
    static struct serve_seen_set some;
    bool ok = true;
    for (size_t p = 0; ok && p < s->world->config.n; p++) {
        struct situs_err ignored = {0};
        some.n = 0;
        for (size_t i = 0; i < s->seen->n; i++) {
            const struct situs_seen view = serve_seen_view(&s->seen->v[i]);
            ignored = (struct situs_err){0};
            if (situs_seen_known(&view, 1, s->world->loaded[p].trust.trust, &ignored))
                some.v[some.n++] = s->seen->v[i];
        }
        if (s->memory[p] != -1)
            close(s->memory[p]);
        s->memory[p] = some.n ? talk_memory(some.v, some.n * sizeof *some.v) : -1;
        s->n[p] = (uint32_t)some.n;
        ok = some.n == 0 || s->memory[p] != -1;
    }
    return ok;
}

static bool take_text(struct database *db, int column, char *to, size_t size)
{
    return snprintf(to, size, "%s", database_column(db, column)) < (int)size;
}

/* raise_one counts a number, but for those that the operator does not believe. One that has no place is no failure: its
 * policy's list is not current then. */
static bool raise_one(struct keeper_store *s, const struct serve_seen *row)
{
    return serve_seen_forgotten(&s->world->config, row) || serve_seen_raise(s->seen, row);
}

/* raise_date does so with a date. */
static struct serve_date *raise_date(struct keeper_store *s, size_t policy, const char *name,
                                     int64_t at)
{
    return serve_dates_forgotten(&s->world->config, policy, name, at)
               ? NULL
               : serve_dates_raise(s->dates, policy, name, at);
}

/* forget_one takes a number from the record; *known: it was there. */
static bool forget_one(struct keeper_store *s, const struct serve_forget *f, bool *known,
                       struct situs_err *err)
{
    bool ok = database_ask(&s->db, err,
                           "DELETE FROM situs_seen WHERE kind = $1 AND anchor = $2 AND subject = "
                           "$3 AND facility = $4 AND number = $5 RETURNING number",
                           f->kind, f->anchor, f->subject, f->facility, TEXT_NUM(f->number), NULL);
    *known = ok && database_next(&s->db, err);
    return ok && err->code == SITUS_NONE;
}

/* note_forgotten puts a line into the audit log: before the record changes for good, so that none is forgotten unseen. */
static bool note_forgotten(struct keeper_store *s, const struct serve_forget *f,
                           struct situs_err *err)
{
    const struct audit_forgotten line = {.at = (int64_t)time(NULL),
                                         .kind = f->kind,
                                         .anchor = f->anchor,
                                         .subject = f->subject,
                                         .facility = f->facility,
                                         .number = f->number};
    out_note("number %lld of %s of \"%s\" is forgotten: the configuration says so",
             (long long)f->number, f->kind, f->anchor);
    return !s->audit->path ||
           audit_log_end(s->audit,
                         audit_log_begin(s->audit, err) && audit_log_forget(s->audit, &line), err);
}

/* forget takes from the record what the operator does not believe, and says so: it is his word against a signature's. Of
 * what is not on record it says that. */
static bool forget(struct keeper_store *s, struct situs_err *err)
{
    const struct serve_config *c = &s->world->config;
    bool ok = true, known;
    for (size_t i = 0; ok && i < c->n_forget; i++) {
        const struct serve_forget *f = &c->forget[i];
        ok = forget_one(s, f, &known, err) && (!known || note_forgotten(s, f, err));
        if (ok && !known && s->change == 0) /* of the first time */
            out_note("number %lld of %s of \"%s\" is not on record: nothing is forgotten",
                     (long long)f->number, f->kind, f->anchor);
    }
    return ok;
}

/* marked takes a row of the mark, as it would one of the database. */
static void marked(void *own, const struct serve_seen *row)
{
    struct keeper_store *s = own;
    const struct serve_config *c = &s->world->config;
    int policy = strcmp(row->kind, "date") == 0 ? serve_config_policy(c, row->anchor) : -1;
    if (policy >= 0 && strcmp(row->facility, c->replica) == 0)
        raise_date(s, (size_t)policy, row->subject, (int64_t)row->number);
    else if (strcmp(row->kind, "date") != 0 && serve_seen_known(s->world, c->n, row->anchor))
        raise_one(s, row);
}

static bool read_mark(struct keeper_store *s, struct situs_err *err)
{
    const char *path = s->world->config.store_mark;
    return !path || keeper_mark_read(path, marked, s, err);
}

/* write_mark writes it anew, and nothing below what it says: the generation after this one may have written it. */
static bool write_mark(struct keeper_store *s, struct situs_err *err)
{
    const struct serve_config *c = &s->world->config;
    return !c->store_mark ||
           (read_mark(s, err) && keeper_mark_write(c->store_mark, s->seen, s->dates, c, err));
}

/* read_seen takes the numbers that are on record; ours stay where they are higher. */
static bool read_seen(struct keeper_store *s, struct situs_err *err)
{
    struct serve_seen row;
    struct database *db = &s->db;
    if (!database_ask(db, err,
                      "SELECT kind, anchor, subject, facility, number FROM situs_seen "
                      "WHERE kind <> 'date'",
                      NULL))
        return false;
    while (database_next(db, err)) {
        memset(&row, 0, sizeof row);
        row.number = strtoull(database_column(db, 4), NULL, 10);
        if (!take_text(db, 0, row.kind, sizeof row.kind) ||
            !take_text(db, 1, row.anchor, sizeof row.anchor) ||
            !take_text(db, 2, row.subject, sizeof row.subject) ||
            !take_text(db, 3, row.facility, sizeof row.facility))
            return database_fail("names that are too long", err);
        if (serve_seen_known(s->world, s->world->config.n, row.anchor))
            raise_one(s, &row);
    }
    return err->code == SITUS_NONE;
}

/* Dates are each replica's own: one that fetched later than another holds nothing that was put back. Their rows have the
 * policy for an anchor, the item for a subject. */
static bool read_dates(struct keeper_store *s, struct situs_err *err)
{
    struct database *db = &s->db;
    if (!database_ask(db, err,
                      "SELECT anchor, subject, number FROM situs_seen WHERE kind = 'date' AND "
                      "facility = $1",
                      s->world->config.replica, NULL))
        return false;
    while (database_next(db, err)) {
        int policy = serve_config_policy(&s->world->config, database_column(db, 0));
        int64_t at = strtoll(database_column(db, 2), NULL, 10);
        struct serve_date *v =
            policy < 0 ? NULL : raise_date(s, (size_t)policy, database_column(db, 1), at);
        if (v)
            v->stored = at;
    }
    return err->code == SITUS_NONE;
}

static bool write_dates(struct keeper_store *s, struct situs_err *err)
{
    const struct serve_config *c = &s->world->config;
    for (size_t p = 0; p < c->n; p++)
        for (size_t i = 0; i < s->dates->n[p]; i++) {
            struct serve_date *v = &s->dates->v[p][i];
            if (v->at <= v->stored)
                continue;
            if (!database_ask(&s->db, err, RAISE, "date", c->policies[p].name, v->name, c->replica,
                              TEXT_NUM(v->at), TEXT_NUM(time(NULL)), NULL))
                return false;
            v->stored = v->at;
        }
    return true;
}

/* write_seen puts on record what is higher there than it was. */
static bool write_seen(struct keeper_store *s, struct situs_err *err)
{
    bool ok = database_ask(&s->db, err,
                           "UPDATE situs_change SET value = value + 1 WHERE name = 'seen'", NULL);
    for (size_t i = 0; ok && i < s->seen->n; i++) {
        const struct serve_seen *v = &s->seen->v[i];
        ok = database_ask(&s->db, err, RAISE, v->kind, v->anchor, v->subject, v->facility,
                          TEXT_NUM(v->number), TEXT_NUM(time(NULL)), NULL);
    }
    return ok && write_dates(s, err);
}

static bool read_change(struct keeper_store *s, int64_t *change, struct situs_err *err)
{
    return database_ask(&s->db, err, "SELECT value FROM situs_change WHERE name = 'seen'", NULL) &&
           database_number(&s->db, change, err) &&
           (*change > 0 || database_fail("a database that lost its rows", err));
}

/* audit_agrees says that the audit log goes at least as far as was put on record: one that was cut, or an older copy of
 * it, does not. */
static bool audit_agrees(struct keeper_store *s, struct situs_err *err)
{
    char hex[65];
    const struct audit_head *head = &s->audit->head;
    if (!s->audit->path)
        return true;
    if (!audit_log_end(s->audit, audit_log_begin(s->audit, err),
                       err) || /* another generation may have written */
        !database_ask(&s->db, err, "SELECT number, sha256 FROM situs_audit WHERE replica = $1",
                      s->world->config.replica, NULL))
        return false;
    if (!database_next(&s->db, err))
        return err->code == SITUS_NONE;
    uint64_t number = strtoull(database_column(&s->db, 0), NULL, 10);
    if (number < head->number ||
        (number == head->number && strcmp(database_column(&s->db, 1),
                                          text_hex(hex, sizeof hex, SPAN_ARR(head->sha256))) == 0))
        return true;
    err_fail(err, SITUS_MISMATCH, "audit log", "head", SITUS_NO_OFFSET, TEXT_NUM(number),
             TEXT_NUM(head->number));
    return err_hint(err, "the log and its PATH-head were cut or put back: bring them back, or give "
                         "the replica another name");
}

static bool write_audit(struct keeper_store *s, struct situs_err *err)
{
    char hex[65];
    const struct audit_head *head = &s->audit->head;
    if (!s->audit->path || head->number <= s->audited)
        return true;
    if (!database_ask(&s->db, err,
                      "INSERT INTO situs_audit (replica, number, sha256) VALUES ($1, $2, $3) "
                      "ON CONFLICT (replica) DO UPDATE SET number = excluded.number, sha256 = "
                      "excluded.sha256 "
                      "WHERE excluded.number > situs_audit.number",
                      s->world->config.replica, TEXT_NUM(head->number),
                      text_hex(hex, sizeof hex, SPAN_ARR(head->sha256)), NULL))
        return false;
    s->audited = head->number;
    return true;
}

/* meet connects, and makes what both sides know the same: the higher number counts. */
static bool meet(struct keeper_store *s, struct situs_err *err)
{
    const struct database_place *place = &s->world->config.store;
    if (!database_open(&s->db, place, s->looked == 0 && !place->there, err))
        return false;
    s->audited = 0;
    bool ok = database_begin(&s->db, err) && audit_agrees(s, err) && forget(s, err) &&
              read_mark(s, err) && read_seen(s, err) && read_dates(s, err) && write_seen(s, err) &&
              read_change(s, &s->change, err);
    ok = database_end(&s->db, ok, err);
    s->higher = !ok;
    return ok && write_mark(s, err) && (share(s) || database_fail("no memory", err));
}

/* raise puts numbers on record that were not when it connected. */
static bool raise_seen(struct keeper_store *s, struct situs_err *err)
{
    if (!s->higher)
        return true;
    s->higher = !database_end(&s->db, database_begin(&s->db, err) && write_seen(s, err), err);
    return !s->higher && write_mark(s, err);
}

/* look sees that it is there, and takes what another replica has put on record. */
static bool look(struct keeper_store *s, struct situs_err *err)
{
    int64_t change;
    if (!raise_seen(s, err) || !read_change(s, &change, err) || !write_audit(s, err))
        return false;
    if (change == s->change)
        return true;
    s->change = change;
    return read_seen(s, err) && write_mark(s, err) && (share(s) || database_fail("no memory", err));
}

bool keeper_store_answers(struct keeper_store *s, int64_t (*steady)(void))
{
    if (!s->used || (s->looked && steady() - s->looked < LOOK_MS))
        return s->up || !s->used;
    enum situs_code before = s->why.code;
    s->why = (struct situs_err){0};
    s->up = s->up ? look(s, &s->why) : meet(s, &s->why);
    s->looked = steady(); /* of its end: one that is silent is not waited for all the time */
    if (!s->up)
        database_close(&s->db);
    if (!s->up && (!s->told || s->why.code != before))
        out_failure(&s->why);
    else if (s->up && s->told)
        out_note("the database answers again");
    s->told = !s->up;
    return s->up;
}

bool keeper_store_current(const struct keeper_store *s, size_t policy, struct situs_err *err)
{
    return serve_seen_current(s->held, s->n_held, policy, s->seen, err) &&
           serve_dates_believed(s->dated, &s->world->config, policy, err) &&
           serve_dates_current(s->dated, s->dates, policy, err);
}

bool keeper_store_hold(struct keeper_store *s, const struct serve_dates *dates,
                       const struct serve_number *rows, size_t n)
{
    *s->dated = *dates;
    for (size_t p = 0; p < s->world->config.n; p++)
        for (size_t i = 0; i < dates->n[p] && i < SERVE_DATES; i++)
            raise_date(s, p, dates->v[p][i].name, dates->v[p][i].at);
    bool ok = n <= SERVE_NUMBERS, counted = true;
    s->n_held = ok ? n : 0;
    if (s->n_held)
        memcpy(s->held, rows, s->n_held * sizeof *rows);
    for (size_t i = 0; ok && i < n; i++)
        counted = raise_one(s, &rows[i].seen) && counted;
    s->higher = true;
    return ok && share(s) && counted;
}

bool keeper_store_begin(struct keeper_store *s, const struct serve_world *world,
                        struct audit_log *audit, int64_t (*steady)(void))
{
    *s = (struct keeper_store){.world = world,
                               .audit = audit,
                               .seen = calloc(1, sizeof *s->seen),
                               .held = calloc(SERVE_NUMBERS, sizeof *s->held),
                               .dates = calloc(1, sizeof *s->dates),
                               .dated = calloc(1, sizeof *s->dated)};
    for (size_t i = 0; i < SERVE_POLICIES; i++)
        s->memory[i] = -1;
    if (s->seen)
        s->seen->most = serve_seen_places(world);
    s->used = world->config.store.sqlite || world->config.store.postgresql;
    if (!s->seen || !s->held || !s->dates || !s->dated ||
        !keeper_store_hold(s, world->dates, world->numbers, world->n_numbers)) {
        out_error("the keeper cannot start: no memory");
        return false;
    }
    return keeper_store_answers(s, steady) ||
           (s->why.code != SITUS_UNSUPPORTED && s->why.code != SITUS_MALFORMED);
}

void keeper_store_end(struct keeper_store *s)
{
    database_close(&s->db);
    for (size_t i = 0; s->seen && i < SERVE_POLICIES; i++)
        if (s->memory[i] != -1)
            close(s->memory[i]);
    free(s->dated);
    free(s->dates);
    free(s->held);
    free(s->seen);
    *s = (struct keeper_store){.seen = NULL};
}
