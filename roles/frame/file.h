/* Files: bounded reads, atomic writes. Bytes read live until file_free. */
#ifndef SITUS_FRAME_FILE_H
#define SITUS_FRAME_FILE_H

#include "base/err.h"
#include "base/span.h"

struct file {
    const char *path;
    uint8_t *p; /* malloc'd; NULL: not read */
    size_t n;
};

/*
 * file_read reads a regular file or a pipe; "-" is standard input. A file larger than limit bytes
 * is refused (too-long) before it is read, a pipe after limit bytes; what cannot be opened or is
 * neither is missing. Errors have the path as part.
 */
bool file_read(struct file *f, const char *path, size_t limit, struct situs_err *err);

static inline struct span file_span(const struct file *f)
{
    return span_of(f->p, f->n);
}

/* file_free accepts a file that was not read. */
void file_free(struct file *f);

/* file_keeps says that path is a regular file that can be read and written, or could be made; else missing. Nothing is changed. */
bool file_keeps(const char *path, struct situs_err *err);

/*
 * file_write writes the bytes to path whole or not at all: a temporary file beside it, fsync,
 * rename. A path that exists and is no regular file is refused. "-" is standard output.
 */
bool file_write(const char *path, struct span bytes, struct situs_err *err);

/* file_exit is the exit code of a failed file_read: 2 for a file that is too long, else 1. */
int file_exit(const struct situs_err *err);

#endif
