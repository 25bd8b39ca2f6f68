/* Least levels of an AMD processor's TCB, as policies write them: "Milan bootloader=4 snp=24". */
#ifndef SITUS_MODEL_SNP_MINIMUM_H
#define SITUS_MODEL_SNP_MINIMUM_H

#include "base/span.h"

enum snp_part {
#define SNP_PART(id, word, query) SNP_PART_##id,
#include "model/snp_parts.def"
#undef SNP_PART
    SNP_PARTS
};

/* snp_part_word is the word of a part. */
const char *snp_part_word(enum snp_part part);

struct snp_minimum {
    struct span product;
    int16_t level[SNP_PARTS]; /* -1: any */
};

/* snp_minimum_read reads a word of a policy: a product, and at least one part, each once, with its
 * level from 0 to 255, one blank between. */
bool snp_minimum_read(struct snp_minimum *m, struct span word);

#endif
