/* Collateral on disk: how files of a collateral directory are named, read and told apart. */
#ifndef SITUS_CLI_COLLATERAL_H
#define SITUS_CLI_COLLATERAL_H

#include "cli/dir.h"
#include "endorse/intel/snapshot.h"

/* collateral_name_* are the names of the parts: "tdx-tcb-<fmspc>.json", "tdx-qe.json",
 * "pck-platform.crl", "root.crl", each chain under its item's name with ".pem". */
void collateral_name_tcb(char name[DIR_NAME], bool tdx, const uint8_t fmspc[6], const char *suffix);
const char *collateral_name_qe(bool tdx, bool chain);
const char *collateral_name_crl(bool platform, bool chain);
#define COLLATERAL_ROOT_CRL "root.crl"

/* collateral_ours says that a file of this name is one that situs writes. */
bool collateral_ours(const char *name);

/* The parts of --collateral: files and directories, read whole. The zero state may be freed. */
struct collateral {
    struct dir files; /* names are unique: path-derived */
    struct collateral_part parts[LIMIT_COLLATERAL_PARTS];
    size_t n;
};

/* collateral_add reads a file, or every file of a directory, and adds the parts. */
bool collateral_add(struct collateral *c, const char *path, struct situs_err *err);
void collateral_free(struct collateral *c);

#endif
