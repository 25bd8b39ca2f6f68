/*
 * TLS 1.3 as situs uses it: the server's key is K, in a certificate that nobody signed but itself,
 * and the client takes the key from the handshake (RFC 8446, 4.4.3: the server signed with it)
 * instead of believing the certificate. Frames are those of wire.h; PROTOCOLS: attester over TLS.
 * Every connection has one deadline for everything: handshake, frames, silence.
 */
#ifndef SITUS_WIRE_TLS_H
#define SITUS_WIRE_TLS_H

#include "base/err.h"
#include "base/span.h"
#include "base/wr.h"

#include <sys/socket.h>

#define TLS_SECONDS 30    /* the deadline of a connection */
#define TLS_SPKI_MAX 1024 /* SubjectPublicKeyInfo, DER */

/* Of a server. */
#define TLS_QUESTION 5      /* seconds until the question is there, of silence and of handshake */
#define TLS_TAKE 15         /* seconds to take an answer */
#define TLS_LOBBY 512       /* connections that have not said anything yet */
#define TLS_LOBBY_AGE 250   /* milliseconds in which one of them makes room for nobody */
#define TLS_CONNECTIONS 64  /* that ask, wait for an answer, or take it */
#define TLS_ADDRESS 16      /* of them from one address (IPv6: /64) */
#define TLS_AGE 1000        /* milliseconds in which one that asks makes room for nobody */
#define TLS_TAKE_AGE 5000   /* the same of one that takes its answer */
#define TLS_STREAMS 128     /* streams at once */
#define TLS_STREAMS_EACH 64 /* of them from one address */
#define TLS_IDLE 900        /* seconds in which a stream may stand still */
#define TLS_STOP_SECONDS 10 /* to finish what was begun before a stop */

struct tls; /* one connection */

/* tls_address_ok says that an address is HOST:PORT, whose port is a number of 16 bits, and not 0 unless
 * this program listens there (any free one); nobody is asked whether it exists. */
bool tls_address_ok(const char *address, bool listens, struct situs_err *err);

/* tls_connect connects to "HOST:PORT" or "[ADDRESS]:PORT" and shakes hands; the whole exchange ends
 * before the deadline, a time of wire_now. No session is resumed, no early data sent. NULL and err
 * on failure; close with tls_close, which accepts NULL. */
struct tls *tls_connect(const char *address, int64_t deadline, struct situs_err *err);

/* tls_connect_where is the same where the name is of addresses that may be reached alone: it is looked up once, and when
 * one of what is found may not, nobody is connected to. */
struct tls *tls_connect_where(const char *address, int64_t deadline,
                              bool (*may)(void *context, const struct sockaddr_storage *at),
                              void *context, struct situs_err *err);
void tls_close(struct tls *t);

/* tls_peer is the SubjectPublicKeyInfo (DER) of the key that the peer holds. */
struct span tls_peer(const struct tls *t);

/* tls_send sends one frame; part names the peer in errors. */
bool tls_send(struct tls *t, struct span body, const char *part, struct situs_err *err);

/* tls_receive is one frame's body of at most limit bytes, malloc'd; free it. Its p is NULL, and err
 * set, on failure. */
struct span tls_receive(struct tls *t, size_t limit, const char *part, struct situs_err *err);

#define TLS_WAIT_MAX 16

/* tls_wait waits until one of n connections has something to read, and gives its number; n when
 * none has before the deadline. NULL ones are left out. */
size_t tls_wait(struct tls *const t[], size_t n, int64_t deadline);

/*
 * tls_pump passes bytes on both ways between the connection and a socket: each way has its own end,
 * and a full one waits. True when both ways ended as they should; false when one broke, or nothing
 * moved for TLS_IDLE: then tls_abort and tls_reset end both, so that nobody takes a cut for an end.
 */
bool tls_pump(struct tls *t, int fd);
void tls_abort(struct tls *t);
void tls_reset(int fd);

/* tls_loopback connects to an address of this machine's own (127.0.0.1, ::1) before the deadline;
 * -1 and err on failure, or when the address is another. */
int tls_loopback(const char *address, int64_t deadline, struct situs_err *err);

/* tls_listen is a socket that listens on "HOST:PORT"; port 0 is any free one. name gets the address
 * as it is. -1 and err on failure. */
int tls_listen(const char *address, char name[64], struct situs_err *err);

/* What a server does with a question of at most limit bytes, in a process of its own. */
struct tls_handler {
    void *context;
    size_t limit;
    const char *part; /* of messages */
    /* answer writes the answer; false: the question gets none. *stream is -1; when it sets it to a
     * socket, bytes pass between that and the peer after the answer. */
    bool (*answer)(void *context, struct span question, struct wr *answer, int *stream);
};

/*
 * tls_serve answers one question a connection under the key (an EVP_PKEY) until stop, a file
 * descriptor, becomes readable; then it finishes what was begun, for TLS_STOP_SECONDS. A connection
 * that says nothing waits in the lobby, and costs a file; one that speaks gets a process. Who makes
 * room when all places are taken, or all of an address: any of those of the address that holds
 * most, old enough, that has not asked yet or is only taking its answer; else the next waits.
 * Streams have places of their own; one too many ends one of the address that has most.
 * False and err when it cannot serve.
 */
bool tls_serve(int listener, void *key, const struct tls_handler *handler, int stop,
               struct situs_err *err);

#endif
