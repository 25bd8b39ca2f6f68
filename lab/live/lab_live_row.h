/* The table of the lab's machines (lab_live.h says what they are). */
#ifndef SITUS_LAB_LIVE_LIVE_ROW_H
#define SITUS_LAB_LIVE_LIVE_ROW_H

#include <stdbool.h>
#include <stddef.h>

struct lab_live_row {
    const char *name;
    unsigned number; /* of the processor (lab_platform_honest) */
    bool metal, enrolled;
    bool snp;       /* an SEV-SNP guest, without a TPM */
    bool paravisor; /* a TD under a paravisor, as Azure's: its TPM is in it */
};

/* lab_live_row is a row of the table of machines; NULL after the last. lab_live_find finds one. */
const struct lab_live_row *lab_live_row(size_t i);
const struct lab_live_row *lab_live_find(const char *name);

#endif
