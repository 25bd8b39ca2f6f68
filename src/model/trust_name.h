/* Names of those whom a trust file names: reports print them, and policies pair them by "=". */
#ifndef SITUS_MODEL_TRUST_NAME_H
#define SITUS_MODEL_TRUST_NAME_H

#include "codec/json/json.h"
#include "model/trust.h"

/* trust_name_read reads the member "name" of an object: 1 to TRUST_NAME_MAX bytes of printable ASCII
 * without "=". */
bool trust_name_read(const struct json *object, struct anchor *anchor, struct arena *a,
                     struct situs_err *err);

#endif
