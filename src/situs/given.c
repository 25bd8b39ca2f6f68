/* Reading of what the caller gave; see given.h. */
#include "situs/given.h"

#include "base/text.h"
#include "crypto/crl.h"
#include "crypto/x509.h"
#include "endorse/registry/alliance.h"
#include "endorse/registry/google_host.h"
#include "tee/intel/chain.h"

#define CRL_BEGIN "-----BEGIN X509 CRL-----"
#define CRL_END "-----END X509 CRL-----"

#define KINDS \
    "an ownership endorsement, machine list, revocation list, token, registry document or CRL"

static bool no_memory(const char *part, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, part, "memory", SITUS_NO_OFFSET, NULL, NULL);
}

/* A CRL or certificate is a DER SEQUENCE of more than 127 bytes, which no text begins like. */
static bool is_der(struct span in)
{
    return in.n > 1 && in.p[0] == 0x30 && in.p[1] >= 0x80;
}

static bool is_certificate(struct span in)
{
    struct situs_err ignored = {0};
    struct x509 *cert = is_der(in) ? x509_read(in, NULL, "", &ignored) : NULL;
    x509_free(cert);
    return cert != NULL;
}

/* What people put in the place of an endorsement, by how it begins. */
static const struct {
    const char *begin, *what, *hint;
} strangers[] = {
    {"<", "HTML or XML", "that is a server's page, not the file: fetch it again"},
    {"\x1f\x8b", "gzip", "unpack it first: gzip -d"},
    {"BZh", "bzip2", "unpack it first: bzip2 -d"},
    {"\xfd"
     "7zXZ",
     "xz", "unpack it first: xz -d"},
    {"PK\x03\x04", "a zip archive", "unpack it first"},
    {"-----BEGIN CERTIFICATE-----", "a certificate in PEM",
     "an issuer's root goes into the trust file; its other certificates come with what it signs"},
    {"-----BEGIN ", "PEM of another kind", "of PEM only \"X509 CRL\" is an endorsement"},
    {"{", "other JSON",
     "a registry's document is named by the host's PPID (situs-list(5)); an error message is none"},
};

static bool refuse_stranger(struct span in, const char *part, struct situs_err *err)
{
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (span_starts(in, span_text(strangers[i].begin))) {
            err_fail(err, SITUS_UNKNOWN, part, "", 0, KINDS, strangers[i].what);
            return err_hint(err, strangers[i].hint);
        }
    struct span type = cose_content_type(in);
    const char *got = type.n ? TEXT_CUT(type) : TEXT_HEX(span_cut(in, 0, in.n < 16 ? in.n : 16));
    err_fail(err, SITUS_UNKNOWN, part, "", 0, KINDS, got);
    return err_hint(err, "is it the right file, and whole? situs-verify(1) lists what is read");
}

/* A signed list says what it is; the registries of others have no mark of their own: a token is
 * base64url of '{"', a host's document JSON under the name of its PPID, a whitelist ids in hex. */
static bool kind_of(const char *name, struct span in, enum endorsement_kind *kind)
{
    uint8_t ppid[16];
    struct span type = cose_content_type(in);
    if (is_der(in))
        *kind = ENDORSEMENT_CRL;
    else if (span_equal(type, SPAN_LIT(POE_CONTENT_TYPE)))
        *kind = ENDORSEMENT_POE;
    else if (span_equal(type, SPAN_LIT(ID_LIST_TYPE)))
        *kind = ENDORSEMENT_LIST;
    else if (span_equal(type, SPAN_LIT(REVOCATION_TYPE)))
        *kind = ENDORSEMENT_REVOCATION;
    else if (google_host_ppid(name, ppid))
        *kind = ENDORSEMENT_GOOGLE_HOST;
    else if (span_starts(in, SPAN_LIT("eyJ")))
        *kind = ENDORSEMENT_ALLIANCE_TOKEN;
    else if (alliance_csv_is(in))
        *kind = ENDORSEMENT_ALLIANCE_CSV;
    else
        return false;
    return true;
}

static bool read_poe(struct endorsement *e, struct arena *a, struct situs_err *err)
{
    struct poe *poe = ARENA_NEW(a, struct poe);
    e->poe = poe;
    return poe ? poe_read(poe, e->bytes, e->part, err) : no_memory(e->part, err);
}

static bool read_list(struct endorsement *e, struct arena *a, struct situs_err *err)
{
    struct id_list *list = ARENA_NEW(a, struct id_list);
    e->list = list;
    return list ? id_list_read(list, e->bytes, err) : no_memory(e->part, err);
}

static bool read_revocation(struct endorsement *e, struct arena *a, struct situs_err *err)
{
    struct revocation *list = ARENA_NEW(a, struct revocation);
    e->revocation = list;
    return list ? revocation_read(list, e->bytes, err) : no_memory(e->part, err);
}

/* No chain that endorsements' CRLs are looked up for names Intel's CAs: a quote's revocation would
 * be passed over. */
static bool refuse_intels(const struct endorsement *e, struct situs_err *err)
{
    err_fail(err, SITUS_NOT_ALLOWED, e->part, "issuer", SITUS_NO_OFFSET,
             "a CRL of who vouches for the machine or its TPM", "a CRL of Intel's");
    return err_hint(err, "Intel's CRLs are collateral: give it with --collateral");
}

static bool read_crl(const struct endorsement *e, struct situs_err *err)
{
    static const struct crl_rules any = {.intel = false};
    struct crl crl;
    struct span serial;
    if (!is_certificate(e->bytes)) {
        if (!crl_read(&crl, e->bytes, &any, e->part, err))
            return false;
        struct rd entries = crl_entries(&crl, e->part, err);
        while (rd_left(&entries))
            if (!crl_entry(&entries, &serial))
                return false;
        return !intel_is_ca(crl.issuer) || refuse_intels(e, err);
    }
    err_fail(err, SITUS_UNKNOWN, e->part, "", 0, KINDS, "a certificate");
    return err_hint(err, "an issuer's root goes into the trust file (situs-trust(5)); its other "
                         "certificates come with what it signs");
}

static bool read_one(struct endorsement *e, struct arena *a, struct situs_err *err)
{
    struct arena scratch = *a; /* nothing that a registry's reader gives outlives this call */
    switch (e->kind) {
    case ENDORSEMENT_POE:
        return read_poe(e, a, err);
    case ENDORSEMENT_LIST:
        return read_list(e, a, err);
    case ENDORSEMENT_REVOCATION:
        return read_revocation(e, a, err);
    case ENDORSEMENT_CRL:
        return read_crl(e, err);
    case ENDORSEMENT_ALLIANCE_CSV:
        return alliance_csv_read(e->bytes, err);
    case ENDORSEMENT_ALLIANCE_TOKEN:
        return alliance_token_read(e->bytes, &scratch, err);
    case ENDORSEMENT_GOOGLE_HOST:
        return google_host_read(e->bytes, &scratch, err);
    }
    return no_memory(e->part, err);
}

/* Readers name the kind that they read; the caller knows the file. */
static bool blame(const char *part, const struct situs_err *why, struct situs_err *err)
{
    err_fail(err, why->code, part, why->field, why->at, why->expected, why->got);
    if (why->hint[0])
        return err_hint(err, why->hint);
    return err_hint(err, "what does not read is never left out: fetch the file again, or take it "
                         "away if it is not meant");
}

static bool add(struct gathered *g, struct endorsement e, struct arena *a, struct situs_err *err)
{
    struct situs_err why = {0};
    if (!read_one(&e, a, &why))
        return blame(e.part, &why, err);
    return gather_endorsement(g, e, err);
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

static bool add_pem(struct gathered *g, const struct endorsement *in, size_t pos, struct arena *a,
                    struct situs_err *err)
{
    while (pos < in->bytes.n) {
        struct span der;
        if (!read_block(&der, in->bytes, &pos, in->part, a, err) ||
            !add(g, (struct endorsement){.part = in->part, .kind = ENDORSEMENT_CRL, .bytes = der},
                 a, err))
            return false;
    }
    return true;
}

bool given_read(struct gathered *g, const struct situs_request *q, struct arena *a,
                struct situs_err *err)
{
    for (size_t i = 0; i < q->n_endorsements; i++) {
        const char *given = q->endorsements[i].name;
        struct endorsement e = {.part = given ? given : "endorsement",
                                .bytes = item_span(q->endorsements[i])};
        size_t pos = skip_space(e.bytes, 0);
        if (pos == e.bytes.n) {
            err_fail(err, SITUS_MISSING, e.part, "", SITUS_NO_OFFSET, "bytes", "an empty file");
            return err_hint(err, "fetch the file again, or take it away if it is not meant");
        }
        if (given_is_pem(e.bytes)) {
            if (!add_pem(g, &e, pos, a, err))
                return false;
            continue;
        }
        if (!kind_of(e.part, e.bytes, &e.kind))
            return refuse_stranger(e.bytes, e.part, err);
        if (!add(g, e, a, err))
            return false;
    }
    return true;
}
