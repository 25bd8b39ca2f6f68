/*
 * CBOR (RFC 8949) in its core deterministic encoding (4.2.1) and nothing else: definite lengths,
 * shortest heads, map keys unique and in bytewise order, valid UTF-8. No floats, and of the simple
 * values false, true and null only. Map keys are integers, byte strings or text strings.
 */
#ifndef SITUS_CODEC_CBOR_H
#define SITUS_CODEC_CBOR_H

#include "base/limits.h"
#include "base/rd.h"
#include "base/wr.h"

/* The values are the major types (RFC 8949 3.1). */
enum cbor_kind {
    CBOR_UINT,
    CBOR_NINT,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_SIMPLE,
    CBOR_END /* no item is left in the open container, or reading failed */
};

/* One open container of the reader: items left (a map's pair counts two), the last key seen, and
 * where the container's keys begin in struct cbor_keys. */
struct cbor_level {
    uint64_t left;
    bool map;
    struct span key;
    size_t first;
};

/* The keys of all open maps of a foreign document. */
struct cbor_keys {
    struct span v[LIMIT_CBOR_KEYS];
    size_t n;
};

/* A reader of one item, over a cursor. Like the cursor it remembers its first failure, after which
 * every read gives zero, so a caller checks once, with cbor_end. */
struct cbor {
    struct rd r;
    unsigned depth, tags;   /* open containers; tags read whose content was not */
    struct cbor_keys *keys; /* NULL: the deterministic encoding */
    struct cbor_level level[LIMIT_NESTING + 1];
};

/* cbor_new reads the one item in the bytes, which start at byte base of the part. err must hold no
 * failure yet. */
struct cbor cbor_new(struct span in, size_t base, const char *part, struct situs_err *err);

/*
 * cbor_foreign is cbor_new for a document whose signer need not use the deterministic encoding:
 * keys come in any order, each once, and cbor_skip accepts floats and other simple values. Lengths
 * stay definite, heads shortest. More than LIMIT_CBOR_KEYS keys in open maps are too-long. Readers
 * made by cbor_inside share keys, which must outlive them all; one reader is used at a time.
 */
struct cbor cbor_foreign(struct span in, size_t base, const char *part, struct cbor_keys *keys,
                         struct situs_err *err);

/* cbor_peek is the type of the next item, its tag first; CBOR_END when there is none. */
enum cbor_kind cbor_peek(const struct cbor *c);

/* cbor_at is the offset of the next byte within the part. */
size_t cbor_at(const struct cbor *c);

/* Items. A wrong type is malformed; no item left in the container is missing. */
uint64_t cbor_uint(struct cbor *c, const char *field);
int64_t cbor_int(struct cbor *c, const char *field);    /* beyond int64_t: unsupported */
int64_t cbor_number(struct cbor *c, const char *field); /* foreign: also a float equal to one */
struct span cbor_bytes(struct cbor *c, const char *field);
struct span cbor_text(struct cbor *c, const char *field); /* valid UTF-8 */

/* cbor_array and cbor_map open a container and are its number of items or pairs, which fits the
 * bytes left. cbor_leave closes the innermost container: trailing when items are left. */
size_t cbor_array(struct cbor *c, const char *field);
size_t cbor_map(struct cbor *c, const char *field);
bool cbor_leave(struct cbor *c, const char *field);

/* cbor_tag is the number of the tag whose content comes next. */
uint64_t cbor_tag(struct cbor *c, const char *field);

/* cbor_tag_is demands exactly this tag; another one is a mismatch. */
bool cbor_tag_is(struct cbor *c, uint64_t tag, const char *field);

/* cbor_skip checks the next item, tags and content and all, and is its encoded bytes. */
struct span cbor_skip(struct cbor *c, const char *field);

/* cbor_inside reads a byte string and opens a reader of the one item that it holds. */
struct cbor cbor_inside(struct cbor *c, const char *field);

/* cbor_fail records a failure of the caller's own rules at offset at; returns false. */
bool cbor_fail(struct cbor *c, enum situs_code code, const char *field, size_t at,
               const char *expected, const char *got);

/* cbor_ok says that nothing failed so far. */
bool cbor_ok(const struct cbor *c);

/* cbor_end says that the item was read to its end, no byte follows and nothing failed. */
bool cbor_end(struct cbor *c, const char *field);

/* One open container of the writer; key is where the last key lies in the output. */
struct cbor_out_level {
    uint64_t left;
    bool map;
    size_t key_at, key_n;
};

/* A writer of one item. The caller states counts first and writes map pairs in key order; a count
 * or an order that does not hold is a mistake of ours and is asserted. */
struct cbor_out {
    struct wr *w;
    unsigned depth;
    struct cbor_out_level level[LIMIT_NESTING + 1];
};

struct cbor_out cbor_out_new(struct wr *w);
void cbor_put_uint(struct cbor_out *o, uint64_t v);
void cbor_put_int(struct cbor_out *o, int64_t v);
void cbor_put_bytes(struct cbor_out *o, struct span s);
/* The head of a byte string whose n bytes the caller writes behind it; no key. */
void cbor_put_bytes_head(struct cbor_out *o, size_t n);
void cbor_put_text(struct cbor_out *o, struct span s); /* valid UTF-8 */
void cbor_put_tag(struct cbor_out *o, uint64_t tag);
void cbor_put_item(struct cbor_out *o, struct span encoded); /* one whole item */

/* A container closes itself after its last item. */
void cbor_put_array(struct cbor_out *o, size_t n);
void cbor_put_map(struct cbor_out *o, size_t pairs);

/* cbor_put_end asserts that the item is complete; false when the output was cut. */
bool cbor_put_end(struct cbor_out *o);

#endif
