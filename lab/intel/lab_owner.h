/* An owner of machines in the lab: a P-384 root and the leaf under it that signs endorsements and
 * lists (draft-bzb-rats-intel-poe-endorsements-02, 3.2). */
#ifndef SITUS_LAB_INTEL_OWNER_H
#define SITUS_LAB_INTEL_OWNER_H

#include "lab/intel/lab_world.h"

struct lab_owner {
    struct span leaf, root; /* DER */
    size_t n_certs;         /* what goes with its words: the leaf, or leaf and root */
    struct span chain;      /* PEM: leaf, root */
    struct span key;        /* PEM: the leaf's private key */
    struct span root_key;   /* PEM: the root's */
};

/* lab_owner_branch is a CA under the owner's root with a signer of its own: its "root" is that CA,
 * which goes with its words. lab_owner_crl is an empty CRL of that CA, or of an owner's root. */
struct lab_owner lab_owner_branch(struct lab_world *w, const struct lab_owner *o, const char *name);
struct span lab_owner_crl(struct lab_world *w, const struct lab_owner *o, int64_t from, int64_t to);

/* lab_owner_new makes an owner of this name; its certificates are in date for three years. */
struct lab_owner lab_owner_new(struct lab_world *w, const char *name);

/* lab_owner_anchor is the owner's root as an anchor of a trust file (situs-trust(5)). */
struct span lab_owner_anchor(struct lab_world *w, const struct lab_owner *o, const char *name);

#endif
