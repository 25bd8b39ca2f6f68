/* What bytes are that were given as evidence, told by how they begin: enough to name a mistake. */
#ifndef SITUS_SITUS_EVIDENCE_KIND_H
#define SITUS_SITUS_EVIDENCE_KIND_H

#include "base/err.h"
#include "base/span.h"

/* evidence_kind_ours says that bytes begin as a quote (version 3 to 5 with an ECDSA key, Intel TDX
 * DCAP Quoting Library API A.3) or a bundle does: what reads them whole decides. */
bool evidence_kind_ours(struct span in);

/* What is something else. */
struct evidence_kind {
    const char *what, *hint;
};

/* evidence_kind_other is what the bytes are if they are known to be no evidence that situs reads;
 * NULL: not known. */
const struct evidence_kind *evidence_kind_other(struct span in);

#endif
