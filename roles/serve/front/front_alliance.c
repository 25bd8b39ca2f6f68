/*
 * The paths of the Proof of Cloud alliance's servers (proofofcloud/trust-server: src/server.js, get_jwt_token.sh, check_quote.sh),
 * answered by one signer: DESIGN: service, 11.
 */
#include "base/text.h"
#include "codec/json_out.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"
#include "token/alliance_jwt.h"

#include <time.h>

#define SKEW 300 /* seconds that a request's timestamp may be off (src/services.js: max_diff_s) */
#define VERIFIED_MAX (6 * RECORD_LABEL + 256) /* an escape has six letters */

/* passed_on is what the keeper made of it. */
static void passed_on(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    c->exit = a->exit;
    front_answer(c, 200, c->accepted, t->text[0], 0);
}

static bool is_now(int64_t timestamp, struct situs_err *err)
{
    int64_t off = timestamp ? timestamp - (int64_t)time(NULL) : 0;
    return (off >= -SKEW && off <= SKEW) ||
           err_fail(err, SITUS_MALFORMED, "request", "timestamp", 0,
                    "a time within 300 s of the service's", TEXT_NUM(timestamp));
}

static void ask(struct front_call *c, bool sign)
{
    struct front_request r = {0};
    struct situs_err err = {0};
    c->ask.want_token = sign;
    if (front_request_quote(&r, c->http->body, false, &err) && is_now(r.timestamp, &err))
        front_pass(c, TALK_ALLIANCE, span_of(r.evidence, r.n), passed_on);
    else
        front_refuse_err(c, &err);
    front_request_free(&r);
}

void front_get_jwt(struct front_call *c)
{
    ask(c, true);
}

void front_check_quote(struct front_call *c)
{
    ask(c, false);
}

static void holds(struct front_call *c, const struct alliance_jwt_said *said)
{
    uint8_t text[VERIFIED_MAX];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_bool(&o, "valid", true);
    json_out_pair_string(&o, "keyId", said->key);
    json_out_pair_string(&o, "label", said->label);
    json_out_close(&o);
    json_out_end(&o);
    front_answer(c, 200, c->accepted, wr_span(&w), 0);
}

/* told knows by which keys the signer's tokens are signed, by the keeper's word; the request is read again. */
static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    static uint8_t memory[SITUS_TOKEN_MEMORY]; /* one thread, one token at a time */
    static struct alliance_jwt_said said;
    struct front_request r = {0};
    struct situs_err err = {0};
    struct alliance_jwt_asked q = {
        .keys = t->text[0], .issuer = a->issuer, .audience = a->audience, .at = a->at};
    if (!front_request_quote(&r, c->http->body, true, &err)) {
        front_refuse_err(c, &err);
        return;
    }
    q.token = span_of(r.jwt, r.jwt_n);
    q.quote = span_of(r.evidence, r.n);
    if (alliance_jwt_verify(&q, (struct situs_memory){memory, sizeof memory}, &said, &err))
        holds(c, &said);
    else
        front_refuse(c, FRONT_token, err.field, err.expected, err.got);
    front_request_free(&r);
}

void front_verify_token(struct front_call *c)
{
    struct front_request r = {0};
    struct situs_err err = {0};
    if (front_request_quote(&r, c->http->body, true, &err)) {
        c->ask.kind = TALK_ALLIANCE_KEYS;
        front_keeper_ask(&c->front->keeper, c, told);
    } else {
        front_refuse_err(c, &err);
    }
    front_request_free(&r);
}
