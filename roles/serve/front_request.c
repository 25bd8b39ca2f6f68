/* Requests; see front_request.h. */
#include "serve/front_request.h"

#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"

#include <stdlib.h>

#define PART "request"
#define NONCE_LEAST 8 /* bytes of a relying party's own; Veraison's least */
#define SIZE_LEAST 32

static bool letters(struct span s, const char *more)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
              (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] && strchr(more, s.p[i]))))
            return false;
    return s.n != 0;
}

/* keep copies a text into a field of the ask. */
static void keep(char *to, struct span s)
{
    memcpy(to, s.p, s.n);
    to[s.n] = 0;
}

bool front_request_policy(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    if (text.n >= TALK_NAME || !letters(text, "-._"))
        return err_fail(err, SITUS_MALFORMED, PART, "policy", 0,
                        "the name of a policy: letters, digits, - . _, 63 at most", TEXT_CUT(text));
    keep(ask->policy, text);
    return true;
}

bool front_request_session(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    if (text.n >= TALK_SESSION || !letters(text, "-_"))
        return err_fail(err, SITUS_MALFORMED, PART, "session", 0,
                        "the session that a challenge gave", TEXT_CUT(text));
    keep(ask->session, text);
    return true;
}

bool front_request_nonce(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    size_t n = 0;
    if (!base64url_read(ask->party_nonce, sizeof ask->party_nonce, &n, text) || n < NONCE_LEAST ||
        span_all(span_of(ask->party_nonce, n), 0)) {
        memset(ask->party_nonce, 0, sizeof ask->party_nonce);
        return err_fail(err, SITUS_MALFORMED, PART, "nonce", 0,
                        "8 to 64 bytes in base64url without padding, not all zero", TEXT_CUT(text));
    }
    ask->party_nonce_size = (uint32_t)n;
    return true;
}

bool front_request_size(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    uint64_t n = 0;
    if (!text_number(text, SIZE_LEAST, TALK_NONCE, &n))
        return err_fail(err, SITUS_MALFORMED, PART, "nonceSize", 0, "32 to 64 bytes",
                        TEXT_CUT(text)) ||
               err_hint(err, "a shorter nonce has no room for what says that this service drew it");
    ask->nonce_size = (uint32_t)n;
    return true;
}

/* either decodes base64, standard with padding or base64url without, into new memory of room
 * bytes. */
static bool either(uint8_t *to, size_t room, size_t *n, struct span text)
{
    return text_base64_read(to, room, n, text, false) || base64url_read(to, room, n, text);
}

/* optional reads a member that may be absent by its reader. */
static bool optional(const struct json *o, const char *key, struct talk_ask *ask,
                     bool (*read)(struct talk_ask *, struct span, struct situs_err *),
                     struct situs_err *err)
{
    struct span text;
    return !json_has(o, key) || (json_get_text(o, key, &text, err) && read(ask, text, err));
}

static bool read_size(const struct json *o, struct talk_ask *ask, struct situs_err *err)
{
    int64_t n = 0;
    if (!json_has(o, "size"))
        return true;
    if (!json_get_num(o, "size", SIZE_LEAST, TALK_NONCE, &n, err))
        return false;
    ask->nonce_size = (uint32_t)n;
    return true;
}

static bool read_channel(const struct json *o, struct talk_ask *ask, struct situs_err *err)
{
    struct span text;
    size_t n = 0;
    if (!json_has(o, "channel"))
        return true;
    if (!json_get_text(o, "channel", &text, err))
        return false;
    if (!either(ask->channel, sizeof ask->channel, &n, text) || n == 0) {
        memset(ask->channel, 0, sizeof ask->channel);
        return err_fail(err, SITUS_MALFORMED, PART, "channel", 0,
                        "a SubjectPublicKeyInfo (DER) in base64, 1024 bytes at most",
                        TEXT_CUT(text));
    }
    ask->channel_size = (uint32_t)n;
    return true;
}

static bool read_evidence(const struct json *o, struct front_request *r, struct situs_err *err)
{
    struct span text;
    if (!json_get_text(o, "evidence", &text, err))
        return false;
    size_t room = text.n / 4 * 3 + 3;
    r->evidence = malloc(room);
    if (!r->evidence)
        return err_fail(err, SITUS_NO_MEMORY, PART, "evidence", 0, "memory", "none");
    if (either(r->evidence, room, &r->n, text) && r->n)
        return true;
    r->n = 0;
    return err_fail(err, SITUS_MALFORMED, PART, "evidence", 0, "evidence in base64",
                    TEXT_CUT(text));
}

static bool read_json(struct front_request *r, struct span body, bool verify, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json o;
    bool ok = json_read(&doc, &o, body, PART, err) && json_as_object(&o, err);
    if (ok && verify)
        ok = JSON_KNOWN(&o, err, "session", "policy", "nonce", "channel", "evidence") &&
             optional(&o, "session", &r->ask, front_request_session, err) &&
             read_channel(&o, &r->ask, err) && read_evidence(&o, r, err);
    else if (ok)
        ok = JSON_KNOWN(&o, err, "policy", "nonce", "size") && read_size(&o, &r->ask, err);
    ok = ok && optional(&o, "policy", &r->ask, front_request_policy, err) &&
         optional(&o, "nonce", &r->ask, front_request_nonce, err);
    json_free(&doc);
    if (!ok)
        front_request_free(r);
    return ok;
}

bool front_request_challenge(struct front_request *r, struct span body, struct situs_err *err)
{
    return read_json(r, body, false, err);
}

bool front_request_verify(struct front_request *r, struct span body, struct situs_err *err)
{
    return read_json(r, body, true, err);
}

void front_request_free(struct front_request *r)
{
    free(r->evidence);
    *r = (struct front_request){0};
}
