/* Certificates and CRLs; see show_cert.h. */
#include "show/show_cert.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/pem.h"
#include "crypto/crl.h"
#include "crypto/x509.h"
#include "tee/amd/vek.h"

/* show_flag prints one flag of the configuration; -1 is absent (PCK profile 1.3.5). */
static void show_flag(struct show *s, const char *name, int8_t flag)
{
    if (flag >= 0)
        show_text(s, name, flag ? SPAN_LIT("true") : SPAN_LIT("false"));
}

void show_cert_pck(struct show *s, const struct pck_info *p, const struct intel_cert *cert)
{
    show_open(s, "pck_certificate");
    show_time(s, "not_before", cert->valid.from);
    show_time(s, "not_after", cert->valid.to);
    show_hex(s, "fmspc", SPAN_ARR(p->fmspc));
    show_hex(s, "ppid", SPAN_ARR(p->ppid));
    if (p->has_piid)
        show_hex(s, "piid", SPAN_ARR(p->piid));
    show_hex(s, "sgx_tcb_components", SPAN_ARR(p->components));
    show_num(s, "pcesvn", p->pcesvn);
    show_hex(s, "pceid", SPAN_ARR(p->pceid));
    if (p->has_configuration) {
        show_flag(s, "dynamic_platform", p->dynamic_platform);
        show_flag(s, "cached_keys", p->cached_keys);
        show_flag(s, "smt_enabled", p->smt_enabled);
    }
    show_close(s);
}

bool show_cert_is(struct span b)
{
    return b.n > 4 && b.p[0] == 0x30 && b.p[1] >= 0x80; /* DER SEQUENCE, X.690 8.1 */
}

/* A CRL by anybody, with Intel's profile's entries counted where it is one of it. */
static bool crl_print(struct show *s, struct span bytes)
{
    static const struct crl_rules any = {.intel = false};
    struct intel_crl intel;
    struct crl crl;
    struct situs_err not_intels = {0}, not_crl = {0};
    bool intels = intel_crl_read(&intel, bytes, "CRL", s->a, &not_intels);
    if (!crl_read(&crl, bytes, &any, "CRL", &not_crl))
        return false;
    show_text(s, "kind", intels ? SPAN_LIT("CRL of Intel's") : SPAN_LIT("CRL"));
    show_time(s, "this_update", crl.valid.from);
    show_time(s, "next_update", crl.valid.to);
    if (intels)
        show_num(s, "revoked", (int64_t)intel.n_revoked);
    return true;
}

/* tcg-kp-EKCertificate, tcg-kp-AIKCertificate (TCG EK Credential Profile 2.5, 3), and the extension
 * by which Google names an instance. */
static bool is_of_tpm(const struct x509 *cert)
{
    return x509_lists_eku(cert, "2.23.133.8.1") || x509_lists_eku(cert, "2.23.133.8.3") ||
           x509_extension(cert, "1.3.6.1.4.1.11129.2.1.21").n;
}

static const char *what_of(const struct x509 *cert, const struct intel_cert *intel)
{
    if (intel->role != INTEL_ROLE_NONE)
        return intel->role == INTEL_PCK ? "PCK certificate" : "certificate of Intel's";
    if (amd_role_of(cert) != AMD_NONE)
        return "certificate of AMD's";
    return is_of_tpm(cert) ? "certificate of a TPM's key (AK or EK)" : "certificate";
}

/* What a VCEK's or VLEK's certificate says (AMD 57230, 3). */
static void show_vek(struct show *s, const struct x509 *cert)
{
    enum amd_role role = amd_role_of(cert);
    struct situs_err not_read = {0};
    char text[PRODUCT_TCB_TEXT];
    struct vek v;
    if ((role != AMD_VCEK && role != AMD_VLEK) || !vek_read(&v, cert, role, "", &not_read))
        return;
    show_text(s, "product", span_text(v.product->name));
    show_text(s, "tcb", span_text(product_tcb_text(text, v.product, SPAN_ARR(v.tcb))));
    if (v.vlek)
        show_text(s, "csp_id", v.csp_id);
    else
        show_hex(s, "hwid", span_of(v.hwid, v.product->chip_id));
}

bool show_cert_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct intel_cert intel = {.role = INTEL_ROLE_NONE};
    struct pck_info info;
    struct situs_err not_intels = {0};
    size_t padding = 0;
    uint8_t hash[32];
    char subject[256];
    struct window valid;
    if (crl_print(s, bytes))
        return true;
    struct x509 *cert = x509_read_nv(bytes, &padding, "certificate", err);
    if (!cert)
        return false;
    if (!intel_cert_read(&intel, bytes, 0, "certificate", &not_intels))
        intel.role = INTEL_ROLE_NONE;
    show_text(s, "kind", span_text(what_of(cert, &intel)));
    show_text(s, "subject", span_text(x509_subject(cert, subject, sizeof subject)));
    if (intel.role == INTEL_PCK && pck_info_read(&info, &intel, 0, "certificate", &not_intels))
        show_cert_pck(s, &info, &intel);
    show_vek(s, cert);
    if (x509_sha256(cert, hash))
        show_hex(s, "sha256", SPAN_ARR(hash));
    if (x509_validity(cert, &valid)) {
        show_time(s, "not_before", valid.from);
        show_time(s, "not_after", valid.to);
    }
    show_num(s, "padding", (int64_t)padding);
    x509_free(cert);
    return true;
}

/* The label of the block that begins here; NULL: none that is shown. */
static const char *label_of(struct span pem)
{
    if (span_starts(pem, SPAN_LIT(PEM_BEGIN(PEM_CERTIFICATE))))
        return PEM_CERTIFICATE;
    return span_starts(pem, SPAN_LIT(PEM_BEGIN(PEM_CRL))) ? PEM_CRL : NULL;
}

bool show_pem_is(struct span b)
{
    return label_of(b) != NULL;
}

/* One block, and what follows it. */
static bool next(struct span *der, struct span *pem, struct arena *a, struct situs_err *err)
{
    const char *label = label_of(*pem);
    struct situs_err why = {0};
    struct rd r = rd_new(*pem, 0, "file", &why);
    if (!label || !pem_block(&r, label, "pem", a, der)) {
        err_fail(err, SITUS_MALFORMED, "file", "pem", SITUS_NO_OFFSET,
                 "whole blocks of certificates or CRLs", TEXT_CUT(*pem));
        return err_hint(err, "the file is cut, or holds something else too: copy it again");
    }
    size_t left = pem_space(&r);
    *pem = span_cut(*pem, pem->n - left, left);
    return true;
}

bool show_pem_print(struct show *s, struct span pem, struct situs_err *err)
{
    struct span der;
    if (!next(&der, &pem, s->a, err))
        return false;
    if (!pem.n)
        return show_cert_print(s, der, err);
    show_text(s, "kind", SPAN_LIT("PEM"));
    show_list(s, "blocks");
    bool ok = true;
    for (bool more = true; more; more = ok && pem.n && next(&der, &pem, s->a, err)) {
        show_open(s, NULL);
        ok = show_cert_print(s, der, err);
        show_close(s);
    }
    show_list_end(s);
    return ok && !pem.n;
}
