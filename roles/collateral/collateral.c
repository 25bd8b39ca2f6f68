/* Collateral on disk; see collateral.h. */
#include "collateral/collateral.h"

#include "base/item.h"

#include <stdio.h>
#include <sys/stat.h>

void collateral_parts(struct collateral *c)
{
    c->n = 0;
    for (; c->n < c->files.n; c->n++) /* dir_add bounds the files by the same limit */
        c->parts[c->n] =
            item_of(c->files.v[c->n].name, span_of(c->files.v[c->n].p, c->files.v[c->n].n));
}

bool collateral_add(struct collateral *c, const char *path, struct situs_err *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        size_t before = c->files.n;
        if (!dir_read(&c->files, path, LIMIT_COLLATERAL_FILE, err))
            return false;
        if (c->files.n == before) {
            err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "collateral in the directory",
                     "no files");
            return err_hint(err, "\"situs collateral fetch\" and \"import\" fill one");
        }
    } else {
        struct file file;
        if (!file_read(&file, path, LIMIT_COLLATERAL_FILE, err))
            return false;
        const char *slash = strrchr(path, '/');
        bool ok = dir_add(&c->files, slash ? slash + 1 : path, file_span(&file), err);
        file_free(&file);
        if (!ok)
            return false;
    }
    collateral_parts(c);
    return true;
}

void collateral_free(struct collateral *c)
{
    dir_free(&c->files);
    c->n = 0;
}
