/* URLs; see url.h. */
#include "fetch/url.h"

#include "base/text.h"

#include <strings.h>

static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* only says that the n bytes at s are letters, digits or among more. */
static bool only(const char *s, size_t n, const char *more)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(alnum, s[i]) && !strchr(more, s[i]))
            return false;
    return true;
}

/* dotted_loopback says that the n bytes at s are 127.a.b.c. */
static bool dotted_loopback(const char *s, size_t n)
{
    size_t dots = 0, digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.' && digits) {
            dots++;
            digits = 0;
        } else if (s[i] >= '0' && s[i] <= '9' && digits < 3) {
            digits++;
        } else {
            return false;
        }
    }
    return n > 4 && memcmp(s, "127.", 4) == 0 && dots == 3 && digits;
}

/* host_size is the size of the host at the start of authority; 0 when it is malformed. */
static size_t host_size(const char *authority, size_t n)
{
    if (n && authority[0] == '[') {
        const char *end = memchr(authority, ']', n);
        return end && only(authority + 1, (size_t)(end - authority) - 1, ":")
                   ? (size_t)(end - authority) + 1
                   : 0;
    }
    size_t size = 0;
    while (size < n && authority[size] != ':')
        size++;
    return only(authority, size, ".-") ? size : 0;
}

static bool port_ok(const char *s, size_t n)
{
    return n == 0 || (s[0] == ':' && n >= 2 && n <= 6 && strspn(s + 1, "0123456789") >= n - 1);
}

static bool loopback(const char *host, size_t n)
{
    return (n == 9 && strncasecmp(host, "localhost", 9) == 0) ||
           (n == 5 && memcmp(host, "[::1]", 5) == 0) || dotted_loopback(host, n);
}

const char *url_refused(const char *url)
{
    bool https = strncmp(url, "https://", 8) == 0;
    if (!https && strncmp(url, "http://", 7) != 0)
        return "it does not start with https://";
    if (strlen(url) >= URL_MAX / 2)
        return "it is too long";
    const char *authority = url + (https ? 8 : 7);
    size_t n = strcspn(authority, "/?#");
    if (memchr(authority, '@', n))
        return "it holds a user name";
    size_t host = host_size(authority, n);
    if (host == 0 || !port_ok(authority + host, n - host))
        return "its host or port is malformed";
    if (!only(authority + n, strlen(authority + n), "/._~-"))
        return "only letters, digits and / . _ ~ - may follow the host";
    if (!https && !loopback(authority, host))
        return "plain http is for loopback addresses only";
    return NULL;
}

bool url_at(const char *url, const char *const *hosts, size_t n)
{
    const char *host = strstr(url, "://") + 3;
    size_t size = strcspn(host, "/");
    for (size_t i = 0; i < n; i++)
        if (strlen(hosts[i]) == size && strncasecmp(host, hosts[i], size) == 0)
            return true;
    return false;
}

bool url_decode(char *out, size_t room, size_t *size, struct span in)
{
    *size = 0;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        if (c < 0x20 || c > 0x7e)
            return false;
        if (c == '%') {
            if (in.n - i < 3 || !text_hex_read(&c, 1, span_cut(in, i + 1, 2)))
                return false;
            i += 2;
        }
        bool text = (c >= 0x20 && c <= 0x7e) || c == '\n' || c == '\r';
        if (!text || *size == room)
            return false;
        out[(*size)++] = (char)c;
    }
    return true;
}
