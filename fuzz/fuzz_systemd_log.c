/* Fuzzes the reader of systemd's measurement log: what it writes behind a firmware's log reads
 * again, in order, and no record of the input is dropped. */
#include <assert.h>

#include "attester/log_tail.h"
#include "attester/systemd_log.h"
#include "evidence/tcg_log.h"
#include "oracle.h"

const char *const oracles[] = {"reads again", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A firmware's log of two banks, SHA-256 and SHA-384, without events. */
static const uint8_t firmware[] =
    "\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x25\0\0\0"
    "Spec ID Event03\0\0\0\0\0\0\2\0\2\2\0\0\0\xb\0\x20\0\xc\0\x30\0";

/* The digest of an event is the hash of its data in both banks, or in none. */
static void check_event(const struct events *log, const struct event *e)
{
    size_t same = 0;
    for (size_t b = 0; b < log->banks; b++) {
        uint8_t value[HASH_MAX_SIZE];
        assert(digest(log->bank[b].hash, events_data(log, e), value));
        same += span_equal(events_digest(log, e, b), span_of(value, log->bank[b].size));
    }
    assert(same == 0 || same == log->banks || e->data_size == 0);
    assert(e->index <= 15 && e->type == EV_IPL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t room[2][VERIFICATION_ARENA];
    static uint8_t bytes[LIMIT_LOG];
    struct arena a = arena_new(room[0], sizeof room[0]);
    struct situs_err err = {0};
    struct events log, all;
    struct systemd_log found;
    struct wr w = wr_new(bytes, sizeof bytes);
    assert(tcg_log_read(&log, span_of(firmware, sizeof firmware), LOG_PCR, "log", &a, &err));
    wr_bytes(&w, log.log);
    bool ok = systemd_log_append(&w, &log, span_of(data, size), &found, &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok) {
        assert(w.n == log.log.n && found.appended + found.elsewhere == 0 && err.at <= size);
        return 0;
    }
    size_t records = 0;
    for (size_t i = 0; i < size; i++)
        records += data[i] == 0x1e; /* RFC 7464, 2.2: raw only before a record */
    assert(records == found.appended + found.elsewhere);
    a = arena_new(room[1], sizeof room[1]);
    if (!wr_ok(&w) || !tcg_log_read(&all, wr_span(&w), LOG_PCR, "log", &a, &err))
        return assert(!wr_ok(&w) || err.code == SITUS_NO_MEMORY), 0;
    assert(all.n == found.appended && all.log.n == w.n);
    for (size_t i = 0; i < all.n; i++)
        check_event(&all, &all.v[i]);
    if (all.n)
        oracle_ran(0);
    return 0;
}
