/* Keys of TPMs that who vouched for them has taken back (DESIGN: revocation). */
#ifndef SITUS_SITUS_TAKEN_BACK_H
#define SITUS_SITUS_TAKEN_BACK_H

#include "endorse/revocation/revocations.h"
#include "situs/evidence_verify.h"

/*
 * taken_back_check fails ak.certificate, and takes the TPMs' claims their authority, when a signed
 * revocation list names the Name of the AK or of its EK, stale or not. Only the list of a
 * party counts that vouches for the AK: of the very anchor in which the certificate's chain ends,
 * or of one that machine.same.parties ties to it; another's cannot take anything back. Call it
 * last: the checks before it read the claims.
 */
void taken_back_check(struct result *r, struct revocations *lists, const struct situs_request *q,
                      struct arena *a);

#endif
