/* TCB info reader; see tcb_info.h. */
#include "endorse/intel/tcb_info.h"

#include "base/limits.h"
#include "base/text.h"
#include "endorse/intel/levels.h"

enum { COMPONENTS = 16 };

/* name_component keeps the name of a component of the newest level: its type, else its category. */
static bool name_component(const struct json *component, const char **name, struct arena *a,
                           struct situs_err *err)
{
    const char *key = json_has(component, "type") ? "type" : "category";
    struct span text;
    if (!json_has(component, key))
        return true;
    if (!json_get_text(component, key, &text, err))
        return false;
    struct span copy = arena_copy(a, span_of(text.p, text.n + 1)); /* with its zero byte */
    *name = (const char *)copy.p;
    return copy.p || json_fail(component, SITUS_NO_MEMORY, "room for the name", "none", err);
}

static bool read_components(const struct json *tcb, const char *key, uint8_t svn[COMPONENTS],
                            const char **names, struct arena *a, struct situs_err *err)
{
    struct json array;
    if (!json_get_array(tcb, key, &array, err))
        return false;
    if (json_count(&array) != COMPONENTS)
        return json_fail(&array, SITUS_MALFORMED, "16 components", TEXT_NUM(json_count(&array)),
                         err);
    for (size_t i = 0; i < COMPONENTS; i++) {
        struct json component = json_element(&array, i);
        int64_t v;
        if (!json_get_num(&component, "svn", 0, UINT8_MAX, &v, err))
            return false;
        svn[i] = (uint8_t)v;
        if (names && !name_component(&component, &names[i], a, err))
            return false;
    }
    return true;
}

/* The order of Intel's QVL: SGX components, PCESVN, TDX components. */
static int compare(const struct tcb_level *a, const struct tcb_level *b)
{
    int c = memcmp(a->sgx, b->sgx, COMPONENTS);
    if (c)
        return c;
    if (a->pcesvn != b->pcesvn)
        return a->pcesvn < b->pcesvn ? -1 : 1;
    return memcmp(a->tdx, b->tdx, COMPONENTS);
}

static bool read_levels(struct tcb_info *info, const struct json *body, struct arena *a,
                        struct situs_err *err)
{
    struct json array;
    struct tcb_level *v;
    if (!levels_array(body, &array, &v, a, err))
        return false;
    size_t n = json_count(&array);
    for (size_t i = 0; i < n; i++) {
        struct json level = json_element(&array, i), tcb;
        const char **names[2] = {i ? NULL : info->component[0], i ? NULL : info->component[1]};
        int64_t pcesvn;
        if (!json_get_object(&level, "tcb", &tcb, err) ||
            !read_components(&tcb, "sgxtcbcomponents", v[i].sgx, names[0], a, err) ||
            !json_get_num(&tcb, "pcesvn", 0, UINT16_MAX, &pcesvn, err) ||
            !levels_common(&level, &v[i], a, err))
            return false;
        v[i].pcesvn = (uint16_t)pcesvn;
        if (info->tdx && !read_components(&tcb, "tdxtcbcomponents", v[i].tdx, names[1], a, err))
            return false;
        if (i && compare(&v[i], &v[i - 1]) >= 0)
            return json_fail(&level, SITUS_MALFORMED, "levels in descending order",
                             "a level that is not below the one before", err);
    }
    info->levels = (struct tcb_levels){v, n};
    return true;
}

static bool read_module(const struct json *module, uint8_t mrsigner[48], uint8_t attributes[8],
                        uint8_t mask[8], struct situs_err *err)
{
    return json_get_hex(module, "mrsigner", mrsigner, 48, err) &&
           json_get_hex(module, "attributes", attributes, 8, err) &&
           json_get_hex(module, "attributesMask", mask, 8, err);
}

static bool read_module_id(const struct json *module, uint8_t *version, struct situs_err *err)
{
    struct span id;
    struct json v;
    if (!json_get(module, "id", &v, err) || !json_as_text(&v, &id, err))
        return false;
    return (id.n == 6 && span_starts(id, SPAN_LIT("TDX_")) &&
            text_hex_read(version, 1, span_cut(id, 4, 2))) ||
           json_fail(&v, SITUS_MALFORMED, "TDX_ and two hex digits", TEXT_CUT(id), err);
}

static bool read_modules(struct tcb_info *info, const struct json *body, struct arena *a,
                         struct situs_err *err)
{
    struct json array;
    if (!json_has(body, "tdxModuleIdentities")) /* before 2023 there was but one module */
        return true;
    if (!json_get_array(body, "tdxModuleIdentities", &array, err))
        return false;
    size_t n = json_count(&array);
    if (n > LIMIT_TCB_MODULES)
        return json_fail(&array, SITUS_TOO_LONG, "at most 16 modules", TEXT_NUM(n), err);
    struct tdx_module *v = ARENA_ARRAY(a, n, struct tdx_module);
    if (!v)
        return json_fail(&array, SITUS_NO_MEMORY, "room for the modules", "none", err);
    for (size_t i = 0; i < n; i++) {
        struct json module = json_element(&array, i);
        if (!read_module_id(&module, &v[i].version, err) ||
            !read_module(&module, v[i].mrsigner, v[i].attributes, v[i].attributes_mask, err) ||
            !levels_isvsvn(&module, &v[i].levels, a, err))
            return false;
        for (size_t k = 0; k < i; k++)
            if (v[k].version == v[i].version)
                return json_fail(&module, SITUS_DUPLICATE, "each module once", "one twice", err);
    }
    info->modules = v;
    info->n_modules = n;
    return true;
}

static bool read_head(struct tcb_info *info, const struct json *body, struct situs_err *err)
{
    struct json v;
    struct span id;
    int64_t n;
    if (!json_get(body, "id", &v, err) || !json_as_text(&v, &id, err))
        return false;
    info->tdx = span_equal(id, SPAN_LIT("TDX"));
    if (!info->tdx && !span_equal(id, SPAN_LIT("SGX")))
        return json_fail(&v, SITUS_UNKNOWN, "SGX or TDX", TEXT_CUT(id), err);
    return json_get_num(body, "version", 3, 3, &n, err) && levels_window(body, &info->valid, err) &&
           json_get_hex(body, "fmspc", info->fmspc, sizeof info->fmspc, err) &&
           json_get_hex(body, "pceId", info->pceid, sizeof info->pceid, err) &&
           json_get_num(body, "tcbType", 0, 0, &n, err) &&
           json_get_num(body, "tcbEvaluationDataNumber", 0, INT32_MAX, &info->evaluation_number,
                        err);
}

static bool read_body(struct tcb_info *info, const struct json *body, struct arena *a,
                      struct situs_err *err)
{
    struct json module;
    if (!read_head(info, body, err) || !read_levels(info, body, a, err))
        return false;
    if (!info->tdx)
        return true;
    info->has_module = json_has(body, "tdxModule");
    if (info->has_module &&
        (!json_get_object(body, "tdxModule", &module, err) ||
         !read_module(&module, info->mrsigner, info->attributes, info->attributes_mask, err)))
        return false;
    return read_modules(info, body, a, err);
}

bool tcb_info_read(struct tcb_info *info, struct span raw, const char *name, struct arena *a,
                   struct situs_err *err)
{
    struct json_doc doc;
    struct json body, top = {.doc = &doc};
    *info = (struct tcb_info){0};
    if (!json_read(&doc, &body, raw, name, err))
        return false;
    body.parent = &top; /* for the field names in errors */
    body.key = "tcbInfo";
    bool good = read_body(info, &body, a, err);
    json_free(&doc);
    return good;
}
