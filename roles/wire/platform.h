/*
 * What a VM says to the host agent on its platform socket (PROTOCOLS: host agent, 2): it asks which
 * key would sign, or for a platform quote. The answer is TPMT_PUBLIC, or a vnd.situs.tpm-quote and
 * the launch log.
 */
#ifndef SITUS_WIRE_PLATFORM_H
#define SITUS_WIRE_PLATFORM_H

#include "model/tpm_value.h"

#define PLATFORM_PART "platform"

struct platform_request {
    bool quote;        /* false: which key */
    struct span nonce; /* 32 bytes */
    struct span tqh;   /* 32 bytes */
};
bool platform_request_read(struct platform_request *q, struct span body, struct situs_err *err);
void platform_request_write(struct wr *w, const struct platform_request *q);

/* platform_key_write answers with the key; platform_key_read is its TPMT_PUBLIC. */
void platform_key_write(struct wr *w, struct span public);
bool platform_key_read(struct span *public, struct span body, struct situs_err *err);

/* platform_quote_write answers with a quote; an empty log is left out. False when w is full. */
bool platform_quote_write(struct wr *w, const struct tpm_value *v, struct span log);

/* platform_quote_read checks the whole answer, and gives the bundle's value of the quote in value
 * (written to room) and the launch log (a view into body; empty when there is none). */
bool platform_quote_read(struct span body, struct wr *value, struct span *log,
                         struct situs_err *err);

#endif
