/* Certificates and CRLs of "situs show", as rows of show.h: in DER, and as blocks of PEM. */
#ifndef SITUS_SHOW_SHOW_CERT_H
#define SITUS_SHOW_SHOW_CERT_H

#include "show/show.h"
#include "tee/intel/chain.h"

/* show_cert_is says that the bytes look like DER; show_cert_print prints what it is, too. */
bool show_cert_is(struct span bytes);
bool show_cert_print(struct show *s, struct span bytes, struct situs_err *err);

/* show_pem_is says that the bytes look like certificates or CRLs in PEM (RFC 7468). */
bool show_pem_is(struct span bytes);
bool show_pem_print(struct show *s, struct span bytes, struct situs_err *err);

/* show_cert_pck prints what a PCK certificate says of its platform. */
void show_cert_pck(struct show *s, const struct pck_info *p, const struct intel_cert *cert);

#endif
