/* AMD's processors; see product.h. */
#include "tee/amd/product.h"

enum id {
#define PRODUCT(id, name, chip, fmc, bootloader, tee, snp, microcode) PRODUCT_##id,
#include "tee/amd/products.def"
};

static const struct product products[] = {
#define PRODUCT(id, name, chip, fmc, bootloader, tee, snp, microcode) \
    {name, chip, {fmc, bootloader, tee, snp, microcode}},
#include "tee/amd/products.def"
};

static const struct {
    const char *name;
    enum id id;
} names[] = {
#define PRODUCT(id, name, chip, fmc, bootloader, tee, snp, microcode) {name, PRODUCT_##id},
#define PRODUCT_NAME(id, name) {name, PRODUCT_##id},
#include "tee/amd/products.def"
};

static const struct {
    enum id id;
    uint8_t family, first, last;
} models[] = {
#define CPUID(id, family, first, last) {PRODUCT_##id, family, first, last},
#include "tee/amd/products.def"
};

/* A stepping may follow, as "Milan-B0" (57230, table 8). */
const struct product *product_by_name(struct span name)
{
    const uint8_t *dash = name.n ? memchr(name.p, '-', name.n) : NULL;
    struct span family = span_cut(name, 0, dash ? (size_t)(dash - name.p) : name.n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal(family, span_text(names[i].name)))
            return &products[names[i].id];
    return NULL;
}

const struct product *product_by_cpuid(uint8_t family, uint8_t model)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (models[i].family == family && model >= models[i].first && model <= models[i].last)
            return &products[models[i].id];
    return NULL;
}

bool product_tcb_well(const struct product *p, struct span tcb)
{
    unsigned known = 0;
    for (unsigned i = 0; i < SNP_PARTS; i++)
        if (p->at[i] >= 0)
            known |= 1u << p->at[i];
    for (size_t i = 0; i < tcb.n; i++)
        if (tcb.p[i] && !(known >> i & 1))
            return false;
    return true;
}

char *product_tcb_text(char text[PRODUCT_TCB_TEXT], const struct product *p, struct span tcb)
{
    struct wr w = wr_new(text, PRODUCT_TCB_TEXT - 1);
    for (unsigned i = 0; i < SNP_PARTS; i++)
        if (p->at[i] >= 0)
            wr_format(&w, "%s%s %u", w.n ? " " : "", snp_part_word((enum snp_part)i),
                      (unsigned)tcb.p[p->at[i]]);
    text[wr_ok(&w) ? w.n : 0] = 0;
    return text;
}

void product_minimum_write(const struct product *p, struct span tcb, struct wr *w)
{
    wr_text(w, p->name);
    for (unsigned i = 0; i < SNP_PARTS; i++)
        if (p->at[i] >= 0)
            wr_format(w, " %s=%u", snp_part_word((enum snp_part)i), (unsigned)tcb.p[p->at[i]]);
}
