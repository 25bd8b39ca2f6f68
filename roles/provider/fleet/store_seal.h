/*
 * The inventory's seal: whether the file says what was written. Each row of each table has a
 * digest, and their sum (exclusive or) is kept by triggers in the table seal; each row of the
 * history has one over itself and the row before. A bit that flipped on the disk, in a row, an
 * index or the schema, is found before anything is signed. It is no protection from who may write
 * the file.
 */
#ifndef SITUS_PROVIDER_FLEET_STORE_SEAL_H
#define SITUS_PROVIDER_FLEET_STORE_SEAL_H

#include "provider/fleet/store.h"

/* store_seal_make seals the file as it is, with the tables that it has, in the caller's
 * transaction; refuses a damaged one. */
bool store_seal_make(struct fleet *f, struct situs_err *err);

/* store_seal_drop takes the triggers away, for who writes a million rows and seals them after. */
bool store_seal_drop(struct fleet *f, struct situs_err *err);

/* store_seal_check reads the whole file, in the caller's transaction. Refused: mismatch, "seal". */
bool store_seal_check(struct fleet *f, struct situs_err *err);

#endif
