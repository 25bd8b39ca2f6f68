/*
 * Veraison's challenge-response and discovery API (veraison/docs, api/challenge-response and
 * api/well-known), for the default policy: a session's Location, its JSON and the statuses are
 * Veraison's; an evidence is appraised at once (200), never later (202).
 */
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "serve/front/front_does.h"
#include "serve/front/front_match.h"
#include "serve/front/front_request.h"

#include <stdio.h>
#include <stdlib.h>

#define SESSION_JSON 2048
/* Clients before July 2026 read standard base64 with padding, those since base64url without. A size that
 * is a multiple of three is both, since the keeper draws it without - and _; of others the setting says. */
#define NONCE_SIZE 33

void front_media_types(struct json_out *o, const struct front_call *c)
{
    struct span left = span_text(front_match_row(c->front, front_submit)->consumes), word;
    json_out_array(o);
    while ((word = http_media_word(&left)).n)
        json_out_text(o, word);
    json_out_close(o);
}

static void write_nonce(struct json_out *o, struct span nonce, bool padded)
{
    char text[2 * TALK_NONCE];
    json_out_name(o, "nonce");
    if (padded)
        json_out_string(o, text_base64(text, nonce));
    else
        json_out_base64url(o, nonce);
}

static void answer_session(struct front_call *c, const struct talk_answer *a, struct span token,
                           unsigned status)
{
    size_t room = SESSION_JSON + 2 * token.n;
    uint8_t *text = malloc(room);
    struct wr w = wr_new(text, text ? room : 0);
    struct json_out o = json_out_new(&w, false);
    char type[HTTP_MEDIA_MAX], location[TALK_SESSION + 16];
    json_out_object(&o);
    if (a->nonce_size)
        write_nonce(&o, span_of(a->nonce, a->nonce_size), c->front->setup.padded);
    if (a->until)
        json_out_pair_string(&o, "expiry", TEXT_TIME(a->until));
    json_out_name(&o, "accept");
    front_media_types(&o, c);
    json_out_pair_string(&o, "status", token.n ? "complete" : "waiting");
    if (token.n)
        json_out_pair_text(&o, "result", token);
    json_out_close(&o);
    json_out_end(&o);
    snprintf(type, sizeof type, "%.*s", (int)c->accepted.n, (const char *)c->accepted.p);
    snprintf(location, sizeof location, "session/%s", a->session);
    struct http_answer answer = {.status = status, .type = type, .body = wr_span(&w)};
    http_answer_header(&answer, "Cache-Control", "no-store");
    if (status == 201)
        http_answer_header(&answer, "Location", location);
    if (answer.body.n)
        http_call_answer(c->http, &answer);
    else
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    free(text);
}

static void created(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)t;
    answer_session(c, a, (struct span){0}, 201);
}

/* Veraison's own service takes a nonce with padding, too. */
static struct span unpadded(struct span text)
{
    size_t most = text.n % 4 == 0 ? 2 : 0;
    while (most-- && text.n && text.p[text.n - 1] == '=')
        text.n--;
    return text;
}

void front_new_session(struct front_call *c)
{
    struct situs_err err = {0};
    struct span nonce = http_query_get(&c->query, "nonce"),
                size = http_query_get(&c->query, "nonceSize");
    bool ok = true;
    if (nonce.p && size.p)
        ok = err_fail(&err, SITUS_MALFORMED, "request", "query", 0, "nonce or nonceSize", "both");
    else if (nonce.p)
        ok = front_request_nonce(&c->ask, unpadded(nonce), &err);
    else if (size.p)
        ok = front_request_size(&c->ask, size, &err);
    if (!ok) {
        front_refuse_err(c, &err);
        return;
    }
    c->ask.kind = nonce.p ? TALK_TAKE : TALK_CHALLENGE;
    c->ask.nonce_size = size.p ? c->ask.nonce_size : nonce.p ? 0 : NONCE_SIZE;
    front_keeper_ask(&c->front->keeper, c, created);
}

static void appraised(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    c->exit = a->exit;
    if (t->text[0].n)
        answer_session(c, a, t->text[0], 200);
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
}

/* read_session reads the session of the path; false: refused. */
static bool read_session(struct front_call *c)
{
    struct situs_err err = {0};
    if (front_request_session(&c->ask, span_text(c->part), &err))
        return true;
    front_refuse_err(c, &err);
    return false;
}

void front_submit(struct front_call *c)
{
    if (read_session(c))
        front_appraise(c, c->http->body, true, appraised);
}

static void found(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    answer_session(c, a, t->text[0], 200);
}

void front_session(struct front_call *c)
{
    c->ask.kind = TALK_LOOK;
    if (read_session(c))
        front_keeper_ask(&c->front->keeper, c, found);
}

static void forgotten(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    (void)a;
    (void)t;
    http_call_answer(c->http, &(struct http_answer){.status = 204});
}

void front_forget(struct front_call *c)
{
    c->ask.kind = TALK_FORGET;
    if (read_session(c))
        front_keeper_ask(&c->front->keeper, c, forgotten);
}
