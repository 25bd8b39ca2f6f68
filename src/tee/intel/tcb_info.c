/* TCB info reader; see tcb_info.h. */
#include "tee/intel/tcb_info.h"

#include "base/limits.h"
#include "base/text.h"
#include "tee/intel/levels.h"

enum { COMPONENTS = 16 };

/* {"svn": N, "category": NAME, "type": NAME}; name: the type, else the category. */
static uint8_t read_component(struct scan *s, struct span *name)
{
    enum { SVN, CATEGORY, TYPE, KEYS };
    static const char *const keys[KEYS] = {"svn", "category", "type"};
    struct scan_level o;
    int64_t svn = 0;
    scan_object(s, &o, keys, KEYS);
    while (scan_member(s, &o)) {
        if (o.index == SVN)
            svn = scan_num(s, 0, UINT8_MAX);
        else if (!name || (o.index == CATEGORY && o.seen >> TYPE & 1))
            scan_skip(s);
        else
            *name = scan_text(s);
    }
    return scan_need(s, &o, 1u << CATEGORY | 1u << TYPE) ? (uint8_t)svn : 0;
}

static void read_components(uint8_t svn[COMPONENTS], struct span *names, struct scan *s)
{
    struct scan_level list;
    size_t n = 0;
    scan_array(s, &list);
    for (; scan_element(s, &list) && n < COMPONENTS; n++)
        svn[n] = read_component(s, names ? &names[n] : NULL);
    if (n != COMPONENTS)
        scan_fail(s, SITUS_MALFORMED, "16 components", TEXT_NUM(n));
    else if (s->top == &list)
        scan_fail_whole(s, SITUS_MALFORMED, "16 components", "more");
}

static void read_tcb(struct tcb_level *level, struct tcb_info *info, bool newest, struct scan *s)
{
    enum { SGX, PCESVN, TDX, KEYS };
    static const char *const keys[KEYS] = {"sgxtcbcomponents", "pcesvn", "tdxtcbcomponents"};
    struct scan_level o;
    scan_object(s, &o, keys, KEYS);
    while (scan_member(s, &o)) {
        if (o.index == SGX)
            read_components(level->sgx, newest ? info->component[0] : NULL, s);
        else if (o.index == PCESVN)
            level->pcesvn = (uint16_t)scan_num(s, 0, UINT16_MAX);
        else if (info->tdx)
            read_components(level->tdx, newest ? info->component[1] : NULL, s);
        else
            scan_skip(s);
    }
    scan_need(s, &o, info->tdx ? 0 : 1u << TDX);
}

static bool read_level(struct tcb_level *level, struct tcb_info *info, bool newest, struct scan *s,
                       struct arena *a)
{
    enum { TCB, DATE, STATUS, ADVISORIES, KEYS };
    static const char *const keys[KEYS] = {"tcb", "tcbDate", "tcbStatus", "advisoryIDs"};
    struct scan_level o;
    *level = (struct tcb_level){0};
    scan_object(s, &o, keys, KEYS);
    while (scan_member(s, &o)) {
        if (o.index == TCB)
            read_tcb(level, info, newest, s);
        else if (o.index == DATE)
            level->date = levels_time(s);
        else if (o.index == STATUS)
            level->status = levels_status(s);
        else
            levels_advisories(level, s, a);
    }
    return scan_need(s, &o, 1u << ADVISORIES);
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

static void read_levels(struct tcb_info *info, struct scan *s, struct arena *a)
{
    struct tcb_level v[LIMIT_TCB_LEVELS];
    size_t n = 0;
    struct scan_level list;
    scan_array(s, &list);
    for (; scan_element(s, &list); n++) {
        if (n == LIMIT_TCB_LEVELS) {
            scan_fail_whole(s, SITUS_TOO_LONG, "1 to 64 levels", "more");
            return;
        }
        if (!read_level(&v[n], info, n == 0, s, a))
            return;
        if (n && compare(&v[n], &v[n - 1]) >= 0)
            scan_fail(s, SITUS_MALFORMED, "levels in descending order",
                      "a level that is not below the one before");
    }
    info->levels = levels_keep(v, n, s, a);
}

static uint8_t read_module_id(struct scan *s)
{
    struct span id = scan_text(s);
    uint8_t version = 0;
    if (id.n != 6 || !span_starts(id, SPAN_LIT("TDX_")) ||
        !text_hex_read(&version, 1, span_cut(id, 4, 2)))
        scan_fail(s, SITUS_MALFORMED, "TDX_ and two hex digits", TEXT_CUT(id));
    return version;
}

/* A module: that of version 0 has neither id nor levels. */
static bool read_module(struct tdx_module *m, bool first, struct scan *s, struct arena *a)
{
    enum { ID, MRSIGNER, ATTRIBUTES, ATTRIBUTES_MASK, LEVELS, KEYS };
    static const char *const keys[KEYS] = {"id", "mrsigner", "attributes", "attributesMask",
                                           "tcbLevels"};
    struct scan_level o;
    *m = (struct tdx_module){0};
    scan_object(s, &o, keys, KEYS);
    while (scan_member(s, &o)) {
        if (o.index == MRSIGNER)
            scan_hex(s, m->mrsigner, sizeof m->mrsigner);
        else if (o.index == ATTRIBUTES)
            scan_hex(s, m->attributes, sizeof m->attributes);
        else if (o.index == ATTRIBUTES_MASK)
            scan_hex(s, m->attributes_mask, sizeof m->attributes_mask);
        else if (first)
            scan_skip(s);
        else if (o.index == ID)
            m->version = read_module_id(s);
        else
            m->levels = levels_isvsvn(s, a);
    }
    return scan_need(s, &o, first ? 1u << ID | 1u << LEVELS : 0);
}

static void read_first_module(struct tcb_info *info, struct scan *s, struct arena *a)
{
    struct tdx_module m;
    info->has_module = read_module(&m, true, s, a);
    memcpy(info->mrsigner, m.mrsigner, sizeof m.mrsigner);
    memcpy(info->attributes, m.attributes, sizeof m.attributes);
    memcpy(info->attributes_mask, m.attributes_mask, sizeof m.attributes_mask);
}

static void read_modules(struct tcb_info *info, struct scan *s, struct arena *a)
{
    struct tdx_module v[LIMIT_TCB_MODULES];
    size_t n = 0;
    struct scan_level list;
    scan_array(s, &list);
    for (; scan_element(s, &list); n++) {
        if (n == LIMIT_TCB_MODULES) {
            scan_fail_whole(s, SITUS_TOO_LONG, "at most 16 modules", "more");
            return;
        }
        if (!read_module(&v[n], false, s, a))
            return;
        for (size_t k = 0; k < n; k++)
            if (v[k].version == v[n].version)
                scan_fail(s, SITUS_DUPLICATE, "each module once", "one twice");
    }
    struct tdx_module *kept = ARENA_ARRAY(a, n, struct tdx_module);
    if (!kept) {
        scan_fail(s, SITUS_NO_MEMORY, "room for the modules", "none");
        return;
    }
    if (n)
        memcpy(kept, v, n * sizeof *v);
    info->modules = kept;
    info->n_modules = n;
}

static bool read_id(struct scan *s)
{
    struct span id = scan_text(s);
    bool tdx = span_equal(id, SPAN_LIT("TDX"));
    if (!tdx && !span_equal(id, SPAN_LIT("SGX")))
        scan_fail(s, SITUS_UNKNOWN, "SGX or TDX", TEXT_CUT(id));
    return tdx;
}

enum {
    ID,
    VERSION,
    ISSUE_DATE,
    NEXT_UPDATE,
    FMSPC,
    PCEID,
    TCB_TYPE,
    EVALUATION_NUMBER,
    MODULE,
    MODULES,
    LEVELS,
    KEYS
};
static const char *const keys[KEYS] = {
    [ID] = "id",
    [VERSION] = "version",
    [ISSUE_DATE] = "issueDate",
    [NEXT_UPDATE] = "nextUpdate",
    [FMSPC] = "fmspc",
    [PCEID] = "pceId",
    [TCB_TYPE] = "tcbType",
    [EVALUATION_NUMBER] = "tcbEvaluationDataNumber",
    [MODULE] = "tdxModule",
    [MODULES] = "tdxModuleIdentities", /* before 2023 there was but one module */
    [LEVELS] = "tcbLevels",
};

static void read_head(struct tcb_info *info, size_t key, struct scan *s)
{
    switch (key) {
    case ID:
        info->tdx = read_id(s);
        break;
    case VERSION:
        levels_version(s, 3);
        break;
    case ISSUE_DATE:
        info->valid.from = levels_time(s);
        break;
    case NEXT_UPDATE:
        info->valid.to = levels_time(s);
        break;
    case FMSPC:
        scan_hex(s, info->fmspc, sizeof info->fmspc);
        break;
    case PCEID:
        scan_hex(s, info->pceid, sizeof info->pceid);
        break;
    case TCB_TYPE:
        scan_num(s, 0, 0);
        break;
    default:
        info->evaluation_number = scan_num(s, 0, INT32_MAX);
    }
}

/* What has a form by TEE: the id, which Intel writes first, must be known. */
static void read_rest(struct tcb_info *info, const struct scan_level *o, struct scan *s,
                      struct arena *a)
{
    if (!scan_need(s, o, ~(UINT64_C(1) << ID)))
        return;
    if (o->index == LEVELS)
        read_levels(info, s, a);
    else if (!info->tdx)
        scan_skip(s);
    else if (o->index == MODULE)
        read_first_module(info, s, a);
    else
        read_modules(info, s, a);
}

bool tcb_info_read(struct tcb_info *info, struct span raw, const char *name, struct arena *a,
                   struct situs_err *err)
{
    struct scan s = scan_new(raw, 0, "tcbInfo", name, err);
    struct scan_level o;
    *info = (struct tcb_info){0};
    scan_object(&s, &o, keys, KEYS);
    while (scan_member(&s, &o)) {
        if (o.index < MODULE)
            read_head(info, o.index, &s);
        else
            read_rest(info, &o, &s, a);
    }
    if (!scan_need(&s, &o, 1u << MODULE | 1u << MODULES))
        return false;
    if (info->valid.from > info->valid.to)
        return scan_fail(&s, SITUS_MALFORMED, "issueDate before nextUpdate", "after it");
    return scan_end(&s);
}
