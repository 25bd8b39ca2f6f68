/* OpenSSL without configuration; see bare.h. */
#include "crypto/bare.h"

#include <openssl/crypto.h>

/* Without it all is as before, and slower. */
void crypto_bare(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL);
}
