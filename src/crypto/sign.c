/* Signing; see sign.h. */
#include "crypto/sign.h"

#include "base/text.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static EVP_PKEY *pkey(const struct sign_key *key)
{
    return (EVP_PKEY *)(uintptr_t)key;
}

/* An encrypted key gets no passphrase, so that nothing is asked on a terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

struct sign_key *sign_key_read(struct span pem, const char *part, struct situs_err *err)
{
    if (pem.n > SIGN_KEY_MAX) {
        err_fail(err, SITUS_TOO_LONG, part, "key", SITUS_NO_OFFSET, TEXT_BYTES(SIGN_KEY_MAX),
                 TEXT_BYTES(pem.n));
        return NULL;
    }
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    struct sign_key *k = (struct sign_key *)key;
    BIO_free(bio);
    ERR_clear_error();
    if (!key) {
        err_fail(err, SITUS_MALFORMED, part, "key", SITUS_NO_OFFSET,
                 "one private key in PEM, without a passphrase", NULL);
        return NULL;
    }
    if (verify_key_on(sign_key_public(k), CURVE_P256) ||
        verify_key_on(sign_key_public(k), CURVE_P384))
        return k;
    err_fail(err, SITUS_UNSUPPORTED, part, "key.type", SITUS_NO_OFFSET, "ECC on P-256 or P-384",
             "another type");
    EVP_PKEY_free(key);
    return NULL;
}

void sign_key_free(struct sign_key *key)
{
    EVP_PKEY_free(pkey(key));
}

const struct public_key *sign_key_public(const struct sign_key *key)
{
    return (const struct public_key *)key;
}

/* The two numbers of a DER ECDSA-Sig-Value (RFC 3279, 2.2.3), padded to half bytes each. */
static bool split(const uint8_t *der, size_t n, uint8_t *rs, int half)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + half, half) == half;
    ECDSA_SIG_free(sig);
    return ok;
}

enum hash sign_hash(const struct sign_key *key)
{
    return verify_key_on(sign_key_public(key), CURVE_P384) ? HASH_SHA384 : HASH_SHA256;
}

size_t sign_digest(const struct sign_key *key, struct span digest, uint8_t *rs)
{
    int half = sign_hash(key) == HASH_SHA384 ? 48 : 32;
    uint8_t der[128]; /* two integers of 49 bytes and their heads */
    size_t n = sizeof der;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey(key), NULL);
    bool ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
              EVP_PKEY_sign(ctx, der, &n, digest.p, digest.n) == 1 && split(der, n, rs, half);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ok ? 2 * (size_t)half : 0;
}
