/* Exit codes; see exits.h. */
#include "frame/exits.h"

int exits_of(const struct situs_err *err)
{
    switch (err->code) {
    case SITUS_MALFORMED:
    case SITUS_TOO_SHORT:
    case SITUS_TRAILING:
    case SITUS_DUPLICATE:
        return EXIT_BAD_BYTES;
    case SITUS_MISSING:
    case SITUS_TOO_LONG:
    case SITUS_NO_MEMORY:
        return EXIT_USAGE;
    case SITUS_BUSY:
        return EXIT_BUSY;
    default:
        return EXIT_REFUSED;
    }
}
