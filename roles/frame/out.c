/* Output; see out.h. */
#include "frame/out.h"

#include "frame/exits.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void talk(const char *prefix, const char *format, va_list args)
{
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    for (char *p = line; *p; p++) /* names come from outside: no control characters to a terminal */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    fprintf(stderr, "situs: %s%s\n", prefix, line);
}

void out_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    talk("error: ", format, args);
    va_end(args);
}

void out_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    talk("hint: ", format, args);
    va_end(args);
}

void out_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    talk("", format, args);
    va_end(args);
}

static char waiting[256]; /* what the handler writes, whole */
static size_t waiting_n;

static void on_alarm(int signal)
{
    int kept = errno;
    ssize_t ignored = write(STDERR_FILENO, waiting, waiting_n);
    (void)signal, (void)ignored;
    errno = kept;
}

void out_wait(const char *what)
{
    const struct itimerval never = {{0, 0}, {0, 0}}, soon = {{10, 0}, {2, 0}};
    struct sigaction tell = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    setitimer(ITIMER_REAL, &never, NULL);
    if (!what)
        return;
    int n = snprintf(waiting, sizeof waiting - 1, "situs: waiting for %s", what);
    waiting_n = (size_t)n < sizeof waiting - 2 ? (size_t)n : sizeof waiting - 2;
    for (size_t i = 0; i < waiting_n; i++)
        if ((unsigned char)waiting[i] < 0x20 || waiting[i] == 0x7f)
            waiting[i] = '?';
    waiting[waiting_n++] = '\n';
    sigaction(SIGALRM, &tell, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
}

/* Milliseconds of a clock that never runs backwards, when out_verbose was called; 0: it was not. */
static double verbose_since;

static double now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void out_verbose(void)
{
    verbose_since = now();
}

void out_step(const char *format, ...)
{
    char prefix[32];
    va_list args;
    if (verbose_since == 0)
        return;
    snprintf(prefix, sizeof prefix, "%8.1f ms  ", now() - verbose_since);
    va_start(args, format);
    talk(prefix, format, args);
    va_end(args);
}

/* is_part says that a part is the file's name, from whose front err_fail may have cut, or the last
 * word of it. */
static bool is_part(const char *part, const char *file)
{
    size_t n = strlen(file), m = strlen(part);
    const char *slash = strrchr(file, '/');
    if (slash && strcmp(slash + 1, part) == 0)
        return true;
    if (strncmp(part, "...", 3) != 0 || m - 3 > n)
        return strcmp(part, file) == 0;
    return strcmp(file + n - (m - 3), part + 3) == 0;
}

static char *const *words; /* of the command line, the last one NULL */

void out_words(char *const *argv)
{
    words = argv;
}

/* whole is the word of the command line from whose front err_fail had to cut, or what stands in it
 * behind = or -p; of another part that part. */
static const char *whole(const char *part)
{
    for (char *const *w = words; w && *w && strncmp(part, "...", 3) == 0; w++) {
        const char *value = strchr(*w, '=');
        const char *name = (*w)[0] == '-' && (*w)[1] != '-' && (*w)[1] ? *w + 2 : *w;
        if (value && is_part(part, value + 1))
            return value + 1;
        if (is_part(part, name))
            return name;
    }
    return part;
}

void out_failure_of(const char *file, const struct situs_err *err)
{
    char at[48] = "";
    bool same = file && is_part(err->part, file), named = !file || same;
    const char *field = strcmp(err->field, err->part) == 0 ? "" : err->field;
    if (err->at != SITUS_NO_OFFSET)
        snprintf(at, sizeof at, " at byte %zu", err->at);
    out_error("%s%s%s%s%s%s: %s%s%s%s%s", named ? "" : file, named ? "" : ": ",
              same ? file : whole(err->part), field[0] ? ": " : "", field, at,
              err_code_name(err->code), err->expected[0] ? ": expected " : "", err->expected,
              err->got[0] ? (err->expected[0] ? ", got " : ": got ") : "", err->got);
    const char *hint = err->hint[0] ? err->hint : err_code_hint(err->code);
    if (hint[0])
        out_hint("%s", hint);
}

void out_failure(const struct situs_err *err)
{
    out_failure_of(NULL, err);
}

void out_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void out_bytes(struct span s)
{
    if (s.n)
        fwrite(s.p, 1, s.n, stdout);
}

static bool unfit; /* output that did not fit its memory was left out */

void out_written(const struct wr *w, bool json)
{
    unfit = unfit || !wr_ok(w);
    out_bytes(wr_span(w));
    if (json)
        out_print("\n");
}

int out_report(const char *text, size_t n, size_t room, bool json, int exit)
{
    if (n >= room) {
        out_error("the report does not fit its memory");
        return EXIT_USAGE;
    }
    out_bytes(span_of(text, n));
    if (json)
        out_print("\n");
    return exit;
}

int out_finish(int exit)
{
    errno = 0;
    bool wrote = fflush(stdout) == 0 && !ferror(stdout);
    if (wrote && !unfit)
        return exit;
    if (wrote)
        out_error("the answer does not fit its memory");
    else
        out_error("cannot write to standard output: %s",
                  errno ? strerror(errno) : "the output is cut short");
    out_hint("the result is incomplete: do not use it");
    return EXIT_USAGE;
}

bool out_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}
