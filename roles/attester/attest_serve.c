/* The running attester; see attest_serve.h. */
#include "attester/attest_serve.h"

#include "frame/out.h"
#include "wire/attest_answer.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <unistd.h>

#define PART "attester"
#define FORWARD_SECONDS 10 /* to reach the workload */

struct service {
    const struct attest_config *config;
    const struct channel *channel;
    const char *forward; /* where streams go; NULL: nowhere */
    uint8_t *bundle;     /* LIMIT_BUNDLE bytes */
};

/* answer_to writes the bundle for the challenge in body, or a refusal, whose reason is why. */
static bool answer_to(struct service *s, struct span body, struct wr *answer, struct situs_err *why)
{
    uint8_t nonce[BIND_NONCE_SIZE];
    struct wr w = wr_new(s->bundle, LIMIT_BUNDLE);
    if (!attest_question_read(body, nonce, why) ||
        !attest_collect(s->config, s->channel, nonce, false, &w, why)) {
        wire_refuse(answer, why);
        return true;
    }
    return attest_answer_write(answer, wr_span(&w), channel_spki(s->channel));
}

static bool request(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    return answer_to(context, body, answer, &peer->why);
}

bool attest_serve(const struct attest_config *config, const struct channel *channel,
                  const char *socket, int stop, struct situs_err *err)
{
    struct wire_server server = {.n = 0};
    struct service s = {config, channel, NULL, malloc(LIMIT_BUNDLE)};
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

/* grant connects a stream to the workload; what the peer learns of a failure is that there is
 * none. */
static bool grant(const struct service *s, struct wr *answer, int *stream, struct situs_err *why)
{
    if (!s->forward) {
        err_fail(why, SITUS_NOT_ALLOWED, PART, "stream", SITUS_NO_OFFSET, "a question", "a stream");
        err_hint(why, "this attester was started without --forward");
    } else {
        *stream = tls_loopback(s->forward, wire_now() + FORWARD_SECONDS * 1000, why);
    }
    if (*stream >= 0)
        attest_stream_write(answer);
    else
        wire_refuse(answer, why);
    return true;
}

static bool question(void *context, struct span body, struct wr *answer, int *stream)
{
    struct situs_err why = {0};
    bool ok = attest_is_stream(body) ? grant(context, answer, stream, &why)
                                     : answer_to(context, body, answer, &why);
    if (why.code != SITUS_NONE)
        out_failure(&why);
    return ok;
}

bool attest_serve_tls(const struct attest_config *config, const struct channel *channel,
                      const char *address, const char *forward, int stop, struct situs_err *err)
{
    char name[64];
    struct service s = {config, channel, forward, malloc(LIMIT_BUNDLE)};
    const struct tls_handler handler = {&s, ATTEST_QUESTION_MAX, PART, question};
    int listener = s.bundle ? tls_listen(address, name, err) : -1;
    bool ok = listener >= 0;
    if (ok)
        out_note("answering challenges on %s", name);
    ok = ok && tls_serve(listener, channel->key, &handler, stop, err);
    if (listener >= 0)
        close(listener);
    free(s.bundle);
    return ok || err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
}
