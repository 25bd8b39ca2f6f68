/* From findings to proofs, verdict and exit code (DESIGN: checks). */
#ifndef SITUS_APPRAISE_VERDICT_H
#define SITUS_APPRAISE_VERDICT_H

#include "model/result.h"

/* verdict_applies says that a check speaks of the evidence that the result is about. */
bool verdict_applies(const struct result *r, enum check c);

/* verdict_needs says that one of the proofs, or-ed, needs the check to pass: machine.same of a
 * managed machine only where ownership and binding are required together. */
bool verdict_needs(const struct result *r, enum check c, unsigned proofs);

/* verdict_stands is the proofs, or-ed, that stand on the row's evidence: they fall when it fails, also
 * where they do not need it to pass. */
unsigned verdict_stands(const struct result *r, enum check c);

/* verdict_counts says that the check's failure refuses: of evidence always, of a word about the
 * machine only where its proof is required. */
bool verdict_counts(const struct result *r, enum check c);

/* verdict_rows says that every row that the proof needs passed, and none that it stands on failed;
 * false when the proof has none, or does not exist for the kind of evidence. Archived evidence does
 * not change it. */
bool verdict_rows(const struct result *r, unsigned proof);

/*
 * verdict_decide fills held, verdict and exit from the findings, the policy, the time kind and err.
 * A verdict is trusted only when nothing failed and every required proof holds; anything else is
 * refused. A failed endorsement (kinds POE, LIST, VOUCH) counts only where its proof is required; owned or
 * listed together with bound need machine.same as well.
 */
void verdict_decide(struct result *r);

/* verdict_rests_on is the proofs, or-ed, whose parties this one rests on; contains is its own in
 * proofs.def. On bare metal bound, host-measured and co-located are one (DESIGN: checks). */
unsigned verdict_rests_on(const struct result *r, unsigned proof, unsigned contains);

#endif
