/* A software attestation key; see soft_tpm.h. */
#include "support/soft_tpm.h"

#include "base/wr.h"
#include "support/test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

/* Of three primes, where OpenSSL lets them be so short: they are found in a quarter of the time of two. */
static EVP_PKEY *make_rsa(int bits, unsigned long exponent)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = BN_new();
    assert_true(BN_set_word(e, exponent));
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 1);
    assert_true(bits < 2048 || EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, 3) == 1);
    assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
    BN_free(e);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *key_of(enum soft_kind kind)
{
    static EVP_PKEY *keys[SOFT_RSA_E3 + 1];
    if (!keys[kind])
        keys[kind] = kind == SOFT_P256        ? EVP_EC_gen("P-256")
                     : kind == SOFT_P384      ? EVP_EC_gen("P-384")
                     : kind == SOFT_RSA_SHORT ? make_rsa(1024, 65537)
                     : kind == SOFT_RSA_E3    ? make_rsa(2048, 3)
                                              : make_rsa(2048, 65537);
    assert_non_null(keys[kind]);
    return keys[kind];
}

static void put_number(struct wr *w, EVP_PKEY *key, const char *name, size_t size)
{
    BIGNUM *v = NULL;
    uint8_t bytes[512];
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &v), 1);
    assert_int_equal(BN_bn2binpad(v, bytes, (int)size), (int)size);
    wr_u16be(w, (uint16_t)size);
    wr_bytes(w, span_of(bytes, size));
    BN_free(v);
}

static void put_ecc(struct wr *w, enum soft_kind kind, EVP_PKEY *key)
{
    size_t size = kind == SOFT_P256 ? 32 : 48;
    wr_u16be(w, kind == SOFT_P256 ? TPM_ECC_NIST_P256 : TPM_ECC_NIST_P384);
    wr_u16be(w, TPM_ALG_NULL);
    put_number(w, key, OSSL_PKEY_PARAM_EC_PUB_X, size);
    put_number(w, key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
}

void soft_tpm_ak(struct soft_ak *ak, enum soft_kind kind, uint32_t attributes,
                 struct span auth_policy)
{
    EVP_PKEY *key = key_of(kind);
    bool ecc = kind == SOFT_P256 || kind == SOFT_P384;
    *ak = (struct soft_ak){.key = key};
    ak->type = ecc ? TPM_ALG_ECC : TPM_ALG_RSA;
    ak->scheme = ecc ? TPM_ALG_ECDSA : kind == SOFT_RSAPSS ? TPM_ALG_RSAPSS : TPM_ALG_RSASSA;
    ak->hash = hash_tpm(kind == SOFT_P384 ? HASH_SHA384 : HASH_SHA256);
    struct wr w = wr_new(ak->bytes, sizeof ak->bytes);
    wr_u16be(&w, ak->type);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u32be(&w, attributes);
    wr_u16be(&w, (uint16_t)auth_policy.n);
    wr_bytes(&w, auth_policy);
    wr_u16be(&w, TPM_ALG_NULL);
    wr_u16be(&w, ak->scheme);
    wr_u16be(&w, ak->hash);
    if (ecc) {
        put_ecc(&w, kind, key);
    } else {
        int bits = EVP_PKEY_get_bits(key);
        wr_u16be(&w, (uint16_t)bits);
        wr_u32be(&w, kind == SOFT_RSA_E3 ? 3 : 0);
        put_number(&w, key, OSSL_PKEY_PARAM_RSA_N, (size_t)bits / 8);
    }
    ak->public = wr_span(&w);
    assert_true(ak->public.n > 0);
}

struct span soft_tpm_attest(uint8_t *buffer, size_t size, const struct tpm_attest *a)
{
    struct wr w = wr_new(buffer, size);
    wr_u32be(&w, a->magic);
    wr_u16be(&w, a->type);
    wr_u16be(&w, (uint16_t)a->qualified_signer.n);
    wr_bytes(&w, a->qualified_signer);
    wr_u16be(&w, (uint16_t)a->extra_data.n);
    wr_bytes(&w, a->extra_data);
    wr_u64be(&w, a->clock);
    wr_u32be(&w, a->reset_count);
    wr_u32be(&w, a->restart_count);
    wr_u8(&w, a->safe);
    wr_u64be(&w, a->firmware_version);
    wr_u32be(&w, (uint32_t)a->n_selections);
    for (size_t i = 0; i < a->n_selections; i++) {
        wr_u16be(&w, a->selection[i].hash);
        wr_u8(&w, TPM_SELECT_SIZE);
        for (int octet = 0; octet < TPM_SELECT_SIZE; octet++)
            wr_u8(&w, (uint8_t)(a->selection[i].mask >> 8 * octet));
    }
    wr_u16be(&w, (uint16_t)a->pcr_digest.n);
    wr_bytes(&w, a->pcr_digest);
    assert_true(wr_ok(&w));
    return wr_span(&w);
}

static void put_ecdsa(struct wr *w, const unsigned char *der, size_t n)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    assert_non_null(sig);
    const BIGNUM *rs[] = {ECDSA_SIG_get0_r(sig), ECDSA_SIG_get0_s(sig)};
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[48];
        int size = BN_bn2bin(rs[i], bytes);
        wr_u16be(w, (uint16_t)size);
        wr_bytes(w, span_of(bytes, (size_t)size));
    }
    ECDSA_SIG_free(sig);
}

struct span soft_tpm_sign(uint8_t *buffer, size_t size, const struct soft_ak *ak, uint16_t hash,
                          struct span attest)
{
    static const struct {
        enum hash hash;
        const char *name;
    } mds[] = {{HASH_SHA1, "SHA1"}, {HASH_SHA256, "SHA256"}, {HASH_SHA384, "SHA384"}};
    const char *md = "SHA512";
    for (size_t i = 0; i < sizeof mds / sizeof *mds; i++)
        if (hash_by_tpm(hash) == mds[i].hash)
            md = mds[i].name;
    unsigned char sig[512];
    size_t n = sizeof sig;
    EVP_PKEY_CTX *sub = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, &sub, EVP_get_digestbyname(md), NULL, ak->key), 1);
    if (ak->scheme == TPM_ALG_RSAPSS)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(sub, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, attest.p, attest.n), 1);
    EVP_MD_CTX_free(ctx);
    struct wr w = wr_new(buffer, size);
    wr_u16be(&w, ak->scheme);
    wr_u16be(&w, hash);
    if (ak->type == TPM_ALG_ECC) {
        put_ecdsa(&w, sig, n);
    } else {
        wr_u16be(&w, (uint16_t)n);
        wr_bytes(&w, span_of(sig, n));
    }
    assert_true(wr_ok(&w));
    return wr_span(&w);
}
