/* A signer of lists for tests: a root that is an anchor, and a P-384 certificate below it. */
#ifndef SITUS_TESTS_SOFT_SIGNER_H
#define SITUS_TESTS_SOFT_SIGNER_H

#include "endorse/signed_doc_write.h"
#include "support/soft_ca.h"

struct soft_signer {
    struct soft_cert root, leaf;
    struct span chain[2];
    struct signed_doc_issuer issuer;
    struct anchor anchor; /* for poe, list and supplier */
};

/* soft_signer_make makes a signer whose certificates are valid around the time; it lives until the
 * program ends, as soft_ca's. usage: the leaf's, NULL for digitalSignature. */
void soft_signer_make(struct soft_signer *s, const char *name, int64_t now, const char *usage);

/* soft_signer_under makes one below a root that was issued. */
void soft_signer_under(struct soft_signer *s, const struct soft_cert *root, int64_t now,
                       const char *usage);

/* One issuing CA that two roots certified, "old root" and "new root", and a signer below it: his key
 * and certificate are one, and his chain, which nothing signs, leads to either. */
struct soft_roots {
    struct soft_cert root[2], ca[2];
    struct soft_signer signer[2];
    struct anchor anchors[2];
};
void soft_signer_two_roots(struct soft_roots *t, int64_t now);

/* soft_signer_put writes into a struct wr. */
bool soft_signer_put(void *wr, struct span bytes);

/* soft_signer_sign writes any payload under any content type, signed well, over the chain of s. */
struct span soft_signer_sign(struct wr *w, const struct soft_signer *s, const char *content_type,
                             struct span payload);

#endif
