/*
 * The composition manifest (DESIGN: composition manifests): the supplier of a machine says, signed,
 * which processor packages it put into it. Intel's Platform Composition Manifest has no public
 * format; this one is ours.
 */
#ifndef SITUS_ENDORSE_COMPOSITION_COMPOSITION_H
#define SITUS_ENDORSE_COMPOSITION_COMPOSITION_H

#include "endorse/signed_doc_write.h"

#define COMPOSITION_TYPE "application/vnd.situs.composition+cbor"
#define COMPOSITION_PART "composition"
#define COMPOSITION_ID_SIZE 16 /* PRID and PIID: Intel SGX PCK profile 1.3.5, Platform Manifest */

/* Keys of the payload's map. */
enum composition_key {
    COMPOSITION_NUMBER = 1, /* rises with each manifest of one serial number */
    COMPOSITION_ISSUED = 2,
    COMPOSITION_SUPPLIER = 3,
    COMPOSITION_SERIAL = 4,
    COMPOSITION_NAME = 5,
    COMPOSITION_PRIDS = 6,
    COMPOSITION_PIID = 7 /* absent: the machine was not started by the supplier */
};

struct composition {
    struct signed_doc doc;
    uint64_t number;
    int64_t issued;
    struct span supplier;     /* UTF-8; what the signer calls itself, decides nothing */
    struct span serial, name; /* UTF-8: of the machine */
    struct span prids;        /* rising, each once */
    struct span piid;         /* empty: none named */
};

/*
 * composition_read reads a manifest to its last byte and checks that its PRIDs are whole, at most
 * LIMIT_COMPOSITION_PACKAGES, rising, and each there once; views into in. Nothing is verified.
 * Fields: those of signed_doc_read, number, issued, supplier, serial, name, prids (with the offset
 * of the PRID), piid.
 */
bool composition_read(struct composition *c, struct span in, struct situs_err *err);

/* composition_count is the number of PRIDs, composition_prid the i-th. */
size_t composition_count(const struct composition *c);
struct span composition_prid(const struct composition *c, size_t i);

/*
 * composition_verify verifies the chain to an anchor for suppliers, the signature, and that the
 * manifest is not issued after the time of the rules (issued: not-yet-valid), nor more than so many
 * days before (issued: expired). rules.use is the supplier's whatever it says.
 */
bool composition_verify(const struct composition *c, struct signed_doc_rules rules,
                        int64_t max_age_days, struct signed_doc_signer *signer, struct arena *a,
                        struct situs_err *err);

/* What a manifest says. */
struct composition_terms {
    uint64_t number;
    int64_t issued;
    struct span supplier, serial, name; /* UTF-8 */
    const uint8_t (*prids)[COMPOSITION_ID_SIZE];
    size_t n_prids;
    struct span piid; /* empty: none */
};

/* composition_write signs a manifest and gives it to put. What a reader would refuse is malformed,
 * too-long or duplicate here; nothing is written then. The PRIDs may come in any order. */
bool composition_write(const struct composition_terms *terms,
                       const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                       struct situs_err *err);

#endif
