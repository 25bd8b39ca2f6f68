/*
 * An event of a watched machine as a Security Event Token (RFC 8417), which a service hands to whom it is told to (RFC 8935):
 * a JWS of a type of its own, so that no token can be taken for one, nor the other way round. It has no end (RFC 8417, 2.2):
 * it says what was.
 */
#ifndef SITUS_TOKEN_EVENT_JWT_H
#define SITUS_TOKEN_EVENT_JWT_H

#include "base/arena.h"
#include "base/err.h"

struct sign_key; /* crypto/sign.h */

#define EVENT_JWT_TYP "secevent+jwt"               /* RFC 8417, 2.3 */
#define EVENT_JWT_MEDIA "application/secevent+jwt" /* RFC 8417, 7.2 */
#define EVENT_JWT_KIND "urn:situs:event:machine"
#define EVENT_JWT_MAX (8 * 1024) /* bytes of one, with its zero byte */
#define EVENT_JWT_NAME 64  /* bytes of a machine's name and of each word, with the zero byte */
#define EVENT_JWT_EARLY 60 /* seconds that its maker's clock may be ahead */

/* Texts are not empty, but reason and whose, where there is none. Times are Unix seconds. */
struct event_jwt {
    char machine[EVENT_JWT_NAME], event[EVENT_JWT_NAME], reason[EVENT_JWT_NAME],
        whose[EVENT_JWT_NAME];
    int64_t number;   /* of the event, of all that the service keeps */
    int64_t previous; /* that of the machine's event before it; 0: it is the first */
    int64_t span;
    int64_t at;   /* when it was */
    int64_t made; /* when it was signed */
};

/* event_jwt_write writes one, with a zero byte, into text of EVENT_JWT_MAX bytes: its issuer is iss, who is to take it
 * aud, jti its number. False, with err, when OpenSSL fails or it is too long. */
bool event_jwt_write(const struct sign_key *key, const char *issuer, const char *audience,
                     const struct event_jwt *event, char *text, struct situs_err *err);

/* What one must be to be believed. */
struct event_jwt_asked {
    struct span token, keys;                 /* keys: JWKS */
    const char *issuer, *audience, *machine; /* machine NULL: any */
    int64_t after; /* the number of the machine's last event that is known; 0: none is */
    int64_t at;
};

/* event_jwt_read verifies one. False: err says what is against it: a signature or key (keys, header, signature), iss, aud, machine
 * (mismatch), iat (not-yet-valid), number (not-allowed: it is known already). What is missed between is the caller's to see:
 * previous is not what it knows. */
bool event_jwt_read(const struct event_jwt_asked *asked, struct arena *a, struct event_jwt *event,
                    struct situs_err *err);

#endif
