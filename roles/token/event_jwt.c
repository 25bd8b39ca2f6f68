/* Events as tokens; see event_jwt.h. */
#include "token/event_jwt.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json/json.h"
#include "codec/json_out.h"
#include "crypto/jws_write.h"
#include "ear/jwks.h"

#define PAYLOAD_MAX 4096
#define TIME_MAX INT64_C(253402300799) /* the last second of the year 9999 */
#define PART "event"

static bool payload(struct wr *w, const char *issuer, const char *audience,
                    const struct event_jwt *e)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "iss", issuer);
    json_out_pair_string(&o, "aud", audience);
    json_out_pair_num(&o, "iat", e->made);
    json_out_pair_num(&o, "toe", e->at); /* RFC 8417, 2.2: when it was */
    json_out_pair_string(&o, "jti", TEXT_NUM(e->number));
    json_out_name(&o, "events");
    json_out_object(&o);
    json_out_name(&o, EVENT_JWT_KIND);
    json_out_object(&o);
    json_out_pair_string(&o, "machine", e->machine);
    json_out_pair_num(&o, "number", e->number);
    json_out_pair_num(&o, "previous", e->previous);
    json_out_pair_string(&o, "event", e->event);
    if (e->reason[0]) {
        json_out_pair_string(&o, "reason", e->reason);
        json_out_pair_string(&o, "whose", e->whose);
    }
    json_out_pair_num(&o, "span", e->span);
    json_out_close(&o);
    json_out_close(&o);
    json_out_close(&o);
    return json_out_end(&o);
}

bool event_jwt_write(const struct sign_key *key, const char *issuer, const char *audience,
                     const struct event_jwt *event, char *text, struct situs_err *err)
{
    char plain[PAYLOAD_MAX];
    struct wr p = wr_new(plain, sizeof plain), w = wr_new(text, EVENT_JWT_MAX - 1);
    memset(text, 0, EVENT_JWT_MAX);
    if (!payload(&p, issuer, audience, event))
        return err_fail(err, SITUS_TOO_LONG, PART, "payload", SITUS_NO_OFFSET,
                        TEXT_BYTES(sizeof plain), "more");
    if (jws_write(&w, key, EVENT_JWT_TYP, wr_span(&p), err))
        return true;
    memset(text, 0, EVENT_JWT_MAX);
    return false;
}

/* copy takes a text that fits, and is not empty. */
static bool copy(const struct json *o, const char *name, char to[EVENT_JWT_NAME],
                 struct situs_err *err)
{
    struct json v;
    struct span s;
    if (!json_get(o, name, &v, err) || !json_as_text(&v, &s, err))
        return false;
    if (s.n == 0 || s.n >= EVENT_JWT_NAME || memchr(s.p, 0, s.n))
        return json_fail(&v, SITUS_MALFORMED, "1 to 63 bytes of text", TEXT_CUT(s), err);
    memcpy(to, s.p, s.n);
    return true;
}

/* read_event reads the one event of the set. */
static bool read_event(const struct json *root, struct event_jwt *e, struct situs_err *err)
{
    struct json set, o;
    if (!json_get_object(root, "events", &set, err) || !JSON_KNOWN(&set, err, EVENT_JWT_KIND) ||
        !json_get_object(&set, EVENT_JWT_KIND, &o, err) ||
        !JSON_KNOWN(&o, err, "machine", "number", "previous", "event", "reason", "whose", "span") ||
        !copy(&o, "machine", e->machine, err) || !copy(&o, "event", e->event, err) ||
        !json_get_num(&o, "number", 1, INT64_MAX, &e->number, err) ||
        !json_get_num(&o, "previous", 0, e->number - 1, &e->previous, err) ||
        !json_get_num(&o, "span", 0, INT64_MAX, &e->span, err))
        return false;
    return !json_has(&o, "reason") ||
           (copy(&o, "reason", e->reason, err) && copy(&o, "whose", e->whose, err));
}

static bool claims(const struct json *root, const struct event_jwt_asked *q, struct event_jwt *e,
                   struct situs_err *err)
{
    if (!json_as_object(root, err) || !json_same_text(root, "iss", q->issuer, err) ||
        !json_same_text(root, "aud", q->audience, err) ||
        !json_get_num(root, "iat", 0, TIME_MAX, &e->made, err) ||
        !json_get_num(root, "toe", 0, TIME_MAX, &e->at, err) || !read_event(root, e, err) ||
        !json_same_text(root, "jti", TEXT_NUM(e->number), err))
        return false;
    if (e->made > q->at + EVENT_JWT_EARLY)
        return err_fail(err, SITUS_NOT_YET_VALID, PART, "iat", SITUS_NO_OFFSET, TEXT_TIME(q->at),
                        TEXT_TIME(e->made));
    if (q->machine && strcmp(q->machine, e->machine) != 0)
        return err_fail(err, SITUS_MISMATCH, PART, "machine", SITUS_NO_OFFSET, q->machine,
                        e->machine);
    if (e->number > q->after)
        return true;
    err_fail(err, SITUS_NOT_ALLOWED, PART, "number", SITUS_NO_OFFSET, "one above the last known",
             TEXT_NUM(e->number));
    return err_hint(err,
                    "it came before, or is an old one that somebody sends again: take it once");
}

bool event_jwt_read(const struct event_jwt_asked *q, struct arena *a, struct event_jwt *event,
                    struct situs_err *err)
{
    struct jwks keys = {.n = 0};
    struct json_doc doc = {0};
    struct json root;
    struct span text;
    *event = (struct event_jwt){.number = 0};
    bool ok = jwks_read(&keys, q->keys, a, "keys", err) &&
              jws_open_ec(&text, q->token, EVENT_JWT_TYP, keys.v, keys.n, a, err) &&
              json_read(&doc, &root, text, PART, err) && claims(&root, q, event, err);
    json_free(&doc);
    jwks_free(&keys);
    if (!ok)
        *event = (struct event_jwt){.number = 0};
    return ok;
}
