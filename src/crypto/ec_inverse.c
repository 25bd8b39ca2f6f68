/*
 * Modular inversion; see ec_inverse.h. OpenSSL's, made for secrets and any size, takes as long as
 * both multiplications by tables (ec_table.c). This is phase I of Kaliski's Montgomery inverse (IEEE
 * Transactions on Computers 44(8), 1995), -2^k / a, halvings taken together; then 2^-k, negated, by
 * OpenSSL's arithmetic.
 */
#include "crypto/ec_inverse.h"

#include <openssl/bn.h>
#include <stddef.h>
#include <stdint.h>

#define LIMBS 6 /* 384 bits */
#define LIMB_BITS 64
#define LIMB_BYTES 8

/* A number of so many limbs, the lowest first; one more for what grows. */
typedef uint64_t limbs[LIMBS + 1];

static void get(limbs to, const BIGNUM *from)
{
    uint8_t bytes[LIMBS * LIMB_BYTES];
    bool fits = BN_bn2lebinpad(from, bytes, sizeof bytes) == sizeof bytes;
    for (size_t i = 0; fits && i < sizeof bytes; i++)
        to[i / LIMB_BYTES] |= (uint64_t)bytes[i] << 8 * (i % LIMB_BYTES);
}

static bool put(BIGNUM *to, const limbs from)
{
    uint8_t bytes[sizeof(limbs)];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(from[i / LIMB_BYTES] >> 8 * (i % LIMB_BYTES));
    return BN_lebin2bn(bytes, sizeof bytes, to) != NULL;
}

static bool less(const limbs a, const limbs b, size_t n)
{
    while (--n > 0 && a[n] == b[n])
        ;
    return a[n] < b[n];
}

static void add(limbs a, const limbs b, size_t n)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t sum = a[i] + carry;
        carry = sum < carry;
        a[i] = sum + b[i];
        carry += a[i] < sum;
    }
}

static void subtract(limbs a, const limbs b, size_t n)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t rest = a[i] - borrow;
        borrow = rest > a[i];
        a[i] = rest - b[i];
        borrow += a[i] > rest;
    }
}

/* Shifts out the zero bits below the lowest one of a, which is not 0, and the same bits into b. */
static unsigned halve(limbs a, limbs b, size_t n)
{
    unsigned all = 0;
    while (!(a[0] & 1)) {
        unsigned bits = a[0] ? (unsigned)__builtin_ctzll(a[0]) : LIMB_BITS - 1, rest = 63 - bits;
        for (size_t i = 0; i + 1 < n; i++)
            a[i] = a[i] >> bits | a[i + 1] << 1 << rest;
        a[n - 1] >>= bits;
        for (size_t i = n; i > 0; i--)
            b[i] = b[i] << bits | b[i - 1] >> 1 >> rest;
        b[0] <<= bits;
        all += bits;
    }
    return all;
}

/* r = -2^k / a modulo m, where m is odd and shares no factor with a; k is returned. Throughout
 * a r = -2^k u and a s = 2^k v (modulo m). */
static unsigned almost(limbs r, const BIGNUM *a, const BIGNUM *m, size_t n)
{
    limbs u = {0}, v = {0}, s = {1};
    get(u, m);
    get(v, a);
    unsigned k = v[0] & 1 ? 0 : halve(v, r, n);
    for (;;) {
        if (less(v, u, n)) {
            subtract(u, v, n);
            add(r, s, n + 1);
            k += halve(u, s, n);
        } else {
            subtract(v, u, n);
            add(s, r, n + 1);
            uint64_t left = 0;
            for (size_t i = 0; i < n; i++)
                left |= v[i];
            if (!left) /* u is 1 */
                return k;
            k += halve(v, r, n);
        }
    }
}

static size_t limbs_of(const BIGNUM *n)
{
    return ((size_t)BN_num_bits(n) + LIMB_BITS - 1) / LIMB_BITS;
}

/* k is at most this: as many bits as u and v had. */
static unsigned most(size_t n)
{
    return (unsigned)(2 * n * LIMB_BITS);
}

BIGNUM *ec_inverse_scale(const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *scale = BN_new();
    if (scale && BN_is_odd(n) && limbs_of(n) <= LIMBS &&
        BN_lshift(scale, BN_value_one(), (int)most(limbs_of(n))) == 1 &&
        BN_mod_inverse(scale, scale, n, ctx))
        return scale;
    BN_free(scale);
    return NULL;
}

/* out = -(2^(most - k) * r) * scale */
static bool fast(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, const BIGNUM *scale, BN_CTX *ctx)
{
    limbs r = {0};
    unsigned k = almost(r, a, n, limbs_of(n));
    return k <= most(limbs_of(n)) && put(out, r) &&
           BN_lshift(out, out, (int)(most(limbs_of(n)) - k)) == 1 &&
           BN_mod_mul(out, out, scale, n, ctx) == 1 && BN_sub(out, n, out) == 1;
}

bool ec_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, const BIGNUM *scale, BN_CTX *ctx)
{
    BN_CTX_start(ctx);
    BIGNUM *product = BN_CTX_get(ctx);
    bool right = product && fast(out, a, n, scale, ctx) &&
                 BN_mod_mul(product, out, a, n, ctx) == 1 && BN_is_one(product);
    BN_CTX_end(ctx);
    return right || BN_mod_inverse(out, a, n, ctx);
}
