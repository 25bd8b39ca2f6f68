/*
 * TLS 1.3 as situs uses it: the server's key is K, in a certificate that nobody signed but itself,
 * and the client takes the key from the handshake (RFC 8446, 4.4.3: the server signed with it)
 * instead of believing the certificate. Frames are those of wire.h. Every connection has one
 * deadline for everything: handshake, frames, silence.
 */
#ifndef SITUS_WIRE_TLS_H
#define SITUS_WIRE_TLS_H

#include "base/err.h"
#include "base/span.h"
#include "base/wr.h"

#define TLS_SECONDS 30     /* the deadline of a connection */
#define TLS_QUESTION 5     /* of a server's until the question is there */
#define TLS_SPKI_MAX 1024  /* SubjectPublicKeyInfo, DER */
#define TLS_CONNECTIONS 16 /* that a server has at once */

struct tls; /* one connection */

/* tls_connect connects to "HOST:PORT" or "[ADDRESS]:PORT" and shakes hands; the whole exchange ends
 * within seconds. NULL and err on failure; close with tls_close, which accepts NULL. */
struct tls *tls_connect(const char *address, int64_t seconds, struct situs_err *err);
void tls_close(struct tls *t);

/* tls_peer is the SubjectPublicKeyInfo (DER) of the key that the peer holds. */
struct span tls_peer(const struct tls *t);

/* tls_send sends one frame; part names the peer in errors. */
bool tls_send(struct tls *t, struct span body, const char *part, struct situs_err *err);

/* tls_receive is one frame's body of at most limit bytes, malloc'd; free it. Its p is NULL, and err
 * set, on failure. */
struct span tls_receive(struct tls *t, size_t limit, const char *part, struct situs_err *err);

/* tls_listen is a socket that listens on "HOST:PORT"; port 0 is any free one. name gets the address
 * as it is. -1 and err on failure. */
int tls_listen(const char *address, char name[64], struct situs_err *err);

/* What a server does with a question of at most limit bytes, in a process of its own. */
struct tls_handler {
    void *context;
    size_t limit;
    const char *part; /* of messages */
    /* answer writes the answer; false: the question gets none. */
    bool (*answer)(void *context, struct span question, struct wr *answer);
};

/*
 * tls_serve answers one question a connection under the key (an EVP_PKEY) until stop, a file
 * descriptor, becomes readable. When all connections are taken, the oldest that has not asked yet,
 * or is only taking its answer, makes room for the next; while all wait for answers, the next
 * waits. False and err when it cannot serve.
 */
bool tls_serve(int listener, void *key, const struct tls_handler *handler, int stop,
               struct situs_err *err);

#endif
