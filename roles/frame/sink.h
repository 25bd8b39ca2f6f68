/* A file that is written in pieces and appears whole: a temporary beside it, fsync, rename. */
#ifndef SITUS_FRAME_SINK_H
#define SITUS_FRAME_SINK_H

#include "base/err.h"
#include "base/span.h"

#include <limits.h>
#include <stdio.h>

struct sink {
    const char *path;
    char temporary[PATH_MAX];
    FILE *file;
};

/* sink_open starts the file; path must outlive the sink. One that exists and is no regular file is
 * refused. Errors have the path as part. */
bool sink_open(struct sink *s, const char *path, struct situs_err *err);

/* sink_put writes the next bytes; to is a struct sink. False when the disk is full. */
bool sink_put(void *to, struct span bytes);

/* sink_close gives the file its name when ok, else removes what was written; false when it has no
 * such file now. */
bool sink_close(struct sink *s, bool ok, struct situs_err *err);

#endif
