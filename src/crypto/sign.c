/* Signing; see sign.h. */
#include "crypto/sign_openssl.h"

#include "base/text.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* An encrypted key gets what was given, so that nothing is asked on a terminal. */
static int give(char *buffer, int size, int writing, void *context)
{
    const struct span *passphrase = context;
    (void)writing;
    if (passphrase->n == 0 || passphrase->n > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->p, passphrase->n);
    return (int)passphrase->n;
}

bool sign_key_is_locked(struct span pem)
{
    static const char mark[] = "ENCRYPTED"; /* PKCS #8's label, or RFC 1421's header */
    for (size_t i = 0; i + sizeof mark - 1 <= pem.n; i++)
        if (memcmp(pem.p + i, mark, sizeof mark - 1) == 0)
            return true;
    return false;
}

static struct sign_key *no_key(struct span pem, struct span passphrase, const char *part,
                               struct situs_err *err)
{
    if (sign_key_is_locked(pem))
        err_fail(err, passphrase.n ? SITUS_MISMATCH : SITUS_MISSING, part, "passphrase",
                 SITUS_NO_OFFSET, "the passphrase of the encrypted key",
                 passphrase.n ? "another" : "none");
    else
        err_fail(err, SITUS_MALFORMED, part, "key", SITUS_NO_OFFSET, "one private key in PEM",
                 NULL);
    return NULL;
}

struct sign_key *sign_key_new(void *pkey, const char *part, struct situs_err *err)
{
    struct sign_key *k = calloc(1, sizeof *k);
    uint8_t *der = NULL;
    int n = k ? i2d_PUBKEY(pkey, &der) : 0;
    const uint8_t *p = der;
    if (n > 0) /* a token's key cannot be asked for its point */
        k->half = d2i_PUBKEY(NULL, &p, n);
    OPENSSL_free(der);
    ERR_clear_error();
    if (!k || !k->half) {
        EVP_PKEY_free(pkey);
        free(k);
        err_fail(err, SITUS_NO_MEMORY, part, "key", SITUS_NO_OFFSET, NULL, NULL);
        return NULL;
    }
    k->key = pkey;
    if (verify_key_on(sign_key_public(k), CURVE_P256) ||
        verify_key_on(sign_key_public(k), CURVE_P384))
        return k;
    err_fail(err, SITUS_UNSUPPORTED, part, "key.type", SITUS_NO_OFFSET, "ECC on P-256 or P-384",
             verify_key_is_rsa(sign_key_public(k)) ? "RSA" : "another type");
    sign_key_free(k);
    return NULL;
}

struct sign_key *sign_key_unlock(struct span pem, struct span passphrase, const char *part,
                                 struct situs_err *err)
{
    if (pem.n > SIGN_KEY_MAX) {
        err_fail(err, SITUS_TOO_LONG, part, "key", SITUS_NO_OFFSET, TEXT_BYTES(SIGN_KEY_MAX),
                 TEXT_BYTES(pem.n));
        return NULL;
    }
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give, &passphrase) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key ? sign_key_new(key, part, err) : no_key(pem, passphrase, part, err);
}

struct sign_key *sign_key_read(struct span pem, const char *part, struct situs_err *err)
{
    return sign_key_unlock(pem, span_of(NULL, 0), part, err);
}

void sign_key_free(struct sign_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->key);
    EVP_PKEY_free(key->half);
    free(key);
}

const struct public_key *sign_key_public(const struct sign_key *key)
{
    return (const struct public_key *)key->half;
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
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    bool ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
              EVP_PKEY_sign(ctx, der, &n, digest.p, digest.n) == 1 && split(der, n, rs, half);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ok ? 2 * (size_t)half : 0;
}
