/* Addresses; see address.h. */
#include "serve/world/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define MAPPED 96 /* bits before an IPv4 address */

static void map(uint8_t to[16], const struct in_addr *v4)
{
    memset(to, 0, 10);
    memset(to + 10, 0xff, 2);
    memcpy(to + 12, v4, 4);
}

bool address_of(uint8_t to[16], const struct sockaddr_storage *at)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
    if (at->ss_family == AF_INET)
        map(to, &v4->sin_addr);
    else if (at->ss_family == AF_INET6)
        memcpy(to, &v6->sin6_addr, 16);
    return at->ss_family == AF_INET || at->ss_family == AF_INET6;
}

bool address_read(uint8_t to[16], const char *text)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) != 1)
        return inet_pton(AF_INET6, text, to) == 1;
    map(to, &v4);
    return true;
}

bool address_within(const uint8_t at[16], const uint8_t network[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(at, network, whole) == 0 &&
           (rest == 0 || (at[whole] ^ network[whole]) >> (8 - rest) == 0);
}

/* What is not global, of IPv4 and of the one block of IPv6 that is (2000::/3, RFC 4291, 2.4). */
static const struct {
    const char *text;
    unsigned bits;
} special[] = {
    {"0.0.0.0", 8},       {"10.0.0.0", 8},        {"100.64.0.0", 10},   {"127.0.0.0", 8},
    {"169.254.0.0", 16},  {"172.16.0.0", 12},     {"192.0.0.0", 24},    {"192.0.2.0", 24},
    {"192.31.196.0", 24}, {"192.52.193.0", 24},   {"192.88.99.0", 24},  {"192.168.0.0", 16},
    {"192.175.48.0", 24}, {"198.18.0.0", 15},     {"198.51.100.0", 24}, {"203.0.113.0", 24},
    {"224.0.0.0", 4},     {"240.0.0.0", 4},       {"2001::", 23},       {"2001:db8::", 32},
    {"2002::", 16},       {"2620:4f:8000::", 48}, {"3fff::", 20},
};

bool address_global(const uint8_t at[16])
{
    uint8_t network[16];
    bool v4 = address_read(network, "0.0.0.0") && address_within(at, network, MAPPED);
    if (!v4 && at[0] >> 5 != 1)
        return false;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        bool mapped = strchr(special[i].text, ':') == NULL;
        if (!address_read(network, special[i].text) ||
            address_within(at, network, special[i].bits + (mapped ? MAPPED : 0)))
            return false;
    }
    return true;
}
