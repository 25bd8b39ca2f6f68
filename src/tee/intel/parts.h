/* What lies in the parts of a snapshot, told by content and read, nothing verified yet. */
#ifndef SITUS_TEE_INTEL_PARTS_H
#define SITUS_TEE_INTEL_PARTS_H

#include "tee/intel/snapshot.h"

/* Items with the name of the part they came in, for messages. Equal items are held once. */
struct part_cert {
    struct intel_cert cert;
    const char *name;
};
struct part_crl {
    struct intel_crl crl;
    const char *name;
};

/* A signed JSON body: TCB info, or a QE identity. */
struct part_body {
    struct span raw; /* the exact bytes that the signature covers */
    uint8_t rs[64];
    bool qe;
    const char *name;
};

struct parts {
    struct part_cert **certs;
    struct part_crl **crls;
    struct part_body **bodies;
    size_t n_certs, n_crls, n_bodies;
    struct arena *a;
};

/* parts_new makes room in the arena; false (no-memory) when it is too small. */
bool parts_new(struct parts *parts, struct arena *a, struct situs_err *err);

/* parts_add reads one part: a PCS answer (Intel PCS API v4), a PEM chain, a certificate in DER, a
 * CRL as DER, hex or PEM, or the JSON of dcap-qvl; each with one NUL behind it or none. */
bool parts_add(struct parts *parts, const struct situs_item *part, struct situs_err *err);

/* parts_add_cert reads one DER certificate. */
bool parts_add_cert(struct parts *parts, const char *name, struct span der, struct situs_err *err);

#endif
