/* Public keys and signatures by OpenSSL's EVP; see verify.h. */
#include "crypto/verify.h"

#include "base/text.h"
#include "crypto/ecdsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define RSA_MIN_BITS 2048 /* NIST SP 800-131A: 112 bits of strength */
#define RSA_MAX_BITS 4096 /* bounds the work for one hostile key */
#define RSA_EXPONENT 65537
#define EC_MAX_SIZE 48 /* P-384 */

/* struct public_key is an EVP_PKEY under a name that needs no OpenSSL header. */
static EVP_PKEY *pkey(const struct public_key *key)
{
    return (EVP_PKEY *)(uintptr_t)key;
}

static struct public_key *wrap(EVP_PKEY *key)
{
    return (struct public_key *)key;
}

static bool is_curve(const EVP_PKEY *key)
{
    char name[32] = "";
    if (EVP_PKEY_get_group_name(key, name, sizeof name, NULL) != 1)
        return false;
    return strcmp(name, SN_X9_62_prime256v1) == 0 || strcmp(name, SN_secp384r1) == 0;
}

static bool check_rsa(const EVP_PKEY *key, const char *part, struct situs_err *err)
{
    int bits = EVP_PKEY_get_bits(key);
    if (bits < RSA_MIN_BITS || bits > RSA_MAX_BITS)
        return err_fail(err, SITUS_NOT_ALLOWED, part, "key.bits", SITUS_NO_OFFSET,
                        "RSA of 2048 to 4096 bits", TEXT_NUM(bits));
    BIGNUM *e = NULL;
    bool ok =
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_word(e, RSA_EXPONENT);
    BN_free(e);
    if (!ok)
        return err_fail(err, SITUS_NOT_ALLOWED, part, "key.exponent", SITUS_NO_OFFSET, "65537",
                        "another exponent");
    return true;
}

/* RFC 5480: the curve by its name (2.1.1), and a point that begins as an uncompressed or a compressed one does (2.2).
 * What OpenSSL decoded may be a curve by its parameters, and infinity. A key of verify_key_ec is neither. */
static bool check_encoding(const EVP_PKEY *key, const char *part, struct situs_err *err)
{
    uint8_t point[1 + 2 * EC_MAX_SIZE];
    size_t n = 0;
    int by_parameters = 1;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return true;
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &by_parameters) != 1 ||
        by_parameters)
        return err_fail(err, SITUS_UNSUPPORTED, part, "key.curve", SITUS_NO_OFFSET,
                        "a curve by its name", "its parameters");
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) ==
            1 &&
        n > 1 && point[0] >= POINT_CONVERSION_COMPRESSED &&
        point[0] <= POINT_CONVERSION_UNCOMPRESSED)
        return true;
    return err_fail(err, SITUS_UNSUPPORTED, part, "key.point", SITUS_NO_OFFSET,
                    "an uncompressed or compressed point", "another form, or infinity");
}

/* Takes the key over: returns it, or frees it and fails. */
static struct public_key *checked(EVP_PKEY *key, const char *part, struct situs_err *err)
{
    bool ok = false;
    if (!key)
        err_fail(err, SITUS_MALFORMED, part, "key", SITUS_NO_OFFSET, "a public key", "none");
    else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        ok = check_rsa(key, part, err);
    else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || !is_curve(key))
        err_fail(err, SITUS_UNSUPPORTED, part, "key.type", SITUS_NO_OFFSET,
                 "RSA, or ECC on P-256 or P-384", "another type");
    else
        ok = true;
    ERR_clear_error();
    if (ok)
        return wrap(key);
    EVP_PKEY_free(key);
    return NULL;
}

static struct public_key *decoded(EVP_PKEY *key, const char *part, struct situs_err *err)
{
    struct public_key *made = checked(key, part, err);
    if (!made || check_encoding(key, part, err))
        return made;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return NULL;
}

/* Takes the builder over. */
static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1)
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

struct public_key *verify_key_rsa(struct span modulus, uint32_t exponent, const char *part,
                                  struct situs_err *err)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus.p, (int)modulus.n, NULL);
    BIGNUM *e = BN_new();
    if (b && n && e && BN_set_word(e, exponent) == 1 &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = build("RSA", b);
    else
        OSSL_PARAM_BLD_free(b);
    BN_free(n);
    BN_free(e);
    return checked(key, part, err);
}

/* EC_KEY and not EVP's parameters: a key of 11 us and not 17, and the form in which ec_verify needs
 * it. Coordinates that are not below p or not on the curve are refused; the cofactor is 1. */
struct public_key *verify_key_ec(enum curve curve, struct span x, struct span y, const char *part,
                                 struct situs_err *err)
{
    size_t size = curve == CURVE_P256 ? 32 : EC_MAX_SIZE;
    int nid = curve == CURVE_P256 ? NID_X9_62_prime256v1 : NID_secp384r1;
    bool sized = x.n > 0 && x.n <= size && y.n > 0 && y.n <= size;
    EVP_PKEY *key = EVP_PKEY_new();
    EC_KEY *ec = EC_KEY_new_by_curve_name(nid);
    uint8_t point[1 + 2 * EC_MAX_SIZE] = {POINT_CONVERSION_UNCOMPRESSED}; /* SEC 1, 2.3.4 */
    if (sized) {
        memcpy(point + 1 + size - x.n, x.p, x.n);
        memcpy(point + 1 + 2 * size - y.n, y.p, y.n);
    }
    if (!sized || !key || !ec || EC_KEY_oct2key(ec, point, 1 + 2 * size, NULL) != 1 ||
        EVP_PKEY_set1_EC_KEY(key, ec) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EC_KEY_free(ec);
    return checked(key, part, err);
}

/* point_of is x || y of an SPKI that names one of two curves and has an uncompressed point (RFC 5480, 2.1.1 and 2.2),
 * where it begins with these bytes; else empty. Nearly all do, and a search through OpenSSL's decoders takes as long as a
 * signature. */
static struct span point_of(struct span der, enum curve *curve)
{
    static const uint8_t p256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04},
                         p384[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                   0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                   0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};
    *curve = CURVE_P256;
    if (der.n == sizeof p256 + 64 && span_starts(der, SPAN_ARR(p256)))
        return span_cut(der, sizeof p256, 64);
    *curve = CURVE_P384;
    if (der.n == sizeof p384 + 96 && span_starts(der, SPAN_ARR(p384)))
        return span_cut(der, sizeof p384, 96);
    return span_of(NULL, 0);
}

struct public_key *verify_key_spki(struct span der, const char *part, struct situs_err *err)
{
    enum curve curve;
    struct span xy = point_of(der, &curve);
    size_t half = xy.n / 2;
    if (xy.n)
        return verify_key_ec(curve, span_cut(xy, 0, half), span_cut(xy, half, half), part, err);
    const unsigned char *p = der.p;
    EVP_PKEY *key = der.n <= INT32_MAX ? d2i_PUBKEY(NULL, &p, (long)der.n) : NULL;
    if (key && p != der.p + der.n) {
        err_fail(err, SITUS_TRAILING, part, "key", (size_t)(p - der.p), "nothing after it", NULL);
        EVP_PKEY_free(key);
        return NULL;
    }
    return decoded(key, part, err);
}

struct public_key *verify_key_take(struct public_key *key, const char *part, struct situs_err *err)
{
    return decoded(pkey(key), part, err);
}

struct public_key *verify_key_share(struct public_key *key)
{
    return EVP_PKEY_up_ref(pkey(key)) == 1 ? key : NULL;
}

void verify_key_free(struct public_key *key)
{
    EVP_PKEY_free(pkey(key));
}

bool verify_key_equal(const struct public_key *a, const struct public_key *b)
{
    bool equal = EVP_PKEY_eq(pkey(a), pkey(b)) == 1;
    ERR_clear_error();
    return equal;
}

bool verify_key_is_rsa(const struct public_key *key)
{
    return EVP_PKEY_get_base_id(pkey(key)) == EVP_PKEY_RSA;
}

bool verify_key_on(const struct public_key *key, enum curve curve)
{
    char name[32] = "";
    return EVP_PKEY_get_base_id(pkey(key)) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(pkey(key), name, sizeof name, NULL) == 1 &&
           strcmp(name, curve == CURVE_P256 ? SN_X9_62_prime256v1 : SN_secp384r1) == 0;
}

/* Of the EC_KEY, which every key has: those of verify_key_ec cannot be asked by EVP's parameters. */
size_t verify_key_point(const struct public_key *key, uint8_t *xy)
{
    size_t half = verify_key_on(key, CURVE_P256) ? 32 : verify_key_on(key, CURVE_P384) ? 48 : 0;
    uint8_t point[1 + 2 * EC_MAX_SIZE]; /* SEC 1, 2.3.3 */
    const EC_KEY *ec = half ? EVP_PKEY_get0_EC_KEY(pkey(key)) : NULL;
    size_t n = ec ? EC_POINT_point2oct(EC_KEY_get0_group(ec), EC_KEY_get0_public_key(ec),
                                       POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, NULL)
                  : 0;
    bool ok = n == 1 + 2 * half && n > 1;
    if (ok)
        memcpy(xy, point + 1, 2 * half);
    ERR_clear_error();
    return ok ? 2 * half : 0;
}

static const EVP_MD *strong_hash(enum hash hash)
{
    switch (hash) {
    case HASH_SHA256:
        return EVP_sha256();
    case HASH_SHA384:
        return EVP_sha384();
    case HASH_SHA512:
        return EVP_sha512();
    default:
        return NULL;
    }
}

/* pss: the salt's length is the TPM's choice, so it is taken from the signature. */
static bool verify(const struct public_key *key, enum hash hash, bool pss, struct span message,
                   struct span signature)
{
    const EVP_MD *md = strong_hash(hash);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *sub = NULL;
    bool ok = md && ctx && EVP_DigestVerifyInit(ctx, &sub, md, NULL, pkey(key)) == 1 &&
              (!pss || (EVP_PKEY_CTX_set_rsa_padding(sub, RSA_PKCS1_PSS_PADDING) == 1 &&
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(sub, RSA_PSS_SALTLEN_AUTO) == 1)) &&
              EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

bool verify_rsa(const struct public_key *key, enum scheme scheme, enum hash hash,
                struct span message, struct span signature)
{
    if (scheme != SCHEME_RSASSA && scheme != SCHEME_RSAPSS)
        return false;
    return verify_key_is_rsa(key) && verify(key, hash, scheme == SCHEME_RSAPSS, message, signature);
}

static bool ec_verify(const struct public_key *key, struct hot_keys *hot,
                      const struct ec_signature *signature)
{
    const EC_KEY *ec = EVP_PKEY_get0_EC_KEY(pkey(key)); /* NULL for RSA */
    if (ec)
        return ecdsa_verify(ec, NULL, hot, signature);
    ERR_clear_error();
    return false;
}

bool verify_ecdsa_known(const struct public_key *key, struct hot_keys *hot, enum hash hash,
                        struct span message, struct span r, struct span s)
{
    uint8_t value[HASH_MAX_SIZE];
    const struct ec_signature signature = {span_of(value, hash_size(hash)), r, s};
    return strong_hash(hash) && r.n <= EC_MAX_SIZE && s.n <= EC_MAX_SIZE &&
           digest(hash, message, value) && ec_verify(key, hot, &signature);
}

bool verify_ecdsa(const struct public_key *key, enum hash hash, struct span message, struct span r,
                  struct span s)
{
    return verify_ecdsa_known(key, NULL, hash, message, r, s);
}

/* Half the size of r || s on the key's curve; 0 for another key. */
static size_t half_size(const struct public_key *key)
{
    return verify_key_on(key, CURVE_P256) ? 32 : verify_key_on(key, CURVE_P384) ? 48 : 0;
}

bool verify_ecdsa_digest(const struct public_key *key, struct hot_keys *hot, struct span digest,
                         struct span rs)
{
    size_t half = half_size(key);
    if (half == 0 || rs.n != 2 * half)
        return false;
    const struct ec_signature signature = {digest, span_cut(rs, 0, half), span_cut(rs, half, half)};
    return ec_verify(key, hot, &signature);
}

bool verify_ecdsa_raw(const struct public_key *key, enum hash hash, struct span message,
                      struct span rs)
{
    size_t half = half_size(key);
    if (half == 0 || rs.n != 2 * half)
        return false;
    return verify_ecdsa(key, hash, message, span_cut(rs, 0, half), span_cut(rs, half, half));
}
