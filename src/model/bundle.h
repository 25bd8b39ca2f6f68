/*
 * The bundle: evidence and endorsements of one appraisal as a CMW collection
 * (draft-ietf-rats-msg-wrap 3.3) of records [type, value, ? ind], in CBOR or JSON. The type selects
 * the kind (kinds.def), the label names the instance.
 */
#ifndef SITUS_MODEL_BUNDLE_H
#define SITUS_MODEL_BUNDLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/wr.h"

/* The collection type, a UUID as OID (ITU-T X.667). */
#define BUNDLE_TYPE "2.25.332511419858681687415794042427137118699"
#define BUNDLE_TYPE_KEY "__cmwc_t" /* draft-ietf-rats-msg-wrap 3.3 */
#define BUNDLE_PART "bundle"
#define BUNDLE_LABEL_MAX 39 /* bytes: a label is also the part name of errors */

enum item_kind {
#define KIND(name, type, labels, ind) ITEM_##name,
#include "model/kinds.def"
#undef KIND
    ITEM_KIND_COUNT
};

struct item_row {
    const char *type, *labels;
    unsigned ind;
};
const struct item_row *item_row(enum item_kind kind);

/* item_kind_of is the kind that a label belongs to; ITEM_KIND_COUNT for a label of endorsements. */
enum item_kind item_kind_of(const char *label);

struct item {
    const char *label; /* zero-terminated; the part name for errors in the value */
    enum item_kind kind;
    struct span value;
    bool used;
};

/* The zero state is the empty bundle. */
struct bundle {
    struct item item[LIMIT_BUNDLE_ITEMS];
    size_t n;
};

/*
 * bundle_read reads a bundle; JSON when it begins with '{'. Values are views into in (CBOR) or the
 * arena (JSON). Unknown types and members, a label twice, a label of another kind, an ind that is
 * not the kind's, an empty value and another collection type are errors; fields are the label, with
 * .type, .value or .ind.
 */
bool bundle_read(struct bundle *b, struct span in, struct arena *a, struct situs_err *err);

/* bundle_add adds an item under the rules of bundle_read; label and value must outlive b. */
bool bundle_add(struct bundle *b, const char *label, enum item_kind kind, struct span value,
                struct situs_err *err);

/* bundle_find is the item of a label, or NULL. Mark it with bundle_used when it was read. */
struct item *bundle_find(struct bundle *b, const char *label);

void bundle_used(struct item *item);

/* bundle_all_used says that every item was read; else unknown, with the label as field. */
bool bundle_all_used(const struct bundle *b, struct situs_err *err);

/* bundle_write writes the bundle, as JSON or as deterministic CBOR, items in CBOR key order; false
 * when w is full. */
bool bundle_write(const struct bundle *b, bool json, struct wr *w);

#endif
