/* Passphrases and PINs; see secret.h. */
#include "provider/desk/secret.h"

#include "base/text.h"
#include "frame/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

void secret_wipe(struct secret *s)
{
    explicit_bzero(s, sizeof *s);
}

/* take keeps the first line. */
static bool take(struct secret *s, struct span text, const char *part, struct situs_err *err)
{
    const uint8_t *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
    size_t n = end ? (size_t)(end - text.p) : text.n;
    if (n && text.p[n - 1] == '\r')
        n--;
    if (n == 0 || n > SECRET_MAX) {
        err_fail(err, SITUS_MISSING, part, "passphrase", SITUS_NO_OFFSET,
                 "a line of 1 to 512 bytes", TEXT_BYTES(n));
        return err_hint(err, "the first line of the file is the passphrase, or the token's PIN");
    }
    memcpy(s->text, text.p, n);
    s->n = n;
    return true;
}

static bool from_file(struct secret *s, const char *path, struct situs_err *err)
{
    struct file file = {0};
    bool ok = file_read(&file, path, SECRET_MAX + 2, err) && take(s, file_span(&file), path, err);
    if (file.p)
        explicit_bzero(file.p, file.n);
    file_free(&file);
    return ok;
}

/* What would end or stop the program while the terminal does not show what is typed. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNALS (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught; /* one of them; 0: none */

static void on_signal(int signal)
{
    caught = signal;
}

/* read_line reads to the line's end, or until a signal comes, of whose line nothing is taken. */
static void read_line(int fd, char *line, size_t size)
{
    size_t n = 0;
    while (!caught && n + 1 < size) {
        ssize_t got = read(fd, line + n, 1);
        if (got == 1 && line[n++] == '\n')
            break;
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
    }
    line[caught ? 0 : n] = 0;
}

/* type_hidden reads a line without showing it. However that ends, the terminal shows again what is
 * typed, before a signal does what it does. */
static void type_hidden(int tty, const struct termios *shown, char *line, size_t size)
{
    const struct sigaction keep = {.sa_handler = on_signal}; /* no SA_RESTART: read ends */
    struct sigaction before[SIGNALS];
    struct termios hidden = *shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    caught = 0;
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &keep, &before[i]);
    tcsetattr(tty, TCSAFLUSH, &hidden);
    read_line(tty, line, size);
    tcsetattr(tty, TCSAFLUSH, shown);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    if (caught) {
        explicit_bzero(line, size);
        raise(caught);
    }
}

/* ask asks on the terminal. */
static void ask(struct secret *s, const char *what)
{
    struct termios shown;
    struct situs_err none = {0};
    char line[SECRET_MAX + 2] = "";
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return;
    if (tcgetattr(tty, &shown) == 0) {
        dprintf(tty, "%s: ", what);
        type_hidden(tty, &shown, line, sizeof line);
        dprintf(tty, "\n");
        take(s, span_text(line), "terminal", &none);
    }
    close(tty);
    explicit_bzero(line, sizeof line);
}

bool secret_read(struct secret *s, const char *path, const char *what, struct situs_err *err)
{
    memset(s, 0, sizeof *s);
    if (path)
        return from_file(s, path, err);
    if (isatty(STDIN_FILENO))
        ask(s, what);
    return true;
}
