/* An image under a paravisor, out of evidence: what its vTPM measured, and which paravisor it was. */
#ifndef SITUS_VERIFIER_POLICY_NEW_PCRS_H
#define SITUS_VERIFIER_POLICY_NEW_PCRS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/claims.h"
#include "verifier/policy_form.h"

/*
 * policy_new_pcrs fills the image of a form: of each register of PCR_IMAGE the events of the log in the bank SHA-256, in their
 * order, and the paravisor by MRTD, by who signed its launch (an ID block whose key and image id are not zero), or by MEASUREMENT.
 * The log has been replayed to the quote; tee is what the TEE's evidence says.
 */
bool policy_new_pcrs(struct policy_form *f, const struct events *log, const struct claims *tee,
                     struct arena *a, struct situs_err *err);

#endif
