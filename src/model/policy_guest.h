/* Reading guest references and the statement about a provider's platform, parts of
 * policy_value_read. */
#ifndef SITUS_MODEL_POLICY_GUEST_H
#define SITUS_MODEL_POLICY_GUEST_H

#include "codec/json/json.h"
#include "crypto/digest.h"
#include "model/policy.h"

/*
 * policy_guest_read reads the guest references of a list (situs-policy(5), ref.guest) into the
 * arena. All zero registers are not-measured; a profile that situs does not know, or a PCR that is
 * not of BOOT_PCRS, is unknown; lists that do not name every PCR of it are missing; gpt_open that
 * is not exactly one event of the lists, or beside a value of RTMR1, is malformed.
 */
bool policy_guest_read(const struct json *list, struct param_value *out, struct arena *a,
                       struct situs_err *err);

/* policy_pcrs_read reads paravisor, pcrs and platform_pcrs of an image under a paravisor. A register that is of
 * neither is unknown, one of the image's that is not there missing; a list of PCR 4 that does not begin with the first
 * boot option is malformed. */
bool policy_pcrs_read(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err);

/* policy_platform_read reads ak.certificate's platform. */
bool policy_platform_read(const struct json *object, struct param_value *out, struct arena *a,
                          struct situs_err *err);

/*
 * policy_guest_complete says that the policy can be met by a machine whose TD and TPM are bound:
 * where bound is required, every reference has the lists that its profile needs, the provider's
 * platform is stated, and banks and registers are all that the comparison needs. Else missing.
 */
bool policy_guest_complete(const struct policy *p, struct situs_err *err);

#endif
