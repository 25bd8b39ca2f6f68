/*
 * The Proof of Cloud alliance's registry (DESIGN: registries): its whitelist as CSV, unsigned, and
 * the tokens that its servers sign together. Format: proofofcloud/trust-server, services.js.
 */
#ifndef SITUS_ENDORSE_REGISTRY_ALLIANCE_H
#define SITUS_ENDORSE_REGISTRY_ALLIANCE_H

#include "endorse/id_list/listing.h"

#define ALLIANCE_CSV_PART "alliance csv"
#define ALLIANCE_TOKEN_PART "alliance token"

/* A line with an id, by its first 8 bytes. */
struct alliance_line {
    uint64_t first;
    uint32_t at; /* of the line: LIMIT_LIST */
};

/* A whitelist that was read. */
struct alliance_csv {
    struct span csv;
    struct alliance_line *lines; /* sorted; NULL: all lines are read for each question */
    size_t n;
};

/* alliance_csv_is says that the first line that is neither blank nor a comment begins with hex
 * digits. alliance_csv_read reads every line, one of which must hold an id; with an arena it notes
 * where ids stand, 16 bytes each. Every id must be whole: 32 hex digits (PPID) or 128 (CHIP_ID), in
 * either case; another length is malformed, with "line N" as field. */
bool alliance_csv_is(struct span csv);
bool alliance_csv_read(struct alliance_csv *l, struct span csv, struct arena *a,
                       struct situs_err *err);

/*
 * alliance_csv_answer decides list.* for a whitelist, "ID,LABEL" a line, '#' for comments. The
 * machine's id twice is a duplicate, under "line N" of the second. The file is the verifier's own:
 * never call this for an item of a bundle.
 */
void alliance_csv_answer(const struct alliance_csv *l, const struct question *q,
                         struct answer *out);

/*
 * alliance_token_answer opens a token under the policy's keys (list.signature.token_keys) and
 * decides list.*: quote_hash is SHA-256 of the whole quote, with or
 * without the zeros after it, machine_id the whole PPID or CHIP_ID,
 * timestamp within the policy's age. A signed token may come in a bundle.
 */
void alliance_token_answer(struct span token, const struct question *q, struct answer *out);

#endif
