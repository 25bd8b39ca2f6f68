/* PCS and PCCS; see pcs.h. */
#include "fetch/pcs.h"

#include "base/text.h"
#include "fetch/http.h"
#include "fetch/url.h"

#include <stdio.h>

#define API_PATH_SGX "/sgx/certification/v4"
#define API_PATH_TDX "/tdx/certification/v4"

/* drop_end cuts text off the end of s. */
static void drop_end(char *s, const char *text)
{
    size_t n = strlen(s), m = strlen(text);
    if (n >= m && strcmp(s + n - m, text) == 0)
        s[n - m] = 0;
}

bool pcs_base(char base[256], const char *url, struct situs_err *err)
{
    const char *why = url_refused(url);
    if (why) {
        err_fail(err, SITUS_UNSUPPORTED, "--url", "", SITUS_NO_OFFSET, "https://HOST[:PORT][/PATH]",
                 why);
        return err_hint(err, "give the base address of the service, as https://localhost:8081");
    }
    snprintf(base, 256, "%s", url);
    drop_end(base, "/");
    drop_end(base, API_PATH_SGX);
    drop_end(base, API_PATH_TDX);
    drop_end(base, "/");
    return true;
}

bool pcs_chain(char *pem, size_t room, size_t *size, struct span header, const char *what,
               struct situs_err *err)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    if (!url_decode(pem, room, size, header)) {
        err_fail(err, SITUS_MALFORMED, what, "issuer chain header", SITUS_NO_OFFSET,
                 "percent-encoded PEM", TEXT_CUT(header));
        return err_hint(err, "the service does not encode the header as PCS does");
    }
    if (span_starts(span_of(pem, *size), SPAN_LIT(begin)))
        return true;
    err_fail(err, SITUS_MALFORMED, what, "issuer chain header", SITUS_NO_OFFSET, begin,
             TEXT_CUT(span_of(pem, *size)));
    return err_hint(err, "the service does not encode the header as PCS does");
}

bool pcs_crl(uint8_t *body, size_t *n, const char *what, struct situs_err *err)
{
    struct span s = span_of(body, *n);
    while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
        s.n--;
    if (s.n && s.n % 2 == 0 && text_hex_read(body, s.n / 2, s)) { /* reads ahead of its writes */
        *n = s.n / 2;
        s = span_of(body, *n);
    }
    if (s.n > 1 && (s.p[0] == 0x30 || span_starts(s, SPAN_LIT("-----BEGIN X509 CRL-----"))))
        return true;
    err_fail(err, SITUS_MALFORMED, what, "body", SITUS_NO_OFFSET, "a CRL in DER, PEM or hex",
             TEXT_CUT(s));
    return err_hint(err, "the service does not answer like PCS; check --url");
}

static bool get(const struct pcs_request *r, const struct http_request *wanted,
                struct http_answer *a, struct situs_err *err)
{
    struct http_request q = *wanted;
    q.cacert = r->cacert;
    q.seconds = r->seconds;
    if (!http_get(&q, a, err))
        return false;
    if (!q.header || a->header)
        return true;
    http_free(a);
    err_fail(err, SITUS_MISSING, q.what, q.url, SITUS_NO_OFFSET, q.header, "no such header");
    return err_hint(err, "the service, or a proxy before it, leaves out the issuer chain");
}

/* keep adds the body, and the decoded chain when there is one. */
static bool keep(struct dir *d, const char *what, struct http_answer *a, struct situs_err *err)
{
    char pem[HTTP_HEADER_MAX], chain[DIR_NAME];
    size_t n;
    if (!dir_add(d, what, span_of(a->body, a->n), err))
        return false;
    if (!a->header)
        return true;
    snprintf(chain, sizeof chain, "%s issuer chain", what);
    return pcs_chain(pem, sizeof pem, &n, span_of(a->header, a->header_n), what, err) &&
           dir_add(d, chain, span_of(pem, n), err);
}

static bool fetch_json(const struct pcs_request *r, const struct http_request *q, struct dir *d,
                       struct situs_err *err)
{
    struct http_answer a;
    if (!get(r, q, &a, err))
        return false;
    bool ok = strcmp(a.type, "application/json") == 0;
    if (!ok) {
        err_fail(err, SITUS_MALFORMED, q->what, q->url, SITUS_NO_OFFSET,
                 "content type application/json", a.type[0] ? a.type : "no content type");
        err_hint(err, "the service does not answer like PCS; check --url");
    }
    ok = ok && keep(d, q->what, &a, err);
    http_free(&a);
    return ok;
}

/* The content type of a CRL is not looked at: PCCS sends its hex as text/html. */
static bool fetch_crl(const struct pcs_request *r, const struct http_request *q, struct dir *d,
                      struct situs_err *err)
{
    struct http_answer a;
    if (!get(r, q, &a, err))
        return false;
    bool ok = pcs_crl(a.body, &a.n, q->what, err) && keep(d, q->what, &a, err);
    http_free(&a);
    return ok;
}

bool pcs_fetch(const struct pcs_request *r, struct dir *d, struct situs_err *err)
{
    char base[256] = PCS_INTEL, url[URL_MAX];
    if (r->url && !pcs_base(base, r->url, err))
        return false;
    bool intel = strcmp(base, PCS_INTEL) == 0;
    const char *path = r->tdx ? API_PATH_TDX : API_PATH_SGX;

    struct http_request q = {.what = "TCB info",
                             .url = url,
                             .header = "TCB-Info-Issuer-Chain",
                             .header_old = "SGX-TCB-Info-Issuer-Chain",
                             .limit = LIMIT_COLLATERAL_JSON};
    snprintf(url, sizeof url, "%s%s/tcb?fmspc=%s", base, path, TEXT_HEX(SPAN_ARR(r->fmspc)));
    if (!fetch_json(r, &q, d, err))
        return false;

    q.what = "QE identity";
    q.header = "SGX-Enclave-Identity-Issuer-Chain";
    q.header_old = NULL;
    snprintf(url, sizeof url, "%s%s/qe/identity", base, path);
    if (!fetch_json(r, &q, d, err))
        return false;

    q.what = "PCK CRL";
    q.header = "SGX-PCK-CRL-Issuer-Chain";
    q.limit = 2 * LIMIT_CRL; /* hex */
    snprintf(url, sizeof url, "%s" API_PATH_SGX "/pckcrl?ca=%s&encoding=der", base,
             r->platform ? "platform" : "processor");
    if (!fetch_crl(r, &q, d, err))
        return false;

    q.what = "root CA CRL";
    q.header = NULL;
    snprintf(url, sizeof url, "%s%s", intel ? PCS_INTEL_ROOT_CRL : base,
             intel ? "" : API_PATH_SGX "/rootcacrl");
    return fetch_crl(r, &q, d, err);
}
