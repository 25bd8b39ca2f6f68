/* Watched machines on record; see machine_store.h. */
#include "serve/keeper/machine_store.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "frame/file.h"
#include "model/policy.h"
#include "serve/keeper/hook_store.h"
#include "serve/world/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define BOOT "/proc/sys/kernel/random/boot_id"
#define MARK_MAX 64
#define EVENTS_MOST 100
#define DAY 86400
#define PROOFS_TEXT 256

#define IDENTITY_MAX 1024
#define HEX (2 * sizeof((struct record_id *)NULL)->v + 1)

bool machine_store_boot(struct machine_store *s, struct situs_err *err)
{
    FILE *f = fopen(BOOT, "re");
    bool ok = f && fgets(s->boot, sizeof s->boot, f);
    if (f)
        fclose(f);
    s->boot[strcspn(s->boot, "\n")] = 0;
    return (ok && s->boot[0]) ||
           err_fail(err, SITUS_INTERNAL, BOOT, "", SITUS_NO_OFFSET, "which boot this is", "none");
}

/* read_mark reads the highest numbers that were: epoch, event, restored; zeros: there is no mark. */
static bool read_mark(const char *path, int64_t n[3], struct situs_err *err)
{
    struct file f = {0};
    uint64_t v[3] = {0};
    n[0] = n[1] = n[2] = 0;
    if (access(path, F_OK) == -1)
        return true;
    if (!file_read(&f, path, MARK_MAX, err))
        return false;
    struct span rest = text_trim(file_span(&f)), first = text_field(&rest, ' ');
    struct span second = text_field(&rest, ' ');
    bool ok = text_number(first, 0, INT64_MAX, &v[0]) && text_number(second, 0, INT64_MAX, &v[1]) &&
              (rest.n == 0 || text_number(rest, 0, INT64_MAX, &v[2]));
    for (int i = 0; ok && i < 3; i++)
        n[i] = (int64_t)v[i];
    if (!ok)
        err_fail(err, SITUS_MALFORMED, path, "", SITUS_NO_OFFSET, "two or three numbers",
                 TEXT_CUT(file_span(&f)));
    file_free(&f);
    return ok;
}

bool machine_store_mark(const struct machine_store *s, struct situs_err *err)
{
    char text[MARK_MAX];
    struct wr w = wr_new(text, sizeof text);
    wr_format(&w, "%lld %lld %lld\n", (long long)s->epoch, (long long)s->event,
              (long long)s->restored);
    return file_write(s->mark, wr_span(&w), err);
}

static bool counter(struct database *db, const char *name, int64_t *v, struct situs_err *err)
{
    return database_ask(db, err, "SELECT value FROM situs_change WHERE name = $1", name, NULL) &&
           database_number(db, v, err);
}

static bool set_counter(struct database *db, const char *name, int64_t v, struct situs_err *err)
{
    return database_ask(db, err, "UPDATE situs_change SET value = $2 WHERE name = $1", name,
                        TEXT_NUM(v), NULL);
}

static bool read_restored(struct database *db, int64_t *at, struct situs_err *err)
{
    return database_ask(db, err, "SELECT COALESCE(MAX(value), 0) FROM situs_change WHERE name = $1",
                        "restored", NULL) &&
           database_number(db, at, err);
}

/* say_restored says to the other replicas that the record is of before: at that second, or after the last time. */
static bool say_restored(struct machine_store *s, struct database *db, int64_t at,
                         struct situs_err *err)
{
    s->restored = at > s->restored ? at : s->restored + 1;
    return database_ask(db, err,
                        "INSERT INTO situs_change (name, value) VALUES ($1, $2) "
                        "ON CONFLICT (name) DO UPDATE SET value = $2",
                        "restored", TEXT_NUM(s->restored), NULL);
}

bool machine_store_claim(struct machine_store *s, struct database *db, int64_t at,
                         enum machine_lost *lost, struct situs_err *err)
{
    int64_t marked[3], epoch, event, restored;
    if (!read_mark(s->mark, marked, err) || !counter(db, "epoch", &epoch, err) ||
        !counter(db, "event", &event, err) || !read_restored(db, &restored, err))
        return false;
    /* What this process knows counts as the mark does: the database may have been put back meanwhile. */
    marked[0] = s->epoch > marked[0] ? s->epoch : marked[0];
    marked[1] = s->event > marked[1] ? s->event : marked[1];
    marked[2] = s->restored > marked[2] ? s->restored : marked[2];
    bool behind = epoch < marked[0] || event < marked[1] || restored < marked[2];
    bool told = marked[0] > 0 && restored > marked[2];
    *lost = behind || told                ? MACHINE_RECORD
            : epoch > 0 && marked[0] == 0 ? MACHINE_MARK
                                          : MACHINE_NOTHING;
    s->restored = restored > marked[2] ? restored : marked[2];
    if (behind && !say_restored(s, db, at, err))
        return false;
    s->epoch = (epoch > marked[0] ? epoch : marked[0]) + 1;
    s->event = event > marked[1] ? event : marked[1];
    return set_counter(db, "epoch", s->epoch, err) && set_counter(db, "event", s->event, err);
}

bool machine_store_claims(struct machine_store *s, struct database *db, int64_t *n, bool *lost,
                          struct situs_err *err)
{
    int64_t restored = 0;
    if (!counter(db, "epoch", n, err) || !read_restored(db, &restored, err))
        return false;
    *lost = restored > s->restored;
    s->restored = *lost ? restored : s->restored;
    return true;
}

/* identity is all that the operator says of a machine. */
static const char *identity(const struct serve_machine *m, char text[IDENTITY_MAX])
{
    struct wr w = wr_new(text, IDENTITY_MAX - 1);
    wr_text(&w, m->policy_name);
    for (size_t i = 0; i < RECORD_IDS; i++) {
        wr_u8(&w, ' ');
        wr_hex(&w, span_of(m->terms.ids[i].v, m->terms.ids[i].n));
    }
    wr_u8(&w, ' ');
    wr_hex(&w, span_of(m->terms.channel, m->terms.has_channel ? sizeof m->terms.channel : 0));
    text[w.n] = 0;
    return text;
}

static int word(const char *text, const char *(*of)(int), int n)
{
    int i = 0;
    while (i < n && strcmp(of(i), text) != 0)
        i++;
    return i;
}

static const char *state_word(int i)
{
    return continuity_state_word((enum continuity_state)i);
}

static const char *kind_word(int i)
{
    return continuity_kind_word((enum continuity_kind)i);
}

static const char *reason_word(int i)
{
    return continuity_reason_word((enum continuity_reason)i);
}

static int64_t number(struct database *db, int column)
{
    return strtoll(database_column(db, column), NULL, 10);
}

static bool bytes(struct database *db, int column, uint8_t *to, size_t most, uint8_t *n)
{
    struct span hex = span_text(database_column(db, column));
    *n = (uint8_t)(hex.n / 2);
    return hex.n / 2 <= most && text_hex_read(to, *n, hex);
}

static bool read_facts(struct database *db, struct continuity_facts *f)
{
    static const enum record_ids ids[] = {RECORD_AK, RECORD_EK, RECORD_PLATFORM, RECORD_LAUNCH};
    struct record_known *m = &f->machine;
    int64_t kind = number(db, 14);
    uint8_t n;
    bool ok = true;
    m->has_tpm = kind & 1;
    m->bare_metal = kind >> 1 & 1;
    m->owned = kind >> 2 & 1;
    for (int i = 0; i < 4; i++) {
        ok = bytes(db, 15 + i, m->ids[ids[i]].v, sizeof m->ids->v, &m->ids[ids[i]].n) && ok;
        m->live = m->live || m->ids[ids[i]].n; /* else nothing is known of it */
    }
    ok = bytes(db, 19, f->channel, sizeof f->channel, &n) && n == sizeof f->channel && ok;
    m->word = number(db, 20);
    m->clock = (uint64_t)number(db, 21);
    m->reset_count = (uint32_t)number(db, 22);
    m->restart_count = (uint32_t)number(db, 23);
    return ok;
}

/* Proofs are on record by their names, a blank after each: another release may number them otherwise. A name that is none is
 * no proof. */
static uint64_t proofs_read(struct span text)
{
    uint64_t proofs = 0;
    size_t begin = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ' ') {
            proofs |= proof_find(span_of(text.p + begin, i - begin));
            begin = i + 1;
        }
    return proofs;
}

static const char *proofs_text(char text[PROOFS_TEXT], uint64_t proofs)
{
    size_t n = 0;
    text[0] = 0;
    for (unsigned bit = PROOF_GENUINE; bit <= PROOF_ALL && n < PROOFS_TEXT; bit <<= 1)
        if (proofs & bit)
            n += (size_t)snprintf(text + n, PROOFS_TEXT - n, "%s ", proof_name(bit));
    return text;
}

static bool read_row(const struct machine_store *s, struct database *db, struct continuity_row *row)
{
    int state = word(database_column(db, 0), state_word, CONTINUITY_STATES);
    int reason = word(database_column(db, 1), reason_word, CONTINUITY_REASONS);
    int began = word(database_column(db, 2), kind_word, CONTINUITY_KINDS);
    *row = (struct continuity_row){.state = (enum continuity_state)state,
                                   .reason = (enum continuity_reason)reason,
                                   .began_by = (enum continuity_kind)began,
                                   .span = (uint64_t)number(db, 3),
                                   .since = number(db, 4),
                                   .last = number(db, 5),
                                   .until = number(db, 6),
                                   .broken_at = number(db, 7),
                                   .alarm_at = number(db, 8),
                                   .longest_gap = number(db, 9),
                                   .answers = (uint64_t)number(db, 10),
                                   .noise = (uint64_t)number(db, 11),
                                   .observed = strcmp(database_column(db, 12), s->boot) == 0,
                                   .issued = number(db, 13)};
    row->boot_unknown = number(db, 14) >> 3 & 1;
    row->holds = proofs_read(span_text(database_column(db, 24)));
    return state < CONTINUITY_STATES && reason < CONTINUITY_REASONS && began < CONTINUITY_KINDS &&
           read_facts(db, &row->facts);
}

#define COLUMNS                                                                           \
    "state, reason, began, span, since_at, last_at, ends_at, broken_at, alarm_at, "       \
    "longest_gap_ms, answers, noise, boot, issued_ms, kind, ak_name, ek_name, platform, " \
    "launch, channel_sha256, word_at, clock_ms, reset_count, restart_count, proofs"

/* leave ends the span of one machine that is watched no more. */
static bool leave(struct machine_store *s, struct database *db, const char *name,
                  const struct continuity_row *row, int64_t at, struct situs_err *err)
{
    const struct continuity_event e = {.kind = CONTINUITY_BROKE,
                                       .reason = CONTINUITY_UNWATCHED,
                                       .at = at,
                                       .span = row->span,
                                       .answers = row->answers,
                                       .longest_gap = row->longest_gap};
    const char *why = continuity_reason_word(e.reason);
    return database_ask(db, err,
                        "UPDATE situs_machine SET state = $2, reason = $3, broken_at = $4 WHERE "
                        "name = $1",
                        name, continuity_state_word(CONTINUITY_BROKEN), why, TEXT_NUM(at), NULL) &&
           machine_store_event(s, db, name, &e, err);
}

/* A row of an identity that the operator has changed is another machine's: a span of it ends, and spans go on
 * to be counted. */
bool machine_store_take(struct machine_store *s, struct database *db, const struct serve_machine *m,
                        int64_t at, struct continuity_row *row, struct situs_err *err)
{
    char own[IDENTITY_MAX];
    uint64_t span = 0;
    bool other = false;
    *row = (struct continuity_row){.state = CONTINUITY_NEW};
    if (!database_ask(db, err, "SELECT " COLUMNS ", identity FROM situs_machine WHERE name = $1",
                      m->name, NULL))
        return false;
    if (database_next(db, err)) {
        if (!read_row(s, db, row))
            return database_fail("a row that this situs does not read", err);
        span = row->span;
        other = strcmp(database_column(db, 25), identity(m, own)) != 0;
    }
    if (other && row->state == CONTINUITY_LIVE && !leave(s, db, m->name, row, at, err))
        return false;
    if (other)
        *row = (struct continuity_row){.state = CONTINUITY_NEW, .span = span};
    return err->code == SITUS_NONE && machine_store_write(s, db, m, row, err);
}

bool machine_store_epoch(struct database *db, const char *name, int64_t *epoch,
                         struct situs_err *err)
{
    return database_ask(db, err, "SELECT epoch FROM situs_machine WHERE name = $1", name, NULL) &&
           database_number(db, epoch, err);
}

static const char *hex_of(char hex[HEX], struct span s)
{
    return text_hex(hex, HEX, s);
}

static const char *id_of(char hex[HEX], const struct continuity_row *row, enum record_ids i)
{
    const struct record_id *id = &row->facts.machine.ids[i];
    return hex_of(hex, span_of(id->v, id->n));
}

static bool write_row(const struct machine_store *s, struct database *db,
                      const struct serve_machine *m, const struct continuity_row *r,
                      struct situs_err *err)
{
    char own[IDENTITY_MAX], ak[HEX], ek[HEX], platform[HEX], launch[HEX], channel[HEX];
    char proofs[PROOFS_TEXT];
    const struct record_known *f = &r->facts.machine;
    return database_ask(
        db, err,
        "INSERT INTO situs_machine (name, replica, epoch, identity, " COLUMNS ") VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
        "$20, $21, $22, $23, $24, $25, $26, $27, $28, $29) ON CONFLICT (name) DO UPDATE SET "
        "replica = $2, epoch = $3, identity = $4, state = $5, reason = $6, began = $7, span = $8, "
        "since_at = $9, last_at = $10, ends_at = $11, broken_at = $12, alarm_at = $13, "
        "longest_gap_ms = $14, answers = $15, noise = $16, boot = $17, issued_ms = $18, "
        "kind = $19, ak_name = $20, ek_name = $21, platform = $22, launch = $23, "
        "channel_sha256 = $24, word_at = $25, clock_ms = $26, reset_count = $27, "
        "restart_count = $28, proofs = $29",
        m->name, s->replica, TEXT_NUM(s->epoch), identity(m, own), continuity_state_word(r->state),
        continuity_reason_word(r->reason), continuity_kind_word(r->began_by), TEXT_NUM(r->span),
        TEXT_NUM(r->since), TEXT_NUM(r->last), TEXT_NUM(r->until), TEXT_NUM(r->broken_at),
        TEXT_NUM(r->alarm_at), TEXT_NUM(r->longest_gap), TEXT_NUM(r->answers), TEXT_NUM(r->noise),
        r->observed ? s->boot : "", TEXT_NUM(r->issued),
        TEXT_NUM(f->has_tpm | f->bare_metal << 1 | f->owned << 2 | r->boot_unknown << 3),
        id_of(ak, r, RECORD_AK), id_of(ek, r, RECORD_EK), id_of(platform, r, RECORD_PLATFORM),
        id_of(launch, r, RECORD_LAUNCH), hex_of(channel, SPAN_ARR(r->facts.channel)),
        TEXT_NUM(f->word), TEXT_NUM(f->clock), TEXT_NUM(f->reset_count), TEXT_NUM(f->restart_count),
        proofs_text(proofs, r->holds), NULL);
}

static bool write_span(struct database *db, const char *name, const struct continuity_row *r,
                       struct situs_err *err)
{
    return r->span == 0 ||
           database_ask(
               db, err,
               "INSERT INTO situs_span (machine, span, began, since_at, ended_at, reason, "
               "longest_gap_ms, answers) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
               "ON CONFLICT (machine, span) DO UPDATE SET ended_at = CASE "
               "WHEN situs_span.ended_at > 0 THEN situs_span.ended_at ELSE excluded.ended_at END, "
               "reason = excluded.reason, longest_gap_ms = excluded.longest_gap_ms, "
               "answers = excluded.answers",
               name, TEXT_NUM(r->span), continuity_kind_word(r->began_by), TEXT_NUM(r->since),
               TEXT_NUM(r->broken_at), continuity_reason_word(r->reason), TEXT_NUM(r->longest_gap),
               TEXT_NUM(r->answers), NULL);
}

bool machine_store_write(const struct machine_store *s, struct database *db,
                         const struct serve_machine *m, const struct continuity_row *row,
                         struct situs_err *err)
{
    return write_row(s, db, m, row, err) && write_span(db, m->name, row, err);
}

/* turn_of puts on record that a span began or ended by an event: one step may end one and begin the next, and the row is of
 * the next then. */
static bool turn_of(struct database *db, const char *name, const struct continuity_event *e,
                    struct situs_err *err)
{
    if (e->kind == CONTINUITY_BROKE)
        return database_ask(db, err,
                            "UPDATE situs_span SET ended_at = $3, reason = $4, answers = $5, "
                            "longest_gap_ms = $6 WHERE machine = $1 AND span = $2",
                            name, TEXT_NUM(e->span), TEXT_NUM(e->at),
                            continuity_reason_word(e->reason), TEXT_NUM(e->answers),
                            TEXT_NUM(e->longest_gap), NULL);
    bool begins = e->kind == CONTINUITY_BEGAN || e->kind == CONTINUITY_RE_ENDORSED ||
                  e->kind == CONTINUITY_RESTARTED;
    return !begins ||
           database_ask(db, err,
                        "INSERT INTO situs_span (machine, span, began, since_at, ended_at, reason, "
                        "longest_gap_ms, answers) VALUES ($1, $2, $3, $4, 0, $5, 0, 0) "
                        "ON CONFLICT (machine, span) DO NOTHING",
                        name, TEXT_NUM(e->span), continuity_kind_word(e->kind), TEXT_NUM(e->at),
                        continuity_reason_word(CONTINUITY_NO_REASON), NULL);
}

bool machine_store_event(struct machine_store *s, struct database *db, const char *name,
                         const struct continuity_event *e, struct situs_err *err)
{
    int64_t nth;
    return database_ask(db, err,
                        "UPDATE situs_change SET value = value + 1 WHERE name = 'event' "
                        "RETURNING value",
                        NULL) &&
           database_number(db, &s->event, err) &&
           database_ask(
               db, err,
               "INSERT INTO situs_change VALUES ('events of ' || $1, 1) ON CONFLICT (name) "
               "DO UPDATE SET value = situs_change.value + 1 RETURNING value",
               name, NULL) &&
           database_number(db, &nth, err) &&
           database_ask(db, err,
                        "INSERT INTO situs_event (number, machine, at, event, reason, span, nth) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        TEXT_NUM(s->event), name, TEXT_NUM(e->at), continuity_kind_word(e->kind),
                        continuity_reason_word(e->reason), TEXT_NUM(e->span), TEXT_NUM(nth),
                        NULL) &&
           hook_store_add(db, s->hooks, s->replica, s->event, err) && turn_of(db, name, e, err);
}

bool machine_store_seen(struct database *db, const char *name, const struct machine_seen *v,
                        struct situs_err *err)
{
    return database_ask(db, err,
                        "INSERT INTO situs_observation (machine, at, span, gap_ms) VALUES "
                        "($1, $2, $3, $4)",
                        name, TEXT_NUM(v->at), TEXT_NUM(v->span), TEXT_NUM(v->gap), NULL) &&
           database_ask(db, err,
                        "INSERT INTO situs_hour (machine, hour, span, answers, longest_gap_ms) "
                        "VALUES ($1, $2, $3, 1, $4) ON CONFLICT (machine, hour, span) DO UPDATE "
                        "SET answers = situs_hour.answers + 1, longest_gap_ms = CASE WHEN "
                        "situs_hour.longest_gap_ms > excluded.longest_gap_ms THEN "
                        "situs_hour.longest_gap_ms ELSE excluded.longest_gap_ms END",
                        name, TEXT_NUM(v->at - v->at % 3600), TEXT_NUM(v->span), TEXT_NUM(v->gap),
                        NULL);
}

bool machine_store_sign(struct machine_store *s, struct database *db, struct situs_err *err)
{
    if (getrandom(&s->signature, sizeof s->signature, 0) != (ssize_t)sizeof s->signature)
        return database_fail("no random number", err);
    return database_ask(db, err,
                        "INSERT INTO situs_change VALUES ('written by ' || $1, $2) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        s->replica, TEXT_NUM(s->signature), NULL);
}

bool machine_store_signed(const struct machine_store *s, struct database *db, bool *is,
                          struct situs_err *err)
{
    int64_t last = 0;
    bool ok =
        database_ask(db, err, "SELECT value FROM situs_change WHERE name = 'written by ' || $1",
                     s->replica, NULL) &&
        database_number(db, &last, err);
    *is = ok && last == s->signature;
    return ok;
}

bool machine_store_compact(struct database *db, int64_t at, struct situs_err *err)
{
    return database_ask(db, err, "DELETE FROM situs_observation WHERE at < $1", TEXT_NUM(at - DAY),
                        NULL) &&
           database_ask(db, err, "DELETE FROM situs_hour WHERE hour < $1", TEXT_NUM(at - 31 * DAY),
                        NULL);
}

bool machine_store_left(struct machine_store *s, struct database *db, int64_t at,
                        struct situs_err *err)
{
    char name[TALK_NAME];
    for (;;) {
        if (!database_ask(db, err,
                          "SELECT name, span, answers, longest_gap_ms FROM situs_machine WHERE "
                          "replica = $1 AND epoch < $2 "
                          "AND state = $3 LIMIT 1",
                          s->replica, TEXT_NUM(s->epoch), continuity_state_word(CONTINUITY_LIVE),
                          NULL))
            return false;
        if (!database_next(db, err))
            return err->code == SITUS_NONE;
        snprintf(name, sizeof name, "%s", database_column(db, 0));
        const struct continuity_row row = {.span = (uint64_t)number(db, 1),
                                           .answers = (uint64_t)number(db, 2),
                                           .longest_gap = number(db, 3)};
        if (!leave(s, db, name, &row, at, err))
            return false;
    }
}

/* write_event writes the row at hand; machine: its last column is whose it is. */
static void write_event(struct json_out *o, struct database *db, bool machine)
{
    int reason = word(database_column(db, 3), reason_word, CONTINUITY_REASONS);
    json_out_object(o);
    if (machine)
        json_out_pair_string(o, "machine", database_column(db, 6));
    json_out_pair_num(o, "number", number(db, 0));
    json_out_pair_string(o, "at", TEXT_TIME(number(db, 1)));
    json_out_pair_string(o, "event", database_column(db, 2));
    if (reason != CONTINUITY_NO_REASON && reason < CONTINUITY_REASONS) {
        json_out_pair_string(o, "reason", reason_word(reason));
        json_out_pair_string(o, "whose", continuity_reason_whose((enum continuity_reason)reason));
    }
    json_out_pair_num(o, "span", number(db, 4));
    json_out_pair_num(o, "nth", number(db, 5));
    json_out_close(o);
}

/* counted is how many events of a machine there were, lost ones too. */
static bool counted(struct database *db, const char *name, int64_t *n, struct situs_err *err)
{
    return database_ask(db, err,
                        "SELECT COALESCE(MAX(value), 0) FROM situs_change WHERE name = "
                        "'events of ' || $1",
                        name, NULL) &&
           database_number(db, n, err);
}

bool machine_store_events(struct database *db, const char *name, uint64_t after, struct wr *w,
                          struct situs_err *err)
{
    struct json_out o = json_out_new(w, false);
    size_t n = 0;
    int64_t count = 0;
    if (!counted(db, name, &count, err) ||
        !database_ask(
            db, err,
            "SELECT number, at, event, reason, span, nth FROM situs_event WHERE machine = $1 "
            "AND number > $2 ORDER BY number LIMIT $3",
            name, TEXT_NUM(after), TEXT_NUM(EVENTS_MOST + 1), NULL))
        return false;
    json_out_object(&o);
    json_out_pair_string(&o, "machine", name);
    json_out_name(&o, "events");
    json_out_array(&o);
    while (n <= EVENTS_MOST && database_next(db, err))
        if (n++ < EVENTS_MOST)
            write_event(&o, db, false);
    json_out_close(&o);
    json_out_pair_bool(&o, "more", n > EVENTS_MOST);
    json_out_pair_num(&o, "count", count);
    json_out_close(&o);
    return err->code == SITUS_NONE &&
           (json_out_end(&o) || database_fail("more than an answer has room for", err));
}

bool machine_store_last(struct database *db, int64_t *last, struct situs_err *err)
{
    return counter(db, "event", last, err);
}

bool machine_store_stream(struct database *db, uint64_t *last, struct wr *w, struct situs_err *err)
{
    if (!database_ask(db, err,
                      "SELECT number, at, event, reason, span, nth, machine FROM situs_event WHERE "
                      "number > $1 ORDER BY number LIMIT $2",
                      TEXT_NUM(*last), TEXT_NUM(EVENTS_MOST), NULL))
        return false;
    while (database_next(db, err)) {
        struct json_out o = json_out_new(w, false);
        *last = (uint64_t)number(db, 0);
        wr_format(w, "id: %llu\ndata: ", (unsigned long long)*last);
        write_event(&o, db, true);
        wr_text(w, "\n\n");
    }
    return err->code == SITUS_NONE &&
           (wr_ok(w) || database_fail("more than an answer has room for", err));
}
