/* Collateral on disk, read from files and directories. */
#ifndef SITUS_COLLATERAL_COLLATERAL_H
#define SITUS_COLLATERAL_COLLATERAL_H

#include "base/limits.h"
#include "frame/dir.h"
#include "situs.h"

/* The parts of a snapshot, read whole. The zero state may be freed. */
struct collateral {
    struct dir files;
    struct situs_item parts[LIMIT_COLLATERAL_PARTS]; /* of files, one each */
    size_t n;
};

/* collateral_add reads a file, or every file of a directory, and adds the parts. */
bool collateral_add(struct collateral *c, const char *path, struct situs_err *err);

/* collateral_parts makes the parts of the files that are there now. */
void collateral_parts(struct collateral *c);
void collateral_free(struct collateral *c);

#endif
