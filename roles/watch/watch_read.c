/* Answers of a service; see watch_read.h. */
#include "watch/watch_read.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json/json.h"

#include <stdlib.h>

#define MOMENT \
    2 /* seconds by which a service's own times may differ: they are told in whole ones */

/* text copies a member into size bytes, one that must be there or may be left out. */
static bool text(const struct json *v, const char *key, bool must, char *to, size_t size,
                 struct situs_err *err)
{
    return (!must && !json_has(v, key)) || json_copy_text(v, key, to, size, err);
}
#define TEXT(v, key, must, to, err) text(v, key, must, to, sizeof(to), err)

static bool when(const struct json *v, const char *key, bool must, int64_t *to,
                 struct situs_err *err)
{
    struct span s;
    struct json at;
    if (!must && !json_has(v, key))
        return true;
    if (!json_get_text(v, key, &s, err) || !json_get(v, key, &at, err))
        return false;
    return time_read_rfc3339(to, s) ||
           json_fail(&at, SITUS_MALFORMED, "a time as 2026-11-30T23:06:05Z", TEXT_CUT(s), err);
}

static bool count(const struct json *v, const char *key, bool must, int64_t *to,
                  struct situs_err *err)
{
    return (!must && !json_has(v, key)) || json_get_num(v, key, 0, INT64_MAX, to, err);
}

static bool read_ids(const struct json *v, struct watch_machine *m, struct situs_err *err)
{
    static const char *const names[WATCH_IDS] = {[WATCH_EK] = "ek_name",
                                                 [WATCH_AK] = "ak_name",
                                                 [WATCH_PLATFORM] = "platform",
                                                 [WATCH_CHANNEL] = "channel_sha256"};
    struct json known, at;
    if (!json_has(v, "known_by"))
        return true;
    if (!json_get_object(v, "known_by", &known, err))
        return false;
    for (size_t i = 0; i < WATCH_IDS; i++) {
        uint8_t id[WATCH_ID / 2];
        if (!json_has(&known, names[i]))
            continue;
        if (!TEXT(&known, names[i], true, m->ids[i], err) || !json_get(&known, names[i], &at, err))
            return false;
        size_t n = strlen(m->ids[i]) / 2;
        if (n == 0 || !text_hex_read(id, n, span_text(m->ids[i])))
            return json_fail(&at, SITUS_MALFORMED, "an id in hex", TEXT_CUT(span_text(m->ids[i])),
                             err);
        text_hex(m->ids[i], sizeof m->ids[i], span_of(id, n));
    }
    return true;
}

/* read_span reads what is told of the last span: a machine that is in one has it. */
static bool read_span(const struct json *v, struct watch_machine *m, struct situs_err *err)
{
    struct json span;
    if (!watch_words_good(m->state) && !json_has(v, "span"))
        return true;
    return json_get_object(v, "span", &span, err) &&
           json_get_num(&span, "number", 1, INT64_MAX, &m->span, err) &&
           TEXT(&span, "began_by", false, m->began_by, err) &&
           when(&span, "since", true, &m->since, err) && when(&span, "last", true, &m->last, err) &&
           count(&span, "answers", false, &m->answers, err) &&
           count(&span, "longest_gap_ms", false, &m->longest_gap_ms, err);
}

static bool read_machine(const struct json *v, struct watch_machine *m, struct situs_err *err)
{
    if (!json_as_object(v, err) || !TEXT(v, "machine", true, m->name, err) ||
        !TEXT(v, "policy", true, m->policy, err) || !TEXT(v, "site", false, m->site, err) ||
        !TEXT(v, "state", true, m->word, err))
        return false;
    m->state = watch_words_state(span_text(m->word));
    m->observed = true; /* of a service that does not say */
    bool broken = m->state == WATCH_BROKEN;
    return count(v, "within_seconds", watch_words_good(m->state), &m->within, err) &&
           (!json_has(v, "observed") || json_get_bool(v, "observed", &m->observed, err)) &&
           TEXT(v, "reason", broken, m->reason, err) && TEXT(v, "whose", false, m->whose, err) &&
           when(v, "broken_at", broken, &m->broken_at, err) &&
           when(v, "until", false, &m->until, err) && TEXT(v, "ends", false, m->ends, err) &&
           when(v, "alarm_at", false, &m->alarm_at, err) &&
           count(v, "others_answers", false, &m->others, err) && read_span(v, m, err) &&
           read_ids(v, m, err);
}

/* room makes room for one more of size bytes; false: there is none, or too many came. */
static bool room(void **v, size_t n, size_t *has, size_t size, const struct json *at,
                 struct situs_err *err)
{
    if (n == WATCH_MOST)
        return json_fail(at, SITUS_TOO_LONG, TEXT_NUM(WATCH_MOST), "more", err);
    if (n < *has)
        return true;
    size_t more = *has ? 2 * *has : 64;
    void *p = realloc(*v, more * size);
    if (!p)
        return json_no_memory(at, err);
    *v = p;
    *has = more;
    return true;
}

/* One page: the array of its rows, and whether another follows. */
struct page {
    struct json_doc doc;
    struct json root, list;
    bool more;
};

/* begin reads a page whose rows are in a member of this name; the caller frees doc. */
static bool begin(struct page *p, struct span text, const char *name, const char *part,
                  struct situs_err *err)
{
    if (!json_read(&p->doc, &p->root, text, part, err) || !json_as_object(&p->root, err) ||
        !json_get_array(&p->root, name, &p->list, err) ||
        !json_get_bool(&p->root, "more", &p->more, err))
        return false;
    return !p->more || json_count(&p->list) > 0 ||
           json_fail(&p->list, SITUS_MALFORMED, "something before what follows", "nothing", err);
}

/* follows says that a machine's name is behind the last one's. */
static bool follows(const struct watch_fleet *f, const struct json *at, struct situs_err *err)
{
    const struct watch_machine *m = &f->v[f->n];
    return f->n == 0 || strcmp(m[-1].name, m->name) < 0 ||
           json_fail(at, SITUS_NOT_ALLOWED, "machines in the order of their names, each once",
                     TEXT_CUT(span_text(m->name)), err);
}

/* is_current says that a machine which is called live, or late, has answered within its time. */
static bool is_current(const struct watch_machine *m, int64_t at, const struct json *v,
                       struct situs_err *err)
{
    return !watch_words_good(m->state) || at - m->last <= m->within + MOMENT ||
           json_fail(v, SITUS_NOT_ALLOWED, "an answer within within_seconds of a machine in a span",
                     "one that is older", err);
}

bool watch_read_fleet(struct watch_fleet *f, struct span text, const char *part, bool *more,
                      struct situs_err *err)
{
    struct page page = {.more = false};
    int64_t at = 0;
    bool ok = begin(&page, text, "machines", part, err) && when(&page.root, "at", true, &at, err);
    f->at = ok && (f->at == 0 || at < f->at) ? at : f->at;
    for (size_t i = 0; ok && i < json_count(&page.list); i++) {
        struct json v = json_element(&page.list, i);
        void *p = f->v;
        ok = room(&p, f->n, &f->room, sizeof *f->v, &v, err);
        f->v = p;
        if (ok)
            f->v[f->n] = (struct watch_machine){.state = WATCH_UNKNOWN};
        ok = ok && read_machine(&v, &f->v[f->n], err) && follows(f, &v, err) &&
             is_current(&f->v[f->n], at, &v, err);
        f->n += ok;
    }
    json_free(&page.doc);
    *more = ok && page.more;
    return ok;
}

void watch_read_fleet_free(struct watch_fleet *f)
{
    free(f->v);
    *f = (struct watch_fleet){.n = 0};
}

static bool read_event(const struct json *v, int64_t last, struct watch_event *e,
                       struct situs_err *err)
{
    struct json at;
    if (!json_as_object(v, err) || !json_get_num(v, "number", 1, INT64_MAX, &e->number, err) ||
        !json_get(v, "number", &at, err))
        return false;
    if (e->number <= last)
        return json_fail(&at, SITUS_NOT_ALLOWED, "events in the order of their numbers",
                         TEXT_NUM(e->number), err);
    return when(v, "at", true, &e->at, err) && TEXT(v, "event", true, e->event, err) &&
           TEXT(v, "reason", false, e->reason, err) && TEXT(v, "whose", false, e->whose, err) &&
           count(v, "span", true, &e->span, err) && count(v, "nth", false, &e->nth, err);
}

bool watch_read_history(struct watch_history *h, struct span text, const char *part, bool *more,
                        struct situs_err *err)
{
    struct page page = {.more = false};
    h->count = -1;
    bool ok = begin(&page, text, "events", part, err) &&
              count(&page.root, "count", false, &h->count, err);
    for (size_t i = 0; ok && i < json_count(&page.list); i++) {
        struct json v = json_element(&page.list, i);
        void *p = h->v;
        ok = room(&p, h->n, &h->room, sizeof *h->v, &v, err);
        h->v = p;
        if (ok)
            h->v[h->n] = (struct watch_event){.number = 0};
        ok = ok && read_event(&v, h->n ? h->v[h->n - 1].number : 0, &h->v[h->n], err);
        h->n += ok;
    }
    json_free(&page.doc);
    *more = ok && page.more;
    return ok;
}

void watch_read_history_free(struct watch_history *h)
{
    free(h->v);
    *h = (struct watch_history){.n = 0};
}
