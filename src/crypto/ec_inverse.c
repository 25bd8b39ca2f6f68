/*
 * Modular inversion; see ec_inverse.h. OpenSSL's, made for secrets and any size, takes as long as
 * both multiplications by tables (ec_table.c). This is phase I of Kaliski's Montgomery inverse (IEEE
 * Transactions on Computers 44(8), 1995), -2^k / a, halvings taken together; then 2^-k, negated, by
 * OpenSSL's arithmetic.
 */
#include "crypto/ec_inverse.h"

#include "base/span.h"

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

/* -2^-k modulo the orders of P-256, with k of 512, and of P-384, with 768 (SP 800-186, 3.2.1): k is
 * at most that, as many bits as u and v had. Big-endian. */
static const uint8_t scale_p256[] = {
    0x42, 0xac, 0xe4, 0x97, 0x34, 0x26, 0xbd, 0x02, 0x8d, 0xb7, 0x08, 0xa7, 0x31, 0x7a, 0xe8, 0x09,
    0x32, 0x0d, 0xf1, 0x13, 0xa0, 0x80, 0xc4, 0x72, 0x3f, 0x32, 0xa0, 0xa9, 0x65, 0xa2, 0xbe, 0xeb};
static const uint8_t scale_p384[] = {
    0x2d, 0x48, 0x83, 0x91, 0x1b, 0x75, 0x17, 0xfb, 0x41, 0xcb, 0x63, 0x9b, 0x50, 0xda, 0x0a, 0x17,
    0xbd, 0xf8, 0x1a, 0x99, 0xa3, 0x12, 0x95, 0x33, 0xcc, 0x47, 0xf0, 0x45, 0xd0, 0x97, 0x41, 0x39,
    0xcf, 0x1d, 0xaf, 0x4f, 0x5a, 0x17, 0x22, 0x31, 0x1a, 0x28, 0x20, 0xa9, 0x67, 0xe5, 0x52, 0x98};

static const struct scale {
    int bits; /* of the order */
    struct span value;
} scales[] = {
    {256, SPAN_ARR(scale_p256)},
    {384, SPAN_ARR(scale_p384)},
};

/* By its bits: of another modulus the product (ec_inverse) is not 1. NULL: there is none. */
static const struct scale *scale_of(const BIGNUM *n)
{
    for (size_t i = 0; BN_is_odd(n) && i < sizeof scales / sizeof *scales; i++)
        if (scales[i].bits == BN_num_bits(n))
            return &scales[i];
    return NULL;
}

/* out = 2^(most - k) r scale, where r = -2^k / a. */
static bool fast(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx)
{
    limbs r = {0};
    const struct scale *scale = scale_of(n);
    BIGNUM *factor = BN_CTX_get(ctx);
    if (!scale || !factor || !BN_bin2bn(scale->value.p, (int)scale->value.n, factor))
        return false;
    unsigned most = 2 * (unsigned)scale->bits, k = almost(r, a, n, most / 2 / LIMB_BITS);
    return k <= most && put(out, r) && BN_lshift(out, out, (int)(most - k)) == 1 &&
           BN_mod_mul(out, out, factor, n, ctx) == 1;
}

bool ec_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx)
{
    BN_CTX_start(ctx);
    BIGNUM *product = BN_CTX_get(ctx);
    bool right = product && fast(out, a, n, ctx) && BN_mod_mul(product, out, a, n, ctx) == 1 &&
                 BN_is_one(product);
    BN_CTX_end(ctx);
    return right || BN_mod_inverse(out, a, n, ctx);
}
