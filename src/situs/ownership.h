/* What others say of the machine: endorsements, applied to the verified evidence (DESIGN:
 * ownership). */
#ifndef SITUS_SITUS_OWNERSHIP_H
#define SITUS_SITUS_OWNERSHIP_H

#include "situs/gather.h"

/*
 * ownership_poe decides the poe.* rows of r and its claims "poe" from the endorsements in g, the
 * verified quote and the policy. Each endorsement is judged alone; one that holds decides, else the
 * one that got furthest. Two that hold for this platform and name different owners refuse both.
 */
void ownership_poe(struct result *r, struct gathered *g, const struct situs_request *q,
                   struct arena *a);

#endif
