/* Policies as texts, put together of pieces: a guest's image, a provider, a host. */
#ifndef SITUS_TESTS_POLICY_TEXT_H
#define SITUS_TESTS_POLICY_TEXT_H

#include "support/test.h"

#include "model/policy.h"

#define HEX_8 "0101010101010101"
#define HEX_48 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
#define ZERO_8 "0000000000000000"
#define ZERO_48 ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8
#define RTMRS "[\"" HEX_48 "\",\"" HEX_48 "\",\"" HEX_48 "\",\"" ZERO_48 "\"]"
#define IMAGE \
    "{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":" RTMRS ",\"closed\":{\"by\":\"us\"}}"
#define IMAGES(list) "{\"require\":[\"live\"],\"ref.guest\":{\"images\":[" list "]}}"
#define GUEST "\"ref.guest\":{\"images\":[" IMAGE "]}"
#define PLATFORM                                                                  \
    "\"platform\":{\"by\":\"us\",\"banks\":[\"sha384\"],\"firmware_first\":true," \
    "\"all_banks_extended\":true}"
#define EVENT_OF(pcr) "\"" pcr "\":[{\"digest\":\"" HEX_48 "\"}]"
#define BOUND_IMAGE                                                                                \
    "\"ref.guest\":{\"images\":[{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":" RTMRS         \
    ",\"closed\":{\"by\":\"us\"},\"profile\":\"gcp\",\"boot\":{" EVENT_OF("2") "," EVENT_OF(       \
        "3") "," EVENT_OF("4") "," EVENT_OF("5") "," EVENT_OF("6") ",\"8\":[],\"9\":[],\"11\":[]," \
                                                                   "\"12\":[],\"13\":[],\"14\":[]" \
                                                                   "}}]}"
#define PROVIDER_BOUND \
    "\"ak.certificate\":{\"providers\":[\"google\"],\"projects\":[\"p\"]," PLATFORM "}"
#define PROVIDER "\"ak.certificate\":{\"providers\":[\"google\"],\"projects\":[\"p\"]}"
#define GENUINE(more) "{\"require\":[\"genuine\"]," more "}"

/* A host reference, its parts replaceable. */
#define HOST_(name, closed, from, to, co, bank, registers, events)                                 \
    "{\"name\":\"" name "\",\"closed\":{\"by\":\"" closed "\"},\"from\":\"" from "\",\"to\":\"" to \
    "\",\"agent_co_locates\":" co ",\"bank\":\"" bank "\",\"registers\":" registers                \
    ",\"events\":[" events "]}"
#define FROM "2026-01-01T00:00:00Z"
#define TO "2027-01-01T00:00:00Z"
#define HEX_32 HEX_8 HEX_8 HEX_8 HEX_8
#define EVENT_(pcr) "{\"pcr\":" pcr ",\"digest\":\"" HEX_32 "\"}"
#define EVENTS EVENT_("17") "," EVENT_("18")
#define HOST(registers, events) HOST_("h", "us", FROM, TO, "true", "sha256", registers, events)

static _Alignas(16) uint8_t memory[1 << 16];
static struct arena arena;

/* read_text reads one as the policy "test". */
static bool read_text(struct policy *p, struct situs_err *err, const char *text)
{
    arena = arena_new(memory, sizeof memory);
    memset(err, 0, sizeof *err);
    return policy_read(p, "test", span_text(text), &arena, err);
}

#endif
