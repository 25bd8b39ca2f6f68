/* The host agent (DESIGN: messages, 6): AK_d, and its quote over N, the TD quote and AK_v. */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "frame/out.h"
#include "wire/platform.h"
#include "wire/wire.h"

#include <stdlib.h>

#define VALUE_ROOM (96 * 1024)

/* ask gives the answer's body, malloc'd. */
static struct span ask(struct attest *a, const struct platform_request *q, struct situs_err *err)
{
    uint8_t room[128];
    struct wr w = wr_new(room, sizeof room);
    platform_request_write(&w, q);
    out_step(q->quote ? "platform: a quote over challenge and TD quote"
                      : "platform: which key would sign?");
    struct span body = wire_ask(a->config->platform, wr_span(&w), PLATFORM_PART, err);
    if (body.p && wire_refused(body, PLATFORM_PART, err)) {
        free((void *)(uintptr_t)body.p);
        body = span_of(NULL, 0);
    }
    return body;
}

/* In S-II the AK of report_data is AK_d (DESIGN: messages). */
bool source_platform_key(struct attest *a, struct span *value, struct situs_err *err)
{
    *value = span_of(NULL, 0);
    if (!a->config->platform)
        return true;
    struct span public, body = ask(a, &(struct platform_request){0}, err);
    bool ok = body.p && platform_key_read(&public, body, err);
    if (ok) {
        a->platform = arena_copy(&a->arena, public);
        ok = digest(HASH_SHA256, a->platform, a->akh) ||
             err_fail(err, SITUS_INTERNAL, PLATFORM_PART, "ak", SITUS_NO_OFFSET, NULL, NULL);
    }
    free((void *)(uintptr_t)body.p);
    return ok;
}

/* read_answer gives the quote's value; the launch log goes into the bundle here. */
static bool read_answer(struct attest *a, struct span body, struct span *value,
                        struct situs_err *err)
{
    struct span log;
    struct tpm_value v;
    struct wr w = wr_new(arena_take(&a->arena, VALUE_ROOM), VALUE_ROOM);
    if (!w.p)
        return err_fail(err, SITUS_NO_MEMORY, PLATFORM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!platform_quote_read(body, &w, &log, err) ||
        !tpm_value_read(&v, wr_span(&w), PLATFORM_PART, err))
        return false;
    if (!span_equal(v.public_area, a->platform))
        return err_fail(err, SITUS_MISMATCH, PLATFORM_PART, "public", SITUS_NO_OFFSET,
                        "the key that the TD quote names", "another key");
    *value = wr_span(&w);
    if (log.n == 0)
        return true;
    struct span kept = arena_copy(&a->arena, log);
    if (!kept.p)
        return err_fail(err, SITUS_NO_MEMORY, PLATFORM_PART, "log", SITUS_NO_OFFSET, NULL, NULL);
    return bundle_add(&a->bundle, "log.platform", ITEM_TCG_LOG, kept, err);
}

bool source_platform(struct attest *a, struct span *value, struct situs_err *err)
{
    if (!a->config->platform)
        return true;
    const struct platform_request q = {true, span_of(a->nonce, BIND_NONCE_SIZE), SPAN_ARR(a->tqh)};
    struct span body = ask(a, &q, err);
    bool ok = body.p && read_answer(a, body, value, err);
    free((void *)(uintptr_t)body.p);
    return ok;
}
