/* A metadata service; see lab_imds.h. */
#include "lab/guest/lab_imds.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/wr.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "lab/platform/lab_qe.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"

#define MOST 8192 /* bytes of a request */

/* One whole request, zero-terminated; false when the client has gone. */
static bool receive(int fd, char m[MOST], const char **body)
{
    size_t n = 0, all = MOST;
    *body = NULL;
    while (n < all) {
        ssize_t got = n + 1 < MOST ? recv(fd, m + n, MOST - 1 - n, 0) : 0;
        if (got <= 0)
            return false;
        n += (size_t)got;
        m[n] = 0;
        char *end = strstr(m, "\r\n\r\n"), *length = strcasestr(m, "\r\nContent-Length:");
        if (!*body && end) {
            *body = end + 4;
            all =
                (size_t)(*body - m) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
        }
    }
    return true;
}

static void answer(int fd, const char *status, struct span body)
{
    struct lab_buf b = {0};
    lab_buf_format(&b,
                   "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n",
                   status, body.n);
    lab_buf_bytes(&b, body);
    lab_socket_write(fd, lab_buf_span(&b));
    lab_buf_free(&b);
}

/* {"report": BASE64URL} of 1024 bytes. */
static bool read_report(const char *body, uint8_t report[TDREPORT_SIZE])
{
    struct json_doc doc = {0};
    struct json root;
    struct span text;
    struct situs_err ignored = {0};
    size_t n = 0;
    bool ok = json_read(&doc, &root, span_text(body), "request", &ignored) &&
              json_get_text(&root, "report", &text, &ignored) &&
              base64url_read(report, TDREPORT_SIZE, &n, text) && n == TDREPORT_SIZE;
    json_free(&doc);
    return ok;
}

static void quote(const struct lab_imds *s, int fd, const char *body)
{
    static char text[65536];
    uint8_t report[TDREPORT_SIZE];
    struct wr w = wr_new(text, sizeof text);
    struct span made = span_of(NULL, 0);
    bool asked = s->cpu && read_report(body, report);
    if (asked && s->instead) {
        uint8_t data[64];
        memcpy(data, report + TDREPORT_REPORT_DATA, sizeof data);
        lab_td_tdreport(s->instead, data, report);
    }
    if (asked)
        made = lab_qe_quote(s->cpu, report);
    wr_text(&w, "{\"quote\":\"");
    base64url_write(&w, made);
    wr_text(&w, "\"}");
    if (!made.n || !wr_ok(&w))
        answer(fd, "400 Bad Request", SPAN_LIT("{\"error\":\"no TD of this host\"}"));
    else
        answer(fd, "200 OK", wr_span(&w));
}

/* PEM, of whose lines JSON has the ends as \n. */
static void pem(struct lab_buf *b, struct span der)
{
    struct lab_buf text = {0};
    lab_pem(&text, der);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n')
            lab_buf_text(b, "\\n");
        else
            lab_buf_bytes(b, span_of(text.p + i, 1));
    lab_buf_free(&text);
}

static void certificate(const struct lab_imds *s, int fd, const char *head)
{
    struct lab_buf b = {0};
    if (!s->chip || !strcasestr(head, "\r\nMetadata: true\r\n")) {
        answer(fd, "400 Bad Request", SPAN_LIT("{\"error\":\"Required metadata header\"}"));
        return;
    }
    lab_buf_text(&b, "{\"vcekCert\":\"");
    pem(&b, lab_snp_cert(s->chip->amd, &s->chip->vcek));
    lab_buf_text(&b, "\",\"tcbm\":\"DB18000000000004\",\"certificateChain\":\"");
    pem(&b, lab_snp_issuer(s->chip->amd, LAB_SNP_ASK));
    pem(&b, lab_snp_issuer(s->chip->amd, LAB_SNP_ARK));
    lab_buf_text(&b, "\",\"cacheTTL\":\"86400\"}");
    answer(fd, "200 OK", lab_buf_span(&b));
    lab_buf_free(&b);
}

static void serve(void *context, int fd)
{
    static char m[MOST];
    const char *body;
    if (!receive(fd, m, &body))
        return;
    if (strncmp(m, "POST /acc/tdquote HTTP/1.1\r\n", 28) == 0)
        quote(context, fd, body);
    else if (strncmp(m, "GET /metadata/THIM/amd/certification HTTP/1.1\r\n", 47) == 0)
        certificate(context, fd, m);
    else
        answer(fd, "404 Not Found", SPAN_LIT("{}"));
}

void lab_imds_start(struct lab_imds *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        lab_die("no port of loopback: %s", strerror(errno));
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", ntohs(a.sin_port));
    if (s->cpu) { /* makes the keys before the world is copied by fork */
        struct lab_quote warm = lab_quote_tdx(s->cpu->w, &s->cpu->platform, 4, LAB_BODY_TD10);
        lab_quote_make(s->cpu->w, &warm);
    }
    s->process = lab_process_fork();
    if (s->process == 0)
        lab_socket_serve(fd, serve, s);
    lab_socket_close(fd);
}

void lab_imds_stop(struct lab_imds *s)
{
    lab_process_stop(s->process);
    s->process = 0;
}
