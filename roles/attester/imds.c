/* Two questions to Azure's metadata service; see imds.h. */
#include "attester/imds.h"

#include "attester/imds_http.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "codec/pem.h"

#include <arpa/inet.h>

#define REQUEST 2048
#define ANSWER (2 * LIMIT_QUOTE) /* base64 in JSON */

/* address reads the URL; false for one that imds_ok refuses. */
static bool address(const char *url, struct sockaddr_in *to)
{
    char host[16] = "";
    struct span rest = span_text(url);
    uint64_t port = 80;
    if (!span_starts(rest, SPAN_LIT("http://")))
        return false;
    rest = span_cut(rest, 7, rest.n - 7);
    bool ported = rest.n && memchr(rest.p, ':', rest.n);
    struct span name = ported ? text_field(&rest, ':') : rest;
    if (name.n >= sizeof host || (ported && !text_number(rest, 1, 65535, &port)))
        return false;
    if (name.n)
        memcpy(host, name.p, name.n);
    *to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &to->sin_addr) != 1)
        return false;
    uint32_t ip = ntohl(to->sin_addr.s_addr);
    return ip >> 16 == 0xa9fe || ip >> 24 == 127;
}

bool imds_ok(const char *url)
{
    struct sockaddr_in ignored;
    return address(url, &ignored);
}

static bool no_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, IMDS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
}

/* ask gives the member of that name of the answer, in the arena. post empty: a GET. */
static bool ask(const char *url, const char *path, struct span post, const char *name,
                struct span *text, struct arena *a, struct situs_err *err)
{
    struct sockaddr_in to;
    struct json_doc doc = {0};
    struct json root, v;
    struct span body;
    char request[REQUEST];
    struct wr w = wr_new(request, sizeof request);
    uint8_t *p = arena_take(a, ANSWER);
    wr_format(&w, "%s %s HTTP/1.1\r\nHost: %s\r\nMetadata: true\r\nConnection: close\r\n",
              post.n ? "POST" : "GET", path, url + 7);
    if (post.n)
        wr_format(&w, "Content-Type: application/json\r\nContent-Length: %zu\r\n", post.n);
    wr_text(&w, "\r\n");
    wr_bytes(&w, post);
    if (!p || !wr_ok(&w) || !address(url, &to))
        return no_memory(err);
    if (!imds_http(&to, wr_span(&w), p, ANSWER, &body, err))
        return err_hint(err, "is it an Azure machine, and may this program reach its metadata "
                             "service (--imds)?");
    bool ok = json_read(&doc, &root, body, IMDS_PART, err) && json_get(&root, name, &v, err) &&
              json_keep_text(&v, text, a, err);
    json_free(&doc);
    return ok;
}

/* base64url, as its own client takes it (without padding), with padding, or the usual alphabet. */
static bool decode(struct span text, struct span *out, struct arena *a, struct situs_err *err)
{
    size_t n = 0, room = text.n;
    uint8_t *p = arena_take(a, room);
    if (!p)
        return no_memory(err);
    if (!text_base64_read(p, room, &n, text, false)) {
        while (text.n && text.p[text.n - 1] == '=')
            text.n--;
        if (!base64url_read(p, room, &n, text))
            return err_fail(err, SITUS_MALFORMED, IMDS_PART, "quote", SITUS_NO_OFFSET, "base64url",
                            TEXT_CUT(text));
    }
    *out = span_of(p, n);
    return true;
}

bool imds_quote(const char *url, struct span report, struct span *quote, struct arena *a,
                struct situs_err *err)
{
    struct span text;
    char body[REQUEST];
    struct wr w = wr_new(body, sizeof body);
    wr_text(&w, "{\"report\":\"");
    base64url_write(&w, report);
    wr_text(&w, "\"}");
    if (!wr_ok(&w))
        return err_fail(err, SITUS_TOO_LONG, IMDS_PART, "report", SITUS_NO_OFFSET, "a TDREPORT",
                        TEXT_BYTES(report.n));
    return ask(url, "/acc/tdquote", wr_span(&w), "quote", &text, a, err) &&
           decode(text, quote, a, err);
}

bool imds_vcek(const char *url, struct span *der, struct arena *a, struct situs_err *err)
{
    struct span text;
    if (!ask(url, "/metadata/THIM/amd/certification", span_of(NULL, 0), "vcekCert", &text, a, err))
        return false;
    struct rd r = rd_new(text_trim(text), 0, IMDS_PART, err);
    return pem_block(&r, PEM_CERTIFICATE, "vcekCert", a, der);
}
