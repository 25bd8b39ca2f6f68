/* Firmware profiles: which events of a TD and of its TPM have no counterpart; see profiles.def. */
#ifndef SITUS_MODEL_PROFILES_H
#define SITUS_MODEL_PROFILES_H

#include "model/registers.h"

enum profile {
#define PROFILE(enumerator, name, overlap) PROFILE_##enumerator,
#include "model/profiles.def"
    PROFILE_COUNT
};

/* profile_find finds a profile by its name; PROFILE_COUNT when unknown. */
enum profile profile_find(struct span name);

/* profile_name is the name of a profile. */
const char *profile_name(enum profile p);

/* profile_overlap is the least number of events that TD and TPM must share. */
size_t profile_overlap(enum profile p);

/* profile_td_only says that the event at a position of RTMR0 must have no PCR, and sets its type.
 */
bool profile_td_only(enum profile p, size_t position, uint32_t *type);

/* What a TPM event may be that has no RTMR. */
enum tpm_only { TPM_ONLY_NO, TPM_ONLY_LABEL, TPM_ONLY_TAIL };

/* profile_tpm_only says whether an event with these may have no RTMR, and sets the number of its
 * row, below PROFILE_TPM_ROWS. A tail event still needs a digest that is the hash of its data. */
enum tpm_only profile_tpm_only(enum profile p, uint32_t pcr, uint32_t type, struct span data,
                               size_t *row);
#define PROFILE_TPM_ROWS 32

/* profile_pcr0 says that a SHA-384 PCR 0 goes with an MRTD. */
bool profile_pcr0(enum profile p, struct span mrtd, struct span pcr0);

#endif
