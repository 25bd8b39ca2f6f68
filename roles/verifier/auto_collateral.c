/* Collateral by itself; see auto_collateral.h. */
#include "verifier/auto_collateral.h"

#include "base/text.h"
#include "collateral/collateral_state.h"
#include "collateral/wanted.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "program/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DAY 86400
#define WORD "auto"

static size_t find(const struct words *w)
{
    size_t i = 0;
    while (i < w->n && strcmp(w->v[i], WORD) != 0 && strncmp(w->v[i], WORD "=", sizeof WORD) != 0)
        i++;
    return i;
}

bool auto_collateral_asked(const struct words *collateral)
{
    return find(collateral) < collateral->n;
}

static void drop(struct words *collateral, size_t i)
{
    for (collateral->n--; i < collateral->n; i++)
        collateral->v[i] = collateral->v[i + 1];
}

/* The user's cache (XDG Base Directory Specification 0.8), made where it is not there. */
static bool cache(char dir[PATH_MAX], const char *name)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool own = base && base[0] == '/';
    if (!own && (!home || home[0] != '/')) {
        out_error("--collateral auto has no place for its cache");
        out_hint("set HOME or XDG_CACHE_HOME, or fetch into a directory: situs collateral fetch");
        return false;
    }
    int n = snprintf(dir, PATH_MAX, "%s%s/situs/collateral/%s", own ? base : home,
                     own ? "" : "/.cache", name);
    for (char *p = dir + 1; n > 0 && n < PATH_MAX && (p = strchr(p, '/')) != NULL; p++) {
        *p = 0;
        bool made = mkdir(dir, 0700) == 0 || errno == EEXIST;
        if (!made) {
            out_error("%s: cannot be made: %s", dir, strerror(errno));
            out_hint("--collateral auto keeps its cache there: make it, or name another with "
                     "XDG_CACHE_HOME");
        }
        *p = '/';
        if (!made)
            return false;
    }
    return n > 0 && n < PATH_MAX;
}

/* is_own says that a cache is there in which no stranger chose among what is current. */
static bool is_own(const char *dir, struct stat *st)
{
    return stat(dir, st) == 0 && st->st_uid == geteuid() && !(st->st_mode & S_IWOTH);
}

/* is_of_today says that the directory was written within a day, and that all of it holds and is
 * current. */
static bool is_of_today(const char *dir, const struct wanted *w, const struct situs_trust *trust)
{
    struct stat st;
    struct situs_err ignored = {0};
    int64_t now = (int64_t)time(NULL);
    if (!is_own(dir, &st) || st.st_mtime > now || st.st_mtime < now - DAY)
        return false;
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    bool ok = c && collateral_add(c, dir, &ignored) &&
              load_snapshot(&s, c->parts, c->n, trust, &ignored) &&
              wanted_met(w, s.snapshot, &ignored) && collateral_current(s.snapshot, now, &ignored);
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
    return ok;
}

/* run runs the program and says that it did what it should; its errors are on stderr already. */
static bool run(const char *path, char *const *argv)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO); /* the report is ours alone */
        execv(path, argv);
        out_error("%s: cannot be run: %s", path, strerror(errno));
        _exit(EXIT_USAGE);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_GOOD;
}

static bool fetch(const struct wanted *w, const char *dir, const char *url, const char *trust)
{
    char path[PATH_MAX];
    const struct wanted_info *info = &w->info[0];
    char *fmspc = TEXT_HEX(SPAN_ARR(info->fmspc));
    const char *argv[9 + 4 + 3 + 1] = {program_name(PROGRAM_fetch),
                                       "collateral",
                                       "fetch",
                                       "--fmspc",
                                       fmspc,
                                       "--ca",
                                       w->platform_crl ? "platform" : "processor",
                                       "--tee",
                                       info->tdx ? "tdx" : "sgx"};
    size_t n = 9;
    if (url) {
        argv[n++] = "--url";
        argv[n++] = url;
    }
    if (trust) {
        argv[n++] = "--trust";
        argv[n++] = trust;
    }
    argv[n++] = "--replace";
    argv[n++] = "--";
    argv[n++] = dir;
    out_note("fetching the collateral of platform %s from %s into %s", fmspc,
             url ? url : "Intel's service", dir);
    return program_find(path, PROGRAM_fetch) && run(path, (char *const *)(uintptr_t)argv);
}

void auto_collateral(struct words *collateral, char dir[PATH_MAX], struct span evidence,
                     const char *trust_file, const struct situs_trust *trust)
{
    struct situs_err ignored = {0};
    struct wanted w = {.n = 0};
    struct stat st;
    size_t i = find(collateral);
    if (i == collateral->n)
        return;
    const char *url = collateral->v[i][sizeof WORD - 1] ? collateral->v[i] + sizeof WORD : NULL;
    char name[40];
    bool ok =
        wanted_by_evidence(&w, evidence, &ignored); /* else the appraisal says what is wrong */
    if (ok && w.n == 0) {
        out_note("--collateral auto knows Intel's service alone: \"situs collateral fetch --for "
                 "EVIDENCE DIR\" "
                 "asks AMD's, and DIR is given here");
        ok = false;
    }
    if (ok)
        snprintf(name, sizeof name, "%s-%s-%s", w.info[0].tdx ? "tdx" : "sgx",
                 TEXT_HEX(SPAN_ARR(w.info[0].fmspc)), w.platform_crl ? "platform" : "processor");
    ok = ok && cache(dir, name);
    if (ok && is_of_today(dir, &w, trust))
        out_note("collateral: %s", dir);
    else if (ok && !fetch(&w, dir, url, trust_file))
        ok = is_own(dir, &st); /* what is there may still be in its time */
    if (ok)
        collateral->v[i] = dir;
    else
        drop(collateral, i);
}
