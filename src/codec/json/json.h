/*
 * JSON (RFC 8259) by jansson: duplicate keys and NUL are refused, nesting is bounded, and every
 * error names the part, the dotted field and, for syntax, the byte offset. Typed getters only: a
 * value is never converted.
 */
#ifndef SITUS_CODEC_JSON_H
#define SITUS_CODEC_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* A document: owns every value read from it. The zero state may be freed. */
struct json_doc {
    void *root;
    const char *part; /* for errors */
};

/*
 * One value of a document, with the way to it for error messages: parent must outlive it (both are
 * mostly variables of one function). Copy freely; it owns nothing.
 */
struct json {
    const struct json_doc *doc;
    void *value;
    const struct json *parent; /* NULL at the root */
    const char *key;           /* NULL for elements of an array */
    size_t index;
};

/* json_read parses text, to its last byte, into doc and root; it has at most LIMIT_JSON_VALUES
 * values. On failure doc holds nothing. part must outlive doc. Free with json_free. */
bool json_read(struct json_doc *doc, struct json *root, struct span text, const char *part,
               struct situs_err *err);
void json_free(struct json_doc *doc);

/* json_read_nul is json_read for a document whose text may hold NUL: the reader of each member must
 * then expect one. */
bool json_read_nul(struct json_doc *doc, struct json *root, struct span text, const char *part,
                   struct situs_err *err);

/* json_fail records a failure at a value: its part and dotted path, and no offset. */
bool json_fail(const struct json *at, enum situs_code code, const char *expected, const char *got,
               struct situs_err *err);

/* json_no_memory records that the arena has no room for a value; json_keep_text copies text that
 * must not be empty into it. */
bool json_no_memory(const struct json *at, struct situs_err *err);
bool json_keep_text(const struct json *v, struct span *out, struct arena *a, struct situs_err *err);

/* json_has says that the object has the key. */
bool json_has(const struct json *object, const char *key);

/* json_get is the member key of an object; missing when absent, malformed when object is none. */
bool json_get(const struct json *object, const char *key, struct json *out, struct situs_err *err);

/* json_is_* say what kind of value it is; integers only count as numbers. */
bool json_is_object_value(const struct json *v);
bool json_is_array_value(const struct json *v);
bool json_is_null_value(const struct json *v);

/* json_get_* are the members of one type. Text ends in a zero byte (not counted), holds no other
 * (but for json_read_nul), and lives as long as the document. A number is an integer from min to
 * max. */
bool json_get_object(const struct json *object, const char *key, struct json *out,
                     struct situs_err *err);
bool json_get_array(const struct json *object, const char *key, struct json *out,
                    struct situs_err *err);
bool json_get_text(const struct json *object, const char *key, struct span *out,
                   struct situs_err *err);
bool json_get_num(const struct json *object, const char *key, int64_t min, int64_t max,
                  int64_t *out, struct situs_err *err);
bool json_get_bool(const struct json *object, const char *key, bool *out, struct situs_err *err);

/* json_copy_text copies a member's text, and a zero byte, into size bytes; too-long where it has no room. json_same_text says that a
 * member is this text; else mismatch. */
bool json_copy_text(const struct json *object, const char *key, char *out, size_t size,
                    struct situs_err *err);
bool json_same_text(const struct json *object, const char *key, const char *expected,
                    struct situs_err *err);

/* json_get_hex is a member that is text of exactly 2 * size hex digits. */
bool json_get_hex(const struct json *object, const char *key, uint8_t *out, size_t size,
                  struct situs_err *err);

/* json_as_* read a value itself, as an element of an array. */
bool json_as_object(const struct json *v, struct situs_err *err);
bool json_as_array(const struct json *v, struct situs_err *err);
bool json_as_text(const struct json *v, struct span *out, struct situs_err *err);
bool json_as_num(const struct json *v, int64_t min, int64_t max, int64_t *out,
                 struct situs_err *err);
bool json_as_bool(const struct json *v, bool *out, struct situs_err *err);

/* json_count is the number of elements of an array or members of an object. */
size_t json_count(const struct json *v);

/* json_element is element i of an array; i must be below json_count. */
struct json json_element(const struct json *array, size_t i);

/* json_next steps through the members of an object in the order of the text: member starts zeroed
 * ({0}); false after the last. member->key is the name. */
bool json_next(const struct json *object, struct json *member);

/* json_unknown records that no key of its object is called as the member. The hint is the key, of
 * n, that was meant; else all of them; none where they have no room, so that the caller's counts. */
bool json_unknown(const struct json *member, const char *const *keys, size_t n,
                  struct situs_err *err);

/* json_known says that every member of the object is one of the n keys; else json_unknown. */
bool json_known(const struct json *object, const char *const *keys, size_t n,
                struct situs_err *err);
#define JSON_KNOWN(object, err, ...)                         \
    json_known((object), (const char *const[]){__VA_ARGS__}, \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), (err))

#endif
