/* Writing of signed revocation lists, record by record, in memory that does not grow with them. */
#ifndef SITUS_ENDORSE_REVOCATION_REVOCATION_WRITE_H
#define SITUS_ENDORSE_REVOCATION_REVOCATION_WRITE_H

#include "endorse/revocation/revocation.h"
#include "endorse/signed_doc_write.h"

/* One group that will be written: ids of one kind and size. */
struct revocation_plan {
    enum revocation_kind kind;
    size_t size, count;
};

/* What a list says beside its records; plans by kind and size, none for an empty list. */
struct revocation_meta {
    uint64_t number;
    struct window valid;
    struct span issuer; /* UTF-8 */
    const struct revocation_plan *plans;
    size_t n_plans;
};

struct revocation_writer {
    struct cose_writer cose;
    const struct revocation_plan *plan, *end; /* the open group; meta's plans must outlive w */
    size_t left;
    uint8_t last[REVOCATION_ID_MAX];
    bool any;
};

/* revocation_write_begin writes all that stands before the first record. What a reader would
 * refuse is malformed here; nothing is written then, and w needs no end. */
bool revocation_write_begin(struct revocation_writer *w, const struct revocation_meta *meta,
                            const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                            struct situs_err *err);

/* revocation_write_add writes the next record of the open group, ids in rising order; behind its
 * last record the next group opens. */
bool revocation_write_add(struct revocation_writer *w, struct span id,
                          enum revocation_reason reason, int64_t time, struct situs_err *err);

/* revocation_write_end signs; internal when a record is missing, put stopped, or OpenSSL failed.
 * Always call it after a begin that succeeded. */
bool revocation_write_end(struct revocation_writer *w, struct situs_err *err);

#endif
