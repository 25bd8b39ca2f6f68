/*
 * A running attester: its channel key lives as long as the process, and a local service (the one
 * that terminates the channel) asks it for evidence. Frames of wire.h: {0: N} is answered by {0:
 * bundle}, {1: SubjectPublicKeyInfo}, or a refusal.
 */
#ifndef SITUS_ATTESTER_ATTEST_SERVE_H
#define SITUS_ATTESTER_ATTEST_SERVE_H

#include "attester/attest.h"

/* attest_serve answers challenges on a Unix socket until stop becomes readable. */
bool attest_serve(const struct attest_config *config, const struct channel *channel,
                  const char *socket, int stop, struct situs_err *err);

/* attest_serve_ask asks a running attester; the bundle is a view into *body, malloc'd. */
bool attest_serve_ask(const char *socket, const uint8_t nonce[BIND_NONCE_SIZE], struct span *body,
                      struct span *bundle, struct situs_err *err);

#endif
