/* Which events of RTMR0 are PCR 7's, by what they are the hash of (DESIGN: measurements, 4). */
#ifndef SITUS_APPRAISE_BOOT_PCR7_H
#define SITUS_APPRAISE_BOOT_PCR7_H

#include "base/span.h"

/*
 * boot_pcr7_tells says that an event of RTMR0 shows itself that it is PCR 7's: its digest (SHA-384)
 * is the hash of its data, which is the first separator or a variable of Secure Boot. *separator is
 * whether one came before; it is set by the first.
 */
bool boot_pcr7_tells(struct span data, struct span digest, bool *separator);

#endif
