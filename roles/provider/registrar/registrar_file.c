/* The fleet as a file; see registrar_file.h. */
#include "provider/registrar/registrar_file.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "facility,machine,class,ek,piid"
#define COLUMNS 5
#define PATH_ROOM 512
#define PART "fleet"

struct row {
    struct span column[COLUMNS];
    size_t number;
};

static bool fail(struct situs_err *err, const struct row *r, const char *column,
                 const char *expected, struct span got)
{
    char field[64];
    snprintf(field, sizeof field, "line %zu.%s", r->number, column);
    return err_fail(err, SITUS_MALFORMED, PART, field, SITUS_NO_OFFSET, expected, TEXT_CUT(got));
}

/* next_line is the next line without its end; every line has one. */
static bool next_line(struct span *rest, struct span *line)
{
    const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!end)
        return false;
    *line = span_of(rest->p, (size_t)(end - rest->p));
    *rest = span_cut(*rest, line->n + 1, rest->n - line->n - 1);
    return true;
}

static bool split(struct span line, struct row *r)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const uint8_t *comma = line.n ? memchr(line.p, ',', line.n) : NULL;
        if ((comma == NULL) != (i == COLUMNS - 1))
            return false;
        size_t n = comma ? (size_t)(comma - line.p) : line.n;
        r->column[i] = span_cut(line, 0, n);
        if (comma)
            line = span_cut(line, n + 1, line.n - n - 1);
    }
    return true;
}

static bool name_ok(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '/')
            return false;
    return s.n > 0 && s.n <= REGISTRAR_NAME_MAX && s.p[0] != '.';
}

static bool read_row(struct row *r, struct span line, uint8_t ek[32], struct registrar_machine *m,
                     struct situs_err *err)
{
    *m = (struct registrar_machine){0};
    if (!split(line, r))
        return fail(err, r, "columns", "5 columns", line);
    if (!text_is_name(r->column[0], REGISTRAR_NAME_MAX))
        return fail(err, r, "facility", "1 to 64 bytes of text, no space at an end", r->column[0]);
    if (!name_ok(r->column[1]))
        return fail(err, r, "machine", "1 to 64 characters, no space", r->column[1]);
    bool dtpm = span_equal(r->column[2], SPAN_LIT("dtpm"));
    if (!dtpm && !span_equal(r->column[2], SPAN_LIT("vtpm")))
        return fail(err, r, "class", "dtpm or vtpm", r->column[2]);
    if (!text_hex_read(ek, 32, r->column[3]))
        return fail(err, r, "ek", "64 hex digits", r->column[3]);
    if (!text_hex_read(m->piid, sizeof m->piid, r->column[4]))
        return fail(err, r, "piid", "32 hex digits", r->column[4]);
    memcpy(m->facility, r->column[0].p, r->column[0].n);
    memcpy(m->machine, r->column[1].p, r->column[1].n);
    m->class = dtpm ? AK_CLASS_DTPM : AK_CLASS_VTPM;
    return true;
}

/* Which row: by EK or by machine's name; each may be NULL. Reads on to the end, so that a second
 * one is seen. */
static bool look_up(const struct registrar_file *f, const uint8_t *ek, const char *machine,
                    uint8_t found_ek[32], struct registrar_machine *found, size_t *n,
                    struct situs_err *err)
{
    struct span rest = file_span(&f->csv), line;
    struct row r = {.number = 1};
    *n = 0;
    if (!next_line(&rest, &line) || !span_equal(line, span_text(HEADER)))
        return fail(err, &r, "header", HEADER, span_of(NULL, 0));
    while (next_line(&rest, &line)) {
        struct registrar_machine m;
        uint8_t key[32];
        r.number++;
        if (!read_row(&r, line, key, &m, err))
            return false;
        if ((!ek || memcmp(ek, key, 32) != 0) && (!machine || strcmp(machine, m.machine) != 0))
            continue;
        *found = m;
        memcpy(found_ek, key, 32);
        (*n)++;
    }
    r.number++;
    return rest.n == 0 || fail(err, &r, "end", "a line end", rest);
}

/* check_unique looks every row's EK and machine up; rows are few. */
static bool check_unique(const struct registrar_file *f, struct situs_err *err)
{
    struct span rest = file_span(&f->csv), line;
    struct row r = {.number = 1};
    next_line(&rest, &line);
    while (next_line(&rest, &line)) {
        struct registrar_machine m, other;
        uint8_t ek[32], other_ek[32];
        size_t n;
        r.number++;
        if (!read_row(&r, line, ek, &m, err) ||
            !look_up(f, ek, m.machine, other_ek, &other, &n, err))
            return false;
        if (n != 1) {
            char field[32];
            snprintf(field, sizeof field, "line %zu", r.number);
            return err_fail(err, SITUS_DUPLICATE, PART, field, SITUS_NO_OFFSET,
                            "each EK and each machine once", m.machine);
        }
    }
    return true;
}

/* check reads every row. */
static bool check(const struct registrar_file *f, struct situs_err *err)
{
    struct registrar_machine m;
    uint8_t ek[32];
    size_t n;
    return look_up(f, NULL, NULL, ek, &m, &n, err) && check_unique(f, err);
}

bool registrar_file_open(struct registrar_file *f, const char *csv, const char *state,
                         struct situs_err *err)
{
    struct stat st;
    *f = (struct registrar_file){.path = csv, .state = state};
    if (stat(state, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_fail(err, SITUS_MISSING, "state", "", SITUS_NO_OFFSET, "a directory", state);
    if (stat(csv, &st) == 0 && !S_ISREG(st.st_mode)) {
        err_fail(err, SITUS_MISSING, csv, "", SITUS_NO_OFFSET, "a regular file", "something else");
        return err_hint(err, "the fleet is read again for every machine: keep it in a file");
    }
    if (file_read(&f->csv, csv, REGISTRAR_FILE_MAX, err) && check(f, err))
        return true;
    registrar_file_close(f);
    return false;
}

/* refresh takes over what the file says now. While it does not read, no machine is found. */
static bool refresh(struct registrar_file *f, struct situs_err *err)
{
    struct registrar_file now = {.path = f->path, .state = f->state};
    if (!f->path)
        return true;
    if (!file_read(&now.csv, f->path, REGISTRAR_FILE_MAX, err))
        return false;
    if (!span_equal(file_span(&now.csv), file_span(&f->csv))) {
        if (!check(&now, err)) {
            registrar_file_close(&now);
            return false;
        }
        struct file old = f->csv;
        f->csv = now.csv;
        now.csv = old;
    }
    registrar_file_close(&now);
    return true;
}

void registrar_file_close(struct registrar_file *f)
{
    file_free(&f->csv);
}

static bool state_path(char path[PATH_ROOM], const char *state, const char *name,
                       const char *suffix, struct situs_err *err)
{
    int n = snprintf(path, PATH_ROOM, "%s/%s%s", state, name, suffix);
    return (n > 0 && n < PATH_ROOM) ||
           err_fail(err, SITUS_TOO_LONG, "state", "", SITUS_NO_OFFSET, "a shorter path", state);
}

static bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err)
{
    struct registrar_file *f = context;
    uint8_t key[32];
    size_t n;
    if (!refresh(f, err) || !look_up(f, ek, NULL, key, out, &n, err))
        return false;
    if (n == 1)
        return true;
    err_fail(err, SITUS_UNKNOWN, PART, "ek", SITUS_NO_OFFSET, "an EK that the fleet lists",
             TEXT_HEX(span_of(ek, 32)));
    return err_hint(err, "add the machine to the fleet first");
}

/* boot_text is a boot as the files hold it. */
static void boot_text(char text[64], uint32_t reset_count, uint32_t restart_count)
{
    snprintf(text, 64, "%lu %lu\n", (unsigned long)reset_count, (unsigned long)restart_count);
}

/* same says that the file holds this boot; an absent file does not. */
static bool same(const char *path, const char *boot)
{
    struct file file;
    struct situs_err ignored = {0};
    if (!file_read(&file, path, 64, &ignored))
        return false;
    bool equal = span_equal(file_span(&file), span_text(boot));
    file_free(&file);
    return equal;
}

/* confirmed_time is when the file of a confirmed boot was written; 0: not known. */
static int64_t confirmed_time(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_mtime : 0;
}

static bool boot(void *context, const struct registrar_boot *b, bool *confirmed,
                 struct situs_err *err)
{
    const struct registrar_file *f = context;
    char path[PATH_ROOM], text[64];
    const char *name = TEXT_HEX(span_of(b->ek, 32));
    *confirmed = false;
    if (!find(context, b->ek, b->machine, err))
        return false;
    boot_text(text, b->reset_count, b->restart_count);
    if (!state_path(path, f->state, name, ".confirmed", err))
        return false;
    *confirmed = same(path, text);
    if (*confirmed) {
        *b->confirmed_at = confirmed_time(path);
        return true;
    }
    if (!state_path(path, f->state, name, ".seen", err))
        return false;
    return same(path, text) || file_write(path, span_text(text), err);
}

struct registrar_fleet registrar_file_fleet(struct registrar_file *f)
{
    return (struct registrar_fleet){f, find, boot};
}

/* reported_ok says that the boot is the one that waits for confirmation. */
static bool reported_ok(const char *path, const char *boot, struct situs_err *err)
{
    struct file file = {0};
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        err_fail(err, SITUS_MISSING, PART, "boot", SITUS_NO_OFFSET,
                 "a boot of this machine that waits for confirmation", "none");
        return err_hint(err, "run situs host provision on the machine first");
    }
    if (!file_read(&file, path, 64, err))
        return false;
    bool ok = span_equal(file_span(&file), span_text(boot));
    if (!ok) {
        err_fail(err, SITUS_MISMATCH, PART, "boot", SITUS_NO_OFFSET,
                 TEXT_CUT(span_cut(file_span(&file), 0, file.n ? file.n - 1 : 0)), boot);
        err_hint(err, "what reported last is not what was seen: look at the machine again; it may "
                      "have been started since, or started elsewhere");
    }
    file_free(&file);
    return ok;
}

bool registrar_file_confirm(struct registrar_file *f, const char *machine, uint32_t reset_count,
                            uint32_t restart_count, struct situs_err *err)
{
    struct registrar_machine m;
    uint8_t ek[32];
    size_t n;
    char seen[PATH_ROOM], confirmed[PATH_ROOM], boot[64];
    struct situs_err why = {0};
    boot_text(boot, reset_count, restart_count);
    if (!look_up(f, NULL, machine, ek, &m, &n, err))
        return false;
    if (n != 1)
        return err_fail(err, SITUS_UNKNOWN, PART, "machine", SITUS_NO_OFFSET,
                        "a machine of the fleet", machine);
    const char *name = TEXT_HEX(SPAN_ARR(ek));
    if (!state_path(seen, f->state, name, ".seen", err) ||
        !state_path(confirmed, f->state, name, ".confirmed", err))
        return false;
    if (access(seen, F_OK) != 0 && same(confirmed, boot))
        return true; /* once more, and nothing else was reported */
    if (!reported_ok(seen, boot, err))
        return false;
    /* Written, not renamed: what somebody reports in this very moment is not what was seen. */
    if (file_write(confirmed, span_text(boot), &why)) {
        unlink(seen); /* where that fails, the same boot waits on, and no other */
        return true;
    }
    err_fail(err, why.code, why.part, why.field, why.at, why.expected, why.got);
    return err_hint(err, "nothing was confirmed; check disk and permissions, then do it again");
}
