/* The alliance's answers; see alliance_jwt.h. */
#include "token/alliance_jwt.h"

#include "base/text.h"
#include "base/time.h"
#include "codec/json/json.h"
#include "codec/json_out.h"
#include "crypto/digest.h"
#include "crypto/jws_write.h"
#include "ear/jwks.h"

#define TIME_MAX INT64_C(253402300799) /* the last second of the year 9999 */

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   struct situs_err *err)
{
    return err_fail(err, code, "token", field, SITUS_NO_OFFSET, expected, got);
}

static struct span machine_of(const struct token_record *r)
{
    return span_of(r->machine, r->machine_size);
}

/* The alliance's four claims, by their names; ours are those that end a token and say for whom it is (RFC 7519, 4.1). */
static bool payload(struct wr *w, const struct token_record *r, const struct alliance_jwt_facts *f,
                    int64_t end)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_hex(&o, "quote_hash", SPAN_ARR(r->evidence));
    json_out_pair_hex(&o, "machine_id", machine_of(r));
    json_out_pair_string(&o, "label", r->label);
    json_out_pair_num(&o, "timestamp", r->at);
    json_out_pair_string(&o, "iss", f->issuer);
    json_out_pair_string(&o, "aud", f->audience);
    json_out_pair_num(&o, "iat", r->at);
    json_out_pair_num(&o, "exp", end);
    json_out_pair_hex(&o, "jti", SPAN_ARR(f->id));
    json_out_close(&o);
    return json_out_end(&o);
}

static bool answer(struct wr *w, const struct token_record *r, const struct alliance_jwt_facts *f,
                   const char *jwt)
{
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_hex(&o, "machineId", machine_of(r));
    json_out_pair_string(&o, "label", r->label);
    json_out_pair_string(&o, "jwt", jwt);
    json_out_pair_string(&o, "moniker", f->moniker);
    json_out_pair_hex(&o, "nonce", SPAN_ARR(f->id));
    json_out_close(&o);
    return json_out_end(&o);
}

bool alliance_jwt_write(const struct sign_key *key, const struct token_record *r,
                        const struct alliance_jwt_facts *f, char *text, struct situs_err *err)
{
    char plain[TOKEN_MAX], jwt[TOKEN_MAX] = {0};
    struct wr p = wr_new(plain, sizeof plain), j = wr_new(jwt, sizeof jwt - 1);
    struct wr w = wr_new(text, ALLIANCE_JWT_ANSWER - 1);
    int64_t end = r->at + TOKEN_LIFE;
    *err = (struct situs_err){0};
    memset(text, 0, ALLIANCE_JWT_ANSWER);
    end = r->until < end ? r->until : end;
    end = f->ends < end ? f->ends : end;
    if (!r->listed)
        return refuse(SITUS_NOT_ALLOWED, "machine_id", "a machine of the list", "another", err);
    if (end <= r->at)
        return refuse(SITUS_EXPIRED, "exp", "something left of its time", TEXT_TIME(end), err);
    if (!payload(&p, r, f, end))
        return refuse(SITUS_TOO_LONG, "payload", TEXT_BYTES(sizeof plain), "more", err);
    if (!jws_write(&j, key, ALLIANCE_JWT_TYP, wr_span(&p), err))
        return false;
    if (answer(&w, r, f, jwt))
        return true;
    memset(text, 0, ALLIANCE_JWT_ANSWER);
    return refuse(SITUS_TOO_LONG, "answer", TEXT_BYTES(ALLIANCE_JWT_ANSWER), "more", err);
}

bool alliance_jwt_check(const struct token_record *r, char *text, struct situs_err *err)
{
    struct wr w = wr_new(text, ALLIANCE_JWT_ANSWER - 1);
    struct json_out o = json_out_new(&w, false);
    *err = (struct situs_err){0};
    memset(text, 0, ALLIANCE_JWT_ANSWER);
    if (r->machine_size == 0)
        return refuse(SITUS_MISSING, "machine_id", "a genuine machine", "none", err);
    json_out_object(&o);
    json_out_pair_bool(&o, "whitelisted", r->listed);
    json_out_pair_hex(&o, "machine_id", machine_of(r));
    json_out_close(&o);
    return json_out_end(&o);
}

/* opened verifies under one key after the other, so that it is known under which; the last failure is told. */
static bool opened(struct span *payload, const struct alliance_jwt_asked *q,
                   struct alliance_jwt_said *said, struct arena *a, struct situs_err *err)
{
    struct jwks keys = {.n = 0};
    bool ok = false;
    bool some = jwks_read(&keys, q->keys, a, "keys", err);
    for (size_t i = 0; some && !ok && i < keys.n; i++) {
        *err = (struct situs_err){0};
        ok = jws_open_ec(payload, q->token, ALLIANCE_JWT_TYP, &keys.v[i], 1, a, err);
        if (ok && keys.v[i].kid.n < sizeof said->key)
            memcpy(said->key, keys.v[i].kid.p, keys.v[i].kid.n);
    }
    jwks_free(&keys);
    return ok;
}

static bool in_time(const struct json *o, int64_t at, struct situs_err *err)
{
    int64_t from, to;
    if (!json_get_num(o, "iat", 0, TIME_MAX, &from, err) ||
        !json_get_num(o, "exp", 0, TIME_MAX, &to, err))
        return false;
    if (at < from)
        return refuse(SITUS_NOT_YET_VALID, "iat", TEXT_TIME(at), TEXT_TIME(from), err);
    return at < to || refuse(SITUS_EXPIRED, "exp", TEXT_TIME(at), TEXT_TIME(to), err);
}

static bool claims(const struct json *o, const struct alliance_jwt_asked *q,
                   struct alliance_jwt_said *said, struct situs_err *err)
{
    uint8_t hash[32], own[32];
    struct span label;
    if (!json_as_object(o, err) || !json_same_text(o, "iss", q->issuer, err) ||
        !json_same_text(o, "aud", q->audience, err) || !in_time(o, q->at, err) ||
        !json_get_hex(o, "quote_hash", hash, sizeof hash, err) ||
        !json_get_text(o, "label", &label, err))
        return false;
    if (!digest(HASH_SHA256, q->quote, own))
        return refuse(SITUS_INTERNAL, "quote_hash", NULL, NULL, err);
    if (memcmp(hash, own, sizeof hash) != 0)
        return refuse(SITUS_MISMATCH, "quote_hash", TEXT_HEX(SPAN_ARR(own)),
                      TEXT_HEX(SPAN_ARR(hash)), err);
    if (label.n >= sizeof said->label)
        return refuse(SITUS_TOO_LONG, "label", TEXT_BYTES(sizeof said->label - 1), "more", err);
    memcpy(said->label, label.p, label.n);
    return true;
}

bool alliance_jwt_verify(const struct alliance_jwt_asked *q, struct situs_memory memory,
                         struct alliance_jwt_said *said, struct situs_err *err)
{
    struct arena a = arena_new(memory.p, memory.size);
    struct json_doc doc = {0};
    struct json root;
    struct span text;
    *err = (struct situs_err){0};
    memset(said, 0, sizeof *said);
    bool ok = opened(&text, q, said, &a, err) && json_read(&doc, &root, text, "token", err) &&
              claims(&root, q, said, err);
    json_free(&doc);
    if (!ok)
        memset(said, 0, sizeof *said);
    return ok;
}
