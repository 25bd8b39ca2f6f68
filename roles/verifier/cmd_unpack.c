/* situs unpack: a bundle taken apart into the files that situs pack takes. */
#include "base/text.h"
#include "codec/json_out.h"
#include "codec/pem.h"
#include "frame/args.h"
#include "frame/dir.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "model/bundle.h"
#include "model/tpm_value.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM (8 * 1024 * 1024) /* a bundle of JSON, decoded; certificates and PCR values as text */
#define WORD_ROOM (64 * 1024)

/* The files so far, and what pack is told of them. */
struct unpack {
    struct dir files;
    struct arena a;
    char label[LIMIT_BUNDLE_ITEMS * 8][BUNDLE_LABEL_MAX + 16];
    size_t n;
};

/* put adds the file of a label. */
static bool put(struct unpack *u, const char *label, const char *end, struct span bytes,
                struct situs_err *err)
{
    char name[DIR_NAME];
    snprintf(name, sizeof name, "%s%s", label, end);
    for (size_t i = 0; i < u->files.n; i++)
        if (strcmp(u->files.v[i].name, name) == 0)
            return err_fail(err, SITUS_DUPLICATE, label, "", SITUS_NO_OFFSET,
                            "labels that make different names", name);
    snprintf(u->label[u->n++], sizeof u->label[0], "%s", label);
    return dir_put(&u->files, name, bytes, err);
}

static bool put_part(struct unpack *u, const char *item, const char *part, const char *end,
                     struct span bytes, struct situs_err *err)
{
    char label[BUNDLE_LABEL_MAX + 1];
    snprintf(label, sizeof label, "%s.%s", item, part);
    return bytes.n == 0 || put(u, label, end, bytes, err);
}

static bool no_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

/* The register values as pack reads them. */
static bool put_pcrs(struct unpack *u, const char *item, const struct registers *r,
                     struct situs_err *err)
{
    char *text = arena_take(&u->a, WORD_ROOM);
    struct wr w = wr_new(text, text ? WORD_ROOM : 0);
    struct json_out o = json_out_new(&w, true);
    json_out_object(&o);
    for (size_t b = 0; b < r->n; b++) {
        json_out_name(&o, hash_name(r->bank[b].hash));
        json_out_object(&o);
        for (unsigned i = 0; i < REGISTERS_MAX; i++)
            if (r->bank[b].mask >> i & 1)
                json_out_pair_hex(&o, TEXT_NUM(i), r->bank[b].value[i]);
        json_out_close(&o);
    }
    json_out_close(&o);
    if (!json_out_end(&o))
        return no_memory(err);
    wr_text(&w, "\n");
    return put_part(u, item, "pcrs", ".json", wr_span(&w), err);
}

/* The certificates as PEM (RFC 7468), 64 characters a line. */
static bool put_certs(struct unpack *u, const char *item, const struct tpm_value *v,
                      struct situs_err *err)
{
    char *text = arena_take(&u->a, LIMIT_CHAIN_CERTS * 2 * LIMIT_CERT);
    struct wr w = wr_new(text, text ? LIMIT_CHAIN_CERTS * 2 * LIMIT_CERT : 0);
    for (size_t i = 0; i < v->n_certs; i++) {
        if (v->certs[i].n > LIMIT_CERT)
            return err_fail(err, SITUS_TOO_LONG, item, "certificates", SITUS_NO_OFFSET,
                            TEXT_BYTES(LIMIT_CERT), TEXT_BYTES(v->certs[i].n));
        pem_write(&w, PEM_CERTIFICATE, v->certs[i]);
    }
    return wr_ok(&w) ? put_part(u, item, "cert", ".pem", wr_span(&w), err) : no_memory(err);
}

static bool put_tpm(struct unpack *u, const struct item *item, struct situs_err *err)
{
    struct tpm_value v;
    const char *name = item->label;
    return tpm_value_read(&v, item->value, name, err) &&
           put_part(u, name, "attest", ".bin", v.attest, err) &&
           put_part(u, name, "signature", ".bin", v.signature, err) &&
           put_part(u, name, "public", ".bin", v.public_area, err) &&
           put_pcrs(u, name, &v.registers, err) && (!v.n_certs || put_certs(u, name, &v, err));
}

static bool put_item(struct unpack *u, const struct item *item, struct situs_err *err)
{
    static const char *const ends[ITEM_KIND_COUNT] = {
        [ITEM_SPKI] = ".der", [ITEM_COLLATERAL] = ".json", [ITEM_CRL] = ".crl",
        [ITEM_POE] = ".cbor", [ITEM_LIST] = ".cose",       [ITEM_REVOCATION] = ".cose"};
    if (item->kind == ITEM_TPM_QUOTE)
        return put_tpm(u, item, err);
    return put(u, item->label, ends[item->kind] ? ends[item->kind] : ".bin", item->value, err);
}

/* Only a directory that is new or empty is written: nothing in it is ours. */
static bool none(const char *name)
{
    (void)name;
    return false;
}

/* print says what pack is told of the files. */
static void print(struct unpack *u, const char *path, bool json)
{
    size_t room = (u->n + 1) * (6 * strlen(path) + 512); /* with every byte escaped */
    char *text = json ? arena_take(&u->a, room) : NULL;
    struct wr w = wr_new(text, text ? room : 0);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_name(&o, "items");
    json_out_array(&o);
    for (size_t i = 0; i < u->n; i++) {
        char file[PATH_MAX];
        snprintf(file, sizeof file, "%s/%s", path, u->files.v[i].name);
        json_out_object(&o);
        json_out_pair_string(&o, "label", u->label[i]);
        json_out_pair_string(&o, "file", file);
        json_out_close(&o);
        if (!json)
            out_print("%s=%s\n", u->label[i], file);
    }
    json_out_close(&o);
    json_out_close(&o);
    if (!json)
        return;
    json_out_end(&o);
    out_written(&w, true);
}

static bool to_directory(const struct bundle *b, const char *path, bool json, struct situs_err *err)
{
    struct unpack *u = calloc(1, sizeof *u);
    void *memory = malloc(ROOM);
    bool ok = u && memory;
    if (ok)
        u->a = arena_new(memory, ROOM);
    else
        no_memory(err);
    for (size_t i = 0; ok && i < b->n; i++)
        ok = put_item(u, &b->item[i], err);
    ok = ok && dir_write(&u->files, path, none, err);
    if (ok)
        print(u, path, json);
    free(memory);
    if (u)
        dir_free(&u->files);
    free(u);
    return ok;
}

static bool to_file(struct bundle *b, const char *label, const char *path, struct situs_err *err)
{
    const struct item *item = bundle_find(b, label);
    if (item)
        return file_write(path, item->value, err);
    char labels[160] = "";
    for (size_t i = 0, n = 0; i < b->n && n < sizeof labels; i++)
        n += (size_t)snprintf(labels + n, sizeof labels - n, "%s%s", i ? ", " : "",
                              b->item[i].label);
    return err_fail(err, SITUS_MISSING, "bundle", label, SITUS_NO_OFFSET, "one of its labels",
                    labels);
}

struct options {
    const char *item, *output;
    bool json;
};

static bool is_bundle(const struct file *f, struct situs_err *err)
{
    if (f->p[0] == '{' || f->p[0] >> 5 == 5)
        return true;
    err_fail(err, SITUS_UNKNOWN, f->path, "", SITUS_NO_OFFSET, "a bundle", "a quote alone");
    return err_hint(err, "there is nothing to take apart; \"situs show\" prints what it says");
}

static int unpack(const struct options *o, const char *input, const char *to)
{
    struct situs_err err = {0};
    struct file file = {NULL, NULL, 0};
    struct bundle b = {.n = 0};
    void *memory = malloc(ROOM);
    struct arena a = arena_new(memory, memory ? ROOM : 0);
    int exit;
    bool ok = load_evidence(&file, input, &exit, &err);
    if (ok) {
        exit = EXIT_BAD_BYTES;
        ok = is_bundle(&file, &err) && bundle_read(&b, file_span(&file), &a, &err);
    }
    if (ok) {
        ok = o->item ? to_file(&b, o->item, o->output, &err) : to_directory(&b, to, o->json, &err);
        exit = ok ? EXIT_GOOD : exits_of(&err);
    }
    if (!ok)
        out_failure_of(input, &err);
    file_free(&file);
    free(memory);
    return exit;
}

command_function cmd_unpack;
int cmd_unpack(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("item", 0, "LABEL", &o.item, "write the bytes of this item alone"),
        OPTION_VALUE("output", 'o', "FILE", &o.output, "to this file, - for stdout"),
        OPTION_JSON(&o.json)};
    const struct args args = {own, options, 3, 1, 2};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!o.item == !o.output && (operands.n == 2) == !o.item)
        return unpack(&o, operands.v[0], operands.v[1]);
    out_error("say where to: a directory for all, or --item LABEL and -o FILE for one");
    out_hint("situs unpack %s DIR", operands.v[0]);
    return EXIT_USAGE;
}
