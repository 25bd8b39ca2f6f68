/*
 * The key of whoever speaks to a proxy, as the proxy states it in a header of each request: which header, in which
 * form, and which proxies are believed (situs-serve(5), "peer_key").
 */
#ifndef SITUS_SERVE_PEER_KEY_H
#define SITUS_SERVE_PEER_KEY_H

#include "codec/json/json.h"

#include <sys/socket.h>

#define PEER_KEY_HEADER 64         /* bytes of the header's name, with its zero byte */
#define PEER_KEY_FROM 8            /* addresses of proxies */
#define PEER_KEY_VALUE (12 * 1024) /* bytes of the header's value */

/* Without pointers: it goes from process to process. Zeroed, nobody is believed. */
struct peer_key {
    char header[PEER_KEY_HEADER];
    uint32_t form;  /* a row of peer_key.c's table */
    uint32_t local; /* 1: whoever reaches the Unix socket is believed */
    uint32_t n;
    uint8_t from[PEER_KEY_FROM][16]; /* IPv6, or IPv4 as RFC 4291, 2.5.5.2 maps it */
};

/* peer_key_config reads the member "peer_key" of a configuration, if there is one. */
bool peer_key_config(struct peer_key *p, const struct json *root, struct situs_err *err);

/* peer_key_from says that whoever is at the other end of a connection is believed. */
bool peer_key_from(const struct peer_key *p, const struct sockaddr_storage *peer);

/* peer_key_read reads the header's value: the SubjectPublicKeyInfo (DER), *n bytes of it into room. Errors have the
 * part "request" and the header's name. */
bool peer_key_read(const struct peer_key *p, struct span value, uint8_t *spki, size_t room,
                   size_t *n, struct situs_err *err);

#endif
