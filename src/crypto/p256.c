/*
 * P-256 keys and signatures; see p256.h. EC_KEY and not EVP: import 11 us against 17 us (10 of
 * them for the curve's constants, which p256_key_new_like copies).
 */
#include "crypto/p256.h"

#include "crypto/digest.h"
#include "crypto/ecdsa.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <stdlib.h>

struct p256_key {
    EC_KEY *ec;
    uint8_t xy[64];
    struct ec_table *table; /* NULL: none */
    struct hot_keys *hot;   /* NULL: its uses count nowhere */
};

/* The point must be on the curve: EC_POINT_oct2point refuses coordinates that are not below p or
 * not on it, and the form 04 || x || y cannot say infinity (SEC 1, 2.3.4). The cofactor is 1, so
 * no further check of its order is needed. */
static bool set_point(EC_KEY *ec, const uint8_t xy[64])
{
    uint8_t octets[65] = {4};
    memcpy(octets + 1, xy, 64);
    const EC_GROUP *group = EC_KEY_get0_group(ec);
    EC_POINT *point = EC_POINT_new(group);
    bool ok = point && EC_POINT_oct2point(group, point, octets, sizeof octets, NULL) == 1 &&
              EC_KEY_set_public_key(ec, point) == 1;
    EC_POINT_free(point);
    return ok;
}

/* Takes ec, which has the group and may be NULL. */
static struct p256_key *key_of(EC_KEY *ec, const uint8_t xy[64])
{
    struct p256_key *key = calloc(1, sizeof *key);
    if (key && ec && set_point(ec, xy)) {
        key->ec = ec;
        memcpy(key->xy, xy, 64);
    } else {
        EC_KEY_free(ec);
        free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

struct p256_key *p256_key_new(const uint8_t xy[64])
{
    return key_of(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1), xy);
}

struct p256_key *p256_key_new_like(const struct p256_key *other, const uint8_t xy[64])
{
    EC_KEY *ec = EC_KEY_new();
    if (ec && EC_KEY_set_group(ec, EC_KEY_get0_group(other->ec)) != 1) {
        EC_KEY_free(ec);
        ec = NULL;
    }
    return key_of(ec, xy);
}

void p256_key_free(struct p256_key *key)
{
    if (!key)
        return;
    EC_KEY_free(key->ec);
    ec_table_free(key->table);
    free(key);
}

bool p256_key_tabulate(struct p256_key *key)
{
    if (!key->table)
        key->table = ec_table_new(key->ec);
    ERR_clear_error();
    return key->table != NULL;
}

void p256_key_count(struct p256_key *key, struct hot_keys *hot)
{
    key->hot = hot;
}

bool p256_key_is(const struct p256_key *key, const uint8_t xy[64])
{
    return memcmp(key->xy, xy, 64) == 0;
}

bool p256_verify(const struct p256_key *key, const uint8_t digest[32], const uint8_t rs[64])
{
    const struct ec_signature in = {span_of(digest, 32), span_of(rs, 32), span_of(rs + 32, 32)};
    return ecdsa_verify(key->ec, key->table, key->hot, &in);
}

bool p256_verify_message(const struct p256_key *key, struct span message, const uint8_t rs[64])
{
    uint8_t hash[32];
    return digest(HASH_SHA256, message, hash) && p256_verify(key, hash, rs);
}
