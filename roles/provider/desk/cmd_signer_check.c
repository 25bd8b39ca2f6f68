/* situs signer check: what is right and wrong with a signer's key and certificates, each property by
 * itself, and what to do about it. */
#include "base/arena.h"
#include "base/text.h"
#include "frame/load.h"
#include "frame/out.h"
#include "provider/desk/desk.h"
#include "provider/desk/signer.h"
#include "show/show.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM 4096
#define USES (ANCHOR_POE | ANCHOR_LIST | ANCHOR_SUPPLIER)

struct checking {
    struct signer_options options;
    const char *trust, *at;
    int64_t time;
    bool json;
    struct signer signer;
    size_t failed;
    struct json_out *out;
};

static const char *const names[SIGNER_PROPERTIES] = {"key", "curve", "basicConstraints",
                                                     "keyUsage"};
static const char *const good[SIGNER_PROPERTIES] = {"is that of the certificate", "P-384",
                                                    "no CA's", "digitalSignature"};

/* tell prints one property: what it is, or (code) what is wrong with it. */
static void tell(struct checking *c, const char *name, const char *is, const struct situs_err *err)
{
    bool fails = err->code != SITUS_NONE;
    c->failed += fails;
    if (!c->json) {
        if (!fails) {
            out_print("ok    %-17s %s\n", name, is);
            return;
        }
        out_print("FAIL  %-17s expected %s, got %s\n", name, err->expected, err->got);
        if (err->hint[0])
            out_print("      %-17s %s\n", "", err->hint);
        return;
    }
    json_out_object(c->out);
    json_out_pair_string(c->out, "property", name);
    json_out_pair_bool(c->out, "holds", !fails);
    if (fails) {
        json_out_pair_string(c->out, "expected", err->expected);
        json_out_pair_string(c->out, "got", err->got);
        json_out_pair_string(c->out, "hint", err->hint);
    } else {
        json_out_pair_string(c->out, "is", is);
    }
    json_out_close(c->out);
}

/* in_time: all certificates are valid now; a signer's windows are cut to what they share. */
static void in_time(struct checking *c, const struct x509 *leaf)
{
    struct situs_err err = {0};
    struct window w = {INT64_MIN, INT64_MAX};
    char is[80] = "";
    for (size_t i = 0; i < c->signer.n_certs; i++) {
        struct window valid;
        struct x509 *cert = i ? x509_read(c->signer.certs[i], NULL, "certificate", &err) : NULL;
        if ((i == 0 || cert) && x509_validity(i ? cert : leaf, &valid)) {
            w.from = valid.from > w.from ? valid.from : w.from;
            w.to = valid.to < w.to ? valid.to : w.to;
        }
        x509_free(cert);
    }
    snprintf(is, sizeof is, "%s to %s", TEXT_TIME(w.from), TEXT_TIME(w.to));
    if (err.code == SITUS_NONE && !time_in_window(c->time, w)) {
        err_fail(&err, c->time > w.to ? SITUS_EXPIRED : SITUS_NOT_YET_VALID, "certificate",
                 "validity", SITUS_NO_OFFSET, is, TEXT_TIME(c->time));
        err_hint(&err,
                 "all certificates of --chain must be valid when it signs: get new ones, or set "
                 "the clock right");
    }
    tell(c, "validity", is, &err);
}

/* anchors are those of the trust file that a signer may end in, or the chain's own last. */
static size_t anchors(const struct checking *c, const struct trust *trust, struct x509_anchor *v,
                      const char **name)
{
    size_t n = 0;
    for (size_t i = 0; trust && i < trust->n; i++) {
        if (!(trust->anchors[i].uses & USES))
            continue;
        memcpy(v[n].sha256, trust->anchors[i].sha256, sizeof v[n].sha256);
        name[n] = trust->anchors[i].name;
        v[n++].der = trust->anchors[i].der;
    }
    if (trust || c->signer.n_certs < 2)
        return n;
    struct situs_err none = {0};
    v[0].der = c->signer.certs[c->signer.n_certs - 1];
    struct x509 *last = x509_read(v[0].der, NULL, "chain", &none);
    bool ok = last && x509_sha256(last, v[0].sha256);
    x509_free(last);
    name[0] = "the last certificate of --chain (give --trust to ask what verifiers do)";
    return ok ? 1 : 0;
}

static void chain(struct checking *c, const struct x509 *leaf, const struct trust *trust)
{
    struct situs_err err = {0};
    struct x509_answer answer;
    size_t room = trust ? trust->n + 1 : 1, n = 0;
    char is[160] = "";
    struct x509_anchor *v = calloc(room, sizeof *v);
    const char **name = calloc(room, sizeof *name);
    if (v && name)
        n = anchors(c, trust, v, name);
    const struct x509_question q = {.leaf = leaf,
                                    .extra = c->signer.certs + 1,
                                    .n_extra = c->signer.n_certs - 1,
                                    .anchors = v,
                                    .n_anchors = n,
                                    .at = c->time,
                                    .part = "chain"};
    if (!v || !name) {
        err_fail(&err, SITUS_NO_MEMORY, "chain", "", SITUS_NO_OFFSET, "memory", "none");
    } else if (n == 0) {
        err_fail(&err, SITUS_MISSING, "chain", "", SITUS_NO_OFFSET,
                 trust ? "an anchor for poe, list or supplier in --trust"
                       : "the certificates of its CA after it",
                 "none");
        err_hint(&err, trust ? "situs-trust(5); the root's use has to be stated"
                             : "put them into --chain, or give --trust");
    } else if (x509_verify(&q, &answer, &err)) {
        snprintf(is, sizeof is, "ends in %s", name[answer.anchor]);
    } else {
        if (!err.expected[0])
            snprintf(err.expected, sizeof err.expected, "a chain that holds");
        err_hint(&err,
                 "the chain has to lead, certificate by certificate, from the signer to the root");
    }
    tell(c, "chain", is, &err);
    free(v);
    free(name);
}

/* check asks by these anchors; given NULL: the chain's own last. */
static int check(void *checking, const struct situs_trust *given)
{
    struct checking *c = checking;
    const struct trust *trust = given ? &given->trust : NULL;
    char text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    struct situs_err err = {0};
    c->out = &o;
    struct x509 *leaf = NULL;
    if (signer_load(&c->signer, &c->options, &err))
        leaf = x509_read(c->signer.certs[0], NULL, c->options.chain, &err);
    if (!leaf) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    json_out_object(&o);
    json_out_name(&o, "signer");
    json_out_array(&o);
    for (int what = 0; what < SIGNER_PROPERTIES; what++) {
        struct situs_err why = {0};
        signer_lacks(leaf, c->signer.key, (enum signer_property)what, &why);
        bool more = what == SIGNER_USAGE && !x509_signs_only(leaf);
        tell(c, names[what], more ? "digitalSignature, and others: it signs no list" : good[what],
             &why);
    }
    in_time(c, leaf);
    chain(c, leaf, trust);
    x509_free(leaf);
    json_out_close(&o);
    json_out_pair_bool(&o, "good", c->failed == 0);
    json_out_close(&o);
    json_out_end(&o);
    if (c->json)
        out_written(&w, true);
    return c->failed ? EXIT_REFUSED : EXIT_GOOD;
}

command_function cmd_signer_check;
int cmd_signer_check(const struct command *own, int argc, char **argv)
{
    struct checking c = {.trust = NULL};
    struct words operands = {.n = 0};
    const struct option rows[] = {
        OPTION_SIGNER(&c.options),
        OPTION_VALUE("trust", 't', "FILE", &c.trust, "the anchors that its verifiers have"),
        OPTION_AT(&c.at),
        OPTION_JSON(&c.json),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (desk_need(c.options.key, "key", "FILE") && desk_need(c.options.chain, "chain", "FILE") &&
        args_time(c.at, &c.time))
        exit = c.trust ? load_with_trust(c.trust, check, &c) : check(&c, NULL);
    signer_free(&c.signer);
    return exit;
}
