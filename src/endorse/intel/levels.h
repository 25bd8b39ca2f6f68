/* What TCB info and QE identity have in common: their readers share these. */
#ifndef SITUS_ENDORSE_INTEL_LEVELS_H
#define SITUS_ENDORSE_INTEL_LEVELS_H

#include "codec/json/json.h"
#include "endorse/intel/snapshot.h"

/* levels_window reads issueDate and nextUpdate, in this order in time. */
bool levels_window(const struct json *body, struct window *w, struct situs_err *err);

/* levels_isvsvn reads tcbLevels of an enclave or a TDX module: isvsvn strictly descending, each
 * UpToDate, OutOfDate or Revoked. */
bool levels_isvsvn(const struct json *owner, struct tcb_levels *levels, struct arena *a,
                   struct situs_err *err);

/* levels_array is the array tcbLevels and room for its levels. */
bool levels_array(const struct json *owner, struct json *array, struct tcb_level **v,
                  struct arena *a, struct situs_err *err);

/* levels_common reads tcbDate, tcbStatus and advisoryIDs of one level. */
bool levels_common(const struct json *level, struct tcb_level *out, struct arena *a,
                   struct situs_err *err);

#endif
