/*
 * ECDSA's equation; see ec_equation.h. ECDSA_do_verify finds the inverse of s and the sum's x by
 * arithmetic that is made for secrets, which is a tenth of a verification here, and a third by a
 * table. The functions are deprecated in OpenSSL 3 and all there; where they are not, all is
 * EC_UNKNOWN.
 */
#include "crypto/ec_equation.h"

#include "crypto/ec_inverse.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/opensslv.h>

#if OPENSSL_VERSION_MAJOR == 3 && !defined(OPENSSL_NO_DEPRECATED_3_0)

/* What one verification takes; freed whole. */
struct work {
    const EC_GROUP *group;
    const BIGNUM *n, *p; /* its order and field */
    BN_CTX *ctx;
    BIGNUM *r, *s, *e, *u1, *u2, *x;
    EC_POINT *sum;
};

static bool begin(struct work *w, const EC_KEY *key, const struct ec_signature *in)
{
    w->group = EC_KEY_get0_group(key);
    int name = w->group && EC_KEY_get0_public_key(key) ? EC_GROUP_get_curve_name(w->group) : 0;
    if (name != NID_X9_62_prime256v1 && name != NID_secp384r1)
        return false;
    w->n = EC_GROUP_get0_order(w->group);
    w->p = EC_GROUP_get0_field(w->group);
    size_t size = (size_t)BN_num_bytes(w->n); /* FIPS 186-5, 6.4.2 (4): the leftmost bits */
    size_t digest = in->digest.n < size ? in->digest.n : size;
    w->ctx = BN_CTX_new();
    w->sum = EC_POINT_new(w->group);
    if (!w->ctx || !w->sum)
        return false;
    BN_CTX_start(w->ctx);
    BIGNUM **each[] = {&w->r, &w->s, &w->e, &w->u1, &w->u2, &w->x};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        *each[i] = BN_CTX_get(w->ctx);
    return w->x && BN_bin2bn(in->r.p, (int)in->r.n, w->r) &&
           BN_bin2bn(in->s.p, (int)in->s.n, w->s) && BN_bin2bn(in->digest.p, (int)digest, w->e);
}

static void end(struct work *w)
{
    if (w->ctx && w->sum)
        BN_CTX_end(w->ctx);
    BN_CTX_free(w->ctx);
    EC_POINT_free(w->sum);
}

/* FIPS 186-5, 6.4.2 (1). */
static bool in_range(const BIGNUM *v, const BIGNUM *n)
{
    return !BN_is_zero(v) && BN_cmp(v, n) < 0;
}

/* Whether x of the sum is r modulo n: r, or r + n where that is below p (2 n is not). The sum lies as
 * (X, Y, Z) with x = X / Z^2, and x Z^2 = X asks the same without a division. */
static enum ec_answer is_x(struct work *w)
{
    BIGNUM *z = w->u1, *product = w->u2, *candidate = w->r;
    if (EC_POINT_get_Jprojective_coordinates_GFp(w->group, w->sum, w->x, NULL, z, w->ctx) != 1 ||
        BN_mod_sqr(z, z, w->p, w->ctx) != 1)
        return EC_UNKNOWN;
    for (int i = 0; i < 2 && BN_cmp(candidate, w->p) < 0; i++) {
        if (BN_mod_mul(product, candidate, z, w->p, w->ctx) != 1)
            return EC_UNKNOWN;
        if (BN_cmp(product, w->x) == 0)
            return EC_HOLDS;
        if (BN_add(candidate, candidate, w->n) != 1)
            return EC_UNKNOWN;
    }
    return EC_WRONG;
}

/* The sum u1 G + u2 Q. */
static bool add_up(struct work *w, const struct ec_table *table, const EC_KEY *key)
{
    const EC_POINT *q = EC_KEY_get0_public_key(key);
    return table ? ec_table_sum(table, key, w->u1, w->u2, w->sum, w->ctx)
                 : EC_POINT_mul(w->group, w->sum, w->u1, q, w->u2, w->ctx) == 1;
}

/* FIPS 186-5, 6.4.2 (2) to (9). */
static enum ec_answer holds(struct work *w, const struct ec_table *table, const EC_KEY *key)
{
    if (!in_range(w->r, w->n) || !in_range(w->s, w->n))
        return EC_WRONG;
    if (!ec_inverse(w->x, w->s, w->n, w->ctx) || BN_mod_mul(w->u1, w->e, w->x, w->n, w->ctx) != 1 ||
        BN_mod_mul(w->u2, w->r, w->x, w->n, w->ctx) != 1 || !add_up(w, table, key))
        return EC_UNKNOWN;
    return EC_POINT_is_at_infinity(w->group, w->sum) ? EC_WRONG : is_x(w);
}

enum ec_answer ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                 const struct ec_signature *signature)
{
    struct work w = {.group = NULL};
    enum ec_answer answer = begin(&w, key, signature) ? holds(&w, table, key) : EC_UNKNOWN;
    end(&w);
    return answer;
}

#else

enum ec_answer ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                 const struct ec_signature *signature)
{
    (void)table, (void)key, (void)signature;
    return EC_UNKNOWN;
}

#endif
