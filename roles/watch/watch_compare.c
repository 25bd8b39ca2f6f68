/* Several services; see watch_compare.h. */
#include "watch/watch_compare.h"

#include "base/time.h"
#include "frame/exits.h"

#include <stdlib.h>

/* What of a machine's group is told, the gravest last (watch_compare.def). */
enum watch_verdict {
#define WATCH_VERDICT(name, word, exit, says) WATCH_##name,
#include "watch/watch_compare.def"
    WATCH_VERDICTS
};

static const struct {
    const char *word;
    int exit;
    const char *says;
} verdicts[] = {
#define WATCH_VERDICT(name, word, exit, says) {word, exit, says},
#include "watch/watch_compare.def"
};

/* One id of one machine, to be sorted. */
struct key {
    enum watch_id kind;
    const char *hex;
    size_t at; /* in v */
};

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = strcmp(x->hex, y->hex);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_group(const void *a, const void *b)
{
    const struct watch_seen *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->party != y->party)
        return x->party < y->party ? -1 : 1;
    return strcmp(x->machine->name, y->machine->name);
}

/* root is the number of a group: the least of its members (a forest, each way to a lower number). */
static size_t root(struct watch_seen *v, size_t i)
{
    while (v[i].group != i) {
        v[i].group = v[v[i].group].group;
        i = v[i].group;
    }
    return i;
}

static void join(struct watch_seen *v, size_t a, size_t b)
{
    a = root(v, a);
    b = root(v, b);
    v[a > b ? a : b].group = a < b ? a : b;
}

/* counts says that an id of a machine matches others: a platform only of one that shares it with no guest that has a TPM, a key
 * never. */
static bool counts(const struct watch_machine *m, enum watch_id kind)
{
    bool shared = m->ids[WATCH_AK][0] && !m->ids[WATCH_EK][0];
    return m->ids[kind][0] && kind != WATCH_CHANNEL && (kind != WATCH_PLATFORM || !shared);
}

static bool match(struct watch_compared *c)
{
    struct key *keys = calloc(c->n * WATCH_IDS + 1, sizeof *keys);
    size_t n = 0;
    if (!keys)
        return false;
    for (size_t i = 0; i < c->n; i++)
        for (enum watch_id k = 0; k < WATCH_IDS; k++)
            if (counts(c->v[i].machine, k))
                keys[n++] = (struct key){k, c->v[i].machine->ids[k], i};
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 1; i < n; i++)
        if (keys[i].kind == keys[i - 1].kind && strcmp(keys[i].hex, keys[i - 1].hex) == 0)
            join(c->v, keys[i - 1].at, keys[i].at);
    free(keys);
    for (size_t i = 0; i < c->n; i++)
        c->v[i].group = root(c->v, i);
    qsort(c->v, c->n, sizeof *c->v, by_group);
    return true;
}

bool watch_compare(struct watch_compared *c, const struct watch_view *parties, size_t n)
{
    size_t all = 0;
    for (size_t p = 0; p < n; p++)
        all += parties[p].fleet->n;
    *c = (struct watch_compared){.v = calloc(all + 1, sizeof *c->v), .parties = n};
    if (!c->v)
        return false;
    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < parties[p].fleet->n; i++, c->n++)
            c->v[c->n] = (struct watch_seen){&parties[p].fleet->v[i], p, c->n};
    return match(c);
}

void watch_compare_free(struct watch_compared *c)
{
    free(c->v);
    *c = (struct watch_compared){.n = 0};
}

/* tells says that an id of a machine must be the same for all: EK and platform at any time, AK and key while it is in a span. */
static bool tells(const struct watch_machine *m, enum watch_id kind)
{
    bool passes = kind == WATCH_AK || kind == WATCH_CHANNEL;
    return m->ids[kind][0] && (!passes || watch_words_good(m->state));
}

/* conflict says that two of one group have different ids of a kind. */
static bool conflict(const struct watch_seen *v, size_t n)
{
    for (enum watch_id k = 0; k < WATCH_IDS; k++) {
        const char *hex = NULL;
        for (size_t i = 0; i < n; i++) {
            const struct watch_machine *m = v[i].machine;
            if (!tells(m, k))
                continue;
            if (hex && strcmp(hex, m->ids[k]) != 0)
                return true;
            hex = m->ids[k];
        }
    }
    return false;
}

/* verdict_of is that of the group which begins at v[i], *n its size. */
static enum watch_verdict verdict_of(const struct watch_compared *c, size_t i, size_t *n)
{
    const struct watch_seen *v = &c->v[i];
    size_t good = 0, late = 0, parties = 0, ids = 0;
    *n = 0;
    for (; i + *n < c->n && v[*n].group == v->group; ++*n) {
        const struct watch_machine *m = v[*n].machine;
        good += watch_words_good(m->state);
        late += m->state == WATCH_LATE;
        parties += *n == 0 || v[*n].party != v[*n - 1].party;
        for (enum watch_id k = 0; k < WATCH_IDS; k++)
            ids += counts(m, k);
    }
    if (conflict(v, *n))
        return WATCH_CONFLICT;
    if (good && good < *n)
        return WATCH_DIFFERS;
    if (ids == 0)
        return WATCH_NAMELESS;
    if (parties < c->parties)
        return WATCH_SOME;
    return !good ? WATCH_NOBODY : late ? WATCH_WAITS : WATCH_AGREE;
}

/* current says that a party has an answer of now. */
static bool current(const struct watch_view *p)
{
    return !p->fails && !watch_show_stale(p);
}

int watch_compare_exit(const struct watch_compared *c, const struct watch_view *parties)
{
    int exit = c->n ? EXIT_GOOD : EXIT_REFUSED;
    for (size_t p = 0; p < c->parties; p++)
        if (!current(&parties[p]) && (exit == EXIT_GOOD || exit > EXIT_BUSY))
            exit = EXIT_BUSY;
    for (size_t i = 0, n; i < c->n; i += n) {
        int of = verdicts[verdict_of(c, i, &n)].exit;
        exit = of != EXIT_GOOD && (exit == EXIT_GOOD || of < exit) ? of : exit;
    }
    return exit;
}

static void party(struct wr *w, const struct watch_view *p)
{
    watch_words_show(w, p->service);
    if (p->fails) {
        wr_text(w, ": NO ANSWER: ");
        watch_words_show(w, p->fails);
    } else {
        wr_format(w, ": %zu machine%s as of %s%s", p->fleet->n, p->fleet->n == 1 ? "" : "s",
                  WATCH_TIME(p->fleet->at),
                  watch_show_stale(p) ? ": STALE, an old answer, or a clock is wrong" : "");
    }
    wr_text(w, "\n");
}

static void seen(struct wr *w, const struct watch_seen *s, const struct watch_view *parties)
{
    wr_text(w, "  ");
    watch_words_show(w, parties[s->party].service);
    wr_text(w, "  ");
    watch_show_brief(w, s->machine, parties[s->party].fleet->at);
    wr_text(w, "\n");
}

/* later writes where one began a span anew in the middle of another's: it saw a break that the other did not. */
static void later(struct wr *w, const struct watch_seen *v, size_t n,
                  const struct watch_view *parties)
{
    const struct watch_machine *first = NULL;
    for (size_t i = 0; i < n; i++)
        if (watch_words_good(v[i].machine->state) && (!first || v[i].machine->since < first->since))
            first = v[i].machine;
    for (size_t i = 0; first && i < n; i++) {
        const struct watch_machine *m = v[i].machine;
        if (!watch_words_good(m->state) || m->since <= first->since || m->span < 2)
            continue;
        wr_format(w, "  note: a break before %s was seen by ", WATCH_TIME(m->since));
        watch_words_show(w, parties[v[i].party].service);
        wr_text(w, " alone\n");
    }
}

static void group(struct wr *w, const struct watch_compared *c, size_t i,
                  const struct watch_view *parties, size_t *n)
{
    enum watch_verdict verdict = verdict_of(c, i, n);
    const struct watch_seen *v = &c->v[i];
    wr_format(w, "%s: ", verdicts[verdict].word);
    watch_words_show(w, v->machine->name);
    wr_format(w, ": %s\n", verdicts[verdict].says);
    for (size_t k = 0, p = 0; p < c->parties; p++) {
        if (k == *n || v[k].party != p) {
            wr_text(w, "  ");
            watch_words_show(w, parties[p].service);
            wr_text(w, parties[p].fails ? "  gives no answer\n" : "  does not watch it\n");
        }
        for (; k < *n && v[k].party == p; k++)
            seen(w, &v[k], parties);
    }
    later(w, v, *n, parties);
}

void watch_compare_text(struct wr *w, const struct watch_compared *c,
                        const struct watch_view *parties)
{
    for (size_t p = 0; p < c->parties; p++)
        party(w, &parties[p]);
    for (enum watch_verdict verdict = WATCH_VERDICTS; verdict-- > 0;)
        for (size_t i = 0, n; i < c->n; i += n)
            if (verdict_of(c, i, &n) == verdict)
                group(w, c, i, parties, &n);
    if (c->n == 0)
        wr_text(w, "Nobody watches a machine: nothing is known of any.\n");
}

static void json_party(struct json_out *o, const struct watch_view *p)
{
    json_out_object(o);
    json_out_pair_string(o, "service", p->service);
    if (p->fails)
        json_out_pair_string(o, "fails", p->fails);
    else
        json_out_pair_string(o, "at", TEXT_TIME(p->fleet->at));
    json_out_pair_bool(o, "stale", !p->fails && watch_show_stale(p));
    json_out_close(o);
}

void watch_compare_json(struct wr *w, const struct watch_compared *c,
                        const struct watch_view *parties)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_num(&o, "exit", watch_compare_exit(c, parties));
    json_out_name(&o, "services");
    json_out_array(&o);
    for (size_t p = 0; p < c->parties; p++)
        json_party(&o, &parties[p]);
    json_out_close(&o);
    json_out_name(&o, "machines");
    json_out_array(&o);
    for (size_t i = 0, n; i < c->n; i += n) {
        json_out_object(&o);
        json_out_pair_string(&o, "verdict", verdicts[verdict_of(c, i, &n)].word);
        json_out_name(&o, "seen");
        json_out_array(&o);
        for (size_t k = 0; k < n; k++) {
            json_out_object(&o);
            json_out_pair_string(&o, "service", parties[c->v[i + k].party].service);
            json_out_name(&o, "as");
            watch_show_machine(&o, c->v[i + k].machine);
            json_out_close(&o);
        }
        json_out_close(&o);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_close(&o);
    json_out_end(&o);
}
