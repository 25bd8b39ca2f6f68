/* The tables of the policy: parameters, proofs, presets; see policy.h. */
#include "model/policy.h"

#include "base/text.h"

static const struct param_row rows[] = {
#define PARAM(name, check, key, type, form, least, most, fallback, sentence) \
    {CHECK_##check, key, PARAM_IS_##type, FORM_##form, least, most, fallback, sentence},
#include "model/params.def"
#undef PARAM
};

static const struct {
    const char *name;
    unsigned bit, contains;
} proofs[] = {
#define PROOF(bit, name, live, contains, sentence) {name, PROOF_##bit, contains},
#define RESTS(bit, text, role, who, brief)
#include "model/proofs.def"
#undef PROOF
};
#define PROOF_COUNT (sizeof proofs / sizeof proofs[0])

static const struct {
    const char *name, *text;
} presets[] = {
#define PRESET(name, text) {name, text},
#include "model/presets.def"
#undef PRESET
};
#define PRESET_COUNT (sizeof presets / sizeof presets[0])

const struct param_row *param_row(enum param p)
{
    return &rows[p];
}

/* Words in hex. The longest value is an id of a revocation list, which gives its size one byte. */
static bool lists(const struct param_value *words, struct span value)
{
    uint8_t bytes[255];
    for (size_t i = 0; value.n && value.n <= sizeof bytes && i < words->n; i++)
        if (text_hex_read(bytes, value.n, words->words[i]) && memcmp(bytes, value.p, value.n) == 0)
            return true;
    return false;
}

bool policy_denies(const struct policy *p, struct span id)
{
    return lists(&p->v[PARAM_REVOCATION_DENY], id);
}

bool policy_digest(const struct policy *p, enum param id, struct span digest)
{
    return lists(&p->v[id], digest);
}

enum param policy_param_find(enum check check, struct span key)
{
    for (enum param p = 0; p < PARAM_COUNT; p++)
        if (rows[p].check == check && span_equal(span_text(rows[p].key), key))
            return p;
    return PARAM_COUNT;
}

const char *proof_name(unsigned bit)
{
    for (size_t i = 0; i < PROOF_COUNT; i++)
        if (proofs[i].bit == bit)
            return proofs[i].name;
    return "none";
}

const char *proof_names(void)
{
    static const char all[] =
#define PROOF(bit, name, live, contains, sentence) ", " name
#include "model/proofs.def"
        ;
#undef PROOF
#undef RESTS
    return all + strlen(", ");
}

unsigned policy_asks(const struct policy *p)
{
    unsigned asked = p->require;
    for (size_t i = 0; i < PROOF_COUNT; i++)
        asked |= p->require & proofs[i].bit ? proofs[i].contains : 0;
    return asked;
}

unsigned proof_find(struct span name)
{
    for (size_t i = 0; i < PROOF_COUNT; i++)
        if (span_equal(span_text(proofs[i].name), name))
            return proofs[i].bit;
    return 0;
}

struct span policy_preset(const char *name)
{
    for (size_t i = 0; i < PRESET_COUNT; i++)
        if (strcmp(presets[i].name, name) == 0)
            return span_text(presets[i].text);
    return span_of(NULL, 0);
}

const char *policy_preset_name(size_t i)
{
    return i < PRESET_COUNT ? presets[i].name : NULL;
}

bool policy_word(const struct policy *p, enum param id, struct span word)
{
    for (size_t i = 0; p->v[id].words && i < p->v[id].n; i++)
        if (span_equal(p->v[id].words[i], word))
            return true;
    return false;
}

bool policy_takes(const struct policy *p, enum ak_profile profile)
{
    return policy_word(p, PARAM_AK_PROVIDERS, span_text(ak_profile_name(profile)));
}

uint32_t policy_banks(const struct policy *p)
{
    const struct platform_statement *s = p->v[PARAM_AK_PLATFORM].platform;
    const struct param_value *v = &p->v[PARAM_TPM_PCRS_BANK];
    uint32_t banks = 0;
    if (s && !p->stated[PARAM_TPM_PCRS_BANK])
        return s->banks;
    for (size_t i = 0; v->words && i < v->n; i++)
        banks |= 1u << hash_by_name(v->words[i]);
    return banks;
}

bool policy_pair(const struct policy *p, enum param id, struct span left, struct span right)
{
    for (size_t i = 0; p->v[id].words && i < p->v[id].n; i++) {
        struct span word = p->v[id].words[i];
        const uint8_t *middle = memchr(word.p, '=', word.n);
        if (!middle)
            continue;
        size_t at = (size_t)(middle - word.p);
        if (span_equal(span_cut(word, 0, at), left) &&
            span_equal(span_cut(word, at + 1, word.n - at - 1), right))
            return true;
    }
    return false;
}
