/* One request over plain HTTP/1.1 (RFC 9112) to an IPv4 address; see imds.h. */
#ifndef SITUS_ATTESTER_IMDS_HTTP_H
#define SITUS_ATTESTER_IMDS_HTTP_H

#include "base/err.h"
#include "base/span.h"

#include <netinet/in.h>

/*
 * imds_http sends a whole request, which asks for the connection to be closed, and gives the body of the answer: in room
 * bytes at memory, of which the head takes some. An answer is whole by its Content-Length, its chunks, or the end of the
 * connection; any status but 200 is an error, and so is one that is not whole within ten seconds.
 */
bool imds_http(const struct sockaddr_in *to, struct span request, uint8_t *memory, size_t room,
               struct span *body, struct situs_err *err);

/* imds_http_body is the body of such an answer of n bytes, all that came; chunks are moved together in it. */
bool imds_http_body(uint8_t *memory, size_t n, struct span *body, struct situs_err *err);

#endif
