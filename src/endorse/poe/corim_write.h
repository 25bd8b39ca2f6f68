/* Writing of CoRIMs of one CoMID (draft-ietf-rats-corim-11), deterministic CBOR. */
#ifndef SITUS_ENDORSE_POE_CORIM_WRITE_H
#define SITUS_ENDORSE_POE_CORIM_WRITE_H

#include "base/time.h"
#include "base/wr.h"

/* corim_write_comid writes a concise-mid-tag: its id and its triples-map; false when w is full. */
bool corim_write_comid(struct wr *w, struct span id, struct span triples);

struct corim {
    struct span id; /* empty: without, as an id that is derived of it needs */
    struct span comid;
    const char *profile; /* a URI; NULL: none */
    struct window valid;
};

/* corim_write writes the tagged, unsigned corim-map; false when w is full. */
bool corim_write(struct wr *w, const struct corim *c);

#endif
