/*
 * N and the sessions that it belongs to (DESIGN: service, 3). Nothing is kept for a challenge that is out:
 * the session is under this process's MAC, N is made again from it, and only what was answered is remembered
 * (keeper_spent.h).
 */
#ifndef SITUS_SERVE_KEEPER_NONCE_H
#define SITUS_SERVE_KEEPER_NONCE_H

#include "base/span.h"
#include "serve/world/talk.h"

#define KEEPER_NONCE_LEAST 32 /* bytes */
#define KEEPER_NONCE_MOST TALK_NONCE
#define KEEPER_NONCE_TAKEN 8 /* the least of a relying party's */
#define KEEPER_NONCE_SECONDS 120

/* Random, of this process, never written anywhere. */
struct keeper_nonce {
    uint8_t key[32];
};

struct keeper_session {
    uint8_t id[16];
    uint32_t t; /* seconds of the keeper's steady clock at which N was made */
    uint8_t size;
    bool taken;         /* N is the relying party's, and stands here */
    uint8_t policy[32]; /* SHA-256(name, its zero byte, SHA-256 of the policy) */
    uint8_t party[32];  /* SHA-256 of the relying party's nonce, which may be empty */
    uint8_t n[KEEPER_NONCE_MOST];
};

/* keeper_nonce_new makes the key; false when there is no randomness. */
bool keeper_nonce_new(struct keeper_nonce *k);

/* keeper_nonce_policy is what names a policy in a session: by its name and what it says. */
bool keeper_nonce_policy(const char *name, const uint8_t sha256[32], uint8_t out[32]);

/* keeper_nonce_party is what stands for the relying party's nonce, which may be empty. */
bool keeper_nonce_party(struct span nonce, uint8_t out[32]);

/*
 * keeper_nonce_mint begins a session: s holds t, size, policy and party; it gets its id. sha256 is that of the policy.
 * Where size is a multiple of three the base64url text of N has neither "-" nor "_", so that clients that read base64
 * of either alphabet, padded or not, read the same. False: no randomness, or OpenSSL fails.
 */
bool keeper_nonce_mint(const struct keeper_nonce *k, struct keeper_session *s,
                       const uint8_t sha256[32]);

/* keeper_nonce_take begins a session whose N is the relying party's, 8 bytes or more; s holds t and policy. False: no
 * randomness, or OpenSSL fails. */
bool keeper_nonce_take(struct keeper_session *s, struct span n);

/* keeper_nonce_of is N of a session, s->size bytes. */
bool keeper_nonce_of(const struct keeper_nonce *k, const struct keeper_session *s,
                     const uint8_t sha256[32], uint8_t n[KEEPER_NONCE_MOST]);

/* keeper_nonce_enter is what stands for N in every formula (DESIGN: messages, 1). */
bool keeper_nonce_enter(struct span n, uint8_t out[32]);

/* keeper_nonce_write is the text of a session under the MAC; keeper_nonce_read takes it back: false for whatever this
 * process did not write. */
bool keeper_nonce_write(const struct keeper_nonce *k, const struct keeper_session *s,
                        char text[TALK_SESSION]);
bool keeper_nonce_read(const struct keeper_nonce *k, const char *text, struct keeper_session *s);

#endif
