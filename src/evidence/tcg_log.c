/* Event logs in the TCG crypto-agile form; see tcg_log.h. */
#include "evidence/tcg_log.h"

#include "base/limits.h"
#include "base/rd.h"
#include "base/text.h"

#include <assert.h>
#include <stdalign.h>

/* "Spec ID Event03" with its zero byte (PFP 1.06, 10.4.5.1). */
static const uint8_t spec_id_03[16] = "Spec ID Event03";
/* "StartupLocality" with its zero byte (PFP 1.06, 10.4.5.3). */
static const uint8_t startup_locality[16] = "StartupLocality";

/* One algorithm of the header: TPM_ALG_ID and digest size (PFP 1.06, 10.4.5.1). */
static bool read_algorithm(struct rd *r, struct events *out)
{
    size_t at = rd_at(r);
    uint16_t alg = rd_u16le(r, "spec_id.digest_sizes.algorithm_id");
    uint16_t size = rd_u16le(r, "spec_id.digest_sizes.digest_size");
    if (!rd_ok(r))
        return false;
    enum hash h = hash_by_tpm(alg);
    if (h != HASH_NONE && size != hash_size(h))
        return rd_fail(r, SITUS_MALFORMED, "spec_id.digest_sizes.digest_size", at + 2,
                       TEXT_NUM(hash_size(h)), TEXT_NUM(size));
    if (size == 0 || size > HASH_MAX_SIZE)
        return rd_fail(r, SITUS_MALFORMED, "spec_id.digest_sizes.digest_size", at + 2, "1 to 64",
                       TEXT_NUM(size));
    for (size_t i = 0; i < out->banks; i++)
        if (out->bank[i].alg == alg)
            return rd_fail(r, SITUS_DUPLICATE, "spec_id.digest_sizes.algorithm_id", at,
                           "each algorithm once", TEXT_NUM(alg));
    out->bank[out->banks++] = (struct event_bank){h, alg, size};
    return true;
}

/* TCG_EfiSpecIdEvent: the data of the first event (PFP 1.06, 10.4.5.1). */
static bool read_spec_id(struct rd *r, struct events *out)
{
    size_t at = rd_at(r);
    struct span signature = rd_bytes(r, sizeof spec_id_03, "spec_id.signature");
    if (rd_ok(r) && !span_equal(signature, SPAN_ARR(spec_id_03)))
        return rd_fail(r, SITUS_UNSUPPORTED, "spec_id.signature", at, "\"Spec ID Event03\"",
                       TEXT_CUT(signature));
    rd_u32le(r, "spec_id.platform_class");
    rd_u8(r, "spec_id.spec_version_minor");
    at = rd_at(r);
    uint8_t major = rd_u8(r, "spec_id.spec_version_major");
    if (rd_ok(r) && major != 2)
        return rd_fail(r, SITUS_UNSUPPORTED, "spec_id.spec_version_major", at, "2",
                       TEXT_NUM(major));
    rd_u8(r, "spec_id.spec_errata");
    rd_u8(r, "spec_id.uintn_size");
    at = rd_at(r);
    uint32_t count = rd_u32le(r, "spec_id.number_of_algorithms");
    if (rd_ok(r) && (count == 0 || count > LIMIT_LOG_BANKS))
        return rd_fail(r, SITUS_MALFORMED, "spec_id.number_of_algorithms", at, "1 to 5",
                       TEXT_NUM(count));
    for (uint32_t i = 0; i < count; i++)
        if (!read_algorithm(r, out))
            return false;
    rd_bytes(r, rd_u8(r, "spec_id.vendor_info_size"), "spec_id.vendor_info");
    return rd_end(r, "spec_id");
}

/* The first event has the SHA-1 form: index, type, 20-byte digest, size, data (PFP 1.06,
 * 10.2.1). */
static bool read_header(struct rd *r, struct events *out)
{
    rd_u32le(r, "header.pcr_index"); /* 0; some CCELs say 1. It extends nothing */
    size_t at = rd_at(r);
    uint32_t type = rd_u32le(r, "header.event_type");
    if (rd_ok(r) && type != EV_NO_ACTION) {
        rd_fail(r, SITUS_UNSUPPORTED, "header.event_type", at, "EV_NO_ACTION with a Spec ID event",
                "a SHA-1 log without header");
        return err_hint(r->err, "collect the crypto-agile log that a TPM 2.0 firmware keeps");
    }
    at = rd_at(r);
    struct span digest = rd_bytes(r, 20, "header.digest");
    if (!span_all(digest, 0))
        return rd_fail(r, SITUS_MALFORMED, "header.digest", at, "20 zero bytes", TEXT_HEX(digest));
    struct rd data = rd_sub(r, rd_u32le(r, "header.event_size"), "header.event");
    if (!rd_ok(r) || !read_spec_id(&data, out))
        return false;
    if (out->kind == LOG_CCEL && events_bank(out, HASH_SHA384) == out->banks)
        return rd_fail(r, SITUS_MISSING, "spec_id.digest_sizes", 0, "SHA-384: RTMRs have no other",
                       "none");
    return true;
}

/* TPML_DIGEST_VALUES: each algorithm of the header once, in any order; in a TPM's log not all of
 * them need be there: what is compared must have the bank (appraise/logs.c). */
static bool read_digests(struct rd *r, const struct events *out, struct event *e)
{
    size_t at = rd_at(r);
    uint32_t count = rd_u32le(r, "event.digests.count");
    size_t least = out->kind == LOG_PCR ? 1 : out->banks;
    if (rd_ok(r) && (count < least || count > out->banks))
        return rd_fail(r, SITUS_MALFORMED, "event.digests.count", at,
                       least == 1 ? "one digest of each algorithm of the header, or fewer"
                                  : "one digest of each algorithm of the header",
                       TEXT_NUM(count));
    for (uint32_t i = 0; i < count && rd_ok(r); i++) {
        at = rd_at(r);
        uint16_t alg = rd_u16le(r, "event.digests.algorithm_id");
        size_t bank = 0;
        while (bank < out->banks && out->bank[bank].alg != alg)
            bank++;
        if (rd_ok(r) && bank == out->banks)
            return rd_fail(r, SITUS_UNKNOWN, "event.digests.algorithm_id", at,
                           "an algorithm of the header", TEXT_NUM(alg));
        if (rd_ok(r) && e->digest[bank])
            return rd_fail(r, SITUS_DUPLICATE, "event.digests.algorithm_id", at,
                           "each algorithm once", TEXT_NUM(alg));
        e->digest[bank] = (uint16_t)(rd_at(r) - e->at);
        rd_bytes(r, rd_ok(r) ? out->bank[bank].size : 0, "event.digests.digest");
    }
    return rd_ok(r);
}

/* The registers that a log of this kind may extend; EV_NO_ACTION may name any. */
static bool check_index(struct rd *r, const struct events *out, const struct event *e)
{
    static const struct {
        uint32_t least, most;
        const char *text, *hint;
    } range[] = {
        [LOG_PCR] = {0, 23, "a PCR, 0 to 23", NULL},
        [LOG_CCEL] = {1, 4, "1 to 4, RTMR0 to RTMR3", /* UEFI 2.10, 38.4.1 */
                      "is it a TPM's log? the TD's is /sys/firmware/acpi/tables/data/CCEL"},
        [LOG_LAUNCH] = {17, 22, "a launch PCR, 17 to 22",
                        "is it the log of the boot? the measured launch has its own"}};
    if (e->type == EV_NO_ACTION ||
        (e->index >= range[out->kind].least && e->index <= range[out->kind].most))
        return true;
    rd_fail(r, SITUS_MALFORMED, "event.pcr_index", e->at, range[out->kind].text,
            TEXT_NUM(e->index));
    return range[out->kind].hint && err_hint(r->err, range[out->kind].hint);
}

/* TCG_PCR_EVENT2 (PFP 1.06, 10.2.2). */
static bool read_event(struct rd *r, const struct events *out, struct event *e)
{
    *e = (struct event){.at = (uint32_t)rd_at(r)};
    e->index = rd_u32le(r, "event.pcr_index");
    e->type = rd_u32le(r, "event.event_type");
    if (rd_ok(r) && !check_index(r, out, e))
        return false;
    if (!read_digests(r, out, e))
        return false;
    e->data_size = rd_u32le(r, "event.event_size");
    e->data_at = (uint32_t)rd_at(r);
    rd_bytes(r, e->data_size, "event.event");
    return rd_ok(r);
}

/* Locality of TPM2_Startup: PCR 0 starts with it, so it comes before PCR 0 is extended. What some
 * firmware leaves after the 17 bytes means nothing. */
static bool note_locality(struct rd *r, struct events *out, const struct event *e, bool *seen)
{
    struct span data = span_cut(r->in, e->data_at, e->data_size);
    if (out->kind != LOG_PCR || e->index != 0 || !span_starts(data, SPAN_ARR(startup_locality)))
        return true;
    if (data.n <= sizeof startup_locality)
        return rd_fail(r, SITUS_MALFORMED, "event.startup_locality", e->at, "17 bytes or more",
                       TEXT_BYTES(data.n));
    if (*seen)
        return rd_fail(r, SITUS_DUPLICATE, "event.startup_locality", e->at,
                       "once, before the first event of PCR 0", "a later one");
    uint8_t locality = data.p[sizeof startup_locality];
    if (locality != 0 && locality != 3 && locality != 4)
        return rd_fail(r, SITUS_MALFORMED, "event.startup_locality", e->at, "0, 3 or 4",
                       TEXT_NUM(locality));
    out->startup_locality = locality;
    *seen = true;
    return true;
}

/* A measured launch resets PCR 17-22, then extends PCR 17 with what HASH_START to HASH_END hashed:
 * that event comes first, and only once (a second one would be another launch). */
static bool note_launch(struct rd *r, struct events *out, const struct event *e)
{
    bool start = e->type == EVTYPE_HASH_START && e->index == 17;
    if (start && out->launched)
        return rd_fail(r, SITUS_DUPLICATE, "event.event_type", e->at + 4, "one EVTYPE_HASH_START",
                       "a second one");
    if (!start && !out->launched)
        return rd_fail(r, SITUS_MISSING, "event.event_type", e->at + 4,
                       "EVTYPE_HASH_START of PCR 17 first", TEXT_NUM(e->type));
    out->launched = true;
    return true;
}

/* What the order of events means for the registers' first values. */
static bool note_start(struct rd *r, struct events *out, const struct event *e, bool *seen)
{
    if (e->type == EV_NO_ACTION)
        return note_locality(r, out, e, seen);
    if (e->index == 0 && !*seen && e->type == EV_EFI_HCRTM_EVENT && out->kind == LOG_PCR)
        out->startup_locality = 4; /* H-CRTM: TPM 2.0 part 1, 34.3 */
    if (e->index == 0)
        *seen = true;
    return out->kind != LOG_LAUNCH || note_launch(r, out, e);
}

static bool at_padding(const struct rd *r)
{
    struct span rest = span_cut(r->in, r->pos, rd_left(r));
    return span_all(rest, 0xff) || span_all(rest, 0x00);
}

static_assert(sizeof(struct event) % alignof(max_align_t) == 0,
              "events that are taken from the arena one by one lie side by side");

/* The events up to the padding; log->v grows in the arena by one event at a time. */
static bool read_events(struct rd *r, struct events *log, struct arena *a)
{
    bool seen = false; /* PCR 0 has its first value */
    for (; !at_padding(r); log->n++) {
        if (log->n == LIMIT_LOG_EVENTS)
            return rd_fail(r, SITUS_TOO_LONG, "event", rd_at(r), "4096 events", "more");
        struct event *e = ARENA_NEW(a, struct event);
        if (!e)
            return rd_fail(r, SITUS_NO_MEMORY, "event", SITUS_NO_OFFSET,
                           TEXT_BYTES(sizeof *e * (log->n + 1)), TEXT_BYTES(sizeof *e * log->n));
        if (log->n == 0)
            log->v = e;
        if (!read_event(r, log, e) || !note_start(r, log, e, &seen))
            return false;
    }
    return true;
}

bool tcg_log_read(struct events *out, struct span bytes, enum log_kind kind, const char *part,
                  struct arena *a, struct situs_err *err)
{
    *out = (struct events){.kind = kind};
    if (bytes.n > LIMIT_LOG)
        return err_fail(err, SITUS_TOO_LONG, part, "log", LIMIT_LOG, TEXT_BYTES(LIMIT_LOG),
                        TEXT_BYTES(bytes.n));
    struct events log = *out;
    struct rd r = rd_new(bytes, 0, part, err);
    if (!read_header(&r, &log) || !read_events(&r, &log, a))
        return false;
    log.log = span_cut(bytes, 0, r.pos);
    *out = log;
    return true;
}
