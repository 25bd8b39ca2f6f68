/* Policies to fill in by hand, where there is no evidence of an honest boot yet. */
#ifndef SITUS_VERIFIER_POLICY_TEMPLATE_H
#define SITUS_VERIFIER_POLICY_TEMPLATE_H

#include "verifier/policy_form.h"

/* policy_template makes the form of a template blank, as far as nothing was stated in it; false for
 * another name than one of policy_template_names. */
bool policy_template(struct policy_form *f, const char *name);

/* policy_template_names is all of them, as "live, managed, ...". */
const char *policy_template_names(void);

#endif
