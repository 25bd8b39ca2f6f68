/* AMD's collateral; see amd_collateral.h. */
#include "tee/amd/amd_collateral.h"

#include "base/text.h"
#include "codec/pem.h"
#include "crypto/digest.h"

#define UNKNOWN "certificates of ARK, ASK, ASVK, VCEK, VLEK, and CRLs"

static bool is_der(struct span in)
{
    return in.n > 1 && in.p[0] == 0x30 && in.p[1] >= 0x80; /* X.690 8.1 */
}

static const char *label_of(struct span pem)
{
    if (span_starts(pem, SPAN_LIT(PEM_BEGIN(PEM_CERTIFICATE))))
        return PEM_CERTIFICATE;
    return span_starts(pem, SPAN_LIT(PEM_BEGIN(PEM_CRL))) ? PEM_CRL : NULL;
}

bool amd_collateral_takes(struct span bytes, struct arena *a)
{
    struct situs_err why = {0};
    struct span pem = text_trim(bytes), der = bytes;
    const char *label = label_of(pem);
    struct rd r = rd_new(pem, 0, "", &why);
    return (label ? pem_block(&r, label, "", a, &der) : is_der(bytes)) && amd_names(der);
}

static bool fail(struct situs_err *err, enum situs_code code, const char *part, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, part, field, SITUS_NO_OFFSET, expected, got);
}

/* The family stands behind the last dash of the names of ARK, ASK and ASVK. */
static const struct product *family_of(const struct x509 *cert)
{
    uint8_t text[64];
    size_t n = x509_common_name(cert, text, sizeof text), at = n;
    while (at > 0 && text[at - 1] != '-')
        at--;
    return product_by_name(span_of(text + at, n - at));
}

static bool is_vek(enum amd_role role)
{
    return role == AMD_VCEK || role == AMD_VLEK;
}

/* What the certificate says; x509 is the collateral's to free. */
static bool read_cert(struct amd_cert *c, struct situs_err *err)
{
    c->x509 = x509_read(c->der, NULL, c->name, err);
    if (!c->x509)
        return false;
    c->role = amd_role_of(c->x509);
    if (c->role == AMD_NONE)
        return fail(err, SITUS_UNKNOWN, c->name, "subject", UNKNOWN, "another certificate");
    if (!is_vek(c->role)) {
        c->product = family_of(c->x509);
        return c->product || fail(err, SITUS_UNSUPPORTED, c->name, "subject",
                                  "Milan, Genoa, Turin or Venice", "another product");
    }
    if (!vek_read(&c->vek, c->x509, c->role, c->name, err))
        return false;
    c->product = c->vek.product;
    c->key = x509_key(c->x509, c->name, err);
    if (c->key && !verify_key_on(c->key, CURVE_P384))
        return fail(err, SITUS_UNSUPPORTED, c->name, "key", "a key on the curve P-384", "another");
    return c->key != NULL;
}

static bool add(struct amd_collateral *c, const char *name, struct span der, struct situs_err *err)
{
    static const struct crl_rules any = {.intel = false};
    struct situs_err not_crl = {0};
    struct crl crl;
    bool is_crl = crl_read(&crl, der, &any, name, &not_crl);
    for (size_t i = 0; i < c->n; i++)
        if (span_equal(c->certs[i].der, der))
            return true;
    for (size_t i = 0; i < c->n_crls; i++)
        if (span_equal(c->crls[i].crl.der, der))
            return true;
    if (is_crl ? c->n_crls == AMD_CRLS : c->n == AMD_CERTS)
        return fail(err, SITUS_TOO_LONG, name, "", "at most 32 certificates and 8 CRLs of AMD's",
                    "more");
    if (is_crl) {
        c->crls[c->n_crls++] = (struct amd_crl){.crl = crl, .name = name};
        return true;
    }
    struct amd_cert *cert = &c->certs[c->n++];
    *cert = (struct amd_cert){.der = der, .name = name};
    return read_cert(cert, err);
}

static bool add_pem(struct amd_collateral *c, const char *name, struct span pem, struct arena *a,
                    struct situs_err *err)
{
    struct rd r = rd_new(pem, 0, name, err);
    while (pem_space(&r) > 0) {
        const char *label = label_of(span_cut(r.in, r.pos, rd_left(&r)));
        struct span der;
        if (!pem_block(&r, label ? label : PEM_CERTIFICATE, "pem", a, &der) ||
            !add(c, name, der, err))
            return false;
    }
    return rd_ok(&r);
}

bool amd_collateral_read(struct amd_collateral *c, const struct situs_item *items, size_t n,
                         struct arena *a, struct situs_err *err)
{
    *c = (struct amd_collateral){.n = 0};
    if (n == 0)
        return true;
    c->certs = ARENA_ARRAY(a, AMD_CERTS, struct amd_cert);
    c->crls = ARENA_ARRAY(a, AMD_CRLS, struct amd_crl);
    if (!c->certs || !c->crls)
        return fail(err, SITUS_NO_MEMORY, "collateral", "memory", "room for certificates", "none");
    for (size_t i = 0; i < n; i++) {
        const char *name = items[i].name ? items[i].name : "collateral";
        struct span bytes = item_span(items[i]), pem = text_trim(bytes);
        if (label_of(pem) ? !add_pem(c, name, pem, a, err) : !add(c, name, bytes, err))
            return false;
    }
    return true;
}

static bool issues(const struct amd_cert *issuer, const struct amd_cert *cert)
{
    static const enum amd_role above[] = {[AMD_VCEK] = AMD_ASK, [AMD_VLEK] = AMD_ASVK};
    return issuer->product == cert->product &&
           (issuer->role == AMD_ARK || (is_vek(cert->role) && issuer->role == above[cert->role]));
}

static bool has(const struct span *v, size_t n, struct span der)
{
    for (size_t i = 0; i < n; i++)
        if (span_equal(v[i], der))
            return true;
    return false;
}

struct x509_question amd_chain_question(const struct amd_cert *cert,
                                        const struct amd_collateral *const sets[2],
                                        struct span extra[LIMIT_CHAIN_CERTS])
{
    struct x509_question q = {.leaf = cert->x509, .extra = extra};
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; sets[s] && i < sets[s]->n && q.n_extra < LIMIT_CHAIN_CERTS; i++)
            if (issues(&sets[s]->certs[i], cert) && !has(extra, q.n_extra, sets[s]->certs[i].der))
                extra[q.n_extra++] = sets[s]->certs[i].der;
    return q;
}

static bool anchored(const struct amd_cert *c, const struct trust *trust, struct situs_err *err)
{
    uint8_t sha256[32];
    if (!digest(HASH_SHA256, c->der, sha256))
        return fail(err, SITUS_INTERNAL, c->name, "certificate", "a digest", "none");
    if (trust_find(trust, sha256, ANCHOR_SNP))
        return true;
    fail(err, SITUS_UNTRUSTED, c->name, "certificate.root",
         "the certificate of a trust anchor for snp", TEXT_HEX(SPAN_ARR(sha256)));
    return err_hint(err, "AMD's roots of Milan, Genoa and Turin are built in; another's goes into "
                         "the trust file, with the use \"snp\"");
}

/* Signatures are asked at a time that all certificates share, where there is one. */
static bool know(struct amd_collateral *c, struct amd_cert *cert,
                 const struct trust_anchors *anchors, struct situs_err *err)
{
    const struct amd_collateral *const sets[2] = {c, NULL};
    struct span extra[LIMIT_CHAIN_CERTS];
    struct x509_question q = amd_chain_question(cert, sets, extra);
    struct x509_answer answer;
    struct window valid;
    q.anchors = anchors->v;
    q.n_anchors = anchors->n;
    q.part = cert->name;
    if (!x509_validity(cert->x509, &valid))
        return fail(err, SITUS_MALFORMED, cert->name, "validity", "two times", "none");
    q.at = valid.from + 1; /* a certificate is made after its issuers' */
    if (x509_know(&q, &cert->known))
        return true;
    return x509_verify(&q, &answer, err) ||
           err_hint(err, "give the chain too: KDS answers .../cert_chain with ASK (ASVK) and ARK; "
                         "\"situs collateral fetch\" gets both");
}

/* A CRL is an ARK's that is here. */
static bool know_crl(const struct amd_collateral *c, struct amd_crl *crl, struct situs_err *err)
{
    struct situs_err why = {0};
    for (size_t i = 0; i < c->n && !crl->product; i++) {
        struct situs_err none = {0};
        struct public_key *key =
            c->certs[i].role == AMD_ARK ? x509_key(c->certs[i].x509, crl->name, &none) : NULL;
        why = (struct situs_err){0};
        if (key && crl_signed_by(&crl->crl, key, &why))
            crl->product = c->certs[i].product;
        verify_key_free(key);
    }
    if (crl->product)
        return true;
    fail(err, SITUS_UNTRUSTED, crl->name, "crl.signature",
         "a CRL signed by an ARK in the collateral", "signed by none of them");
    return err_hint(err,
                    "give the ARK's certificate with its CRL: KDS answers .../cert_chain with it");
}

bool amd_collateral_load(struct amd_collateral *c, const struct situs_item *items, size_t n,
                         const struct trust *trust, struct arena *a, struct situs_err *err)
{
    struct trust_anchors anchors;
    bool ok = amd_collateral_read(c, items, n, a, err);
    if (!ok || n == 0)
        return ok;
    if (!trust_anchors(trust, ANCHOR_SNP, AK_PROFILE_NONE, a, &anchors))
        return fail(err, SITUS_NO_MEMORY, "collateral", "memory", "room for anchors", "none");
    c->mark = trust_mark(trust);
    for (size_t i = 0; i < c->n; i++)
        if (c->certs[i].role == AMD_ARK ? !anchored(&c->certs[i], trust, err)
                                        : !know(c, &c->certs[i], &anchors, err))
            return false;
    for (size_t i = 0; i < c->n_crls; i++)
        if (!know_crl(c, &c->crls[i], err))
            return false;
    return true;
}

/* The common name "ARK-Milan" ends in the family, and the Name ends with it or goes on in another
 * attribute. */
const struct product *amd_crl_product(const struct crl *crl)
{
    struct span name = crl->issuer;
    for (size_t i = 0; i + 4 <= name.n; i++) {
        if (!span_starts(span_cut(name, i, name.n - i), SPAN_LIT("ARK-")) || i == 0)
            continue;
        size_t size = name.p[i - 1]; /* of the text, less than 128 (X.690 8.1.3) */
        return size >= 4 && size <= name.n - i ? product_by_name(span_cut(name, i + 4, size - 4))
                                               : NULL;
    }
    return NULL;
}

void amd_collateral_free(struct amd_collateral *c)
{
    for (size_t i = 0; i < c->n; i++) {
        x509_free(c->certs[i].x509);
        verify_key_free(c->certs[i].key);
    }
    *c = (struct amd_collateral){.n = 0};
}
