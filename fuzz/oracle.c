/* Counts of oracles; see oracle.h. */
#include "oracle.h"

#include <assert.h>
#include <stdio.h>

static unsigned long count[ORACLES_MAX];

void oracle_ran(size_t i)
{
    assert(i < ORACLES_MAX && oracles[i]);
    count[i]++;
}

__attribute__((destructor)) static void tell(void)
{
    for (size_t i = 0; oracles[i]; i++)
        fprintf(stderr, "oracle: %s: %lu\n", oracles[i], count[i]);
}
