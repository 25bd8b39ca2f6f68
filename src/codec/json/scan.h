/*
 * A pull reader for JSON (RFC 8259) over raw bytes, for the bodies that Intel signs: one pass, no
 * memory, values are spans of the input. Stricter than json.h, never laxer, but for one thing: of
 * equal keys only known ones are refused. Keys and values that are read hold no escapes, numbers no
 * exponent and at most 18 digits. Like struct rd it remembers its first failure, after which every
 * read gives zero and every loop ends.
 */
#ifndef SITUS_CODEC_SCAN_H
#define SITUS_CODEC_SCAN_H

#include "base/arena.h"
#include "base/rd.h"

/* One object or array that is being read: a variable of the function that reads it, linked to the
 * one around it, which gives the dotted field of errors. */
struct scan_level {
    const struct scan_level *up;
    const char *const *keys; /* known keys of an object; NULL: an array */
    size_t n_keys;
    size_t index;    /* the key, or the element, at hand */
    uint64_t seen;   /* bit i: key i was there */
    struct span key; /* the name at hand, as written; empty before the first */
    bool begun;
};

struct scan {
    struct rd r;
    const char *root; /* field name of the whole; NULL: none */
    const struct scan_level *top;
    size_t depth;
    bool nul; /* texts may hold NUL (an escape): who reads them must then expect one */
};

/* scan_new reads text, which starts at byte base of the part; keys of one object are at most 64. */
struct scan scan_new(struct span text, size_t base, const char *root, const char *part,
                     struct situs_err *err);

/* scan_end says that only white space was left and that nothing failed. */
bool scan_end(struct scan *s);

/* scan_object enters an object of which n keys are known. scan_member goes to the next known one,
 * sets index and steps over others; false after the last or a failure. Each member must be read or
 * skipped before the next call. */
void scan_object(struct scan *s, struct scan_level *o, const char *const *keys, size_t n);
bool scan_member(struct scan *s, struct scan_level *o);

/* scan_any_member is scan_member that stops at unknown keys too: index is then n_keys. */
bool scan_any_member(struct scan *s, struct scan_level *o);

/* scan_need says that every key but the optional ones (bit i: key i) was there: else missing. */
bool scan_need(struct scan *s, const struct scan_level *o, uint64_t optional);

/* scan_array enters an array; scan_element goes to its next element, numbered by index. */
void scan_array(struct scan *s, struct scan_level *a);
bool scan_element(struct scan *s, struct scan_level *a);

/* scan_text is a string without escapes, scan_num an integer from min to max, scan_hex exactly size
 * bytes as hex digits; scan_skip is the raw bytes of a value of any kind, checked. */
struct span scan_text(struct scan *s);
int64_t scan_num(struct scan *s, int64_t min, int64_t max);
void scan_hex(struct scan *s, uint8_t *out, size_t size);
struct span scan_skip(struct scan *s);

/* scan_unescape is the text of a string that scan_skip gave, quotes and all: a part of it, or where
 * it holds escapes a copy in the arena. False: no room. */
bool scan_unescape(struct span *out, struct span raw, struct arena *a);

/* scan_fail records a failure of the value at hand, scan_fail_whole one of the object or array
 * around it. No offset: the field says where. */
bool scan_fail(struct scan *s, enum situs_code code, const char *expected, const char *got);
bool scan_fail_whole(struct scan *s, enum situs_code code, const char *expected, const char *got);

#endif
