/*
 * Tables of multiples of a public key; see ec_table.h. OpenSSL makes tables of a group's generator,
 * so the key Q is made the generator of a group of its own: u1 G + u2 Q is one multiplication by
 * the table of G, one by that of Q, and an addition. The functions are deprecated in OpenSSL 3 and
 * all there; where they are not, there is no table, and the plain path does the work.
 */
#include "crypto/ec_table.h"

#include "crypto/ec_inverse.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/opensslv.h>

#if OPENSSL_VERSION_MAJOR == 3 && !defined(OPENSSL_NO_DEPRECATED_3_0)

struct ec_table {
    EC_GROUP *base;  /* the curve; its generator is G */
    EC_GROUP *own;   /* the same curve; its generator is the key */
    const BIGNUM *n; /* the order of both */
    BIGNUM *scale;   /* of n (ec_inverse.h) */
    bool generic;    /* OpenSSL has no code of its own for this curve */
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
    t->n = EC_GROUP_get0_order(t->base);
    t->scale = ec_inverse_scale(t->n, ctx);
    return t->scale &&
           EC_GROUP_set_generator(t->own, q, t->n, EC_GROUP_get0_cofactor(t->base)) == 1 &&
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
    BN_free(table->scale);
    OPENSSL_free(table);
}

/* What one verification takes; freed whole. */
struct work {
    BN_CTX *ctx;
    BIGNUM *r, *s, *e, *u1, *u2, *x, *zero;
    EC_POINT *sum, *part;
};

static bool begin(struct work *w, const struct ec_table *t, const struct ec_signature *in)
{
    size_t size = (size_t)BN_num_bytes(t->n); /* FIPS 186-5, 6.4.2 (4): the leftmost bits */
    size_t digest = in->digest.n < size ? in->digest.n : size;
    w->ctx = BN_CTX_new();
    w->sum = EC_POINT_new(t->base);
    w->part = EC_POINT_new(t->base);
    if (!w->ctx || !w->sum || !w->part)
        return false;
    BN_CTX_start(w->ctx);
    BIGNUM **each[] = {&w->r, &w->s, &w->e, &w->u1, &w->u2, &w->x, &w->zero};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        *each[i] = BN_CTX_get(w->ctx);
    return w->zero && BN_bin2bn(in->r.p, (int)in->r.n, w->r) &&
           BN_bin2bn(in->s.p, (int)in->s.n, w->s) &&
           BN_bin2bn(in->digest.p, (int)digest, w->e); /* BN_CTX_get gives zero: w->zero */
}

static void end(struct work *w)
{
    if (w->zero)
        BN_CTX_end(w->ctx);
    BN_CTX_free(w->ctx);
    EC_POINT_free(w->sum);
    EC_POINT_free(w->part);
}

/* out = k times the generator. Where OpenSSL's generic code is asked for that alone it takes it for
 * a secret, goes a ladder, and leaves the table: beside a second multiple, of nothing, it does not.
 */
static bool multiply(const struct ec_table *t, const EC_GROUP *group, EC_POINT *out,
                     const BIGNUM *k, struct work *w)
{
    const EC_POINT *second = t->generic ? EC_GROUP_get0_generator(group) : NULL;
    return EC_POINT_mul(group, out, k, second, second ? w->zero : NULL, w->ctx) == 1;
}

/* FIPS 186-5, 6.4.2 (1). */
static bool in_range(const BIGNUM *v, const BIGNUM *n)
{
    return !BN_is_zero(v) && BN_cmp(v, n) < 0;
}

/* Whether x of the sum is r modulo n: r, or r + n where that is below p (2 n is not). The sum lies as
 * (X, Y, Z) with x = X / Z^2, and x Z^2 = X asks the same without a division. */
static enum ec_answer is_x(const struct ec_table *t, struct work *w)
{
    const BIGNUM *p = EC_GROUP_get0_field(t->base);
    BIGNUM *z = w->u1, *product = w->u2, *candidate = w->r;
    if (EC_POINT_get_Jprojective_coordinates_GFp(t->base, w->sum, w->x, NULL, z, w->ctx) != 1 ||
        BN_mod_sqr(z, z, p, w->ctx) != 1)
        return EC_UNKNOWN;
    for (int i = 0; i < 2 && BN_cmp(candidate, p) < 0; i++) {
        if (BN_mod_mul(product, candidate, z, p, w->ctx) != 1)
            return EC_UNKNOWN;
        if (BN_cmp(product, w->x) == 0)
            return EC_HOLDS;
        if (BN_add(candidate, candidate, t->n) != 1)
            return EC_UNKNOWN;
    }
    return EC_WRONG;
}

/* FIPS 186-5, 6.4.2 (2) to (9). */
static enum ec_answer holds(const struct ec_table *t, struct work *w)
{
    if (!in_range(w->r, t->n) || !in_range(w->s, t->n))
        return EC_WRONG;
    BIGNUM *inverse = w->x;
    if (!ec_inverse(inverse, w->s, t->n, t->scale, w->ctx) ||
        BN_mod_mul(w->u1, w->e, inverse, t->n, w->ctx) != 1 ||
        BN_mod_mul(w->u2, w->r, inverse, t->n, w->ctx) != 1 ||
        !multiply(t, t->base, w->sum, w->u1, w) || !multiply(t, t->own, w->part, w->u2, w) ||
        EC_POINT_add(t->base, w->sum, w->sum, w->part, w->ctx) != 1)
        return EC_UNKNOWN;
    return EC_POINT_is_at_infinity(t->base, w->sum) ? EC_WRONG : is_x(t, w);
}

/* The table's own point is asked, coordinate by coordinate: it was on the curve and not infinity. */
static bool is_of(const struct ec_table *t, const EC_KEY *key)
{
    const EC_GROUP *group = EC_KEY_get0_group(key);
    const EC_POINT *q = EC_KEY_get0_public_key(key);
    return group && q && EC_GROUP_get_curve_name(group) == EC_GROUP_get_curve_name(t->own) &&
           EC_POINT_cmp(t->own, EC_GROUP_get0_generator(t->own), q, NULL) == 0;
}

enum ec_answer ec_table_verify(const struct ec_table *table, const EC_KEY *key,
                               const struct ec_signature *signature)
{
    struct work w = {.ctx = NULL};
    enum ec_answer answer = EC_UNKNOWN;
    if (is_of(table, key) && begin(&w, table, signature))
        answer = holds(table, &w);
    end(&w);
    return answer;
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

enum ec_answer ec_table_verify(const struct ec_table *table, const EC_KEY *key,
                               const struct ec_signature *signature)
{
    (void)table, (void)key, (void)signature;
    return EC_UNKNOWN;
}

#endif
