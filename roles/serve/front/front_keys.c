/* Issuers: their keys (RFC 7517) and where they are (OpenID Connect Discovery 1.0, 4; Veraison's
 * well-known). Texts of keys come from the keeper and are passed on as they are. */
#include "codec/json/scan.h"
#include "codec/json_out.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"
#include "token/token.h"

#include <stdlib.h>
#include <time.h>

#define DISCOVERY_MAX 4096
#define KEPT 300 /* seconds that a discovery document may be kept */

/* ask asks about the policy of the path, or the default. */
static void ask(struct front_call *c, enum talk_kind kind,
                void (*answered)(struct front_call *c, const struct talk_answer *a,
                                 const struct front_texts *t))
{
    struct situs_err err = {0};
    c->ask.kind = kind;
    if (c->part[0] && !front_request_policy(&c->ask, span_text(c->part), &err))
        front_refuse_err(c, &err);
    else
        front_keeper_ask(&c->front->keeper, c, answered);
}

static int64_t seconds_left(const struct talk_answer *a)
{
    int64_t left = a->until - (int64_t)time(NULL);
    return left > 0 ? left : 0;
}

static void jwks(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    front_answer(c, 200, c->accepted, t->text[0], seconds_left(a));
}

void front_jwks(struct front_call *c)
{
    ask(c, TALK_KEYS, jwks);
}

void front_alliance_jwks(struct front_call *c)
{
    c->ask.kind = TALK_ALLIANCE_KEYS;
    front_keeper_ask(&c->front->keeper, c, jwks);
}

static void discovery(struct front_call *c, const struct talk_answer *a,
                      const struct front_texts *t)
{
    char text[DISCOVERY_MAX];
    struct situs_err err;
    (void)t;
    if (token_discovery_write(a->algorithm, a->issuer, text, sizeof text, &err))
        front_answer(c, 200, c->accepted, span_text(text), KEPT);
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
}

void front_discovery(struct front_call *c)
{
    ask(c, TALK_DISCOVERY, discovery);
}

/* first_key is the text of the first key of a JWKS; empty: there is none. */
static struct span first_key(struct span jwks_text)
{
    static const char *const members[] = {"keys"};
    struct situs_err err = {0};
    struct scan s = scan_new(jwks_text, 0, NULL, "JWKS", &err);
    struct scan_level o = {0}, keys = {0};
    struct span key = {0};
    scan_object(&s, &o, members, 1);
    while (scan_member(&s, &o))
        for (scan_array(&s, &keys); scan_element(&s, &keys);) {
            struct span element = scan_skip(&s);
            key = key.n ? key : element;
        }
    return scan_end(&s) ? key : (struct span){0};
}

static void well_known(struct json_out *o, const struct front_call *c, struct span key)
{
    json_out_object(o);
    json_out_name(o, "ear-verification-key");
    json_out_whole(o, key);
    json_out_name(o, "media-types");
    front_media_types(o, c);
    json_out_pair_string(o, "version", situs_version());
    json_out_pair_string(o, "service-state", "READY");
    json_out_name(o, "api-endpoints");
    json_out_object(o);
    json_out_pair_string(o, "newChallengeResponseSession", "/challenge-response/v1/newSession");
    json_out_close(o);
    json_out_close(o);
    json_out_end(o);
}

static void veraison(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    struct span key = first_key(t->text[0]);
    size_t room = DISCOVERY_MAX + key.n;
    uint8_t *text = key.n ? malloc(room) : NULL;
    struct wr w = wr_new(text, text ? room : 0);
    struct json_out o = json_out_new(&w, false);
    if (text)
        well_known(&o, c, key);
    if (text && wr_ok(&w))
        front_answer(c, 200, c->accepted, wr_span(&w), seconds_left(a));
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
    free(text);
}

void front_veraison(struct front_call *c)
{
    ask(c, TALK_KEYS, veraison);
}
