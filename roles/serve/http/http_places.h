/* Inside http_server: who is connected, since when, and who makes room or is late. */
#ifndef SITUS_SERVE_HTTP_PLACES_H
#define SITUS_SERVE_HTTP_PLACES_H

#include "serve/http/http_server.h"

#define HTTP_INSIDE 64 /* connections of the second socket */
#define HTTP_SLACK 64  /* that were cut off, and still have their place */
#define HTTP_AGE 250   /* milliseconds: older ones make room first */

enum http_phase {
    HTTP_IDLE,    /* no request has begun */
    HTTP_READING, /* one has, and is not whole */
    HTTP_WAITING, /* for who serves it */
    HTTP_WRITING, /* its answer */
    HTTP_CUT,
};

struct http_place {
    int fd;
    bool inside, asked; /* asked: a request has begun since it is there */
    enum http_phase phase;
    int64_t since; /* it is in this phase */
    size_t at;     /* in the table */
    void *exchange;
};

struct http_places {
    struct http_place **place;
    size_t n, room, n_public;
    unsigned most; /* public */
    uint64_t chance;
    uint64_t crowded, late;
};

/* http_places_new makes room for so many public connections; false: no memory. */
bool http_places_new(struct http_places *t, unsigned most);
void http_places_free(struct http_places *t);

/*
 * http_places_add gives a new connection a place, or NULL: no memory. When there are more than may
 * be, one by chance of those that have begun no request, else of those that are still sending one,
 * is cut off; when all others are being served, the new one is, with a 503.
 */
struct http_place *http_places_add(struct http_places *t, int fd, bool inside);
void http_places_take(struct http_places *t, struct http_place *p);

/* http_places_phase changes the phase, unless it is cut off. */
void http_places_phase(struct http_place *p, enum http_phase phase);

/* http_places_expects: one that was let in and is not late has asked nothing yet. */
bool http_places_expects(const struct http_places *t);

/* http_places_late cuts off who is late. */
void http_places_late(struct http_places *t, const struct http_limits *limits);

#endif
