/* The quote generation service; see lab_qgs.h. */
#include "lab/platform/lab_qgs.h"

#include <stdlib.h>

#include "base/rd.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"

static struct span message(struct lab_world *w, uint32_t type, uint32_t error_code, uint32_t size_1,
                           uint32_t size_2, struct span body)
{
    struct lab_buf b = {0};
    lab_buf_u16le(&b, QGS_MAJOR_VERSION);
    lab_buf_u16le(&b, 0); /* minor */
    lab_buf_u32le(&b, type);
    lab_buf_u32le(&b, (uint32_t)(QGS_HEADER + 8 + body.n)); /* of the whole message */
    lab_buf_u32le(&b, error_code);
    lab_buf_u32le(&b, size_1);
    lab_buf_u32le(&b, size_2);
    lab_buf_bytes(&b, body);
    return lab_world_keep(w, &b);
}

static struct span refuse(const struct lab_cpu *cpu, uint32_t error_code)
{
    return message(cpu->w, QGS_GET_QUOTE_RESP, error_code, 0, 0, span_of(NULL, 0));
}

struct span lab_qgs_answer(const struct lab_cpu *cpu, struct span in)
{
    struct situs_err err = {0};
    struct rd r = rd_new(in, 0, "QGS message", &err);
    uint16_t major = rd_u16le(&r, "major_version");
    rd_u16le(&r, "minor_version");
    uint32_t type = rd_u32le(&r, "type"), size = rd_u32le(&r, "size");
    rd_u32le(&r, "error_code");
    uint32_t report_size = rd_u32le(&r, "report_size"), ids = rd_u32le(&r, "id_list_size");
    struct span report = rd_bytes(&r, report_size, "report");
    rd_bytes(&r, ids, "id_list");
    if (!rd_end(&r, "message") || size != in.n)
        return refuse(cpu, QGS_ERROR_INVALID_SIZE);
    if (major != QGS_MAJOR_VERSION)
        return refuse(cpu, QGS_ERROR_INVALID_VERSION);
    if (type != QGS_GET_QUOTE_REQ)
        return refuse(cpu, QGS_ERROR_INVALID_TYPE);
    if (report.n != TDREPORT_SIZE)
        return refuse(cpu, QGS_ERROR_INVALID_PARAMETER);
    struct span quote = lab_qe_quote(cpu, report.p);
    if (quote.n == 0)
        return refuse(cpu, QGS_ERROR_UNEXPECTED); /* no TD of this processor */
    return message(cpu->w, QGS_GET_QUOTE_RESP, QGS_SUCCESS, 0, (uint32_t)quote.n, quote);
}

static void serve(void *context, int fd)
{
    const struct lab_cpu *cpu = (const struct lab_cpu *)context;
    static uint8_t in[QGS_MESSAGE_MAX];
    size_t n;
    while ((n = lab_socket_receive(fd, in, sizeof in)) > 0)
        if (!lab_socket_send(fd, lab_qgs_answer(cpu, span_of(in, n))))
            return;
}

pid_t lab_qgs_start(const struct lab_cpu *cpu, const char *path)
{
    struct lab_cpu own = *cpu;
    struct lab_quote warm = lab_quote_tdx(own.w, &own.platform, 4, LAB_BODY_TD10);
    lab_quote_make(own.w, &warm); /* makes the keys before the world is copied by fork */
    int fd = lab_socket_listen(path);
    pid_t child = lab_process_fork();
    if (child == 0)
        lab_socket_serve(fd, serve, &own);
    lab_socket_close(fd);
    return child;
}

struct span lab_qgs_ask(struct lab_world *w, const char *path, const uint8_t report[TDREPORT_SIZE],
                        uint32_t *error_code)
{
    static uint8_t in[QGS_MESSAGE_MAX];
    struct situs_err err = {0};
    struct span quote = span_of(NULL, 0);
    int fd = lab_socket_connect(path);
    *error_code = QGS_ERROR_UNEXPECTED;
    if (fd >= 0 && lab_socket_send(fd, message(w, QGS_GET_QUOTE_REQ, 0, TDREPORT_SIZE, 0,
                                               span_of(report, TDREPORT_SIZE)))) {
        size_t n = lab_socket_receive(fd, in, sizeof in);
        struct rd r = rd_new(span_of(in, n), 0, "QGS answer", &err);
        rd_bytes(&r, 12, "header");
        uint32_t code = rd_u32le(&r, "error_code");
        uint32_t ids = rd_u32le(&r, "selected_id_size"), size = rd_u32le(&r, "quote_size");
        rd_bytes(&r, ids, "selected_id");
        struct span got = rd_bytes(&r, size, "quote");
        if (rd_end(&r, "answer")) {
            struct lab_buf b = {0};
            lab_buf_bytes(&b, got);
            *error_code = code;
            quote = code == QGS_SUCCESS ? lab_world_keep(w, &b) : quote;
            lab_buf_free(&b);
        }
    }
    lab_socket_close(fd);
    return quote;
}
