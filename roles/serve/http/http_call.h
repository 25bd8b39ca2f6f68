/*
 * One request and its answer, as who serves it sees them: nothing of the library that speaks HTTP is
 * here. A call is answered once, at once or later; until then its connection waits and holds nobody
 * else up.
 */
#ifndef SITUS_SERVE_HTTP_CALL_H
#define SITUS_SERVE_HTTP_CALL_H

#include "base/span.h"

#include <sys/socket.h>

#define HTTP_TARGET_MAX 2048 /* bytes of a request's target (RFC 9112, 3.2), with its zero byte */
#define HTTP_FIELD_MAX 1024  /* bytes of a header that is joined from several, with its zero byte */
#define HTTP_HEADERS 6       /* of an answer, beside its type */

/* Why there is no body to serve. */
enum http_refusal {
    HTTP_SERVED,
    HTTP_FRAMING,   /* its end is not certain: lengths that differ, or two ways to tell one */
    HTTP_TOO_LARGE, /* more than the limit of one body */
    HTTP_FULL,      /* more than all bodies together may be */
};

struct http_call {
    uint64_t number;              /* of this process, from 1 */
    char method[16];              /* as sent, cut */
    char target[HTTP_TARGET_MAX]; /* as sent, still escaped; cut when it was longer: see target_n */
    size_t target_n;              /* its bytes as sent */
    bool inside;                  /* it came by the second socket */
    struct span body;             /* whole when the call is served */
    size_t body_n;                /* bytes of it that came, kept or not */
    int64_t began;                /* milliseconds of wire_now, when its target was read */
    unsigned status;              /* of the answer; 0: none yet */
    size_t answer_n;              /* bytes of its body */
    void *state;                  /* of who serves it */
    void *own;                    /* of http_server.c */
};

struct http_answer {
    unsigned status;
    const char *type; /* media type; NULL: no body */
    struct span body;
    struct {
        const char *name, *value;
    } header[HTTP_HEADERS];
    size_t n;
};

/* http_call_header is a header of the request. One that was sent several times is joined by ", "
 * into room (RFC 9110, 5.3). Its p is NULL when it was not sent, or has no room joined. */
struct span http_call_header(const struct http_call *c, const char *name,
                             char room[HTTP_FIELD_MAX]);

/* http_call_headers is how often a header was sent. */
unsigned http_call_headers(const struct http_call *c, const char *name);

/* http_call_peer is who is at the other end of the connection: a proxy's address, where there is one. False: it is not
 * known. */
bool http_call_peer(const struct http_call *c, struct sockaddr_storage *peer);

/* http_call_answer answers; everything of the answer is copied. An answer that there is no memory
 * for ends the connection. */
void http_call_answer(struct http_call *c, const struct http_answer *a);

/*
 * http_call_stream answers with a body that grows, by http_call_more, until http_call_end; what was not taken yet is kept, and whoever
 * does not take it within a request's time is cut off. False: no memory, and the connection ends. http_call_drained says that all was taken,
 * and more may come. http_call_answer ends a body that grows.
 */
bool http_call_stream(struct http_call *c, const struct http_answer *head);
void http_call_more(struct http_call *c, struct span bytes);
bool http_call_drained(const struct http_call *c);
void http_call_end(struct http_call *c);

/* http_answer_header adds a header, if there is a value. */
static inline void http_answer_header(struct http_answer *a, const char *name, const char *value)
{
    if (value && value[0] && a->n < HTTP_HEADERS) {
        a->header[a->n].name = name;
        a->header[a->n++].value = value;
    }
}

#endif
