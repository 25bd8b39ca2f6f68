/* situs collateral fetch: the collateral of a platform, from Intel's PCS or a PCCS. */
#include "base/text.h"
#include "collateral/collateral.h"
#include "fetch/obtain.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdlib.h>

struct options {
    const char *evidence, *ca, *tee, *key, *to;
    struct words fmspc, product;
    bool replace;
    struct obtain_options obtain;
};

static bool wrong(const char *option, const char *value, const char *hint)
{
    out_error("--%s \"%s\" is not possible", option, value);
    out_hint("%s", hint);
    return false;
}

/* What is wanted of AMD, by words: not the certificate of a chip, which evidence asks for. */
static bool by_products(struct wanted *w, const struct options *o)
{
    bool vlek = o->key && strcmp(o->key, "vlek") == 0;
    if (o->key && !vlek && strcmp(o->key, "vcek") != 0)
        return wrong("key", o->key, "keys are: vcek (default), vlek");
    for (size_t i = 0; i < o->product.n; i++) {
        const struct product *p = product_by_name(span_text(o->product.v[i]));
        if (!p)
            return wrong("product", o->product.v[i],
                         "products are: Milan, Genoa (Bergamo, Siena), Turin, Venice");
        wanted_product(w, p, vlek);
    }
    return true;
}

/* What is wanted of Intel, by the platforms' own words. */
static bool by_platforms(struct wanted *w, const struct options *o)
{
    struct wanted_info info = {.tdx = !o->tee || strcmp(o->tee, "tdx") == 0};
    bool platform = o->ca && strcmp(o->ca, "platform") == 0;
    for (size_t i = 0; i < o->fmspc.n; i++)
        if (!text_hex_read(info.fmspc, sizeof info.fmspc, span_text(o->fmspc.v[i])))
            return wrong("fmspc", o->fmspc.v[i],
                         "an FMSPC is 12 hex digits; \"situs show QUOTE\" prints it");
    if (!o->ca) {
        out_error("--ca is missing: Intel has two CAs of PCK certificates");
        out_hint(
            "servers with several packages, and all with TDX, are of: platform; else processor");
        return false;
    }
    if (!platform && strcmp(o->ca, "processor") != 0)
        return wrong("ca", o->ca, "the CAs are: platform, processor");
    if (!info.tdx && strcmp(o->tee, "sgx") != 0)
        return wrong("tee", o->tee, "TEEs are: tdx (default), sgx");
    for (size_t i = 0; i < o->fmspc.n; i++)
        if (text_hex_read(info.fmspc, sizeof info.fmspc, span_text(o->fmspc.v[i])))
            wanted_platform(w, &info, platform);
    return true;
}

/* What is wanted, by a quote or bundle. *exit is set on failure. */
static bool by_evidence(struct wanted *w, const char *path, int *exit)
{
    struct situs_err err = {0};
    struct file file = {NULL, NULL, 0};
    bool ok = load_evidence(&file, path, exit, &err);
    if (ok && !wanted_by_evidence(w, file_span(&file), &err)) {
        ok = false;
        *exit = EXIT_BAD_BYTES;
    }
    if (!ok)
        out_failure_of(path, &err);
    file_free(&file);
    return ok;
}

/* hold looks whether what never changes is there already: KDS gives few VCEKs in a minute. */
static void hold(struct wanted *w, const char *to, const struct situs_trust *trust)
{
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    struct situs_err none = {0};
    if (w->n_amd && c && collateral_add(c, to, &none) &&
        load_snapshot(&s, c->parts, c->n, trust, &none))
        for (size_t i = 0; i < w->n_amd; i++)
            w->amd[i].has = wanted_vek(&w->amd[i], s.snapshot).n > 0;
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
}

static int fetch(void *options, const struct situs_trust *trust)
{
    const struct options *o = options;
    struct pcs_service service;
    struct wanted w = {.n = 0};
    int exit = EXIT_USAGE;
    if (!obtain_service(&service, &o->obtain))
        return EXIT_USAGE;
    if (!(o->evidence ? by_evidence(&w, o->evidence, &exit)
                      : (!o->fmspc.n || by_platforms(&w, o)) && by_products(&w, o)))
        return exit;
    hold(&w, o->to, trust);
    if (!o->replace)
        return obtain(&service, &o->obtain, &w, trust, NULL, true, o->to);
    struct loaded_snapshot held = {.snapshot = NULL};
    struct collateral *c = calloc(1, sizeof *c);
    struct situs_err none = {0}; /* what is not there, or does not hold, is not compared with */
    if (c && collateral_add(c, o->to, &none) && !load_snapshot(&held, c->parts, c->n, trust, &none))
        held.snapshot = NULL;
    exit = obtain(&service, &o->obtain, &w, trust, held.snapshot, false, o->to);
    load_snapshot_free(&held);
    if (c)
        collateral_free(c);
    free(c);
    return exit;
}

static bool asks_for_one(const struct options *o)
{
    bool intel = o->fmspc.n || o->ca || o->tee, amd = o->product.n || o->key;
    if (o->evidence && (intel || amd)) {
        out_error("--for and --fmspc, --ca, --tee, --product or --key are given");
        out_hint("the evidence of --for says what the others do");
        return false;
    }
    if (o->key && !o->product.n) {
        out_error("--key is given without --product");
        out_hint("it says whose issuer signs reports of that product: vcek or vlek");
        return false;
    }
    if (!o->fmspc.n && (o->ca || o->tee) && o->product.n) {
        out_error("--ca or --tee is given without --fmspc");
        out_hint("both speak of Intel's platforms");
        return false;
    }
    if (o->evidence || o->fmspc.n || o->product.n)
        return true;
    out_error("--for EVIDENCE is missing");
    out_hint("the quote names the platform that the collateral is for; else give --fmspc and --ca, "
             "or --product");
    return false;
}

command_function cmd_collateral_fetch;
int cmd_collateral_fetch(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("for", 0, "EVIDENCE", &o.evidence, "the quote or bundle to fetch for"),
        OPTION_LIST("fmspc", 0, "HEX", &o.fmspc, "or the platforms' FMSPCs, 12 hex digits, and"),
        OPTION_VALUE("ca", 0, "platform|processor", &o.ca, "who certified them"),
        OPTION_VALUE("tee", 0, "tdx|sgx", &o.tee, "which (default: tdx)"),
        OPTION_LIST("product", 0, "NAME", &o.product, "or AMD's products, as Genoa: chain and CRL"),
        OPTION_VALUE("key", 0, "vcek|vlek", &o.key, "whose issuer (default: vcek)"),
        OPTION_FLAG("replace", 0, &o.replace, "the answers take the place of what DIR holds"),
        OBTAIN_OPTIONS(o.obtain)};
    int exit;
    o.to = ARGS_ONE(own, options, argc, argv, &exit);
    if (!o.to)
        return exit;
    exit = asks_for_one(&o) ? load_with_trust(o.obtain.trust, fetch, &o) : EXIT_USAGE;
    if (exit == EXIT_GOOD)
        out_note("%s now holds the collateral", o.to);
    return exit;
}
