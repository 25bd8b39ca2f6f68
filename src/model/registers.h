/* Measurement registers and the event lists that explain them: what logs and appraisal share. */
#ifndef SITUS_MODEL_REGISTERS_H
#define SITUS_MODEL_REGISTERS_H

#include "base/limits.h"
#include "base/span.h"
#include "crypto/digest.h"

#define REGISTERS_MAX 24

/* One bank of registers as quoted: PCRs of one hash, or the four RTMRs (SHA-384). */
struct bank {
    enum hash hash;
    uint32_t mask; /* bit i: register i is present */
    struct span value[REGISTERS_MAX];
};

/* The banks of one quote. */
struct registers {
    struct bank bank[5];
    size_t n;
};

/* registers_bank is the bank of a hash, or NULL. */
static inline const struct bank *registers_bank(const struct registers *r, enum hash h)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->bank[i].hash == h)
            return &r->bank[i];
    return NULL;
}

enum event_type {
#define EVENT_TYPE(name, value) name = value,
#include "model/event_types.def"
#undef EVENT_TYPE
};

/* event_type_name is the specification's name of an event type, or NULL when unknown. */
const char *event_type_name(uint32_t type);

/* event_type_find is the event type of that name; false when unknown. */
bool event_type_find(struct span name, uint32_t *type);

/* What a log explains: PCRs from the firmware on, RTMRs, or the PCRs of a measured launch. */
enum log_kind { LOG_PCR, LOG_CCEL, LOG_LAUNCH };

/* One event of a TCG crypto-agile log (PC Client PFP 1.06, 10.2.2) or of a CCEL (UEFI 2.10, 38.4).
 * Small, as there are thousands: its bytes stay in the log, see events_data and events_digest. */
struct event {
    uint32_t index; /* PCR; in a CCEL the CC measurement register: 0 MRTD, 1-4 RTMR0-3 */
    uint32_t type;
    uint32_t at;                      /* offset of the event in the log */
    uint32_t data_at, data_size;      /* data_at is an offset in the log */
    uint16_t digest[LIMIT_LOG_BANKS]; /* offset from at, by bank; 0: it has none in this bank */
};

/* One algorithm that the log's header declares; every event of a CCEL or a launch log has one
 * digest of each, one of a TPM's log at least one (Windows writes only that of the bank in use). */
struct event_bank {
    enum hash hash; /* HASH_NONE: an algorithm that situs does not know */
    uint16_t alg, size;
};

struct events {
    enum log_kind kind;
    struct span log; /* to the end of the last event, without padding */
    const struct event *v;
    size_t n;
    struct event_bank bank[LIMIT_LOG_BANKS];
    size_t banks;
    uint8_t startup_locality; /* from EV_NO_ACTION "StartupLocality"; 0 by default */
    bool launched;            /* the log starts with the HASH_START of a measured launch */
};

/* events_bank is the number of a hash's bank in the log; log->banks when it has none. */
static inline size_t events_bank(const struct events *log, enum hash h)
{
    size_t i = 0;
    while (i < log->banks && log->bank[i].hash != h)
        i++;
    return i;
}

static inline struct span events_data(const struct events *log, const struct event *e)
{
    return span_cut(log->log, e->data_at, e->data_size);
}

/* events_digest is the event's digest in a bank; empty, which equals no digest, when it has
 * none. */
static inline struct span events_digest(const struct events *log, const struct event *e,
                                        size_t bank)
{
    if (e->digest[bank] == 0)
        return span_of(NULL, 0);
    return span_cut(log->log, (size_t)e->at + e->digest[bank], log->bank[bank].size);
}

/* events_register is the register that an event extends: a PCR or, in a CCEL, an RTMR;
 * REGISTERS_MAX for EV_NO_ACTION, which extends nothing (PFP 1.06, 10.4.1). */
static inline uint32_t events_register(const struct events *log, const struct event *e)
{
    if (e->type == EV_NO_ACTION)
        return REGISTERS_MAX;
    return log->kind == LOG_CCEL ? e->index - 1 : e->index;
}

#endif
