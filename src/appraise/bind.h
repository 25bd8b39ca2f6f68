/* The binding of TD report, TPM quote, challenge and channel (DESIGN: messages). */
#ifndef SITUS_APPRAISE_BIND_H
#define SITUS_APPRAISE_BIND_H

#include "model/claims.h"
#include "model/finding.h"

#define BIND_NONCE_SIZE 32 /* bytes of N as it stands in every formula */
#define BIND_NONCE_LEAST 8 /* of a nonce as it was issued */
#define BIND_NONCE_MOST 64
#define BIND_NONCE_SIZES "8 to 64 bytes"

/* bind_enter is N of a nonce: 32 bytes are themselves, others SHA-256("situs/n/2" || nonce), the string with its zero
 * byte. False: it has not 8 to 64 bytes, or OpenSSL failed. */
bool bind_enter(struct span nonce, uint8_t n[BIND_NONCE_SIZE]);

/* bind_key is K: SHA-256 of the channel key's SubjectPublicKeyInfo, DER. False: OpenSSL failed. */
bool bind_key(struct span spki, uint8_t k[32]);

/* bind_report_data is AKH || SHA-256("situs/rd/1" || N || K), the strings with their zero byte. */
bool bind_report_data(const uint8_t akh[32], const uint8_t n[BIND_NONCE_SIZE], const uint8_t k[32],
                      uint8_t out[64]);

/* bind_tq is the extraData of the guest's TPM quote: SHA-256("situs/tq/1" || N || TQH). */
bool bind_tq(const uint8_t n[BIND_NONCE_SIZE], const uint8_t tqh[32], uint8_t out[32]);

/* bind_pq is the extraData of the platform's TPM quote: SHA-256("situs/pq/1" || N || TQH ||
 * Name(AK_v)). */
bool bind_pq(const uint8_t n[BIND_NONCE_SIZE], const uint8_t tqh[32], struct span ak_v_name,
             uint8_t out[32]);

/* Of a paravisor's guest: its text carries what report_data carries elsewhere, and report_data is the text's hash
 * (DESIGN: paravisor). */
struct bind_text {
    uint8_t report_data[64]; /* what it must be */
    uint8_t akh[32];         /* of the key that the text names */
    struct span user_data;   /* 64 bytes; empty: none */
    bool of_report;          /* the hardware report beside the text is what was quoted */
};

/* What the relying party and the evidence give besides claims. */
struct bind {
    struct span
        nonce; /* N, or what is of no size of a nonce; empty when the relying party gave none */
    struct span channel; /* SubjectPublicKeyInfo (DER) of the key that evidence speaks for */
    struct span peer;    /* the same of the peer that the relying party talks to; may be empty */
    const uint8_t *tqh;  /* SHA-256 of the whole TD quote without padding, 32 bytes */
    const struct claims *platform; /* bare metal: the machine's TPM quote; NULL: managed */
    const struct bind_text *text;  /* NULL: no paravisor */
    const uint8_t *mrconfigid;     /* what MRCONFIGID must be, 48 bytes; NULL: not demanded */
};

/*
 * bind_vouches says that the platform's quote holds and is for this nonce, this TD quote and the
 * key of the guest's TPM quote: a measured host gave that key to that TD's machine.
 */
bool bind_vouches(const struct bind *in, const struct claims *guest);

/*
 * bind_check decides bind.ak-in-td, bind.nonce-in-td, bind.td-in-tpm and bind.channel. tpm is the
 * guest's TPM quote, NULL when there is none: then the rows about it do not run. On bare metal the
 * TD names the platform's AK, and bind.td-in-tpm is about both quotes. A claim set
 * without authority proves nothing: the rows that need it do not run.
 */
void bind_check(struct findings *f, const struct bind *in, const struct claims *td,
                const struct claims *tpm);

#endif
