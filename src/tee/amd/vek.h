/*
 * Certificates of AMD's keys: ARK, ASK and ASVK, and the versioned ones that sign reports, VCEK (of a chip) and
 * VLEK (of a provider). Source: Versioned Chip Endorsement Key Certificate and KDS Interface Specification
 * (AMD 57230), 3 and 4.
 */
#ifndef SITUS_TEE_AMD_VEK_H
#define SITUS_TEE_AMD_VEK_H

#include "crypto/x509.h"
#include "tee/amd/product.h"

enum amd_role { AMD_NONE, AMD_ARK, AMD_ASK, AMD_ASVK, AMD_VCEK, AMD_VLEK };

/* amd_role_of tells a certificate by its subject's common name; AMD_NONE: it is none of these. */
enum amd_role amd_role_of(const struct x509 *cert);

/* amd_names says that DER (a certificate or a CRL) has a common name as AMD's have: "ARK-..." or "SEV-...". Cheap:
 * nothing is read. */
bool amd_names(struct span der);

/* What a VEK's certificate says. */
struct vek {
    bool vlek;
    const struct product *product;
    uint8_t tcb[8];     /* as the report has it */
    uint8_t hwid[64];   /* VCEK: the chip's, to its last byte that counts; the rest zero */
    struct span csp_id; /* VLEK: whose it is; lies in the certificate */
};

/* vek_read reads the extensions of a VCEK or VLEK certificate (57230, tables 11 to 13): all that its
 * product has, each once. */
bool vek_read(struct vek *v, const struct x509 *cert, enum amd_role role, const char *part,
              struct situs_err *err);

#endif
