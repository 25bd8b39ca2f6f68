/*
 * Messages of Intel's quote generation service (Intel SGX/TDX DCAP, quote_wrapper/qgs_msg_lib,
 * qgs_msg_lib.h): little-endian header of 16 bytes, then the body. Only GET_QUOTE is spoken.
 */
#ifndef SITUS_WIRE_QGS_H
#define SITUS_WIRE_QGS_H

#include "base/err.h"
#include "base/wr.h"

#define QGS_REPORT_SIZE 1024 /* TDREPORT_STRUCT (Intel TDX Module ABI, 4.6) */
#define QGS_ERROR_UNEXPECTED 0x00012001

/* qgs_request_read reads a GET_QUOTE_REQ to its last byte: the report of 1024 bytes, and the list
 * of key ids, which may be empty. */
struct qgs_request {
    struct span report, id_list;
};
bool qgs_request_read(struct qgs_request *q, struct span message, struct situs_err *err);

/* qgs_answer_read reads a GET_QUOTE_RESP to its last byte. One with an error code is a failure that
 * says the code. */
struct qgs_answer {
    struct span selected_id, quote;
};
bool qgs_answer_read(struct qgs_answer *a, struct span message, struct situs_err *err);

/* qgs_error_write writes a GET_QUOTE_RESP with an error code. */
void qgs_error_write(struct wr *w, uint32_t code);

#endif
