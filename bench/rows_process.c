/* Whole commands: situs verify with collateral.json, situs version, which only starts, and a program
 * that only starts OpenSSL. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "rows_tdx.h"

#define AT "2026-09-21T14:13:20Z" /* of rows_tdx.c */

extern char **environ;

static struct {
    char directory[32], file[BENCH_TDX_FILES][64];
    bool made;
} process;

static void clean(void)
{
    for (size_t i = 0; i < BENCH_TDX_FILES; i++)
        unlink(process.file[i]);
    rmdir(process.directory);
}

static bool write_file(const char *path, struct situs_item item)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(item.p, 1, item.size, f) == item.size;
    return f && fclose(f) == 0 && ok;
}

bool bench_process_setup(const char **reason)
{
    struct situs_item items[BENCH_TDX_FILES];
    if (process.made)
        return true;
    if (!bench_tdx_setup(reason))
        return false;
    bench_tdx_files(items);
    *reason = "no files below /tmp";
    snprintf(process.directory, sizeof process.directory, "/tmp/situs-bench-XXXXXX");
    if (!mkdtemp(process.directory))
        return false;
    atexit(clean);
    process.made = true;
    for (size_t i = 0; i < BENCH_TDX_FILES; i++) {
        snprintf(process.file[i], sizeof process.file[i], "%s/%zu", process.directory, i);
        process.made = write_file(process.file[i], items[i]) && process.made;
    }
    return process.made;
}

size_t bench_process_arena(void)
{
    return 0;
}

/* Runs the command n times; what it prints goes nowhere. */
static bool run(const char *program, const char *const argv[], size_t n)
{
    posix_spawn_file_actions_t quiet;
    bool good = posix_spawn_file_actions_init(&quiet) == 0 &&
                posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0) == 0;
    for (size_t i = 0; i < n && good; i++) {
        pid_t child;
        int status = 1;
        good = posix_spawn(&child, program, &quiet, NULL, (char **)(uintptr_t)argv, environ) == 0 &&
               waitpid(child, &status, 0) == child && status == 0;
    }
    posix_spawn_file_actions_destroy(&quiet);
    return good;
}

bool bench_process_openssl(size_t n)
{
    const char *const argv[] = {"openssl-start", NULL};
    return run(OPENSSL_PROGRAM, argv, n);
}

bool bench_process_version(size_t n)
{
    const char *const argv[] = {"situs", "version", NULL};
    return run(SITUS_PROGRAM, argv, n);
}

bool bench_process_verify(size_t n)
{
    const char *const argv[] = {"situs",         "verify",
                                "--trust",       process.file[0],
                                "--policy",      process.file[1],
                                "--collateral",  process.file[2],
                                "--at",          AT,
                                process.file[3], NULL};
    return run(SITUS_PROGRAM, argv, n);
}
