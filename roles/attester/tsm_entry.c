/*
 * Entries of configfs-tsm that are ours; see tsm.h. An entry is named for the process that made it:
 * pid namespace, pid and the time at which the process began, so that a pid that is used again is
 * another. What the dead left is removed, and nothing else.
 */
#include "attester/tsm_entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct owner {
    unsigned long namespace; /* inode of the pid namespace; 0: not known */
    long pid;
    unsigned long long start; /* in clock ticks since boot (proc_pid_stat(5), field 22) */
};

/* read_start is false when there is no such process; one that has ended is there until its parent
 * has asked for it, and counts as dead. */
static bool read_start(long pid, unsigned long long *start)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = 0;
    char state, *after = strrchr(text, ')'); /* a name may have any byte in it */
    return after &&
           sscanf(after,
                  ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                  "%*s %*s %llu",
                  &state, start) == 2 &&
           state != 'Z' && state != 'X';
}

static struct owner self(void)
{
    struct owner o = {.pid = getpid()};
    struct stat st;
    if (stat("/proc/self/ns/pid", &st) == 0 && read_start(o.pid, &o.start))
        o.namespace = st.st_ino;
    return o;
}

static bool name_read(const char *name, struct owner *o)
{
    int number, end = 0;
    return sscanf(name, "situs-%lx-%ld-%llx-%d%n", &o->namespace, &o->pid, &o->start, &number,
                  &end) == 4 &&
           name[end] == 0;
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
    unsigned long long now;
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
    snprintf(name, TSM_ENTRY_NAME, "situs-%lx-%ld-%llx-%d", o.namespace, o.pid, o.start, number);
}
