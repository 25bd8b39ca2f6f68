/* Recognition of collateral; see parts.h. */
#include "tee/intel/parts.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"
#include "codec/json/scan.h"
#include "codec/pem.h"
#include "tee/intel/qvl.h"

static bool full(const char *name, const char *field, const char *most, struct situs_err *err)
{
    err_fail(err, SITUS_TOO_LONG, name, field, SITUS_NO_OFFSET, most, "more");
    return err_hint(err, "load the collateral of fewer platforms");
}

static bool no_memory(const char *name, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, name, "memory", SITUS_NO_OFFSET, "room for the snapshot",
                    "none");
}

bool parts_new(struct parts *parts, struct arena *a, struct situs_err *err)
{
    *parts = (struct parts){
        .certs = ARENA_ARRAY(a, LIMIT_COLLATERAL_CERTS, struct part_cert *),
        .crls = ARENA_ARRAY(a, LIMIT_COLLATERAL_CRLS, struct part_crl *),
        .bodies = ARENA_ARRAY(a, LIMIT_COLLATERAL_PARTS, struct part_body *),
        .a = a,
    };
    return (parts->certs && parts->crls && parts->bodies) || no_memory("collateral", err);
}

static bool keep_cert(struct parts *parts, const char *name, const struct intel_cert *cert,
                      struct situs_err *err)
{
    for (size_t i = 0; i < parts->n_certs; i++)
        if (span_equal(parts->certs[i]->cert.der, cert->der))
            return true;
    if (parts->n_certs == LIMIT_COLLATERAL_CERTS)
        return full(name, "certificates", "at most 64 different certificates", err);
    struct part_cert *kept = ARENA_NEW(parts->a, struct part_cert);
    if (!kept)
        return no_memory(name, err);
    *kept = (struct part_cert){*cert, name};
    parts->certs[parts->n_certs++] = kept;
    return true;
}

bool parts_add_cert(struct parts *parts, const char *name, struct span der, struct situs_err *err)
{
    struct intel_cert cert;
    return intel_cert_read(&cert, der, 0, name, err) && keep_cert(parts, name, &cert, err);
}

static bool add_chain(struct parts *parts, const char *name, struct span pem, struct situs_err *err)
{
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    size_t n = 0;
    if (!intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n, (struct intel_pem){pem, 0, name}, parts->a,
                         err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!keep_cert(parts, name, &certs[i], err))
            return false;
    return true;
}

static bool add_crl(struct parts *parts, const char *name, struct span der, struct situs_err *err)
{
    if (der.n > LIMIT_CRL)
        return err_fail(err, SITUS_TOO_LONG, name, "crl", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_CRL),
                        TEXT_BYTES(der.n));
    for (size_t i = 0; i < parts->n_crls; i++)
        if (span_equal(parts->crls[i]->crl.der, der))
            return true;
    struct part_crl *kept = ARENA_NEW(parts->a, struct part_crl);
    if (!kept)
        return no_memory(name, err);
    kept->name = name;
    if (!intel_crl_read(&kept->crl, der, name, parts->a, err))
        return false;
    if (parts->n_crls == LIMIT_COLLATERAL_CRLS)
        return full(name, "crls", "at most 32 different CRLs", err);
    parts->crls[parts->n_crls++] = kept;
    return true;
}

static bool add_hex_crl(struct parts *parts, const char *name, struct span hex,
                        struct situs_err *err)
{
    size_t n = hex.n / 2;
    uint8_t *der = arena_take(parts->a, n);
    if (!der)
        return no_memory(name, err);
    if (!text_hex_read(der, n, hex))
        return err_fail(err, SITUS_MALFORMED, name, "crl", SITUS_NO_OFFSET, "hex digits in pairs",
                        "other text");
    return add_crl(parts, name, span_of(der, n), err);
}

static bool add_pem_crl(struct parts *parts, const char *name, struct span pem,
                        struct situs_err *err)
{
    struct rd r = rd_new(pem, 0, name, err);
    struct span der;
    return pem_block(&r, PEM_CRL, "crl", parts->a, &der) && rd_end(&r, "crl") &&
           add_crl(parts, name, der, err);
}

static bool add_body(struct parts *parts, const char *name, bool qe, struct span raw,
                     const uint8_t rs[64], struct situs_err *err)
{
    if (raw.n > LIMIT_COLLATERAL_JSON)
        return err_fail(err, SITUS_TOO_LONG, name, qe ? "enclaveIdentity" : "tcbInfo",
                        SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_COLLATERAL_JSON), TEXT_BYTES(raw.n));
    if (parts->n_bodies == LIMIT_COLLATERAL_PARTS)
        return full(name, "bodies", "at most 512 TCB infos and QE identities", err);
    struct part_body *b = ARENA_NEW(parts->a, struct part_body);
    if (!b)
        return no_memory(name, err);
    *b = (struct part_body){.raw = raw, .qe = qe, .name = name};
    memcpy(b->rs, rs, sizeof b->rs);
    parts->bodies[parts->n_bodies++] = b;
    return true;
}

enum { TCB_INFO, QE_IDENTITY, SIGNATURE, ANSWER_KEYS };
static const char *const answer_keys[ANSWER_KEYS] = {"tcbInfo", "enclaveIdentity", "signature"};

/* is_answer: a PCS answer, by its first member. */
static bool is_answer(struct span text)
{
    struct situs_err ignored = {0};
    struct scan s = scan_new(text, 0, NULL, "", &ignored);
    struct scan_level o;
    scan_object(&s, &o, answer_keys, ANSWER_KEYS);
    return scan_any_member(&s, &o) && o.index < ANSWER_KEYS;
}

/* A PCS answer: {"tcbInfo": BODY, "signature": HEX}, or "enclaveIdentity". Its body is what the
 * signature covers, and read only after that was verified. */
static bool add_answer(struct parts *parts, const char *name, struct span text,
                       struct situs_err *err)
{
    struct scan s = scan_new(text, 0, NULL, name, err);
    struct scan_level o;
    struct span raw = {NULL, 0}, hex = {NULL, 0};
    uint8_t rs[64];
    bool qe = false;
    scan_object(&s, &o, answer_keys, ANSWER_KEYS);
    while (scan_any_member(&s, &o)) {
        if (o.index == SIGNATURE) {
            hex = scan_text(&s);
        } else if (o.index == ANSWER_KEYS || raw.n) {
            scan_fail(&s, SITUS_UNKNOWN, "one body and its signature", TEXT_CUT(o.key));
        } else {
            qe = o.index == QE_IDENTITY;
            raw = scan_skip(&s);
        }
    }
    uint64_t other = 1u << (qe ? TCB_INFO : QE_IDENTITY);
    if (!scan_need(&s, &o, other) || !scan_end(&s))
        return false;
    if (!text_hex_read(rs, sizeof rs, hex))
        return err_fail(err, SITUS_MALFORMED, name, "signature", SITUS_NO_OFFSET, "128 hex digits",
                        TEXT_CUT(hex));
    return add_body(parts, name, qe, raw, rs, err);
}

static bool add_text(struct parts *parts, const char *name, struct span text,
                     struct situs_err *err);

/* without_nul: Intel's sgx_ql_qve_collateral_t counts a final NUL in the size of each member, and
 * so do files that are written from it. Nothing that is signed lies behind it. */
static struct span without_nul(struct span s)
{
    return s.n > 1 && s.p[s.n - 1] == 0 ? span_cut(s, 0, s.n - 1) : s;
}

/* QuoteCollateralV3 of dcap-qvl: everything in one object; bodies are text. */
static bool add_qvl(struct parts *parts, const char *name, struct span text, struct situs_err *err)
{
    struct qvl qvl;
    if (!qvl_read(&qvl, text, name, parts->a, err))
        return false;
    for (enum qvl_key i = 0; i < QVL_TCB_INFO; i++)
        if (qvl.v[i].p && !add_text(parts, name, qvl.v[i], err))
            return false;
    for (enum qvl_key i = QVL_TCB_INFO; i <= QVL_QE_IDENTITY; i++) {
        uint8_t rs[64];
        enum qvl_key signature = i + (QVL_TCB_INFO_SIGNATURE - QVL_TCB_INFO);
        if (!text_hex_read(rs, sizeof rs, qvl.v[signature]))
            return err_fail(err, SITUS_MALFORMED, name, qvl_name(signature), SITUS_NO_OFFSET,
                            "128 hex digits", TEXT_CUT(qvl.v[signature]));
        if (!add_body(parts, name, i == QVL_QE_IDENTITY, qvl.v[i], rs, err))
            return false;
    }
    return true;
}

static bool is_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
              ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'f')))
            return false;
    return s.n > 0;
}

static bool add_text(struct parts *parts, const char *name, struct span text, struct situs_err *err)
{
    struct span s = text_trim(without_nul(text));
    if (span_starts(s, SPAN_LIT(PEM_BEGIN(PEM_CERTIFICATE))))
        return add_chain(parts, name, text, err);
    if (span_starts(s, SPAN_LIT(PEM_BEGIN(PEM_CRL))))
        return add_pem_crl(parts, name, s, err);
    if (is_hex(s))
        return add_hex_crl(parts, name, s, err);
    err_fail(err, SITUS_UNKNOWN, name, "collateral", SITUS_NO_OFFSET,
             "a PCS answer, a PEM chain, a CRL (DER, hex, PEM) or dcap-qvl JSON",
             text.n ? TEXT_CUT(span_cut(text, 0, text.n < 24 ? text.n : 24)) : "nothing");
    if (text_stands_for(s))
        return err_hint(err, text_stands_for(s));
    return err_hint(err, "is it the right file? \"situs collateral fetch\" gets what is needed");
}

/* is_certificate: of the two DER forms only a certificate's inner SEQUENCE begins with [0] (RFC
 * 5280 4.1, 5.1). */
static bool is_certificate(struct span der)
{
    struct situs_err ignored = {0};
    struct rd r = rd_new(der, 0, "", &ignored);
    struct rd outer = der_enter(&r, DER_SEQUENCE, ""), tbs = der_enter(&outer, DER_SEQUENCE, "");
    return rd_ok(&tbs) && der_peek(&tbs) == DER_EXPLICIT_0;
}

/* DER says where it ends: only what lies behind that may be a NUL. */
static bool add_der(struct parts *parts, const char *name, struct span bytes, struct situs_err *err)
{
    struct situs_err ignored = {0};
    struct rd r = rd_new(bytes, 0, "", &ignored);
    struct span whole = der_element(&r, DER_SEQUENCE, "");
    struct span der = rd_ok(&r) && whole.n + 1 == bytes.n ? without_nul(bytes) : bytes;
    return is_certificate(der) ? parts_add_cert(parts, name, der, err)
                               : add_crl(parts, name, der, err);
}

bool parts_add(struct parts *parts, const struct situs_item *part, struct situs_err *err)
{
    struct span bytes = item_span(*part), s = text_trim(bytes);
    const char *name = part->name ? part->name : "collateral";
    if (bytes.n > LIMIT_COLLATERAL_FILE)
        return err_fail(err, SITUS_TOO_LONG, name, "collateral", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_COLLATERAL_FILE), TEXT_BYTES(bytes.n));
    if (s.n && s.p[0] == '{')
        return is_answer(bytes) ? add_answer(parts, name, without_nul(bytes), err)
                                : add_qvl(parts, name, without_nul(bytes), err);
    if (bytes.n && bytes.p[0] == 0x30) /* DER SEQUENCE; hex of it begins with '3' */
        return add_der(parts, name, bytes, err);
    return add_text(parts, name, bytes, err);
}
