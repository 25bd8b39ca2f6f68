/*
 * The programs that situs is made of (docs/DESIGN.md: layers). "situs" itself appraises, and links
 * nothing but libcrypto and jansson; a command that talks to a network, a TPM, a database or the
 * lab is in a program of its own, which situs becomes, by exec and with the same words.
 */
#ifndef SITUS_PROGRAM_PROGRAM_H
#define SITUS_PROGRAM_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

enum program {
    PROGRAM_situs,
    PROGRAM_attest,
    PROGRAM_connect,
    PROGRAM_fetch,
    PROGRAM_fleet,
    PROGRAM_host,
    PROGRAM_judge, /* of situs-serve alone: it has no command */
    PROGRAM_lab,
    PROGRAM_registrar,
    PROGRAM_serve,
    PROGRAM_watch,
    PROGRAM_every, /* in commands.def: each of them has the command */
    PROGRAM_itself /* it is part of finding commands: help */
};

/* program_name is "situs", or "situs-fleet" and the like. */
const char *program_name(enum program program);

/*
 * program_find finds another of these programs: in the folder that this one was started from (the
 * build's), else where make install puts it, seen from there. PATH and the rest of the environment
 * have no say. A folder where a stranger could have put it beside an honest situs is refused.
 * False: said on stderr.
 */
bool program_find(char path[PATH_MAX], enum program program);

/* program_become replaces this program by another, with the same arguments. It returns, an exit
 * code, only when it cannot. */
int program_become(enum program program, char **argv);

#endif
