/*
 * Tables of multiples of a public key; see ec_table.h. OpenSSL makes tables of a group's generator,
 * so the key Q is made the generator of a group of its own: u1 G + u2 Q is one multiplication by
 * the table of G, one by that of Q, and an addition. The functions are deprecated in OpenSSL 3 and
 * all there; where they are not, there is no table.
 */
#include "crypto/ec_table.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/opensslv.h>

#if OPENSSL_VERSION_MAJOR == 3 && !defined(OPENSSL_NO_DEPRECATED_3_0)

struct ec_table {
    EC_GROUP *base; /* the curve; its generator is G */
    EC_GROUP *own;  /* the same curve; its generator is the key */
    bool generic;   /* OpenSSL has no code of its own for this curve */
};

/* The curve by its name: what stands in the key's own group counts for nothing. */
static bool make(struct ec_table *t, const EC_KEY *key, BN_CTX *ctx)
{
    int name = EC_GROUP_get_curve_name(EC_KEY_get0_group(key));
    const EC_POINT *q = EC_KEY_get0_public_key(key);
    if (!q || (name != NID_X9_62_prime256v1 && name != NID_secp384r1))
        return false;
    t->base = EC_GROUP_new_by_curve_name(name);
    t->own = EC_GROUP_new_by_curve_name(name);
    if (!t->base || !t->own || EC_POINT_is_at_infinity(t->base, q) ||
        EC_POINT_is_on_curve(t->base, q, ctx) != 1)
        return false;
    const EC_METHOD *method = EC_GROUP_method_of(t->base);
    t->generic = method == EC_GFp_mont_method() || method == EC_GFp_nist_method();
    return EC_GROUP_set_generator(t->own, q, EC_GROUP_get0_order(t->base),
                                  EC_GROUP_get0_cofactor(t->base)) == 1 &&
           EC_GROUP_precompute_mult(t->base, ctx) == 1 &&
           EC_GROUP_precompute_mult(t->own, ctx) == 1;
}

struct ec_table *ec_table_new(const EC_KEY *key)
{
    struct ec_table *t = OPENSSL_zalloc(sizeof *t);
    BN_CTX *ctx = BN_CTX_new();
    if (!t || !ctx || !make(t, key, ctx)) {
        ec_table_free(t);
        t = NULL;
    }
    BN_CTX_free(ctx);
    return t;
}

void ec_table_free(struct ec_table *table)
{
    if (!table)
        return;
    EC_GROUP_free(table->base);
    EC_GROUP_free(table->own);
    OPENSSL_free(table);
}

/* The table's own point is asked, coordinate by coordinate: it was on the curve and not infinity. */
static bool is_of(const struct ec_table *t, const EC_KEY *key)
{
    const EC_GROUP *group = EC_KEY_get0_group(key);
    const EC_POINT *q = EC_KEY_get0_public_key(key);
    return group && q && EC_GROUP_get_curve_name(group) == EC_GROUP_get_curve_name(t->own) &&
           EC_POINT_cmp(t->own, EC_GROUP_get0_generator(t->own), q, NULL) == 0;
}

/* out = k times the generator. Where OpenSSL's generic code is asked for that alone it takes it for
 * a secret, goes a ladder, and leaves the table: beside a second multiple, of nothing, it does not.
 */
static bool multiply(const struct ec_table *t, const EC_GROUP *group, EC_POINT *out,
                     const BIGNUM *k, BN_CTX *ctx)
{
    const EC_POINT *second = t->generic ? EC_GROUP_get0_generator(group) : NULL;
    BN_CTX_start(ctx);
    BIGNUM *zero = BN_CTX_get(ctx); /* BN_CTX_get gives zero */
    bool ok = zero && EC_POINT_mul(group, out, k, second, second ? zero : NULL, ctx) == 1;
    BN_CTX_end(ctx);
    return ok;
}

bool ec_table_sum(const struct ec_table *table, const EC_KEY *key, const BIGNUM *u1,
                  const BIGNUM *u2, EC_POINT *out, BN_CTX *ctx)
{
    EC_POINT *part = is_of(table, key) ? EC_POINT_new(table->base) : NULL;
    bool ok = part && multiply(table, table->base, out, u1, ctx) &&
              multiply(table, table->own, part, u2, ctx) &&
              EC_POINT_add(table->base, out, out, part, ctx) == 1;
    EC_POINT_free(part);
    return ok;
}

#else

struct ec_table *ec_table_new(const EC_KEY *key)
{
    (void)key;
    return NULL;
}

void ec_table_free(struct ec_table *table)
{
    (void)table;
}

bool ec_table_sum(const struct ec_table *table, const EC_KEY *key, const BIGNUM *u1,
                  const BIGNUM *u2, EC_POINT *out, BN_CTX *ctx)
{
    (void)table, (void)key, (void)u1, (void)u2, (void)out, (void)ctx;
    return false;
}

#endif
