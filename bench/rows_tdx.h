/* The evidence of rows_tdx.c, for rows that give it to a program. */
#ifndef SITUS_BENCH_ROWS_TDX_H
#define SITUS_BENCH_ROWS_TDX_H

#include "situs.h"

#define BENCH_TDX_FILES 4

/* bench_tdx_files is trust file, policy, collateral.json and quote, after bench_tdx_setup. */
void bench_tdx_files(struct situs_item items[BENCH_TDX_FILES]);

#endif
