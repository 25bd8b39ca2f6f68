/*
 * Tables (ec_table.h) for the keys that come most often, in a fixed number of places: a key earns
 * one by use, so that making it never costs more than it has saved elsewhere, whoever sends what.
 */
#ifndef SITUS_CRYPTO_HOT_KEYS_H
#define SITUS_CRYPTO_HOT_KEYS_H

#include <stddef.h>

/* Belongs to one thread at a time. */
struct hot_keys;

/* hot_keys_size is the memory that hot_keys_new needs. */
size_t hot_keys_size(void);

/* hot_keys_new is without any key, in memory of that size. Free with hot_keys_free. */
struct hot_keys *hot_keys_new(void *memory);

/* hot_keys_free frees keys and tables; NULL is accepted. */
void hot_keys_free(struct hot_keys *hot);

#endif
