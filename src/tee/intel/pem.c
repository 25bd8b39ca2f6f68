/* PEM chains of Intel's SGX certificates; see chain.h. The strict textual form of RFC 7468 3:
 * nothing but CERTIFICATE blocks, white space between them. */
#include "tee/intel/chain.h"

#include "base/rd.h"
#include "base/text.h"

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

static bool is_space(uint8_t c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

static size_t skip_space(const struct rd *r)
{
    size_t pos = r->pos;
    while (pos < r->in.n && is_space(r->in.p[pos]))
        pos++;
    return pos;
}

/* Offset in body of the first character that no base64 text holds; 0 when its fault is another. */
static size_t foreign_character(struct span body)
{
    for (size_t i = 0; i < body.n; i++)
        if (!is_base64(body.p[i]) && !is_space(body.p[i]))
            return i;
    return 0;
}

/* Offset in body of the character that holds the first bits of byte n of the decoded form. */
static size_t character_of(struct span body, size_t n)
{
    size_t digit = n / 3 * 4 + n % 3, seen = 0;
    for (size_t i = 0; i < body.n; i++)
        if (!is_space(body.p[i]) && seen++ == digit)
            return i;
    return body.n;
}

/* Decodes the base64 text between the begin and end lines into the arena. */
static bool decode(struct span *der, struct span body, struct rd *r, size_t at, struct arena *a)
{
    size_t room = body.n / 4 * 3, n;
    if (body.n == 0 || (body.p[0] != '\n' && body.p[0] != '\r') || body.p[body.n - 1] != '\n')
        return rd_fail(r, SITUS_MALFORMED, "certificate", at, "base64 on lines of its own", NULL);
    uint8_t *p = arena_take(a, room);
    if (!p)
        return rd_fail(r, SITUS_NO_MEMORY, "certificate", at, TEXT_BYTES(room), "a full arena");
    if (!text_base64_read(p, room, &n, body, true))
        return rd_fail(r, SITUS_MALFORMED, "certificate", at + foreign_character(body),
                       "base64 (RFC 4648 4)", NULL);
    *der = span_of(p, n);
    return true;
}

static bool read_line(struct rd *r, const char *line, enum situs_code code)
{
    size_t at = rd_at(r), n = strlen(line);
    struct span left = span_cut(r->in, r->pos, r->in.n - r->pos);
    if (!span_starts(left, span_text(line)))
        return rd_fail(r, code, "certificate", at, line, TEXT_CUT(left));
    rd_bytes(r, n, "certificate");
    return true;
}

/* One block, and the certificate in it; the cursor is at its first dash. */
static bool read_block(struct intel_cert *cert, struct rd *r, struct arena *a, bool first)
{
    if (!read_line(r, begin, first ? SITUS_MALFORMED : SITUS_TRAILING))
        return false;
    struct span left = span_cut(r->in, r->pos, r->in.n - r->pos);
    const uint8_t *dash = left.n ? memchr(left.p, '-', left.n) : NULL;
    size_t at = rd_at(r);
    struct span body = rd_bytes(r, dash ? (size_t)(dash - left.p) : left.n, "certificate");
    struct span der;
    if (!read_line(r, end, dash ? SITUS_MALFORMED : SITUS_TOO_SHORT) ||
        !decode(&der, body, r, at, a))
        return false;
    if (intel_cert_read(cert, der, 0, r->part, r->err))
        return true;
    r->failed = true;
    r->err->at = at + character_of(body, r->err->at);
    return false;
}

static bool read_chain(struct intel_cert *certs, size_t max, size_t *n, struct rd *r,
                       struct arena *a)
{
    for (;;) {
        size_t pos = skip_space(r);
        bool apart = pos > r->pos || *n == 0; /* an end line ends in a line end */
        r->pos = pos;
        /* One NUL after the last line is how Azure and others send it. */
        bool last = r->in.n - pos == 0 || (r->in.n - pos == 1 && r->in.p[pos] == 0);
        if (last)
            break;
        if (!apart)
            return rd_fail(r, SITUS_TRAILING, "certificate", rd_at(r), "a line end", NULL);
        if (*n == max)
            return rd_fail(r, SITUS_TOO_LONG, "certificate", rd_at(r), "fewer certificates", NULL);
        if (!read_block(&certs[*n], r, a, *n == 0))
            return false;
        ++*n;
    }
    return *n || rd_fail(r, SITUS_MISSING, "certificate", rd_at(r), begin, "nothing");
}

bool intel_pem_chain(struct intel_cert *certs, size_t max, size_t *n, struct span pem, size_t base,
                     const char *part, struct arena *a, struct situs_err *err)
{
    struct rd r = rd_new(pem, base, part, err);
    *n = 0;
    if (rd_ok(&r) && read_chain(certs, max, n, &r, a))
        return true;
    *n = 0;
    return false;
}
