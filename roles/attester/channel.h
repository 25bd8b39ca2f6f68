/* K: the key that evidence speaks for, made when the attester starts and never stored. */
#ifndef SITUS_ATTESTER_CHANNEL_H
#define SITUS_ATTESTER_CHANNEL_H

#include "base/err.h"
#include "base/span.h"

#define CHANNEL_SPKI_MAX 1024

struct channel {
    void *key; /* EVP_PKEY; NULL: only the public half is known */
    uint8_t spki[CHANNEL_SPKI_MAX];
    size_t spki_size; /* SubjectPublicKeyInfo, DER */
};

/* channel_make makes a P-256 key; the process may not be dumped from then on. Free with
 * channel_free, which accepts the zero state. */
bool channel_make(struct channel *c, struct situs_err *err);

/* channel_take takes the public half of a key that another program of this TD made and holds: a DER
 * SubjectPublicKeyInfo, by local configuration. */
bool channel_take(struct channel *c, struct span spki, struct situs_err *err);

void channel_free(struct channel *c);

static inline struct span channel_spki(const struct channel *c)
{
    return span_of(c->spki, c->spki_size);
}

#endif
