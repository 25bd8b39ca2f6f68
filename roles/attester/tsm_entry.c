/*
 * Entries of configfs-tsm that are ours; see tsm.h. An entry is named for the process that made it:
 * pid namespace, pid and the time at which the process began, so that a pid that is used again is
 * another. What the dead left is removed, and nothing else.
 */
#include "attester/tsm_entry.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fields of proc_pid_stat(5), counted from 1; the name is the second. */
enum { STAT_STATE = 3, STAT_START = 22 };

struct owner {
    uint64_t namespace; /* inode of the pid namespace; 0: not known */
    uint64_t pid;
    uint64_t start; /* in clock ticks since boot */
};

/* read_start is false when there is no such process; one that has ended is there until its parent
 * has asked for it, and counts as dead. */
static bool read_start(uint64_t pid, uint64_t *start)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    const uint8_t *name_end = memrchr(text, ')', n); /* a name may have any byte in it */
    size_t name = name_end ? (size_t)(name_end - (const uint8_t *)text) : n;
    struct span rest = span_of(text + name, n - name);
    text_field(&rest, ' ');
    struct span state = text_field(&rest, ' '), field = state;
    for (int i = STAT_STATE; i < STAT_START; i++)
        field = text_field(&rest, ' ');
    return state.n == 1 && state.p[0] != 'Z' && state.p[0] != 'X' &&
           text_number(field, 0, INT64_MAX, start);
}

static struct owner self(void)
{
    struct owner o = {.pid = (uint64_t)getpid()};
    struct stat st;
    if (stat("/proc/self/ns/pid", &st) == 0 && read_start(o.pid, &o.start))
        o.namespace = st.st_ino;
    return o;
}

static bool name_read(const char *name, struct owner *o)
{
    struct span rest = span_text(name);
    uint64_t number;
    return span_equal(text_field(&rest, '-'), SPAN_LIT("situs")) &&
           text_hex_number(text_field(&rest, '-'), 0, INT64_MAX, &o->namespace) &&
           text_number(text_field(&rest, '-'), 0, INT32_MAX, &o->pid) &&
           text_hex_number(text_field(&rest, '-'), 0, INT64_MAX, &o->start) &&
           text_number(rest, 0, INT32_MAX, &number);
}

struct sweep {
    const struct tsm_files *files;
    const char *root;
    struct owner self;
};

static void visit(void *context, const char *name)
{
    const struct sweep *s = context;
    struct owner o;
    uint64_t now;
    char path[512];
    if (!name_read(name, &o) || o.namespace != s->self.namespace ||
        (read_start(o.pid, &now) && now == o.start))
        return;
    int n = snprintf(path, sizeof path, "%s/%s", s->root, name);
    if (n > 0 && (size_t)n < sizeof path)
        s->files->remove_dir(s->files->context, path);
}

void tsm_entry_sweep(const struct tsm_files *files, const char *root)
{
    struct sweep s = {files, root, self()};
    if (s.self.namespace) /* else nobody can be told from another */
        files->list(files->context, root, visit, &s);
}

void tsm_entry_name(char name[TSM_ENTRY_NAME], int number)
{
    struct owner o = self();
    snprintf(name, TSM_ENTRY_NAME, "situs-%" PRIx64 "-%" PRIu64 "-%" PRIx64 "-%d", o.namespace,
             o.pid, o.start, number);
}
