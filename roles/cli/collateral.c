/* Collateral on disk; see collateral.h. */
#include "cli/collateral.h"

#include "base/text.h"

#include <stdio.h>
#include <sys/stat.h>

void collateral_name_tcb(char name[DIR_NAME], bool tdx, const uint8_t fmspc[6], const char *suffix)
{
    snprintf(name, DIR_NAME, "%s-tcb-%s%s", tdx ? "tdx" : "sgx", TEXT_HEX(span_of(fmspc, 6)),
             suffix);
}

const char *collateral_name_qe(bool tdx, bool chain)
{
    return tdx ? (chain ? "tdx-qe.pem" : "tdx-qe.json") : (chain ? "sgx-qe.pem" : "sgx-qe.json");
}

const char *collateral_name_crl(bool platform, bool chain)
{
    return platform ? (chain ? "pck-platform.pem" : "pck-platform.crl")
                    : (chain ? "pck-processor.pem" : "pck-processor.crl");
}

bool collateral_ours(const char *name)
{
    static const char *const fixed[] = {
        "tdx-qe.json",       "tdx-qe.pem",        "sgx-qe.json",
        "sgx-qe.pem",        "pck-platform.crl",  "pck-platform.pem",
        "pck-processor.crl", "pck-processor.pem", COLLATERAL_ROOT_CRL};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i]) == 0)
            return true;
    uint8_t fmspc[6];
    size_t head = sizeof "tdx-tcb-" - 1, n = strlen(name);
    if (n <= head + 12 || (strncmp(name, "tdx-tcb-", head) && strncmp(name, "sgx-tcb-", head)))
        return false;
    const char *suffix = name + head + 12;
    return text_hex_read(fmspc, 6, span_of(name + head, 12)) &&
           (strcmp(suffix, ".json") == 0 || strcmp(suffix, ".pem") == 0);
}

static bool add_part(struct collateral *c, struct dir_file *file, struct situs_err *err)
{
    if (c->n == LIMIT_COLLATERAL_PARTS)
        return err_fail(err, SITUS_TOO_LONG, "collateral", "parts", SITUS_NO_OFFSET, "fewer files",
                        "more");
    c->parts[c->n++] = (struct collateral_part){file->name, span_of(file->p, file->n)};
    return true;
}

bool collateral_add(struct collateral *c, const char *path, struct situs_err *err)
{
    struct stat st;
    size_t before = c->files.n;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (!dir_read(&c->files, path, LIMIT_COLLATERAL_FILE, err))
            return false;
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
    for (size_t i = before; i < c->files.n; i++)
        if (!add_part(c, &c->files.v[i], err))
            return false;
    return true;
}

void collateral_free(struct collateral *c)
{
    dir_free(&c->files);
    c->n = 0;
}
