/* /v1: challenge and verify in plain JSON. */
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"

#include <stdio.h>
#include <stdlib.h>

#define CHALLENGE_MAX 1024
#define TOKEN SPAN_LIT("application/eat+jwt")

static void challenged(struct front_call *c, const struct talk_answer *a,
                       const struct front_texts *t)
{
    uint8_t text[CHALLENGE_MAX];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    (void)t;
    json_out_object(&o);
    json_out_pair_string(&o, "session", a->session);
    json_out_name(&o, "nonce");
    json_out_base64url(&o, span_of(a->nonce, a->nonce_size));
    json_out_pair_string(&o, "expires", TEXT_TIME(a->until));
    json_out_pair_string(&o, "policy", a->policy);
    json_out_close(&o);
    json_out_end(&o);
    front_answer(c, 200, c->accepted, wr_span(&w), 0);
}

void front_v1_challenge(struct front_call *c)
{
    struct front_request r = {0};
    struct situs_err err = {0};
    if (!front_request_challenge(&r, c->http->body, &err)) {
        front_refuse_err(c, &err);
        return;
    }
    c->ask = r.ask;
    c->ask.kind = TALK_CHALLENGE;
    front_keeper_ask(&c->front->keeper, c, challenged);
}

/* appraised answers with the report, or with the token where one was wanted. */
void front_v1_appraised(struct front_call *c, const struct talk_answer *a,
                        const struct front_texts *t)
{
    char kept[TALK_SESSION + 16];
    c->exit = a->exit;
    snprintf(kept, sizeof kept, "/v1/reports/%s", a->session);
    c->location = a->session[0] ? kept : NULL;
    front_answer(c, 200, c->accepted, t->text[0], 0);
}

bool front_v1_wants_token(const struct front_call *c)
{
    return span_equal(c->accepted, TOKEN);
}

/* A report is kept where that is asked for, and nothing else is. */
static bool read_keep(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    ask->kind = TALK_APPRAISE_KEPT;
    return span_equal(text, SPAN_LIT("report")) ||
           err_fail(err, SITUS_MALFORMED, "request", "keep", 0, "report", TEXT_CUT(text));
}

/* read_query reads what stands beside a raw bundle. */
static bool read_query(struct front_request *r, const struct http_query *q, struct situs_err *err)
{
    struct span session = http_query_get(q, "session"), policy = http_query_get(q, "policy"),
                nonce = http_query_get(q, "nonce"), keep = http_query_get(q, "keep");
    return (!session.p || front_request_session(&r->ask, session, err)) &&
           (!policy.p || front_request_policy(&r->ask, policy, err)) &&
           (!nonce.p || front_request_nonce(&r->ask, nonce, err)) &&
           (!keep.p || read_keep(&r->ask, keep, err));
}

void front_v1_verify(struct front_call *c)
{
    struct front_request r = {0};
    struct situs_err err = {0};
    bool json = span_equal(span_text(c->media), SPAN_LIT("application/json")), ok = false;
    if (json && c->query.n)
        err_fail(&err, SITUS_UNKNOWN, "request", "query", 0, "no query beside JSON", "one");
    else
        ok = json ? front_request_verify(&r, c->http->body, &err) : read_query(&r, &c->query, &err);
    if (ok && r.ask.kind == TALK_APPRAISE_KEPT && front_v1_wants_token(c))
        ok = err_fail(&err, SITUS_UNSUPPORTED, "request", "keep", 0, "an answer that is a report",
                      "a token");
    if (!ok) {
        front_refuse_err(c, &err);
        return;
    }
    c->ask = r.ask;
    front_appraise(c, json ? span_of(r.evidence, r.n) : c->http->body, front_v1_wants_token(c),
                   front_v1_appraised);
    front_request_free(&r);
}
