/* QE identity reader; see qe_identity.h. */
#include "endorse/intel/qe_identity.h"

#include "base/text.h"
#include "endorse/intel/levels.h"

/* MISCSELECT is written as a number, high digits first; the report has it little-endian. */
static bool get_miscselect(const struct json *body, const char *key, uint8_t out[4],
                           struct situs_err *err)
{
    uint8_t big[4];
    if (!json_get_hex(body, key, big, sizeof big, err))
        return false;
    for (size_t i = 0; i < 4; i++)
        out[i] = big[3 - i];
    return true;
}

static bool read_body(struct qe_identity *qe, const struct json *body, struct arena *a,
                      struct situs_err *err)
{
    struct json v;
    struct span id;
    int64_t n;
    if (!json_get(body, "id", &v, err) || !json_as_text(&v, &id, err))
        return false;
    qe->tdx = span_equal(id, SPAN_LIT("TD_QE"));
    if (!qe->tdx && !span_equal(id, SPAN_LIT("QE")))
        return json_fail(&v, SITUS_UNKNOWN, "QE or TD_QE", TEXT_CUT(id), err);
    if (!json_get_num(body, "version", 2, 2, &n, err) || !levels_window(body, &qe->valid, err) ||
        !json_get_num(body, "tcbEvaluationDataNumber", 0, INT32_MAX, &qe->evaluation_number, err) ||
        !get_miscselect(body, "miscselect", qe->miscselect, err) ||
        !get_miscselect(body, "miscselectMask", qe->miscselect_mask, err) ||
        !json_get_hex(body, "attributes", qe->attributes, sizeof qe->attributes, err) ||
        !json_get_hex(body, "attributesMask", qe->attributes_mask, sizeof qe->attributes_mask,
                      err) ||
        !json_get_hex(body, "mrsigner", qe->mrsigner, sizeof qe->mrsigner, err) ||
        !json_get_num(body, "isvprodid", 0, UINT16_MAX, &n, err))
        return false;
    qe->isvprodid = (uint16_t)n;
    return levels_isvsvn(body, &qe->levels, a, err);
}

bool qe_identity_read(struct qe_identity *qe, struct span raw, const char *name, struct arena *a,
                      struct situs_err *err)
{
    struct json_doc doc;
    struct json body, top = {.doc = &doc};
    *qe = (struct qe_identity){0};
    if (!json_read(&doc, &body, raw, name, err))
        return false;
    body.parent = &top; /* for the field names in errors */
    body.key = "enclaveIdentity";
    bool good = read_body(qe, &body, a, err);
    json_free(&doc);
    return good;
}
