/* A directory of small files, read whole and replaced whole: how collateral lies on disk. */
#ifndef SITUS_FRAME_DIR_H
#define SITUS_FRAME_DIR_H

#include "base/limits.h"
#include "frame/file.h"

#define DIR_NAME 64

/* One set of named files. bytes are malloc'd. */
struct dir_file {
    char name[DIR_NAME]; /* base name */
    uint8_t *p;
    size_t n;
};

struct dir {
    struct dir_file *v; /* malloc'd, LIMIT_COLLATERAL_PARTS of room */
    size_t n;
};

/* dir_add appends a copy of the bytes under a name (cut to fit), also beside another of that name;
 * too-long when the set is full. */
bool dir_add(struct dir *d, const char *name, struct span bytes, struct situs_err *err);

/* dir_each gives see the path of every file of a directory, in the order of their names, until false.
 * Hidden files are skipped; sub-directories and the like are refused. */
typedef bool dir_see(void *own, const char *path, struct situs_err *err);
bool dir_each(const char *path, dir_see *see, void *own, struct situs_err *err);

/* dir_put adds a copy of the bytes, or replaces the file of that name; unsupported when name is
 * empty, too long, hidden or holds a slash. */
bool dir_put(struct dir *d, const char *name, struct span bytes, struct situs_err *err);

/* dir_read adds every file of a directory, in the order of their names, none larger than limit.
 * Hidden files are skipped; sub-directories and the like are refused. */
bool dir_read(struct dir *d, const char *path, size_t limit, struct situs_err *err);

/*
 * dir_write makes the directory at path hold exactly this set: written beside it, synced, then
 * exchanged in one step, so that a reader sees the old set or the new. An existing directory must
 * hold nothing but regular files that ours says are ours. Where path is a link, the directory that it
 * leads to is replaced.
 */
bool dir_write(const struct dir *d, const char *path, bool (*ours)(const char *name),
               struct situs_err *err);

/* dir_free accepts the zero state. */
void dir_free(struct dir *d);

#endif
