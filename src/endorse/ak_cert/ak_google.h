/* What Google says of an instance in its AK certificate. */
#ifndef SITUS_ENDORSE_AK_CERT_AK_GOOGLE_H
#define SITUS_ENDORSE_AK_CERT_AK_GOOGLE_H

#include "base/err.h"
#include "base/span.h"

/* Google's compute instance identifier, as go-tpm-tools reads it. */
#define AK_GOOGLE_OID "1.3.6.1.4.1.11129.2.1.21"

struct ak_google {
    struct span zone, project_id, instance_name; /* UTF-8 */
    uint64_t project_number, instance_id;
    bool production; /* false when the certificate does not say */
};

/* ak_google_read reads the extension's value to its last byte. */
bool ak_google_read(struct ak_google *e, struct span value, struct situs_err *err);

#endif
