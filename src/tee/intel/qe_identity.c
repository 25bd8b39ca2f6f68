/* QE identity reader; see qe_identity.h. */
#include "tee/intel/qe_identity.h"

#include "base/text.h"
#include "tee/intel/levels.h"

/* MISCSELECT is written as a number, high digits first; the report has it little-endian. */
static void read_miscselect(uint8_t out[4], struct scan *s)
{
    uint8_t big[4];
    scan_hex(s, big, sizeof big);
    for (size_t i = 0; i < 4; i++)
        out[i] = big[3 - i];
}

static bool read_id(struct scan *s)
{
    struct span id = scan_text(s);
    bool tdx = span_equal(id, SPAN_LIT("TD_QE"));
    if (!tdx && !span_equal(id, SPAN_LIT("QE")))
        scan_fail(s, SITUS_UNKNOWN, "QE or TD_QE", TEXT_CUT(id));
    return tdx;
}

enum {
    ID,
    VERSION,
    ISSUE_DATE,
    NEXT_UPDATE,
    EVALUATION_NUMBER,
    MISCSELECT,
    MISCSELECT_MASK,
    ATTRIBUTES,
    ATTRIBUTES_MASK,
    MRSIGNER,
    ISVPRODID,
    LEVELS,
    KEYS
};
static const char *const keys[KEYS] = {
    [ID] = "id",
    [VERSION] = "version",
    [ISSUE_DATE] = "issueDate",
    [NEXT_UPDATE] = "nextUpdate",
    [EVALUATION_NUMBER] = "tcbEvaluationDataNumber",
    [MISCSELECT] = "miscselect",
    [MISCSELECT_MASK] = "miscselectMask",
    [ATTRIBUTES] = "attributes",
    [ATTRIBUTES_MASK] = "attributesMask",
    [MRSIGNER] = "mrsigner",
    [ISVPRODID] = "isvprodid",
    [LEVELS] = "tcbLevels",
};

static void read_member(struct qe_identity *qe, size_t key, struct scan *s, struct arena *a)
{
    switch (key) {
    case ID:
        qe->tdx = read_id(s);
        break;
    case VERSION:
        levels_version(s, 2);
        break;
    case ISSUE_DATE:
        qe->valid.from = levels_time(s);
        break;
    case NEXT_UPDATE:
        qe->valid.to = levels_time(s);
        break;
    case EVALUATION_NUMBER:
        qe->evaluation_number = scan_num(s, 0, INT32_MAX);
        break;
    case MISCSELECT:
        read_miscselect(qe->miscselect, s);
        break;
    case MISCSELECT_MASK:
        read_miscselect(qe->miscselect_mask, s);
        break;
    case ATTRIBUTES:
        scan_hex(s, qe->attributes, sizeof qe->attributes);
        break;
    case ATTRIBUTES_MASK:
        scan_hex(s, qe->attributes_mask, sizeof qe->attributes_mask);
        break;
    case MRSIGNER:
        scan_hex(s, qe->mrsigner, sizeof qe->mrsigner);
        break;
    case ISVPRODID:
        qe->isvprodid = (uint16_t)scan_num(s, 0, UINT16_MAX);
        break;
    default:
        qe->levels = levels_isvsvn(s, a);
    }
}

bool qe_identity_read(struct qe_identity *qe, struct span raw, const char *name, struct arena *a,
                      struct situs_err *err)
{
    struct scan s = scan_new(raw, 0, "enclaveIdentity", name, err);
    struct scan_level o;
    *qe = (struct qe_identity){0};
    scan_object(&s, &o, keys, KEYS);
    while (scan_member(&s, &o))
        read_member(qe, o.index, &s, a);
    if (!scan_need(&s, &o, 0))
        return false;
    if (qe->valid.from > qe->valid.to)
        return scan_fail(&s, SITUS_MALFORMED, "issueDate before nextUpdate", "after it");
    return scan_end(&s);
}
