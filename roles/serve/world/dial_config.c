/* Whom to dial; see dial_config.h. */
#include "serve/world/dial_config.h"

#include "base/text.h"
#include "serve/world/address.h"

#include <string.h>

#define EVERY 1000 /* milliseconds, where nothing is said */

/* is_target says that a text is HOST:PORT or [ADDRESS]:PORT. */
static bool is_target(struct span s)
{
    const uint8_t *colon = s.n && s.n < DIAL_TARGET ? memrchr(s.p, ':', s.n) : NULL;
    struct span host = span_of(s.p, colon ? (size_t)(colon - s.p) : 0);
    uint64_t port;
    bool v6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] <= ' ' || host.p[i] > '~' || strchr("/@?#\\\"%", host.p[i]) ||
            (host.p[i] == ':' && !v6))
            return false;
    return host.n && text_number(span_of(colon + 1, s.n - host.n - 1), 1, UINT16_MAX, &port);
}

static bool add_target(struct dial_config *d, const struct json *v, struct span s,
                       struct situs_err *err)
{
    if (!is_target(s))
        return json_fail(v, SITUS_MALFORMED, "HOST:PORT, 127 bytes at most", TEXT_CUT(s), err);
    if (dial_config_find(d, s) >= 0)
        return json_fail(v, SITUS_DUPLICATE, "each target once", TEXT_CUT(s), err);
    memcpy(d->target[d->n++], s.p, s.n);
    return true;
}

/* read_network reads ADDRESS/BITS, whose other bits are zero. */
static bool read_network(struct span s, uint8_t at[16], uint32_t *bits)
{
    char host[64];
    struct span rest = s, address = text_field(&rest, '/');
    uint64_t n;
    if (address.n >= sizeof host || address.n == s.n)
        return false;
    memcpy(host, address.p, address.n);
    host[address.n] = 0;
    uint64_t before = strchr(host, ':') ? 0 : 96;
    if (!address_read(at, host) || !text_number(rest, 0, 128 - before, &n))
        return false;
    *bits = (uint32_t)(n + before);
    for (unsigned i = *bits; i < 128; i++)
        if (at[i / 8] >> (7 - i % 8) & 1)
            return false;
    return true;
}

static bool add_network(struct dial_config *d, const struct json *v, struct span s,
                        struct situs_err *err)
{
    if (!read_network(s, d->network[d->n_networks].at, &d->network[d->n_networks].bits))
        return json_fail(v, SITUS_MALFORMED, "a network, as 10.1.0.0/16 or fd00::/8", TEXT_CUT(s),
                         err);
    d->n_networks++;
    return true;
}

/* The two lists of texts, and how many each may have. */
static const struct list {
    const char *key, *how_many;
    size_t most;
    bool (*add)(struct dial_config *d, const struct json *v, struct span s, struct situs_err *err);
} targets = {"targets", "1 to 64 targets", DIAL_TARGETS, add_target},
  networks = {"networks", "1 to 16 networks", DIAL_NETWORKS, add_network};

static bool read_list(const struct json *object, const struct list *l, struct dial_config *d,
                      struct situs_err *err)
{
    struct json list;
    struct span s;
    if (!json_get_array(object, l->key, &list, err))
        return false;
    if (json_count(&list) == 0 || json_count(&list) > l->most)
        return json_fail(&list, SITUS_NOT_ALLOWED, l->how_many, TEXT_NUM(json_count(&list)), err);
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        if (!json_as_text(&v, &s, err) || !l->add(d, &v, s, err))
            return false;
    }
    return true;
}

bool dial_config_read(struct dial_config *d, const struct json *root, struct situs_err *err)
{
    struct json object;
    int64_t every = EVERY;
    *d = (struct dial_config){.n = 0};
    if (!json_has(root, "connect"))
        return true;
    if (!json_get_object(root, "connect", &object, err) ||
        !JSON_KNOWN(&object, err, "targets", "networks", "every_ms") ||
        !read_list(&object, &targets, d, err) ||
        (json_has(&object, networks.key) && !read_list(&object, &networks, d, err)) ||
        (json_has(&object, "every_ms") &&
         !json_get_num(&object, "every_ms", 0, 3600000, &every, err)))
        return false;
    d->every_ms = (uint32_t)every;
    return true;
}

int dial_config_find(const struct dial_config *d, struct span target)
{
    for (size_t i = 0; i < d->n; i++)
        if (span_equal(span_text(d->target[i]), target))
            return (int)i;
    return -1;
}

bool dial_config_may(const struct dial_config *d, const struct sockaddr_storage *at)
{
    uint8_t address[16];
    if (!address_of(address, at))
        return false;
    for (size_t i = 0; i < d->n_networks; i++)
        if (address_within(address, d->network[i].at, d->network[i].bits))
            return true;
    return d->n_networks == 0 && address_global(address);
}
