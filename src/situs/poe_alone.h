/* What became of an endorsement that was asked alone; its reports are poe_report.c's. */
#ifndef SITUS_SITUS_POE_ALONE_H
#define SITUS_SITUS_POE_ALONE_H

#include "situs/door.h"

#define POE_ROWS 4

struct situs_poe {
    const char *name; /* of the endorsement, for people */
    bool asked[POE_ROWS];
    struct findings findings;
    struct claims claims;
    struct situs_err err; /* why nothing was judged */
    struct situs_poe_request asked_for;
    bool err_in_request; /* err is of what the caller gave beside the endorsement */
};

/* poe_row is row i of the four. */
enum check poe_row(size_t i);

#endif
