/* Passphrases and PINs: from a file, or from who sits at the terminal. */
#ifndef SITUS_PROVIDER_DESK_SECRET_H
#define SITUS_PROVIDER_DESK_SECRET_H

#include "base/err.h"
#include "base/span.h"

#define SECRET_MAX 512 /* bytes */

struct secret {
    char text[SECRET_MAX + 1];
    size_t n; /* 0: none */
};

/* secret_read reads the first line of the file; path NULL: the terminal is asked for what, without
 * echo, where standard input is one; else there is none. Wipe it with secret_wipe. */
bool secret_read(struct secret *s, const char *path, const char *what, struct situs_err *err);
void secret_wipe(struct secret *s);

#endif
