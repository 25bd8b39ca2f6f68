/* Passphrases and PINs; see secret.h. */
#include "provider/desk/secret.h"

#include "base/text.h"
#include "frame/file.h"

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

/* ask asks on the terminal, and does not show what is typed. */
static void ask(struct secret *s, const char *what)
{
    struct termios shown, hidden;
    struct situs_err none = {0};
    char line[SECRET_MAX + 2] = "";
    FILE *tty = fopen("/dev/tty", "r+");
    if (!tty || tcgetattr(fileno(tty), &shown) != 0) {
        if (tty)
            fclose(tty);
        return;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(tty, "%s: ", what);
    fflush(tty);
    tcsetattr(fileno(tty), TCSAFLUSH, &hidden);
    if (fgets(line, sizeof line, tty))
        take(s, span_text(line), "terminal", &none);
    tcsetattr(fileno(tty), TCSAFLUSH, &shown);
    fprintf(tty, "\n");
    fclose(tty);
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
