/* Intel's TCB rules (DESIGN: TCB rules): from claims of a verified quote and a snapshot to a
 * status. */
#ifndef SITUS_TEE_INTEL_TCB_H
#define SITUS_TEE_INTEL_TCB_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "tee/intel/snapshot.h"

/*
 * tcb_apply adds tcb_status, tcb_date, tcb_advisories, tcb_short and the like to the claims (whose
 * instance is "tdx" or "sgx"), and decides tdx.tcb or sgx.tcb by the policy. Checks the time of
 * every item it uses against at. snapshot may be NULL: the check fails as missing.
 */
void tcb_apply(struct claims *c, const struct snapshot *s, const struct policy *p, int64_t at,
               struct findings *f);

#endif
