/*
 * Fuzzes the equation of ECDSA, with tables and without, against ECDSA_do_verify: two keys on each curve, any r, s and digest, and
 * signatures that hold for any nonce and any s, made with the private key. The answer is the same.
 * The input: a byte (bit 0 the curve, bit 1 the key, bit 2 made), then r or the nonce and s, each a
 * byte longer than the order, then the digest. fuzz/seeds/ecdsa-*.bin are RFC 6979, A.2.5 and A.2.6
 * ("sample"), and a made one of each curve.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "crypto/ecdsa.h"
#include "oracle.h"

const char *const oracles[] = {"holds", "made ones hold", "does not hold", NULL};

static struct signer {
    EC_KEY *key;
    struct ec_table *table;
} signers[2][2];

static BN_CTX *ctx;

static void want(bool ok)
{
    if (!ok)
        __builtin_trap();
}

/* The keys of RFC 6979, and 1, whose point is the generator itself. */
static void make_signers(void)
{
    static const int names[] = {NID_X9_62_prime256v1, NID_secp384r1};
    static const char *const secrets[2][2] = {
        {"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", "1"},
        {"6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
         "96D5724E4C70A825F872C9EA60D2EDF5",
         "1"}};
    ctx = BN_CTX_new();
    for (int c = 0; c < 2; c++)
        for (int k = 0; k < 2; k++) {
            BIGNUM *d = NULL;
            EC_KEY *key = EC_KEY_new_by_curve_name(names[c]);
            EC_POINT *q = EC_POINT_new(EC_KEY_get0_group(key));
            want(BN_hex2bn(&d, secrets[c][k]) > 0 &&
                 EC_POINT_mul(EC_KEY_get0_group(key), q, d, NULL, NULL, ctx) == 1 &&
                 EC_KEY_set_private_key(key, d) == 1 && EC_KEY_set_public_key(key, q) == 1);
            signers[c][k] = (struct signer){key, ec_table_new(key)};
            want(signers[c][k].table != NULL);
            EC_POINT_free(q);
            BN_free(d);
        }
}

/* r = x(k G), digest = s k - r d, all modulo n. False: k or s is zero. */
static bool make(const struct signer *by, const struct ec_signature *in, uint8_t *r,
                 uint8_t *digest, size_t half)
{
    const EC_GROUP *group = EC_KEY_get0_group(by->key);
    const BIGNUM *n = EC_GROUP_get0_order(group);
    BIGNUM *k = BN_bin2bn(in->r.p, (int)in->r.n, NULL), *s = BN_bin2bn(in->s.p, (int)in->s.n, NULL),
           *x = BN_new();
    EC_POINT *point = EC_POINT_new(group);
    want(BN_nnmod(k, k, n, ctx) == 1);
    bool ok = !BN_is_zero(k) && !BN_is_zero(s) && BN_cmp(s, n) < 0;
    if (ok) {
        want(EC_POINT_mul(group, point, k, NULL, NULL, ctx) == 1 &&
             EC_POINT_get_affine_coordinates(group, point, x, NULL, ctx) == 1 &&
             BN_nnmod(x, x, n, ctx) == 1 && BN_bn2binpad(x, r, (int)half) == (int)half &&
             BN_mod_mul(x, x, EC_KEY_get0_private_key(by->key), n, ctx) == 1 &&
             BN_mod_mul(k, k, s, n, ctx) == 1 && BN_mod_sub(k, k, x, n, ctx) == 1 &&
             BN_bn2binpad(k, digest, (int)half) == (int)half);
    }
    EC_POINT_free(point);
    BN_free(k), BN_free(s), BN_free(x);
    return ok;
}

static bool by_openssl(EC_KEY *key, const struct ec_signature *in)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    want(ECDSA_SIG_set0(sig, BN_bin2bn(in->r.p, (int)in->r.n, NULL),
                        BN_bin2bn(in->s.p, (int)in->s.n, NULL)) == 1);
    bool ok = ECDSA_do_verify(in->digest.p, (int)in->digest.n, sig, key) == 1;
    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t r[48], digest[48];
    if (!ctx)
        make_signers();
    if (size == 0)
        return 0;
    size_t half = data[0] & 1 ? 48 : 32;
    if (size < 1 + 2 * (half + 1) || size > 1 + 2 * (half + 1) + 80)
        return 0;
    const struct signer *by = &signers[data[0] & 1][data[0] >> 1 & 1];
    struct ec_signature in = {span_of(data + 1 + 2 * (half + 1), size - 1 - 2 * (half + 1)),
                              span_of(data + 1, half + 1), span_of(data + 2 + half, half + 1)};
    bool made = data[0] & 4 && make(by, &in, r, digest, half);
    if (made) {
        in.r = span_of(r, half);
        in.digest = span_of(digest, half);
    }
    bool openssl = by_openssl(by->key, &in);
    want(openssl || !made);
    for (int i = 0; i < 2; i++) {
        want(ec_equation_holds(i ? by->table : NULL, by->key, &in) ==
             (openssl ? EC_HOLDS : EC_WRONG));
        ERR_clear_error();
    }
    oracle_ran(made ? 1 : openssl ? 0 : 2);
    return 0;
}
