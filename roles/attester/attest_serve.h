/*
 * A running attester: its channel key lives as long as the process. Relying parties ask it over TLS
 * under that key, or a local service that terminates the channel asks it on a Unix socket; frames
 * of attest_answer.h.
 */
#ifndef SITUS_ATTESTER_ATTEST_SERVE_H
#define SITUS_ATTESTER_ATTEST_SERVE_H

#include "attester/attest.h"

/* attest_serve answers challenges on a Unix socket until stop becomes readable. */
bool attest_serve(const struct attest_config *config, const struct channel *channel,
                  const char *socket, int stop, struct situs_err *err);

/* attest_serve_tls answers challenges on HOST:PORT under the channel key, one a connection, until
 * stop becomes readable. forward is where streams go, an address of this machine's own; NULL:
 * streams are refused. */
bool attest_serve_tls(const struct attest_config *config, const struct channel *channel,
                      const char *address, const char *forward, int stop, struct situs_err *err);

#endif
