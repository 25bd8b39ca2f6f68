/* situs collateral fetch: the collateral that a quote needs, from Intel's PCS or a PCCS. The only
 * command that uses the network. */
#include "collateral/collateral_state.h"
#include "fetch/pcs.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "situs/door.h"
#include "tee/intel/quote.h"

#include <stdlib.h>

#define TIMEOUT_DEFAULT 30
#define TIMEOUT_MOST 600

struct options {
    const char *quote, *url, *cacert, *trust, *timeout, *at;
};

/* platform_of reads from the quote's PCK chain what to ask for; nothing is verified: the answers
 * are. */
static bool platform_of(struct pcs_request *r, const char *path, struct situs_err *err)
{
    struct file file;
    struct quote q;
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    struct pck_info info;
    size_t n = 0;
    void *memory = malloc(VERIFICATION_ARENA);
    if (!file_read(&file, path, LIMIT_QUOTE, err)) {
        free(memory);
        return false;
    }
    struct arena a = arena_new(memory, memory ? VERIFICATION_ARENA : 0);
    bool ok = quote_read(&q, file_span(&file), err) &&
              intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n, q.certification, q.certification_at,
                              "quote", &a, err);
    const struct intel_cert *pck = NULL;
    for (size_t i = 0; ok && i < n; i++) {
        pck = certs[i].role == INTEL_PCK ? &certs[i] : pck;
        r->platform = r->platform || certs[i].role == INTEL_PLATFORM_CA;
    }
    if (ok && !pck)
        ok = err_fail(err, SITUS_MISSING, "quote", "certification_data", q.certification_at,
                      "a PCK certificate", "none");
    ok = ok && pck_info_read(&info, pck, 0, "PCK certificate", err);
    if (ok) {
        r->tdx = q.tdx;
        memcpy(r->fmspc, info.fmspc, sizeof r->fmspc);
    }
    free(memory);
    file_free(&file);
    return ok;
}

/* complete says that the answers are those that were asked for. */
static bool complete(const struct situs_snapshot *snapshot, const struct pcs_request *r,
                     struct situs_err *err)
{
    const struct snapshot *s = &snapshot->snapshot;
    bool tcb = false, qe = false, root = false, ca = false;
    enum intel_role wanted = r->platform ? INTEL_PLATFORM_CA : INTEL_PROCESSOR_CA;
    for (size_t i = 0; i < s->n_infos; i++)
        tcb = tcb || (s->infos[i].tdx == r->tdx && memcmp(s->infos[i].fmspc, r->fmspc, 6) == 0);
    for (size_t i = 0; i < s->n_qes; i++)
        qe = qe || s->qes[i].tdx == r->tdx;
    for (size_t i = 0; i < s->pki.n_crls; i++) {
        root = root || s->pki.crls[i].issuer->cert.role == INTEL_ROOT;
        ca = ca || s->pki.crls[i].issuer->cert.role == wanted;
    }
    const char *lacks = !tcb  ? "TCB info of this FMSPC"
                        : !qe ? "QE identity of this TEE"
                        : !ca ? "CRL of the PCK certificate's issuer"
                              : "CRL of the root CA";
    if (tcb && qe && root && ca)
        return true;
    err_fail(err, SITUS_MISMATCH, "collateral", "", SITUS_NO_OFFSET, lacks, "another");
    return err_hint(err, "the service answered for another platform; check --url");
}

/* fetch judges at the time of --at (text), or that of the last answer: what ended meanwhile has
 * ended. */
static int fetch(struct pcs_request *r, const struct situs_trust *trust, const char *when,
                 const char *to)
{
    struct situs_err err = {0};
    int64_t at = 0;
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    bool ok = c && pcs_fetch(r, &c->files, &err);
    if (ok)
        collateral_parts(c);
    ok = ok && args_time(when, &at) && load_snapshot(&s, c->parts, c->n, trust, &err) &&
         complete(s.snapshot, r, &err) && collateral_current(s.snapshot, at, &err) &&
         collateral_save(c, to, trust, &err);
    if (!ok)
        out_failure(&err);
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
    return ok ? EXIT_GOOD : load_exit(&err);
}

static bool read_timeout(const char *text, long *seconds)
{
    uint64_t number = TIMEOUT_DEFAULT;
    bool ok = !text || args_number(span_text(text), 1, TIMEOUT_MOST, &number);
    *seconds = (long)number;
    if (ok)
        return true;
    out_error("--timeout \"%s\" is not a number of seconds from 1 to %d", text, TIMEOUT_MOST);
    out_hint("it bounds each of the four answers; the default is %d", TIMEOUT_DEFAULT);
    return false;
}

static int prepare(const struct options *o, const struct situs_trust *trust, const char *to)
{
    struct situs_err err = {0};
    struct pcs_request r = {.url = o->url, .cacert = o->cacert};
    char base[256];
    int64_t at;
    if (!args_time(o->at, &at) || !read_timeout(o->timeout, &r.seconds))
        return EXIT_USAGE;
    bool ok = !o->url || pcs_base(base, o->url, &err);
    if (ok && platform_of(&r, o->quote, &err))
        return fetch(&r, trust, o->at, to);
    out_failure_of(ok ? o->quote : NULL, &err);
    return !ok || err.code == SITUS_MISSING ? EXIT_USAGE : EXIT_BAD_BYTES;
}

command_function cmd_collateral_fetch;
int cmd_collateral_fetch(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("for", 0, "QUOTE", &o.quote, "the quote to fetch for (required)"),
        OPTION_VALUE("url", 0, "URL", &o.url, "base address of a PCCS (default: Intel's PCS)"),
        OPTION_VALUE("cacert", 0, "FILE", &o.cacert, "TLS anchors, PEM (default: the system's)"),
        OPTION_VALUE("timeout", 0, "SECONDS", &o.timeout, "for each answer (default: 30)"),
        OPTION_VALUE("trust", 't', "FILE", &o.trust, "trust anchors (default: built in)"),
        OPTION_AT(&o.at)};
    const struct args args = {own, options, 6, 1, 1};
    struct words operands = {.n = 0};
    struct loaded_trust trust = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (!o.quote) {
        out_error("--for QUOTE is missing");
        out_hint("the quote names the platform that the collateral is for");
    } else if (load_trust(&trust, o.trust)) {
        exit = prepare(&o, trust.trust, operands.v[0]);
    }
    load_trust_free(&trust);
    if (exit == EXIT_GOOD)
        out_note("%s now holds the collateral", operands.v[0]);
    return exit;
}
