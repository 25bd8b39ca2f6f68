/* What TCB info and QE identity have in common: their readers share these. */
#ifndef SITUS_TEE_INTEL_LEVELS_H
#define SITUS_TEE_INTEL_LEVELS_H

#include "codec/json/scan.h"
#include "tee/intel/snapshot.h"

/* levels_version reads the member "version", which must be this one. */
void levels_version(struct scan *s, int64_t version);

/* levels_time reads YYYY-MM-DDThh:mm:ssZ; levels_status a word of PCS API v4. */
int64_t levels_time(struct scan *s);
enum tcb_status levels_status(struct scan *s);

/* levels_advisories reads advisoryIDs of one level; their text stays where it is. */
void levels_advisories(struct tcb_level *level, struct scan *s, struct arena *a);

/* levels_keep copies n levels, 1 to LIMIT_TCB_LEVELS, into the arena. owner has tcbLevels at
 * hand. */
struct tcb_levels levels_keep(const struct tcb_level *v, size_t n, struct scan *s, struct arena *a);

/* levels_isvsvn reads tcbLevels of an enclave or a TDX module: isvsvn strictly descending, each
 * UpToDate, OutOfDate or Revoked. */
struct tcb_levels levels_isvsvn(struct scan *s, struct arena *a);

#endif
