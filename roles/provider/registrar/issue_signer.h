/* Keys and certificates of who endorses: a request to a CA, or a test CA of one's own (the profile is
 * in situs-signer(1)). */
#ifndef SITUS_PROVIDER_REGISTRAR_ISSUE_SIGNER_H
#define SITUS_PROVIDER_REGISTRAR_ISSUE_SIGNER_H

#include "provider/registrar/issue.h"

/* issue_signer_key makes a key on P-384 (an EVP_PKEY); NULL and err on failure. Free it with
 * issue_signer_free, which accepts NULL. */
void *issue_signer_key(struct situs_err *err);
void issue_signer_free(void *key);

/* issue_signer_key_pem writes it as PKCS #8, encrypted when there is a passphrase. */
bool issue_signer_key_pem(void *key, struct span passphrase, struct wr *pem, struct situs_err *err);

/* issue_signer_request writes a PKCS #10 request for the key, with the extensions that the
 * certificate needs. */
bool issue_signer_request(void *key, const char *name, struct wr *pem, struct situs_err *err);

/* issue_signer_ca writes the certificate of a CA with this key, signed by itself. */
bool issue_signer_ca(void *key, const char *name, int64_t from, int64_t to, struct wr *pem,
                     struct situs_err *err);

/* issue_signer_certificate writes the signer's, of that CA. */
bool issue_signer_certificate(const struct issuer *ca, void *key, const char *name, int64_t from,
                              int64_t to, struct wr *pem, struct situs_err *err);

#endif
