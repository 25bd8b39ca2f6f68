/* MakeCredential; see credential.h. */
#include "provider/registrar/credential.h"

#include "base/wr.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define IDENTITY "IDENTITY" /* labels end with their zero byte (part 1, 24.4, B.10.3, C.6.4) */
#define SEED_MAX HASH_MAX_SIZE

static bool internal(struct situs_err *err, const char *field)
{
    return err_fail(err, SITUS_INTERNAL, "credential", field, SITUS_NO_OFFSET, NULL, NULL);
}

static const EVP_MD *md_of(enum hash h)
{
    return h == HASH_SHA384 ? EVP_sha384() : EVP_sha256();
}

/* KDFa (part 1, 11.4.10.2), for one block: HMAC(key, 1 || label || 0 || context || bits). */
static bool kdfa(enum hash h, struct span key, const char *label, struct span context,
                 uint32_t bits, uint8_t *out)
{
    uint8_t room[256], block[EVP_MAX_MD_SIZE];
    struct wr w = wr_new(room, sizeof room);
    unsigned n = 0;
    wr_u32be(&w, 1);
    wr_bytes(&w, span_of(label, strlen(label) + 1));
    wr_bytes(&w, context);
    wr_u32be(&w, bits);
    if (!wr_ok(&w) || bits / 8 > hash_size(h) ||
        !HMAC(md_of(h), key.p, (int)key.n, room, w.n, block, &n))
        return false;
    memcpy(out, block, bits / 8);
    OPENSSL_cleanse(block, sizeof block);
    return true;
}

/* KDFe (part 1, 11.4.10.3), one block: H(1 || Z || label || 0 || ephemeral.x || key.x). */
static bool kdfe(enum hash h, struct span z, struct span ephemeral_x, struct span key_x,
                 uint8_t *out)
{
    static const uint8_t one[4] = {0, 0, 0, 1};
    const struct span parts[] = {SPAN_ARR(one), z, span_of(IDENTITY, sizeof IDENTITY), ephemeral_x,
                                 key_x};
    return digest_parts(h, parts, 5, out);
}

/* struct public_key is an EVP_PKEY (crypto/verify.c). */
static EVP_PKEY *key_of(const struct ek *ek)
{
    struct situs_err ignored = {0};
    struct public_key *key = ek->rsa ? verify_key_rsa(ek->modulus, 65537, EK_PART, &ignored)
                                     : verify_key_ec(ek->curve, ek->x, ek->y, EK_PART, &ignored);
    return (EVP_PKEY *)key;
}

/* RSA: a random seed by OAEP with the Name's hash and the label (part 1, B.10.3). */
static bool seed_rsa(struct credential *c, const struct ek *ek, uint8_t *seed)
{
    EVP_PKEY *key = key_of(ek);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    void *label = OPENSSL_memdup(IDENTITY, sizeof IDENTITY);
    c->encrypted_size = sizeof c->encrypted;
    bool ok = ctx && label && EVP_PKEY_encrypt_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md_of(ek->name_alg)) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md_of(ek->name_alg)) == 1;
    if (ok && EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, sizeof IDENTITY) == 1)
        label = NULL; /* it is the context's now */
    ok =
        ok && !label && RAND_bytes(seed, (int)hash_size(ek->name_alg)) == 1 &&
        EVP_PKEY_encrypt(ctx, c->encrypted, &c->encrypted_size, seed, hash_size(ek->name_alg)) == 1;
    OPENSSL_free(label);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}

static const char *group_of(const struct ek *ek)
{
    return ek->curve == CURVE_P256 ? "P-256" : "P-384";
}

/* ECDH of an ephemeral key; z is as long as the field. */
static bool derive(EVP_PKEY *ephemeral, EVP_PKEY *key, uint8_t *z, size_t *size)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ephemeral, NULL);
    bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, key) == 1 &&
              EVP_PKEY_derive(ctx, z, size) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool coordinate(EVP_PKEY *key, const char *name, uint8_t *out, size_t size)
{
    BIGNUM *v = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, name, &v) == 1 && BN_bn2binpad(v, out, (int)size) > 0;
    BN_free(v);
    return ok;
}

/* ECC: the seed is derived; the ephemeral point, two TPM2Bs, is the secret (part 1, C.6.4). */
static bool seed_ec(struct credential *c, const struct ek *ek, uint8_t *seed)
{
    uint8_t z[48], x[48], y[48];
    size_t n = ek->x.n, z_size = sizeof z;
    EVP_PKEY *key = key_of(ek), *ephemeral = EVP_EC_gen(group_of(ek));
    bool ok = key && ephemeral && derive(ephemeral, key, z, &z_size) && z_size == n &&
              coordinate(ephemeral, OSSL_PKEY_PARAM_EC_PUB_X, x, n) &&
              coordinate(ephemeral, OSSL_PKEY_PARAM_EC_PUB_Y, y, n) &&
              kdfe(ek->name_alg, span_of(z, n), span_of(x, n), ek->x, seed);
    struct wr w = wr_new(c->encrypted, sizeof c->encrypted);
    wr_u16be(&w, (uint16_t)n);
    wr_bytes(&w, span_of(x, n));
    wr_u16be(&w, (uint16_t)n);
    wr_bytes(&w, span_of(y, n));
    c->encrypted_size = w.n;
    OPENSSL_cleanse(z, sizeof z);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ephemeral);
    return ok && wr_ok(&w);
}

/* encIdentity: AES-CFB with a zero IV over TPM2B_DIGEST(secret) (part 1, 24.4). */
static bool encrypt(const struct ek *ek, const uint8_t *key, struct span in, uint8_t *out)
{
    static const uint8_t iv[16];
    int n = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = ek->aes_bits == 256 ? EVP_aes_256_cfb128() : EVP_aes_128_cfb128();
    bool ok = ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, key, iv) == 1 &&
              EVP_EncryptUpdate(ctx, out, &n, in.p, (int)in.n) == 1 && n == (int)in.n;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* idObject: TPM2B(HMAC(hmacKey, encIdentity || Name)) || encIdentity (part 1, 24.4, 24.5). */
static bool wrap(struct credential *c, const struct ek *ek, struct span ak_name, struct span seed,
                 const uint8_t secret[CREDENTIAL_SECRET])
{
    uint8_t plain[2 + CREDENTIAL_SECRET] = {0, CREDENTIAL_SECRET}, cipher[sizeof plain];
    uint8_t aes[32], hmac_key[HASH_MAX_SIZE], message[256], mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    enum hash h = ek->name_alg;
    struct wr m = wr_new(message, sizeof message), out = wr_new(c->id_object, sizeof c->id_object);
    memcpy(plain + 2, secret, CREDENTIAL_SECRET);
    bool ok = kdfa(h, seed, "STORAGE", ak_name, ek->aes_bits, aes) &&
              kdfa(h, seed, "INTEGRITY", span_of(NULL, 0), (uint32_t)hash_size(h) * 8, hmac_key) &&
              encrypt(ek, aes, SPAN_ARR(plain), cipher);
    wr_bytes(&m, SPAN_ARR(cipher));
    wr_bytes(&m, ak_name);
    ok = ok && wr_ok(&m) &&
         HMAC(md_of(h), hmac_key, (int)hash_size(h), message, m.n, mac, &mac_size) != NULL;
    wr_u16be(&out, (uint16_t)mac_size);
    wr_bytes(&out, span_of(mac, mac_size));
    wr_bytes(&out, SPAN_ARR(cipher));
    c->id_object_size = out.n;
    OPENSSL_cleanse(plain, sizeof plain);
    OPENSSL_cleanse(aes, sizeof aes);
    OPENSSL_cleanse(hmac_key, sizeof hmac_key);
    return ok && wr_ok(&out);
}

bool credential_make(struct credential *c, const struct ek *ek, struct span ak_name,
                     const uint8_t secret[CREDENTIAL_SECRET], struct situs_err *err)
{
    uint8_t seed[SEED_MAX];
    *c = (struct credential){0};
    bool ok = ek->rsa ? seed_rsa(c, ek, seed) : seed_ec(c, ek, seed);
    ok = ok && wrap(c, ek, ak_name, span_of(seed, hash_size(ek->name_alg)), secret);
    OPENSSL_cleanse(seed, sizeof seed);
    if (ok)
        return true;
    *c = (struct credential){0};
    return internal(err, "make");
}
