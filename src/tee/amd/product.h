/* AMD's processors with SEV-SNP and the parts of their TCB (AMD 56860, 2.2 to 2.4; 57230, 3.1). */
#ifndef SITUS_TEE_AMD_PRODUCT_H
#define SITUS_TEE_AMD_PRODUCT_H

#include "base/wr.h"
#include "model/snp_minimum.h"

struct product {
    const char *name;
    size_t chip_id;    /* bytes of CHIP_ID that tell the processor */
    int at[SNP_PARTS]; /* of each part in TCB_VERSION; -1: none */
};

/* product_by_name finds it by the name of a VEK certificate ("Milan-B0", "Genoa"); NULL: unknown. */
const struct product *product_by_name(struct span name);

/* product_by_cpuid finds it by family and model; NULL: unknown. */
const struct product *product_by_cpuid(uint8_t family, uint8_t model);

/* product_tcb_well says that the bytes of a TCB_VERSION which stand for no part are zero. */
bool product_tcb_well(const struct product *p, struct span tcb);

#define PRODUCT_TCB_TEXT 80

/* product_tcb_text writes a TCB_VERSION as "bootloader 4 tee 0 snp 24 microcode 219" and returns
 * it. */
char *product_tcb_text(char text[PRODUCT_TCB_TEXT], const struct product *p, struct span tcb);

/* product_minimum_write writes the same levels as a policy has them (snp.tcb, minimum): "Milan bootloader=4 tee=0
 * snp=24 microcode=219". */
void product_minimum_write(const struct product *p, struct span tcb, struct wr *w);

#endif
