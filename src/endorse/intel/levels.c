/* TCB levels of Intel's collateral (PCS API v4); see levels.h. */
#include "endorse/intel/levels.h"

#include "base/limits.h"
#include "base/text.h"

static bool get_time(const struct json *object, const char *key, int64_t *out,
                     struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &text, err))
        return false;
    return time_read_rfc3339(out, text) ||
           json_fail(&v, SITUS_MALFORMED, "YYYY-MM-DDThh:mm:ssZ", TEXT_CUT(text), err);
}

bool levels_window(const struct json *body, struct window *w, struct situs_err *err)
{
    if (!get_time(body, "issueDate", &w->from, err) || !get_time(body, "nextUpdate", &w->to, err))
        return false;
    return w->from <= w->to ||
           json_fail(body, SITUS_MALFORMED, "issueDate before nextUpdate", "after it", err);
}

static bool get_status(const struct json *level, enum tcb_status *out, struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(level, "tcbStatus", &v, err) || !json_as_text(&v, &text, err))
        return false;
    /* Those after Revoked are conclusions; collateral never says them. */
    for (enum tcb_status s = TCB_UP_TO_DATE; s <= TCB_REVOKED; s++)
        if (span_equal(text, span_text(tcb_status_name(s)))) {
            *out = s;
            return true;
        }
    return json_fail(&v, SITUS_UNKNOWN, "a TCB status of PCS API v4", TEXT_CUT(text), err);
}

static bool get_advisories(const struct json *level, struct tcb_level *out, struct arena *a,
                           struct situs_err *err)
{
    struct json array;
    if (!json_has(level, "advisoryIDs"))
        return true;
    if (!json_get_array(level, "advisoryIDs", &array, err))
        return false;
    size_t n = json_count(&array);
    if (n > LIMIT_ADVISORIES)
        return json_fail(&array, SITUS_TOO_LONG, "at most 64 advisories", TEXT_NUM(n), err);
    struct span *v = ARENA_ARRAY(a, n, struct span);
    for (size_t i = 0; v && i < n; i++) {
        struct json element = json_element(&array, i);
        struct span text;
        if (!json_as_text(&element, &text, err))
            return false;
        v[i] = arena_copy(a, text);
        if (!v[i].p)
            v = NULL;
    }
    if (!v)
        return json_fail(&array, SITUS_NO_MEMORY, "room for the advisories", "none", err);
    out->advisories = v;
    out->n_advisories = n;
    return true;
}

bool levels_common(const struct json *level, struct tcb_level *out, struct arena *a,
                   struct situs_err *err)
{
    return get_time(level, "tcbDate", &out->date, err) && get_status(level, &out->status, err) &&
           get_advisories(level, out, a, err);
}

bool levels_array(const struct json *owner, struct json *array, struct tcb_level **v,
                  struct arena *a, struct situs_err *err)
{
    if (!json_get_array(owner, "tcbLevels", array, err))
        return false;
    size_t n = json_count(array);
    if (n == 0 || n > LIMIT_TCB_LEVELS)
        return json_fail(array, n ? SITUS_TOO_LONG : SITUS_MISSING, "1 to 64 levels", TEXT_NUM(n),
                         err);
    *v = ARENA_ARRAY(a, n, struct tcb_level);
    return *v || json_fail(array, SITUS_NO_MEMORY, "room for the levels", "none", err);
}

bool levels_isvsvn(const struct json *owner, struct tcb_levels *levels, struct arena *a,
                   struct situs_err *err)
{
    struct json array;
    struct tcb_level *v;
    if (!levels_array(owner, &array, &v, a, err))
        return false;
    size_t n = json_count(&array);
    for (size_t i = 0; i < n; i++) {
        struct json level = json_element(&array, i), tcb;
        int64_t isvsvn;
        if (!json_get_object(&level, "tcb", &tcb, err) ||
            !json_get_num(&tcb, "isvsvn", 0, UINT16_MAX, &isvsvn, err) ||
            !levels_common(&level, &v[i], a, err))
            return false;
        v[i].isvsvn = (uint16_t)isvsvn;
        if (i && v[i].isvsvn >= v[i - 1].isvsvn)
            return json_fail(&level, SITUS_MALFORMED, "levels in descending order",
                             "a level that is not below the one before", err);
        if (v[i].status != TCB_UP_TO_DATE && v[i].status != TCB_OUT_OF_DATE &&
            v[i].status != TCB_REVOKED)
            return json_fail(&level, SITUS_UNKNOWN, "UpToDate, OutOfDate or Revoked",
                             tcb_status_name(v[i].status), err);
    }
    *levels = (struct tcb_levels){v, n};
    return true;
}
