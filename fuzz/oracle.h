/*
 * What a harness checks beyond "no crash", and how often it came to do so. tools/fuzz.sh runs each
 * harness over its first inputs and fails when an oracle was not reached: a harness whose seeds the
 * reader refuses finds nothing.
 */
#ifndef SITUS_FUZZ_ORACLE_H
#define SITUS_FUZZ_ORACLE_H

#include <stddef.h>

#define ORACLES_MAX 8

/* The harness defines the names of its oracles, NULL at the end. */
extern const char *const oracles[];

/* oracle_ran counts that oracle i was reached and held. The counts are told on stderr at exit. */
void oracle_ran(size_t i);

#endif
