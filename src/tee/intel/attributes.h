/* What a TD or an enclave may be, by its attributes: the rows tdx.attributes and sgx.attributes. */
#ifndef SITUS_TEE_INTEL_ATTRIBUTES_H
#define SITUS_TEE_INTEL_ATTRIBUTES_H

#include "model/finding.h"
#include "model/policy.h"
#include "tee/intel/quote.h"

#define SGX_FLAGS_DEBUG 0x02 /* ATTRIBUTES.FLAGS bit 1: Intel SDM 3D, 35.7.1 */

/* attributes_check decides the attributes row of the quote's kind. */
void attributes_check(const struct quote *q, const struct policy *p, struct findings *f);

#endif
