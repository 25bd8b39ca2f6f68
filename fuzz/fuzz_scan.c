/* Whatever the pull reader takes, jansson takes too and says the same of it; but for keys given
 * twice, which jansson never takes. */
#include <assert.h>

#include "codec/json/json.h"
#include "codec/json/scan.h"
#include "oracle.h"

const char *const oracles[] = {"jansson agrees", NULL};

static void same(struct scan *s, const struct json *v)
{
    struct situs_err none = {0}, err = {0};
    struct json member = {0};
    struct scan_level l;
    struct span text;
    int64_t n;
    if (json_is_object_value(v)) {
        scan_object(s, &l, NULL, 0);
        while (scan_any_member(s, &l)) {
            assert(json_next(v, &member) && span_equal(l.key, span_text(member.key)));
            same(s, &member);
        }
        assert(!json_next(v, &member));
        return;
    }
    if (json_is_array_value(v)) {
        for (scan_array(s, &l); scan_element(s, &l);) {
            assert(l.index < json_count(v));
            member = json_element(v, l.index);
            same(s, &member);
        }
        assert(json_count(v) == (l.begun ? l.index + 1 : 0));
        return;
    }
    struct span raw = scan_skip(s);
    struct scan one = scan_new(raw, 0, NULL, "fuzz", &none);
    if (json_as_text(v, &text, &err))
        assert(memchr(raw.p, '\\', raw.n) || span_equal(scan_text(&one), text));
    err = (struct situs_err){0};
    if (json_as_num(v, INT64_MIN, INT64_MAX, &n, &err))
        assert(scan_num(&one, INT64_MIN, INT64_MAX) == n);
    assert(none.code == SITUS_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0}, theirs = {0};
    struct json_doc doc;
    struct json root;
    struct scan s = scan_new(span_of(data, size), 0, NULL, "fuzz", &err), again = s;
    struct span raw = scan_skip(&s);
    bool taken = scan_end(&s);
    assert(taken == (err.code == SITUS_NONE) && raw.n <= size);
    if (!taken || !strchr("{[", raw.p[0])) /* jansson reads objects and arrays */
        return 0;
    bool read = json_read(&doc, &root, span_of(data, size), "fuzz", &theirs);
    assert(read || theirs.code == SITUS_DUPLICATE);
    if (read) {
        same(&again, &root);
        oracle_ran(0);
    }
    assert(err.code == SITUS_NONE);
    json_free(&doc);
    return 0;
}
