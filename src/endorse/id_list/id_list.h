/*
 * The signed id list (DESIGN: id lists): the machines of one facility that one owner vouches for,
 * as whole PPIDs or CHIP_IDs or as salted hashes of them. It is read and searched in place.
 */
#ifndef SITUS_ENDORSE_ID_LIST_ID_LIST_H
#define SITUS_ENDORSE_ID_LIST_ID_LIST_H

#include "endorse/id_list/listing.h"
#include "endorse/signed_doc.h"

#define ID_LIST_TYPE "application/vnd.situs.list+cbor"
#define ID_LIST_PART "list"

/* Keys of the payload's map. */
enum id_list_key {
    ID_LIST_NUMBER = 1,
    ID_LIST_THIS_UPDATE = 2,
    ID_LIST_NEXT_UPDATE = 3,
    ID_LIST_OWNER = 4,
    ID_LIST_FACILITY = 5,
    ID_LIST_KIND = 6,
    ID_LIST_SALT = 7, /* absent: the entries are the ids */
    ID_LIST_ENTRIES = 8
};

#define ID_LIST_SALT_MIN 16
#define ID_LIST_SALT_MAX 64
#define ID_LIST_HASH_SIZE 32 /* SHA-256(salt || id) */

struct id_list {
    struct signed_doc doc;
    uint64_t number;
    struct window valid;         /* thisUpdate and nextUpdate */
    struct span owner, facility; /* UTF-8 */
    enum listing_kind kind;
    struct span salt;    /* empty: plain ids */
    struct span entries; /* sorted, each once */
    size_t size;         /* bytes of one entry */
};

/*
 * id_list_read reads a list to its last byte and checks that its entries are whole, sorted and
 * unique; views into in. Nothing is verified. Fields: those of signed_doc_read, number,
 * this_update, next_update, owner, facility, kind, salt, entries (with the offset of the entry).
 */
bool id_list_read(struct id_list *l, struct span in, struct situs_err *err);

/* id_list_entry is what a list with this salt holds for an id: the id, or its hash in buffer. An
 * empty span when OpenSSL fails. */
struct span id_list_entry(struct span salt, struct span id, uint8_t buffer[ID_LIST_HASH_SIZE]);

/* id_list_find is the entry equal to the whole id, in the list's own bytes, or an empty span. */
struct span id_list_find(const struct id_list *l, struct span id);

/*
 * id_list_answer decides list.signature, list.window, list.rollback and list.match for one list and
 * states its claims. Rows behind a failed signature are not run.
 */
void id_list_answer(const struct id_list *l, const struct question *q, struct answer *out);

#endif
