/* An owner of machines in the lab: a P-384 root and the leaf under it that signs endorsements and
 * lists (draft-bzb-rats-intel-poe-endorsements-02, 3.2). */
#ifndef SITUS_LAB_INTEL_OWNER_H
#define SITUS_LAB_INTEL_OWNER_H

#include "lab/intel/lab_world.h"

struct lab_owner {
    struct span leaf, root; /* DER */
    struct span chain;      /* PEM: leaf, root */
    struct span key;        /* PEM: the leaf's private key */
};

/* lab_owner_new makes an owner of this name; its certificates are in date for three years. */
struct lab_owner lab_owner_new(struct lab_world *w, const char *name);

/* lab_owner_anchor is the owner's root as an anchor of a trust file (situs-trust(5)). */
struct span lab_owner_anchor(struct lab_world *w, const struct lab_owner *o, const char *name);

#endif
