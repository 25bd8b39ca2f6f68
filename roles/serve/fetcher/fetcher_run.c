/* A process that asks; see fetcher_run.h. */
#include "serve/fetcher/fetcher_run.h"

#include "base/text.h"
#include "frame/out.h"
#include "program/program.h"
#include "serve/world/serve_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define WORDS 96
#define FILE_MOST (128L * 1024 * 1024) /* bytes that it may write into one file */
#define DESCRIPTORS 64

struct line {
    const char *v[WORDS];
    size_t n;
};

static void add(struct line *l, const char *word)
{
    if (l->n < WORDS - 1)
        l->v[l->n++] = word;
}

/* option adds one with its value, where it has one. */
static void option(struct line *l, const char *name, const char *value)
{
    if (!value)
        return;
    add(l, name);
    add(l, value);
}

static void collateral(struct line *l, const struct serve_source *s)
{
    add(l, "--replace");
    option(l, "--ca", s->ca);
    option(l, "--tee", s->tee);
    option(l, "--url", s->url);
    for (size_t i = 0; i < s->platforms.n; i++)
        option(l, "--fmspc", s->platforms.v[i]);
    if (s->kind == SERVE_SOURCE_EARLY)
        add(l, "--early");
}

static void endorsement(struct line *l, const struct serve_fetch *f, const struct serve_source *s)
{
    option(l, "--url", s->url);
    option(l, "--issuer", s->issuer);
    option(l, "--refresh", s->file);
    for (size_t i = 0; s->file && i < f->hosts.n; i++)
        option(l, "--host", f->hosts.v[i]);
}

static void words_for(struct line *l, const struct serve_fetch *f, const struct serve_source *s,
                      const char *timeout, const char *to)
{
    bool words = s->kind == SERVE_SOURCE_ENDORSEMENT || s->kind == SERVE_SOURCE_REFRESH;
    add(l, program_name(PROGRAM_fetch));
    add(l, words ? "endorsement" : "collateral");
    add(l, "fetch");
    if (words)
        endorsement(l, f, s);
    else
        collateral(l, s);
    option(l, "--trust", s->trust);
    option(l, "--cacert", f->cacert);
    option(l, "--timeout", timeout);
    option(l, "--retries", "0");
    add(l, "--retry-after");
    add(l, "--");
    add(l, to);
    l->v[l->n] = NULL;
}

static bool limit(int what, rlim_t most)
{
    const struct rlimit r = {most, most};
    return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

/* become makes this process the program, with nothing of the service's: no descriptor, no file but the cache and
 * what it must read, no environment (a credential's folder is named there), no new privilege; it ends with the supervisor. */
static _Noreturn void become(const char *program, const struct line *l, const struct serve_fetch *f,
                             const struct serve_source *s, int said, pid_t parent)
{
    const char *const reads[] = {program, s->trust, s->issuer, s->file, f->cacert};
    char room[600];
    char *environment[] = {NULL, NULL};
    sigset_t none;
    sigemptyset(&none);
    snprintf(room, sizeof room, "https_proxy=%s", f->proxy ? f->proxy : "");
    environment[0] = f->proxy ? room : NULL;
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
              dup2(said, STDOUT_FILENO) == STDOUT_FILENO &&
              close_range(STDERR_FILENO + 1, ~0U, 0) == 0 &&
              serve_confine_fetcher(f->cache, reads, sizeof reads / sizeof *reads) &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
              limit(RLIMIT_FSIZE, FILE_MOST) && limit(RLIMIT_NOFILE, DESCRIPTORS) &&
              sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ok)
        execve(program, (char *const *)(uintptr_t)l->v, environment);
    out_error("%s: cannot be run: %s", program, strerror(errno));
    _exit(1);
}

pid_t fetcher_run(const char *program, const struct serve_fetch *f, size_t source, int *said)
{
    const struct serve_source *s = &f->v[source];
    char timeout[24], to[PATH_MAX];
    struct line l = {.n = 0};
    int ends[2] = {-1, -1};
    pid_t parent = getpid();
    snprintf(timeout, sizeof timeout, "%lld", (long long)f->timeout);
    serve_source_path(f, source, to);
    words_for(&l, f, s, timeout, to);
    *said = -1;
    pid_t pid = pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? fork() : -1;
    if (pid == 0)
        become(program, &l, f, s, ends[1], parent);
    if (ends[1] != -1)
        close(ends[1]);
    if (pid > 0) {
        *said = ends[0];
        return pid;
    }
    if (ends[0] != -1)
        close(ends[0]);
    out_error("%s cannot be fetched now: %s", s->name, strerror(errno));
    return 0;
}
