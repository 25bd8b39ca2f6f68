/* What is wanted; see wanted.h. */
#include "collateral/wanted.h"

#include "base/text.h"
#include "model/bundle.h"
#include "situs/door.h"
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
    if (item) {
        *quote = item->value;
        return true;
    }
    err_fail(err, SITUS_MISSING, BUNDLE_PART, "tdx", SITUS_NO_OFFSET, "a quote", "none");
    return err_hint(err, "only a quote of Intel's needs its collateral");
}

bool wanted_by_evidence(struct wanted *w, struct span evidence, struct situs_err *err)
{
    size_t room = VERIFICATION_ARENA + LIMIT_BUNDLE;
    void *memory = malloc(room);
    struct arena a = arena_new(memory, memory ? room : 0);
    struct span quote;
    bool ok = quote_in(&quote, evidence, &a, err) && by_quote(w, quote, &a, err);
    free(memory);
    return ok;
}

void wanted_again(struct wanted *w, const struct situs_snapshot *snapshot)
{
    const struct snapshot *s = &snapshot->snapshot;
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

bool wanted_met(const struct wanted *w, const struct situs_snapshot *snapshot,
                struct situs_err *err)
{
    const struct snapshot *s = &snapshot->snapshot;
    struct wanted held = {.n = 0};
    bool root = false;
    wanted_again(&held, snapshot);
    for (size_t i = 0; i < s->pki.n_crls; i++)
        root = root || s->pki.crls[i].issuer->cert.role == INTEL_ROOT;
    for (size_t i = 0; i < w->n; i++)
        if (!has_info(&held, &w->info[i]))
            return lacks("TCB info of this FMSPC", err);
    if ((w->tdx_qe && !held.tdx_qe) || (w->sgx_qe && !held.sgx_qe))
        return lacks("QE identity of this TEE", err);
    if ((w->platform_crl && !held.platform_crl) || (w->processor_crl && !held.processor_crl))
        return lacks("CRL of the PCK certificate's issuer", err);
    return root || lacks("CRL of the root CA", err);
}
