/* The revocation lists of one appraisal: each is read once, and its signer is asked once for each
 * use (DESIGN: machine lists). */
#ifndef SITUS_ENDORSE_REVOCATION_REVOCATIONS_H
#define SITUS_ENDORSE_REVOCATION_REVOCATIONS_H

#include "endorse/answer.h"
#include "endorse/revocation/revocation.h"

#define REVOCATIONS_UNREAD \
    "a revocation list that was given does not read: nobody knows whom it names"

struct revocations {
    const struct revocation *v[LIMIT_ENDORSEMENTS];
    bool sent[LIMIT_ENDORSEMENTS]; /* it came in the bundle */
    size_t n;
    bool unread; /* one does not read: nobody knows whom it names */
    bool lost;   /* memory was out before all were read: nothing may be concluded */
    struct revocation_signers *poe, *list; /* as many, for the two uses; NULL: none kept */
};

/* revocations_of collects those among e, with room in the arena for what their signers answer. */
void revocations_of(struct revocations *out, const struct endorsements *e, struct arena *a);

enum {
#define MACHINE_ID(instance, claim, kind, platform) REVOCATION_OF_##instance##_##claim,
#include "model/machine_ids.def"
#undef MACHINE_ID
    REVOCATION_MACHINE_IDS
};

/* revocations_machine writes everything by which the machine of these INSTANCE_COUNT claim sets can
 * be taken back; what no verified evidence states is empty. Returns REVOCATION_MACHINE_IDS. */
size_t revocations_machine(const struct claims *claims, struct revocation_id *ids);

/* revocations_question asks the lists of one appraisal about n ids that the issuer vouched for,
 * through a chain of these issuers. */
struct revocation_question revocations_question(const struct question *q, enum anchor_use use,
                                                const struct anchor *issuer,
                                                const struct x509_issuers *chain,
                                                const struct revocation_id *ids, size_t n);

#endif
