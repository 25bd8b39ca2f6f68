/* From a request to its row: paths, methods, media types, and what a row does not take. */
#include "base/text.h"
#include "serve/front/front_log.h"
#include "serve/front/front_match.h"
#include "serve/front/front_state.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>

static struct front_call *call_of(void *context, struct http_call *http)
{
    struct front_call *c = http->state;
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->http = http;
    c->front = context;
    c->row_at = c->front->n_rows;
    c->exit = c->evidence = -1;
    http->state = c;
    return c;
}

/* find_row finds the row that the target is for, and reads its query; false: refused. */
static bool find_row(struct front_call *c)
{
    const char *target = c->http->target;
    size_t n = c->http->target_n, path = strcspn(target, "?");
    char allow[64];
    if (n >= HTTP_TARGET_MAX) {
        front_refuse(c, FRONT_uri_too_long, "target", "2047 bytes at most", TEXT_BYTES(n));
        return false;
    }
    switch (
        front_match_find(c->front, c->http, span_of(target, path), &c->row_at, c->part, allow)) {
    case FRONT_NO_PATH:
        front_refuse(c, FRONT_not_found, NULL, NULL, TEXT_CUT(span_of(target, path)));
        return false;
    case FRONT_NO_METHOD:
        front_refuse(c, FRONT_method, "method", allow, TEXT_CUT(span_text(c->http->method)));
        return false;
    case FRONT_FOUND:
        break;
    }
    c->row = &c->front->rows[c->row_at];
    struct situs_err err = {0};
    struct span query = target[path] ? span_text(target + path + 1) : (struct span){0};
    if (http_query_read(&c->query, query, c->row->query, &err))
        return true;
    front_refuse_err(c, &err);
    return false;
}

/* agree finds the media types of answer and body; false: refused. */
static bool agree(struct front_call *c)
{
    char room[HTTP_FIELD_MAX], list[HTTP_FIELD_MAX];
    struct span accept = http_call_header(c->http, "Accept", room);
    if (c->row->produces[0]) {
        c->accepted = http_media_pick(accept, c->row->produces);
        if (!c->accepted.n || (http_call_headers(c->http, "Accept") && !accept.p)) {
            front_refuse(c, FRONT_not_acceptable, "Accept", c->row->produces, TEXT_CUT(accept));
            return false;
        }
    }
    if (!c->row->consumes[0])
        return true;
    struct span type = http_call_header(c->http, "Content-Type", room),
                left = span_text(c->row->consumes), word;
    if (http_media_type(c->media, type) && http_media_listed(c->row->consumes, span_text(c->media)))
        return true;
    size_t n = 0;
    while ((word = http_media_word(&left)).n)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%.*s", n ? ", " : "", (int)word.n,
                              (const char *)word.p);
    front_refuse(c, FRONT_media_type, "Content-Type", list, type.p ? TEXT_CUT(type) : "none");
    return false;
}

static void head(void *context, struct http_call *http)
{
    struct front_call *c = call_of(context, http);
    if (c && find_row(c))
        agree(c);
}

static void body(void *context, struct http_call *http)
{
    struct front_call *c = call_of(context, http);
    if (!c) /* no memory */
        http_call_answer(http, &(struct http_answer){.status = 503});
    else if (!c->row->consumes[0] && http->body_n)
        front_refuse(c, FRONT_malformed, "body", "no body", TEXT_BYTES(http->body_n));
    else if (c->row->consumes[0] && !http->body.n)
        front_refuse(c, FRONT_empty, "body", "one", "an empty one");
    else
        c->row->serve(c);
}

static void refused(void *context, struct http_call *http, enum http_refusal why)
{
    struct front_call *c = call_of(context, http);
    if (!c)
        http_call_answer(http, &(struct http_answer){.status = 503});
    else if (why == HTTP_TOO_LARGE)
        front_refuse(c, FRONT_too_large, "body", TEXT_BYTES(c->front->setup.body_max), "more");
    else if (why == HTTP_FULL)
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    else
        front_refuse(c, FRONT_framing, "Content-Length", NULL, NULL);
}

static void gone(void *context, struct http_call *http)
{
    struct front_call *c = call_of(context, http);
    int64_t took = wire_now() - http->began;
    if (!c)
        return;
    front_keeper_forget(&c->front->keeper, c);
    front_dial_forget(&c->front->dials, c);
    front_stream_forget(c->front, c);
    front_count_request(&c->front->count, c->row_at, http->status, took);
    if (c->exit >= 0)
        front_count_exit(&c->front->count, c->exit);
    front_log(c, took);
    free(c);
    http->state = NULL;
}

const struct http_does front_serve = {NULL, head, body, refused, gone};
