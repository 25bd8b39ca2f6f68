/*
 * GET /v1/token/check: what a proxy asks before it lets somebody in (nginx auth_request, and who asks alike). The token is
 * whoever's at its door (RFC 6750, 2.1), the key that of his connection, as the proxy states it. DESIGN: front, 7.
 */
#include "base/item.h"
#include "base/text.h"
#include "serve/front/front_does.h"
#include "serve/front/front_request.h"
#include "serve/front/front_state.h"
#include "token/token_check.h"

#include <stdio.h>
#include <strings.h>

#define REASON 80

/* deny answers with no body: why stands in the headers, as letters that end no line. A challenge without a token has no
 * error (RFC 6750, 3.1). */
static void deny(struct front_call *c, unsigned status, const char *why)
{
    char reason[REASON];
    struct http_answer a = {.status = status};
    snprintf(reason, sizeof reason, "%s", why);
    for (char *p = reason; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              strchr("-_. ", *p)))
            *p = '?';
    http_answer_header(&a, "Cache-Control", "no-store");
    http_answer_header(&a, "X-Situs-Reason", reason);
    if (status == 401)
        http_answer_header(&a, "WWW-Authenticate",
                           strcmp(why, "no token") == 0 ? "Bearer realm=\"situs\""
                                                        : "Bearer realm=\"situs\", "
                                                          "error=\"invalid_token\"");
    c->said = status == 401 ? "token-refused" : "peer-refused";
    http_call_answer(c->http, &a);
}

/* bearer_token is the token of the request; empty: there is none, or more than one. */
static struct span bearer_token(const struct front_call *c)
{
    static const char scheme[] = "Bearer ";
    char room[HTTP_FIELD_MAX];
    struct span s = http_call_header(c->http, "Authorization", room);
    size_t n = sizeof scheme - 1;
    if (http_call_headers(c->http, "Authorization") != 1 || s.n <= n ||
        strncasecmp((const char *)s.p, scheme, n) != 0)
        return (struct span){0};
    return text_trim(span_cut(s, n, s.n - n));
}

/* read_peer reads the key that a proxy states into the ask; false: what is stated does not count, and nobody gets in,
 * with whatever token. */
static bool read_peer(struct front_call *c, struct situs_err *err)
{
    const struct peer_key *p = &c->front->setup.peer_key;
    unsigned times = p->header[0] ? http_call_headers(c->http, p->header) : 0;
    struct sockaddr_storage peer;
    char room[HTTP_FIELD_MAX];
    size_t n = 0;
    if (times == 0)
        return true;
    if (times > 1)
        return err_fail(err, SITUS_DUPLICATE, "request", p->header, 0, "one", "more");
    if (!http_call_peer(c->http, &peer) || !peer_key_from(p, &peer))
        return err_fail(err, SITUS_NOT_ALLOWED, "request", p->header, 0, "a proxy that is trusted",
                        "another");
    bool ok = peer_key_read(p, http_call_header(c->http, p->header, room), c->ask.channel,
                            sizeof c->ask.channel, &n, err);
    c->ask.channel_size = (uint32_t)n;
    return ok;
}

static void admit(struct front_call *c, const struct talk_answer *a,
                  const struct token_checked *checked)
{
    char policy[65];
    struct http_answer out = {.status = 200};
    text_hex(policy, sizeof policy, SPAN_ARR(a->policy_sha256));
    http_answer_header(&out, "Cache-Control", "no-store");
    http_answer_header(&out, "X-Situs-Issuer", a->issuer);
    http_answer_header(&out, "X-Situs-Policy", a->policy);
    http_answer_header(&out, "X-Situs-Policy-SHA256", policy);
    http_answer_header(&out, "X-Situs-Proofs", checked->proofs);
    http_answer_header(&out, "X-Situs-Channel", checked->channel);
    http_call_answer(c->http, &out);
}

static struct situs_item given(const char *name, const uint8_t *p, size_t n)
{
    return item_of(name, span_of(n ? p : NULL, n));
}

/* checked knows what the tokens of the policy say, by the keeper's word. */
static void checked(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    static uint8_t memory[SITUS_TOKEN_MEMORY]; /* one thread, one token at a time */
    struct token_checked word;
    const struct situs_token_request q = {
        .token = item_of("token", bearer_token(c)),
        .keys = item_of("keys", t->text[0]),
        .issuer = a->issuer,
        .audience = a->audience,
        .policy_sha256 = item_of("policy", SPAN_ARR(a->policy_sha256)),
        .nonce = given("nonce", c->ask.party_nonce, c->ask.party_nonce_size),
        .channel = given("channel", c->ask.channel, c->ask.channel_size),
        .at = a->at};
    token_check(&q, a->proofs, a->bearer, (struct situs_memory){memory, sizeof memory}, &word);
    if (word.word == TOKEN_ADMITTED)
        admit(c, a, &word);
    else
        deny(c, word.word == TOKEN_REFUSED ? 401 : 403, word.why);
}

void front_token_check(struct front_call *c)
{
    struct situs_err err = {0};
    struct span policy = http_query_get(&c->query, "policy"),
                nonce = http_query_get(&c->query, "nonce");
    char why[REASON];
    if ((policy.p && !front_request_policy(&c->ask, policy, &err)) ||
        (nonce.p && !front_request_nonce(&c->ask, nonce, &err))) {
        front_refuse_err(c, &err);
    } else if (!bearer_token(c).n) {
        deny(c, 401, "no token");
    } else if (!read_peer(c, &err)) {
        snprintf(why, sizeof why, "%.40s %s", c->front->setup.peer_key.header,
                 situs_code_name(err.code));
        deny(c, 403, why);
    } else {
        c->ask.kind = TALK_DISCOVERY;
        front_keeper_ask(&c->front->keeper, c, checked);
    }
}
