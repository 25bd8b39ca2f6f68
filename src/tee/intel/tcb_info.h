/* TCB info, version 3 (Intel PCS API v4, "Get TDX TCB Info" and "Get SGX TCB Info"). */
#ifndef SITUS_TEE_INTEL_TCB_INFO_H
#define SITUS_TEE_INTEL_TCB_INFO_H

#include "tee/intel/snapshot.h"

/* tcb_info_read reads the signed body, all but signer, into the arena. name is the part. */
bool tcb_info_read(struct tcb_info *info, struct span raw, const char *name, struct arena *a,
                   struct situs_err *err);

#endif
