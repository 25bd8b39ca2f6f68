/* Which part of a platform's collateral some bytes are, told by content; see collateral.h. */
#include "cli/collateral.h"

#include "base/text.h"
#include "codec/json/json.h"
#include "crypto/intel_chain.h"

#include <stdio.h>
#include <stdlib.h>

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool out_of_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

/* A PCS answer {"tcbInfo": {...}, "signature": ...} (PCS API v4, appendix A). */
static bool sort_tcb(struct dir *d, const struct json *root, struct span bytes,
                     struct situs_err *err)
{
    struct json info;
    struct span id;
    uint8_t fmspc[6];
    char name[DIR_NAME];
    if (!json_get_object(root, "tcbInfo", &info, err) || !json_get_text(&info, "id", &id, err) ||
        !json_get_hex(&info, "fmspc", fmspc, sizeof fmspc, err))
        return false;
    collateral_name_tcb(name, span_equal(id, SPAN_LIT("TDX")), fmspc);
    return dir_put(d, name, bytes, err);
}

/* A PCS answer {"enclaveIdentity": {...}, "signature": ...} (PCS API v4, appendix B). */
static bool sort_qe(struct dir *d, const struct json *root, struct span bytes,
                    struct situs_err *err)
{
    struct json identity;
    struct span id;
    return json_get_object(root, "enclaveIdentity", &identity, err) &&
           json_get_text(&identity, "id", &id, err) &&
           dir_put(d, collateral_name_qe(span_equal(id, SPAN_LIT("TD_QE"))), bytes, err);
}

/* names says that the bytes of a DER name hold the text. */
static bool names(struct span name, const char *text)
{
    return memmem(name.p, name.n, text, strlen(text)) != NULL;
}

static bool sort_crl(struct dir *d, const char *part, struct span der, struct situs_err *err)
{
    struct intel_crl crl;
    size_t room = der.n + 64 * 1024; /* an entry of 35 bytes becomes a span of 16 */
    void *memory = malloc(room);
    if (!memory)
        return out_of_memory(err);
    struct arena a = arena_new(memory, room);
    bool ok = intel_crl_read(&crl, der, part, &a, err);
    const char *name = COLLATERAL_ROOT_CRL;
    if (ok && !names(crl.issuer, "Root CA"))
        name = collateral_name_crl(names(crl.issuer, "Platform CA"));
    free(memory);
    return ok && dir_put(d, name, der, err);
}

/* decode gives the DER of a CRL in hex, or of its PEM block, in malloc'd memory. */
static uint8_t *decode(struct span s, size_t *n)
{
    static const char begin[] = "-----BEGIN X509 CRL-----", end[] = "-----END X509 CRL-----";
    uint8_t *der = malloc(s.n + 1);
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    *n = s.n / 2;
    if (!der || (s.n % 2 == 0 && text_hex_read(der, *n, s)))
        return der;
    size_t head = sizeof begin - 1, tail = sizeof end - 1;
    if (s.n > head + tail && span_starts(s, SPAN_LIT(begin)) &&
        span_equal(span_cut(s, s.n - tail, tail), SPAN_LIT(end)) &&
        text_base64_read(der, s.n, n, span_cut(s, head, s.n - head - tail), true))
        return der;
    free(der);
    return NULL;
}

static bool sort_text_crl(struct dir *d, const char *part, struct span bytes, struct situs_err *err)
{
    size_t n;
    uint8_t *der = decode(bytes, &n);
    if (!der)
        return err_fail(err, SITUS_UNKNOWN, part, "", SITUS_NO_OFFSET,
                        "TCB info, QE identity, PEM chain, CRL or a dcap-qvl JSON",
                        TEXT_CUT(span_cut(bytes, 0, bytes.n < 40 ? bytes.n : 40)));
    bool ok = sort_crl(d, part, span_of(der, n), err);
    free(der);
    return ok;
}

static bool sort_chain(struct dir *d, struct span pem, struct situs_err *err)
{
    char name[DIR_NAME];
    collateral_name_chain(name, pem);
    return dir_put(d, name, pem, err);
}

/* rebuild writes the PCS answer of a body and its signature, which dcap-qvl keeps apart. */
static bool rebuild(struct dir *d, const struct json *root, const char *body, const char *signature,
                    const char *member, struct situs_err *err)
{
    struct span text, hex;
    if (!json_get_text(root, body, &text, err) || !json_get_text(root, signature, &hex, err))
        return false;
    size_t room = text.n + hex.n + 64;
    char *whole = malloc(room);
    if (!whole)
        return out_of_memory(err);
    int n = snprintf(whole, room, "{\"%s\":%.*s,\"signature\":\"%.*s\"}", member, (int)text.n,
                     (const char *)text.p, (int)hex.n, (const char *)hex.p);
    struct collateral_part part = {body, span_of(whole, n > 0 ? (size_t)n : 0)};
    bool ok = n > 0 && (size_t)n < room && collateral_sort(d, &part, err);
    free(whole);
    return ok;
}

/* The collateral JSON of dcap-qvl (QuoteCollateralV3). */
static bool sort_dcap_qvl(struct dir *d, const struct json *root, struct situs_err *err)
{
    static const char *const members[] = {"pck_crl_issuer_chain", "root_ca_crl", "pck_crl",
                                          "tcb_info_issuer_chain", "qe_identity_issuer_chain"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct collateral_part part = {members[i], {NULL, 0}};
        if (!json_get_text(root, members[i], &part.bytes, err) || !collateral_sort(d, &part, err))
            return false;
    }
    return rebuild(d, root, "tcb_info", "tcb_info_signature", "tcbInfo", err) &&
           rebuild(d, root, "qe_identity", "qe_identity_signature", "enclaveIdentity", err);
}

static bool sort_json(struct dir *d, const struct collateral_part *part, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    if (!json_read(&doc, &root, part->bytes, part->name, err))
        return false;
    bool ok;
    if (json_has(&root, "tcbInfo"))
        ok = sort_tcb(d, &root, part->bytes, err);
    else if (json_has(&root, "enclaveIdentity"))
        ok = sort_qe(d, &root, part->bytes, err);
    else
        ok = sort_dcap_qvl(d, &root, err);
    json_free(&doc);
    return ok;
}

bool collateral_sort(struct dir *d, const struct collateral_part *part, struct situs_err *err)
{
    size_t space = 0;
    while (space < part->bytes.n && blank(part->bytes.p[space]))
        space++;
    struct span s = span_cut(part->bytes, space, part->bytes.n - space);
    if (span_starts(s, SPAN_LIT("{")))
        return sort_json(d, part, err);
    if (span_starts(s, SPAN_LIT("-----BEGIN CERTIFICATE-----")))
        return sort_chain(d, part->bytes, err);
    if (part->bytes.n > 1 && part->bytes.p[0] == 0x30 && part->bytes.p[1] >= 0x80)
        return sort_crl(d, part->name, part->bytes, err); /* DER SEQUENCE, X.690 8.1 */
    return sort_text_crl(d, part->name, s, err);
}
