/* situs fleet compose: the supplier's side: sign which processor packages are in a machine. */
#include "base/limits.h"
#include "base/text.h"
#include "endorse/composition/composition.h"
#include "frame/file.h"
#include "frame/out.h"
#include "provider/desk/desk.h"
#include "provider/desk/signer.h"

#include <stdlib.h>

struct compose {
    const char *serial, *name, *supplier, *number, *piid, *manifest, *out, *at;
    struct signer_options sign;
    struct words prids;
    bool json;
    struct signer signer;
    uint8_t prid[LIMIT_COMPOSITION_PACKAGES][COMPOSITION_ID_SIZE], piid_bytes[COMPOSITION_ID_SIZE];
};

static bool read_options(struct compose *c, const struct command *own, int argc, char **argv,
                         int *exit)
{
    struct words operands = {.n = 0};
    const struct option rows[] = {
        OPTION_VALUE("serial", 0, "TEXT", &c->serial, "the machine's serial number (required)"),
        OPTION_VALUE("name", 0, "TEXT", &c->name, "what it is called (default: the serial number)"),
        OPTION_LIST("prid", 0, "HEX", &c->prids, "a processor package in it"),
        OPTION_VALUE("piid", 0, "HEX", &c->piid, "its platform instance, if it was started"),
        OPTION_VALUE("manifest", 0, "FILE", &c->manifest,
                     "packages and instance from its Platform Manifest"),
        OPTION_VALUE("number", 0, "N", &c->number,
                     "number of this manifest, above the last one's (default: 1)"),
        OPTION_VALUE("supplier", 0, "NAME", &c->supplier, "who supplies it (required)"),
        OPTION_SIGNER(&c->sign),
        OPTION_VALUE("output", 'o', "FILE", &c->out, "the manifest (required; - is stdout)"),
        OPTION_AT(&c->at),
        OPTION_JSON(&c->json),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    return args_read(&args, argc, argv, &operands, exit);
}

static bool usage_ok(const struct compose *c)
{
    if (!desk_need(c->serial, "serial", "TEXT") || !desk_need(c->supplier, "supplier", "NAME") ||
        !desk_need(c->sign.key, "key", "FILE") || !desk_need(c->sign.chain, "chain", "FILE") ||
        !desk_need(c->out, "output", "FILE"))
        return false;
    if ((c->manifest != NULL) != (c->prids.n > 0) && !(c->manifest && c->piid))
        return true;
    out_error("give either --manifest, or --prid and, where it is known, --piid");
    out_hint("\"situs fleet compose --help\" lists the options");
    return false;
}

static bool hex_of(uint8_t out[COMPOSITION_ID_SIZE], const char *text, const char *option,
                   struct situs_err *err)
{
    return text_hex_read(out, COMPOSITION_ID_SIZE, span_text(text)) ||
           err_fail(err, SITUS_MISSING, option, "", SITUS_NO_OFFSET, "32 hex digits",
                    TEXT_CUT(span_text(text)));
}

/* ids_of reads PRIDs and PIID, from the options or from the manifest. */
static bool ids_of(struct compose *c, struct composition_terms *t, struct situs_err *err)
{
    struct fleet_platform p = {.machine = NULL};
    const char *piid = c->piid;
    if (c->manifest && !desk_manifest(&p, c->manifest, err))
        return false;
    piid = c->manifest ? p.piid : piid;
    t->n_prids = c->manifest ? p.n_prids : c->prids.n;
    if (t->n_prids > LIMIT_COMPOSITION_PACKAGES)
        return err_fail(err, SITUS_MISSING, "--prid", "", SITUS_NO_OFFSET, "at most 32", "more");
    for (size_t i = 0; i < t->n_prids; i++)
        if (!hex_of(c->prid[i], c->manifest ? p.prid[i] : c->prids.v[i], "--prid", err))
            return false;
    if (piid && !hex_of(c->piid_bytes, piid, "--piid", err))
        return false;
    t->piid = piid ? SPAN_ARR(c->piid_bytes) : span_of(NULL, 0);
    t->prids = (const uint8_t(*)[COMPOSITION_ID_SIZE])c->prid;
    return true;
}

#define NUMBER_MOST 999999999999999999 /* 18 digits */

static bool number_of(const char *text, uint64_t *number, struct situs_err *err)
{
    *number = 1;
    return !text || text_number(span_text(text), 1, NUMBER_MOST, number) ||
           err_fail(err, SITUS_MISSING, "--number", "", SITUS_NO_OFFSET, "a number of 1 or more",
                    text);
}

static bool put(void *to, struct span bytes)
{
    struct wr *w = to;
    wr_bytes(w, bytes);
    return wr_ok(w);
}

static bool write_manifest(struct compose *c, int64_t at, size_t *n, struct situs_err *err)
{
    static uint8_t room[LIMIT_COMPOSITION]; /* one command, one manifest */
    struct wr w = wr_new(room, sizeof room);
    struct composition_terms t = {.issued = at,
                                  .supplier = span_text(c->supplier),
                                  .serial = span_text(c->serial),
                                  .name = span_text(c->name ? c->name : c->serial)};
    if (!ids_of(c, &t, err) || !number_of(c->number, &t.number, err))
        return false;
    const struct signed_doc_issuer issuer = {c->signer.certs, c->signer.n_certs, c->signer.key};
    *n = t.n_prids;
    return composition_write(&t, &issuer, put, &w, err) && file_write(c->out, wr_span(&w), err);
}

static bool ready(struct compose *c)
{
    struct situs_err err = {0};
    if (signer_read_lists(&c->signer, &c->sign, &err))
        return true;
    out_failure(&err); /* exit 1: a file of one's own */
    return false;
}

command_function cmd_fleet_compose;
int cmd_fleet_compose(const struct command *own, int argc, char **argv)
{
    struct compose c = {.serial = NULL};
    struct situs_err err = {0};
    int64_t at;
    size_t n = 0;
    int exit;
    if (!read_options(&c, own, argc, argv, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (usage_ok(&c) && args_time(c.at, &at) && ready(&c)) {
        exit = write_manifest(&c, at, &n, &err) ? EXIT_GOOD : desk_failed(&err);
        if (exit == EXIT_GOOD && strcmp(c.out, "-") != 0)
            out_print(c.json ? "{\"packages\":%zu}\n" : "%zu packages\n", n);
    }
    signer_free(&c.signer);
    return exit;
}
