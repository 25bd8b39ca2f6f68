/* The names of AK profiles; see ak_profiles.h. */
#include "model/ak_profiles.h"

static const char *const names[AK_PROFILE_COUNT] = {
    "",
#define AK_PROFILE(id, name, word) #name,
#include "model/ak_profiles.def"
};

enum ak_profile ak_profile_find(struct span name)
{
    enum ak_profile p = AK_PROFILE_COUNT - 1;
    while (p != AK_PROFILE_NONE && !span_equal(span_text(names[p]), name))
        p--;
    return p;
}

const char *ak_profile_name(enum ak_profile p)
{
    return names[p];
}

const char *ak_profile_names(void)
{
    static const char all[] =
#define AK_PROFILE(id, name, word) ", " #name
#include "model/ak_profiles.def"
        ;
    return all + strlen(", ");
}
