/* QGS messages; see qgs.h. */
#include "wire/qgs.h"

#include "base/rd.h"
#include "base/text.h"

#define PART "qgs"
#define HEADER_SIZE 16
#define GET_QUOTE_REQ 0
#define GET_QUOTE_RESP 1

static void demand(struct rd *r, uint32_t got, uint32_t expected, const char *field, size_t at)
{
    if (rd_ok(r) && got != expected)
        rd_fail(r, SITUS_UNSUPPORTED, field, at, TEXT_NUM(expected), TEXT_NUM(got));
}

/* header reads the header; the error code is for answers. Minor versions add message types. */
static uint32_t header(struct rd *r, struct span message, uint32_t type)
{
    demand(r, rd_u16le(r, "header.major_version"), 1, "header.major_version", 0);
    rd_u16le(r, "header.minor_version");
    demand(r, rd_u32le(r, "header.type"), type, "header.type", 4);
    demand(r, rd_u32le(r, "header.size"), (uint32_t)message.n, "header.size", 8);
    return rd_u32le(r, "header.error_code");
}

bool qgs_request_read(struct qgs_request *q, struct span message, struct situs_err *err)
{
    *q = (struct qgs_request){0};
    struct rd r = rd_new(message, 0, PART, err);
    header(&r, message, GET_QUOTE_REQ);
    demand(&r, rd_u32le(&r, "report_size"), QGS_REPORT_SIZE, "report_size", 16);
    uint32_t ids = rd_u32le(&r, "id_list_size");
    q->report = rd_bytes(&r, QGS_REPORT_SIZE, "report");
    q->id_list = rd_bytes(&r, ids, "id_list");
    if (rd_end(&r, "message"))
        return true;
    *q = (struct qgs_request){0};
    return false;
}

bool qgs_answer_read(struct qgs_answer *a, struct span message, struct situs_err *err)
{
    *a = (struct qgs_answer){0};
    struct rd r = rd_new(message, 0, PART, err);
    uint32_t error = header(&r, message, GET_QUOTE_RESP);
    char code[24] = "0x";
    uint8_t bytes[4] = {(uint8_t)(error >> 24), (uint8_t)(error >> 16), (uint8_t)(error >> 8),
                        (uint8_t)error};
    text_hex(code + 2, sizeof code - 2, SPAN_ARR(bytes));
    if (rd_ok(&r) && error != 0)
        rd_fail(&r, SITUS_NOT_ALLOWED, "header.error_code", 12, "0", code);
    uint32_t id = rd_u32le(&r, "selected_id_size"), quote = rd_u32le(&r, "quote_size");
    a->selected_id = rd_bytes(&r, id, "selected_id");
    a->quote = rd_bytes(&r, quote, "quote");
    if (rd_end(&r, "message"))
        return true;
    *a = (struct qgs_answer){0};
    return false;
}

void qgs_error_write(struct wr *w, uint32_t code)
{
    wr_u16le(w, 1);
    wr_u16le(w, 0);
    wr_u32le(w, GET_QUOTE_RESP);
    wr_u32le(w, HEADER_SIZE + 8);
    wr_u32le(w, code);
    wr_u32le(w, 0);
    wr_u32le(w, 0);
}
