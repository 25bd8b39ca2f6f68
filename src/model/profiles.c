/* The tables of firmware profiles; see profiles.def. */
#include "model/profiles.h"

#include "base/text.h"

static const struct {
    const char *name;
    size_t front;
    bool simulated;
} profiles[] = {
#define PROFILE(enumerator, name, front, simulated) {name, front, simulated},
#include "model/profiles.def"
};

static const struct {
    enum firmware profile;
    const char *mrtd, *value;
} pcr0s[] = {
#define PCR0(profile, mrtd, value) {PROFILE_##profile, mrtd, value},
#include "model/profiles.def"
};

enum firmware profile_find(struct span name)
{
    for (unsigned p = 0; p < PROFILE_COUNT; p++)
        if (span_equal(name, span_text(profiles[p].name)))
            return (enum firmware)p;
    return PROFILE_COUNT;
}

const char *profile_name(enum firmware p)
{
    return p < PROFILE_COUNT ? profiles[p].name : "none";
}

size_t profile_front(enum firmware p)
{
    return profiles[p].front;
}

bool profile_simulated(enum firmware p)
{
    return profiles[p].simulated;
}

/* Hex of 48 bytes against bytes. */
static bool same(const char *hex, struct span bytes)
{
    uint8_t value[48];
    return text_hex_read(value, sizeof value, span_text(hex)) && span_equal(bytes, SPAN_ARR(value));
}

bool profile_pcr0(enum firmware p, struct span mrtd, struct span pcr0)
{
    for (size_t i = 0; i < sizeof pcr0s / sizeof *pcr0s; i++)
        if (pcr0s[i].profile == p && (*pcr0s[i].mrtd == 0 || same(pcr0s[i].mrtd, mrtd)) &&
            same(pcr0s[i].value, pcr0))
            return true;
    return false;
}
