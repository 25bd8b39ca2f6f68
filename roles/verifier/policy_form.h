/* A policy as "situs policy new" writes it: what evidence says, and what only people can state. */
#ifndef SITUS_VERIFIER_POLICY_FORM_H
#define SITUS_VERIFIER_POLICY_FORM_H

#include "frame/args.h"
#include "model/policy.h"

/* A guest image, and which of its registers nobody measured: bit 0 MRTD, bit 1 + i RTMR i. Under a paravisor the values of
 * ref.pcrs are the events of each register, in order. */
struct form_image {
    struct reference ref;
    unsigned unknown;
};

/* What nobody has stated or measured is written as null, which no policy may have: it does not load
 * before somebody has put a value there. */
struct policy_form {
    enum scenario scenario;
    unsigned require;     /* enum proof, or-ed */
    bool simulated;       /* anchors of a lab count */
    const char *provider; /* profile of its AK certificates */
    bool judges;          /* false: a policy that reads evidence, before there is an image */
    bool blank;           /* a form to fill in: nothing was measured */
    struct form_image image;
    const char *covers;  /* of an SEV-SNP image, beside firmware; NULL: nobody said */
    struct span minimum; /* its platform's least levels (snp.tcb); empty: not of SEV-SNP */
    const struct form_image *imported; /* in its place, under its word of closed */
    size_t n_imported;
    bool has_host;
    struct host_reference host;
    struct platform_statement platform;    /* managed; its banks are quoted in either scenario */
    struct words projects, allow, issuers; /* google; situs; azure */
    struct words owners, listers;          /* of owned and listed: "ANCHOR=OWNER" */
    struct words parties;                  /* machine.same */
    struct span pcr0;                      /* that the profile does not know; empty: it does */
};

/* policy_form_ties says that TD and TPM are tied: bound, or what only bare metal has, is asked. */
bool policy_form_ties(const struct policy_form *f);

/* policy_form_paravised says that the guest's TPM is in a paravisor: Azure's. */
bool policy_form_paravised(const struct policy_form *f);

/* policy_form_write writes the policy, indented. */
void policy_form_write(const struct policy_form *f, struct wr *w);

/* policy_form_filled is the form as if everybody had stated everything, to try it. */
struct policy_form policy_form_filled(const struct policy_form *f);

/* policy_form_say says on stderr what the form pins, who states what by whose word, and what is left
 * for a person to decide. */
void policy_form_say(const struct policy_form *f);

#endif
