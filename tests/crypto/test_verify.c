/* crypto/verify and crypto/ak: good signatures hold, weak keys are never made. */
#include "support/test.h"

#include "crypto/ak.h"
#include "support/soft_tpm.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>

#define MESSAGE SPAN_LIT("message")

static bool verify(const struct ak *ak, const struct tpm_signature *s, struct span message)
{
    enum hash h = hash_by_tpm(s->hash);
    if (s->alg == TPM_ALG_ECDSA)
        return verify_ecdsa(ak->key, h, message, s->r, s->s);
    return verify_rsa(ak->key, s->alg == TPM_ALG_RSASSA ? SCHEME_RSASSA : SCHEME_RSAPSS, h, message,
                      s->rsa);
}

static void verify_accepts_each_scheme_and_no_flipped_bit(void **state)
{
    (void)state;
    static const uint16_t hashes[] = {0x000b, 0x000c, 0x000d};
    for (enum soft_kind kind = SOFT_RSASSA; kind <= SOFT_P384; kind++)
        for (size_t i = 0; i < 3; i++) {
            struct soft_ak soft;
            struct ak ak;
            struct situs_err err = {0};
            soft_tpm_ak(&soft, kind, 0x50072, span_of(NULL, 0));
            assert_true(ak_read(&ak, soft.public, &err));
            uint8_t bytes[600];
            struct tpm_signature s;
            struct span sig = soft_tpm_sign(bytes, sizeof bytes, &soft, hashes[i], MESSAGE);
            assert_true(tpm_signature_read(&s, sig, &err));
            assert_true(verify(&ak, &s, MESSAGE));
            assert_false(verify(&ak, &s, SPAN_LIT("massage")));
            bytes[sig.n - 1] ^= 1;
            assert_false(verify(&ak, &s, MESSAGE));
            assert_int_equal(ERR_peek_error(), 0); /* an old error cannot pass for a new one */
            ak_free(&ak);
        }
}

static void verify_refuses_schemes_and_hashes_that_do_not_fit(void **state)
{
    (void)state;
    struct soft_ak soft;
    struct ak ak;
    struct situs_err err = {0};
    struct tpm_signature s;
    uint8_t bytes[600];
    soft_tpm_ak(&soft, SOFT_RSASSA, 0x50072, span_of(NULL, 0));
    assert_true(ak_read(&ak, soft.public, &err));
    struct span sig = soft_tpm_sign(bytes, sizeof bytes, &soft, 0x000b, MESSAGE);
    assert_true(tpm_signature_read(&s, sig, &err));
    assert_false(verify_rsa(ak.key, SCHEME_RSAPSS, HASH_SHA256, MESSAGE, s.rsa));
    assert_false(verify_rsa(ak.key, SCHEME_ECDSA, HASH_SHA256, MESSAGE, s.rsa));
    assert_false(verify_rsa(ak.key, SCHEME_NONE, HASH_SHA256, MESSAGE, s.rsa));
    assert_false(verify_rsa(ak.key, SCHEME_RSASSA, HASH_NONE, MESSAGE, s.rsa));
    assert_false(verify_rsa(ak.key, SCHEME_RSASSA, HASH_SHA256, MESSAGE, span_of(NULL, 0)));
    assert_false(verify_ecdsa(ak.key, HASH_SHA256, MESSAGE, s.rsa, s.rsa));
    sig = soft_tpm_sign(bytes, sizeof bytes, &soft, 0x0004, MESSAGE);
    assert_true(tpm_signature_read(&s, sig, &err));
    assert_false(verify_rsa(ak.key, SCHEME_RSASSA, HASH_SHA1, MESSAGE, s.rsa));
    ak_free(&ak);
    soft_tpm_ak(&soft, SOFT_P256, 0x50072, span_of(NULL, 0));
    assert_true(ak_read(&ak, soft.public, &err));
    static const uint8_t zero[32] = {0};
    assert_false(verify_ecdsa(ak.key, HASH_SHA256, MESSAGE, SPAN_ARR(zero), SPAN_ARR(zero)));
    assert_false(verify_ecdsa(ak.key, HASH_SHA256, MESSAGE, span_of(NULL, 0), span_of(NULL, 0)));
    assert_false(verify_rsa(ak.key, SCHEME_RSASSA, HASH_SHA256, MESSAGE, SPAN_ARR(zero)));
    assert_int_equal(ERR_peek_error(), 0);
    ak_free(&ak);
}

/* N55 */
static void refuses_key(enum soft_kind kind, enum situs_code code, const char *field)
{
    struct soft_ak soft;
    struct ak ak;
    struct situs_err err = {0};
    soft_tpm_ak(&soft, kind, 0x50072, span_of(NULL, 0));
    assert_false(ak_read(&ak, soft.public, &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
    assert_null(ak.key);
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(soft.key, &der);
    err = (struct situs_err){0};
    assert_null(verify_key_spki(span_of(der, (size_t)n), "spki", &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
    OPENSSL_free(der);
}

static void verify_makes_no_weak_key(void **state)
{
    (void)state;
    refuses_key(SOFT_RSA_SHORT, SITUS_NOT_ALLOWED, "key.bits");
    refuses_key(SOFT_RSA_E3, SITUS_NOT_ALLOWED, "key.exponent");
    struct situs_err err = {0};
    uint8_t modulus[520];
    memset(modulus, 0xff, sizeof modulus);
    assert_null(verify_key_rsa(SPAN_ARR(modulus), 65537, "key", &err));
    expect_err(err, SITUS_NOT_ALLOWED, "key.bits", SITUS_NO_OFFSET);
    EVP_PKEY *other = EVP_EC_gen("P-521");
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(other, &der);
    err = (struct situs_err){0};
    assert_null(verify_key_spki(span_of(der, (size_t)n), "spki", &err));
    expect_err(err, SITUS_UNSUPPORTED, "key.type", SITUS_NO_OFFSET);
    OPENSSL_free(der);
    EVP_PKEY_free(other);
}

static void verify_refuses_points_off_the_curve(void **state)
{
    (void)state;
    struct soft_ak soft;
    struct ak ak;
    struct situs_err err = {0};
    soft_tpm_ak(&soft, SOFT_P256, 0x50072, span_of(NULL, 0));
    soft.bytes[soft.public.n - 1] ^= 1;
    assert_false(ak_read(&ak, soft.public, &err));
    expect_err(err, SITUS_MALFORMED, "key", SITUS_NO_OFFSET);
    static const uint8_t zero[32] = {0}, wide[33] = {0};
    err = (struct situs_err){0};
    assert_null(verify_key_ec(CURVE_P256, SPAN_ARR(zero), SPAN_ARR(zero), "key", &err));
    err = (struct situs_err){0};
    assert_null(verify_key_ec(CURVE_P256, SPAN_ARR(wide), SPAN_ARR(zero), "key", &err));
    expect_err(err, SITUS_MALFORMED, "key", SITUS_NO_OFFSET);
}

/* The DER SubjectPublicKeyInfo of a point on a group, which may be named or not. */
static size_t put_spki(uint8_t out[512], EC_GROUP *group, const EC_POINT *point)
{
    EC_KEY *key = EC_KEY_new();
    assert_int_equal(EC_KEY_set_group(key, group), 1);
    assert_int_equal(EC_KEY_set_public_key(key, point), 1);
    unsigned char *der = NULL;
    int n = i2d_EC_PUBKEY(key, &der);
    assert_in_range(n, 1, 512);
    memcpy(out, der, (size_t)n);
    OPENSSL_free(der);
    EC_KEY_free(key);
    return (size_t)n;
}

/* The key alone, and as a certificate has it. */
static void refuses_spki(struct span der, const char *field)
{
    struct situs_err err = {0};
    const unsigned char *p = der.p;
    X509_PUBKEY *in_cert = d2i_X509_PUBKEY(NULL, &p, (long)der.n);
    assert_non_null(in_cert);
    assert_null(verify_key_spki(der, "spki", &err));
    expect_err(err, SITUS_UNSUPPORTED, field, SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_null(
        verify_key_take((struct public_key *)X509_PUBKEY_get(in_cert), "certificate", &err));
    expect_err(err, SITUS_UNSUPPORTED, field, SITUS_NO_OFFSET);
    assert_int_equal(ERR_peek_error(), 0);
    X509_PUBKEY_free(in_cert);
}

/* RFC 5480, 2.1.1. A curve with another generator is the forgery of CVE-2020-0601. */
static void verify_refuses_curves_by_their_parameters(void **state)
{
    (void)state;
    static const int names[] = {NID_X9_62_prime256v1, NID_secp384r1};
    for (size_t i = 0; i < 2; i++) {
        uint8_t der[512];
        EC_KEY *key = EC_KEY_new_by_curve_name(names[i]);
        assert_int_equal(EC_KEY_generate_key(key), 1);
        const EC_POINT *q = EC_KEY_get0_public_key(key);
        EC_GROUP *group = EC_GROUP_dup(EC_KEY_get0_group(key));
        EC_GROUP_set_asn1_flag(group, OPENSSL_EC_EXPLICIT_CURVE);
        refuses_spki(span_of(der, put_spki(der, group, q)), "key.curve");
        const BIGNUM *n = EC_GROUP_get0_order(EC_KEY_get0_group(key));
        EC_GROUP_set_curve_name(group, NID_undef);
        assert_int_equal(EC_GROUP_set_generator(group, q, n, BN_value_one()), 1);
        refuses_spki(span_of(der, put_spki(der, group, q)), "key.type");
        EC_GROUP_free(group);
        EC_KEY_free(key);
    }
}

/* RFC 5480, 2.2: 04, 02 and 03 begin a point; SEC 1, 2.3.4 has 06 and 07, and 00 for infinity. */
static void verify_refuses_points_that_certificates_have_not(void **state)
{
    (void)state;
    uint8_t der[512], at_infinity[512];
    struct situs_err err = {0};
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    assert_int_equal(EC_KEY_generate_key(key), 1);
    EC_GROUP *group = EC_GROUP_dup(EC_KEY_get0_group(key));
    size_t n = put_spki(der, group, EC_KEY_get0_public_key(key)), head = n - 68;
    memcpy(at_infinity, der, head);
    at_infinity[1] = (uint8_t)(at_infinity[1] - 64);
    memcpy(at_infinity + head, "\x03\x02\x00\x00", 4); /* BIT STRING of one octet, 00 */
    refuses_spki(span_of(at_infinity, head + 4), "key.point");
    struct public_key *good = verify_key_spki(span_of(der, n), "spki", &err);
    assert_non_null(good);
    verify_key_free(good);
    der[n - 65] = (uint8_t)(POINT_CONVERSION_HYBRID | (der[n - 1] & 1));
    refuses_spki(span_of(der, n), "key.point");
    EC_GROUP_free(group);
    EC_KEY_free(key);
}

static void ak_has_the_name_of_its_public_area(void **state)
{
    (void)state;
    struct soft_ak soft;
    struct ak ak;
    struct situs_err err = {0};
    soft_tpm_ak(&soft, SOFT_P256, 0x50072, span_of(NULL, 0));
    assert_true(ak_read(&ak, soft.public, &err));
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, soft.public, hash));
    assert_memory_equal(ak.hash, hash, 32);
    assert_int_equal(ak_name(&ak).n, 34);
    assert_memory_equal(ak.name, "\x00\x0b", 2);
    assert_memory_equal(ak.name + 2, hash, 32);
    ak_free(&ak);
    soft.bytes[3] = 0x04; /* nameAlg SHA-1 */
    assert_false(ak_read(&ak, soft.public, &err));
    expect_err(err, SITUS_UNSUPPORTED, "name_alg", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_accepts_each_scheme_and_no_flipped_bit),
        cmocka_unit_test(verify_refuses_schemes_and_hashes_that_do_not_fit),
        cmocka_unit_test(verify_makes_no_weak_key),
        cmocka_unit_test(verify_refuses_points_off_the_curve),
        cmocka_unit_test(verify_refuses_curves_by_their_parameters),
        cmocka_unit_test(verify_refuses_points_that_certificates_have_not),
        cmocka_unit_test(ak_has_the_name_of_its_public_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
