/* The tables of firmware profiles; see profiles.def. */
#include "model/profiles.h"

#include "base/text.h"

#include <assert.h>

static const struct {
    const char *name;
    size_t overlap;
} profiles[] = {
#define PROFILE(enumerator, name, overlap) {name, overlap},
#include "model/profiles.def"
};

static const struct {
    enum profile profile;
    size_t position;
    uint32_t type;
} td_only[] = {
#define TD_ONLY(profile, position, type) {PROFILE_##profile, position, type},
#include "model/profiles.def"
};

static const struct {
    enum profile profile;
    enum tpm_only kind;
    uint32_t pcr, type; /* type: of TPM_ONLY_LABEL */
    const char *data;
    size_t size;
} tpm_only[] = {
#define TPM_ONLY(profile, pcr, type, data) \
    {PROFILE_##profile, TPM_ONLY_LABEL, pcr, type, data, sizeof(data) - 1},
#define TAIL(profile, pcr, data) {PROFILE_##profile, TPM_ONLY_TAIL, pcr, 0, data, sizeof(data) - 1},
#include "model/profiles.def"
};
static_assert(sizeof tpm_only / sizeof *tpm_only <= PROFILE_TPM_ROWS, "rows are bits of a mask");

static const struct {
    enum profile profile;
    const char *mrtd, *value;
} pcr0s[] = {
#define PCR0(profile, mrtd, value) {PROFILE_##profile, mrtd, value},
#include "model/profiles.def"
};

enum profile profile_find(struct span name)
{
    for (unsigned p = 0; p < PROFILE_COUNT; p++)
        if (span_equal(name, span_text(profiles[p].name)))
            return (enum profile)p;
    return PROFILE_COUNT;
}

const char *profile_name(enum profile p)
{
    return profiles[p].name;
}

size_t profile_overlap(enum profile p)
{
    return profiles[p].overlap;
}

bool profile_td_only(enum profile p, size_t position, uint32_t *type)
{
    for (size_t i = 0; i < sizeof td_only / sizeof *td_only; i++)
        if (td_only[i].profile == p && td_only[i].position == position) {
            *type = td_only[i].type;
            return true;
        }
    return false;
}

enum tpm_only profile_tpm_only(enum profile p, uint32_t pcr, uint32_t type, struct span data,
                               size_t *row)
{
    for (size_t i = 0; i < sizeof tpm_only / sizeof *tpm_only; i++) {
        bool typed = tpm_only[i].kind == TPM_ONLY_TAIL || tpm_only[i].type == type;
        *row = i;
        if (tpm_only[i].profile == p && tpm_only[i].pcr == pcr && typed &&
            span_equal(data, span_of(tpm_only[i].data, tpm_only[i].size)))
            return tpm_only[i].kind;
    }
    return TPM_ONLY_NO;
}

/* Hex of 48 bytes against bytes. */
static bool same(const char *hex, struct span bytes)
{
    uint8_t value[48];
    return text_hex_read(value, sizeof value, span_text(hex)) && span_equal(bytes, SPAN_ARR(value));
}

bool profile_pcr0(enum profile p, struct span mrtd, struct span pcr0)
{
    for (size_t i = 0; i < sizeof pcr0s / sizeof *pcr0s; i++)
        if (pcr0s[i].profile == p && (*pcr0s[i].mrtd == 0 || same(pcr0s[i].mrtd, mrtd)) &&
            same(pcr0s[i].value, pcr0))
            return true;
    return false;
}
