/*
 * X.509 certificates (RFC 5280) by OpenSSL, for every chain but Intel's, their CRLs by our own
 * reader: anchors, CRLs and time are arguments; no system store, no key weaker than 112 bits,
 * nothing repaired.
 */
#ifndef SITUS_CRYPTO_X509_H
#define SITUS_CRYPTO_X509_H

#include "base/err.h"
#include "base/time.h"
#include "crypto/verify.h"
#include "crypto/x509_crl.h"

/* One parsed certificate. Spans taken from it live as long as it does. */
struct x509;

/* x509_read parses one DER certificate of at most LIMIT_CERT bytes. With padding NULL nothing may
 * follow it; else zero bytes may, and are counted there. NULL and err on failure; free with
 * x509_free. */
struct x509 *x509_read(struct span der, size_t *padding, const char *part, struct situs_err *err);

/* x509_read_nv parses a certificate as it lies in an NV index of a TPM, which makers fill up to the
 * index's size with 00, ff (ST) or 11 (Nuvoton): one of them, and nothing else, may follow. */
struct x509 *x509_read_nv(struct span der, size_t *padding, const char *part,
                          struct situs_err *err);

/* x509_free accepts NULL. */
void x509_free(struct x509 *cert);

/* x509_sha256 hashes the DER certificate. */
bool x509_sha256(const struct x509 *cert, uint8_t out[32]);

/* x509_key_sha256 hashes the DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
bool x509_key_sha256(const struct x509 *cert, uint8_t out[32]);

/* x509_spki copies the DER SubjectPublicKeyInfo to out of room bytes; the size, 0 when it has no room. */
size_t x509_spki(const struct x509 *cert, uint8_t *out, size_t room);

/* x509_key is the public key, by the rules of verify_key_spki; free with verify_key_free. */
struct public_key *x509_key(const struct x509 *cert, const char *part, struct situs_err *err);

/* x509_validity is notBefore and notAfter. False when they are no times. */
bool x509_validity(const struct x509 *cert, struct window *valid);

/* x509_extension is the extnValue of the extension with this dotted OID, given once; an empty span
 * when there is none, or two. */
struct span x509_extension(const struct x509 *cert, const char *oid);

/* x509_has_eku says that there is an extended key usage extension; x509_lists_eku that it lists the
 * dotted OID. */
bool x509_has_eku(const struct x509 *cert);
bool x509_lists_eku(const struct x509 *cert, const char *oid);

/* x509_signs_only says that key usage is given and is digitalSignature alone. */
bool x509_signs_only(const struct x509 *cert);

/* x509_usage_signs says that key usage is given and holds digitalSignature; x509_may_sign that it
 * does, and the certificate is no CA's. */
bool x509_usage_signs(const struct x509 *cert);
bool x509_may_sign(const struct x509 *cert);

/* x509_is_ca says that it is a CA's, by its basic constraints or for want of them. */
bool x509_is_ca(const struct x509 *cert);

/* x509_subject writes the subject as RFC 2253 text, other characters escaped, cut to size with its
 * zero byte; returns text. */
char *x509_subject(const struct x509 *cert, char *text, size_t size);

/* x509_common_name is the subject's one common name, as UTF-8; empty when there is none, or two. It
 * is cut to size; the size used is returned. */
size_t x509_common_name(const struct x509 *cert, uint8_t *text, size_t size);

/* x509_issuer_common_name is the same of the issuer. */
size_t x509_issuer_common_name(const struct x509 *cert, uint8_t *text, size_t size);

/* An anchor: a pin, and the certificate itself where it is known (else it comes with the chain). */
struct x509_anchor {
    uint8_t sha256[32];
    struct span der;
};

/* What to verify. Arrays may be empty; at most LIMIT_CHAIN_CERTS extra certificates. extra holds
 * intermediates, and roots that a pin names, in any order. */
struct x509_question {
    const struct x509 *leaf;
    const struct span *extra;
    size_t n_extra;
    const struct x509_anchor *anchors;
    size_t n_anchors;
    const struct x509_known *known; /* of the same leaf, extra and anchors; NULL: nothing */
    struct x509_crls *crls;         /* NULL: none */
    bool own_crls_alone;            /* those of a bundle are passed over */
    bool require_crls;              /* every issuer in the chain needs a current CRL */
    int64_t bundle_crl_days; /* so old may a CRL be of whose issuer only the bundle brings any */
    int64_t at;
    const char *part;
};

/* What was found. Where the chain leads to an anchor and something else is wrong, chained is true
 * and the anchor is told too. */
struct x509_answer {
    bool chained;
    size_t anchor;     /* index of the anchor that ends the chain */
    bool crls_checked; /* every certificate below the anchor was looked up in a current CRL */
    struct x509_issuers issuers; /* of the certificates below the anchor; where chained */
    struct window valid; /* the time that all certificates of the chain share, anchor included */
    struct window same;  /* the times around q->at between which, ends excluded, nothing that was
                            given begins or ends: the answer to the same question is the same */
    uint8_t sha256[32];  /* of the anchor's certificate */
};

/* A chain whose signatures were verified once, by x509_know. It is never changed after, and points
 * into the question's certificates. Zero: none. */
struct x509_known {
    struct x509_answer answer;                /* without CRLs */
    struct span above[LIMIT_CHAIN_CERTS + 1]; /* the certificates above the leaf, DER */
    size_t n;                                 /* of them; 0: nothing is known */
};

/* x509_know verifies the question without its CRLs and keeps the chain in known. A question that
 * differs in time, CRLs and what it demands of them alone may be asked with it: at a time in
 * answer.same no signature is verified again, CRLs are looked through anew, and the answer is the
 * same; at another, known counts for nothing. False: nothing is known, which is no verdict. */
bool x509_know(const struct x509_question *q, struct x509_known *known);

/* x509_known_at says that a question with this chain, at that time and without CRLs of its issuers
 * that have a say, is answered by known->answer. NULL knows nothing. */
bool x509_known_at(const struct x509_known *known, int64_t at);

/*
 * x509_verify finds a chain from the leaf to an anchor and checks signatures, names, constraints,
 * times and CRLs. Any complete CRL of an issuer that lists a certificate revokes it, and the newest
 * must be current; one that is given and does not hold refuses, one that is missing only when
 * required. A leaf is never its own anchor. Error fields are "chain[i].name", leaf first; of CRLs,
 * "chain[i].crl" or "chain[i].crl.name".
 */
bool x509_verify(const struct x509_question *q, struct x509_answer *answer, struct situs_err *err);

/* x509_is_of_crl says that x509_verify failed at a CRL, for another reason than that it revokes. */
bool x509_is_of_crl(const struct situs_err *err);

#endif
