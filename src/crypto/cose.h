/*
 * COSE_Sign1 (RFC 9052, 4.2) with ECDSA: the envelope of ownership endorsements and of our own
 * signed lists. What the headers must hold is the reader's business of each kind.
 */
#ifndef SITUS_CRYPTO_COSE_H
#define SITUS_CRYPTO_COSE_H

#include "base/wr.h"
#include "codec/cbor.h"
#include "crypto/sign.h"

/* Algorithms (IANA COSE Algorithms; RFC 9053, 2.1, and RFC 9864, 2.1): the old ECDSA names, and the
 * ones that fix the curve. */
enum cose_alg { COSE_ES256 = -7, COSE_ES384 = -35, COSE_ESP256 = -9, COSE_ESP384 = -51 };

/* Header labels (RFC 9052, 3.1; RFC 9360, 2; RFC 9597, 2). */
enum cose_label {
    COSE_ALG = 1,
    COSE_CRIT = 2,
    COSE_CONTENT_TYPE = 3,
    COSE_KID = 4,
    COSE_CWT_CLAIMS = 15,
    COSE_X5CHAIN = 33
};

/* The four parts as they were received; headers still encoded. */
struct cose {
    struct span headers;     /* contents of the protected header's byte string: one map */
    struct span unprotected; /* one map */
    struct span payload, signature;
    size_t headers_at, unprotected_at, payload_at, signature_at; /* offsets within the part */
};

/* cose_read reads a tagged COSE_Sign1 with its payload attached, to its last byte. Views into in.
 * Fields: cose.tag, protected, unprotected, payload, signature. */
bool cose_read(struct cose *c, struct span in, const char *part, struct situs_err *err);

/* cose_content_type is the text of content type (3) in the protected header of what looks like a
 * COSE_Sign1: enough to choose a reader, and nothing more. What stands behind that header is not
 * looked at, so that a damaged list is told from other things. Empty when there is none. */
struct span cose_content_type(struct span in);

/* cose_verify says that the signature over Signature1, headers, no external data and payload
 * (RFC 9052, 4.4) holds under alg and key. The key's curve must be the algorithm's. */
bool cose_verify(const struct cose *c, int64_t alg, const struct public_key *key);

/* cose_thumbprint is the SHA-384 thumbprint of an ECDSA key as a COSE_Key (RFC 9679, 3 and 4). */
bool cose_thumbprint(const struct public_key *key, uint8_t out[48]);

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
