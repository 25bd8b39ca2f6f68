/*
 * Tables forced on: the linker (--wrap) sends the library's calls of ecdsa_verify to this one, in
 * the programs of this folder alone, which gives every key a table at its first signature. The
 * library itself has no such switch. At the end it is told how many signatures tables judged; with
 * TABLES_YES in the environment they say yes to all of them, and the program must fail.
 */
#include "crypto/ecdsa.h"

#include <openssl/ec.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLES 256 /* the oldest makes room: worlds of the lab come and go */

static struct {
    EC_KEY *key;
    struct ec_table *table;
} made[TABLES];
static size_t n_made, held, refused;

static const struct ec_table *table_of(const EC_KEY *key)
{
    const EC_GROUP *group = EC_KEY_get0_group(key);
    for (size_t i = 0; i < TABLES; i++)
        if (made[i].table &&
            EC_GROUP_get_curve_name(EC_KEY_get0_group(made[i].key)) ==
                EC_GROUP_get_curve_name(group) &&
            EC_POINT_cmp(group, EC_KEY_get0_public_key(made[i].key), EC_KEY_get0_public_key(key),
                         NULL) == 0)
            return made[i].table;
    struct ec_table *table = ec_table_new(key);
    if (!table) /* a test of memory that runs out */
        return NULL;
    size_t at = n_made++ % TABLES;
    ec_table_free(made[at].table);
    EC_KEY_free(made[at].key);
    made[at].table = table;
    made[at].key = (EC_KEY *)(uintptr_t)key;
    EC_KEY_up_ref(made[at].key);
    return table;
}

enum ec_answer __real_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature)
{
    static int yes = -1;
    yes = yes < 0 ? getenv("TABLES_YES") != NULL : yes;
    enum ec_answer answer = __real_ec_equation_holds(table, key, signature);
    if (!table)
        return answer;
    held += answer == EC_HOLDS;
    refused += answer == EC_WRONG;
    return yes ? EC_HOLDS : answer;
}

bool __real_ecdsa_verify(const EC_KEY *key, const struct ec_table *own, struct hot_keys *hot,
                         const struct ec_signature *signature);
bool __wrap_ecdsa_verify(const EC_KEY *key, const struct ec_table *own, struct hot_keys *hot,
                         const struct ec_signature *signature);
bool __wrap_ecdsa_verify(const EC_KEY *key, const struct ec_table *own, struct hot_keys *hot,
                         const struct ec_signature *signature)
{
    (void)hot;
    return __real_ecdsa_verify(key, own ? own : table_of(key), NULL, signature);
}

__attribute__((destructor)) static void tell(void)
{
    fprintf(stderr, "tables: %zu made, %zu signatures held, %zu refused\n", n_made, held, refused);
}
