/* Requests; see front_request.h. */
#include "serve/front/front_request.h"

#include "base/near.h"
#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/scan.h"

#include <stdio.h>
#include <stdlib.h>

#define PART "request"
#define NONCE_LEAST 8 /* bytes of a relying party's own; Veraison's least */
#define SIZE_LEAST 32
#define ESCAPES 256 /* bytes of an arena beside the texts: they are aligned */

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
    if (text.n >= TALK_SESSION || !letters(text, "-_."))
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

static bool read_channel(struct talk_ask *ask, struct span text, struct situs_err *err)
{
    size_t n = 0;
    if (!either(ask->channel, sizeof ask->channel, &n, text) || n == 0) {
        memset(ask->channel, 0, sizeof ask->channel);
        return err_fail(err, SITUS_MALFORMED, PART, "channel", 0,
                        "a SubjectPublicKeyInfo (DER) in base64, 1024 bytes at most",
                        TEXT_CUT(text));
    }
    ask->channel_size = (uint32_t)n;
    return true;
}

static bool read_evidence(struct front_request *r, struct span text, struct situs_err *err)
{
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

/* The members of requests that are texts; read NULL: evidence. */
static const struct {
    const char *name;
    bool (*read)(struct talk_ask *, struct span, struct situs_err *);
} members[] = {{"policy", front_request_policy},
               {"nonce", front_request_nonce},
               {"session", front_request_session},
               {"channel", read_channel},
               {"evidence", NULL}};

/* A request's members; only the last may be needed. */
struct form {
    const char *keys[5];
    size_t n;
    bool needs_last;
};
static const struct form challenge_form = {{"policy", "nonce", "size"}, 3, false};
static const struct form verify_form = {
    {"policy", "nonce", "session", "channel", "evidence"}, 5, true};
static const struct form connect_form = {{"policy", "nonce", "target"}, 3, true};
static const struct form quote_form = {{"timestamp", "nonces", "partial_sigs", "quote"}, 4, true};
static const struct form token_form = {{"jwt", "quote"}, 2, true};

static bool read_target(struct front_request *r, struct span text, struct situs_err *err)
{
    if (text.n == 0 || text.n >= sizeof r->target || memchr(text.p, 0, text.n))
        return err_fail(err, SITUS_MALFORMED, PART, "target", 0, "HOST:PORT, 127 bytes at most",
                        TEXT_CUT(text));
    keep(r->target, text);
    return true;
}

/* read_quote reads hex digits, as many as there are. */
static bool read_quote(struct front_request *r, struct span text, struct situs_err *err)
{
    r->n = text.n / 2;
    r->evidence = malloc(r->n + 1);
    if (!r->evidence)
        return err_fail(err, SITUS_NO_MEMORY, PART, "quote", 0, "memory", "none");
    return (r->n && text_hex_read(r->evidence, r->n, text)) ||
           err_fail(err, SITUS_MALFORMED, PART, "quote", 0, "a quote in hex", TEXT_CUT(text));
}

static bool read_jwt(struct front_request *r, struct span text, struct situs_err *err)
{
    r->jwt_n = text.n;
    r->jwt = malloc(text.n + 1);
    if (!r->jwt)
        return err_fail(err, SITUS_NO_MEMORY, PART, "jwt", 0, "memory", "none");
    memcpy(r->jwt, text.p, text.n);
    return text.n != 0 || err_fail(err, SITUS_MALFORMED, PART, "jwt", 0, "a JWT", "no letter");
}

/* read_words reads an object of texts. */
static bool read_words(struct scan *s)
{
    struct scan_level o = {0};
    scan_object(s, &o, NULL, 0);
    while (scan_any_member(s, &o))
        scan_text(s);
    return rd_ok(&s->r);
}

static bool unknown(const struct scan_level *o, struct situs_err *err)
{
    char word[40], hint[80];
    snprintf(word, sizeof word, "%.*s", (int)(o->key.n < 39 ? o->key.n : 39),
             (const char *)o->key.p);
    const char *near = near_word(word, o->keys, o->n_keys);
    snprintf(hint, sizeof hint, "did you mean \"%s\"?", near ? near : "");
    err_fail(err, SITUS_UNKNOWN, PART, word, SITUS_NO_OFFSET, "a known member", word);
    return err_hint(err, near ? hint : "");
}

/* read_member reads the member at hand; escapes are undone in the arena. */
static bool read_member(struct front_request *r, struct scan *s, const struct scan_level *o,
                        struct arena *a, struct situs_err *err)
{
    struct span text = {0};
    if (o->index == o->n_keys)
        return unknown(o, err);
    const char *name = o->keys[o->index];
    if (strcmp(name, "size") == 0) {
        r->ask.nonce_size = (uint32_t)scan_num(s, SIZE_LEAST, TALK_NONCE);
        return rd_ok(&s->r);
    }
    if (strcmp(name, "timestamp") == 0) {
        r->timestamp = scan_num(s, 1, INT64_C(253402300799)); /* the last second of the year 9999 */
        return rd_ok(&s->r);
    }
    if (strcmp(name, "nonces") == 0 || strcmp(name, "partial_sigs") == 0)
        return read_words(s);
    struct span raw = scan_skip(s);
    if (!raw.n)
        return false;
    if (raw.p[0] != '"')
        return scan_fail(s, SITUS_MALFORMED, "text", "another kind of value");
    if (!scan_unescape(&text, raw, a))
        return scan_fail(s, SITUS_NO_MEMORY, "memory", "none");
    if (strcmp(name, "target") == 0)
        return read_target(r, text, err);
    if (strcmp(name, "quote") == 0)
        return read_quote(r, text, err);
    if (strcmp(name, "jwt") == 0)
        return read_jwt(r, text, err);
    size_t i = 0;
    while (strcmp(members[i].name, name) != 0)
        i++;
    return members[i].read ? members[i].read(&r->ask, text, err) : read_evidence(r, text, err);
}

/* One pass, by scan.h: a tree of six megabytes would keep the front, and all who wait for it, for a tenth of a second. */
static bool read_json(struct front_request *r, struct span body, const struct form *form,
                      struct situs_err *err)
{
    struct scan s = scan_new(body, 0, NULL, PART, err);
    struct scan_level o = {0};
    uint8_t *memory = malloc(body.n + ESCAPES);
    struct arena a = arena_new(memory, memory ? body.n + ESCAPES : 0);
    bool ok = true;
    scan_object(&s, &o, form->keys, form->n);
    while (ok && scan_any_member(&s, &o))
        ok = read_member(r, &s, &o, &a, err);
    ok = ok && scan_need(&s, &o, form->needs_last ? ~(UINT64_C(1) << (form->n - 1)) : UINT64_MAX) &&
         scan_end(&s);
    free(memory);
    if (!ok)
        front_request_free(r);
    return ok;
}

bool front_request_challenge(struct front_request *r, struct span body, struct situs_err *err)
{
    return read_json(r, body, &challenge_form, err);
}

bool front_request_verify(struct front_request *r, struct span body, struct situs_err *err)
{
    return read_json(r, body, &verify_form, err);
}

bool front_request_connect(struct front_request *r, struct span body, struct situs_err *err)
{
    return read_json(r, body, &connect_form, err);
}

bool front_request_quote(struct front_request *r, struct span body, bool token,
                         struct situs_err *err)
{
    if (!read_json(r, body, token ? &token_form : &quote_form, err))
        return false;
    if (!token || r->jwt)
        return true;
    front_request_free(r);
    return err_fail(err, SITUS_MISSING, PART, "jwt", 0, "a JWT of this service", "none");
}

void front_request_free(struct front_request *r)
{
    free(r->evidence);
    free(r->jwt);
    *r = (struct front_request){0};
}
