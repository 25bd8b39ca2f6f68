/* Least levels of a TCB; see snp_minimum.h. */
#include "model/snp_minimum.h"

#include "base/text.h"

static const char *const words[SNP_PARTS] = {
#define SNP_PART(id, word, query) word,
#include "model/snp_parts.def"
#undef SNP_PART
};

const char *snp_part_word(enum snp_part part)
{
    return words[part];
}

/* "part=level" */
static bool read_level(struct snp_minimum *m, struct span field)
{
    struct span rest = field, name = text_field(&rest, '=');
    uint64_t level;
    unsigned part = 0;
    while (part < SNP_PARTS && !span_equal(name, span_text(words[part])))
        part++;
    if (part == SNP_PARTS || m->level[part] >= 0 || !text_number(rest, 0, 255, &level))
        return false;
    m->level[part] = (int16_t)level;
    return true;
}

bool snp_minimum_read(struct snp_minimum *m, struct span word)
{
    struct span rest = word;
    *m = (struct snp_minimum){.product = text_field(&rest, ' ')};
    for (unsigned i = 0; i < SNP_PARTS; i++)
        m->level[i] = -1;
    if (m->product.n == 0 || rest.n == 0)
        return false;
    while (rest.n) {
        struct span field = text_field(&rest, ' ');
        if (!read_level(m, field))
            return false;
    }
    return word.p[word.n - 1] != ' ';
}
