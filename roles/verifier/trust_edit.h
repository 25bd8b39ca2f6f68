/* Putting an anchor into the text of a trust file. */
#ifndef SITUS_VERIFIER_TRUST_EDIT_H
#define SITUS_VERIFIER_TRUST_EDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/wr.h"
#include "frame/args.h"

/* An anchor to be. der is one certificate. */
struct trust_new {
    const char *name, *profile; /* profile NULL: none */
    const struct words *uses;
    bool simulated;
    struct span der;
};

/* trust_edit_certificate finds the one certificate of a file, DER or a PEM block with whatever text
 * around it: der is of the file, or of the arena, which needs as much as the file has. A chain is
 * refused: which of them is the root? */
bool trust_edit_certificate(struct span file, struct arena *a, struct span *der,
                            struct situs_err *err);

/* trust_edit_add writes the text of the trust file with the anchor as its last, and everything else
 * as it stands; an empty text is a new file, in which the built-in anchors count. The result must be
 * read before it is used: trust_read refuses what is not right. */
void trust_edit_add(struct span text, const struct trust_new *anchor, struct wr *w);

#endif
