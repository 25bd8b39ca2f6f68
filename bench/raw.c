/*
 * The raw operations: verification of one signature over a digest with a key that is ready, by the
 * faster of OpenSSL's two interfaces (measured once at the start), so that no row looks good beside
 * a slow floor.
 */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "bench.h"
#include "clock.h"

struct operation {
    EVP_PKEY *key;
    EVP_PKEY_CTX *verify;
    EC_KEY *ec; /* the older interface, where it is the faster one */
    ECDSA_SIG *ec_signature;
    unsigned char digest[48], signature[512];
    size_t digest_size, signature_size;
};

static struct operation operations[RAW_COUNT];

static bool by_evp(struct operation *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (EVP_PKEY_verify(o->verify, o->signature, o->signature_size, o->digest,
                            o->digest_size) != 1)
            return false;
    return true;
}

static bool by_ec(struct operation *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ECDSA_do_verify(o->digest, (int)o->digest_size, o->ec_signature, o->ec) != 1)
            return false;
    return true;
}

bool bench_raw(enum raw raw, size_t n)
{
    struct operation *o = &operations[raw];
    if (raw == RAW_TWO_QUOTES)
        return bench_raw(RAW_P256, n) && bench_raw(RAW_RSA2048, n);
    return o->ec ? by_ec(o, n) : by_evp(o, n);
}

/* make signs digest_size bytes with a fresh key and readies its verification. */
static bool make(struct operation *o, EVP_PKEY *key, const EVP_MD *md, size_t digest_size)
{
    o->key = key;
    o->digest_size = digest_size;
    for (size_t i = 0; i < digest_size; i++)
        o->digest[i] = (unsigned char)(i * 7 + 1);
    o->signature_size = sizeof o->signature;
    EVP_PKEY_CTX *sign = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool ok = sign && EVP_PKEY_sign_init(sign) == 1 &&
              EVP_PKEY_CTX_set_signature_md(sign, md) == 1 &&
              EVP_PKEY_sign(sign, o->signature, &o->signature_size, o->digest, digest_size) == 1;
    EVP_PKEY_CTX_free(sign);
    o->verify = ok ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    return o->verify && EVP_PKEY_verify_init(o->verify) == 1 &&
           EVP_PKEY_CTX_set_signature_md(o->verify, md) == 1;
}

/* choose takes the older interface for an EC key when it is faster here. */
static bool choose(struct operation *o)
{
    const unsigned char *p = o->signature;
    o->ec_signature = d2i_ECDSA_SIG(NULL, &p, (long)o->signature_size);
    EC_KEY *ec = EVP_PKEY_get1_EC_KEY(o->key);
    if (!o->ec_signature || !ec)
        return false;
    const size_t n = 400;
    double times[2];
    for (int older = 0; older < 2; older++) {
        o->ec = older ? ec : NULL;
        if (!(older ? by_ec(o, n / 4) : by_evp(o, n / 4)))
            return false;
        double begin = clock_thread();
        if (!(older ? by_ec(o, n) : by_evp(o, n)))
            return false;
        times[older] = clock_thread() - begin;
    }
    o->ec = times[1] < times[0] ? ec : NULL;
    return true;
}

bool bench_raw_setup(void)
{
    struct operation *p256 = &operations[RAW_P256], *p384 = &operations[RAW_P384];
    return make(p256, EVP_EC_gen("P-256"), EVP_sha256(), 32) && choose(p256) &&
           make(p384, EVP_EC_gen("P-384"), EVP_sha384(), 48) && choose(p384) &&
           make(&operations[RAW_RSA2048], EVP_RSA_gen(2048), EVP_sha256(), 32);
}
