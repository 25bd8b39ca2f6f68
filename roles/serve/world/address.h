/* Addresses of the Internet as 16 bytes: IPv6, or IPv4 as RFC 4291, 2.5.5.2 maps it. */
#ifndef SITUS_SERVE_ADDRESS_H
#define SITUS_SERVE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* address_of is that of a socket's end; false: it has none. */
bool address_of(uint8_t to[16], const struct sockaddr_storage *at);

/* address_read reads one as people write it (inet_pton(3)). */
bool address_read(uint8_t to[16], const char *text);

/* address_within says that the first bits are those of a network. */
bool address_within(const uint8_t at[16], const uint8_t network[16], unsigned bits);

/* address_global says that one is of the Internet at large: none that stands for this machine, its network, a group, or
 * another protocol's address (the IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890). */
bool address_global(const uint8_t at[16]);

#endif
