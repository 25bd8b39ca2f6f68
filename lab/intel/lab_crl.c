/* CRLs (RFC 5280 5; PCK profile 1.4). */
#include "lab/intel/lab_cert.h"

static struct lab_crl honest(struct lab_world *w, const char *issuer, enum lab_key key)
{
    return (struct lab_crl){
        .issuer = issuer,
        .issuer_key = key,
        .signing_key = key,
        .this_update = lab_world_at(w) - LAB_DAY,
        .next_update = lab_world_at(w) + 30 * LAB_DAY,
        .number = 1,
    };
}

struct lab_crl lab_crl_root(struct lab_world *w)
{
    return honest(w, LAB_CN_ROOT, LAB_KEY_ROOT);
}

struct lab_crl lab_crl_pck(struct lab_world *w, bool processor_ca)
{
    return processor_ca ? honest(w, LAB_CN_PROCESSOR_CA, LAB_KEY_PROCESSOR_CA)
                        : honest(w, LAB_CN_PLATFORM_CA, LAB_KEY_PLATFORM_CA);
}

/* revokedCertificates: serial, date, and the reason that Intel always gives, keyCompromise. An
 * empty list is left out (RFC 5280 5.1.2.6). */
static void revoked_certificates(struct lab_buf *b, const struct lab_crl *crl)
{
    if (crl->n_revoked == 0)
        return;
    size_t list = lab_der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < crl->n_revoked; i++) {
        size_t entry = lab_der_open(b, DER_SEQUENCE);
        lab_der_big(b, crl->revoked[i]);
        lab_der_time(b, crl->this_update);
        size_t extensions = lab_der_open(b, DER_SEQUENCE);
        lab_x509_extension(b, SPAN_LIT("\x55\x1d\x15"), false, SPAN_LIT("\x0a\x01\x01"));
        lab_der_close(b, extensions);
        lab_der_close(b, entry);
    }
    lab_der_close(b, list);
}

static void crl_extensions(struct lab_world *w, struct lab_buf *b, const struct lab_crl *crl)
{
    size_t outer = lab_der_open(b, DER_EXPLICIT_0), list = lab_der_open(b, DER_SEQUENCE);
    struct lab_buf number = {0};
    lab_der_number(&number, DER_INTEGER, crl->number);
    lab_x509_extension(b, SPAN_LIT("\x55\x1d\x14"), false, lab_buf_span(&number));
    lab_buf_free(&number);
    lab_x509_authority_key_id(w, b, crl->issuer_key);
    lab_buf_bytes(b, crl->more_extensions);
    lab_der_close(b, list);
    lab_der_close(b, outer);
}

/* TBSCertList (RFC 5280 5.1). */
struct span lab_crl_make(struct lab_world *w, const struct lab_crl *crl)
{
    struct lab_buf b = {0};
    size_t tbs = lab_der_open(&b, DER_SEQUENCE);
    lab_der_number(&b, DER_INTEGER, 1); /* v2 */
    lab_x509_algorithm(&b, (struct span){0});
    lab_x509_name(&b, crl->issuer);
    lab_der_time(&b, crl->this_update);
    if (crl->next_update != 0)
        lab_der_time(&b, crl->next_update);
    revoked_certificates(&b, crl);
    crl_extensions(w, &b, crl);
    lab_der_close(&b, tbs);
    return lab_x509_signed(w, &b, crl->signing_key, (struct span){0}, crl->before, crl->after);
}
