/* Reading one parameter of a policy; a part of policy_read. */
#ifndef SITUS_MODEL_POLICY_VALUE_H
#define SITUS_MODEL_POLICY_VALUE_H

#include "base/limits.h"
#include "codec/json/json.h"
#include "model/policy.h"

/* policy_value_read reads the value of parameter p into the arena. A wrong type or form is
 * malformed, a word that the parameter does not know unknown, an empty list missing (but of
 * accept_advisories and may_be_unmeasured), a reference that pins nothing not-measured. */
bool policy_value_read(const struct json *v, enum param p, struct param_value *out, struct arena *a,
                       struct situs_err *err);

#endif
