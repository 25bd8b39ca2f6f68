/* Signature and chain of an attestation report; see snp_verify.h. */
#include "tee/amd/snp_verify.h"

#include "base/text.h"
#include "crypto/verify.h"

#define TRIED 4 /* certificates under which a signature is asked, where several fit */

struct verify {
    const struct snp_report *r;
    const struct snp_question *q;
    struct arena *a;
    struct claims *c;
    struct findings *f;
    struct amd_collateral table;          /* of the report */
    const struct amd_collateral *sets[2]; /* the caller's, and that */
    struct trust_anchors anchors;
    struct x509_crls *crls;
};

static bool fail(struct verify *v, enum situs_code code, const char *field, const char *expected,
                 const char *got, const char *hint)
{
    return finding_fail(v->f, CHECK_SNP_VEK_CHAIN, code, FINDING_AT("snp", field), expected, got,
                        hint);
}

/* All CRLs that can have a say: the collateral's, the table's, and those given beside. */
static bool gather_crls(struct verify *v)
{
    v->crls = ARENA_NEW(v->a, struct x509_crls);
    if (!v->crls)
        return fail(v, SITUS_NO_MEMORY, "crl", "room for the CRLs", "none", NULL);
    if (v->q->crls)
        *v->crls = *v->q->crls;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; v->sets[s] && i < v->sets[s]->n_crls; i++)
            if (!x509_crls_add(v->crls, v->sets[s]->crls[i].crl.der, v->sets[s]->from_bundle))
                return fail(v, SITUS_TOO_LONG, "crl", "at most 16 CRLs", "more", NULL);
    return true;
}

static bool begin(struct verify *v)
{
    struct situs_item items[SNP_CERTS];
    struct situs_err err = {0};
    for (size_t i = 0; i < v->r->n_certs; i++)
        items[i] = item_of("certificate table", v->r->certs[i]);
    if (!amd_collateral_read(&v->table, items, v->r->n_certs, v->a, &err))
        return finding_fail_err(v->f, CHECK_SNP_VEK_CHAIN, &err);
    v->table.from_bundle = true;
    v->sets[0] = v->q->collateral;
    v->sets[1] = &v->table;
    if (!trust_anchors(v->q->trust, ANCHOR_SNP, AK_PROFILE_NONE, v->a, &v->anchors))
        return fail(v, SITUS_NO_MEMORY, "anchors", "room for the anchors", "none", NULL);
    return gather_crls(v);
}

static bool masked(const struct snp_report *r)
{
    return span_all(SNP_CHIP_ID(r), 0);
}

static bool of_this_report(const struct verify *v, const struct amd_cert *cert)
{
    return span_equal(SPAN_ARR(cert->vek.tcb), SNP_REPORTED_TCB(v->r)) &&
           (v->r->vlek || masked(v->r) || span_equal(SPAN_ARR(cert->vek.hwid), SNP_CHIP_ID(v->r)));
}

static bool is_signed(const struct verify *v, const struct amd_cert *cert)
{
    return verify_ecdsa_known(cert->key, v->q->hot, HASH_SHA384, v->r->signed_part,
                              SPAN_ARR(v->r->r), SPAN_ARR(v->r->s));
}

static bool same(const struct amd_cert *const *v, size_t n, const struct amd_cert *cert)
{
    for (size_t i = 0; i < n; i++)
        if (span_equal(v[i]->der, cert->der))
            return true;
    return false;
}

/* find is the certificate of the key that signed: of this kind, TCB and chip; where there is none,
 * one of this kind, so that what differs is told. */
static const struct amd_cert *find(const struct verify *v)
{
    const struct amd_cert *fits[TRIED], *near = NULL;
    size_t n = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; v->sets[s] && i < v->sets[s]->n; i++) {
            const struct amd_cert *cert = &v->sets[s]->certs[i];
            if (cert->role != (v->r->vlek ? AMD_VLEK : AMD_VCEK))
                continue;
            near = near ? near : cert;
            if (n < TRIED && of_this_report(v, cert) && !same(fits, n, cert))
                fits[n++] = cert;
        }
    for (size_t i = 0; n > 1 && i < n; i++)
        if (is_signed(v, fits[i]))
            return fits[i];
    return n ? fits[0] : near;
}

static bool missing(struct verify *v)
{
    return fail(v, SITUS_MISSING, v->r->vlek ? "vlek" : "vcek",
                v->r->vlek ? "the certificate of the VLEK that signed"
                           : "the certificate of the VCEK that signed",
                "none",
                v->r->vlek ? "only the provider has it: have the report with its certificate table"
                           : "give --collateral DIR with what \"situs collateral fetch\" gets");
}

static bool ask(struct verify *v, const struct amd_cert *cert, bool require_crls,
                struct x509_answer *answer, struct situs_err *err)
{
    struct span extra[LIMIT_CHAIN_CERTS];
    struct x509_question q = amd_chain_question(cert, v->sets, extra);
    const struct amd_collateral *given = v->q->collateral;
    bool known = given && trust_marked(&given->mark, v->q->trust);
    q.anchors = v->anchors.v;
    q.n_anchors = v->anchors.n;
    q.known = known ? &cert->known : NULL;
    q.crls = v->crls;
    q.require_crls = require_crls;
    q.bundle_crl_days = v->q->policy->v[PARAM_SNP_MAX_CRL_AGE].num;
    q.at = v->q->at;
    q.part = "vek";
    if (!require_crls && x509_known_at(q.known, q.at) &&
        !x509_crls_concern(v->crls, &cert->known.answer.issuers)) {
        *answer = cert->known.answer; /* no certificate is decoded again */
        return true;
    }
    return x509_verify(&q, answer, err);
}

/* An ARK's CRL is about ASK and ASVK; those have none of what they issue (57230, 4.3). */
static bool crls_hold(struct verify *v, const struct amd_cert *vek, struct situs_err *err)
{
    struct x509_answer answer;
    enum amd_role role = vek->vek.vlek ? AMD_ASVK : AMD_ASK;
    bool any = false;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; v->sets[s] && i < v->sets[s]->n; i++) {
            const struct amd_cert *cert = &v->sets[s]->certs[i];
            if (cert->role != role || cert->product != vek->product)
                continue;
            any = true;
            if (!ask(v, cert, true, &answer, err))
                return false;
        }
    return any || err_fail(err, SITUS_MISSING, "vek", "crl", SITUS_NO_OFFSET,
                           "the certificate of ASK or ASVK, to look it up", "none");
}

/* What is said of the chain, or NULL with a failed row. */
static const struct anchor *chain_holds(struct verify *v, const struct amd_cert *vek,
                                        const char **note)
{
    struct x509_answer answer;
    struct situs_err err = {0};
    bool required = v->q->policy->v[PARAM_SNP_REQUIRE_CRL].flag;
    if (!ask(v, vek, false, &answer, &err) ||
        ((v->crls->n || required) && !crls_hold(v, vek, &err) && required)) {
        finding_fail_err(v->f, CHECK_SNP_VEK_CHAIN, &err);
        return NULL;
    }
    if (err.code != SITUS_NONE || !v->crls->n)
        *note = "no CRL of AMD's was checked: whether it took back an ASK or ASVK is not known";
    finding_until(v->f, CHECK_SNP_VEK_CHAIN, answer.valid.to, "the chain of the VEK's certificate");
    finding_until(v->f, CHECK_SNP_VEK_CHAIN, answer.same.to, "the chain or CRL of the VEK");
    claim_num(v->c, CLAIM_COLLATERAL_EXPIRES, answer.valid.to);
    v->c->issuers = answer.issuers;
    return v->anchors.from[answer.anchor];
}

/* The certificate is of the processor, chip and TCB that the report names: else its key is another. */
static bool of_the_chip(struct verify *v, const struct amd_cert *vek)
{
    const struct snp_report *r = v->r;
    uint8_t family = r->whole.p[0x188], model = r->whole.p[0x189]; /* CPUID_FAM_ID, CPUID_MOD_ID */
    const struct product *says = r->version >= 3 ? product_by_cpuid(family, model) : vek->product;
    if (says != vek->product)
        return fail(v, SITUS_MISMATCH, "cpuid_mod_id", vek->product->name,
                    says ? says->name : "a processor that is not known",
                    "the certificate is of another processor than the report's");
    if (!r->vlek && !masked(r) && !span_equal(SPAN_ARR(vek->vek.hwid), SNP_CHIP_ID(r)))
        return fail(v, SITUS_MISMATCH, "chip_id", TEXT_HEX(SPAN_ARR(vek->vek.hwid)),
                    TEXT_HEX(SNP_CHIP_ID(r)),
                    "the VCEK is of another chip: fetch that of this one (situs collateral fetch "
                    "--for)");
    char other[PRODUCT_TCB_TEXT], tcb[PRODUCT_TCB_TEXT];
    return span_equal(SPAN_ARR(vek->vek.tcb), SNP_REPORTED_TCB(r)) ||
           fail(v, SITUS_MISMATCH, "reported_tcb",
                product_tcb_text(other, vek->product, SPAN_ARR(vek->vek.tcb)),
                product_tcb_text(tcb, vek->product, SNP_REPORTED_TCB(r)),
                "the certificate is of another TCB: fetch that of the reported one (situs "
                "collateral "
                "fetch --for)");
}

/* Whose key the policy lets sign. */
static bool allowed(struct verify *v, const struct amd_cert *vek)
{
    const struct policy *p = v->q->policy;
    bool vlek = vek->vek.vlek;
    if (!policy_word(p, PARAM_SNP_KEYS, vlek ? SPAN_LIT("vlek") : SPAN_LIT("vcek")))
        return fail(
            v, SITUS_NOT_ALLOWED, "signing_key", vlek ? "vcek" : "vlek", vlek ? "vlek" : "vcek",
            vlek ? "have the host let the chip's own key sign (VCEK), or allow vlek in keys"
                 : "have the host let the provider's key sign (VLEK), or allow vcek in keys");
    return !vlek || !p->v[PARAM_SNP_CSP].given || policy_word(p, PARAM_SNP_CSP, vek->vek.csp_id) ||
           fail(v, SITUS_NOT_ALLOWED, "csp_id", "a provider that the policy lists (csp)",
                TEXT_CUT(vek->vek.csp_id), "the VLEK is another provider's, or of another region");
}

static bool state(struct verify *v, const struct amd_cert *vek)
{
    char text[PRODUCT_TCB_TEXT];
    struct claims *c = v->c;
    struct span words =
        arena_copy(v->a, span_text(product_tcb_text(text, vek->product, SNP_REPORTED_TCB(v->r))));
    struct span csp = arena_copy(v->a, vek->vek.csp_id);
    if (!words.p || (vek->vek.vlek && !csp.p))
        return fail(v, SITUS_NO_MEMORY, "vek", "room for the claims", "none", NULL);
    claim_bytes(c, CLAIM_PRODUCT, span_text(vek->product->name));
    claim_bytes(c, CLAIM_TCB, words);
    if (vek->vek.vlek)
        claim_bytes(c, CLAIM_CSP_ID, csp);
    else if (!masked(v->r))
        claim_bytes(c, CLAIM_CHIP_ID, SNP_CHIP_ID(v->r));
    return true;
}

static void judge(struct verify *v, const struct amd_cert *vek, const char **note)
{
    const struct anchor *anchor = chain_holds(v, vek, note);
    if (!anchor) {
        finding_skip(v->f, CHECK_SNP_SIGNATURE, "the VEK's chain does not verify");
        return;
    }
    if (!of_the_chip(v, vek)) {
        finding_skip(v->f, CHECK_SNP_SIGNATURE, "the certificate is of another key");
        return;
    }
    if (state(v, vek) && allowed(v, vek))
        finding_pass(v->f, CHECK_SNP_VEK_CHAIN);
    if (!is_signed(v, vek))
        finding_fail(v->f, CHECK_SNP_SIGNATURE, SITUS_BAD_SIGNATURE, FINDING_AT("snp", "signature"),
                     "a signature by the VEK over the report, bytes 0 to 29fh", "another signature",
                     NULL);
    else
        finding_pass(v->f, CHECK_SNP_SIGNATURE);
    if (v->f->v[CHECK_SNP_VEK_CHAIN].outcome == OUTCOME_PASS &&
        v->f->v[CHECK_SNP_SIGNATURE].outcome == OUTCOME_PASS)
        v->c->authority = anchor;
}

const char *snp_verify(const struct snp_report *r, const struct snp_question *q, struct arena *a,
                       struct claims *c, struct findings *f)
{
    struct verify v = {.r = r, .q = q, .a = a, .c = c, .f = f};
    const char *note = NULL;
    c->authority = NULL;
    if (begin(&v)) {
        const struct amd_cert *vek = find(&v);
        if (vek)
            judge(&v, vek, &note);
        else
            missing(&v);
    }
    finding_skip(f, CHECK_SNP_SIGNATURE, "there is no certificate of the key that signed");
    snp_attributes_check(r, q->policy, f);
    amd_collateral_free(&v.table);
    return note;
}
