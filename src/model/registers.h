/* Measurement registers and the event lists that explain them: what logs and appraisal share. */
#ifndef SITUS_MODEL_REGISTERS_H
#define SITUS_MODEL_REGISTERS_H

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

/* One event of a TCG crypto-agile log (PC Client PFP 1.06, 10.2.2) or of a CCEL (UEFI 2.10, 38.4).
 */
struct event {
    uint32_t
        index; /* PCR index; in a CCEL the CC measurement register index: 0 MRTD, 1-4 RTMR0-3 */
    uint32_t type;
    struct span data;
    size_t at;                      /* offset in the log */
    struct span digest[HASH_COUNT]; /* by hash; empty where the event has none */
};

struct events {
    const struct event *v;
    size_t n;
    uint32_t banks;           /* bit h: the log's header declares hash h */
    uint8_t startup_locality; /* from EV_NO_ACTION "StartupLocality"; 0 by default */
    size_t size;              /* bytes up to the end of the last event, without padding */
};

#endif
