/* What others say of the machine, applied to the verified evidence (DESIGN: ownership, and machine
 * lists). */
#ifndef SITUS_SITUS_OWNERSHIP_H
#define SITUS_SITUS_OWNERSHIP_H

#include "endorse/revocation/revocations.h"
#include "situs/gather.h"

/* ownership_decide decides the rows poe.* and list.* of r, and its claims "poe" and "list", from
 * the words in g, the revocation lists among them, the verified evidence and the policy. */
void ownership_decide(struct result *r, struct gathered *g, struct revocations *revocations,
                      const struct situs_request *q, struct arena *a);

#endif
