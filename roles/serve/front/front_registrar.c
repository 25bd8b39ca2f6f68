/* The registrar's two questions over HTTP (PROTOCOLS: registrar, 5). Bodies are its messages as they are. */
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"
#include "wire/wire.h"

#include <stdio.h>

#define CBOR "application/cbor"

/* answer passes the registrar's words on; a refusal of its is no 200. */
static void answer(struct front_call *c, unsigned status, const char *location, struct span body)
{
    struct situs_err why = {0};
    bool no = wire_refused(body, "registrar", &why), busy = no && why.code == SITUS_BUSY;
    struct http_answer a = {.status = !no ? status : busy ? 503 : 403, .type = CBOR, .body = body};
    http_answer_header(&a, "Cache-Control", "no-store");
    http_answer_header(&a, "X-Content-Type-Options", "nosniff");
    http_answer_header(&a, "Location", no ? "" : location);
    http_answer_header(&a, "Retry-After", busy ? "1" : "");
    if (body.n)
        http_call_answer(c->http, &a);
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
}

static void enrolled(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    char location[TALK_SESSION + 32];
    snprintf(location, sizeof location, "activate?session=%s", a->session);
    answer(c, 201, location, t->text[0]);
}

static void activated(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    (void)a;
    answer(c, 200, "", t->text[0]);
}

void front_enrol(struct front_call *c)
{
    front_pass(c, TALK_ENROL, c->http->body, enrolled);
}

void front_activate(struct front_call *c)
{
    struct situs_err err = {0};
    struct span session = http_query_get(&c->query, "session");
    if (!session.p)
        err_fail(&err, SITUS_MISSING, "request", "session", 0, "the session that enrol gave",
                 "none");
    if (session.p && front_request_session(&c->ask, session, &err))
        front_pass(c, TALK_PROVE, c->http->body, activated);
    else
        front_refuse_err(c, &err);
}
