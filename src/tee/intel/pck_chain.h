/* The certificates behind a PCK key, verified up to an anchor; the one place where they are. */
#ifndef SITUS_TEE_INTEL_PCK_CHAIN_H
#define SITUS_TEE_INTEL_PCK_CHAIN_H

#include "model/trust.h"
#include "tee/intel/pki.h"

enum { CHAIN_PCK, CHAIN_CA, CHAIN_ROOT, CHAIN_SIZE };

/* PCK certificate, its CA (Platform or Processor) and the root; spans point into the arena. */
struct pck_chain {
    struct intel_cert cert[CHAIN_SIZE];
    uint8_t root_sha256[32];
};

struct pck_chain_question {
    struct span pem; /* the three, in this order */
    size_t at;       /* offset of pem in its part */
    const char *part;
    const struct trust *trust;
    const struct intel_pki *pki; /* spares a CA that it has verified; NULL: none */
    const char *hint;            /* what to do where it is no such chain */
};

/*
 * pck_chain_open reads a chain whose root must be an anchor's (pck_chain_anchor); nothing in it
 * counts before pck_chain_signed. ca is the CA among pki's; NULL: it is not there.
 */
bool pck_chain_open(struct pck_chain *chain, const struct pck_chain_question *q,
                    const struct anchor **anchor, const struct intel_issuer **ca, struct arena *a,
                    struct situs_err *err);

/* pck_chain_signed verifies both signatures of an opened chain, up to the root. Says nothing of
 * times and revocation, which are the caller's to ask, at each use. */
bool pck_chain_signed(const struct pck_chain *chain, const struct pck_chain_question *q,
                      const struct intel_issuer *ca, struct situs_err *err);

/* pck_chain_read is both. */
bool pck_chain_read(struct pck_chain *chain, const struct pck_chain_question *q,
                    const struct anchor **anchor, const struct intel_issuer **ca, struct arena *a,
                    struct situs_err *err);

/* pck_chain_anchor is the anchor for tdx of the chain's root, to be asked anew of a chain that was
 * kept. Under Intel's own root each path length must be Intel's. NULL: err says why. */
const struct anchor *pck_chain_anchor(const struct pck_chain *chain, const struct trust *trust,
                                      const char *part, struct situs_err *err);

/* pck_chain_field names a certificate in errors, as "pck_chain.ca". */
const char *pck_chain_field(int cert);

#endif
