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

/*
 * tcb_forecast adds to those claims what Intel's early set says of the same platform: early_tcb_status,
 * early_tcb_advisories, early_tcb_short, and tcb_falls where the policy takes the status of now and not that one: 12
 * months (of 365 days) after the date of its newest level (TCB recovery guidance). Nothing, where no collateral of the set
 * is for this platform and in its time at, or does not rate it. No check asks it.
 */
void tcb_forecast(struct claims *c, const struct snapshot *early, const struct policy *p,
                  int64_t at, struct arena *a);

#endif
