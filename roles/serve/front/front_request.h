/* The bodies and queries of requests, read into what talk.h asks. */
#ifndef SITUS_SERVE_FRONT_REQUEST_H
#define SITUS_SERVE_FRONT_REQUEST_H

#include "base/err.h"
#include "base/span.h"
#include "serve/world/talk.h"

/* What a request says. Zeroed is empty. */
struct front_request {
    struct talk_ask ask; /* policy, session, nonces, channel */
    char target[DIAL_TARGET];
    uint8_t *evidence; /* malloc'd */
    size_t n;
    uint8_t *jwt; /* malloc'd */
    size_t jwt_n;
    int64_t timestamp; /* Unix seconds; 0: none was given */
};

/* front_request_challenge reads the JSON of POST /v1/challenge, front_request_verify that of POST
 * /v1/verify, front_request_connect that of POST /v1/connect (base64 in either alphabet is decoded). Every member must be known. */
bool front_request_challenge(struct front_request *r, struct span body, struct situs_err *err);
bool front_request_verify(struct front_request *r, struct span body, struct situs_err *err);
bool front_request_connect(struct front_request *r, struct span body, struct situs_err *err);

/* front_request_quote reads the JSON of the alliance's requests (services.js): a quote in hex, and, where it is a token's that
 * is asked about, the token. What many signers tell each other, nonces and partial_sigs, is read and is of no use to one. */
bool front_request_quote(struct front_request *r, struct span body, bool token,
                         struct situs_err *err);
void front_request_free(struct front_request *r);

/* front_request_* read one thing into an ask; field is its name in errors. A policy's name is
 * letters, digits, and - . _; a session base64url; a nonce 8 to 64 bytes in base64url. */
bool front_request_policy(struct talk_ask *ask, struct span text, struct situs_err *err);
bool front_request_session(struct talk_ask *ask, struct span text, struct situs_err *err);
bool front_request_nonce(struct talk_ask *ask, struct span text, struct situs_err *err);

/* front_request_size reads the wanted bytes of a nonce: 32 to 64. */
bool front_request_size(struct talk_ask *ask, struct span text, struct situs_err *err);

#endif
