/* Inside roles/wire: a TLS server's connections, from the lobby to their process. */
#ifndef SITUS_WIRE_TLS_SERVER_H
#define SITUS_WIRE_TLS_SERVER_H

#include "wire/tls_openssl.h"

#include <sys/types.h>

/* One that is connected and has not said anything yet, or waits for a place. */
struct tls_guest {
    int fd;
    uint64_t from; /* its address */
    int64_t since;
    bool speaks; /* something has come */
};

struct tls_lobby {
    struct tls_guest guest[TLS_LOBBY];
    size_t n;
    int64_t paused; /* nobody is let in before */
};

/* tls_lobby_open says that somebody may be let in. */
bool tls_lobby_open(struct tls_lobby *l);

/* tls_lobby_accept lets in who waits. */
void tls_lobby_accept(struct tls_lobby *l, int listener);

/* tls_lobby_look sees whether guest i speaks; one that has gone is closed. False: it is no longer
 * there, and another has its number. */
bool tls_lobby_look(struct tls_lobby *l, size_t i);

/* tls_lobby_leave forgets guest i, which another has taken over; tls_lobby_end closes it. */
void tls_lobby_leave(struct tls_lobby *l, size_t i);
void tls_lobby_end(struct tls_lobby *l, size_t i);

/* tls_lobby_shrink ends one of those who may be ended, so that there is a file more; false when
 * there is none. */
bool tls_lobby_shrink(struct tls_lobby *l);

/* tls_lobby_late ends whose time is over. */
void tls_lobby_late(struct tls_lobby *l);

/* tls_any is a number below n, by chance. */
size_t tls_any(size_t n);

/* What a connection's process says over its pipe. */
enum tls_word {
    TLS_ASKS,   /* as it begins: handshake and question come */
    TLS_WORKS,  /* the question is there */
    TLS_TAKES,  /* the answer is there */
    TLS_PASSES, /* the answer is taken, a stream begins */
};

/* tls_talk is the life of one connection's process. */
_Noreturn void tls_talk(SSL_CTX *ctx, const struct tls_handler *handler, int fd, int pipe,
                        pid_t parent);

#endif
