/* QE identity, version 2 (Intel PCS API version 4, Get Quoting Enclave Identity): who may sign
 * quotes. */
#include "base/time.h"
#include "lab/intel/lab_json.h"

struct lab_qe_identity lab_qe_identity_honest(struct lab_world *w, const struct lab_platform *p,
                                              bool tdx)
{
    /* What the identity demands is what the machine's quoting enclave is. */
    struct lab_quote quote = tdx ? lab_quote_tdx(w, p, 4, LAB_BODY_TD10) : lab_quote_sgx(w, p, 3);
    struct lab_qe_identity q = {
        .id = tdx ? "TD_QE" : "QE",
        .version = 2,
        .issue_date = lab_world_at(w) - LAB_DAY,
        .next_update = lab_world_at(w) + 30 * LAB_DAY,
        .evaluation_number = 19,
        .miscselect_mask = {0xff, 0xff, 0xff, 0xff},
        .attributes = {0x11}, /* INIT, PROVISION_KEY, and not DEBUG */
        .attributes_mask = {0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        .isvprodid = quote.qe.isvprodid,
        .levels = {.v = {{.isvsvn = 8, .date = "2025-05-14T00:00:00Z", .status = "UpToDate"},
                         {.isvsvn = 4,
                          .date = "2024-03-13T00:00:00Z",
                          .status = "OutOfDate",
                          .advisories = {"INTEL-SA-00960"}}},
                   .n = 2},
        .signing_key = LAB_KEY_TCB_SIGNING,
    };
    memcpy(q.mrsigner, quote.qe.mrsigner, 32);
    return q;
}

struct lab_signed lab_qe_identity_make(struct lab_world *w, const struct lab_qe_identity *q)
{
    const struct {
        const char *key;
        struct span value;
    } members[] = {
        {"miscselect", SPAN_ARR(q->miscselect)}, {"miscselectMask", SPAN_ARR(q->miscselect_mask)},
        {"attributes", SPAN_ARR(q->attributes)}, {"attributesMask", SPAN_ARR(q->attributes_mask)},
        {"mrsigner", SPAN_ARR(q->mrsigner)},
    };
    struct lab_buf b = {0};
    lab_buf_format(&b,
                   "{\"id\":\"%s\",\"version\":%d,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
                   "\"tcbEvaluationDataNumber\":%d",
                   q->id, q->version, TEXT_TIME(q->issue_date), TEXT_TIME(q->next_update),
                   q->evaluation_number);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        lab_buf_text(&b, ",");
        lab_json_hex(&b, members[i].key, members[i].value);
    }
    lab_buf_format(&b, ",\"isvprodid\":%u", q->isvprodid);
    lab_json_levels(&b, &q->levels);
    lab_buf_text(&b, "}");
    return lab_json_signed(w, &b, "enclaveIdentity", q->signing_key, q->before, q->after);
}
