/* Machine lists and revocation lists, applied to the verified evidence (DESIGN: machine lists). */
#ifndef SITUS_SITUS_LISTS_H
#define SITUS_SITUS_LISTS_H

#include "endorse/poe/poe.h"
#include "endorse/revocation/revocation.h"
#include "situs/gather.h"

/* lists_decide decides the list.* rows of r and its claims "list" from the endorsements in g. */
void lists_decide(struct result *r, struct gathered *g, const struct situs_request *q,
                  struct arena *a);

/* The revocation lists of one appraisal. */
struct lists_revocations {
    const struct revocation *v[LIMIT_ENDORSEMENTS];
    struct revocation_signers signer[LIMIT_ENDORSEMENTS];
    bool sent[LIMIT_ENDORSEMENTS]; /* it came in the bundle */
    size_t n;
    bool unread; /* one does not read: nobody knows whom it names */
    bool lost;   /* memory was out before all were read: nothing may be concluded */
};

/* lists_revocations reads those in g. */
void lists_revocations(struct lists_revocations *out, const struct gathered *g, struct arena *a);

/* lists_check_revoked decides poe.revoked, in f, for an endorsement and what the evidence says of
 * the machine; it does not run where a list was unread, unless another one fails it. Returns a
 * sentence for the report, or NULL; seen is revocation_check's. */
const char *lists_check_revoked(struct lists_revocations *lists, const struct poe *poe,
                                const struct claims *by, const struct result *r,
                                const struct situs_request *q, struct x509_crls *crls,
                                struct arena *a, struct span *seen, struct findings *f);

/* lists_end says that an endorsement, which another owner's is held against, is over: see
 * revocation_ends. */
bool lists_end(struct lists_revocations *lists, const struct poe *poe, const struct claims *by,
               const struct result *r, const struct situs_request *q, struct x509_crls *crls,
               struct arena *a);

#endif
