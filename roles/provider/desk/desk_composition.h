/* Composition manifests of suppliers, from files into the inventory. */
#ifndef SITUS_PROVIDER_DESK_DESK_COMPOSITION_H
#define SITUS_PROVIDER_DESK_DESK_COMPOSITION_H

#include "frame/file.h"
#include "provider/desk/desk.h"

#define DESK_COMPOSITION_DAYS 365 /* how old a manifest may be, when nobody says otherwise */

/*
 * desk_composition_read reads a composition manifest and verifies it: an anchor of trust for
 * suppliers ends its chain, and at the time it is at most so many days old. c's machine and site
 * are the caller's; what c points to lives in file and in trust.
 */
bool desk_composition_read(struct fleet_composition *c, struct file *file, const char *path,
                           const struct trust *trust, int64_t at, int64_t days,
                           struct situs_err *err);

#endif
