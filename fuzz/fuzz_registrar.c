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

static bool boot(void *context, const struct registrar_boot *b, bool *confirmed,
                 struct situs_err *err)
{
    (void)context, (void)b, (void)err;
    *confirmed = true;
    return true;
}

static bool allowed(void *context, struct span ak_name, struct situs_err *err)
{
    (void)context, (void)ak_name, (void)err;
    return true;
}

static bool issued(void *context, struct span serial, struct span ak_name, int64_t until,
                   struct situs_err *err)
{
    (void)context, (void)serial, (void)ak_name, (void)until, (void)err;
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
    const struct registrar_keys keys = {NULL, allowed, issued};
    struct registrar r = {
        .fleet = &fleet, .keys = &keys, .trust = &nobody, .seconds = 3600, .now = now};
    struct wire_handler handler = registrar_handler(&r);
    struct wire_peer peer = {.state = NULL};
    uint8_t room[4096];
    struct wr answer = wr_new(room, sizeof room);
    struct situs_err err = {0};
    assert(handler.request(handler.context, &peer, span_of(data, size), &answer));
    assert(wr_ok(&answer) && wire_refused(wr_span(&answer), "registrar", &err) && !peer.state);
    return 0;
}
