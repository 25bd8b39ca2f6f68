/*
 * What a registrar has certified and withdrawn, beside the boots of registrar_file.h in its state
 * directory, each file replaced whole. NAME.issued, a file for each attestation key by its Name in
 * hex, holds "serial until" of the certificates that have not ended. "revoked" holds a line for
 * each that was withdrawn: its serial, or its key's Name, or both, in hex.
 */
#ifndef SITUS_PROVIDER_REGISTRAR_REGISTRAR_KEYS_H
#define SITUS_PROVIDER_REGISTRAR_REGISTRAR_KEYS_H

#include "provider/registrar/registrar.h"

/* registrar_keys_of is the directory as the registrar wants it. */
struct registrar_keys_state {
    const char *directory;
    int64_t (*now)(void);
};
struct registrar_keys registrar_keys_of(struct registrar_keys_state *s);

/*
 * registrar_keys_revoke withdraws a certificate, by its serial (ISSUE_SERIAL bytes in hex) or by
 * the Name of its key (34 bytes in hex); doing it again changes nothing. From then on no
 * certificate of that key is issued, and those that were issued are on the CRL. A serial whose key
 * is not on record goes to the CRL all the same; then the error is "unknown", "ak".
 */
bool registrar_keys_revoke(const char *directory, const char *id, struct situs_err *err);

/* registrar_keys_revoked gives the serials for the CRL, ISSUE_SERIAL bytes each, each once. */
bool registrar_keys_revoked(const char *directory, struct wr *out, struct situs_err *err);

#endif
