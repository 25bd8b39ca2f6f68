/* Writing what cose.h reads. */
#ifndef SITUS_CRYPTO_COSE_WRITE_H
#define SITUS_CRYPTO_COSE_WRITE_H

#include "base/wr.h"
#include "crypto/cose.h"
#include "crypto/sign.h"

/* cose_write signs headers and payload and writes the tagged COSE_Sign1; headers and unprotected
 * are encoded maps. The algorithm named in headers must be the one of the key's curve. False when w
 * is full or OpenSSL fails. */
bool cose_write(struct wr *w, struct span headers, struct span unprotected, struct span payload,
                const struct sign_key *key);

/* cose_put takes the bytes of a COSE_Sign1 as they come; false stops the writing. */
typedef bool cose_put(void *to, struct span bytes);

/* A COSE_Sign1 written in pieces, in memory that does not grow with the payload. */
struct cose_writer {
    cose_put *put;
    void *to;
    const struct sign_key *key;
    struct digest_stream *hash;
    size_t left; /* bytes of the payload not yet written */
    bool ok;
};

/* cose_begin writes all that stands before the payload, whose size is known; the headers are as
 * for cose_write. */
void cose_begin(struct cose_writer *w, struct span headers, struct span unprotected,
                size_t payload_size, const struct sign_key *key, cose_put *put, void *to);

/* cose_add writes the next bytes of the payload; more than its size is a mistake of ours and is
 * asserted. */
void cose_add(struct cose_writer *w, struct span bytes);

/* cose_end writes the signature and releases what w holds; false when the payload is not complete,
 * put stopped, or OpenSSL failed. Always call it. */
bool cose_end(struct cose_writer *w);

#endif
