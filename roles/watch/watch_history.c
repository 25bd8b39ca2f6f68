/* A machine's events; see watch_history.h. */
#include "watch/watch_history.h"

#include "base/time.h"
#include "codec/json_out.h"

#include <stdio.h>

/* What an event made of what: words of states; empty: not known. */
struct watch_step {
    const char *from, *to;
    char missing[120]; /* why one before it is lost, in words; empty: none is */
};

static const struct kind {
    const char *word, *from, * or, *to;
    int begins;
} kinds[] = {
#define WATCH_EVENT(word, from, or, to, begins) {word, from, or, to, begins},
#include "watch/watch_words.def"
};

static const struct kind *kind_of(const struct watch_event *e)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].word, e->event) == 0)
            return &kinds[i];
    return NULL;
}

/* numbers says that events are missing between two numbers of them. */
static void numbers(char missing[120], int64_t from, int64_t to)
{
    if (from == to)
        snprintf(missing, 120, "event %lld of the machine is missing", (long long)from);
    else
        snprintf(missing, 120, "events %lld to %lld of the machine are missing", (long long)from,
                 (long long)to);
}

static void behind(const struct watch_history *h, char missing[120])
{
    int64_t last = h->n ? h->v[h->n - 1].nth : 0;
    if (h->count > 0 && (h->n == 0 || last) && last < h->count)
        numbers(missing, last + 1, h->count);
}

/* fits says that an event may follow what was; else why not. */
static void fits(const struct watch_history *h, size_t i, const char *from, char missing[120])
{
    const struct watch_event *e = &h->v[i], *before = i ? &h->v[i - 1] : NULL;
    const struct kind *k = kind_of(e);
    int64_t last = before ? before->nth : 0, span = before ? before->span : 0;
    if (e->nth && (i == 0 || last)) {
        if (e->nth > last + 1)
            numbers(missing, last + 1, e->nth - 1);
        else if (e->nth <= last)
            snprintf(missing, 120, "event %lld of the machine comes twice", (long long)e->nth);
    }
    if (missing[0] || !k)
        return;
    if (k->from[0] && from[0] && strcmp(from, k->from) != 0 && strcmp(from, k->or) != 0)
        snprintf(missing, 120, "an event is missing: %s does not follow %s", k->word, from);
    else if (e->span != span + k->begins && (!before || kind_of(before)))
        snprintf(missing, 120, "an event is missing: span %lld follows span %lld",
                 (long long)e->span, (long long)span);
}

/* step_of makes of the step before event i that of event i, in turn from 0 on, or with i == h->n what is missing behind the last one. */
static void step_of(const struct watch_history *h, size_t i, struct watch_step *step)
{
    *step = (struct watch_step){.from = i ? step->to : "new", .to = ""};
    if (i == h->n) {
        behind(h, step->missing);
        return;
    }
    const struct kind *k = kind_of(&h->v[i]);
    step->to = !k ? "" : k->to[0] ? k->to : step->from;
    fits(h, i, step->from, step->missing);
}

bool watch_history_whole(const struct watch_history *h)
{
    struct watch_step step = {.to = ""};
    bool whole = true;
    for (size_t i = 0; whole && i <= h->n; i++) {
        step_of(h, i, &step);
        whole = step.missing[0] == 0;
    }
    return whole;
}

static const char *state(const char *word)
{
    return word[0] ? word : "?";
}

void watch_history_text(struct wr *w, const struct watch_history *h, const char *service,
                        const char *machine)
{
    struct watch_step step = {.to = ""};
    wr_text(w, "Machine ");
    watch_words_show(w, machine);
    wr_text(w, " of ");
    watch_words_show(w, service);
    wr_format(w, ": %zu event%s%s\n", h->n, h->n == 1 ? "" : "s",
              watch_history_whole(h) ? "" : ", and some are MISSING");
    for (size_t i = 0; i <= h->n; i++) {
        step_of(h, i, &step);
        if (step.missing[0])
            wr_format(w, "     MISSING: %s\n", step.missing);
        if (i == h->n)
            break;
        const struct watch_event *e = &h->v[i];
        wr_format(w, "%4lld  %s  %-6s -> %-6s  span %lld  ", (long long)e->number,
                  WATCH_TIME(e->at), state(step.from), state(step.to), (long long)e->span);
        watch_words_show(w, e->event);
        if (e->reason[0]) {
            wr_text(w, ": ");
            watch_words_show(w, e->reason);
            wr_text(w, ", on the side of the ");
            watch_words_show(w, e->whose);
        }
        wr_text(w, "\n");
    }
}

static void event(struct json_out *o, const struct watch_event *e, const struct watch_step *step)
{
    json_out_object(o);
    json_out_pair_num(o, "number", e->number);
    if (e->nth)
        json_out_pair_num(o, "nth", e->nth);
    json_out_pair_string(o, "at", TEXT_TIME(e->at));
    json_out_pair_string(o, "event", e->event);
    json_out_pair_string(o, "from", step->from);
    json_out_pair_string(o, "to", step->to);
    if (e->reason[0])
        json_out_pair_string(o, "reason", e->reason);
    if (e->whose[0])
        json_out_pair_string(o, "whose", e->whose);
    json_out_pair_num(o, "span", e->span);
    if (step->missing[0])
        json_out_pair_string(o, "missing_before", step->missing);
    json_out_close(o);
}

void watch_history_json(struct wr *w, const struct watch_history *h, const char *service,
                        const char *machine)
{
    struct json_out o = json_out_new(w, false);
    struct watch_step step = {.to = ""};
    json_out_object(&o);
    json_out_pair_string(&o, "service", service);
    json_out_pair_string(&o, "machine", machine);
    json_out_pair_bool(&o, "whole", watch_history_whole(h));
    json_out_name(&o, "events");
    json_out_array(&o);
    for (size_t i = 0; i < h->n; i++) {
        step_of(h, i, &step);
        event(&o, &h->v[i], &step);
    }
    json_out_close(&o);
    step_of(h, h->n, &step);
    if (step.missing[0])
        json_out_pair_string(&o, "missing_after", step.missing);
    json_out_close(&o);
    json_out_end(&o);
}
