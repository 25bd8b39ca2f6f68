/* Reading of what the caller gave; see given.h. */
#include "situs/given.h"

#include "base/text.h"
#include "crypto/cose.h"
#include "situs/evidence_kind.h"
#include "tee/intel/chain.h"

#define CRL_BEGIN "-----BEGIN X509 CRL-----"
#define CRL_END "-----END X509 CRL-----"

static bool no_memory(const char *part, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, part, "memory", SITUS_NO_OFFSET, NULL, NULL);
}

/* What people put in the place of an endorsement, and is of no kind that is known everywhere. */
static const struct {
    const char *begin;
    struct evidence_kind kind;
} strangers[] = {
    {"-----BEGIN ", {"PEM of another kind", "of PEM only \"X509 CRL\" is an endorsement", 0}},
    {"{",
     {"other JSON",
      "a registry's document is named by the host's PPID (situs-list(5)); an error message is none",
      0}},
};

static bool refuse_stranger(struct span in, const char *part, struct situs_err *err)
{
    const struct evidence_kind *kind = evidence_kind(in);
    if (kind && kind->places & PLACE_ENDORSEMENT)
        kind = NULL;
    for (size_t i = 0; !kind && i < sizeof strangers / sizeof *strangers; i++)
        if (span_starts(in, span_text(strangers[i].begin)))
            kind = &strangers[i].kind;
    struct span type = cose_content_type(in);
    const char *bytes = type.n ? TEXT_CUT(type) : TEXT_HEX(span_cut(in, 0, in.n < 16 ? in.n : 16));
    err_fail(err, SITUS_UNKNOWN, part, "", 0, ENDORSEMENT_KINDS, kind ? kind->what : bytes);
    return err_hint(err, kind ? kind->hint
                              : "is it the right file, and whole? situs-verify(1) lists what is "
                                "read");
}

static size_t skip_space(struct span in, size_t pos)
{
    while (pos < in.n && in.p[pos] && strchr(" \t\r\n", in.p[pos]))
        pos++;
    return pos;
}

bool given_is_pem(struct span in)
{
    size_t pos = skip_space(in, 0);
    return span_starts(span_cut(in, pos, in.n - pos), SPAN_LIT(CRL_BEGIN));
}

static bool bad_pem(const char *part, size_t at, const char *expected, struct situs_err *err)
{
    err_fail(err, SITUS_MALFORMED, part, "crl", at, expected, "other bytes");
    return err_hint(err, "the file is cut short or holds more than CRLs in PEM: fetch it again");
}

/* One block of the textual form (RFC 7468, 3), which begins at *pos. */
static bool read_block(struct span *der, struct span in, size_t *pos, const char *part,
                       struct arena *a, struct situs_err *err)
{
    struct span left = span_cut(in, *pos, in.n - *pos);
    if (!span_starts(left, SPAN_LIT(CRL_BEGIN)))
        return bad_pem(part, *pos, CRL_BEGIN, err);
    struct span body = span_cut(left, sizeof CRL_BEGIN - 1, left.n - (sizeof CRL_BEGIN - 1));
    const uint8_t *dash = body.n ? memchr(body.p, '-', body.n) : NULL;
    body.n = dash ? (size_t)(dash - body.p) : body.n;
    size_t end = (size_t)(body.p - in.p) + body.n;
    if (!span_starts(span_cut(in, end, in.n - end), SPAN_LIT(CRL_END)))
        return bad_pem(part, *pos, CRL_END, err);
    size_t room = body.n / 4 * 3 + 3, n = 0;
    uint8_t *p = arena_take(a, room);
    if (!p)
        return no_memory(part, err);
    if (!text_base64_read(p, room, &n, body, true))
        return bad_pem(part, *pos, "base64", err);
    *der = span_of(p, n);
    *pos = skip_space(in, end + sizeof CRL_END - 1);
    return true;
}

/* No chain that endorsements' CRLs are looked up for names Intel's CAs: a quote's revocation would
 * be passed over. */
static bool refuse_intels(const char *part, struct situs_err *err)
{
    err_fail(err, SITUS_NOT_ALLOWED, part, "issuer", SITUS_NO_OFFSET,
             "a CRL of who vouches for the machine or its TPM", "a CRL of Intel's");
    return err_hint(err, "Intel's CRLs are collateral: give it with --collateral");
}

static bool add(struct endorsements *to, struct endorsement e, const struct trust *once,
                struct arena *a, struct situs_err *err)
{
    if (!endorsements_read(to, e, once, a, err))
        return false;
    return e.kind != ENDORSEMENT_CRL || !intel_is_ca(to->crls.v[to->crls.n - 1].crl.issuer) ||
           refuse_intels(e.part, err);
}

static bool add_pem(struct endorsements *to, const struct endorsement *in, size_t pos,
                    const struct trust *once, struct arena *a, struct situs_err *err)
{
    while (pos < in->bytes.n) {
        struct endorsement e = {.part = in->part, .kind = ENDORSEMENT_CRL};
        if (!read_block(&e.bytes, in->bytes, &pos, in->part, a, err) || !add(to, e, once, a, err))
            return false;
    }
    return true;
}

bool given_read(struct endorsements *to, const struct situs_item *items, size_t n,
                const struct trust *once, struct arena *a, struct situs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct endorsement e = {.part = items[i].name ? items[i].name : "endorsement",
                                .bytes = item_span(items[i])};
        size_t pos = skip_space(e.bytes, 0);
        if (pos == e.bytes.n) {
            err_fail(err, SITUS_MISSING, e.part, "", SITUS_NO_OFFSET, "bytes", "an empty file");
            return err_hint(err, "fetch the file again, or take it away if it is not meant");
        }
        if (given_is_pem(e.bytes)) {
            if (!add_pem(to, &e, pos, once, a, err))
                return false;
            continue;
        }
        e.kind = endorsement_is(e.part, e.bytes);
        if (e.kind == ENDORSEMENT_KIND_COUNT)
            return refuse_stranger(e.bytes, e.part, err);
        if (!add(to, e, once, a, err)) { /* a quote in hex looks like a list of ids */
            evidence_kind_named(e.bytes, PLACE_ENDORSEMENT, e.part, ENDORSEMENT_KINDS, err);
            return false;
        }
    }
    if (once)
        endorsements_know(to, once);
    return true;
}
