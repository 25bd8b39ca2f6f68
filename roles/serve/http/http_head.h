/* Inside http_server: the head of a request, as the library read it, and whether that is what was
 * sent. */
#ifndef SITUS_SERVE_HTTP_HEAD_H
#define SITUS_SERVE_HTTP_HEAD_H

#include "serve/http/http_call.h"

#include <microhttpd.h>

struct http_head {
    struct MHD_Connection *connection;
    const char *method, *url, *version; /* in the library's buffer */
    size_t target_n;                    /* bytes of the target, with its query */
};

/*
 * http_head_framed says whether the end of the body is certain (RFC 9112, 6.3): one Content-Length of
 * digits, or Transfer-Encoding: chunked, or neither. Who reads it otherwise before us would let one
 * client put a request into another's connection. So is every byte of the head asked for: a line
 * that was folded, ends without a carriage return, or holds a NUL refuses it.
 */
enum http_refusal http_head_framed(const struct http_head *h, size_t limit);

/* http_head_field and http_head_times are http_call_header and http_call_headers. */
struct span http_head_field(struct MHD_Connection *connection, const char *name,
                            char room[HTTP_FIELD_MAX]);
unsigned http_head_times(struct MHD_Connection *connection, const char *name);

#endif
