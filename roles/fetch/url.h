/* The few URLs that situs fetches from, and percent-decoding (RFC 3986), both strict. */
#ifndef SITUS_FETCH_URL_H
#define SITUS_FETCH_URL_H

#include "base/span.h"

#define URL_MAX 512

/* url_refused is NULL for a base URL that may be asked, else the reason:
 * https://host[:port][/path], or http:// to a loopback address; no user, query, fragment, escape or
 * white space. */
const char *url_refused(const char *url);

/* url_at says that a URL which url_refused accepts is at one of these hosts, as "HOST" or "HOST:PORT". */
bool url_at(const char *url, const char *const *hosts, size_t n);

/* url_decode decodes percent escapes into out (room bytes) and sets *size. False for an escape that
 * is not two hex digits, a byte outside printable ASCII before decoding, a byte outside printable
 * ASCII, CR, LF after it, or when room is too small. '+' stays '+'. */
bool url_decode(char *out, size_t room, size_t *size, struct span in);

#endif
