/* What verified collateral is and until when, and a directory of it: sorted, replaced whole. */
#ifndef SITUS_COLLATERAL_COLLATERAL_STATE_H
#define SITUS_COLLATERAL_COLLATERAL_STATE_H

#include "base/time.h"
#include "collateral/collateral.h"

/*
 * collateral_sort puts every item of the parts into d, one a file, named by what it is, so that a
 * newer one replaces the older: "tdx-tcb-<fmspc>.json", "tdx-qe.json", "pck-platform.crl",
 * "root.crl" (and sgx, processor); certificates, of which several of one kind may be needed, are
 * "cert-<hash>.pem".
 */
bool collateral_sort(struct dir *d, const struct collateral *c, struct situs_err *err);

/* collateral_ours says that a file of this name is one that collateral_sort makes. */
bool collateral_ours(const char *name);

/*
 * collateral_save puts the parts, which the caller has verified, into the directory at path (made
 * when absent). keep: what is there stays unless a newer item has its name; else they take its
 * place. The whole new set must verify under trust, and replaces the old in one step.
 */
bool collateral_save(const struct collateral *c, const char *path, const struct situs_trust *trust,
                     bool keep, struct situs_err *err);

/* collateral_save_exit is the exit code after that failed: of a directory that cannot be read or
 * replaced 1, of what does not verify with what is there that of load_exit. */
int collateral_save_exit(const struct situs_err *err);

/* One item of a snapshot, for people. */
struct collateral_item {
    char name[80];
    struct window valid;
    int64_t evaluation_number; /* tcbEvaluationDataNumber; 0: it has none */
};

/* collateral_item is item i; false after the last. */
bool collateral_item(const struct situs_snapshot *snapshot, size_t i, struct collateral_item *item);

/* collateral_current says that every item is valid at the time; else expired or not-yet-valid, with
 * the item as part. */
bool collateral_current(const struct situs_snapshot *snapshot, int64_t at, struct situs_err *err);

/* collateral_not_older says that no signed item is older than that of its name in held, nor of an
 * earlier TCB recovery, which Intel's service issues anew for who asks; else mismatch, with the item
 * as part. */
bool collateral_not_older(const struct situs_snapshot *snapshot, const struct situs_snapshot *held,
                          struct situs_err *err);

#endif
