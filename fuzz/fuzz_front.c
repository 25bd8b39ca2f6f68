/* What the service's front reads before anybody else: JSON of requests, queries, media types, paths. The
 * first byte says which. What is taken, written again by the rules, is taken again as the same. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_out.h"
#include "oracle.h"
#include "serve/front/front_match.h"
#include "serve/front/front_request.h"

const char *const oracles[] = {"challenge", "verify",   "query", "media type",
                               "path",      "peer key", "quote", NULL};

static void pair_bytes(struct json_out *o, const char *name, const uint8_t *p, size_t n)
{
    if (n == 0)
        return;
    json_out_name(o, name);
    json_out_base64url(o, span_of(p, n));
}

static void pair_text(struct json_out *o, const char *name, const char *s)
{
    if (s[0])
        json_out_pair_string(o, name, s);
}

static void request(struct span body, bool verify)
{
    struct front_request r = {0}, again = {0};
    struct situs_err err = {0};
    bool (*read)(struct front_request *, struct span, struct situs_err *) =
        verify ? front_request_verify : front_request_challenge;
    if (!read(&r, body, &err)) {
        assert(err.code && !r.evidence && !r.n);
        return;
    }
    size_t room = 8192 + 2 * r.n;
    uint8_t *text = malloc(room);
    struct wr w = wr_new(text, room);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    pair_text(&o, "policy", r.ask.policy);
    pair_text(&o, "session", r.ask.session);
    pair_bytes(&o, "nonce", r.ask.party_nonce, r.ask.party_nonce_size);
    pair_bytes(&o, "channel", r.ask.channel, r.ask.channel_size);
    pair_bytes(&o, "evidence", r.evidence, r.n);
    if (r.ask.nonce_size)
        json_out_pair_num(&o, "size", r.ask.nonce_size);
    json_out_close(&o);
    assert(json_out_end(&o) && read(&again, wr_span(&w), &err));
    assert(memcmp(&r.ask, &again.ask, sizeof r.ask) == 0);
    assert(r.n == again.n && (r.n == 0 || memcmp(r.evidence, again.evidence, r.n) == 0));
    oracle_ran(verify);
    front_request_free(&r);
    front_request_free(&again);
    free(text);
}

static void quote(struct span body)
{
    struct front_request r = {0}, again = {0};
    struct situs_err err = {0};
    if (!front_request_quote(&r, body, true, &err)) {
        assert(err.code && !r.evidence && !r.jwt);
        return;
    }
    size_t room = 1024 + 2 * r.n + 6 * r.jwt_n;
    uint8_t *text = malloc(room);
    struct wr w = wr_new(text, room);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_hex(&o, "quote", span_of(r.evidence, r.n));
    json_out_pair_text(&o, "jwt", span_of(r.jwt, r.jwt_n));
    json_out_close(&o);
    assert(json_out_end(&o) && front_request_quote(&again, wr_span(&w), true, &err));
    assert(span_equal(span_of(r.evidence, r.n), span_of(again.evidence, again.n)));
    assert(span_equal(span_of(r.jwt, r.jwt_n), span_of(again.jwt, again.jwt_n)));
    oracle_ran(6);
    front_request_free(&r);
    front_request_free(&again);
    free(text);
}

static void query(struct span text)
{
    static struct http_query q, again;
    struct situs_err err = {0};
    char written[4096] = "";
    size_t n = 0;
    if (!http_query_read(&q, text, "session policy nonce", &err)) {
        assert(err.code);
        return;
    }
    for (size_t i = 0; i < q.n; i++) {
        n += (size_t)snprintf(written + n, sizeof written - n, "%s%.*s=", i ? "&" : "",
                              (int)q.pair[i].name.n, (const char *)q.pair[i].name.p);
        for (size_t k = 0; k < q.pair[i].value.n && n < HTTP_QUERY_MAX; k++)
            n += (size_t)snprintf(written + n, sizeof written - n, "%%%02x", q.pair[i].value.p[k]);
    }
    if (n >= HTTP_QUERY_MAX) /* escapes are longer */
        return;
    assert(http_query_read(&again, span_of(written, n), "session policy nonce", &err) &&
           q.n == again.n);
    for (size_t i = 0; i < q.n; i++)
        assert(span_equal(q.pair[i].value, again.pair[i].value));
    oracle_ran(2);
}

static void media(struct span header)
{
    static const char list[] = "application/json application/eat+jwt text/plain";
    char type[HTTP_MEDIA_MAX];
    struct span picked = http_media_pick(header, list);
    assert(!picked.n || http_media_listed(list, picked));
    if (http_media_type(type, header))
        assert(strlen(type) < HTTP_MEDIA_MAX && !strchr(type, ';'));
    if (picked.n) {
        assert(span_equal(http_media_pick(picked, list), picked));
        oracle_ran(3);
    }
}

static void serve(struct front_call *c)
{
    (void)c;
}

static void path(struct span text)
{
    static const struct front_row rows[] = {
        {serve, "GET", "/a", false, "", "", "", "", ""},
        {serve, "GET", "/p/{policy}/b", false, "", "", "", "", ""},
        {serve, "POST", "/s/{id}", true, "", "", "", "", ""}};
    struct front f = {.rows = rows, .n_rows = sizeof rows / sizeof *rows};
    struct http_call http = {.method = "GET", .inside = true};
    char part[TALK_SESSION], allow[64], whole[TALK_SESSION + 16];
    size_t row;
    if (front_match_find(&f, &http, text, &row, part, allow) != FRONT_FOUND)
        return;
    const char *brace = strchr(rows[row].path, '{');
    size_t head = brace ? (size_t)(brace - rows[row].path) : strlen(rows[row].path);
    snprintf(whole, sizeof whole, "%.*s%s%s", (int)head, rows[row].path, part,
             brace ? strchr(brace, '}') + 1 : "");
    assert(span_equal(span_text(whole), text) && !part[strcspn(part, "/%?")]);
    oracle_ran(4);
}

/* A key that a proxy states, in each of the forms: what is taken stands in another form again. */
static void peer_key(struct span value)
{
    uint8_t spki[TALK_CHANNEL], again[TALK_CHANNEL];
    char text[2 * TALK_CHANNEL];
    for (uint32_t form = 0; form < 3; form++) {
        struct peer_key p = {.header = "X-Key", .form = form};
        struct situs_err err = {0};
        size_t n, m;
        if (!peer_key_read(&p, value, spki, sizeof spki, &n, &err)) {
            assert(err.code && n == 0);
            continue;
        }
        p.form = 2; /* the key itself */
        text_base64(text, span_of(spki, n));
        assert(n && peer_key_read(&p, span_text(text), again, sizeof again, &m, &err));
        assert(n == m && memcmp(spki, again, n) == 0);
        oracle_ran(5);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = size ? span_of(data + 1, size - 1) : (struct span){0};
    if (size == 0)
        return 0;
    switch (data[0] % 7) {
    case 0:
    case 1:
        request(rest, data[0] % 7 == 1);
        break;
    case 2:
        query(rest);
        break;
    case 3:
        media(rest);
        break;
    case 4:
        path(rest);
        break;
    case 5:
        peer_key(rest);
        break;
    default:
        quote(rest);
    }
    return 0;
}
