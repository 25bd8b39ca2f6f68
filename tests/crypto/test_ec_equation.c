/*
 * crypto/ec_equation, ec_table: the equation answers as ECDSA_do_verify does, with a table for its own
 * key alone; where memory runs out it says nothing, and OpenSSL is asked.
 */
#include "support/ec_both.h"
#include "support/faults.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/rand.h>

/* The two curves, each with a key pair and its table. */
static struct pair {
    int name;
    size_t half;
    struct ec_both both; /* key with its private half */
    BIGNUM *n, *p;
} pairs[2] = {{.name = NID_X9_62_prime256v1, .half = 32}, {.name = NID_secp384r1, .half = 48}};

static int start(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pair *t = &pairs[i];
        t->both.key = EC_KEY_new_by_curve_name(t->name);
        assert_int_equal(EC_KEY_generate_key(t->both.key), 1);
        t->both.table = ec_table_new(t->both.key);
        assert_non_null(t->both.table);
        const EC_GROUP *group = EC_KEY_get0_group(t->both.key);
        t->n = BN_dup(EC_GROUP_get0_order(group));
        t->p = BN_dup(EC_GROUP_get0_field(group));
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ec_both_free(&pairs[i].both);
        BN_free(pairs[i].n);
        BN_free(pairs[i].p);
    }
    ec_table_free(NULL);
    return 0;
}

/* A signature as two numbers of the curve's size. */
struct made {
    uint8_t digest[64], r[48], s[48];
};

static struct ec_signature of(const struct pair *t, const struct made *m, size_t digest)
{
    return (struct ec_signature){span_of(m->digest, digest), span_of(m->r, t->half),
                                 span_of(m->s, t->half)};
}

static void sign(const struct pair *t, struct made *m, size_t digest)
{
    assert_int_equal(RAND_bytes(m->digest, sizeof m->digest), 1);
    ECDSA_SIG *sig = ECDSA_do_sign(m->digest, (int)digest, t->both.key);
    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), m->r, (int)t->half), (int)t->half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), m->s, (int)t->half), (int)t->half);
    ECDSA_SIG_free(sig);
}

static void put(const struct pair *t, uint8_t *out, const BIGNUM *v)
{
    assert_int_equal(BN_bn2binpad(v, out, (int)t->half), (int)t->half);
}

/* Digests shorter than the order, as long, and longer, of which the leftmost bytes count. */
static void both_paths_agree_on_good_signatures_and_flipped_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t digest = 0; digest <= 64; digest += 4) {
            struct made m;
            sign(&pairs[i], &m, digest);
            struct ec_signature s = of(&pairs[i], &m, digest);
            assert_true(ec_both_verify(&pairs[i].both, &s));
            uint8_t *parts[] = {m.digest, m.r, m.s};
            for (size_t k = digest ? 0 : 1; k < 3; k++) {
                size_t bit = m.digest[0] % 8 + 8 * (k ? digest % pairs[i].half : digest / 5);
                bool counts = k || bit / 8 < pairs[i].half;
                parts[k][bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(ec_both_verify(&pairs[i].both, &s), !counts);
                parts[k][bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        }
}

/* The numbers at which range checks and reductions go wrong: 0, 1, 2, n - 2 .. n + 2, p - 1 .. p + 1,
 * all ones, and halves. */
static size_t edges(const struct pair *t, uint8_t out[][48])
{
    size_t n = 0;
    BIGNUM *v = BN_new();
    for (BN_ULONG w = 0; w <= 2; w++, n++) {
        assert_int_equal(BN_set_word(v, w), 1);
        put(t, out[n], v);
    }
    const BIGNUM *bases[] = {t->n, t->p};
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(BN_copy(v, bases[i]));
        assert_int_equal(BN_sub_word(v, 2), 1);
        for (int k = -2; k <= 2; k++, n++) {
            put(t, out[n], v);
            assert_int_equal(BN_add_word(v, 1), 1);
        }
    }
    assert_int_equal(BN_rshift1(v, t->n), 1);
    put(t, out[n++], v);
    memset(out[n++], 0xff, 48);
    BN_free(v);
    return n;
}

static void both_paths_agree_at_the_edges_of_r_s_and_the_digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t edge[20][48];
        struct made m = {{0}, {0}, {0}};
        size_t n = edges(&pairs[i], edge), held = 0;
        for (size_t r = 0; r < n; r++)
            for (size_t s = 0; s < n; s++)
                for (size_t e = 0; e < n; e += 3) {
                    memcpy(m.r, edge[r], 48);
                    memcpy(m.s, edge[s], 48);
                    memcpy(m.digest, edge[e], pairs[i].half);
                    struct ec_signature q = of(&pairs[i], &m, pairs[i].half);
                    held += ec_both_verify(&pairs[i].both, &q);
                }
        assert_int_equal(held, 0);
    }
}

/* (r, n - s) holds too (ECDSA is malleable), and r + n, s + n are never r, s. */
static void only_the_numbers_themselves_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pair *t = &pairs[i];
        struct made m, other;
        BIGNUM *v = BN_new();
        sign(t, &m, 32);
        other = m;
        assert_non_null(BN_bin2bn(m.s, (int)t->half, v));
        assert_int_equal(BN_sub(v, t->n, v), 1);
        put(t, other.s, v);
        struct ec_signature q = of(t, &other, 32);
        assert_true(ec_both_verify(&t->both, &q));
        uint8_t longer[2][49];
        const uint8_t *from[] = {m.r, m.s};
        for (size_t k = 0; k < 2; k++) {
            assert_non_null(BN_bin2bn(from[k], (int)t->half, v));
            assert_int_equal(BN_add(v, v, t->n), 1);
            assert_int_equal(BN_bn2binpad(v, longer[k], (int)t->half + 1), (int)t->half + 1);
        }
        q = of(t, &m, 32);
        q.r = span_of(longer[0], t->half + 1);
        assert_false(ec_both_verify(&t->both, &q));
        q = of(t, &m, 32);
        q.s = span_of(longer[1], t->half + 1);
        assert_false(ec_both_verify(&t->both, &q));
        q.s = span_of(NULL, 0);
        assert_false(ec_both_verify(&t->both, &q));
        BN_free(v);
    }
}

/* A chosen digest makes u1 G + u2 Q infinity, or two times one point: e = -r d, e = r d. */
static void a_sum_at_infinity_is_refused_and_a_doubling_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pair *t = &pairs[i];
        BN_CTX *ctx = BN_CTX_new();
        BIGNUM *r = BN_new(), *e = BN_new(), *s = BN_new(), *x = BN_new();
        const EC_GROUP *group = EC_KEY_get0_group(t->both.key);
        EC_POINT *point = EC_POINT_new(group);
        const BIGNUM *d = EC_KEY_get0_private_key(t->both.key);
        struct made m = {{0}, {0}, {0}};
        assert_int_equal(BN_set_word(r, 12345), 1);
        assert_int_equal(BN_mod_mul(e, r, d, t->n, ctx), 1);
        assert_int_equal(BN_sub(e, t->n, e), 1);
        put(t, m.digest, e);
        put(t, m.r, r);
        put(t, m.s, r);
        struct ec_signature q = of(t, &m, t->half);
        assert_false(ec_both_verify(&t->both, &q));
        /* with nonce k: r = x(k G), e = r d, s = 2 r d / k, so that u1 G = u2 Q = (k / 2) G */
        assert_int_equal(EC_POINT_mul(group, point, t->p, NULL, NULL, ctx), 1);
        assert_int_equal(EC_POINT_get_affine_coordinates(group, point, x, NULL, ctx), 1);
        assert_int_equal(BN_nnmod(r, x, t->n, ctx), 1);
        assert_int_equal(BN_mod_mul(e, r, d, t->n, ctx), 1);
        assert_int_equal(BN_nnmod(x, t->p, t->n, ctx), 1);
        assert_non_null(BN_mod_inverse(s, x, t->n, ctx));
        assert_int_equal(BN_mod_mul(s, s, e, t->n, ctx), 1);
        assert_int_equal(BN_mod_lshift1(s, s, t->n, ctx), 1);
        put(t, m.digest, e);
        put(t, m.r, r);
        put(t, m.s, s);
        assert_true(ec_both_verify(&t->both, &q));
        EC_POINT_free(point);
        BN_free(r), BN_free(e), BN_free(s), BN_free(x);
        BN_CTX_free(ctx);
    }
}

static void a_table_speaks_of_its_own_key_alone(void **state)
{
    (void)state;
    EC_KEY *other[2], *empty = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1),
                      *strange = EC_KEY_new_by_curve_name(NID_secp256k1);
    struct made m;
    for (size_t i = 0; i < 2; i++) {
        other[i] = EC_KEY_new_by_curve_name(pairs[i].name);
        assert_int_equal(EC_KEY_generate_key(other[i]), 1);
    }
    assert_int_equal(EC_KEY_generate_key(strange), 1);
    for (size_t i = 0; i < 2; i++) {
        sign(&pairs[i], &m, 32);
        struct ec_signature q = of(&pairs[i], &m, 32);
        const struct ec_table *table = pairs[i].both.table;
        EC_KEY *const keys[] = {other[0], other[1], pairs[!i].both.key, empty, strange};
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            bool on_curve = k < 3; /* and has a point */
            enum ec_answer answer = ec_equation_holds(table, keys[k], &q);
            bool in_range = i == 0 || k == 1; /* no fewer bits than r and s have */
            assert_int_equal(answer, on_curve && !in_range ? EC_WRONG : EC_UNKNOWN);
            assert_int_equal(ec_equation_holds(NULL, keys[k], &q),
                             on_curve ? EC_WRONG : EC_UNKNOWN);
            assert_false(ecdsa_verify(keys[k], table, NULL, &q));
            assert_false(ecdsa_verify(keys[k], NULL, NULL, &q));
        }
        assert_true(ecdsa_verify(pairs[i].both.key, pairs[!i].both.table, NULL, &q));
    }
    assert_null(ec_table_new(empty));
    assert_null(ec_table_new(strange));
    ERR_clear_error();
    EC_KEY_free(other[0]), EC_KEY_free(other[1]), EC_KEY_free(empty), EC_KEY_free(strange);
}

/* Every allocation of a verification. */
static void no_allocation_of_a_verification_matters_for_a_yes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        const struct pair *t = &pairs[i / 4];
        const struct ec_table *table = i % 4 / 2 ? t->both.table : NULL;
        faults_lasting = i % 2;
        struct made good, bad;
        sign(t, &good, 32);
        bad = good;
        bad.s[t->half - 1] ^= 1;
        struct ec_signature q[] = {of(t, &good, 32), of(t, &bad, 32)};
        ec_both_verify(&t->both, &q[0]); /* what is made once is made */
        faults_count = 0;
        assert_true(ecdsa_verify(t->both.key, table, NULL, &q[0]));
        size_t calls = faults_count, unknown = 0;
        assert_true(calls > 10);
        for (size_t n = 1; n <= calls; n++) {
            faults_left = n;
            unknown += ec_equation_holds(table, t->both.key, &q[0]) == EC_UNKNOWN;
            faults_left = n;
            assert_int_not_equal(ec_equation_holds(table, t->both.key, &q[1]), EC_HOLDS);
            faults_left = n;
            assert_false(ecdsa_verify(t->both.key, table, NULL, &q[1]));
            faults_left = n;
            bool held = ecdsa_verify(t->both.key, table, NULL, &q[0]);
            assert_true(held || faults_lasting); /* the plain path was asked */
            faults_left = 0;
        }
        assert_true(unknown > 0);
        assert_true(ecdsa_verify(t->both.key, table, NULL, &q[0]));
    }
}

/* Of P-384 there are thousands, one like the other: a sample, the last ones among them. */
static void no_allocation_of_a_table_leaves_half_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct pair *t = &pairs[i];
        struct made m;
        sign(t, &m, 32);
        struct ec_signature q = of(t, &m, 32);
        faults_lasting = false;
        faults_count = 0;
        ec_table_free(ec_table_new(t->both.key));
        size_t calls = faults_count, none = 0, tried = 0;
        for (size_t n = 1; n <= calls;
             n += n < 40 || n + 20 > calls ? 1 : calls / 40 + 1, tried++) {
            faults_left = n;
            struct ec_table *table = ec_table_new(t->both.key);
            faults_left = 0;
            none += !table;
            if (table)
                assert_int_equal(ec_equation_holds(table, t->both.key, &q), EC_HOLDS);
            ec_table_free(table);
        }
        assert_true(none > tried / 2);
        ERR_clear_error();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_paths_agree_on_good_signatures_and_flipped_bits),
        cmocka_unit_test(both_paths_agree_at_the_edges_of_r_s_and_the_digest),
        cmocka_unit_test(only_the_numbers_themselves_hold),
        cmocka_unit_test(a_sum_at_infinity_is_refused_and_a_doubling_is_not),
        cmocka_unit_test(a_table_speaks_of_its_own_key_alone),
        cmocka_unit_test(no_allocation_of_a_verification_matters_for_a_yes),
        cmocka_unit_test(no_allocation_of_a_table_leaves_half_of_it),
    };
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, start, stop);
}
