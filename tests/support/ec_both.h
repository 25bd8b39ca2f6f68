/* One question to all paths of ECDSA: OpenSSL's own, and the equation without a table and by one. */
#ifndef SITUS_TESTS_EC_BOTH_H
#define SITUS_TESTS_EC_BOTH_H

#include "support/test.h"

#include "crypto/ecdsa.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

struct ec_both {
    EC_KEY *key;
    struct ec_table *table;
};

/* ec_both_key is the key x || y, of 64 or 96 bytes, with its table. */
static inline struct ec_both ec_both_key(struct span xy)
{
    uint8_t point[97] = {POINT_CONVERSION_UNCOMPRESSED};
    assert_true(xy.n == 64 || xy.n == 96);
    memcpy(point + 1, xy.p, xy.n);
    struct ec_both b = {
        .key = EC_KEY_new_by_curve_name(xy.n == 64 ? NID_X9_62_prime256v1 : NID_secp384r1)};
    assert_int_equal(EC_KEY_oct2key(b.key, point, xy.n + 1, NULL), 1);
    b.table = ec_table_new(b.key);
    assert_non_null(b.table);
    return b;
}

static inline void ec_both_free(struct ec_both *b)
{
    EC_KEY_free(b->key);
    ec_table_free(b->table);
}

/* ec_both_openssl is what ECDSA_do_verify says. */
static inline bool ec_both_openssl(const EC_KEY *key, const struct ec_signature *s)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(s->r.p, (int)s->r.n, NULL),
                                    BN_bin2bn(s->s.p, (int)s->s.n, NULL)),
                     1);
    int answer = ECDSA_do_verify(s->digest.p, (int)s->digest.n, sig, (EC_KEY *)(uintptr_t)key);
    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return answer == 1;
}

/* ec_both_verify is what all say; that they differ, or the equation says nothing, fails the test. */
static inline bool ec_both_verify(const struct ec_both *b, const struct ec_signature *s)
{
    bool openssl = ec_both_openssl(b->key, s);
    const struct ec_table *tables[] = {NULL, b->table};
    for (size_t i = 0; i < 2; i++) {
        enum ec_answer answer = ec_equation_holds(tables[i], b->key, s);
        ERR_clear_error();
        assert_int_equal(answer, openssl ? EC_HOLDS : EC_WRONG);
        assert_int_equal(ecdsa_verify(b->key, tables[i], NULL, s), openssl);
        assert_int_equal(ERR_peek_error(), 0);
    }
    return openssl;
}

#endif
