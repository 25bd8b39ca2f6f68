/* Events as they come; see front_stream.h. One who reads slowly is asked for no more until he took what he was sent, holds no
 * more than one answer of the keeper's, and is cut off by the deadline of a request; with Last-Event-ID he goes on where he was. */
#include "serve/front/front_stream.h"

#include "base/text.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"

#include <stdio.h>

static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t);

void front_stream_forget(struct front *f, const struct front_call *c)
{
    struct front_streams *s = &f->streams;
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i] == c) {
            s->v[i] = s->v[--s->n];
            return;
        }
}

void front_stream_end(struct front *f)
{
    for (size_t i = 0; i < f->streams.n; i++)
        http_call_end(f->streams.v[i]->http);
}

/* begin sends the head: from now on the answer grows. */
static bool begin(struct front_call *c)
{
    struct http_answer head = {.status = 200, .type = "text/event-stream"};
    if (c->http->status)
        return true;
    http_answer_header(&head, "Cache-Control", "no-store");
    http_answer_header(&head, "X-Content-Type-Options", "nosniff");
    http_answer_header(&head, "X-Accel-Buffering", "no"); /* nginx: pass it on at once */
    return http_call_stream(c->http, &head);
}

/* told sends what the keeper told, or a sign of life, and the number from which one goes on. */
static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    char line[64];
    bool first = c->http->status == 0;
    struct span text = t->text[0];
    if (!begin(c))
        return;
    if (text.n == 0)
        snprintf(line, sizeof line, "%s: no event\nid: %llu\n\n", first ? "retry: 2000\n" : "",
                 (unsigned long long)a->target);
    else
        snprintf(line, sizeof line, "%s", first ? "retry: 2000\n" : "");
    c->ask.after = a->target;
    c->ask.dialled = 0;
    http_call_more(c->http, span_text(line));
    http_call_more(c->http, text);
}

void front_stream_turn(struct front *f)
{
    for (size_t i = f->streams.n; i-- > 0;) {
        struct front_call *c = f->streams.v[i];
        if (c->slot == 0 && http_call_drained(c->http))
            front_keeper_ask(&f->keeper, c, told);
    }
}

/* last is the number of the last event that the client has; false: refused. */
static bool last(struct front_call *c)
{
    char room[HTTP_FIELD_MAX];
    struct span id = http_call_header(c->http, "Last-Event-ID", room);
    struct span after = id.p ? id : http_query_get(&c->query, "after");
    c->ask.after = TALK_STREAM_NOW;
    if (!after.p && !http_call_headers(c->http, "Last-Event-ID"))
        return true;
    if (after.p && text_number(after, 0, TALK_STREAM_NOW - 1, &c->ask.after))
        return true;
    front_refuse(c, FRONT_malformed, id.p ? "Last-Event-ID" : "after", "the number of an event",
                 TEXT_CUT(after));
    return false;
}

void front_stream(struct front_call *c)
{
    struct front_streams *s = &c->front->streams;
    if (!last(c))
        return;
    if (s->n == FRONT_STREAMS) {
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
        return;
    }
    c->ask.kind = TALK_STREAM;
    c->ask.dialled = 1;
    s->v[s->n++] = c;
    front_keeper_ask(&c->front->keeper, c, told);
}
