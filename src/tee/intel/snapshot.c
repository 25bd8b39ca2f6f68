/* Snapshot of Intel collateral: verifies what parts.c read; see snapshot.h. */
#include "tee/intel/snapshot.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "tee/intel/parts.h"
#include "tee/intel/qe_identity.h"
#include "tee/intel/tcb_info.h"

struct load {
    struct snapshot *s;
    struct parts parts;
    const struct trust *trust;
    struct arena *a;
    struct tcb_info *infos;
    struct qe_identity *qes;
    const struct part_body **info_bodies, **qe_bodies; /* what each was read from */
    struct situs_err *err;
};

static bool fail(struct load *l, enum situs_code code, const char *name, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(l->err, code, name, field, SITUS_NO_OFFSET, expected, got);
}

/* same_anchor: anchors are their certificates; the quote may have been verified with another copy
 * of the trust store. */
static bool same_anchor(const struct anchor *a, const struct anchor *b)
{
    return memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

static bool add_issuer(struct load *l, const struct part_cert *c, const struct anchor *anchor,
                       const struct intel_issuer *parent)
{
    if (anchor->builtin && !c->cert.path_of_intel)
        return fail(l, SITUS_MISMATCH, c->name, "certificate.path_length",
                    "the path length of Intel's own certificates", "another, or none");
    const struct intel_issuer *first = l->s->pki.n_issuers ? &l->s->pki.issuers[0] : NULL;
    struct p256_key *key =
        first ? p256_key_new_like(first->key, c->cert.point) : p256_key_new(c->cert.point);
    if (!key)
        return fail(l, SITUS_MALFORMED, c->name, "certificate.key", "a point on the curve P-256",
                    "another key");
    l->s->pki.issuers[l->s->pki.n_issuers++] =
        (struct intel_issuer){c->cert, key, anchor, anchor->sha256, parent};
    return true;
}

static bool add_root(struct load *l, const struct part_cert *c)
{
    uint8_t sha256[32];
    if (!digest(HASH_SHA256, c->cert.der, sha256))
        return fail(l, SITUS_INTERNAL, c->name, "certificate", "a digest", "none");
    const struct anchor *anchor = trust_find(l->trust, sha256, ANCHOR_TDX);
    if (!anchor)
        return fail(l, SITUS_UNTRUSTED, c->name, "certificate.root",
                    "the certificate of a trust anchor for tdx", TEXT_HEX(SPAN_ARR(sha256)));
    return add_issuer(l, c, anchor, NULL);
}

/* parent_of is the verified issuer that signed the certificate. */
static const struct intel_issuer *parent_of(struct load *l, const struct part_cert *c)
{
    const struct intel_pki *pki = &l->s->pki;
    bool named = false;
    for (size_t i = 0; i < pki->n_issuers; i++) {
        const struct intel_issuer *issuer = &pki->issuers[i];
        if (!span_equal(issuer->cert.subject, c->cert.issuer))
            continue;
        named = true;
        if (intel_cert_signed_by(&c->cert, &issuer->cert, issuer->key))
            return issuer;
    }
    if (named)
        fail(l, SITUS_BAD_SIGNATURE, c->name, "certificate.signature",
             "signed by the issuer it names", "not signed by it");
    else
        fail(l, SITUS_UNTRUSTED, c->name, "certificate.issuer",
             "an issuer in the collateral, up to a trust anchor", "an issuer that is not there");
    return NULL;
}

static bool is_ca(enum intel_role role)
{
    return role == INTEL_PLATFORM_CA || role == INTEL_PROCESSOR_CA || role == INTEL_TCB_SIGNING;
}

/* Roots, then what they signed, then PCK certificates, which are verified and not kept. */
static bool load_issuers(struct load *l)
{
    const struct parts *p = &l->parts;
    l->s->pki.issuers = ARENA_ARRAY(l->a, p->n_certs, struct intel_issuer);
    if (!l->s->pki.issuers)
        return fail(l, SITUS_NO_MEMORY, "collateral", "memory", "room for issuers", "none");
    for (size_t i = 0; i < p->n_certs; i++)
        if (p->certs[i]->cert.role == INTEL_ROOT && !add_root(l, p->certs[i]))
            return false;
    for (size_t i = 0; i < p->n_certs; i++) {
        if (!is_ca(p->certs[i]->cert.role))
            continue;
        const struct intel_issuer *parent = parent_of(l, p->certs[i]);
        if (!parent || !add_issuer(l, p->certs[i], parent->anchor, parent))
            return false;
    }
    for (size_t i = 0; i < p->n_certs; i++)
        if (p->certs[i]->cert.role == INTEL_PCK && !parent_of(l, p->certs[i]))
            return false;
    return true;
}

/* named: whether a certificate of that name is in the collateral. */
static const struct intel_issuer *crl_issuer(struct load *l, const struct part_crl *c, bool *named)
{
    const struct intel_pki *pki = &l->s->pki;
    *named = false;
    for (size_t i = 0; i < pki->n_issuers; i++) {
        const struct intel_issuer *issuer = &pki->issuers[i];
        if (!span_equal(issuer->cert.subject, c->crl.issuer))
            continue;
        *named = true;
        if (intel_crl_signed_by(&c->crl, &issuer->cert, issuer->key))
            return issuer;
    }
    return NULL;
}

static bool two_crls(struct load *l, const struct part_crl *c)
{
    fail(l, SITUS_DUPLICATE, c->name, "crl.issuer", "one CRL of an issuer", "two different ones");
    return err_hint(l->err, "give only the newest CRL of each CA");
}

/* A CRL whose issuer's certificate is not there is kept, unverified, for a quote that brings it. */
static bool keep_loose(struct load *l, const struct part_crl *c)
{
    struct intel_pki *pki = &l->s->pki;
    for (size_t i = 0; i < pki->n_loose; i++)
        if (span_equal(pki->loose[i].issuer, c->crl.issuer))
            return two_crls(l, c);
    pki->loose[pki->n_loose++] = c->crl;
    return true;
}

static bool load_crls(struct load *l)
{
    const struct parts *p = &l->parts;
    struct intel_pki *pki = &l->s->pki;
    pki->crls = ARENA_ARRAY(l->a, p->n_crls, struct intel_issuer_crl);
    pki->loose = ARENA_ARRAY(l->a, p->n_crls, struct intel_crl);
    if (!pki->crls || !pki->loose)
        return fail(l, SITUS_NO_MEMORY, "collateral", "memory", "room for CRLs", "none");
    for (size_t i = 0; i < p->n_crls; i++) {
        bool named;
        const struct intel_issuer *issuer = crl_issuer(l, p->crls[i], &named);
        if (!issuer && !named) {
            if (!keep_loose(l, p->crls[i]))
                return false;
            continue;
        }
        if (!issuer)
            return fail(l, SITUS_BAD_SIGNATURE, p->crls[i]->name, "crl.signature",
                        "a CRL by an issuer in the collateral", "not signed by it");
        if (intel_pki_crl(pki, issuer))
            return two_crls(l, p->crls[i]);
        pki->crls[pki->n_crls++] = (struct intel_issuer_crl){p->crls[i]->crl, issuer};
    }
    return true;
}

/* signer_of is the TCB signing certificate whose key signed the body. */
static const struct intel_issuer *signer_of(struct load *l, const struct part_body *b)
{
    const struct intel_pki *pki = &l->s->pki;
    const char *field = b->qe ? "enclaveIdentity" : "tcbInfo";
    uint8_t hash[32];
    bool any = false;
    if (!digest(HASH_SHA256, b->raw, hash)) {
        fail(l, SITUS_INTERNAL, b->name, field, "a digest", "none");
        return NULL;
    }
    for (size_t i = 0; i < pki->n_issuers; i++) {
        const struct intel_issuer *issuer = &pki->issuers[i];
        if (issuer->cert.role != INTEL_TCB_SIGNING)
            continue;
        any = true;
        if (p256_verify(issuer->key, hash, b->rs))
            return issuer;
    }
    fail(l, any ? SITUS_BAD_SIGNATURE : SITUS_MISSING, b->name, field,
         "a signature by a TCB signing certificate in the collateral",
         any ? "a signature by none of them" : "no TCB signing certificate");
    if (!any)
        err_hint(l->err, "give the TCB info issuer chain too");
    return NULL;
}

/* again says what to do about a second body for one purpose: an equal one counts once. */
static bool again(struct load *l, const struct part_body *first, const struct part_body *second)
{
    if (span_equal(first->raw, second->raw))
        return true;
    fail(l, SITUS_DUPLICATE, second->name, second->qe ? "enclaveIdentity.id" : "tcbInfo.fmspc",
         "one of each", "two different ones");
    return err_hint(l->err, "give only the newest of both");
}

static bool load_info(struct load *l, const struct part_body *b, const struct intel_issuer *signer)
{
    struct snapshot *s = l->s;
    struct tcb_info *info = &l->infos[s->n_infos];
    if (!tcb_info_read(info, b->raw, b->name, l->a, l->err))
        return false;
    info->signer = signer;
    for (size_t i = 0; i < s->n_infos; i++)
        if (s->infos[i].tdx == info->tdx &&
            same_anchor(s->infos[i].signer->anchor, signer->anchor) &&
            memcmp(s->infos[i].fmspc, info->fmspc, sizeof info->fmspc) == 0)
            return again(l, l->info_bodies[i], b);
    l->info_bodies[s->n_infos++] = b;
    return true;
}

static bool load_qe(struct load *l, const struct part_body *b, const struct intel_issuer *signer)
{
    struct snapshot *s = l->s;
    struct qe_identity *qe = &l->qes[s->n_qes];
    if (!qe_identity_read(qe, b->raw, b->name, l->a, l->err))
        return false;
    qe->signer = signer;
    for (size_t i = 0; i < s->n_qes; i++)
        if (s->qes[i].tdx == qe->tdx && same_anchor(s->qes[i].signer->anchor, signer->anchor))
            return again(l, l->qe_bodies[i], b);
    l->qe_bodies[s->n_qes++] = b;
    return true;
}

static bool load_bodies(struct load *l)
{
    const struct parts *p = &l->parts;
    size_t n_qe = 0, n = p->n_bodies;
    for (size_t i = 0; i < n; i++)
        n_qe += p->bodies[i]->qe;
    l->infos = ARENA_ARRAY(l->a, n - n_qe, struct tcb_info);
    l->qes = ARENA_ARRAY(l->a, n_qe, struct qe_identity);
    l->info_bodies = ARENA_ARRAY(l->a, n - n_qe, const struct part_body *);
    l->qe_bodies = ARENA_ARRAY(l->a, n_qe, const struct part_body *);
    if (!l->infos || !l->qes || !l->info_bodies || !l->qe_bodies)
        return fail(l, SITUS_NO_MEMORY, "collateral", "memory", "room for its bodies", "none");
    l->s->infos = l->infos;
    l->s->qes = l->qes;
    for (size_t i = 0; i < n; i++) {
        const struct part_body *b = p->bodies[i];
        const struct intel_issuer *signer = signer_of(l, b);
        if (!signer || !(b->qe ? load_qe(l, b, signer) : load_info(l, b, signer)))
            return false;
    }
    return true;
}

/* before says that an equal part came before part i: issuer chains come once with every answer. */
static bool before(const struct situs_item *parts, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (span_equal(item_span(parts[k]), item_span(parts[i])))
            return true;
    return false;
}

static bool load_parts(struct load *l, const struct situs_item *parts, size_t n)
{
    if (!parts_new(&l->parts, l->a, l->err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!before(parts, i) && !parts_add(&l->parts, &parts[i], l->err))
            return false;
    for (size_t i = 0; i < l->trust->n; i++) {
        const struct anchor *anchor = &l->trust->anchors[i];
        if (anchor->uses & ANCHOR_TDX && anchor->der.n &&
            !parts_add_cert(&l->parts, anchor->name, anchor->der, l->err))
            return false;
    }
    return true;
}

bool snapshot_load(struct snapshot *s, const struct situs_item *parts, size_t n,
                   const struct trust *trust, struct arena *a, struct situs_err *err)
{
    struct load l = {.s = s, .trust = trust, .a = a, .err = err};
    *s = (struct snapshot){0};
    if (load_parts(&l, parts, n) && load_issuers(&l) && load_crls(&l) && load_bodies(&l))
        return true;
    snapshot_free(s);
    return false;
}

bool snapshot_parts_read(const struct situs_item *parts, size_t n, const struct trust *trust,
                         struct arena *a, struct situs_err *err)
{
    struct load l = {.trust = trust, .a = a, .err = err};
    return load_parts(&l, parts, n);
}

void snapshot_free(struct snapshot *s)
{
    for (size_t i = 0; i < s->pki.n_issuers; i++)
        p256_key_free(s->pki.issuers[i].key);
    *s = (struct snapshot){0};
}

bool snapshot_tabulate(struct snapshot *s)
{
    bool all = true;
    for (size_t i = 0; i < s->pki.n_issuers; i++) {
        struct intel_issuer *issuer = &s->pki.issuers[i];
        if (issuer->cert.role == INTEL_PLATFORM_CA || issuer->cert.role == INTEL_PROCESSOR_CA)
            all &= p256_key_tabulate(issuer->key);
    }
    return all;
}

const struct tcb_info *snapshot_tcb(const struct snapshot *s, const struct anchor *anchor, bool tdx,
                                    struct span fmspc)
{
    for (size_t i = 0; i < s->n_infos; i++)
        if (s->infos[i].tdx == tdx && same_anchor(s->infos[i].signer->anchor, anchor) &&
            span_equal(SPAN_ARR(s->infos[i].fmspc), fmspc))
            return &s->infos[i];
    return NULL;
}

const struct qe_identity *snapshot_qe(const struct snapshot *s, const struct anchor *anchor,
                                      bool tdx)
{
    for (size_t i = 0; i < s->n_qes; i++)
        if (s->qes[i].tdx == tdx && same_anchor(s->qes[i].signer->anchor, anchor))
            return &s->qes[i];
    return NULL;
}
