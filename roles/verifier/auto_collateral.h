/*
 * "--collateral auto": the collateral of the evidence's platform, out of a cache of the user's own,
 * fetched where that has none of today. The network is asked by situs-fetch, another program
 * (program/program.h), and only where the word was given.
 */
#ifndef SITUS_VERIFIER_AUTO_COLLATERAL_H
#define SITUS_VERIFIER_AUTO_COLLATERAL_H

#include "frame/args.h"
#include "frame/load.h"

#include <limits.h>

/* auto_collateral_asked says that one of the words is "auto", or "auto=URL" with the base address
 * of a PCCS; a file of that name is given as ./auto. */
bool auto_collateral_asked(const struct words *collateral);

/*
 * auto_collateral puts the directory of the cache (dir has room for it) in its place: fetched within
 * a day and current as it is, else fetched anew, which is told on stderr. What could not be fetched
 * leaves what the cache has, or is dropped: the appraisal says what is missing. trust_file is
 * trust's; NULL: built in.
 */
void auto_collateral(struct words *collateral, char dir[PATH_MAX], struct span evidence,
                     const char *trust_file, const struct situs_trust *trust);

#endif
