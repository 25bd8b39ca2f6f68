/* situs pack: a bundle (DESIGN: bundle, CMW) from loose files of other tools. */
#include "codec/der.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "situs/evidence_kind.h"
#include "situs/gather.h"
#include "verifier/pack_tpm.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM (1024 * 1024) /* TPM items, PCR values and decoded certificates */
#define TPMS 2             /* guest, platform */

/* The files and their labels; both outlive the bundle. */
struct pack {
    struct bundle bundle;
    struct {
        const char *item; /* NULL: not given */
        struct pack_tpm parts;
    } tpm[TPMS];
    struct arena arena;
    struct file file[LIMIT_BUNDLE_ITEMS];
    char label[LIMIT_BUNDLE_ITEMS][BUNDLE_LABEL_MAX + 1];
    size_t n;
};

/* kind_of is the kind that the label names; of what others say, whose labels are free, the kind is
 * told by content. */
static enum item_kind kind_of(const char *label, struct span value, struct arena *a)
{
    enum item_kind kind = item_kind_of(label);
    const struct evidence_kind *what = kind == ITEM_KIND_COUNT ? evidence_kind(value) : NULL;
    if (what && value.p[0] == '{' && what->places & PLACE_COLLATERAL)
        return ITEM_COLLATERAL;
    if (kind == ITEM_KIND_COUNT && amd_collateral_takes(value, a))
        return ITEM_COLLATERAL;
    enum endorsement_kind word = what ? endorsement_is(label, value) : ENDORSEMENT_KIND_COUNT;
    return word == ENDORSEMENT_KIND_COUNT ? kind : endorsement_row(word)->item;
}

static bool usage_error(const char *word, const char *why)
{
    out_error("\"%s\": %s", word, why);
    out_hint(
        "write LABEL=FILE; labels: tdx, snp, guest, platform, log.tdx, log.guest, log.platform, "
        "channel, any other for collateral, CRLs and endorsements; or the parts of guest or "
        "platform: guest.attest, guest.signature, guest.public, guest.pcrs, guest.cert");
    return false;
}

/* A label of a TEE's evidence. */
static bool is_tee(const char *label)
{
    return tee_find(label) != KIND_ANY && item_kind_of(label) != ITEM_KIND_COUNT;
}

/* What a label takes beside the parts of a TPM's evidence, where it can be told. */
static bool is_in_place(const char *label, struct span bytes, struct situs_err *err)
{
    bool quote = is_tee(label), log = strncmp(label, "log.", 4) == 0;
    const struct evidence_kind *kind = quote || log ? evidence_kind(bytes) : NULL;
    bool bundle = quote && bytes.n && (bytes.p[0] == '{' || bytes.p[0] >> 5 == 5);
    if (!bundle && (!kind || kind->places & (quote ? PLACE_EVIDENCE : PLACE_LOG)))
        return true;
    err_fail(err, SITUS_UNKNOWN, label, "", SITUS_NO_OFFSET, quote ? "a quote" : "an event log",
             bundle ? "a bundle" : kind->what);
    return err_hint(err, bundle ? "\"situs unpack\" takes it apart" : kind->hint);
}

/* read_item reads the file of a label: of a quote in any form that stands for one. *exit is set. */
static bool read_item(struct file *f, const char *label, const char *path, int *exit,
                      struct situs_err *err)
{
    if (is_tee(label)) {
        if (!load_evidence(f, path, exit, err))
            return false;
    } else if (!file_read(f, path, LIMIT_BUNDLE, err)) {
        *exit = file_exit(err);
        return false;
    }
    *exit = EXIT_BAD_BYTES;
    return is_in_place(label, file_span(f), err);
}

static bool add_part(struct pack *p, const char *item, const char *label, struct span bytes,
                     struct situs_err *err)
{
    size_t i = 0;
    while (p->tpm[i].item && strcmp(p->tpm[i].item, item) != 0)
        i++;
    p->tpm[i].item = item;
    return pack_tpm_add(&p->tpm[i].parts, label, bytes, &p->arena, err);
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
    const char *item = pack_tpm_item(label);
    bool ok = read_item(file, label, equal + 1, exit, &err);
    struct span bytes = file_span(file);
    enum item_kind kind = ok && !item ? kind_of(label, bytes, &p->arena) : ITEM_KIND_COUNT;
    if (ok && !item && kind == ITEM_KIND_COUNT) {
        const struct evidence_kind *what = evidence_kind(bytes);
        char why[160];
        snprintf(why, sizeof why, "no such label, and the file is %s",
                 what ? what->what : "no collateral, CRL or endorsement");
        *exit = EXIT_USAGE;
        return usage_error(word, why);
    }
    if (ok && (item ? add_part(p, item, label, bytes, &err)
                    : bundle_add(&p->bundle, label, kind, bytes, &err)))
        return true;
    if (strcmp(err.got, label) == 0) /* the word is wrong, and not what the file holds */
        *exit = EXIT_USAGE;
    out_failure_of(equal + 1, &err);
    return false;
}

/* add_tpms adds the items that files of their parts make. */
static bool add_tpms(struct pack *p, struct situs_err *err)
{
    struct span value;
    for (size_t i = 0; i < TPMS && p->tpm[i].item; i++)
        if (!pack_tpm_write(&p->tpm[i].parts, p->tpm[i].item, &value, &p->arena, err) ||
            !bundle_add(&p->bundle, p->tpm[i].item, ITEM_TPM_QUOTE, value, err))
            return false;
    return true;
}

static bool collateral_reads(const struct situs_item *item, struct situs_err *err)
{
    size_t size = situs_snapshot_memory(item, 1);
    struct situs_memory memory = {malloc(size), size};
    bool ok = situs_collateral_read(item, 1, NULL, memory, err);
    free(memory.p);
    return ok;
}

/* In a bundle words that do not read, and CRLs that are not complete, only take a proof away. */
static bool words_read(const struct endorsements *words, struct situs_err *err)
{
    const struct situs_err *why = NULL;
    for (size_t i = 0; i < words->n && !why; i++)
        why = words->v[i].why;
    for (size_t i = 0; i < words->crls.n && !why; i++)
        if (words->crls.v[i].why.code != SITUS_NONE)
            why = &words->crls.v[i].why;
    if (why)
        *err = *why;
    return !why;
}

/* reads says that a verifier reads the bundle: all that is in it, by the readers of an appraisal.
 * Nothing is verified, and no policy is asked but where a host's own TPM counts. */
static bool reads(struct span bundle, struct situs_err *err)
{
    static const struct situs_policy metal = {.policy = {.scenario = SCENARIO_BARE_METAL}};
    const struct situs_request q = {.evidence = item_of("bundle", bundle), .policy = &metal};
    struct gathered *g = calloc(1, sizeof *g);
    size_t room = situs_verify_memory(&q);
    void *memory = malloc(room);
    struct arena a = arena_new(memory, memory ? room : 0);
    bool ok = g ? gather(g, &q, &a, err)
                : err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
    for (size_t i = 0; ok && i < g->n_collateral; i++)
        ok = collateral_reads(&g->collateral[i], err);
    ok =
        ok && words_read(&g->words, err) && (!g->channel.n || der_spki(g->channel, "channel", err));
    if (g)
        gather_free(g);
    free(g);
    free(memory);
    return ok;
}

/* write_out writes the bundle, once it reads. */
static int write_out(const struct pack *p, const char *path, bool json)
{
    struct situs_err err = {0};
    size_t room = 2 * LIMIT_BUNDLE; /* base64 in JSON */
    void *memory = malloc(room);
    struct wr w = wr_new(memory, memory ? room : 0);
    int exit = EXIT_BAD_BYTES;
    bool ok = bundle_write(&p->bundle, json, &w) && wr_ok(&w) && w.n <= LIMIT_BUNDLE;
    if (!ok)
        err_fail(&err, SITUS_TOO_LONG, "bundle", "size", SITUS_NO_OFFSET, "at most 4 MiB", "more");
    ok = ok && reads(wr_span(&w), &err);
    if (ok) {
        ok = file_write(path, wr_span(&w), &err);
        exit = EXIT_USAGE;
    }
    free(memory);
    if (ok)
        return EXIT_GOOD;
    out_failure(&err);
    return exit;
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
    struct situs_err err = {0};
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
    if (ok && !add_tpms(p, &err)) {
        out_failure(&err);
        exit = EXIT_BAD_BYTES;
        ok = false;
    }
    if (ok)
        exit = write_out(p, output, json);
    for (size_t i = 0; p && i < p->n; i++)
        file_free(&p->file[i]);
    free(memory);
    free(p);
    return exit;
}
