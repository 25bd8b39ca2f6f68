/*
 * The quote generation service: a process of the host that hands TDREPORTs to the quoting enclave,
 * spoken to with Intel's messages (Intel DCAP, qgs_msg_lib) over a Unix socket, each behind its
 * size, four bytes, big-endian, as on the vsock between QEMU and Intel's service.
 */
#ifndef SITUS_LAB_PLATFORM_QGS_H
#define SITUS_LAB_PLATFORM_QGS_H

#include <sys/types.h>

#include "lab/platform/lab_qe.h"

/* Fields of a message, little-endian (qgs_msg_lib.h): header, then two sizes, then the bytes. */
#define QGS_HEADER 16 /* u16 major, u16 minor, u32 type, u32 size, u32 error_code */
#define QGS_MAJOR_VERSION 1
#define QGS_GET_QUOTE_REQ 0  /* u32 report_size, u32 id_list_size, report, id list */
#define QGS_GET_QUOTE_RESP 1 /* u32 selected_id_size, u32 quote_size, id, quote */
#define QGS_MESSAGE_MAX 16384

/* error_code of an answer. */
#define QGS_SUCCESS 0
#define QGS_ERROR_UNEXPECTED 0x12001
#define QGS_ERROR_INVALID_PARAMETER 0x12003
#define QGS_ERROR_INVALID_VERSION 0x12004
#define QGS_ERROR_INVALID_TYPE 0x12005
#define QGS_ERROR_INVALID_SIZE 0x12006

/* lab_qgs_start serves the processor's quotes at a socket, in a process of its own. */
pid_t lab_qgs_start(const struct lab_cpu *cpu, const char *path);

/* lab_qgs_ask asks the service at the socket for a quote, in the world's memory; empty, and its
 * error_code, when it refuses or is not there. */
struct span lab_qgs_ask(struct lab_world *w, const char *path, const uint8_t report[TDREPORT_SIZE],
                        uint32_t *error_code);

/* lab_qgs_answer is the answer to one message (without its size in front), in the world's
 * memory. */
struct span lab_qgs_answer(const struct lab_cpu *cpu, struct span message);

#endif
