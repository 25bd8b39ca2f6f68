/* Profiles of AK certificates, by provider; see ak_profiles.def. */
#ifndef SITUS_MODEL_AK_PROFILES_H
#define SITUS_MODEL_AK_PROFILES_H

#include "base/span.h"

enum ak_profile {
    AK_PROFILE_NONE,
#define AK_PROFILE(id, name, word) AK_PROFILE_##id,
#include "model/ak_profiles.def"
    AK_PROFILE_COUNT
};

/* ak_profile_find finds a profile by its name; AK_PROFILE_NONE when unknown. */
enum ak_profile ak_profile_find(struct span name);

/* ak_profile_name is the name of a profile; empty for AK_PROFILE_NONE. */
const char *ak_profile_name(enum ak_profile p);

/* ak_profile_names is all of them, as "google, azure, situs". */
const char *ak_profile_names(void);

#endif
