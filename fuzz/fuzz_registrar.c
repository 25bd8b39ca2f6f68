/* Any frame gets an answer from the registrar: here always a refusal, since nobody is trusted. */
#include <assert.h>
#include <stdlib.h>

#include "provider/registrar/registrar.h"

static bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err)
{
    (void)context, (void)err;
    *out = (struct registrar_machine){.machine = "m", .facility = "f", .class = ek[0] & 1};
    return true;
}

static bool boot(void *context, const uint8_t ek[32], uint32_t reset, uint32_t restart,
                 bool *confirmed, struct situs_err *err)
{
    (void)context, (void)ek, (void)reset, (void)restart, (void)err;
    *confirmed = true;
    return true;
}

static int64_t now(void)
{
    return 1800000000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct trust nobody;
    const struct registrar_fleet fleet = {NULL, find, boot};
    struct registrar r = {.fleet = &fleet, .trust = &nobody, .seconds = 3600, .now = now};
    struct wire_handler handler = registrar_handler(&r);
    struct wire_peer peer = {0, NULL};
    uint8_t room[4096];
    struct wr answer = wr_new(room, sizeof room);
    struct situs_err err = {0};
    assert(handler.request(handler.context, &peer, span_of(data, size), &answer));
    assert(wr_ok(&answer) && wire_refused(wr_span(&answer), "registrar", &err) && !peer.state);
    return 0;
}
