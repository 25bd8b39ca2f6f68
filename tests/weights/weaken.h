/*
 * A check that is weakened: its decider runs as ever, but what would fail the row, or leave it out,
 * passes it, and the decider goes on with what it would have given. The linker (--wrap) puts these
 * in place of the library's finding_fail, finding_fail_err, finding_in_window and finding_skip, in
 * the programs of this folder alone: the library itself has no such switch.
 *
 * A unit program is told by its environment: WEAKEN the row's id, ONLY_TEST the test to run.
 */
#ifndef SITUS_TESTS_WEAKEN_H
#define SITUS_TESTS_WEAKEN_H

#include "model/finding.h"

/* The row; CHECK_COUNT: none. */
extern enum check weakened;

#endif
