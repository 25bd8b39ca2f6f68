/*
 * COSE_Sign1 (RFC 9052, 4.2) with ECDSA: the envelope of ownership endorsements and of our own
 * signed lists. What the headers must hold is the reader's business of each kind.
 */
#ifndef SITUS_CRYPTO_COSE_H
#define SITUS_CRYPTO_COSE_H

#include "codec/cbor.h"
#include "crypto/verify.h"

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
 * (RFC 9052, 4.4) holds under alg and key. The key's curve must be the algorithm's. Where hot is
 * given, uses of the key count there. */
bool cose_verify(const struct cose *c, int64_t alg, const struct public_key *key,
                 struct hot_keys *hot);

/* cose_thumbprint is the SHA-384 thumbprint of an ECDSA key as a COSE_Key (RFC 9679, 3 and 4). */
bool cose_thumbprint(const struct public_key *key, uint8_t out[48]);

#define COSE_TAG_SIGN1 18 /* RFC 9052, 2 */

#define COSE_HEAD_ROOM 32 /* heads of at most 9 bytes, and "Signature1" */

/* What stands around headers and payload in Sig_structure (RFC 9052, 4.4) without external data. */
struct cose_frame {
    uint8_t bytes[2][COSE_HEAD_ROOM];
    struct span before, between; /* the headers; headers and payload */
};

/* cose_frame_write fills s for a protected header and a payload of these sizes. */
void cose_frame_write(struct cose_frame *s, size_t headers_size, size_t payload_size);

#endif
