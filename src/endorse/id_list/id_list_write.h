/* Writing of signed id lists, entry by entry, in memory that does not grow with the list. */
#ifndef SITUS_ENDORSE_ID_LIST_ID_LIST_WRITE_H
#define SITUS_ENDORSE_ID_LIST_ID_LIST_WRITE_H

#include "endorse/id_list/id_list.h"
#include "endorse/signed_doc_write.h"

/* What a list says beside its entries, and how many these are. */
struct id_list_meta {
    uint64_t number;
    struct window valid;
    struct span owner, facility; /* UTF-8 */
    enum listing_kind kind;
    struct span salt; /* empty: the entries are the ids */
    size_t count;
};

struct id_list_writer {
    struct cose_writer cose;
    size_t size, left;
    uint8_t last[64]; /* the entry before, as long as size */
    bool any;
};

/* id_list_write_begin writes all that stands before the entries. What a reader would refuse is
 * malformed here; nothing is written then, and w needs no end. */
bool id_list_write_begin(struct id_list_writer *w, const struct id_list_meta *meta,
                         const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                         struct situs_err *err);

/* id_list_write_add writes the next entry: the id, or id_list_entry of it. Entries come in rising
 * order; a wrong size or order is malformed, one again duplicate. */
bool id_list_write_add(struct id_list_writer *w, struct span entry, struct situs_err *err);

/* id_list_write_end signs; internal when an entry is missing, put stopped, or OpenSSL failed.
 * Always call it after a begin that succeeded. */
bool id_list_write_end(struct id_list_writer *w, struct situs_err *err);

#endif
