/* A policy as JSON, for programs: what "policy explain -j" prints. */
#ifndef SITUS_VERIFIER_POLICY_JSON_H
#define SITUS_VERIFIER_POLICY_JSON_H

#include "codec/json_out.h"
#include "model/policy.h"
#include "model/trust.h"

/* policy_json writes {"policy", "sha256", "scenario", "simulated", "require", "proofs", "parameters",
 * "warnings"}: situs-policy(1). */
void policy_json(const struct policy *p, struct json_out *o);

/* policy_json_anchors writes the list of anchors. */
void policy_json_anchors(const struct trust *trust, struct json_out *o);

#endif
