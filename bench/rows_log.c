/*
 * Event logs, read and replayed in every bank: a TCG log as a cloud machine's firmware and boot
 * loader leave it (three banks), and a CCEL in the padded buffer that ACPI names.
 */
#include <stdlib.h>
#include <string.h>

#include "appraise/logs.h"
#include "base/wr.h"
#include "bench.h"
#include "clock.h"
#include "evidence/tcg_log.h"

#define TCG_EVENTS 110
#define CCEL_EVENTS 44
#define EVENT_DATA 120
#define ROOM (1024 * 1024)
#define CCEL_ROOM (64 * 1024)
#define ALL_REGISTERS 0xffffffu

struct log {
    uint8_t bytes[ROOM];
    struct span span;
    enum log_kind kind;
    struct replay first[LIMIT_LOG_BANKS]; /* of the first run: later runs must agree */
    bool seen;
};

static struct log tcg, ccel;
static uint8_t memory[VERIFICATION_ARENA];
static size_t most;

/* PFP 1.06, 10.2.1 and 10.4.5.1: the header event, in the old form, declares the algorithms. */
static void put_header(struct wr *w, const enum hash *hashes, size_t n)
{
    static const uint8_t zero[20];
    wr_u32le(w, 0);
    wr_u32le(w, EV_NO_ACTION);
    wr_bytes(w, SPAN_ARR(zero));
    wr_u32le(w, (uint32_t)(29 + 4 * n));
    wr_bytes(w, span_of("Spec ID Event03", 16));
    wr_bytes(w, SPAN_LIT("\0\0\0\0\0\2\0\2"));
    wr_u32le(w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        wr_u16le(w, hash_tpm(hashes[i]));
        wr_u16le(w, (uint16_t)hash_size(hashes[i]));
    }
    wr_u8(w, 0);
}

/* PFP 1.06, 10.2.2: TCG_PCR_EVENT2. */
static void put_event(struct wr *w, uint32_t index, const enum hash *hashes, size_t n)
{
    uint8_t data[EVENT_DATA] = {0}, out[HASH_MAX_SIZE];
    memcpy(data, &w->n, sizeof w->n);
    wr_u32le(w, index);
    wr_u32le(w, EV_IPL);
    wr_u32le(w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        wr_u16le(w, hash_tpm(hashes[i]));
        wr_bytes(w,
                 span_of(out, digest(hashes[i], SPAN_ARR(data), out) ? hash_size(hashes[i]) : 0));
    }
    wr_u32le(w, sizeof data);
    wr_bytes(w, SPAN_ARR(data));
}

static const enum hash three[] = {HASH_SHA1, HASH_SHA256, HASH_SHA384};

/* make_tcg makes the log of so many events. */
static void make_tcg(struct log *log, uint32_t events)
{
    struct wr w = wr_new(log->bytes, sizeof log->bytes);
    put_header(&w, three, 3);
    for (uint32_t i = 0; i < events; i++)
        put_event(&w, i % 15, three, 3);
    log->span = wr_span(&w);
    log->kind = LOG_PCR;
    log->seen = false;
}

bool bench_log_setup(const char **reason)
{
    struct wr w;
    make_tcg(&tcg, TCG_EVENTS);
    memset(ccel.bytes, 0xff, CCEL_ROOM);
    w = wr_new(ccel.bytes, CCEL_ROOM);
    put_header(&w, three + 2, 1);
    for (uint32_t i = 0; i < CCEL_EVENTS; i++)
        put_event(&w, 1 + i % 3, three + 2, 1);
    ccel.span = span_of(ccel.bytes, CCEL_ROOM);
    ccel.kind = LOG_CCEL;
    *reason = "the logs do not fit";
    return tcg.span.n > 0 && wr_ok(&w);
}

static bool run(struct log *log, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct events events;
        if (!tcg_log_read(&events, log->span, log->kind, "log", &a, &err))
            return false;
        most = a.used > most ? a.used : most;
        for (size_t b = 0; b < events.banks; b++) {
            struct replay r = {0};
            if (!logs_replay(&r, &events, events.bank[b].hash, ALL_REGISTERS))
                return false;
            if (!log->seen)
                log->first[b] = r;
            else if (memcmp(r.value, log->first[b].value, sizeof r.value) != 0)
                return false;
        }
        log->seen = true;
    }
    return true;
}

bool bench_log_tcg(size_t n)
{
    return run(&tcg, n);
}

bool bench_log_ccel(size_t n)
{
    return run(&ccel, n);
}

size_t bench_log_arena(void)
{
    return most;
}

bool bench_log_grow(size_t events, double *each)
{
    static struct log log;
    const size_t times = 20;
    make_tcg(&log, (uint32_t)events);
    bool good = log.span.n > 0 && run(&log, 1);
    double begin = clock_thread();
    good = good && run(&log, times);
    *each = (clock_thread() - begin) / (double)times;
    return good;
}
