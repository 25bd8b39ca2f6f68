/* Endorsement keys; see ek.h. */
#include "provider/registrar/ek.h"

#include "base/rd.h"
#include "base/text.h"
#include "base/wr.h"
#include "crypto/x509_openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

/* authPolicy values of the profile, B.6: PolicyA (SHA-256), PolicyB (SHA-256 and SHA-384). */
#define POLICY_A                                                               \
    "\x00\x20\x83\x71\x97\x67\x44\x84\xb3\xf8\x1a\x90\xcc\x8d\x46\xa5\xd7\x24" \
    "\xfd\x52\xd7\x6e\x06\x52\x0b\x64\xf2\xa1\xda\x1b\x33\x14\x69\xaa"
#define POLICY_B_256                                                           \
    "\x00\x20\xca\x3d\x0a\x99\xa2\xb9\x39\x06\xf7\xa3\x34\x24\x14\xef\xcf\xb3" \
    "\xa3\x85\xd4\x4c\xd1\xfd\x45\x90\x89\xd1\x9b\x50\x71\xc0\xb7\xa0"
#define POLICY_B_384                                                                   \
    "\x00\x30\xb2\x6e\x7d\x28\xd1\x1a\x50\xbc\x53\xd8\x82\xbc\xf5\xfd\x3a\x1a\x07\x41" \
    "\x48\xbb\x35\xd3\xb4\xe4\xcb\x1c\x0a\xd9\xbd\xe4\x19\xca\xcb\x47\xba\x09\x69\x96" \
    "\x46\x15\x0f\x9f\xc0\x00\xf3\xf8\x0e\x12"

/* A template up to unique (TPM 2.0 part 2, 12.2.4: type, nameAlg, objectAttributes, authPolicy,
 * symmetric, scheme, and key bits and exponent, or curve and KDF). */
struct ek_template {
    struct span head;
    enum hash name_alg;
    unsigned aes_bits;
    bool rsa;
    enum curve curve;
    size_t field; /* bytes of each unique member */
};

#define AES_128_CFB "\x00\x06\x00\x80\x00\x43"
#define AES_256_CFB "\x00\x06\x01\x00\x00\x43"
#define ALG_NULL "\x00\x10"

/* Each head ends before unique, which is the modulus, or x and y. */
static const struct ek_template templates[] = {
    {SPAN_LIT("\x00\x01\x00\x0b\x00\x03\x00\xb2" POLICY_A AES_128_CFB ALG_NULL
              "\x08\x00\x00\x00\x00\x00"),
     HASH_SHA256, 128, true, CURVE_P256, 256}, /* L-1 */
    {SPAN_LIT("\x00\x23\x00\x0b\x00\x03\x00\xb2" POLICY_A AES_128_CFB ALG_NULL "\x00\x03" ALG_NULL),
     HASH_SHA256, 128, false, CURVE_P256, 32}, /* L-2 */
    {SPAN_LIT("\x00\x01\x00\x0b\x00\x03\x00\xf2" POLICY_B_256 AES_128_CFB ALG_NULL
              "\x08\x00\x00\x00\x00\x00"),
     HASH_SHA256, 128, true, CURVE_P256, 256}, /* H-1 */
    {SPAN_LIT("\x00\x23\x00\x0b\x00\x03\x00\xf2" POLICY_B_256 AES_128_CFB ALG_NULL
              "\x00\x03" ALG_NULL),
     HASH_SHA256, 128, false, CURVE_P256, 32}, /* H-2 */
    {SPAN_LIT("\x00\x23\x00\x0c\x00\x03\x00\xf2" POLICY_B_384 AES_256_CFB ALG_NULL
              "\x00\x04" ALG_NULL),
     HASH_SHA384, 256, false, CURVE_P384, 48}, /* H-3 */
};

static struct span member(struct rd *r, size_t size, const char *field)
{
    size_t at = rd_at(r), n = rd_u16be(r, field);
    if (rd_ok(r) && n != size)
        rd_fail(r, SITUS_MALFORMED, field, at, TEXT_BYTES(size), TEXT_BYTES(n));
    return rd_bytes(r, n, field);
}

static bool make_name(struct ek *ek, struct span public, struct situs_err *err)
{
    uint16_t alg = hash_tpm(ek->name_alg);
    ek->name[0] = (uint8_t)(alg >> 8);
    ek->name[1] = (uint8_t)alg;
    ek->name_size = 2 + hash_size(ek->name_alg);
    return digest(ek->name_alg, public, ek->name + 2) ||
           err_fail(err, SITUS_INTERNAL, EK_PART, "name", SITUS_NO_OFFSET, NULL, NULL);
}

bool ek_read(struct ek *ek, struct span public, struct situs_err *err)
{
    const struct ek_template *t = NULL;
    *ek = (struct ek){0};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
        if (span_starts(public, templates[i].head))
            t = &templates[i];
    if (!t)
        return err_fail(err, SITUS_NOT_ALLOWED, EK_PART, "template", 0,
                        "template L-1, L-2 or H-1 to H-3 of the EK Credential Profile", "another");
    struct rd r = rd_new(public, 0, EK_PART, err);
    rd_bytes(&r, t->head.n, "template");
    *ek = (struct ek){
        .name_alg = t->name_alg, .aes_bits = t->aes_bits, .rsa = t->rsa, .curve = t->curve};
    if (t->rsa) {
        ek->modulus = member(&r, t->field, "unique.rsa");
    } else {
        ek->x = member(&r, t->field, "unique.x");
        ek->y = member(&r, t->field, "unique.y");
    }
    return rd_end(&r, "unique") && make_name(ek, public, err);
}

bool ek_is_certified(const struct ek *ek, const struct x509 *cert, struct situs_err *err)
{
    struct public_key *certified = x509_key(cert, EK_PART, err);
    struct public_key *key = !certified ? NULL
                             : ek->rsa  ? verify_key_rsa(ek->modulus, 65537, EK_PART, err)
                                        : verify_key_ec(ek->curve, ek->x, ek->y, EK_PART, err);
    bool ok = key && (verify_key_equal(certified, key) ||
                      err_fail(err, SITUS_MISMATCH, EK_PART, "public", SITUS_NO_OFFSET,
                               "the key in the EK certificate", "another key"));
    verify_key_free(certified);
    verify_key_free(key);
    return ok;
}

/* put_public is the public area of a key under a template. */
static bool put_public(struct wr *w, const struct ek_template *t, const EVP_PKEY *key)
{
    uint8_t modulus[256];
    unsigned char *point = NULL; /* 4, x, y (SEC 1, 2.3.3) */
    BIGNUM *n = NULL;
    bool ok = t->rsa ? EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                           BN_bn2binpad(n, modulus, (int)t->field) == (int)t->field
                     : EVP_PKEY_get1_encoded_public_key((EVP_PKEY *)(uintptr_t)key, &point) ==
                           1 + 2 * t->field;
    wr_bytes(w, t->head);
    for (size_t i = 0; ok && i < (t->rsa ? 1 : 2); i++) {
        wr_u16be(w, (uint16_t)t->field);
        wr_bytes(w, span_of(t->rsa ? modulus : point + 1 + i * t->field, t->field));
    }
    BN_free(n);
    OPENSSL_free(point);
    return ok && wr_ok(w);
}

/* fits says that a key of this kind can stand in the template. */
static bool fits(const struct ek_template *t, const struct public_key *key, const EVP_PKEY *pkey)
{
    return t->rsa ? verify_key_is_rsa(key) && (size_t)EVP_PKEY_get_bits(pkey) == 8 * t->field
                  : verify_key_on(key, t->curve);
}

bool ek_names_of(const struct public_key *key, struct ek_name *names, size_t max, size_t *n)
{
    const EVP_PKEY *pkey = (const EVP_PKEY *)key; /* crypto/verify.c */
    *n = 0;
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        uint8_t room[512];
        struct wr w = wr_new(room, sizeof room);
        struct ek ek = {.name_alg = templates[i].name_alg};
        struct situs_err ignored = {0};
        if (!fits(&templates[i], key, pkey))
            continue;
        if (*n == max || !put_public(&w, &templates[i], pkey) ||
            !make_name(&ek, wr_span(&w), &ignored))
            return false;
        memcpy(names[*n].bytes, ek.name, ek.name_size);
        names[(*n)++].n = ek.name_size;
    }
    return true;
}

bool ek_fingerprint(const struct x509 *cert, uint8_t out[32])
{
    unsigned char *spki = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509_openssl(cert)), &spki);
    bool ok = n > 0 && digest(HASH_SHA256, span_of(spki, (size_t)n), out);
    OPENSSL_free(spki);
    return ok;
}
