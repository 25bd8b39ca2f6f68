/* Reading host references, a part of policy_value_read. */
#ifndef SITUS_MODEL_POLICY_HOST_H
#define SITUS_MODEL_POLICY_HOST_H

#include "codec/json/json.h"
#include "model/policy.h"

/*
 * policy_host_read reads the host references of a list (situs-policy(5), host.image) into the arena
 * and extends their events to PCR values. Registers other than 17 to 22, or without 17 or 18, are
 * not-allowed; a register that no event measures is not-measured; an event of another register, or
 * a first event that is not PCR 17's, is malformed.
 */
bool policy_host_read(const struct json *list, struct param_value *out, struct arena *a,
                      struct situs_err *err);

#endif
