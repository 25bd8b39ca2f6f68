/* Members of the configuration: texts that are never empty, and lists of them. */
#ifndef SITUS_SERVE_SERVE_MEMBER_H
#define SITUS_SERVE_SERVE_MEMBER_H

#include "codec/json/json.h"

#include <limits.h>

#define SERVE_PATHS 16 /* of a list; endorsements: SITUS_ENDORSEMENTS */

struct serve_paths {
    const char *v[SERVE_PATHS];
    size_t n;
};

/* serve_member_text reads a member that must not be empty, nor longer than most bytes; serve_member_optional one that
 * may be left out. */
bool serve_member_text(const struct json *object, const char *key, size_t most, const char **out,
                       struct situs_err *err);
bool serve_member_optional(const struct json *object, const char *key, size_t most,
                           const char **out, struct situs_err *err);

/* serve_member_is_name says that a name is 1 to 63 of a-z, 0-9 and "-": it stands in URLs, in one spelling (RFC 3986,
 * 2.3). */
bool serve_member_is_name(const char *name);

/* serve_member_paths reads a list of such texts, which may be left out. */
bool serve_member_paths(const struct json *object, const char *key, struct serve_paths *to,
                        struct situs_err *err);

#endif
