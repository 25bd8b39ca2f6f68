/* Attributes of TDs and enclaves; see attributes.h. */
#include "tee/intel/attributes.h"

#include "base/text.h"

/* ATTRIBUTES of a TD: Intel TDX Module 1.5 ABI, table "TD attributes" (td_param_attributes_t in the
 * module's source). Every bit not named here is reserved, or is one that lets the host look in. */
#define TD_DEBUG (UINT64_C(1) << 0)
#define TD_LASS (UINT64_C(1) << 27)
#define TD_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define TD_MIGRATABLE (UINT64_C(1) << 29)
#define TD_PKS (UINT64_C(1) << 30)
#define TD_KL (UINT64_C(1) << 31)
#define TD_PERFMON (UINT64_C(1) << 63)

static bool refuse(struct findings *f, const char *field, const char *expected, struct span got,
                   const char *hint)
{
    return finding_fail(f, CHECK_TDX_ATTRIBUTES, SITUS_NOT_ALLOWED, FINDING_AT("quote", field),
                        expected, TEXT_HEX(got), hint);
}

static const struct {
    uint64_t bit;
    enum param allowed; /* PARAM_COUNT: never */
    const char *expected, *hint;
} rules[] = {
    {TD_DEBUG, PARAM_COUNT, "DEBUG (bit 0) clear", "start the TD without debugging"},
    {TD_MIGRATABLE, PARAM_COUNT, "MIGRATABLE (bit 29) clear", "start the TD as not migratable"},
    {TD_PKS, PARAM_TDX_PKS, "PKS (bit 30) clear", "start the TD without PKS, or set allow_pks"},
    {TD_KL, PARAM_TDX_KL, "KL (bit 31) clear", "start the TD without Key Locker, or set allow_kl"},
    {TD_PERFMON, PARAM_TDX_PERFMON, "PERFMON (bit 63) clear",
     "start the TD without PERFMON, or set allow_perfmon"},
};

static bool td_attributes(struct span bytes, const struct policy *p, struct findings *f)
{
    const uint64_t known =
        TD_DEBUG | TD_LASS | TD_SEPT_VE_DISABLE | TD_MIGRATABLE | TD_PKS | TD_KL | TD_PERFMON;
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++)
        bits |= (uint64_t)bytes.p[i] << 8 * i;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        bool allowed = rules[i].allowed != PARAM_COUNT && p->v[rules[i].allowed].flag;
        if (bits & rules[i].bit && !allowed)
            return refuse(f, "body.td_attributes", rules[i].expected, bytes, rules[i].hint);
    }
    if (bits & ~known)
        return refuse(f, "body.td_attributes", "reserved bits clear", bytes, NULL);
    if (p->v[PARAM_TDX_SEPT_VE].flag && !(bits & TD_SEPT_VE_DISABLE))
        return refuse(f, "body.td_attributes", "SEPT_VE_DISABLE (bit 28) set", bytes,
                      "start the TD with sept-ve-disable");
    return true;
}

static bool xfam(struct span bytes, const struct policy *p, struct findings *f)
{
    const struct param_value *allowed = &p->v[PARAM_TDX_XFAM];
    const struct param_value *required = &p->v[PARAM_TDX_XFAM_REQUIRED];
    for (size_t i = 0; allowed->given && i < bytes.n; i++)
        if (allowed->hex.n != bytes.n || bytes.p[i] & ~allowed->hex.p[i])
            return refuse(f, "body.xfam", TEXT_HEX(allowed->hex), bytes,
                          "start the TD with fewer extended features, or widen xfam_allowed");
    for (size_t i = 0; required->given && i < bytes.n; i++)
        if (required->hex.n != bytes.n || required->hex.p[i] & ~bytes.p[i])
            return refuse(f, "body.xfam", TEXT_HEX(required->hex), bytes,
                          "start the TD with these extended features on");
    return true;
}

/* What a policy lists by its 48 bytes; A.3.2. */
static const struct {
    enum param list;
    uint16_t at;
    const char *field, *expected, *hint;
} pins[] = {
    {PARAM_TDX_MRSEAM, 16, "body.mrseam", "a TDX module that the policy lists",
     "load a module that the policy lists, or list this one"},
    {PARAM_TDX_MRCONFIGID, 184, "body.mrconfigid", "an MRCONFIGID that the policy lists",
     "have the host start the TD with an MRCONFIGID that the policy lists"},
    {PARAM_TDX_MROWNER, 232, "body.mrowner", "an MROWNER that the policy lists",
     "have the host start the TD with an MROWNER that the policy lists"},
    {PARAM_TDX_MROWNERCONFIG, 280, "body.mrownerconfig", "an MROWNERCONFIG that the policy lists",
     "have the host start the TD with an MROWNERCONFIG that the policy lists"},
};

static bool pinned(struct span body, const struct policy *p, struct findings *f)
{
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        struct span value = span_cut(body, pins[i].at, 48);
        if (p->v[pins[i].list].given && !policy_digest(p, pins[i].list, value))
            return refuse(f, pins[i].field, pins[i].expected, value, pins[i].hint);
    }
    return true;
}

static bool recent(struct span svn, const char *field, const struct policy *p, struct findings *f)
{
    const struct param_value *least = &p->v[PARAM_TDX_MIN_SVN];
    for (size_t i = 0; least->given && i < svn.n; i++)
        if (least->hex.n != svn.n || svn.p[i] < least->hex.p[i])
            return refuse(f, field, TEXT_HEX(least->hex), svn,
                          "update the TDX module and the platform");
    return true;
}

static void td_check(const struct quote *q, const struct policy *p, struct findings *f)
{
    /* A.3.2: TEE_TCB_SVN at 0, TDATTRIBUTES at 120, XFAM at 128; of a version 1.5 body TEE_TCB_SVN_2 (now) at 584,
     * MRSERVICETD at 600. */
    if (!td_attributes(span_cut(q->body, 120, 8), p, f) || !xfam(span_cut(q->body, 128, 8), p, f) ||
        !pinned(q->body, p, f) || !recent(span_cut(q->body, 0, 16), "body.tee_tcb_svn", p, f) ||
        (q->body_type == 3 && !recent(span_cut(q->body, 584, 16), "body.tee_tcb_svn_2", p, f)))
        return;
    if (q->body_type == 3 && !span_all(span_cut(q->body, 600, 48), 0)) {
        refuse(f, "body.mrservicetd", "zero: no service TD", span_cut(q->body, 600, 48),
               "start the TD without service TDs: a migration TD could move it");
        return;
    }
    finding_pass(f, CHECK_TDX_ATTRIBUTES);
}

void attributes_check(const struct quote *q, const struct policy *p, struct findings *f)
{
    if (q->tdx) {
        td_check(q, p, f);
    } else if (q->body.p[48] & SGX_FLAGS_DEBUG) { /* A.4 table 5: ATTRIBUTES at 48 */
        finding_fail(f, CHECK_SGX_ATTRIBUTES, SITUS_NOT_ALLOWED,
                     FINDING_AT("quote", "body.attributes"), "DEBUG (bit 1) clear",
                     TEXT_HEX(span_cut(q->body, 48, 16)), "run the enclave in production mode");
    } else {
        finding_pass(f, CHECK_SGX_ATTRIBUTES);
    }
}
