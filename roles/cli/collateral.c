/* Collateral on disk; see collateral.h. */
#include "cli/collateral.h"

#include "base/text.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <sys/stat.h>

void collateral_name_tcb(char name[DIR_NAME], bool tdx, const uint8_t fmspc[6])
{
    snprintf(name, DIR_NAME, "%s-tcb-%s.json", tdx ? "tdx" : "sgx", TEXT_HEX(span_of(fmspc, 6)));
}

void collateral_name_chain(char name[DIR_NAME], struct span pem)
{
    uint8_t hash[32] = {0};
    digest(HASH_SHA256, pem, hash);
    snprintf(name, DIR_NAME, "chain-%s.pem", TEXT_HEX(span_of(hash, 8)));
}

const char *collateral_name_qe(bool tdx)
{
    return tdx ? "tdx-qe.json" : "sgx-qe.json";
}

const char *collateral_name_crl(bool platform)
{
    return platform ? "pck-platform.crl" : "pck-processor.crl";
}

/* hex_between says that name is head, 2 * size hex digits, end. */
static bool hex_between(const char *name, const char *head, size_t size, const char *end)
{
    uint8_t out[8];
    size_t n = strlen(head);
    return strlen(name) == n + 2 * size + strlen(end) && strncmp(name, head, n) == 0 &&
           text_hex_read(out, size, span_of(name + n, 2 * size)) &&
           strcmp(name + n + 2 * size, end) == 0;
}

bool collateral_ours(const char *name)
{
    static const char *const fixed[] = {"tdx-qe.json", "sgx-qe.json", "pck-platform.crl",
                                        "pck-processor.crl", COLLATERAL_ROOT_CRL};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i]) == 0)
            return true;
    return hex_between(name, "tdx-tcb-", 6, ".json") || hex_between(name, "sgx-tcb-", 6, ".json") ||
           hex_between(name, "chain-", 8, ".pem");
}

void collateral_parts(struct collateral *c)
{
    c->n = 0;
    for (; c->n < c->files.n; c->n++) /* dir_add bounds the files by the same limit */
        c->parts[c->n] = (struct collateral_part){c->files.v[c->n].name,
                                                  span_of(c->files.v[c->n].p, c->files.v[c->n].n)};
}

bool collateral_add(struct collateral *c, const char *path, struct situs_err *err)
{
    struct stat st;
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
    collateral_parts(c);
    return true;
}

void collateral_free(struct collateral *c)
{
    dir_free(&c->files);
    c->n = 0;
}
