/* Firmware profiles: firmware that measures to TD and TPM alike; see profiles.def. */
#ifndef SITUS_MODEL_PROFILES_H
#define SITUS_MODEL_PROFILES_H

#include "model/registers.h"

enum firmware {
#define PROFILE(enumerator, name, front, simulated) PROFILE_##enumerator,
#include "model/profiles.def"
    PROFILE_COUNT
};

/* profile_find finds a profile by its name; PROFILE_COUNT when unknown. */
enum firmware profile_find(struct span name);

/* profile_name is the name of a profile; "none" for PROFILE_COUNT. */
const char *profile_name(enum firmware p);

/* profile_front is how many events lead RTMR0 that no PCR has. */
size_t profile_front(enum firmware p);

/* profile_simulated says that a profile counts only under a simulated anchor. */
bool profile_simulated(enum firmware p);

/* profile_pcr0 says that a SHA-384 PCR 0 goes with an MRTD. */
bool profile_pcr0(enum firmware p, struct span mrtd, struct span pcr0);

#endif
