/* Chains as PEM texts (RFC 7468). */
#include "lab/intel/lab_cert.h"

#include <stdlib.h>

#include "base/text.h"

struct lab_chain lab_chain_ca(struct lab_world *w, bool processor_ca)
{
    return (struct lab_chain){
        .certs = {processor_ca ? lab_cert_processor_ca(w) : lab_cert_platform_ca(w),
                  lab_cert_root(w)},
        .n = 2,
    };
}

struct lab_chain lab_chain_pck(struct lab_world *w, const struct lab_platform *p)
{
    struct lab_chain ca = lab_chain_ca(w, p->processor_ca);
    return (struct lab_chain){
        .certs = {lab_cert_pck(w, p), ca.certs[0], ca.certs[1]},
        .n = 3,
    };
}

struct lab_chain lab_chain_tcb(struct lab_world *w)
{
    return (struct lab_chain){.certs = {lab_cert_tcb_signing(w), lab_cert_root(w)}, .n = 2};
}

void lab_pem(struct lab_buf *b, struct span der)
{
    char *base64 = malloc(text_base64_size(der.n) + 1);
    if (base64 == NULL)
        lab_die("no memory");
    text_base64(base64, der);
    lab_buf_text(b, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0, n = strlen(base64); i < n; i += 64)
        lab_buf_format(b, "%.64s\n", base64 + i);
    lab_buf_text(b, "-----END CERTIFICATE-----\n");
    free(base64);
}

struct span lab_chain_pem(struct lab_world *w, const struct lab_chain *chain)
{
    struct lab_buf b = {0};
    for (size_t i = 0; i < chain->n; i++)
        lab_pem(&b, lab_cert_make(w, &chain->certs[i]));
    lab_buf_edit(&b, chain->edits);
    return lab_world_keep(w, &b);
}
