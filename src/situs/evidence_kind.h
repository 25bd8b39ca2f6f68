/* What files are, told by how they begin, and where they have their place: enough to name a
 * mistake. What reads them whole decides. */
#ifndef SITUS_SITUS_EVIDENCE_KIND_H
#define SITUS_SITUS_EVIDENCE_KIND_H

#include "codec/json/json.h"

/* Where a file may be given; a kind may have several places, or none of these. */
#define PLACE_EVIDENCE 1u
#define PLACE_COLLATERAL 2u
#define PLACE_ENDORSEMENT 4u
#define PLACE_LOG 8u
/* Parts of a TPM's evidence. */
#define PLACE_ATTEST 16u
#define PLACE_SIGNATURE 32u
#define PLACE_PUBLIC 64u
#define PLACE_PCRS 128u
#define PLACE_CERTIFICATE 256u
#define PLACE_POLICY 512u
#define PLACE_TRUST 1024u
#define PLACE_OWNERSHIP 2048u /* an endorsement that is asked by itself */
#define PLACE_KEY 4096u       /* of who signs */

struct evidence_kind {
    const char *what, *hint; /* the hint says where it belongs, or what to do instead */
    unsigned places;
};

/* evidence_kind is what the bytes are; NULL: not known. */
const struct evidence_kind *evidence_kind(struct span in);

/* evidence_kind_json is the same for a JSON object, by a member that it has. */
const struct evidence_kind *evidence_kind_json(const struct json *root);

/* evidence_kind_other is evidence_kind where that has not its place in evidence, else NULL. */
const struct evidence_kind *evidence_kind_other(struct span in);

/* evidence_kind_named makes err, why bytes were not read, say that they are of a kind which has not
 * its place there, where that is so: true. expected is what has. */
bool evidence_kind_named(struct span in, unsigned place, const char *part, const char *expected,
                         struct situs_err *err);

/* evidence_kind_ours says that bytes begin as a quote, a report (tee_is) or a bundle does. */
bool evidence_kind_ours(struct span in);

#endif
