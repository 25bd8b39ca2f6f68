/* situs policy new: a policy from evidence, for people to read and to complete. Nothing is stated
 * for anybody. */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "verifier/policy_import.h"
#include "verifier/policy_new.h"
#include "verifier/policy_options.h"

#include <stdio.h>
#include <stdlib.h>

#define IMPORT_ROOM (1u << 20) /* images and their names */

static int write_policy(const struct policy_form *f, const char *path)
{
    struct situs_err err = {0};
    size_t room = 2 * LIMIT_POLICY;
    uint8_t *text = malloc(room);
    struct wr w = wr_new(text, text ? room : 0);
    policy_form_write(f, &w);
    bool ok = wr_ok(&w) || err_fail(&err, SITUS_TOO_LONG, "policy", "", SITUS_NO_OFFSET,
                                    TEXT_BYTES(room), TEXT_BYTES(w.n));
    ok = ok && file_write(path, wr_span(&w), &err);
    free(text);
    if (!ok) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    if (f->blank)
        out_note(
            "what nobody could know is null in it; \"situs policy check FILE\" lists these places "
            "by line");
    else
        policy_form_say(f);
    return EXIT_GOOD;
}

static int from_evidence(struct appraisal *x, struct policy_form *f, const struct policy_options *o)
{
    char names[2][32];
    int exit = EXIT_USAGE;
    x->options.policy = "genuine"; /* demands the least, until the evidence is read */
    if (!appraisal_load(x) || !appraisal_read(x, o->from))
        return exit;
    policy_options_name(f, o, x->at, names);
    size_t room = policy_new_room(x);
    void *memory = malloc(room);
    if (memory) {
        struct arena a = arena_new(memory, room);
        exit = policy_new_fill(f, x, o->rtmr1_open, o->gpt_open, &a);
        if (exit == EXIT_GOOD)
            exit = write_policy(f, o->out ? o->out : "-");
    } else {
        out_error("out of memory");
    }
    free(memory);
    return exit;
}

static int from_import(struct policy_form *f, const struct policy_options *o)
{
    struct situs_err err = {0};
    struct file file = {0};
    void *memory = malloc(IMPORT_ROOM);
    struct arena a = arena_new(memory, memory ? IMPORT_ROOM : 0);
    int exit = EXIT_USAGE;
    if (file_read(&file, o->import, LIMIT_POLICY, &err) &&
        policy_import_read(f, file_span(&file), o->by, &a, &err))
        exit = write_policy(f, o->out ? o->out : "-");
    else
        out_failure_of(o->import, &err);
    file_free(&file);
    free(memory);
    return exit;
}

static int run(struct appraisal *x, struct policy_form *f, const struct policy_options *o)
{
    if (!o->from && !o->template && !o->import) {
        out_error("--from is missing: a policy is written from evidence");
        out_hint(
            "in the guest: \"situs attest --nonce HEX -o BUNDLE\"; --template writes a form to "
            "fill in by hand");
        return EXIT_USAGE;
    }
    if (!policy_options_read(f, o))
        return EXIT_USAGE;
    if (o->import)
        return from_import(f, o);
    return o->template ? write_policy(f, o->out ? o->out : "-") : from_evidence(x, f, o);
}

command_function cmd_policy_new;
int cmd_policy_new(const struct command *own, int argc, char **argv)
{
    struct words operands = {.n = 0};
    struct policy_options o = {.from = NULL};
    struct policy_form f = {.provider = NULL};
    int exit = EXIT_USAGE;
    struct appraisal *x = calloc(1, sizeof *x);
    if (!x) {
        out_error("out of memory");
        return exit;
    }
    struct appraisal_options *a = &x->options;
    const struct option rows[] = {
        OPTION_VALUE("from", 'f', "BUNDLE", &o.from, "evidence of an honest boot"),
        OPTION_VALUE("template", 0, "live|managed|bare-metal|owned", &o.template,
                     "or a form to fill in"),
        OPTION_VALUE("import", 0, "FILE", &o.import, "or measurements that somebody publishes"),
        OPTION_VALUE("by", 0, "NAME", &o.by, "who publishes them"),
        OPTION_VALUE("require", 'r', "PROOF,...", &o.require, "what to demand (default: bound)"),
        OPTION_VALUE("output", 'o', "FILE", &o.out, "the file to write (default: standard output)"),
        OPTION_VALUE("scenario", 's', "managed|bare-metal", &o.scenario,
                     "where it runs (default: managed)"),
        OPTION_VALUE("profile", 0, "NAME", &o.profile, "firmware: gcp (default), lab; none"),
        OPTION_VALUE("provider", 0, "NAME", &o.provider, "google (default), azure or situs"),
        OPTION_VALUE("name", 'n', "NAME", &o.name, "of the image (default: guest-DATE)"),
        OPTION_VALUE("closed-by", 0, "NAME", &o.closed_by, "who says that the image is closed"),
        OPTION_LIST("closed", 0, "POINT|all", &o.closed, "what he says (default: all points)"),
        OPTION_VALUE("covers", 0, "kernel-hashes|igvm|uki", &f.covers,
                     "what the launch of an SEV-SNP guest measures beside firmware"),
        OPTION_VALUE("host-closed-by", 0, "NAME", &o.host_closed_by, "who says so of the host"),
        OPTION_LIST("host-closed", 0, "POINT|all", &o.host_closed, "what he says"),
        OPTION_FLAG("co-locates", 0, &o.co_locates,
                    "the host's agent speaks for its machine alone"),
        OPTION_VALUE("platform-by", 0, "NAME", &o.platform_by,
                     "who speaks of the provider's vTPMs"),
        OPTION_LIST("platform", 0, "POINT|all", &o.platform, "what he says"),
        OPTION_LIST("project", 0, "ID", &f.projects, "of Google, whose instances count"),
        OPTION_LIST("allow", 0, "ANCHOR=FACILITY", &f.allow,
                    "registrar, and the hall it speaks for"),
        OPTION_LIST("azure-issuer", 0, "NAME", &f.issuers,
                    "of Microsoft's CAs, whose certificates count"),
        OPTION_LIST("owner", 0, "ISSUER=OWNER", &f.owners, "whose endorsements count (owned)"),
        OPTION_LIST("lister", 0, "SIGNER=OWNER", &f.listers, "whose machine lists count (listed)"),
        OPTION_LIST("party", 0, "TPM ANCHOR=ISSUER", &f.parties, "anchors of one party"),
        OPTION_FLAG("rtmr1-by-lists", 0, &o.rtmr1_open, "RTMR1 is what the lists lead to"),
        OPTION_FLAG("gpt-open", 0, &o.gpt_open, "the partition table may grow"),
        OPTION_FLAG("simulated", 0, &f.simulated, "anchors of a lab count"),
        OPTION_VALUE("ccel", 0, "FILE", &a->ccel, "event log of the TD"),
        OPTION_VALUE("pcr-log", 0, "FILE", &a->pcr_log, "event log of the guest's TPM"),
        OPTION_NONCE(&a->nonce),
        OPTION_LIST("collateral", 'c', "FILE|DIR|auto", &a->collateral, "the maker's collateral"),
        OPTION_LIST("endorsement", 'e', "FILE", &a->endorsements, "CRLs of AK issuers"),
        OPTION_VALUE("trust", 't', "FILE", &a->trust, "trust anchors (default: built in)"),
        OPTION_AT(&a->at),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    if (args_read(&args, argc, argv, &operands, &exit))
        exit = run(x, &f, &o);
    appraisal_free(x);
    free(x);
    return exit;
}
