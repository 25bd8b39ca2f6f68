/* Exit codes that the programs give of themselves; those of a verdict come from checks.def. */
#ifndef SITUS_FRAME_EXITS_H
#define SITUS_FRAME_EXITS_H

#include "situs.h"

enum exit_code {
    EXIT_GOOD = 0,
    EXIT_USAGE = 1,
    EXIT_BAD_BYTES = 2,
    EXIT_COLLATERAL = 3,
    EXIT_REFUSED = 6,
    EXIT_BUSY = 7,   /* busy, or not to be reached: try again */
    EXIT_DIFFERS = 8 /* two things that were compared are not the same */
};

/* exits_of is the exit code of a role's failure: 2 for bytes that do not parse, 1 for what is
 * absent, 7 for what is busy, else 6: a TPM, an agent or a registrar refused. */
int exits_of(const struct situs_err *err);

#endif
