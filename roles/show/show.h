/* What "situs show" does with each kind of object: tell it by content, print what it says. Nothing
 * is verified. */
#ifndef SITUS_SHOW_SHOW_H
#define SITUS_SHOW_SHOW_H

#include "base/arena.h"
#include "base/err.h"
#include "codec/json_out.h"

/* Where a decoded object goes: lines of text, or members of a JSON object. */
struct show {
    bool json;
    struct json_out *out; /* json */
    int indent;
    struct arena *a;
};

/* show_field prints one value under its name. */
void show_text(struct show *s, const char *name, struct span value);
void show_hex(struct show *s, const char *name, struct span value);
void show_num(struct show *s, const char *name, int64_t value);
void show_time(struct show *s, const char *name, int64_t value);

/* show_open starts a group of fields (name NULL: an element of a list), show_close ends it;
 * show_list starts a list of groups, show_list_end ends it. */
void show_open(struct show *s, const char *name);
void show_close(struct show *s);
void show_list(struct show *s, const char *name);
void show_list_end(struct show *s);

/* One kind of object: is says whether the bytes look like it, print reads and prints them. */
struct show_kind {
    const char *name; /* NULL: print says it */
    bool (*is)(struct span bytes);
    bool (*print)(struct show *s, struct span bytes, struct situs_err *err);
};

/* show_object finds the kind of the bytes and prints them under its name; unknown when they look
 * like nothing known. */
bool show_object(struct show *s, struct span bytes, struct situs_err *err);

#endif
