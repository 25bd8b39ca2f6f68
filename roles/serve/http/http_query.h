/* The query of a request's address (RFC 3986, 3.4) as names and values, read strictly: a name that
 * the path does not take, or takes twice, is an error. */
#ifndef SITUS_SERVE_HTTP_QUERY_H
#define SITUS_SERVE_HTTP_QUERY_H

#include "base/err.h"
#include "base/span.h"

#define HTTP_QUERY_MAX 1024 /* bytes of the query, as sent */
#define HTTP_QUERY_PAIRS 4

struct http_query {
    struct {
        struct span name; /* part of the list of known names */
        struct span value;
    } pair[HTTP_QUERY_PAIRS];
    size_t n;
    char text[HTTP_QUERY_MAX]; /* the values, decoded */
};

/* http_query_read reads name=value pairs, separated by &. Each name is one of the list known, which
 * blanks separate, and at most once there; values are %-decoded, without control characters. */
bool http_query_read(struct http_query *q, struct span text, const char *known,
                     struct situs_err *err);

/* http_query_unescape writes the bytes that a %-escaped text stands for (RFC 3986, 2.1), no more than it has; a + is a +.
 * False: an escape that is none. */
bool http_query_unescape(char *to, size_t *n, struct span from);

/* http_query_get is the value of a name; its p is NULL when it was not given. */
struct span http_query_get(const struct http_query *q, const char *name);

#endif
