/* Certified and withdrawn keys; see registrar_keys.h. */
#include "provider/registrar/registrar_keys.h"

#include "base/text.h"
#include "frame/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_ROOM 512
#define STATE_MAX ((size_t)1024 * 1024) /* bytes of one file */
#define NAME_SIZE 34                    /* an AK's Name: SHA-256 by its template (enrolment.c) */
#define SERIAL_DIGITS (2 * ISSUE_SERIAL)
#define NAME_DIGITS (2 * NAME_SIZE)
#define ISSUED ".issued"

/* One line of "revoked" or of NAME.issued, as far as it says. */
struct line {
    bool has_serial, has_name;
    uint8_t serial[ISSUE_SERIAL], name[NAME_SIZE];
    int64_t until;
};

static bool path_of(char path[PATH_ROOM], const char *directory, const char *name,
                    const char *suffix, struct situs_err *err)
{
    int n = snprintf(path, PATH_ROOM, "%s/%s%s", directory, name, suffix);
    return (n > 0 && n < PATH_ROOM) ||
           err_fail(err, SITUS_TOO_LONG, "state", "", SITUS_NO_OFFSET, "a shorter path", directory);
}

/* read_all reads a file of the directory; one that is not there is empty. */
static bool read_all(struct file *file, const char *path, struct situs_err *err)
{
    *file = (struct file){.path = path};
    return (access(path, F_OK) != 0 && errno == ENOENT) || file_read(file, path, STATE_MAX, err);
}

/* word is the next word of a line, up to a space. */
static struct span word(struct span *rest)
{
    const uint8_t *space = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    struct span w = span_cut(*rest, 0, space ? (size_t)(space - rest->p) : rest->n);
    *rest = space ? span_cut(*rest, w.n + 1, rest->n - w.n - 1) : span_of(NULL, 0);
    return w;
}

static bool read_until(int64_t *until, struct span digits)
{
    *until = 0;
    if (digits.n == 0 || digits.n > 12)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return false;
        *until = 10 * *until + (digits.p[i] - '0');
    }
    return true;
}

static bool read_line(struct line *l, struct span text)
{
    *l = (struct line){.until = 0};
    while (text.n) {
        struct span w = word(&text);
        if (w.n == SERIAL_DIGITS && !l->has_serial)
            l->has_serial = text_hex_read(l->serial, sizeof l->serial, w);
        else if (w.n == NAME_DIGITS && !l->has_name)
            l->has_name = text_hex_read(l->name, sizeof l->name, w);
        else if (!read_until(&l->until, w))
            return false;
    }
    return l->has_serial || l->has_name;
}

/* next takes the next line off; false at the end, or (err) where the file does not read. */
static bool next(struct span *rest, struct line *l, const char *path, struct situs_err *err)
{
    if (!rest->n)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    if (!end || !read_line(l, span_cut(*rest, 0, (size_t)(end - rest->p)))) {
        err_fail(err, SITUS_MALFORMED, "revoked", "", SITUS_NO_OFFSET,
                 "serials and Names in hex, a line each", path);
        return err_hint(err, "restore the file: what it says is withdrawn stays so");
    }
    size_t n = (size_t)(end - rest->p) + 1;
    *rest = span_cut(*rest, n, rest->n - n);
    return true;
}

/* holds says that a file has a line with this serial or (serial empty) this Name. */
static bool holds(const char *path, struct span serial, struct span name, bool *found,
                  struct situs_err *err)
{
    struct file file;
    struct line l;
    *found = false;
    if (!read_all(&file, path, err))
        return false;
    struct span rest = file_span(&file);
    while (next(&rest, &l, path, err))
        *found |= serial.n ? l.has_serial && span_equal(SPAN_ARR(l.serial), serial)
                           : l.has_name && span_equal(SPAN_ARR(l.name), name);
    file_free(&file);
    return err->code == SITUS_NONE;
}

static bool allowed(void *context, struct span ak_name, struct situs_err *err)
{
    const struct registrar_keys_state *s = context;
    char path[PATH_ROOM];
    bool found = false;
    if (!path_of(path, s->directory, "revoked", "", err) ||
        !holds(path, span_of(NULL, 0), ak_name, &found, err))
        return false;
    if (!found)
        return true;
    err_fail(err, SITUS_REVOKED, REGISTRAR_PART, "ak", SITUS_NO_OFFSET,
             "a key that was not withdrawn", TEXT_HEX(ak_name));
    return err_hint(
        err,
        "a host makes another key when its state directory is removed; a vTPM has one key: make "
        "another vTPM");
}

/* append writes the file anew with what it holds, but not what has ended, and the line. */
static bool append(const char *path, const char *line, int64_t now, struct situs_err *err)
{
    struct file file;
    struct line l;
    if (!read_all(&file, path, err))
        return false;
    size_t room = file.n + strlen(line) + 1;
    char *text = malloc(room);
    struct wr w = wr_new(text, text ? room : 0);
    struct span rest = file_span(&file), before = rest;
    while (text && next(&rest, &l, path, err)) {
        if (!l.until || l.until > now)
            wr_bytes(&w, span_of(before.p, before.n - rest.n));
        before = rest;
    }
    wr_text(&w, line);
    bool ok =
        err->code == SITUS_NONE &&
        (wr_ok(&w) || err_fail(err, SITUS_NO_MEMORY, path, "", SITUS_NO_OFFSET, NULL, NULL)) &&
        file_write(path, wr_span(&w), err);
    free(text);
    file_free(&file);
    return ok;
}

static bool issued(void *context, struct span serial, struct span ak_name, int64_t until,
                   struct situs_err *err)
{
    const struct registrar_keys_state *s = context;
    char path[PATH_ROOM], line[SERIAL_DIGITS + 32];
    snprintf(line, sizeof line, "%s %lld\n", TEXT_HEX(serial), (long long)until);
    return path_of(path, s->directory, TEXT_HEX(ak_name), ISSUED, err) &&
           append(path, line, s->now(), err);
}

struct registrar_keys registrar_keys_of(struct registrar_keys_state *s)
{
    return (struct registrar_keys){s, allowed, issued};
}

/* find_name is the key whose certificate has this serial, by the files of those issued. */
static bool find_name(const char *directory, struct span serial, char name[NAME_DIGITS + 1],
                      struct situs_err *err)
{
    DIR *d = opendir(directory);
    const struct dirent *e;
    bool found = false;
    name[0] = 0;
    if (!d)
        return err_fail(err, SITUS_MISSING, "state", "", SITUS_NO_OFFSET, "a directory", directory);
    while (err->code == SITUS_NONE && !found && (e = readdir(d))) {
        char path[PATH_ROOM];
        size_t n = strlen(e->d_name);
        if (n != NAME_DIGITS + strlen(ISSUED) || strcmp(e->d_name + NAME_DIGITS, ISSUED) != 0 ||
            !path_of(path, directory, e->d_name, "", err))
            continue;
        if (holds(path, serial, span_of(NULL, 0), &found, err) && found)
            memcpy(name, e->d_name, NAME_DIGITS);
    }
    name[NAME_DIGITS] = 0;
    closedir(d);
    return err->code == SITUS_NONE;
}

/* add adds the line unless all that it says is there. */
static bool add(const char *directory, const char *serial, const char *name, struct situs_err *err)
{
    char path[PATH_ROOM], line[SERIAL_DIGITS + NAME_DIGITS + 3];
    uint8_t bytes[NAME_SIZE];
    bool has_serial = !serial[0], has_name = !name[0];
    if (!path_of(path, directory, "revoked", "", err) ||
        (!has_serial &&
         (!text_hex_read(bytes, ISSUE_SERIAL, span_text(serial)) ||
          !holds(path, span_of(bytes, ISSUE_SERIAL), span_of(NULL, 0), &has_serial, err))) ||
        (!has_name && (!text_hex_read(bytes, NAME_SIZE, span_text(name)) ||
                       !holds(path, span_of(NULL, 0), span_of(bytes, NAME_SIZE), &has_name, err))))
        return false;
    snprintf(line, sizeof line, "%s%s%s\n", serial, serial[0] && name[0] ? " " : "", name);
    return (has_serial && has_name) || append(path, line, 0, err);
}

/* withdraw does it while nobody else does. */
static bool withdraw(const char *directory, const char *id, struct situs_err *err)
{
    char name[NAME_DIGITS + 1];
    uint8_t bytes[NAME_SIZE];
    if (text_hex_read(bytes, NAME_SIZE, span_text(id)))
        return add(directory, "", id, err);
    if (!text_hex_read(bytes, ISSUE_SERIAL, span_text(id)))
        return err_fail(err, SITUS_MALFORMED, "serial", "", SITUS_NO_OFFSET,
                        "32 hex digits, or 68 of the key's Name", id);
    struct situs_err why = {0}; /* the serial is withdrawn, come what may */
    find_name(directory, span_of(bytes, ISSUE_SERIAL), name, &why);
    if (!add(directory, id, name, err))
        return false;
    if (why.code != SITUS_NONE) {
        *err = why;
        return false;
    }
    if (name[0])
        return true;
    err_fail(err, SITUS_UNKNOWN, REGISTRAR_PART, "ak", SITUS_NO_OFFSET,
             "a certificate that is on record here and has not ended", id);
    return err_hint(err,
                    "the CRL will list it, but its key can be enrolled again: withdraw that too, "
                    "by its Name (\"situs show\" prints it)");
}

bool registrar_keys_revoke(const char *directory, const char *id, struct situs_err *err)
{
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        if (lock >= 0)
            close(lock);
        return err_fail(err, SITUS_MISSING, "state", "", SITUS_NO_OFFSET, "a directory", directory);
    }
    bool ok = withdraw(directory, id, err);
    close(lock);
    return ok;
}

static void add_serial(struct wr *out, const uint8_t serial[ISSUE_SERIAL])
{
    for (size_t at = 0; at + ISSUE_SERIAL <= out->n; at += ISSUE_SERIAL)
        if (memcmp(out->p + at, serial, ISSUE_SERIAL) == 0)
            return;
    wr_bytes(out, span_of(serial, ISSUE_SERIAL));
}

/* add_issued adds what was issued to a key that was withdrawn, also what was issued meanwhile. */
static bool add_issued(const char *directory, struct span name, struct wr *out,
                       struct situs_err *err)
{
    char path[PATH_ROOM];
    struct file file;
    struct line l;
    if (!path_of(path, directory, TEXT_HEX(name), ISSUED, err) || !read_all(&file, path, err))
        return false;
    struct span rest = file_span(&file);
    while (next(&rest, &l, path, err))
        if (l.has_serial)
            add_serial(out, l.serial);
    file_free(&file);
    return err->code == SITUS_NONE;
}

bool registrar_keys_revoked(const char *directory, struct wr *out, struct situs_err *err)
{
    char path[PATH_ROOM];
    struct file file;
    struct line l;
    if (!path_of(path, directory, "revoked", "", err) || !read_all(&file, path, err))
        return false;
    struct span rest = file_span(&file);
    while (next(&rest, &l, path, err)) {
        if (l.has_serial)
            add_serial(out, l.serial);
        if (l.has_name && !add_issued(directory, SPAN_ARR(l.name), out, err))
            break;
    }
    file_free(&file);
    return err->code == SITUS_NONE && (wr_ok(out) || err_fail(err, SITUS_TOO_LONG, "revoked", "",
                                                              SITUS_NO_OFFSET, NULL, NULL));
}
