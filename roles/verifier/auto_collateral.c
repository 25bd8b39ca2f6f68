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
#include <sys/mman.h>
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

/* run runs the program with these bytes on its standard input, and says that it did what it should; its errors are on
 * stderr already. */
static bool run(const char *path, char *const *argv, struct span input)
{
    int status = 0, in = memfd_create("evidence", MFD_CLOEXEC);
    bool ready =
        in >= 0 && write(in, input.p, input.n) == (ssize_t)input.n && lseek(in, 0, SEEK_SET) == 0;
    pid_t child = ready ? fork() : -1;
    if (child == 0) {
        dup2(in, STDIN_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO); /* the report is ours alone */
        execv(path, argv);
        out_error("%s: cannot be run: %s", path, strerror(errno));
        _exit(EXIT_USAGE);
    }
    if (in >= 0)
        close(in);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_GOOD;
}

/* The program reads the evidence as we do: it says what is wanted. */
static bool fetch(const char *name, struct span evidence, const char *dir, const char *url,
                  const char *trust)
{
    char path[PATH_MAX];
    const char *argv[5 + 4 + 3 + 1] = {program_name(PROGRAM_fetch), "collateral", "fetch", "--for",
                                       "-"};
    size_t n = 5;
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
    out_note("fetching the collateral of platform %s from %s into %s", name,
             url ? url : "its maker's service", dir);
    return program_find(path, PROGRAM_fetch) && run(path, (char *const *)(uintptr_t)argv, evidence);
}

#define CACHE_NAME 200

/* One directory a platform: of Intel's by FMSPC, of AMD's by chip and TCB, which the key that signed is of. */
static void name_cache(char name[CACHE_NAME], const struct wanted *w)
{
    const struct wanted_amd *amd = &w->amd[0];
    if (w->n)
        snprintf(name, CACHE_NAME, "%s-%s-%s", w->info[0].tdx ? "tdx" : "sgx",
                 TEXT_HEX(SPAN_ARR(w->info[0].fmspc)), w->platform_crl ? "platform" : "processor");
    else if (amd->vcek)
        snprintf(name, CACHE_NAME, "snp-%s-%s-%s", amd->product->name,
                 TEXT_HEX(span_of(amd->chip_id, amd->product->chip_id)),
                 TEXT_HEX(SPAN_ARR(amd->tcb)));
    else
        snprintf(name, CACHE_NAME, "snp-%s-vlek", amd->product->name);
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
    char name[CACHE_NAME];
    bool ok =
        wanted_by_evidence(&w, evidence, &ignored); /* else the appraisal says what is wrong */
    if (ok)
        name_cache(name, &w);
    ok = ok && cache(dir, name);
    if (ok && is_of_today(dir, &w, trust))
        out_note("collateral: %s", dir);
    else if (ok && !fetch(name, evidence, dir, url, trust_file))
        ok = is_own(dir, &st); /* what is there may still be in its time */
    if (ok)
        collateral->v[i] = dir;
    else
        drop(collateral, i);
}
