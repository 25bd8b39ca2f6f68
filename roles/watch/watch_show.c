/* One service's machines; see watch_show.h. */
#include "watch/watch_show.h"

#include "base/time.h"
#include "codec/json_out.h"
#include "frame/exits.h"

#include <stdlib.h>

#define NAME_COLUMNS 20
#define WIDE 25 /* columns of a time, and two more */
#define SIMULATED \
    "simulated-" /* how the name of a policy begins, where a lab's anchor counts: situs-serve(5) */

bool watch_show_stale(const struct watch_view *v)
{
    int64_t off = v->now - v->fleet->at;
    return off > WATCH_STALE || off < -WATCH_STALE;
}

static enum watch_state worst_of(const struct watch_fleet *f)
{
    enum watch_state worst = f->n ? WATCH_LIVE : WATCH_UNKNOWN;
    for (size_t i = 0; i < f->n; i++)
        worst = f->v[i].state > worst ? f->v[i].state : worst;
    return worst;
}

int watch_show_exit(const struct watch_view *v)
{
    if (v->fails || watch_show_stale(v))
        return EXIT_BUSY;
    return watch_words_exit(worst_of(v->fleet));
}

/* why writes what a person has to know of a state beyond its word and times. */
static void why(struct wr *w, const struct watch_machine *m, int64_t at)
{
    if (strncmp(m->policy, SIMULATED, sizeof SIMULATED - 1) == 0)
        wr_text(w, "SIMULATED, no real machine; ");
    if (m->state == WATCH_BROKEN) {
        wr_text(w, "by ");
        watch_words_show(w, m->reason);
        wr_text(w, ", on the side of the ");
        watch_words_show(w, m->whose);
    } else if (m->state == WATCH_NEW) {
        wr_text(w, "no answer was good yet");
    } else if (m->state == WATCH_ELSEWHERE) {
        wr_text(w, "another replica of the service watches it: ask that one");
    } else if (m->state == WATCH_UNKNOWN) {
        wr_text(w, "the service calls its state ");
        watch_words_show(w, m->word);
    } else if (!m->observed) {
        wr_text(w, "not observed since the last answer: the service began anew, or could not ask");
    } else if (m->state == WATCH_LATE) {
        wr_format(w, "an answer is missing; breaks %s after the last", WATCH_AGE(m->within));
    } else if (m->until) {
        watch_words_show(w, m->ends[0] ? m->ends : "what it rests on");
        wr_format(w, " ends in %s", WATCH_AGE(m->until - at));
    } else {
        wr_format(w, "breaks %s after the last answer", WATCH_AGE(m->within));
    }
    if (m->alarm_at)
        wr_format(w, "; ALARM %s: another claimed to be it", WATCH_TIME(m->alarm_at));
}

/* since is from when on a machine is in its state. */
static int64_t since(const struct watch_machine *m)
{
    return m->state == WATCH_BROKEN ? m->broken_at : watch_words_good(m->state) ? m->since : 0;
}

static const char *site_of(const struct watch_machine *m)
{
    return m->site[0] ? m->site : "no site said";
}

/* The worst first, then by site, then by name. */
static int by_state(const void *a, const void *b)
{
    const struct watch_machine *x = *(const struct watch_machine *const *)a;
    const struct watch_machine *y = *(const struct watch_machine *const *)b;
    if (x->state != y->state)
        return x->state < y->state ? 1 : -1;
    int order = strcmp(site_of(x), site_of(y));
    return order ? order : strcmp(x->name, y->name);
}

static int by_site(const void *a, const void *b)
{
    const struct watch_machine *x = *(const struct watch_machine *const *)a;
    const struct watch_machine *y = *(const struct watch_machine *const *)b;
    int order = strcmp(site_of(x), site_of(y));
    return order ? order : by_state(a, b);
}

static void end(struct wr *w, const struct watch_form *form)
{
    wr_text(w, form->clear ? "\x1b[K\n" : "\n");
}

/* fill writes a text of a service's and blanks up to so many columns, one at least. */
static void fill(struct wr *w, const char *text, size_t columns)
{
    char room[WATCH_TEXT * 8]; /* a byte is written as <U+202E> at most */
    struct wr shown = wr_new(room, sizeof room);
    size_t n = 0;
    watch_words_show(&shown, text);
    for (size_t i = 0; i < wr_span(&shown).n; i++)
        n += (room[i] & 0xc0) != 0x80; /* the first bytes of letters (RFC 3629, 3) */
    wr_bytes(w, wr_span(&shown));
    do
        wr_u8(w, ' ');
    while (++n < columns);
}

static void row(struct wr *w, const struct watch_machine *m, int64_t at,
                const struct watch_form *form)
{
    wr_text(w, "  ");
    if (form->colour)
        wr_format(w, "\x1b[%dm", watch_words_colour(m->state));
    wr_format(w, "%-10s", watch_words_of(m->state));
    if (form->colour)
        wr_text(w, "\x1b[0m");
    fill(w, m->name, NAME_COLUMNS);
    wr_format(w, "%-*s", WIDE, since(m) ? WATCH_TIME(since(m)) : "-");
    wr_format(w, "%-14s", m->last ? WATCH_AGE(at - m->last) : "-");
    why(w, m, at);
    end(w, form);
}

/* head writes who says what, as of when; it returns its lines. */
static size_t head(struct wr *w, const struct watch_view *v, const struct watch_form *form)
{
    size_t states[WATCH_STATES] = {0}, lines = 2;
    const struct watch_fleet *f = v->fleet;
    for (size_t i = 0; i < f->n; i++)
        states[f->v[i].state]++;
    watch_words_show(w, v->service);
    wr_format(w, " as of %s: %zu machine%s", WATCH_TIME(f->at), f->n, f->n == 1 ? "" : "s");
    for (size_t s = WATCH_STATES; s-- > 0;)
        if (states[s])
            wr_format(w, ", %zu %s", states[s], watch_words_of((enum watch_state)s));
    end(w, form);
    if (v->fails) {
        wr_format(w, "NO ANSWER since %s: ", WATCH_TIME(v->fails_at));
        watch_words_show(w, v->fails);
        wr_text(w, ". What follows was so before.");
        end(w, form);
        lines++;
    } else if (watch_show_stale(v)) {
        wr_format(w, "STALE: here it is %s; the answer is an old one, or a clock is wrong.",
                  WATCH_TIME(v->now));
        end(w, form);
        lines++;
    }
    if (f->n == 0) {
        wr_text(w, "The service watches no machine: nothing is known of any.");
        end(w, form);
        lines++;
    }
    end(w, form);
    return lines;
}

static void titles(struct wr *w, const char *site, const struct watch_form *form)
{
    watch_words_show(w, site);
    end(w, form);
    wr_format(w, "  %-10s%-*s%-*s%-14s%s", "STATE", NAME_COLUMNS, "MACHINE", WIDE, "SINCE",
              "LAST ANSWER", "WHAT NEXT, OR WHY");
    end(w, form);
}

/* fit is how many of the first have room in so many lines, each site with two more, the count of the rest with one. */
static size_t fit(struct watch_machine *const *v, size_t n, size_t lines)
{
    size_t used = 1, i = 0;
    for (; i < n; i++) {
        size_t k = 0;
        while (k < i && strcmp(site_of(v[k]), site_of(v[i])) != 0)
            k++;
        used += k < i ? 1 : 3;
        if (used > lines)
            break;
    }
    return i;
}

static void rows(struct wr *w, struct watch_machine *const *v, size_t n, int64_t at,
                 const struct watch_form *form)
{
    const char *site = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!site || strcmp(site, site_of(v[i])) != 0)
            titles(w, site_of(v[i]), form);
        site = site_of(v[i]);
        row(w, v[i], at, form);
    }
}

void watch_show_table(struct wr *w, const struct watch_view *v, const struct watch_form *form)
{
    const struct watch_fleet *f = v->fleet;
    size_t used = head(w, v, form), n = f->n;
    struct watch_machine **order = calloc(n ? n : 1, sizeof(struct watch_machine *));
    if (!order) {
        wr_text(w, "OUT OF MEMORY: no machine is told");
        end(w, form);
        return;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &f->v[i];
    qsort(order, n, sizeof(struct watch_machine *), by_state);
    if (form->lines)
        n = fit(order, n, form->lines > used ? form->lines - used : 0);
    qsort(order, n, sizeof(struct watch_machine *), by_site);
    rows(w, order, n, f->at, form);
    if (n < f->n) {
        wr_format(w, "and %zu more, none of them worse: --once tells all", f->n - n);
        end(w, form);
    }
    free(order);
}

void watch_show_brief(struct wr *w, const struct watch_machine *m, int64_t at)
{
    watch_words_show(w, site_of(m));
    wr_text(w, "/");
    watch_words_show(w, m->name);
    wr_format(w, " %s", watch_words_of(m->state));
    if (since(m))
        wr_format(w, " since %s", WATCH_TIME(since(m)));
    wr_text(w, ": ");
    why(w, m, at);
}

/* same says that nothing but times went on. */
static bool same(const struct watch_machine *a, const struct watch_machine *b)
{
    return a->state == b->state && strcmp(a->word, b->word) == 0 && a->span == b->span &&
           a->since == b->since && strcmp(a->reason, b->reason) == 0 &&
           a->broken_at == b->broken_at && a->alarm_at == b->alarm_at &&
           a->observed == b->observed && strcmp(a->site, b->site) == 0 &&
           strcmp(a->policy, b->policy) == 0;
}

bool watch_show_same(const struct watch_fleet *a, const struct watch_fleet *b)
{
    bool all = a->n == b->n;
    for (size_t i = 0; all && i < a->n; i++)
        all = strcmp(a->v[i].name, b->v[i].name) == 0 && same(&a->v[i], &b->v[i]);
    return all;
}

void watch_show_changes(struct wr *w, const struct watch_fleet *before, const struct watch_view *v)
{
    const struct watch_fleet *f = v->fleet;
    for (size_t i = 0, k = 0; i < f->n || k < before->n;) {
        int order = i == f->n ? 1 : k == before->n ? -1 : strcmp(f->v[i].name, before->v[k].name);
        if (order > 0) {
            wr_format(w, "%s ", WATCH_TIME(f->at));
            watch_words_show(w, site_of(&before->v[k]));
            wr_text(w, "/");
            watch_words_show(w, before->v[k].name);
            wr_text(w, " gone: the service does not watch it any more\n");
        } else if (order < 0 || !same(&f->v[i], &before->v[k])) {
            wr_format(w, "%s ", WATCH_TIME(f->at));
            watch_show_brief(w, &f->v[i], f->at);
            wr_text(w, "\n");
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void pair(struct json_out *o, const char *name, const char *text)
{
    if (text[0])
        json_out_pair_string(o, name, text);
}

static void pair_time(struct json_out *o, const char *name, int64_t at)
{
    if (at)
        json_out_pair_string(o, name, TEXT_TIME(at));
}

void watch_show_machine(struct json_out *o, const struct watch_machine *m)
{
    json_out_object(o);
    json_out_pair_string(o, "machine", m->name);
    json_out_pair_string(o, "policy", m->policy);
    pair(o, "site", m->site);
    json_out_pair_string(o, "state", watch_words_of(m->state));
    if (m->state == WATCH_UNKNOWN)
        pair(o, "state_told", m->word);
    json_out_pair_bool(o, "observed", m->observed);
    pair_time(o, "since", since(m));
    pair_time(o, "last", m->last);
    json_out_pair_num(o, "within_seconds", m->within);
    pair(o, "reason", m->reason);
    pair(o, "whose", m->whose);
    pair_time(o, "until", m->until);
    pair(o, "ends", m->ends);
    pair_time(o, "alarm_at", m->alarm_at);
    json_out_pair_num(o, "span", m->span);
    pair(o, "began_by", m->began_by);
    pair(o, "ek_name", m->ids[WATCH_EK]);
    pair(o, "ak_name", m->ids[WATCH_AK]);
    pair(o, "platform", m->ids[WATCH_PLATFORM]);
    json_out_close(o);
}

void watch_show_json(struct wr *w, const struct watch_view *v)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "service", v->service);
    json_out_pair_string(&o, "at", TEXT_TIME(v->fleet->at));
    json_out_pair_string(&o, "worst", watch_words_of(worst_of(v->fleet)));
    json_out_pair_num(&o, "exit", watch_show_exit(v));
    json_out_pair_bool(&o, "stale", watch_show_stale(v));
    pair(&o, "fails", v->fails ? v->fails : "");
    json_out_name(&o, "machines");
    json_out_array(&o);
    for (size_t i = 0; i < v->fleet->n; i++)
        watch_show_machine(&o, &v->fleet->v[i]);
    json_out_close(&o);
    json_out_close(&o);
    json_out_end(&o);
}
