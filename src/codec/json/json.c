/* JSON reader; see json.h. The only file that includes jansson. */
#include "codec/json/json.h"

#include <jansson.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/near.h"
#include "base/text.h"
#include "base/wr.h"

/* Depth and number of values are bounded before jansson recurses and allocates; brackets and commas
 * inside strings do not count. */
static bool bounded(struct span text, const char *part, struct situs_err *err)
{
    size_t depth = 0, values = 1;
    bool string = false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        bool opens = !string && (c == '{' || c == '[');
        if (c == 0)
            return err_fail(err, SITUS_MALFORMED, part, "json", i, "text without NUL", "a NUL");
        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '}' || c == ']') && depth > 0)
            depth--;
        depth += opens;
        values += opens || (!string && c == ',');
        if (depth > LIMIT_NESTING)
            return err_fail(err, SITUS_TOO_LONG, part, "json", i, "nesting of at most 16",
                            "deeper nesting");
        if (values > LIMIT_JSON_VALUES)
            return err_fail(err, SITUS_TOO_LONG, part, "json", i, "65536 values at most", "more");
    }
    return true;
}

static bool read(struct json_doc *doc, struct json *root, struct span text, size_t flags,
                 const char *part, struct situs_err *err)
{
    *doc = (struct json_doc){NULL, part};
    *root = (struct json){0};
    if (!bounded(text, part, err))
        return false;
    json_error_t e;
    json_t *v = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | flags, &e);
    if (!v) {
        enum json_error_code code = json_error_code(&e);
        bool twice = code == json_error_duplicate_key;
        size_t at = e.position >= 0 && (size_t)e.position <= text.n ? (size_t)e.position : text.n;
        return err_fail(err,
                        twice                                       ? SITUS_DUPLICATE
                        : code == json_error_premature_end_of_input ? SITUS_TOO_SHORT
                        : code == json_error_end_of_input_expected  ? SITUS_TRAILING
                        : code == json_error_out_of_memory          ? SITUS_NO_MEMORY
                                                                    : SITUS_MALFORMED,
                        part, "json", at, twice ? "every key once" : "JSON (RFC 8259)", e.text);
    }
    doc->root = v;
    *root = (struct json){doc, v, NULL, NULL, 0};
    return true;
}

bool json_read(struct json_doc *doc, struct json *root, struct span text, const char *part,
               struct situs_err *err)
{
    return read(doc, root, text, 0, part, err);
}

bool json_read_nul(struct json_doc *doc, struct json *root, struct span text, const char *part,
                   struct situs_err *err)
{
    return read(doc, root, text, JSON_ALLOW_NUL, part, err);
}

void json_free(struct json_doc *doc)
{
    json_decref(doc->root);
    doc->root = NULL;
}

/* path writes the dotted way to a value, outermost first. */
/* NOLINTNEXTLINE(misc-no-recursion): LIMIT_NESTING bounds it */
static void path(struct wr *w, const struct json *v)
{
    if (!v->parent)
        return;
    path(w, v->parent);
    if (v->key)
        wr_format(w, "%s%s", w->n ? "." : "", v->key);
    else
        wr_format(w, "[%zu]", v->index);
}

bool json_fail(const struct json *at, enum situs_code code, const char *expected, const char *got,
               struct situs_err *err)
{
    char field[sizeof err->field] = "";
    struct wr w = wr_new(field, sizeof field - 1);
    path(&w, at);
    return err_fail(err, code, at->doc->part, w.n ? TEXT_CUT(span_text(field)) : "json",
                    SITUS_NO_OFFSET, expected, got);
}

static const char *kind(const struct json *v)
{
    switch (json_typeof((json_t *)v->value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static bool wrong(const struct json *v, const char *expected, struct situs_err *err)
{
    return json_fail(v, SITUS_MALFORMED, expected, kind(v), err);
}

bool json_is_object_value(const struct json *v)
{
    return json_is_object((json_t *)v->value);
}

bool json_is_array_value(const struct json *v)
{
    return json_is_array((json_t *)v->value);
}

bool json_is_null_value(const struct json *v)
{
    return json_is_null((json_t *)v->value);
}

bool json_has(const struct json *object, const char *key)
{
    return json_object_get(object->value, key) != NULL;
}

bool json_get(const struct json *object, const char *key, struct json *out, struct situs_err *err)
{
    *out = (struct json){object->doc, NULL, object, key, 0};
    if (!json_as_object(object, err))
        return false;
    out->value = json_object_get(object->value, key);
    return out->value || json_fail(out, SITUS_MISSING, "this member", "nothing", err);
}

bool json_as_object(const struct json *v, struct situs_err *err)
{
    return json_is_object_value(v) || wrong(v, "an object", err);
}

bool json_as_array(const struct json *v, struct situs_err *err)
{
    return json_is_array_value(v) || wrong(v, "an array", err);
}

bool json_as_text(const struct json *v, struct span *out, struct situs_err *err)
{
    *out = span_of(NULL, 0);
    if (!json_is_string((json_t *)v->value))
        return wrong(v, "text", err);
    *out = span_of(json_string_value(v->value), json_string_length(v->value));
    return true;
}

bool json_as_num(const struct json *v, int64_t min, int64_t max, int64_t *out,
                 struct situs_err *err)
{
    *out = 0;
    if (!json_is_integer((json_t *)v->value))
        return wrong(v, "an integer", err);
    int64_t n = json_integer_value(v->value);
    if (n < min || n > max) {
        char range[64];
        snprintf(range, sizeof range, "%lld to %lld", (long long)min, (long long)max);
        return json_fail(v, SITUS_MALFORMED, range, TEXT_NUM(n), err);
    }
    *out = n;
    return true;
}

bool json_as_bool(const struct json *v, bool *out, struct situs_err *err)
{
    *out = false;
    if (!json_is_boolean((json_t *)v->value))
        return wrong(v, "true or false", err);
    *out = json_is_true((json_t *)v->value);
    return true;
}

bool json_get_object(const struct json *object, const char *key, struct json *out,
                     struct situs_err *err)
{
    return json_get(object, key, out, err) && json_as_object(out, err);
}

bool json_get_array(const struct json *object, const char *key, struct json *out,
                    struct situs_err *err)
{
    return json_get(object, key, out, err) && json_as_array(out, err);
}

bool json_get_text(const struct json *object, const char *key, struct span *out,
                   struct situs_err *err)
{
    struct json v;
    *out = span_of(NULL, 0);
    return json_get(object, key, &v, err) && json_as_text(&v, out, err);
}

bool json_copy_text(const struct json *object, const char *key, char *out, size_t size,
                    struct situs_err *err)
{
    struct json v;
    struct span s;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &s, err))
        return false;
    if (s.n >= size)
        return json_fail(&v, SITUS_TOO_LONG, TEXT_BYTES(size - 1), TEXT_BYTES(s.n), err);
    memcpy(out, s.p, s.n);
    out[s.n] = 0;
    return true;
}

bool json_same_text(const struct json *object, const char *key, const char *expected,
                    struct situs_err *err)
{
    struct json v;
    struct span got;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &got, err))
        return false;
    return span_equal(got, span_text(expected)) ||
           json_fail(&v, SITUS_MISMATCH, TEXT_CUT(span_text(expected)), TEXT_CUT(got), err);
}

bool json_get_num(const struct json *object, const char *key, int64_t min, int64_t max,
                  int64_t *out, struct situs_err *err)
{
    struct json v;
    *out = 0;
    return json_get(object, key, &v, err) && json_as_num(&v, min, max, out, err);
}

bool json_get_bool(const struct json *object, const char *key, bool *out, struct situs_err *err)
{
    struct json v;
    *out = false;
    return json_get(object, key, &v, err) && json_as_bool(&v, out, err);
}

bool json_get_hex(const struct json *object, const char *key, uint8_t *out, size_t size,
                  struct situs_err *err)
{
    struct json v;
    struct span text;
    memset(out, 0, size);
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (text_hex_read(out, size, text))
        return true;
    char expected[48];
    snprintf(expected, sizeof expected, "%zu hex digits", 2 * size);
    memset(out, 0, size);
    return json_fail(&v, SITUS_MALFORMED, expected, TEXT_CUT(text), err);
}

size_t json_count(const struct json *v)
{
    return json_is_array_value(v) ? json_array_size(v->value) : json_object_size(v->value);
}

struct json json_element(const struct json *array, size_t i)
{
    return (struct json){array->doc, json_array_get(array->value, i), array, NULL, i};
}

bool json_next(const struct json *object, struct json *member)
{
    void *iter = member->key
                     ? json_object_iter_next(object->value, json_object_key_to_iter(member->key))
                     : json_object_iter(object->value);
    if (!iter)
        return false;
    *member = (struct json){object->doc, json_object_iter_value(iter), object,
                            json_object_iter_key(iter), 0};
    return true;
}

/* All keys, behind "keys are: "; false when a hint has no room for them. */
static bool list_keys(char hint[200], const char *const *keys, size_t n)
{
    struct wr w = wr_new(hint, 199);
    wr_text(&w, "keys are: ");
    for (size_t i = 0; i < n; i++)
        wr_format(&w, "%s%s", i ? ", " : "", keys[i]);
    wr_u8(&w, 0);
    return wr_ok(&w);
}

bool json_unknown(const struct json *member, const char *const *keys, size_t n,
                  struct situs_err *err)
{
    char hint[200] = "";
    const char *near = near_word(member->key, keys, n);
    json_fail(member, SITUS_UNKNOWN, "a known key", TEXT_CUT(span_text(member->key)), err);
    if (near)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    return near || list_keys(hint, keys, n) ? err_hint(err, hint) : false;
}

bool json_known(const struct json *object, const char *const *keys, size_t n, struct situs_err *err)
{
    struct json member = {0};
    if (!json_as_object(object, err))
        return false;
    while (json_next(object, &member)) {
        size_t i = 0;
        while (i < n && strcmp(keys[i], member.key) != 0)
            i++;
        if (i == n)
            return json_unknown(&member, keys, n, err);
    }
    return true;
}

bool json_no_memory(const struct json *at, struct situs_err *err)
{
    return json_fail(at, SITUS_NO_MEMORY, "room in the arena", "none left", err);
}

bool json_keep_text(const struct json *v, struct span *out, struct arena *a, struct situs_err *err)
{
    struct span text;
    if (!json_as_text(v, &text, err))
        return false;
    if (!text.n)
        return json_fail(v, SITUS_MALFORMED, "text", "empty text", err);
    *out = arena_copy(a, text);
    return out->p || json_no_memory(v, err);
}
