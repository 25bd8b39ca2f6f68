/* PEM chains of Intel's SGX certificates; see chain.h. Nothing but CERTIFICATE blocks, white space
 * between them, and every line on its own. */
#include "tee/intel/chain.h"

#include "codec/pem.h"

static const char field[] = "certificate";

/* One block, and the certificate in it; the cursor is at its first dash. */
static bool read_block(struct intel_cert *cert, struct rd *r, struct arena *a, bool first)
{
    struct span body =
        pem_body(r, PEM_CERTIFICATE, first ? SITUS_MALFORMED : SITUS_TRAILING, field);
    size_t at = r->base + (rd_ok(r) ? (size_t)(body.p - r->in.p) : 0);
    struct span der;
    if (rd_ok(r) &&
        (body.n == 0 || (body.p[0] != '\n' && body.p[0] != '\r') || body.p[body.n - 1] != '\n'))
        return rd_fail(r, SITUS_MALFORMED, field, at, "base64 on lines of its own", NULL);
    if (!pem_decode(r, body, at, field, a, &der))
        return false;
    if (intel_cert_read(cert, der, 0, r->part, r->err))
        return true;
    r->failed = true;
    r->err->at = at + pem_character(body, r->err->at);
    return false;
}

static bool read_chain(struct intel_cert *certs, size_t max, size_t *n, struct rd *r,
                       struct arena *a)
{
    for (;;) {
        size_t pos = r->pos, left = pem_space(r);
        bool apart = r->pos > pos || *n == 0; /* an end line ends in a line end */
        /* One NUL after the last line is how Azure and others send it. */
        if (left == 0 || (left == 1 && r->in.p[r->pos] == 0))
            break;
        if (!apart)
            return rd_fail(r, SITUS_TRAILING, field, rd_at(r), "a line end", NULL);
        if (*n == max)
            return rd_fail(r, SITUS_TOO_LONG, field, rd_at(r), "fewer certificates", NULL);
        if (!read_block(&certs[*n], r, a, *n == 0))
            return false;
        ++*n;
    }
    return *n || rd_fail(r, SITUS_MISSING, field, rd_at(r), PEM_BEGIN(PEM_CERTIFICATE), "nothing");
}

bool intel_pem_chain(struct intel_cert *certs, size_t max, size_t *n, struct intel_pem pem,
                     struct arena *a, struct situs_err *err)
{
    struct rd r = rd_new(pem.text, pem.base, pem.part, err);
    *n = 0;
    if (rd_ok(&r) && read_chain(certs, max, n, &r, a))
        return true;
    *n = 0;
    return false;
}
