/* situs verify: appraise evidence. It loads what the options name, and never touches the network;
 * what is decided is decided in the library (situs/verify.h). */
#include "base/text.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/load.h"
#include "cli/out.h"
#include "cli/seen.h"
#include "situs/report.h"
#include "situs/verify.h"

#include <stdlib.h>

#define REPORT_ROOM (1024 * 1024)

/* The options, as text. */
struct options {
    const char *policy, *trust, *ccel, *pcr_log, *nonce, *channel, *at;
    struct words collateral, endorsements, list_seen, revocation_seen;
    bool json;
};

/* Everything that was loaded for them. */
struct inputs {
    struct file input, ccel, pcr_log, channel, endorsement[LIMIT_ENDORSEMENTS];
    struct verify_item item[LIMIT_ENDORSEMENTS];
    uint8_t nonce[32];
    struct loaded_policy policy;
    struct loaded_trust trust;
    struct collateral collateral;
    struct loaded_snapshot snapshot;
    struct seen_option list_seen, revocation_seen;
};

static bool read_options(struct options *o, int argc, char **argv, struct words *operands,
                         int *exit)
{
    const struct option rows[] = {
        OPTION_VALUE("policy", 'p', "FILE|PRESET", &o->policy, "what to demand (required)"),
        OPTION_LIST("collateral", 'c', "FILE|DIR", &o->collateral, "Intel collateral"),
        OPTION_LIST("endorsement", 'e', "FILE", &o->endorsements,
                    "who answers for the machine; CRLs of issuers (repeatable)"),
        OPTION_VALUE("trust", 't', "FILE", &o->trust, "trust anchors (default: built in)"),
        OPTION_VALUE("ccel", 0, "FILE", &o->ccel, "event log of the TD"),
        OPTION_VALUE("pcr-log", 0, "FILE", &o->pcr_log, "event log of the guest's TPM"),
        OPTION_VALUE("nonce", 0, "HEX", &o->nonce, "the challenge, 32 bytes"),
        OPTION_VALUE("channel", 0, "FILE", &o->channel, "peer's SubjectPublicKeyInfo, DER"),
        OPTION_LIST_SEEN(&o->list_seen),
        OPTION_REVOCATION_SEEN(&o->revocation_seen),
        OPTION_AT(&o->at),
        OPTION_JSON(&o->json),
    };
    const struct args args = {"verify", rows, sizeof rows / sizeof *rows, 1, 1};
    if (!args_read(&args, argc, argv, operands, exit))
        return false;
    if (o->endorsements.n > SITUS_ENDORSEMENTS) {
        *exit = EXIT_USAGE;
        out_error("--endorsement is given more than %d times", SITUS_ENDORSEMENTS);
        return false;
    }
    if (o->policy)
        return true;
    char list[256];
    *exit = EXIT_USAGE;
    out_error("--policy is missing: a verdict needs to know what to demand");
    out_hint("presets: %s; \"situs policy explain PRESET\" says what each demands",
             load_presets(list, sizeof list));
    return false;
}

static bool read_nonce(struct inputs *in, const char *hex)
{
    if (!hex || text_hex_read(in->nonce, sizeof in->nonce, span_text(hex)))
        return true;
    out_error("--nonce is not 64 hex digits");
    out_hint("\"situs challenge\" prints one");
    return false;
}

static bool read_seen(struct inputs *in, const struct options *o)
{
    return seen_option_read(&in->list_seen, &o->list_seen, "list-seen", in->trust.trust,
                            ANCHOR_LIST) &&
           seen_option_read(&in->revocation_seen, &o->revocation_seen, "revocation-seen",
                            in->trust.trust, ANCHOR_POE);
}

/* optional reads the file of an option that may be absent. An empty file is refused: to the library
 * it would look like an option that was not given, and a check would not run. */
static bool optional(struct file *f, const char *path, size_t limit, struct situs_err *err)
{
    if (!path || (file_read(f, path, limit, err) && f->n > 0))
        return true;
    return err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "bytes", "an empty file");
}

/* A key in PEM would only ever be another key than the peer's. */
static bool check_channel(const struct file *f, struct situs_err *err)
{
    if (f->n == 0 || f->p[0] == 0x30) /* SEQUENCE, RFC 5280 4.1.2.7 */
        return true;
    err_fail(err, SITUS_MISSING, "--channel", "", 0, "a SubjectPublicKeyInfo in DER",
             "other bytes");
    return err_hint(err, "openssl pkey -pubin -in KEY.pem -outform DER -out KEY.der");
}

/* read_endorsements reads the files of --endorsement; an empty one is refused as in optional. */
static bool read_endorsements(struct inputs *in, const struct words *paths, struct situs_err *err)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (!optional(&in->endorsement[i], paths->v[i], LIMIT_LIST, err))
            return false;
        in->item[i] = (struct verify_item){paths->v[i], file_span(&in->endorsement[i])};
    }
    return true;
}

/* read_files reads the bytes; a failure is in err, one that is a refusal (too long) among them. */
static bool read_files(struct inputs *in, const struct options *o, const char *input,
                       struct situs_err *err)
{
    bool ok = file_read(&in->input, input, LIMIT_BUNDLE, err) &&
              optional(&in->ccel, o->ccel, LIMIT_LOG, err) &&
              optional(&in->pcr_log, o->pcr_log, LIMIT_LOG, err) &&
              optional(&in->channel, o->channel, LIMIT_CERT, err) &&
              check_channel(&in->channel, err);
    for (size_t i = 0; ok && i < o->collateral.n; i++)
        ok = collateral_add(&in->collateral, o->collateral.v[i], err);
    return ok && read_endorsements(in, &o->endorsements, err);
}

/* print writes the report; a report that does not fit is no report. */
static int print(const struct result *r, bool json)
{
    char *buffer = malloc(REPORT_ROOM);
    struct wr w = wr_new(buffer, buffer ? REPORT_ROOM : 0);
    if (json)
        report_json(r, &w);
    else
        report_text(r, out_colour(), &w);
    bool ok = buffer && wr_ok(&w);
    if (ok)
        out_bytes(wr_span(&w));
    if (ok && json)
        out_print("\n");
    free(buffer);
    if (ok)
        return r->exit;
    out_error("the report does not fit its memory");
    return EXIT_USAGE;
}

/* room_for is the memory of one appraisal: more when the input may be a bundle in JSON, or one with
 * collateral that is needed. */
static size_t room_for(struct span input, bool collateral_given)
{
    const struct collateral_part part = {"", input};
    return VERIFICATION_ARENA + input.n + (collateral_given ? 0 : collateral_room(&part, 1));
}

static int appraise(struct inputs *in, const struct options *o, const char *input, int64_t at)
{
    struct situs_err err = {0};
    bool given = o->collateral.n > 0, ok = read_files(in, o, input, &err);
    if (!ok && file_exit(&err) == EXIT_USAGE) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    size_t room = room_for(file_span(&in->input), given);
    struct result *result = calloc(1, sizeof *result);
    void *memory = malloc(room);
    int exit = EXIT_USAGE;
    if (!result || !memory) {
        out_error("out of memory");
        goto done;
    }
    struct arena a = arena_new(memory, room);
    struct verify_request request = {.input = file_span(&in->input),
                                     .ccel = file_span(&in->ccel),
                                     .pcr_log = file_span(&in->pcr_log),
                                     .nonce = o->nonce ? SPAN_ARR(in->nonce) : span_of(NULL, 0),
                                     .channel = file_span(&in->channel),
                                     .endorsements = in->item,
                                     .n_endorsements = o->endorsements.n,
                                     .trust = in->trust.trust,
                                     .policy = &in->policy.policy,
                                     .list_seen = seen_option_set(&in->list_seen),
                                     .revocation_seen = seen_option_set(&in->revocation_seen),
                                     .at = at,
                                     .archived = o->at != NULL};
    ok = ok && (!given || load_snapshot(&in->snapshot, in->collateral.parts, in->collateral.n,
                                        in->trust.trust, &err));
    if (ok)
        verify_evidence(result, &request, given ? &in->snapshot.snapshot : NULL, NULL, &a);
    else
        verify_refused(result, &request, &err, &a);
    exit = print(result, o->json);
done:
    free(memory);
    free(result);
    return exit;
}

int cmd_verify(int argc, char **argv)
{
    struct options o = {0};
    struct words operands = {.n = 0};
    int exit = EXIT_USAGE;
    int64_t at;
    if (!read_options(&o, argc, argv, &operands, &exit))
        return exit;
    struct inputs *in = calloc(1, sizeof *in);
    if (!in) {
        out_error("out of memory");
        return EXIT_USAGE;
    }
    if (args_time(o.at, &at) && read_nonce(in, o.nonce) && load_policy(&in->policy, o.policy) &&
        load_trust(&in->trust, o.trust) && read_seen(in, &o))
        exit = appraise(in, &o, operands.v[0], at);
    file_free(&in->input);
    file_free(&in->ccel);
    file_free(&in->pcr_log);
    file_free(&in->channel);
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++)
        file_free(&in->endorsement[i]);
    load_policy_free(&in->policy);
    load_trust_free(&in->trust);
    load_snapshot_free(&in->snapshot);
    seen_option_free(&in->list_seen);
    seen_option_free(&in->revocation_seen);
    collateral_free(&in->collateral);
    free(in);
    return exit;
}
