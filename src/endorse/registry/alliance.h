/*
 * The Proof of Cloud alliance's registry (DESIGN: registries): its whitelist as CSV, unsigned, and
 * the tokens that its servers sign together. Format: proofofcloud/trust-server, services.js.
 */
#ifndef SITUS_ENDORSE_REGISTRY_ALLIANCE_H
#define SITUS_ENDORSE_REGISTRY_ALLIANCE_H

#include "endorse/id_list/listing.h"

#define ALLIANCE_CSV_PART "alliance csv"
#define ALLIANCE_TOKEN_PART "alliance token"

/* alliance_csv_is says that the first line that is neither blank nor a comment begins with hex
 * digits; alliance_csv_read that every line reads, and one holds an id. */
bool alliance_csv_is(struct span csv);
bool alliance_csv_read(struct span csv, struct situs_err *err);

/* alliance_token_read says that a token reads: a JWS whose header is allowed and whose payload has
 * the members below. Under which key it was signed is not asked. */
bool alliance_token_read(struct span token, struct arena *a, struct situs_err *err);

/*
 * alliance_csv_answer reads a whitelist, "ID,LABEL" a line, '#' for comments, and decides list.*.
 * Every id must be whole: 32 hex digits (PPID) or 128 (CHIP_ID), in either case; another length
 * fails list.signature as malformed, with "line N" as field. The machine's id twice is a duplicate.
 * The file is the verifier's own: never call this for an item of a bundle.
 */
void alliance_csv_answer(struct span csv, const struct question *q, struct answer *out);

/*
 * alliance_token_answer opens a token under the policy's keys (list.signature.token_keys) and
 * decides list.*: quote_hash is SHA-256 of the whole quote, with or
 * without the zeros after it, machine_id the whole PPID or CHIP_ID,
 * timestamp within the policy's age. A signed token may come in a bundle.
 */
void alliance_token_answer(struct span token, const struct question *q, struct answer *out);

#endif
