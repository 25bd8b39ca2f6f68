/* AMD's Key Distribution Service (AMD 57230, 4): the certificate of one chip's VCEK, the chain of its family, and
 * the ARK's CRL. It gives few VCEKs a minute to one asker: what is held is not asked for again. */
#ifndef SITUS_FETCH_KDS_H
#define SITUS_FETCH_KDS_H

#include "fetch/pcs.h"

#define KDS_AMD "https://kdsintf.amd.com"

/* kds_fetch adds AMD's answers to d, of the service at s->url or AMD's own. */
bool kds_fetch(struct pcs_service *s, const struct wanted *w, struct dir *d, struct situs_err *err);

#endif
