/* How OpenSSL starts; see bare.h. */
#include "crypto/bare.h"

#include "crypto/verify.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* Without it all is as before, and slower. */
void crypto_bare(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL);
}

/* one reads the key from its bytes, as certificates are read, and prepares to verify with it. */
static void one(struct public_key *key)
{
    unsigned char *der = NULL;
    int n = key ? i2d_PUBKEY((EVP_PKEY *)key, &der) : 0;
    const unsigned char *p = der;
    EVP_PKEY *read = n > 0 ? d2i_PUBKEY(NULL, &p, n) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && read)
        EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, read);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(read);
    OPENSSL_free(der);
    verify_key_free(key);
}

/* The base point of P-256 (SP 800-186, 3.2.1.3), and a modulus that nobody signs with. */
void crypto_warm(void)
{
    static const uint8_t x[] = {0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6,
                                0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb,
                                0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96},
                         y[] = {0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb,
                                0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
                                0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    uint8_t modulus[256];
    struct situs_err why = {0};
    memset(modulus, 0xff, sizeof modulus);
    one(verify_key_ec(CURVE_P256, SPAN_ARR(x), SPAN_ARR(y), "warm", &why));
    one(verify_key_rsa(SPAN_ARR(modulus), 65537, "warm", &why));
    ERR_clear_error();
}
