/* Whom the front may dial (situs-serve(5), "connect"): attesters by the names that the operator wrote, at addresses that
 * he lets. */
#ifndef SITUS_SERVE_DIAL_CONFIG_H
#define SITUS_SERVE_DIAL_CONFIG_H

#include "codec/json/json.h"

#include <sys/socket.h>

#define DIAL_TARGETS 64
#define DIAL_TARGET 128 /* bytes of HOST:PORT, with its zero byte */
#define DIAL_NETWORKS 16

/* Without pointers: it goes from process to process. Zeroed, nobody is dialled. */
struct dial_config {
    uint32_t n, n_networks;
    uint32_t every_ms; /* least milliseconds between two dials of one target */
    char target[DIAL_TARGETS][DIAL_TARGET];
    struct {
        uint8_t at[16];
        uint32_t bits;
    } network[DIAL_NETWORKS];
};

/* dial_config_read reads the member "connect" of a configuration, if there is one. */
bool dial_config_read(struct dial_config *d, const struct json *root, struct situs_err *err);

/* dial_config_find is the number of a target, letter for letter; -1: it is none. */
int dial_config_find(const struct dial_config *d, struct span target);

/* dial_config_may says that an address may be dialled: one of the networks, where there are some, else a global one. */
bool dial_config_may(const struct dial_config *d, const struct sockaddr_storage *at);

#endif
