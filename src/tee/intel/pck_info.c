/*
 * The SGX extension of PCK certificates; see chain.h. Intel SGX PCK Certificate and CRL
 * Profile Specification 1.3.5: a SEQUENCE of (OID, value) pairs below 1.2.840.113741.1.13.1. Their
 * order is not relied on.
 */
#include "tee/intel/chain.h"

#include "base/text.h"
#include "codec/der.h"

/* Contents of the OID 1.2.840.113741.1.13.1; each pair's OID adds one arc (or two in tcb and
 * configuration), every one below 128 and so one byte. */
static const uint8_t sgx_arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

enum { PPID = 1, TCB, PCEID, FMSPC, SGX_TYPE, PLATFORM_INSTANCE_ID, CONFIGURATION };
enum { COMPONENT_01 = 1, COMPONENT_16 = 16, PCESVN, CPUSVN };
enum { DYNAMIC_PLATFORM = 1, CACHED_KEYS, SMT_ENABLED };
enum { LAST_SGX_TYPE = 2 };

/* Arcs met so far in one list, as bits; which are required. */
struct arcs {
    uint32_t seen;
    unsigned last;
    struct span under; /* OID of the list */
};

/* Opens the next (OID, value) pair of a list: its last arc, at most once. 0 after a failure. */
static unsigned next_pair(struct rd *pair, struct rd *list, struct arcs *arcs, const char *field)
{
    size_t at = rd_at(list);
    *pair = der_enter(list, DER_SEQUENCE, field);
    struct span oid = der_oid(pair, field);
    if (!rd_ok(pair))
        return 0;
    unsigned arc =
        oid.n == arcs->under.n + 1 && span_starts(oid, arcs->under) ? oid.p[oid.n - 1] : 0;
    if (arc == 0 || arc > arcs->last) {
        rd_fail(pair, SITUS_UNKNOWN, field, at, "an element of the profile", TEXT_HEX(oid));
        return 0;
    }
    if (arcs->seen & 1u << arc) {
        rd_fail(pair, SITUS_DUPLICATE, field, at, "each element once", TEXT_HEX(oid));
        return 0;
    }
    arcs->seen |= 1u << arc;
    return arc;
}

/* All arcs from 1 to last. */
static bool complete(const struct arcs *arcs, unsigned last, struct rd *list, const char *field)
{
    if (!rd_end(list, field))
        return false;
    for (unsigned arc = 1; arc <= last; arc++)
        if (!(arcs->seen & 1u << arc))
            return rd_fail(list, SITUS_MISSING, field, rd_at(list) - list->pos,
                           "every required element", TEXT_NUM(arc));
    return true;
}

static bool tcb_value(struct pck_info *info, unsigned arc, struct rd *pair)
{
    if (arc == CPUSVN)
        der_octets(pair, info->cpusvn, sizeof info->cpusvn, "sgx.tcb.cpusvn");
    else if (arc == PCESVN)
        info->pcesvn = (uint16_t)der_small(pair, DER_INTEGER, 0xffff, "sgx.tcb.pcesvn");
    else
        info->components[arc - COMPONENT_01] =
            (uint8_t)der_small(pair, DER_INTEGER, 0xff, "sgx.tcb.component");
    return rd_end(pair, "sgx.tcb");
}

static bool tcb(struct pck_info *info, struct rd *value)
{
    static const uint8_t arc_tcb[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, TCB};
    struct arcs arcs = {0, CPUSVN, SPAN_ARR(arc_tcb)};
    struct rd list = der_enter(value, DER_SEQUENCE, "sgx.tcb");
    while (rd_left(&list)) {
        struct rd pair;
        unsigned arc = next_pair(&pair, &list, &arcs, "sgx.tcb");
        if (!arc || !tcb_value(info, arc, &pair))
            return false;
    }
    return complete(&arcs, CPUSVN, &list, "sgx.tcb");
}

static bool configuration(struct pck_info *info, struct rd *value)
{
    static const char field[] = "sgx.configuration";
    static const uint8_t arc_configuration[] = {0x2a, 0x86, 0x48, 0x86, 0xf8,
                                                0x4d, 0x01, 0x0d, 0x01, CONFIGURATION};
    struct arcs arcs = {0, SMT_ENABLED, SPAN_ARR(arc_configuration)};
    struct rd list = der_enter(value, DER_SEQUENCE, field);
    info->has_configuration = true;
    while (rd_left(&list)) {
        struct rd pair;
        unsigned arc = next_pair(&pair, &list, &arcs, field);
        if (!arc)
            return false;
        int8_t on = der_boolean(&pair, field);
        if (!rd_end(&pair, field))
            return false;
        *(arc == DYNAMIC_PLATFORM ? &info->dynamic_platform
          : arc == CACHED_KEYS    ? &info->cached_keys
                                  : &info->smt_enabled) = on;
    }
    return complete(&arcs, 0, &list, field);
}

static bool element(struct pck_info *info, unsigned arc, struct rd *pair)
{
    switch (arc) {
    case PPID:
        return der_octets(pair, info->ppid, sizeof info->ppid, "sgx.ppid");
    case TCB:
        return tcb(info, pair);
    case PCEID:
        return der_octets(pair, info->pceid, sizeof info->pceid, "sgx.pceid");
    case FMSPC:
        return der_octets(pair, info->fmspc, sizeof info->fmspc, "sgx.fmspc");
    case SGX_TYPE:
        info->sgx_type = (uint8_t)der_small(pair, DER_ENUMERATED, LAST_SGX_TYPE, "sgx.sgx_type");
        return rd_ok(pair);
    case PLATFORM_INSTANCE_ID:
        info->has_piid = true;
        return der_octets(pair, info->piid, sizeof info->piid, "sgx.platform_instance_id");
    default:
        return configuration(info, pair);
    }
}

static bool read_info(struct pck_info *info, struct rd *r)
{
    struct arcs arcs = {0, CONFIGURATION, SPAN_ARR(sgx_arc)};
    struct rd list = der_enter(r, DER_SEQUENCE, "sgx");
    while (rd_left(&list)) {
        struct rd pair;
        unsigned arc = next_pair(&pair, &list, &arcs, "sgx");
        if (!arc || !element(info, arc, &pair) || !rd_end(&pair, "sgx"))
            return false;
    }
    return complete(&arcs, SGX_TYPE, &list, "sgx") && rd_end(r, "sgx");
}

bool pck_info_read(struct pck_info *info, const struct intel_cert *cert, size_t base,
                   const char *part, struct situs_err *err)
{
    *info = (struct pck_info){.dynamic_platform = -1, .cached_keys = -1, .smt_enabled = -1};
    struct rd r = rd_new(cert->sgx, base + cert->sgx_at, part, err);
    bool ok =
        cert->role == INTEL_PCK && cert->sgx.n
            ? read_info(info, &r)
            : rd_fail(&r, SITUS_MISSING, "sgx", base, "a PCK certificate's SGX extension", "none");
    if (!ok)
        *info = (struct pck_info){0};
    return ok;
}
