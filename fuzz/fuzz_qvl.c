/* The splitter of collateral.json takes what jansson takes, and gives the same texts; but for keys
 * that are written with escapes, which it never takes. */
#include <assert.h>

#include "codec/json/json.h"
#include "oracle.h"
#include "tee/intel/qvl.h"

const char *const oracles[] = {"jansson agrees", "jansson refuses, too", NULL};

/* by_jansson splits text by a tree of values. */
static bool by_jansson(struct qvl *out, const struct json *root, struct situs_err *err)
{
    const char *keys[QVL_KEYS];
    for (enum qvl_key i = 0; i < QVL_KEYS; i++)
        keys[i] = qvl_name(i);
    if (!json_known(root, keys, QVL_KEYS, err))
        return false;
    for (enum qvl_key i = 0; i < QVL_KEYS; i++) {
        struct json v;
        if (i == QVL_PCK_CHAIN && !json_has(root, keys[i]))
            continue;
        if (!json_get(root, keys[i], &v, err))
            return false;
        if (i == QVL_PCK_CHAIN && json_is_null_value(&v))
            continue;
        if (!json_as_text(&v, &out->v[i], err))
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0}, theirs = {0};
    struct qvl ours, expected = {{{NULL, 0}}};
    struct json_doc doc;
    struct json root;
    bool taken = qvl_read(&ours, span_of(data, size), "fuzz", &arena, &err);
    assert(taken == (err.code == SITUS_NONE));
    bool read = json_read_nul(&doc, &root, span_of(data, size), "fuzz", &theirs) &&
                by_jansson(&expected, &root, &theirs);
    assert(taken == read || (read && err.code == SITUS_UNSUPPORTED) || err.code == SITUS_NO_MEMORY);
    for (size_t i = 0; i < QVL_KEYS && taken; i++)
        assert(!ours.v[i].p == !expected.v[i].p && span_equal(ours.v[i], expected.v[i]));
    for (size_t i = 0; i < QVL_KEYS && !taken; i++)
        assert(!ours.v[i].p);
    oracle_ran(taken ? 0 : 1);
    json_free(&doc);
    return 0;
}
