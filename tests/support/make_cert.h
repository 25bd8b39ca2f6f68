/*
 * A small maker of Intel-shaped certificates and CRLs for tests: every part of the DER form can be
 * replaced before it is signed, so that each rule of the readers meets bytes that break only it.
 * Everything lives until make_reset.
 */
#ifndef SITUS_TESTS_MAKE_CERT_H
#define SITUS_TESTS_MAKE_CERT_H

#include "tee/intel/chain.h"

/* A P-256 key pair. */
struct make_key {
    void *ec;
    uint8_t xy[64];
};

/* The replaceable parts, in the order of their bytes. An empty part is left out. */
enum make_part {
    CERT_VERSION = 0,
    CERT_SERIAL,
    CERT_SIGNATURE,
    CERT_ISSUER,
    CERT_VALIDITY,
    CERT_SUBJECT,
    CERT_KEY,
    CERT_UNIQUE_IDS,
    CERT_AUTHORITY_KEY_ID, /* extensions */
    CERT_SUBJECT_KEY_ID,
    CERT_KEY_USAGE,
    CERT_BASIC_CONSTRAINTS,
    CERT_SGX,
    CERT_EXTRA,
    CERT_AFTER_EXTENSIONS, /* the rest of tbs */
    CERT_OUTER_SIGNATURE,
    CERT_SIGNATURE_VALUE, /* made by signing, unless replaced */
    CERT_AFTER_SIGNATURE, /* inside the outer SEQUENCE */
    CERT_TRAILING,

    CRL_VERSION = 0,
    CRL_SIGNATURE,
    CRL_ISSUER,
    CRL_THIS_UPDATE,
    CRL_NEXT_UPDATE,
    CRL_REVOKED,
    CRL_NUMBER, /* extensions */
    CRL_AUTHORITY_KEY_ID,
    CRL_EXTRA,
    CRL_AFTER_EXTENSIONS, /* then as in certificates */
    CRL_OUTER_SIGNATURE,
    CRL_SIGNATURE_VALUE,
    CRL_AFTER_SIGNATURE,
    CRL_TRAILING,

    MAKE_PARTS = 19
};

struct make_doc {
    struct span part[MAKE_PARTS];
    size_t at[MAKE_PARTS]; /* offset of each part in the signed document */
    size_t extensions, after_extensions;
    uint8_t extensions_tag;
};

/* make_reset frees all keys and documents; make_back those made after the mark. */
struct make_mark {
    size_t keys, bytes;
};
struct make_mark make_mark(void);
void make_back(struct make_mark to);
void make_reset(void);

/* make_key is a new key pair. */
struct make_key *make_key(void);

/* make_hex is the bytes of a hex text; make_der an element of some contents. */
struct span make_hex(const char *hex);
struct span make_der(uint8_t tag, const struct span *parts, size_t n);
#define MAKE_DER(tag, ...)                        \
    make_der((tag), (struct span[]){__VA_ARGS__}, \
             sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span))

/* make_name is the Name of a common name in Intel's form. */
struct span make_name(const char *common_name);

/* make_extension is an Extension; oid and value in hex. */
struct span make_extension(const char *oid, bool critical, struct span value);

/* make_cert is the parts of a good certificate, valid from 2020 to 2040; make_crl of a good CRL of
 * 2026 with the serials 0x01 and 0x7fff revoked. */
struct make_doc make_cert(enum intel_role role, const struct make_key *subject,
                          enum intel_role issuer, const struct make_key *issuer_key);
struct make_doc make_crl(enum intel_role issuer, const struct make_key *issuer_key);

/* make_signed is the document, signed; sets at. */
struct span make_signed(struct make_doc *doc, const struct make_key *signer);

#endif
