/* Inside roles/wire only: what the files of tls.h share. */
#ifndef SITUS_WIRE_TLS_OPENSSL_H
#define SITUS_WIRE_TLS_OPENSSL_H

#include "wire/tls.h"

#include <sys/socket.h>

#include <openssl/ssl.h>

#define TLS_PART "channel"

struct tls {
    SSL *ssl;
    int fd;
    int64_t deadline; /* of wire_now */
    uint8_t peer[TLS_SPKI_MAX];
    size_t peer_size;
};

/* tls_new shakes hands on a connected, non-blocking socket, which it closes on failure. */
struct tls *tls_new(SSL_CTX *ctx, int fd, bool server, int64_t deadline, struct situs_err *err);

/* tls_address_connect is a non-blocking socket connected to the address before the deadline, where all that the name is
 * found to be may be reached; may NULL: anything. -1 and err on failure. */
int tls_address_connect(const char *address, int64_t deadline,
                        bool (*may)(void *context, const struct sockaddr_storage *at),
                        void *context, struct situs_err *err);

#endif
