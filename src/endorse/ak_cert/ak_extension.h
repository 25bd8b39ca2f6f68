/* What providers say of an instance or machine in the AK certificate: two X.509 extensions. */
#ifndef SITUS_ENDORSE_AK_CERT_AK_EXTENSION_H
#define SITUS_ENDORSE_AK_CERT_AK_EXTENSION_H

#include "base/err.h"
#include "base/span.h"

/* Google's compute instance identifier, as go-tpm-tools reads it. */
#define AK_EXTENSION_GCE "1.3.6.1.4.1.11129.2.1.21"
/* SitusMachine (DESIGN: attestation key, 4) */
#define AK_EXTENSION_SITUS "2.25.147392091879551213008622175536429035330"

struct ak_extension_gce {
    struct span zone, project_id, instance_name; /* UTF-8 */
    uint64_t project_number, instance_id;
    bool production; /* false when the certificate does not say */
};

enum ak_machine_class { AK_CLASS_DTPM, AK_CLASS_VTPM };

struct ak_extension_situs {
    struct span facility, machine; /* UTF-8 */
    enum ak_machine_class class;
    struct span ek_name, ak_name, piid;
    uint64_t reset_count, restart_count;
};

/* ak_extension_read_gce reads the extension's value to its last byte. */
bool ak_extension_read_gce(struct ak_extension_gce *e, struct span value, struct situs_err *err);

/* ak_extension_read_situs reads the extension's value to its last byte. Names are nameAlg and a
 * digest of SHA-256, SHA-384 or SHA-512; the PIID is 16 bytes. */
bool ak_extension_read_situs(struct ak_extension_situs *e, struct span value,
                             struct situs_err *err);

#endif
