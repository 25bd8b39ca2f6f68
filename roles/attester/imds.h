/*
 * Azure's metadata service, at a link-local address that its host answers: it makes a quote of a TDREPORT (/acc/tdquote;
 * kinvolk azure-cvm-tooling, az-tdx-vtpm/src/imds.rs) and knows the certificate of the chip (Microsoft, Trusted Hardware
 * Identity Management). It speaks plain HTTP. What it says is believed in nothing: quote and certificate are compared and
 * verified as any other. No library for HTTP is in the attester; this is one request at a time, with every bound set.
 */
#ifndef SITUS_ATTESTER_IMDS_H
#define SITUS_ATTESTER_IMDS_H

#include "base/arena.h"
#include "base/err.h"

#define IMDS_PART "imds"

/* imds_ok says that a URL names such a service: http://ADDRESS or http://ADDRESS:PORT, an IPv4 address that is link-local
 * (169.254/16, RFC 3927) or of loopback. */
bool imds_ok(const char *url);

/* imds_quote is the quote of a TDREPORT (1024 bytes), in the arena. */
bool imds_quote(const char *url, struct span report, struct span *quote, struct arena *a,
                struct situs_err *err);

/* imds_vcek is the VCEK of the chip, DER, in the arena. */
bool imds_vcek(const char *url, struct span *der, struct arena *a, struct situs_err *err);

#endif
