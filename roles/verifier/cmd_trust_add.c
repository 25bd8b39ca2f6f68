/* situs trust add: a certificate becomes an anchor of a trust file, which is written whole or not at
 * all. */
#include "base/item.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "model/trust.h"
#include "situs/evidence_kind.h"
#include "verifier/trust_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct adding {
    const char *trust, *name, *profile;
    struct words uses;
    bool simulated;
    struct file file, cert;    /* the trust file as it is; the certificate */
    uint8_t room[LIMIT_TRUST]; /* the certificate, decoded */
    char common_name[256], subject[400];
};

static bool wrong(const char *what, const char *hint)
{
    out_error("%s", what);
    out_hint("%s", hint);
    return false;
}

#define USES "uses are: tdx, snp, tpm-maker, provider, poe, list, supplier"

/* Each word is a use, before anything is read. */
static bool known_uses(const struct words *words)
{
    const char *names[32];
    size_t n = 0;
    for (; strcmp(trust_use_name((enum anchor_use)(1u << n)), "none") != 0; n++)
        names[n] = trust_use_name((enum anchor_use)(1u << n));
    for (size_t i = 0, k; i < words->n; i++) {
        for (k = 0; k < n && strcmp(names[k], words->v[i]) != 0; k++)
            ;
        const char *near = k < n ? NULL : near_word(words->v[i], names, n);
        if (k < n)
            continue;
        out_error("--for \"%s\" is not possible", words->v[i]);
        out_hint("%s%s%s" USES, near ? "did you mean \"" : "", near ? near : "",
                 near ? "\"? " : "");
        return false;
    }
    return true;
}

static bool check_options(const struct adding *x)
{
    if (!x->trust)
        return wrong("--trust is missing: which trust file?",
                     "name the file to write or to extend, as --trust trust.json");
    if (!x->uses.n)
        return wrong("--for is missing: what shall the anchor count for?", USES);
    return known_uses(&x->uses);
}

/* The certificate, and a name for it; its fingerprint is for people to compare. */
static bool describe(struct adding *x, struct trust_new *anchor, struct situs_err *err)
{
    uint8_t sha256[32], name[256];
    struct window valid;
    struct x509 *cert = x509_read(anchor->der, NULL, "certificate", err);
    bool ok = cert && ((x509_sha256(cert, sha256) && x509_validity(cert, &valid)) ||
                       err_fail(err, SITUS_MALFORMED, "certificate", "validity", SITUS_NO_OFFSET,
                                "two times", "none"));
    if (ok) {
        size_t n = x509_common_name(cert, name, sizeof name);
        text_cut(x->common_name, sizeof x->common_name, span_of(name, n));
        x509_subject(cert, x->subject, sizeof x->subject);
        out_note("%s, until %.10s", x->subject, TEXT_TIME(valid.to));
        out_note("SHA-256 %s: compare it with what its owner publishes",
                 TEXT_HEX(SPAN_ARR(sha256)));
        if (!x509_is_ca(cert))
            out_note("it is no CA's certificate: what it signs itself may not verify under it");
    }
    x509_free(cert);
    anchor->name = x->name ? x->name : x->common_name;
    return ok;
}

static bool read_certificate(struct adding *x, const char *path, struct trust_new *anchor)
{
    struct situs_err err = {0};
    struct arena a = arena_new(x->room, sizeof x->room);
    if (file_read(&x->cert, path, LIMIT_TRUST, &err) &&
        trust_edit_certificate(file_span(&x->cert), &a, &anchor->der, &err))
        return true;
    if (x->cert.p)
        evidence_kind_named(file_span(&x->cert), PLACE_CERTIFICATE, path, "a root certificate",
                            &err);
    out_failure_of(path, &err);
    return false;
}

/* What is extended; there may be none yet. */
static bool read_trust(struct adding *x)
{
    struct situs_err err = {0};
    if (access(x->trust, F_OK) != 0)
        return true;
    if (file_read(&x->file, x->trust, LIMIT_TRUST, &err) &&
        (x->file.n == 0 ||
         !evidence_kind_named(file_span(&x->file), PLACE_TRUST, x->trust, "a trust file", &err)))
        return true;
    out_failure_of(x->trust, &err);
    return false;
}

/* What was written must read as a trust file does. */
static bool check_text(struct span text, struct situs_err *err)
{
    struct situs_item item = item_of("trust", text);
    size_t size = situs_trust_memory(item);
    void *memory = malloc(size);
    bool ok = memory && situs_trust_read(item, (struct situs_memory){memory, size}, err);
    free(memory);
    return ok || err_fail(err, SITUS_NO_MEMORY, "trust", "", SITUS_NO_OFFSET, "memory", "none");
}

static int add(struct adding *x, const char *path)
{
    struct situs_err err = {0};
    struct trust_new anchor = {.profile = x->profile, .uses = &x->uses, .simulated = x->simulated};
    uint8_t *text = malloc(LIMIT_TRUST);
    struct wr w = wr_new(text, text ? LIMIT_TRUST : 0);
    bool read = read_certificate(x, path, &anchor) && read_trust(x);
    bool ok = read && describe(x, &anchor, &err);
    if (ok) {
        trust_edit_add(file_span(&x->file), &anchor, &w);
        ok = wr_ok(&w) || err_fail(&err, SITUS_TOO_LONG, x->trust, "", SITUS_NO_OFFSET,
                                   TEXT_BYTES(LIMIT_TRUST), TEXT_BYTES(w.n));
        ok = ok && check_text(wr_span(&w), &err) && file_write(x->trust, wr_span(&w), &err);
    }
    free(text);
    if (read && !ok)
        out_failure_of(x->trust, &err);
    if (!ok)
        return EXIT_USAGE;
    out_note("added to %s as \"%s\"%s", x->trust, anchor.name,
             x->file.p ? "" : ", a new file; in it the built-in anchors count too (\"builtin\")");
    return EXIT_GOOD;
}

command_function cmd_trust_add;
int cmd_trust_add(const struct command *own, int argc, char **argv)
{
    struct adding *x = calloc(1, sizeof *x);
    if (!x) {
        out_error("out of memory");
        return EXIT_USAGE;
    }
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &x->trust,
                     "the trust file to write or extend (required)"),
        OPTION_LIST("for", 'f', "USE", &x->uses, "what the anchor counts for (required)"),
        OPTION_VALUE("name", 'n', "NAME", &x->name, "for reports and policies (default: its CN)"),
        OPTION_VALUE("profile", 0, "NAME", &x->profile, "of a provider: google, azure, situs"),
        OPTION_FLAG("simulated", 0, &x->simulated, "an anchor of a lab")};
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (path)
        exit = check_options(x) ? add(x, path) : EXIT_USAGE;
    file_free(&x->file);
    file_free(&x->cert);
    free(x);
    return exit;
}
