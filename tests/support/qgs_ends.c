/* Messages of both ends (qgs_msg_lib.h of Intel's DCAP); see qgs_ends.h. */
#include "support/qgs_ends.h"

/* The header of 16 bytes, two sizes of 4 and what the sizes are of. */
static void put(struct wr *w, uint32_t type, uint32_t first, uint32_t second, struct span body)
{
    wr_u16le(w, 1); /* major_version */
    wr_u16le(w, 0);
    wr_u32le(w, type);
    wr_u32le(w, 24 + (uint32_t)body.n);
    wr_u32le(w, 0); /* error_code */
    wr_u32le(w, first);
    wr_u32le(w, second);
    wr_bytes(w, body);
}

void qgs_request_write(struct wr *w, struct span report)
{
    put(w, 0, (uint32_t)report.n, 0, report); /* report_size, id_list_size */
}

void qgs_answer_write(struct wr *w, struct span quote)
{
    put(w, 1, 0, (uint32_t)quote.n, quote); /* selected_id_size, quote_size */
}
