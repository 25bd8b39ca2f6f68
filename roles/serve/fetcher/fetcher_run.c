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
    option(l, "--ca", s->platforms.n ? s->ca : NULL);
    option(l, "--tee", s->platforms.n ? s->tee : NULL);
    option(l, "--key", s->products.n ? s->key : NULL);
    option(l, "--url", s->url);
    for (size_t i = 0; i < s->platforms.n; i++)
        option(l, "--fmspc", s->platforms.v[i]);
    for (size_t i = 0; i < s->products.n; i++)
        option(l, "--product", s->products.v[i]);
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

/* What a process has of the service's. */
struct has {
    const char *program, *cache, *proxy; /* cache and proxy may be NULL */
    const char *reads[5];                /* some may be NULL */
    int in;                              /* its standard input; -1: the service's own */
};

/* become makes this process the program, with nothing of the service's: no descriptor, no file but the cache and
 * what it must read, no environment (a credential's folder is named there), no new privilege; it ends with the supervisor. */
static _Noreturn void become(const struct line *l, const struct has *h, int said, pid_t parent)
{
    char room[600];
    char *environment[] = {NULL, NULL};
    sigset_t none;
    sigemptyset(&none);
    snprintf(room, sizeof room, "https_proxy=%s", h->proxy ? h->proxy : "");
    environment[0] = h->proxy ? room : NULL;
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
              dup2(said, STDOUT_FILENO) == STDOUT_FILENO &&
              (h->in == -1 || dup2(h->in, STDIN_FILENO) == STDIN_FILENO) &&
              close_range(STDERR_FILENO + 1, ~0U, 0) == 0 &&
              serve_confine_fetcher(h->cache, h->reads, sizeof h->reads / sizeof *h->reads) &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
              limit(RLIMIT_FSIZE, FILE_MOST) && limit(RLIMIT_NOFILE, DESCRIPTORS) &&
              sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ok)
        execve(h->program, (char *const *)(uintptr_t)l->v, environment);
    out_error("%s: cannot be run: %s", h->program, strerror(errno));
    _exit(1);
}

/* begin starts a process; 0: it could not be, which is said with the name of what it is for. */
static pid_t begin(const struct line *l, const struct has *h, const char *name, int *said)
{
    int ends[2] = {-1, -1};
    pid_t parent = getpid();
    *said = -1;
    pid_t pid = pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? fork() : -1;
    if (pid == 0)
        become(l, h, ends[1], parent);
    if (ends[1] != -1)
        close(ends[1]);
    if (pid > 0) {
        *said = ends[0];
        return pid;
    }
    if (ends[0] != -1)
        close(ends[0]);
    out_error("%s cannot be asked now: %s", name, strerror(errno));
    return 0;
}

pid_t fetcher_run(const char *program, const struct serve_fetch *f, size_t source, int *said)
{
    const struct serve_source *s = &f->v[source];
    const struct has h = {
        program, f->cache, f->proxy, {program, s->trust, s->issuer, s->file, f->cacert}, -1};
    char timeout[24], to[PATH_MAX];
    struct line l = {.n = 0};
    snprintf(timeout, sizeof timeout, "%lld", (long long)f->timeout);
    serve_source_path(f, source, to);
    words_for(&l, f, s, timeout, to);
    return begin(&l, &h, s->name, said);
}

pid_t fetcher_run_hook(const char *program, const struct serve_fetch *f,
                       const struct serve_hook *hook, int64_t timeout, int event, int *said)
{
    const char *cacert = hook->cacert ? hook->cacert : f->cacert;
    const struct has h = {program, NULL, f->proxy, {program, cacert}, event};
    char seconds[24];
    struct line l = {.n = 0};
    snprintf(seconds, sizeof seconds, "%lld", (long long)timeout);
    add(&l, program_name(PROGRAM_fetch));
    add(&l, "event");
    add(&l, "push");
    option(&l, "--url", hook->url);
    option(&l, "--cacert", cacert);
    option(&l, "--timeout", seconds);
    add(&l, "--retry-after");
    add(&l, "-");
    l.v[l.n] = NULL;
    return begin(&l, &h, hook->name, said);
}

int64_t fetcher_retry_after(int said)
{
    char text[64];
    uint64_t seconds = 0;
    ssize_t n = said == -1 ? -1 : read(said, text, sizeof text);
    struct span s = span_of(text, n > 0 ? (size_t)n : 0);
    if (span_starts(s, SPAN_LIT("retry-after ")) && s.p[s.n - 1] == '\n')
        text_number(span_cut(s, 12, s.n - 13), 1, 86400, &seconds); /* or 0 */
    return 1000 * (int64_t)seconds;
}
