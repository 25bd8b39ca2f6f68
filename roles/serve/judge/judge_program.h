/*
 * The judges' second build: situs-judge, a program of the same sources by another compiler, or by the same one with other
 * optimisation, so that what a compiler did wrong, or an exploit of one layout, is not in both judges of a token.
 */
#ifndef SITUS_SERVE_JUDGE_PROGRAM_H
#define SITUS_SERVE_JUDGE_PROGRAM_H

#include "serve/world/serve_config.h"

/* Descriptors with which it begins: the keeper's other end, and the world (serve_pack.h). */
#define JUDGE_PROGRAM_KEEPER 3
#define JUDGE_PROGRAM_PACK 4

/* judge_program_can says that the program is there, where a configuration needs it; false: said on stderr. */
bool judge_program_can(const struct serve_config *c);

/* judge_program_become makes this process a nursery of the second build, for whoever holds the other end of socket, with
 * the files of a pack (serve_pack.h) and none else. It returns, an exit code, only when it cannot. */
int judge_program_become(int pack, int socket);

#endif
