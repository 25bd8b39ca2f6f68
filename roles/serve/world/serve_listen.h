/* Where the service listens: a loopback address or a Unix socket. TLS and the world in front of it are a proxy's. */
#ifndef SITUS_SERVE_SERVE_LISTEN_H
#define SITUS_SERVE_SERVE_LISTEN_H

#include "wire/wire.h"

#define SERVE_ADDRESS 256

struct serve_listener {
    char address[SERVE_ADDRESS]; /* empty: none */
    int fd;                      /* -1: none */
    struct wire_server local;    /* holds the path of a Unix socket */
};

/* serve_listen_known says that an address is unix:/PATH, HOST:PORT of 127.0.0.1 or [::1], or systemd:NAME, a socket that
 * systemd hands over under that name. */
bool serve_listen_known(const char *address);

/* serve_listen opens an address that is known; NULL: none. */
bool serve_listen(struct serve_listener *l, const char *address, struct situs_err *err);

/* serve_listen_close accepts the zero state. */
void serve_listen_close(struct serve_listener *l);

#endif
