/* One question to both paths of ECDSA: without a table, and by one. */
#ifndef SITUS_TESTS_EC_BOTH_H
#define SITUS_TESTS_EC_BOTH_H

#include "support/test.h"

#include "crypto/ecdsa.h"

#include <openssl/ec.h>
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

/* ec_both_verify is what both paths say; that they differ, or the table says nothing, fails the
 * test. */
static inline bool ec_both_verify(const struct ec_both *b, const struct ec_signature *s)
{
    enum ec_answer answer = ec_table_verify(b->table, b->key, s);
    ERR_clear_error();
    assert_int_not_equal(answer, EC_UNKNOWN);
    bool plain = ecdsa_verify(b->key, NULL, NULL, s);
    assert_int_equal(answer == EC_HOLDS, plain);
    assert_int_equal(ecdsa_verify(b->key, b->table, NULL, s), plain);
    assert_int_equal(ERR_peek_error(), 0);
    return plain;
}

#endif
