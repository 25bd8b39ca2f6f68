/* AK certificates of Azure's vTPM: they say nothing of the machine. Their NV index is larger than
 * what it holds. */
#include "endorse/ak_cert/ak_profile.h"

/* tcg-kp-AIKCertificate (TCG EK Credential Profile 2.5, 3) */
const struct ak_profile_does azure_ak_profile = {.eku = "2.23.133.8.3", .padding = true};
