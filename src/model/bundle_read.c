/* Reading a bundle, CBOR and JSON (draft-ietf-rats-msg-wrap 3.1 and 3.3); see bundle.h. */
#include "base/text.h"
#include "codec/base64url.h"
#include "codec/cbor.h"
#include "codec/json/json.h"
#include "model/bundle.h"

/* The kind of a media type; parameters and other cases are not normalised, so unknown. */
static enum item_kind kind_of_type(struct span type)
{
    for (enum item_kind k = 0; k < ITEM_KIND_COUNT; k++)
        if (span_equal(span_text(item_row(k)->type), type))
            return k;
    return ITEM_KIND_COUNT;
}

/* A label as text in the arena. One that does not fit or holds a zero byte becomes "?", which
 * bundle_add refuses. */
static const char *copy_label(struct span label, struct arena *a)
{
    char *text = arena_take(a, BUNDLE_LABEL_MAX + 2);
    if (!text)
        return NULL;
    if (label.n > BUNDLE_LABEL_MAX)
        label = SPAN_LIT("?");
    return text_cut(text, BUNDLE_LABEL_MAX + 2, label);
}

struct reader {
    struct bundle *bundle;
    struct arena *arena;
    struct situs_err *err;
    bool typed; /* the collection type was seen */
};

static bool no_memory(const char *field, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, BUNDLE_PART, field, SITUS_NO_OFFSET, "room in the arena",
                    "none left");
}

static bool check_typed(const struct reader *r)
{
    if (r->typed)
        return true;
    err_fail(r->err, SITUS_MISSING, BUNDLE_PART, BUNDLE_TYPE_KEY, SITUS_NO_OFFSET, BUNDLE_TYPE,
             "no collection type");
    return err_hint(r->err,
                    "this is no bundle (situs-bundle(5)), nor a quote; is it the right file?");
}

/* One record in CBOR. */
static bool cbor_record(struct reader *r, struct cbor *c, const char *label)
{
    char field[80];
    size_t n = cbor_array(c, label), at = cbor_at(c);
    text_member(field, label, "type");
    struct span type = cbor_text(c, field);
    enum item_kind kind = kind_of_type(type);
    if (cbor_ok(c) && kind == ITEM_KIND_COUNT)
        return cbor_fail(c, SITUS_UNKNOWN, field, at, "a type of bundles", TEXT_CUT(type));
    text_member(field, label, "value");
    struct span value = cbor_bytes(c, field);
    if (cbor_ok(c) && n > 2) {
        text_member(field, label, "ind");
        at = cbor_at(c);
        uint64_t ind = cbor_uint(c, field);
        if (cbor_ok(c) && ind != item_row(kind)->ind)
            return cbor_fail(c, SITUS_MISMATCH, field, at, TEXT_NUM(item_row(kind)->ind),
                             TEXT_NUM(ind));
    }
    return cbor_leave(c, label) && bundle_add(r->bundle, label, kind, value, r->err);
}

static bool cbor_member(struct reader *r, struct cbor *c)
{
    struct span key = cbor_text(c, "label");
    if (!cbor_ok(c))
        return false;
    if (span_equal(key, SPAN_LIT(BUNDLE_TYPE_KEY))) {
        size_t at = cbor_at(c);
        struct span type = cbor_text(c, BUNDLE_TYPE_KEY);
        if (cbor_ok(c) && !span_equal(type, SPAN_LIT(BUNDLE_TYPE)))
            return cbor_fail(c, SITUS_MISMATCH, BUNDLE_TYPE_KEY, at, BUNDLE_TYPE, TEXT_CUT(type));
        r->typed = true;
        return cbor_ok(c);
    }
    const char *label = copy_label(key, r->arena);
    return label ? cbor_record(r, c, label) : no_memory("label", r->err);
}

static bool read_cbor(struct reader *r, struct span in)
{
    struct cbor c = cbor_new(in, 0, BUNDLE_PART, r->err);
    size_t n = cbor_map(&c, "collection");
    for (size_t i = 0; cbor_ok(&c) && i < n; i++)
        if (!cbor_member(r, &c))
            return false;
    return cbor_leave(&c, "collection") && cbor_end(&c, "collection") && check_typed(r);
}

static bool json_value(struct reader *r, const struct json *v, struct span *value)
{
    struct span text;
    if (!json_as_text(v, &text, r->err))
        return false;
    size_t n, room = text.n / 4 * 3 + 2; /* RFC 4648 4: 3 bytes for 4 digits, or 1 or 2 more */
    uint8_t *bytes = arena_take(r->arena, room);
    if (!bytes)
        return no_memory("value", r->err);
    if (!base64url_read(bytes, room, &n, text))
        return json_fail(v, SITUS_MALFORMED, "base64url without padding", "other text", r->err);
    *value = span_of(bytes, n);
    return true;
}

/* A JSON error names the element of the record; this names it as CBOR errors do. */
static struct json element(const struct json *record, size_t i)
{
    static const char *const names[] = {"type", "value", "ind"};
    struct json v = json_element(record, i);
    v.key = names[i];
    return v;
}

static bool json_record(struct reader *r, const struct json *record, const char *label)
{
    struct span type, value = {0};
    if (!json_as_array(record, r->err))
        return false;
    size_t n = json_count(record);
    if (n < 2 || n > 3)
        return json_fail(record, SITUS_MALFORMED, "[type, value, ind]", TEXT_NUM(n), r->err);
    struct json v = element(record, 0);
    if (!json_as_text(&v, &type, r->err))
        return false;
    enum item_kind kind = kind_of_type(type);
    if (kind == ITEM_KIND_COUNT)
        return json_fail(&v, SITUS_UNKNOWN, "a type of bundles", TEXT_CUT(type), r->err);
    v = element(record, 1);
    if (!json_value(r, &v, &value))
        return false;
    if (n == 3) {
        int64_t ind;
        v = element(record, 2);
        if (!json_as_num(&v, 0, INT64_MAX, &ind, r->err))
            return false;
        if (ind != item_row(kind)->ind)
            return json_fail(&v, SITUS_MISMATCH, TEXT_NUM(item_row(kind)->ind), TEXT_NUM(ind),
                             r->err);
    }
    return bundle_add(r->bundle, label, kind, value, r->err);
}

static bool json_member(struct reader *r, const struct json *member)
{
    if (strcmp(member->key, BUNDLE_TYPE_KEY) == 0) {
        struct span type;
        if (!json_as_text(member, &type, r->err))
            return false;
        if (!span_equal(type, SPAN_LIT(BUNDLE_TYPE)))
            return json_fail(member, SITUS_MISMATCH, BUNDLE_TYPE, TEXT_CUT(type), r->err);
        return true;
    }
    const char *label = copy_label(span_text(member->key), r->arena);
    return label ? json_record(r, member, label) : no_memory("label", r->err);
}

static bool read_json(struct reader *r, struct span in)
{
    struct json_doc doc = {0};
    struct json root, member = {0};
    bool ok = json_read(&doc, &root, in, BUNDLE_PART, r->err) && json_as_object(&root, r->err);
    r->typed =
        ok && json_has(&root, BUNDLE_TYPE_KEY); /* first: other JSON is not called a bad bundle */
    ok = ok && check_typed(r);
    while (ok && json_next(&root, &member))
        ok = json_member(r, &member);
    json_free(&doc);
    return ok;
}

bool bundle_read(struct bundle *b, struct span in, struct arena *a, struct situs_err *err)
{
    struct reader r = {b, a, err, false};
    *b = (struct bundle){0};
    if (in.n > LIMIT_BUNDLE)
        return err_fail(err, SITUS_TOO_LONG, BUNDLE_PART, "collection", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_BUNDLE), TEXT_BYTES(in.n));
    /* draft-ietf-rats-msg-wrap 3.5: the first byte tells JSON from CBOR */
    bool ok = in.n && in.p[0] == '{' ? read_json(&r, in) : read_cbor(&r, in);
    if (!ok)
        *b = (struct bundle){0};
    return ok;
}
