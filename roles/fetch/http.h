/* One HTTPS GET, or POST, by libcurl, with every bound set: no redirects, no compression, size and time caps.
 * Plain http is for loopback only (url.h), a Unix socket's too. */
#ifndef SITUS_FETCH_HTTP_H
#define SITUS_FETCH_HTTP_H

#include "base/err.h"
#include "base/span.h"

#define HTTP_HEADER_MAX (16 * 1024) /* an issuer chain, URL-encoded, is about 4 KiB */

/* What to do when something fails: another service than PCS has other words. */
struct http_hints {
    const char *shape;    /* an answer that is none of this service's */
    const char *slow;     /* a time-out */
    const char *tls;      /* its certificate */
    const char *reach;    /* nobody is there */
    const char *redirect; /* it says that it is elsewhere */
    const char *missing;  /* 404, 410 */
    const char *refused;  /* another status of 400 to 499 */
};

struct http_request {
    const char *what;   /* for messages, as "TCB info" */
    const char *url;    /* one that url_refused accepts, and a query */
    const char *socket; /* path of a Unix socket that takes the place of url's host; NULL: none */
    const struct http_hints *hints;  /* NULL: those of PCS */
    const char *cacert;              /* PEM file of TLS anchors; NULL: the system's */
    struct span body;                /* of a POST; n 0: it is a GET */
    const char *type;                /* media type of body */
    const char *header, *header_old; /* the header to keep, under either name; NULL: none */
    size_t limit;                    /* of the body, bytes */
    long seconds;                    /* for the whole exchange */
    unsigned retries;                /* after what may pass by itself */
};

struct http_answer {
    long status;   /* of HTTP, also after a failure; 0: none came */
    char type[80]; /* media type, without parameters, lower case; empty: none given */
    uint8_t *body; /* malloc'd */
    size_t n;
    char *header; /* value of the header, as sent; malloc'd, NULL when absent */
    size_t header_n;
    uint64_t
        retry_after; /* after a failure: seconds for which the service wants not to be asked; 0: no word */
};

/*
 * http_get fetches one resource. Anything but status 200 is an error: 404, 429, other 4xx, 5xx,
 * redirects, time-outs, refused connections and TLS failures each say so. A header sent twice is
 * refused. What may pass by itself (408, 429, 5xx, a time-out, a connection that broke) is tried
 * again after 1, 2, 4, ... seconds, or as long as Retry-After says, where that is a minute or less.
 * Every wait of more than two seconds is told on stderr.
 */
bool http_get(const struct http_request *r, struct http_answer *a, struct situs_err *err);

/* http_post hands the body of a request over: 200, 202 and 204 are success, and what is answered counts for nothing. */
bool http_post(const struct http_request *r, struct http_answer *a, struct situs_err *err);

/* http_free accepts the zero state. */
void http_free(struct http_answer *a);

#endif
