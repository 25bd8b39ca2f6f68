/* A streaming writer of JSON (RFC 8259): commas, nesting and escaping are its, order is the
 * caller's. */
#ifndef SITUS_CODEC_JSON_OUT_H
#define SITUS_CODEC_JSON_OUT_H

#include "base/limits.h"
#include "base/wr.h"

/* A name without a value, a value without a name in an object, or an end that fits no start is a
 * mistake of ours and is asserted. */
struct json_out {
    struct wr *w;
    unsigned depth;
    bool indent, named, done;
    struct {
        bool object, filled;
    } level[LIMIT_NESTING + 1];
};

/* json_out_new writes one value to w: on one line, or with a line and two spaces a level. */
struct json_out json_out_new(struct wr *w, bool indent);

void json_out_object(struct json_out *o);
void json_out_array(struct json_out *o);
void json_out_close(struct json_out *o); /* the innermost object or array */
void json_out_name(struct json_out *o, const char *name);

/* Values. Text that is not valid UTF-8 is written with every byte outside ASCII as U+FFFD. */
void json_out_text(struct json_out *o, struct span s);
void json_out_string(struct json_out *o, const char *s);
void json_out_num(struct json_out *o, int64_t v);
void json_out_bool(struct json_out *o, bool v);
void json_out_null(struct json_out *o);
void json_out_whole(struct json_out *o, struct span json); /* a value that is written already */
void json_out_hex(struct json_out *o, struct span s);
void json_out_base64url(struct json_out *o, struct span s); /* without padding, RFC 4648 5 */

/* Named values of an object. */
void json_out_pair_text(struct json_out *o, const char *name, struct span s);
void json_out_pair_string(struct json_out *o, const char *name, const char *s);
void json_out_pair_num(struct json_out *o, const char *name, int64_t v);
void json_out_pair_bool(struct json_out *o, const char *name, bool v);
void json_out_pair_hex(struct json_out *o, const char *name, struct span s);

/* json_out_end asserts that the value is complete; false when the output was cut. */
bool json_out_end(struct json_out *o);

#endif
