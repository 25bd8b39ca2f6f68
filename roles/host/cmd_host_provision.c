/* situs host provision: a sealed AK_d under the EK, and its certificate (DESIGN: attestation
 * key). */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "host/enrol.h"
#include "host/host_state.h"

#include <stdio.h>
#include <stdlib.h>

#define LAUNCH_PCRS "sha256:17,18"
#define VTPM_PCRS "sha384:0-9,11-14" /* DESIGN: measurements, 1 */

struct options {
    const char *tcti, *registrar, *state, *pcrs, *launch_log, *authority, *reference, *approval,
        *ek;
    struct words chain;
    bool vtpm, verbose;
};

/* Everything held while provisioning. */
struct work {
    struct options o;
    struct host_state state;
    struct tpm *tpm;
    struct tpm_key ek, ak;
    struct file chain[LIMIT_CHAIN_CERTS], log, authority, signature;
    uint8_t ek_cert[TPM_EK_CERT_MAX];
    size_t ek_cert_size;
};

static bool read_options(struct options *o, const struct command *own, int argc, char **argv,
                         int *exit)
{
    const struct option rows[] = {
        OPTION_VALUE("tcti", 0, "TCTI", &o->tcti, "the TPM, as device:/dev/tpmrm0 (required)"),
        OPTION_VALUE("registrar", 0, "SOCKET", &o->registrar, "the registrar (required)"),
        OPTION_VALUE("state", 0, "DIR", &o->state, "where the key and certificate go (required)"),
        OPTION_VALUE("pcrs", 0, "SET", &o->pcrs, "what to seal to (" LAUNCH_PCRS ")"),
        OPTION_LIST("ek-chain", 0, "FILE", &o->chain, "DER certificates above the EK's"),
        OPTION_VALUE("ek", 0, "rsa|p384", &o->ek, "the TPM's endorsement key to use (rsa)"),
        OPTION_VALUE("launch-log", 0, "FILE", &o->launch_log, "log of the measured launch"),
        OPTION_VALUE("authority", 0, "FILE", &o->authority,
                     "TPMT_PUBLIC of the key that approves hosts (PolicyAuthorize)"),
        OPTION_VALUE("reference", 0, "TEXT", &o->reference, "its policyRef"),
        OPTION_VALUE("approval", 0, "FILE", &o->approval, "its TPMT_SIGNATURE for this host"),
        OPTION_VERBOSE(&o->verbose),
        OPTION_FLAG("vtpm", 0, &o->vtpm, "a vTPM's AK_v, not sealed (managed cloud)"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    struct words operands = {.n = 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    if (o->ek && strcmp(o->ek, "rsa") != 0 && strcmp(o->ek, "p384") != 0) {
        out_error("--ek %s is not one that situs knows", o->ek);
        out_hint("rsa: RSA-2048, template L-1; p384: P-384, template H-3");
        return false;
    }
    if (o->tcti && o->registrar && o->state && !o->authority == !o->approval)
        return true;
    out_error("--tcti, --registrar, --state are needed, and --authority only with --approval");
    out_hint(
        "as: situs host provision --tcti device:/dev/tpmrm0 --registrar SOCKET --state DIR; see "
        "situs-host(1)");
    return false;
}

static bool load_files(struct work *w, struct situs_err *err)
{
    const struct options *o = &w->o;
    if (o->chain.n > LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_TOO_LONG, "ek-chain", "", SITUS_NO_OFFSET, "at most 6", "more");
    for (size_t i = 0; i < o->chain.n; i++)
        if (!file_read(&w->chain[i], o->chain.v[i], LIMIT_CERT, err))
            return false;
    return (!o->launch_log || file_read(&w->log, o->launch_log, LIMIT_LOG, err)) &&
           (!o->authority || (file_read(&w->authority, o->authority, LIMIT_ATTEST, err) &&
                              file_read(&w->signature, o->approval, LIMIT_ATTEST, err)));
}

static const char *pcrs_of(const struct options *o)
{
    return o->pcrs ? o->pcrs : o->vtpm ? VTPM_PCRS : LAUNCH_PCRS;
}

static bool read_seal(struct work *w, struct situs_err *err)
{
    struct tpm_selection pcrs[LIMIT_PCR_SELECTIONS];
    size_t n;
    struct host_state *s = &w->state;
    if (!tpm_selections_read(span_text(pcrs_of(&w->o)), pcrs, &n) || n != 1)
        return err_fail(err, SITUS_MALFORMED, "pcrs", "", SITUS_NO_OFFSET,
                        "one bank, as " LAUNCH_PCRS, pcrs_of(&w->o));
    s->p384 = w->o.ek && strcmp(w->o.ek, "p384") == 0;
    s->seal = (struct tpm_seal){.pcrs = pcrs[0]};
    if (w->o.authority) {
        s->approval = (struct tpm_approval){file_span(&w->authority),
                                            span_text(w->o.reference ? w->o.reference : ""),
                                            file_span(&w->signature)};
        s->seal.approval = &s->approval;
    }
    return true;
}

/* make_sealed makes AK_d and saves it at once: a second try enrols the same key. A key that the TPM
 * no longer loads or whose seal is another (TPM2_Clear, a new host) is replaced. */
static bool make_sealed(struct work *w, struct situs_err *err)
{
    struct host_state old;
    struct situs_err ignored = {0};
    uint8_t policy[32];
    bool there = false, same = false;
    if (!tpm_seal_policy(w->tpm, &w->state.seal, policy, err) ||
        !host_state_load(&old, w->o.state, &there, err))
        return false;
    struct tpm_public public;
    if (there && tpm_public_read(&public, span_of(old.ak.public, old.ak.public_size), &ignored))
        same = old.p384 == w->state.p384 && span_equal(public.auth_policy, SPAN_ARR(policy)) &&
               tpm_ak_load(w->tpm, &w->ek, &old.ak, &w->ak, &ignored);
    if (same)
        w->state.ak = old.ak;
    host_state_free(&old);
    if (same)
        return true;
    return tpm_ak_create(w->tpm, &w->ek, policy, &w->state.ak, err) &&
           tpm_ak_load(w->tpm, &w->ek, &w->state.ak, &w->ak, err) &&
           host_state_save(&w->state, w->o.state, pcrs_of(&w->o), err);
}

/* AK_v is made anew from its template; its state has only the public area to tell it by. */
static bool make_vtpm_key(struct work *w, struct situs_err *err)
{
    if (!tpm_ak_primary(w->tpm, &w->ak, err))
        return false;
    memcpy(w->state.ak.public, w->ak.public, w->ak.public_size);
    w->state.ak.public_size = w->ak.public_size;
    w->state.ak.private[0] = 0; /* a primary has no private area outside */
    w->state.ak.private_size = 1;
    return true;
}

static void let_go(void *context)
{
    struct work *w = context;
    tpm_flush(w->tpm, &w->ak);
    tpm_flush(w->tpm, &w->ek);
    tpm_close(w->tpm);
    w->tpm = NULL;
}

/* hold loads again what was made before. */
static struct tpm *hold(void *context, struct situs_err *err)
{
    struct work *w = context;
    w->tpm = tpm_open(w->o.tcti, err);
    bool ok = w->tpm && host_state_ek(&w->state, w->tpm, &w->ek, err) &&
              (w->o.vtpm ? tpm_ak_primary(w->tpm, &w->ak, err)
                         : tpm_ak_load(w->tpm, &w->ek, &w->state.ak, &w->ak, err));
    return ok ? w->tpm : NULL;
}

static bool provision(struct work *w, struct enrol_pending *pending, struct situs_err *err)
{
    struct enrolled enrolled = {.n_certs = 0};
    if (!load_files(w, err) || !read_seal(w, err))
        return false;
    w->tpm = tpm_open(w->o.tcti, err);
    if (!w->tpm || !host_state_ek(&w->state, w->tpm, &w->ek, err) ||
        !tpm_nv_read(w->tpm, w->state.p384 ? TPM_NV_EK_CERT_P384 : TPM_NV_EK_CERT, w->ek_cert,
                     sizeof w->ek_cert, &w->ek_cert_size, err) ||
        !(w->o.vtpm ? make_vtpm_key(w, err) : make_sealed(w, err)))
        return false;
    struct enrol e = {
        .socket = w->o.registrar,
        .context = w,
        .hold = hold,
        .let_go = let_go,
        .ek = &w->ek,
        .ak = &w->ak,
        .seal = w->o.vtpm ? NULL : &w->state.seal,
        .pcrs = &w->state.seal.pcrs,
        .ek_cert = span_of(w->ek_cert, w->ek_cert_size),
        .n_chain = w->o.chain.n,
        .launch_log = file_span(&w->log),
    };
    for (size_t i = 0; i < e.n_chain; i++)
        e.chain[i] = file_span(&w->chain[i]);
    bool ok = enrol_run(&e, &enrolled, pending, err);
    if (ok) {
        w->state.n_certs = enrolled.n_certs;
        memcpy(w->state.certs, enrolled.certs, sizeof enrolled.certs);
        ok = host_state_save(&w->state, w->o.state, pcrs_of(&w->o), err);
    }
    enrol_free(&enrolled);
    return ok;
}

static void free_work(struct work *w)
{
    let_go(w);
    for (size_t i = 0; i < LIMIT_CHAIN_CERTS; i++)
        file_free(&w->chain[i]);
    file_free(&w->log);
    file_free(&w->authority);
    file_free(&w->signature);
    free(w);
}

command_function cmd_host_provision;
int cmd_host_provision(const struct command *own, int argc, char **argv)
{
    struct situs_err err = {0};
    struct enrol_pending pending = {.waits = false};
    int exit = EXIT_USAGE;
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return exit;
    if (read_options(&w->o, own, argc, argv, &exit)) {
        exit = EXIT_GOOD;
        if (w->o.verbose)
            out_verbose();
        if (!provision(w, &pending, &err)) {
            if (pending.waits) /* what whoever stands here tells the provider */
                snprintf(err.hint, sizeof err.hint,
                         "this machine is in boot %lu,%lu: the provider must confirm that it was "
                         "seen in its place in this boot; then run this again",
                         (unsigned long)pending.reset_count, (unsigned long)pending.restart_count);
            out_failure(&err);
            exit = pending.waits ? EXIT_COLLATERAL : exits_of(&err);
        }
    }
    free_work(w);
    return exit;
}
