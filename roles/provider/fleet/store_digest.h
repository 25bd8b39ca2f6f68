/* Digests of the inventory's rows, which the seal sums up (store_seal.h). */
#ifndef SITUS_PROVIDER_FLEET_STORE_DIGEST_H
#define SITUS_PROVIDER_FLEET_STORE_DIGEST_H

#include "provider/fleet/fleet.h"

#include <sqlite3.h>

#define STORE_DIGEST_COLUMNS 24 /* of a table */
#define STORE_DIGEST_HEX 64

/* A row's digest: SHA-256 over the table's name and the columns, each as its type, its size in
 * eight bytes and its bytes; integers as eight bytes. */
struct store_digest_row {
    uint8_t heads[STORE_DIGEST_COLUMNS + 1][9], numbers[STORE_DIGEST_COLUMNS + 1][8];
    struct span parts[2 * (STORE_DIGEST_COLUMNS + 1)];
    size_t n;
};

/* store_digest_add adds a column; what it points to is borrowed. False: there are too many. */
bool store_digest_add(struct store_digest_row *r, sqlite3_value *v);

/* store_digest_sum puts the row into a sum of digests, or takes it out again (exclusive or). */
bool store_digest_sum(uint8_t total[32], const struct store_digest_row *r);

/* store_digest_function makes the triggers' function situs_seal known to a connection. */
bool store_digest_function(sqlite3 *db);

/* store_digest_history is the digest of a row of the history, in hex; before is the one of the row
 * before. */
bool store_digest_history(char out[STORE_DIGEST_HEX + 1], const char *before, int64_t number,
                          const struct fleet_act *act, const char *action, const char *machine,
                          const char *detail);

#endif
