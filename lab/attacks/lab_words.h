/*
 * What others say of the stage's machines: ownership endorsements, machine lists and revocation
 * lists (DESIGN: ownership; DESIGN: machine lists), signed by one of its owners. All live in the
 * stage's world.
 */
#ifndef SITUS_LAB_ATTACKS_WORDS_H
#define SITUS_LAB_ATTACKS_WORDS_H

#include "endorse/revocation/revocation.h"
#include "lab/attacks/lab_stage.h"

/* lab_words_days is the time between two days, counted from now. */
struct window lab_words_days(const struct lab_stage *s, int from, int to);

/* lab_words_poe is the endorsement that this platform is the owner's. */
struct span lab_words_poe(struct lab_stage *s, const struct lab_owner *issuer,
                          const uint8_t piid[16], const char *owner, struct window valid);

/* lab_words_list is the list of the machines at these places (bits 1 << PLACE): of those with TDX by PPID, of
 * those with SEV-SNP by CHIP_ID. */
struct span lab_words_list(struct lab_stage *s, const struct lab_owner *signer, uint64_t number,
                           enum check_kind tee, unsigned places, struct window valid);

/* Who owns the listed machines. */
#define LAB_WORDS_OWNER "Example Cloud, Inc."

/* One record of a revocation list. */
struct lab_revoked {
    enum revocation_kind kind;
    enum revocation_reason reason;
    uint8_t id[64];
    size_t size;
    int64_t at;
};

/* lab_words_revocations is the list of n records, which it sorts. */
struct span lab_words_revocations(struct lab_stage *s, const struct lab_owner *issuer,
                                  uint64_t number, struct lab_revoked *v, size_t n,
                                  struct window valid);

/* lab_words_add shows a word to the verifier, beside the evidence; lab_words_send puts one into the
 * bundle. */
void lab_words_add(struct lab_evidence *e, const char *name, struct span bytes);
void lab_words_send(struct lab_evidence *e, const char *label, enum item_kind kind,
                    struct span bytes);

#endif
