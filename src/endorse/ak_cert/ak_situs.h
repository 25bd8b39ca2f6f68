/* What our registrar says of a machine in its AK certificate. */
#ifndef SITUS_ENDORSE_AK_CERT_AK_SITUS_H
#define SITUS_ENDORSE_AK_CERT_AK_SITUS_H

#include "base/err.h"
#include "base/span.h"

/* SitusMachine (DESIGN: attestation key, 4) */
#define AK_SITUS_OID "2.25.147392091879551213008622175536429035330"

enum ak_machine_class { AK_CLASS_DTPM, AK_CLASS_VTPM };

struct ak_situs {
    struct span facility, machine; /* UTF-8 */
    enum ak_machine_class class;
    struct span ek_name, ak_name, piid;
    uint64_t reset_count, restart_count;
};

/* ak_situs_read reads the extension's value to its last byte. Names are nameAlg and a digest of
 * SHA-256, SHA-384 or SHA-512; the PIID is 16 bytes. */
bool ak_situs_read(struct ak_situs *e, struct span value, struct situs_err *err);

#endif
