/* What the profiles of AK certificates share; see ak_profile.h. */
#include "endorse/ak_cert/ak_profile.h"

bool ak_profile_fail(const struct ak_asked *x, enum situs_code code, const char *field,
                     const char *expected, const char *got, const char *hint)
{
    return finding_fail(x->findings, CHECK_AK_CERTIFICATE, code, FINDING_AT(AK_CERT_PART, field),
                        expected, got, hint);
}
