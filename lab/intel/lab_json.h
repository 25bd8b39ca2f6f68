/* The parts that TCB info and QE identity share. */
#ifndef SITUS_LAB_INTEL_JSON_H
#define SITUS_LAB_INTEL_JSON_H

#include "lab/intel/lab_collateral.h"

/* lab_json_hex writes "key":"HEX". */
void lab_json_hex(struct lab_buf *b, const char *key, struct span value);

/* lab_json_status writes ,"tcbDate":...,"tcbStatus":...,"advisoryIDs":[...]} and so ends a
 * level. */
void lab_json_status(struct lab_buf *b, const struct lab_tcb_level *level);

/* lab_json_levels writes ,"tcbLevels":[...] of levels that have only an isvsvn. */
void lab_json_levels(struct lab_buf *b, const struct lab_tcb_levels *levels);

/* lab_json_signed bends the body, signs it, bends it again, and wraps it under name. Frees body. */
struct lab_signed lab_json_signed(struct lab_world *w, struct lab_buf *body, const char *name,
                                  enum lab_key key, const struct lab_edit before[LAB_EDITS],
                                  const struct lab_edit after[LAB_EDITS]);

#endif
