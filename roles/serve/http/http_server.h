/*
 * HTTP/1.1 on two sockets by libmicrohttpd, in one thread that never blocks: sockets, sizes and
 * deadlines are here, meaning is the caller's (struct http_does). Who is late, sends too much or
 * holds a place that others need is cut off; DESIGN: front says by which rules.
 */
#ifndef SITUS_SERVE_HTTP_SERVER_H
#define SITUS_SERVE_HTTP_SERVER_H

#include "serve/http/http_call.h"

struct http_does {
    void *context;
    /* head is told a call when its headers are read. It may answer: what comes as body is then
     * passed over, and the answer sent behind it. */
    void (*head)(void *context, struct http_call *c);
    /* body is told it when its body is there too, and answers, now or later. */
    void (*body)(void *context, struct http_call *c);
    /* refused is told why there will be no body: it answers. */
    void (*refused)(void *context, struct http_call *c, enum http_refusal why);
    /* gone is told that the call is over, answered or not. */
    void (*gone)(void *context, struct http_call *c);
};

struct http_limits {
    size_t body;           /* bytes of one body */
    size_t bodies;         /* of all that are being read, together */
    unsigned connections;  /* on the first socket */
    int64_t idle, request; /* milliseconds: until a request begins, and for all of it */
};

struct http_counts {
    uint64_t connections, requests, bodies; /* open, being read or answered, bytes */
    uint64_t crowded, late, full; /* ever: cut off to make room, by deadline; refused for bodies */
};

struct http_server;

/* http_server_new takes listening sockets over; inside may be -1. NULL: no memory, or a socket does
 * not listen. does outlives it. */
struct http_server *http_server_new(int public, int inside, const struct http_limits *limits,
                                    const struct http_does *does);

/* http_server_polls is what to wait for, two descriptors (-1: none), and for how many milliseconds
 * at most. */
int http_server_polls(const struct http_server *s, int fds[2]);

/* http_server_turn does what there is to do; it never waits. */
void http_server_turn(struct http_server *s);

/*
 * http_server_quiesce lets nobody in any more, and what is answered from now on says that the connection ends.
 * http_server_busy says that a call is not over, or that one who was let in is still to make his first.
 */
void http_server_quiesce(struct http_server *s);
bool http_server_busy(const struct http_server *s);

struct http_counts http_server_counts(const struct http_server *s);

/* http_server_free ends all connections. Every call must have been answered. NULL is accepted. */
void http_server_free(struct http_server *s);

#endif
