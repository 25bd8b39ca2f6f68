/* situs pack: a bundle (DESIGN: bundle, CMW) from loose files of other tools. */
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "model/bundle.h"
#include "verifier/pack_tpm.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM (1024 * 1024) /* the TPM item, PCR values and decoded certificates */

/* The files and their labels; both outlive the bundle. */
struct pack {
    struct bundle bundle;
    struct pack_tpm tpm;
    struct arena arena;
    struct file file[LIMIT_BUNDLE_ITEMS];
    char label[LIMIT_BUNDLE_ITEMS][BUNDLE_LABEL_MAX + 1];
    size_t n;
};

/* kind_of is the kind that the label names; endorsements, whose labels are free, are told by
 * content: collateral is JSON, a CRL is DER, which begins with a SEQUENCE. */
static enum item_kind kind_of(const char *label, struct span value)
{
    enum item_kind kind = item_kind_of(label);
    if (kind != ITEM_KIND_COUNT || value.n == 0)
        return kind;
    return value.p[0] == '{' ? ITEM_COLLATERAL : value.p[0] == 0x30 ? ITEM_CRL : kind;
}

static bool usage_error(const char *word, const char *why)
{
    out_error("\"%s\": %s", word, why);
    out_hint("write LABEL=FILE; labels: tdx, guest, platform, log.tdx, log.guest, log.platform, "
             "channel, or any other for collateral and CRLs; or the parts of guest: guest.attest, "
             "guest.signature, guest.public, guest.pcrs, guest.cert");
    return false;
}

/* add reads LABEL=FILE; *exit is set on failure. */
static bool add(struct pack *p, const char *word, int *exit)
{
    struct situs_err err = {0};
    const char *equal = strchr(word, '=');
    *exit = EXIT_USAGE;
    if (!equal || equal == word || !equal[1])
        return usage_error(word, "not LABEL=FILE");
    size_t n = (size_t)(equal - word);
    if (n > BUNDLE_LABEL_MAX)
        return usage_error(word, "the label is too long");
    if (p->n == LIMIT_BUNDLE_ITEMS)
        return usage_error(word, "too many items");
    struct file *file = &p->file[p->n];
    char *label = p->label[p->n];
    memcpy(label, word, n);
    label[n] = 0;
    p->n++;
    if (!file_read(file, equal + 1, LIMIT_BUNDLE, &err)) {
        *exit = file_exit(&err);
        out_failure(&err);
        return false;
    }
    enum item_kind kind = kind_of(label, file_span(file));
    if (!pack_tpm_is(label) && kind == ITEM_KIND_COUNT)
        return usage_error(word, "no such label, and the file is no collateral JSON");
    if (pack_tpm_is(label) ? pack_tpm_add(&p->tpm, label, file_span(file), &p->arena, &err)
                           : bundle_add(&p->bundle, label, kind, file_span(file), &err))
        return true;
    *exit = EXIT_BAD_BYTES;
    out_failure(&err);
    return false;
}

/* add_tpm adds the item that the guest.* files make, if there are any. */
static bool add_tpm(struct pack *p, int *exit)
{
    struct situs_err err = {0};
    struct span value;
    if (!p->tpm.given || (pack_tpm_write(&p->tpm, &value, &p->arena, &err) &&
                          bundle_add(&p->bundle, "guest", ITEM_TPM_QUOTE, value, &err)))
        return true;
    *exit = EXIT_BAD_BYTES;
    out_failure(&err);
    return false;
}

static int write_out(const struct pack *p, const char *path, bool json)
{
    struct situs_err err = {0};
    size_t room = 2 * LIMIT_BUNDLE; /* base64 in JSON */
    void *memory = malloc(room);
    struct wr w = wr_new(memory, memory ? room : 0);
    bool ok = bundle_write(&p->bundle, json, &w) && wr_ok(&w) && w.n <= LIMIT_BUNDLE;
    if (!ok)
        err_fail(&err, SITUS_TOO_LONG, "bundle", "size", SITUS_NO_OFFSET, "at most 4 MiB", "more");
    ok = ok && file_write(path, wr_span(&w), &err);
    free(memory);
    if (ok)
        return EXIT_GOOD;
    out_failure(&err);
    return EXIT_USAGE;
}

command_function cmd_pack;
int cmd_pack(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const char *output = NULL;
    const struct option options[] = {
        OPTION_VALUE("output", 'o', "BUNDLE", &output, "file to write, - for stdout (required)"),
        OPTION_FLAG("json", 'j', &json, "write the bundle as JSON, not CBOR")};
    const struct args args = {own, options, 2, 1, LIMIT_BUNDLE_ITEMS};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!output) {
        out_error("-o BUNDLE is missing");
        out_hint("name the file to write, or - for standard output");
        return EXIT_USAGE;
    }
    struct pack *p = calloc(1, sizeof *p);
    void *memory = malloc(ROOM);
    bool ok = p && memory;
    exit = EXIT_USAGE;
    if (ok)
        p->arena = arena_new(memory, ROOM);
    else
        out_error("out of memory");
    for (size_t i = 0; ok && i < operands.n; i++)
        ok = add(p, operands.v[i], &exit);
    ok = ok && add_tpm(p, &exit);
    if (ok)
        exit = write_out(p, output, json);
    for (size_t i = 0; p && i < p->n; i++)
        file_free(&p->file[i]);
    free(memory);
    free(p);
    return exit;
}
