/* What is wanted; see wanted.h. */
#include "collateral/wanted.h"

#include "base/text.h"
#include "model/bundle.h"
#include "situs/door.h"
#include "tee/amd/snp_report.h"
#include "tee/intel/quote.h"

#include <stdio.h>
#include <stdlib.h>

static bool has_info(const struct wanted *w, const struct wanted_info *info)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->info[i].tdx == info->tdx && memcmp(w->info[i].fmspc, info->fmspc, 6) == 0)
            return true;
    return false;
}

static void add_info(struct wanted *w, const struct wanted_info *info)
{
    if (!has_info(w, info) && w->n < sizeof w->info / sizeof *w->info)
        w->info[w->n++] = *info;
}

void wanted_platform(struct wanted *w, const struct wanted_info *platform, bool platform_ca)
{
    add_info(w, platform);
    w->tdx_qe = w->tdx_qe || platform->tdx;
    w->sgx_qe = w->sgx_qe || !platform->tdx;
    w->platform_crl = w->platform_crl || platform_ca;
    w->processor_crl = w->processor_crl || !platform_ca;
}

/* by_quote reads from the quote's PCK chain what to ask for. */
static bool by_quote(struct wanted *w, struct span bytes, struct arena *a, struct situs_err *err)
{
    struct quote q;
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    const struct intel_cert *pck = NULL;
    struct pck_info info;
    size_t n = 0;
    bool platform_ca = false;
    if (!quote_read(&q, bytes, err) ||
        !intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n,
                         (struct intel_pem){q.certification, q.certification_at, "quote"}, a, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        pck = certs[i].role == INTEL_PCK ? &certs[i] : pck;
        platform_ca = platform_ca || certs[i].role == INTEL_PLATFORM_CA;
    }
    if (!pck)
        return err_fail(err, SITUS_MISSING, "quote", "certification_data", q.certification_at,
                        "a PCK certificate", "none");
    if (!pck_info_read(&info, pck, 0, "PCK certificate", err))
        return false;
    struct wanted_info platform = {.tdx = q.tdx};
    memcpy(platform.fmspc, info.fmspc, sizeof platform.fmspc);
    wanted_platform(w, &platform, platform_ca);
    return true;
}

static void add_amd(struct wanted *w, const struct wanted_amd *amd)
{
    for (size_t i = 0; i < w->n_amd; i++) {
        struct wanted_amd *had = &w->amd[i];
        if (had->product == amd->product && had->vlek == amd->vlek && had->vcek == amd->vcek &&
            memcmp(had->chip_id, amd->chip_id, sizeof had->chip_id) == 0 &&
            memcmp(had->tcb, amd->tcb, sizeof had->tcb) == 0 && span_equal(had->held, amd->held))
            return;
    }
    if (w->n_amd < WANTED_AMD)
        w->amd[w->n_amd++] = *amd;
}

void wanted_product(struct wanted *w, const struct product *product, bool vlek)
{
    add_amd(w, &(struct wanted_amd){.product = product, .vlek = vlek});
}

bool wanted_is_product(struct span name)
{
    return product_by_name(name) != NULL;
}

/* by_report reads from a report what to ask of KDS. A VLEK's certificate only its provider has. */
static bool by_report(struct wanted *w, struct span bytes, struct situs_err *err)
{
    struct snp_report r;
    if (!snp_report_read(&r, bytes, err))
        return false;
    struct wanted_amd amd = {.product = product_by_cpuid(r.whole.p[0x188], r.whole.p[0x189]),
                             .vlek = r.vlek,
                             .vcek = !r.vlek};
    if (r.version < 3 || !amd.product) {
        err_fail(err, SITUS_UNSUPPORTED, "report", "cpuid_fam_id", 0x188,
                 "a report of version 3 or later, of a product that is known", TEXT_NUM(r.version));
        return err_hint(err, "get the certificates by hand: KDS answers by product, "
                             "https://kdsintf.amd.com/vcek/v1/Milan/cert_chain");
    }
    if (amd.vcek && span_all(SNP_CHIP_ID(&r), 0)) {
        err_fail(err, SITUS_MISSING, "report", "chip_id", 0x1a0, "the id of the chip", "zero");
        return err_hint(err, "the host masks it: only the host can send the VCEK's certificate, in "
                             "the table behind the report");
    }
    memcpy(amd.tcb, SNP_REPORTED_TCB(&r).p, sizeof amd.tcb);
    if (amd.vcek)
        memcpy(amd.chip_id, SNP_CHIP_ID(&r).p, sizeof amd.chip_id);
    add_amd(w, &amd);
    return true;
}

/* A quote begins with its version, a bundle with a brace or the head of a CBOR map. */
static bool quote_in(struct span *quote, struct span evidence, struct arena *a,
                     struct situs_err *err)
{
    struct bundle b = {.n = 0};
    *quote = evidence;
    if (!evidence.n || (evidence.p[0] != '{' && evidence.p[0] >> 5 != 5))
        return true;
    if (!bundle_read(&b, evidence, a, err))
        return false;
    const struct item *item = bundle_find(&b, "tdx");
    item = item ? item : bundle_find(&b, "snp");
    if (item) {
        *quote = item->value;
        return true;
    }
    err_fail(err, SITUS_MISSING, BUNDLE_PART, "tdx", SITUS_NO_OFFSET, "a quote", "none");
    return err_hint(err, "only a quote or report needs its maker's collateral");
}

bool wanted_by_evidence(struct wanted *w, struct span evidence, struct situs_err *err)
{
    size_t room = VERIFICATION_ARENA + LIMIT_BUNDLE;
    void *memory = malloc(room);
    struct arena a = arena_new(memory, memory ? room : 0);
    struct span quote;
    bool ok = quote_in(&quote, evidence, &a, err) &&
              (snp_report_is(quote) ? by_report(w, quote, err) : by_quote(w, quote, &a, err));
    free(memory);
    return ok;
}

static void again_amd(struct wanted *w, const struct amd_collateral *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct amd_cert *cert = &c->certs[i];
        bool vek = cert->role == AMD_VCEK || cert->role == AMD_VLEK;
        struct wanted_amd amd = {.product = cert->product,
                                 .vlek = cert->role == AMD_ASVK || cert->role == AMD_VLEK,
                                 .held = vek ? cert->der : span_of(NULL, 0)};
        if (cert->role != AMD_ARK)
            add_amd(w, &amd);
    }
}

struct span wanted_vek(const struct wanted_amd *w, const struct situs_snapshot *snapshot)
{
    const struct amd_collateral *c = &snapshot->collateral.amd;
    for (size_t i = 0; w->vcek && i < c->n; i++)
        if (c->certs[i].role == AMD_VCEK && c->certs[i].product == w->product &&
            memcmp(c->certs[i].vek.tcb, w->tcb, sizeof w->tcb) == 0 &&
            memcmp(c->certs[i].vek.hwid, w->chip_id, sizeof w->chip_id) == 0)
            return c->certs[i].der;
    return span_of(NULL, 0);
}

bool wanted_of_intel(const struct wanted *w)
{
    return w->n || w->tdx_qe || w->sgx_qe || w->platform_crl || w->processor_crl;
}

void wanted_again(struct wanted *w, const struct situs_snapshot *snapshot)
{
    again_amd(w, &snapshot->collateral.amd);
    const struct snapshot *s = &snapshot->collateral.intel;
    for (size_t i = 0; i < s->n_infos; i++) {
        struct wanted_info info = {.tdx = s->infos[i].tdx};
        memcpy(info.fmspc, s->infos[i].fmspc, sizeof info.fmspc);
        add_info(w, &info);
    }
    for (size_t i = 0; i < s->n_qes; i++) {
        w->tdx_qe = w->tdx_qe || s->qes[i].tdx;
        w->sgx_qe = w->sgx_qe || !s->qes[i].tdx;
    }
    for (size_t i = 0; i < s->pki.n_crls; i++) {
        enum intel_role role = s->pki.crls[i].issuer->cert.role;
        w->platform_crl = w->platform_crl || role == INTEL_PLATFORM_CA;
        w->processor_crl = w->processor_crl || role == INTEL_PROCESSOR_CA;
    }
}

static bool lacks(const char *what, struct situs_err *err)
{
    err_fail(err, SITUS_MISMATCH, "collateral", "", SITUS_NO_OFFSET, what, "another");
    return err_hint(err, "the service answered for another platform; check --url");
}

static bool amd_met(const struct wanted_amd *w, const struct situs_snapshot *snapshot)
{
    const struct amd_collateral *c = &snapshot->collateral.amd;
    bool issuer = false, crl = false;
    for (size_t i = 0; i < c->n; i++)
        issuer |=
            c->certs[i].role == (w->vlek ? AMD_ASVK : AMD_ASK) && c->certs[i].product == w->product;
    for (size_t i = 0; i < c->n_crls; i++)
        crl |= c->crls[i].product == w->product;
    return issuer && crl && (!w->vcek || w->has || wanted_vek(w, snapshot).n);
}

bool wanted_met(const struct wanted *w, const struct situs_snapshot *snapshot,
                struct situs_err *err)
{
    const struct snapshot *s = &snapshot->collateral.intel;
    struct wanted held = {.n = 0};
    bool root = false;
    wanted_again(&held, snapshot);
    for (size_t i = 0; i < s->pki.n_crls; i++)
        root = root || s->pki.crls[i].issuer->cert.role == INTEL_ROOT;
    for (size_t i = 0; i < w->n_amd; i++)
        if (!amd_met(&w->amd[i], snapshot))
            return lacks(w->amd[i].vcek ? "VCEK, chain and CRL of this chip, by AMD"
                                        : "chain and CRL of this product, by AMD",
                         err);
    if (!wanted_of_intel(w))
        return true;
    for (size_t i = 0; i < w->n; i++)
        if (!has_info(&held, &w->info[i]))
            return lacks("TCB info of this FMSPC", err);
    if ((w->tdx_qe && !held.tdx_qe) || (w->sgx_qe && !held.sgx_qe))
        return lacks("QE identity of this TEE", err);
    if ((w->platform_crl && !held.platform_crl) || (w->processor_crl && !held.processor_crl))
        return lacks("CRL of the PCK certificate's issuer", err);
    return root || lacks("CRL of the root CA", err);
}
