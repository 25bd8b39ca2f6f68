/* The Proof of Cloud alliance's server in the lab: a token says that a quote was of a machine on
 * the alliance's list (DESIGN: registries). Format: proofofcloud/trust-server, services.js. */
#ifndef SITUS_LAB_ATTACKS_ALLIANCE_H
#define SITUS_LAB_ATTACKS_ALLIANCE_H

#include "lab/attacks/lab_stage.h"

/* lab_alliance_public is the Ed25519 key under which tokens count. */
void lab_alliance_public(const struct lab_stage *s, uint8_t key[32]);

/* lab_alliance_token is a token for the quote of the machine with this PPID at that time, signed by
 * the alliance's key (s->alliance) or another. */
struct span lab_alliance_token(struct lab_stage *s, EVP_PKEY *key, struct span quote,
                               const uint8_t ppid[16], int64_t at);

#endif
