/* TCB levels of Intel's collateral (PCS API v4); see levels.h. */
#include "tee/intel/levels.h"

#include "base/limits.h"
#include "base/text.h"

void levels_version(struct scan *s, int64_t version)
{
    int64_t got = scan_num(s, 0, INT32_MAX);
    if (!rd_ok(&s->r) || got == version)
        return;
    scan_fail(s, SITUS_UNSUPPORTED, TEXT_NUM(version), TEXT_NUM(got));
    err_hint(s->r.err, "fetch the collateral of version 4 of Intel's service (PCS, PCCS): older "
                       "ones speak of no TDX, or less of it");
}

int64_t levels_time(struct scan *s)
{
    int64_t t = 0;
    struct span text = scan_text(s);
    if (!time_read_rfc3339(&t, text))
        scan_fail(s, SITUS_MALFORMED, "YYYY-MM-DDThh:mm:ssZ", TEXT_CUT(text));
    return t;
}

enum tcb_status levels_status(struct scan *s)
{
    struct span text = scan_text(s);
    /* Those after Revoked are conclusions; collateral never says them. */
    for (enum tcb_status status = TCB_UP_TO_DATE; status <= TCB_REVOKED; status++)
        if (span_equal(text, span_text(tcb_status_name(status))))
            return status;
    scan_fail(s, SITUS_UNKNOWN, "a TCB status of PCS API v4", TEXT_CUT(text));
    return TCB_NONE;
}

void levels_advisories(struct tcb_level *level, struct scan *s, struct arena *a)
{
    struct span v[LIMIT_ADVISORIES];
    size_t n = 0;
    struct scan_level list;
    scan_array(s, &list);
    while (scan_element(s, &list)) {
        if (n == LIMIT_ADVISORIES) {
            scan_fail_whole(s, SITUS_TOO_LONG, "at most 64 advisories", "more");
            return;
        }
        v[n++] = scan_text(s);
    }
    struct span *kept = ARENA_ARRAY(a, n, struct span);
    if (!kept) {
        scan_fail(s, SITUS_NO_MEMORY, "room for the advisories", "none");
        return;
    }
    if (n)
        memcpy(kept, v, n * sizeof *v);
    level->advisories = kept;
    level->n_advisories = n;
}

struct tcb_levels levels_keep(const struct tcb_level *v, size_t n, struct scan *s, struct arena *a)
{
    struct tcb_level *kept = n ? ARENA_ARRAY(a, n, struct tcb_level) : NULL;
    if (!kept) {
        scan_fail(s, n ? SITUS_NO_MEMORY : SITUS_MISSING, n ? "room for the levels" : "a level",
                  "none");
        return (struct tcb_levels){0};
    }
    memcpy(kept, v, n * sizeof *v);
    return (struct tcb_levels){kept, n};
}

/* {"isvsvn": N} */
static uint16_t read_isvsvn(struct scan *s)
{
    static const char *const keys[] = {"isvsvn"};
    struct scan_level o;
    int64_t v = 0;
    scan_object(s, &o, keys, 1);
    while (scan_member(s, &o))
        v = scan_num(s, 0, UINT16_MAX);
    return scan_need(s, &o, 0) ? (uint16_t)v : 0;
}

static bool read_level(struct tcb_level *level, struct scan *s, struct arena *a)
{
    enum { TCB, DATE, STATUS, ADVISORIES, KEYS };
    static const char *const keys[KEYS] = {"tcb", "tcbDate", "tcbStatus", "advisoryIDs"};
    struct scan_level o;
    *level = (struct tcb_level){0};
    scan_object(s, &o, keys, KEYS);
    while (scan_member(s, &o)) {
        if (o.index == TCB)
            level->isvsvn = read_isvsvn(s);
        else if (o.index == DATE)
            level->date = levels_time(s);
        else if (o.index == STATUS)
            level->status = levels_status(s);
        else
            levels_advisories(level, s, a);
    }
    return scan_need(s, &o, 1u << ADVISORIES);
}

struct tcb_levels levels_isvsvn(struct scan *s, struct arena *a)
{
    struct tcb_level v[LIMIT_TCB_LEVELS];
    size_t n = 0;
    struct scan_level list;
    scan_array(s, &list);
    for (; scan_element(s, &list); n++) {
        if (n == LIMIT_TCB_LEVELS) {
            scan_fail_whole(s, SITUS_TOO_LONG, "1 to 64 levels", "more");
            break;
        }
        if (!read_level(&v[n], s, a))
            break;
        if (n && v[n].isvsvn >= v[n - 1].isvsvn)
            scan_fail(s, SITUS_MALFORMED, "levels in descending order",
                      "a level that is not below the one before");
        if (v[n].status != TCB_UP_TO_DATE && v[n].status != TCB_OUT_OF_DATE &&
            v[n].status != TCB_REVOKED)
            scan_fail(s, SITUS_UNKNOWN, "UpToDate, OutOfDate or Revoked",
                      tcb_status_name(v[n].status));
    }
    return levels_keep(v, n, s, a);
}
