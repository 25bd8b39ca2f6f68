/* The running attester; see attest_serve.h. */
#include "attester/attest_serve.h"

#include "base/text.h"
#include "cli/out.h"
#include "codec/cbor.h"
#include "wire/wire.h"

#include <stdlib.h>

#define PART "attester"

struct service {
    const struct attest_config *config;
    const struct channel *channel;
    uint8_t *bundle; /* LIMIT_BUNDLE bytes */
};

static bool read_request(struct span body, uint8_t nonce[BIND_NONCE_SIZE], struct situs_err *err)
{
    struct cbor c = cbor_new(body, 0, PART, err);
    if (cbor_map(&c, "request") != 1 || cbor_int(&c, "request") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "request", 0, "the challenge alone", NULL);
    size_t at = cbor_at(&c);
    struct span n = cbor_bytes(&c, "nonce");
    if (!cbor_leave(&c, "request") || !cbor_end(&c, "request"))
        return false;
    if (n.n != BIND_NONCE_SIZE)
        return cbor_fail(&c, SITUS_MALFORMED, "nonce", at, TEXT_BYTES(BIND_NONCE_SIZE),
                         TEXT_BYTES(n.n));
    memcpy(nonce, n.p, n.n);
    return true;
}

static bool request(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    (void)peer;
    struct service *s = context;
    struct situs_err err = {0};
    uint8_t nonce[BIND_NONCE_SIZE];
    struct wr w = wr_new(s->bundle, LIMIT_BUNDLE);
    if (!read_request(body, nonce, &err) ||
        !attest_collect(s->config, s->channel, nonce, false, &w, &err)) {
        out_failure(&err);
        wire_refuse(answer, &err);
        return true;
    }
    struct cbor_out o = cbor_out_new(answer);
    cbor_put_map(&o, 2);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, wr_span(&w));
    cbor_put_uint(&o, 1);
    cbor_put_bytes(&o, channel_spki(s->channel));
    return cbor_put_end(&o);
}

bool attest_serve(const struct attest_config *config, const struct channel *channel,
                  const char *socket, int stop, struct situs_err *err)
{
    struct wire_server server = {.n = 0};
    struct service s = {config, channel, malloc(LIMIT_BUNDLE)};
    const struct wire_handler handler = {&s, request, NULL, NULL};
    bool ok = s.bundle || err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    ok = ok && wire_listen(&server, socket, err);
    if (ok)
        out_note("answering challenges on %s", socket);
    ok = ok && wire_serve(&server, &handler, stop, err);
    wire_close(&server);
    free(s.bundle);
    return ok;
}

bool attest_serve_ask(const char *socket, const uint8_t nonce[BIND_NONCE_SIZE], struct span *body,
                      struct span *bundle, struct situs_err *err)
{
    uint8_t room[64];
    struct wr w = wr_new(room, sizeof room);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, span_of(nonce, BIND_NONCE_SIZE));
    cbor_put_end(&o);
    *body = wire_ask(socket, wr_span(&w), PART, err);
    if (!body->p || wire_refused(*body, PART, err))
        return false;
    struct cbor c = cbor_new(*body, 0, PART, err);
    if (cbor_map(&c, "answer") != 2 || cbor_int(&c, "answer") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "answer", 0, "a bundle and a key", NULL);
    *bundle = cbor_bytes(&c, "bundle");
    cbor_int(&c, "answer");
    cbor_bytes(&c, "spki");
    return cbor_leave(&c, "answer") && cbor_end(&c, "answer");
}
