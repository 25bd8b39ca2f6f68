/* Collateral on disk: how files of a collateral directory are named, read and told apart. */
#ifndef SITUS_CLI_COLLATERAL_H
#define SITUS_CLI_COLLATERAL_H

#include "cli/dir.h"
#include "endorse/intel/snapshot.h"

/*
 * Names of the parts in a directory that situs writes: "tdx-tcb-<fmspc>.json", "tdx-qe.json",
 * "pck-platform.crl", "root.crl" (and sgx, processor), so that newer ones replace older ones; an
 * issuer chain is "chain-<hash>.pem", since several may be needed at once.
 */
void collateral_name_tcb(char name[DIR_NAME], bool tdx, const uint8_t fmspc[6]);
void collateral_name_chain(char name[DIR_NAME], struct span pem);
const char *collateral_name_qe(bool tdx);
const char *collateral_name_crl(bool platform);
#define COLLATERAL_ROOT_CRL "root.crl"

/* collateral_ours says that a file of this name is one that situs writes. */
bool collateral_ours(const char *name);

/* The parts of --collateral: files and directories, read whole. The zero state may be freed. */
struct collateral {
    struct dir files;
    struct collateral_part parts[LIMIT_COLLATERAL_PARTS];
    size_t n;
};

/* collateral_parts makes the parts of the files that are there now. */
void collateral_parts(struct collateral *c);

/* collateral_add reads a file, or every file of a directory, and adds the parts. */
bool collateral_add(struct collateral *c, const char *path, struct situs_err *err);

/* collateral_sort puts a part into d under its name, told by content; the parts of a dcap-qvl JSON
 * each. Unknown when it is none of these. */
bool collateral_sort(struct dir *d, const struct collateral_part *part, struct situs_err *err);

void collateral_free(struct collateral *c);

#endif
