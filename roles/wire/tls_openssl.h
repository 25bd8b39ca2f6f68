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

#define TLS_ADDRESSES 8 /* of a name; others are not tried */

struct tls_addresses {
    struct sockaddr_storage at[TLS_ADDRESSES];
    socklen_t size[TLS_ADDRESSES];
    size_t n;
};

/* tls_address_find looks "HOST:PORT" up before the deadline; flags are getaddrinfo's. */
bool tls_address_find(const char *address, int flags, int64_t deadline, struct tls_addresses *all,
                      struct situs_err *err);

/* tls_address_connect is a non-blocking socket connected to the address before the deadline; -1 and
 * err on failure. */
int tls_address_connect(const char *address, int64_t deadline, struct situs_err *err);

#endif
