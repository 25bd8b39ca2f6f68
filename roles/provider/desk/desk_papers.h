/* Tables of machines: the supplier's papers, and what the machines say they are. */
#ifndef SITUS_PROVIDER_DESK_DESK_PAPERS_H
#define SITUS_PROVIDER_DESK_DESK_PAPERS_H

#include "provider/desk/desk.h"

struct desk_papers {
    const char *path;
    const char *vouch; /* for manifests without a receipt; NULL: nobody */
    const struct trust *trust;
    int64_t at;
    bool dry_run;
    /* What came of it: machines, and platform instances that were stated. */
    struct fleet_counted machines;
    size_t stated;
    bool claims; /* the table has their columns */
};

/*
 * desk_papers_add adds what a table says, in one transaction: FLEET_CSV, FLEET_CSV_CLAIMS after
 * "machine", or both in a line. Manifest and PCK chain are files, whose paths begin where the table
 * lies; the receipt is 32 hex digits. A row whose last three cells are empty states nothing.
 */
bool desk_papers_add(struct fleet *f, const struct fleet_act *act, struct desk_papers *p,
                     struct situs_err *err);

#endif
