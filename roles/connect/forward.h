/*
 * The workload's channel (PROTOCOLS: workload channel): a relying party's local port, whose
 * connections go, each over a TLS connection of its own, to the holder of the attested key and to
 * nobody else.
 */
#ifndef SITUS_CONNECT_FORWARD_H
#define SITUS_CONNECT_FORWARD_H

#include "base/err.h"
#include "base/span.h"

#define FORWARD_STREAMS 64 /* at once; the next wait */

/* forward_listen listens on a port of 127.0.0.1, 0 being any free one; name gets the address. -1
 * and err on failure. */
int forward_listen(const char *port, char name[64], struct situs_err *err);

/* forward_run passes on what connects to the listener until stop becomes readable: to the attester
 * at the address, as long as its key (SubjectPublicKeyInfo, DER) is the attested one. A connection
 * that cannot be passed on is reset, and why is said. */
bool forward_run(int listener, const char *address, struct span key, int stop,
                 struct situs_err *err);

#endif
