/* The options of "situs policy new", and what they say of the policy. */
#ifndef SITUS_VERIFIER_POLICY_OPTIONS_H
#define SITUS_VERIFIER_POLICY_OPTIONS_H

#include "verifier/policy_form.h"

struct policy_options {
    const char *from, *template, *import, *by, *require, *out, *scenario, *profile, *provider,
        *name;
    const char *closed_by, *host_closed_by, *platform_by;
    struct words closed, host_closed, platform;
    bool rtmr1_open, gpt_open, co_locates;
};

/* policy_options_read puts what the options say into the form: what is required, in which scenario,
 * what somebody states. False: said on stderr. */
bool policy_options_read(struct policy_form *f, const struct policy_options *o);

/* policy_options_name names image and host: as the option says, else after the day of their boot.
 * The form points into names. */
void policy_options_name(struct policy_form *f, const struct policy_options *o, int64_t at,
                         char names[2][32]);

#endif
