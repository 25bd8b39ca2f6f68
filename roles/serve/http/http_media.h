/* Media types of requests: Content-Type and Accept (RFC 9110, 8.3.1 and 12.5.1). */
#ifndef SITUS_SERVE_HTTP_MEDIA_H
#define SITUS_SERVE_HTTP_MEDIA_H

#include "base/span.h"

#define HTTP_MEDIA_MAX 80 /* one type/subtype, with its zero byte */

/* http_media_type is the type of a Content-Type header, lower case and without parameters; false
 * when it is none. */
bool http_media_type(char out[HTTP_MEDIA_MAX], struct span header);

/* http_media_word is the next word of a list that blanks separate, and takes it from the list; empty
 * after the last. */
struct span http_media_word(struct span *list);

/* http_media_listed says that a list has the type. */
bool http_media_listed(const char *list, struct span type);

/*
 * http_media_pick is which type of a list an Accept header likes best, the earlier of two that it
 * likes alike: part of list; empty when it takes none. Each type is judged by the most specific
 * range that names it. An empty header takes the first. A range that cannot be read names nothing.
 */
struct span http_media_pick(struct span header, const char *list);

#endif
