/* A policy as "situs policy new" writes it: what evidence says, and what only people can state. */
#ifndef SITUS_VERIFIER_POLICY_FORM_H
#define SITUS_VERIFIER_POLICY_FORM_H

#include "frame/args.h"
#include "model/policy.h"

struct policy_form {
    enum scenario scenario;
    bool simulated;       /* anchors of a lab count */
    const char *provider; /* profile of its AK certificates */
    bool judges;          /* false: a policy that reads evidence, before there is an image */
    struct reference image;
    bool has_host;
    struct host_reference host;
    struct platform_statement platform; /* managed; its banks are quoted in either scenario */
    struct words projects, allow;       /* google; situs */
    struct span pcr0;                   /* that the profile does not know; empty: it does */
};

/* policy_form_write writes the policy, indented. */
void policy_form_write(const struct policy_form *f, struct wr *w);

/* policy_form_filled is the form as if everybody had stated everything, to try it. */
struct policy_form policy_form_filled(const struct policy_form *f);

/* policy_form_left writes what is left to state, as keys with ", " between; empty: nothing. Returns
 * text. */
const char *policy_form_left(const struct policy_form *f, char text[400]);

#endif
