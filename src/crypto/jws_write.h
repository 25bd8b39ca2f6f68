/* Writing signed tokens in the compact form (RFC 7515 7.1), ES256 and ES384. */
#ifndef SITUS_CRYPTO_JWS_WRITE_H
#define SITUS_CRYPTO_JWS_WRITE_H

#include "base/err.h"
#include "base/wr.h"
#include "crypto/sign.h"

/* jws_write writes a token of a payload to w: alg by the key's curve, kid its thumbprint (RFC 7638).
 * False, with err, when w is too small or OpenSSL fails; what w holds is then no token. */
bool jws_write(struct wr *w, const struct sign_key *key, const char *typ, struct span payload,
               struct situs_err *err);

#endif
