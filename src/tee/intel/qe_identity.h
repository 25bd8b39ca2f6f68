/* QE identity, version 2 (Intel PCS API v4, "Get Quoting Enclave Identity", SGX and TDX). */
#ifndef SITUS_TEE_INTEL_QE_IDENTITY_H
#define SITUS_TEE_INTEL_QE_IDENTITY_H

#include "tee/intel/snapshot.h"

/* qe_identity_read reads the signed body, all but signer, into the arena. name is the part. */
bool qe_identity_read(struct qe_identity *qe, struct span raw, const char *name, struct arena *a,
                      struct situs_err *err);

#endif
