/* PCS and PCCS; see pcs.h. */
#include "fetch/pcs.h"

#include "base/text.h"
#include "codec/pem.h"
#include "fetch/http.h"

#include <stdarg.h>
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
    static const char begin[] = PEM_BEGIN(PEM_CERTIFICATE);
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
    if (s.n > 1 && (s.p[0] == 0x30 || span_starts(s, SPAN_LIT(PEM_BEGIN(PEM_CRL)))))
        return true;
    err_fail(err, SITUS_MALFORMED, what, "body", SITUS_NO_OFFSET, "a CRL in DER, PEM or hex",
             TEXT_CUT(s));
    return err_hint(err, "the service does not answer like PCS; check --url");
}

static bool get(struct pcs_service *s, const struct http_request *wanted, struct http_answer *a,
                struct situs_err *err)
{
    struct http_request q = *wanted;
    q.url = s->asked;
    q.cacert = s->cacert;
    q.seconds = s->seconds;
    q.retries = s->retries;
    if (!http_get(&q, a, err)) {
        s->retry_after = a->retry_after;
        return false;
    }
    if (!q.header || a->header)
        return true;
    http_free(a);
    err_fail(err, SITUS_MISSING, q.what, q.header, SITUS_NO_OFFSET, "the header", "no such header");
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

bool pcs_get(struct pcs_service *s, const struct http_request *wanted, struct dir *d,
             struct situs_err *err)
{
    struct http_answer a;
    if (!get(s, wanted, &a, err))
        return false;
    bool ok = keep(d, wanted->what, &a, err);
    http_free(&a);
    return ok;
}

static bool fetch_json(struct pcs_service *s, const struct http_request *q, struct dir *d,
                       struct situs_err *err)
{
    struct http_answer a;
    if (!get(s, q, &a, err))
        return false;
    bool ok = strcmp(a.type, "application/json") == 0;
    if (!ok) {
        err_fail(err, SITUS_MALFORMED, q->what, "", SITUS_NO_OFFSET,
                 "content type application/json", a.type[0] ? a.type : "no content type");
        err_hint(err, "the service does not answer like PCS; check --url");
    }
    ok = ok && keep(d, q->what, &a, err);
    http_free(&a);
    return ok;
}

/* The content type of a CRL is not looked at: PCCS sends its hex as text/html. */
static bool fetch_crl(struct pcs_service *s, const struct http_request *q, struct dir *d,
                      struct situs_err *err)
{
    struct http_answer a;
    if (!get(s, q, &a, err))
        return false;
    bool ok = pcs_crl(a.body, &a.n, q->what, err) && keep(d, q->what, &a, err);
    http_free(&a);
    return ok;
}

/* ask makes the address of the next question. */
static void ask(struct pcs_service *s, const char *base, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void ask(struct pcs_service *s, const char *base, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t n = (size_t)snprintf(s->asked, sizeof s->asked, "%s", base);
    vsnprintf(s->asked + n, sizeof s->asked - n, format, args); /* pcs_base leaves room */
    va_end(args);
}

static bool fetch_info(struct pcs_service *s, const char *base, const struct wanted_info *info,
                       struct dir *d, struct situs_err *err)
{
    const struct http_request q = {.what = "TCB info",
                                   .header = "TCB-Info-Issuer-Chain",
                                   .header_old = "SGX-TCB-Info-Issuer-Chain",
                                   .limit = LIMIT_COLLATERAL_JSON};
    ask(s, base, "%s/tcb?fmspc=%s%s", info->tdx ? API_PATH_TDX : API_PATH_SGX,
        TEXT_HEX(SPAN_ARR(info->fmspc)), s->early ? "&update=early" : "");
    return fetch_json(s, &q, d, err);
}

static bool fetch_qe(struct pcs_service *s, const char *base, bool tdx, struct dir *d,
                     struct situs_err *err)
{
    const struct http_request q = {.what = "QE identity",
                                   .header = "SGX-Enclave-Identity-Issuer-Chain",
                                   .limit = LIMIT_COLLATERAL_JSON};
    ask(s, base, "%s/qe/identity%s", tdx ? API_PATH_TDX : API_PATH_SGX,
        s->early ? "?update=early" : "");
    return fetch_json(s, &q, d, err);
}

static bool fetch_pck_crl(struct pcs_service *s, const char *base, const char *ca, struct dir *d,
                          struct situs_err *err)
{
    const struct http_request q = {
        .what = "PCK CRL", .header = "SGX-PCK-CRL-Issuer-Chain", .limit = 2 * LIMIT_CRL /* hex */};
    ask(s, base, API_PATH_SGX "/pckcrl?ca=%s&encoding=der", ca);
    return fetch_crl(s, &q, d, err);
}

static bool fetch_root_crl(struct pcs_service *s, const char *base, struct dir *d,
                           struct situs_err *err)
{
    const struct http_request q = {.what = "root CA CRL", .limit = 2 * LIMIT_CRL};
    bool intel = strcmp(base, PCS_INTEL) == 0;
    ask(s, intel ? PCS_INTEL_ROOT_CRL : base, "%s", intel ? "" : API_PATH_SGX "/rootcacrl");
    return fetch_crl(s, &q, d, err);
}

bool pcs_fetch(struct pcs_service *s, const struct wanted *w, struct dir *d, struct situs_err *err)
{
    char base[256] = PCS_INTEL;
    bool ok = !s->url || pcs_base(base, s->url, err);
    for (size_t i = 0; ok && i < w->n; i++)
        ok = fetch_info(s, base, &w->info[i], d, err);
    ok = ok && (!w->tdx_qe || fetch_qe(s, base, true, d, err)) &&
         (!w->sgx_qe || fetch_qe(s, base, false, d, err)) &&
         (!w->platform_crl || fetch_pck_crl(s, base, "platform", d, err)) &&
         (!w->processor_crl || fetch_pck_crl(s, base, "processor", d, err)) &&
         fetch_root_crl(s, base, d, err);
    if (ok)
        s->asked[0] = 0;
    return ok;
}
