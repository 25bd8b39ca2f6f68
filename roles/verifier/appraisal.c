/* From options to the report; see appraisal.h. */
#include "verifier/appraisal.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdlib.h>

#define REPORT_ROOM (1024 * 1024)

static bool check_options(const struct appraisal_options *o)
{
    if (o->endorsements.n > SITUS_ENDORSEMENTS) {
        out_error("--endorsement is given more than %d times", SITUS_ENDORSEMENTS);
        return false;
    }
    if (o->policy)
        return true;
    char list[256];
    out_error("--policy is missing: a verdict needs to know what to demand");
    out_hint("presets: %s; \"situs policy explain PRESET\" says what each demands",
             load_presets(list, sizeof list));
    return false;
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
    return f->n == 0 || der_spki(file_span(f), f->path, err);
}

/* read_endorsements loads the files of --endorsement; what they hold the library says. */
static bool read_endorsements(struct appraisal *x, const struct words *paths, struct situs_err *err)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (!file_read(&x->endorsement[i], paths->v[i], LIMIT_LIST, err))
            return false;
        x->item[i] = item_of(paths->v[i], file_span(&x->endorsement[i]));
    }
    return load_endorsements(&x->words, x->item, paths->n, x->trust.trust, err);
}

/* read_evidence reads what is judged; *exit is 1 where it is not there, 2 where it is refused. */
static bool read_evidence(struct appraisal *x, const struct appraisal_options *o, const char *input,
                          int *exit, struct situs_err *err)
{
    if (!x->input.p && !load_evidence(&x->input, input, exit, err))
        return false;
    bool ok = optional(&x->ccel, o->ccel, LIMIT_LOG, err) &&
              optional(&x->pcr_log, o->pcr_log, LIMIT_LOG, err);
    *exit = ok ? EXIT_GOOD : file_exit(err);
    return ok;
}

/* read_given reads what the caller gives beside the evidence: a failure is his mistake. */
static bool read_given(struct appraisal *x, const struct appraisal_options *o,
                       struct situs_err *err)
{
    bool ok = x->channel.p || (optional(&x->channel, o->channel, LIMIT_CERT, err) &&
                               check_channel(&x->channel, err));
    for (size_t i = 0; ok && i < o->collateral.n; i++)
        ok = collateral_add(&x->collateral, o->collateral.v[i], err);
    return ok && read_endorsements(x, &o->endorsements, err);
}

static int print(const struct situs_result *r, const struct args_report *o)
{
    int exit = situs_result_exit(r);
    if (o->quiet)
        return exit;
    char *text = malloc(REPORT_ROOM);
    size_t n = !text     ? REPORT_ROOM
               : o->json ? situs_result_json(r, text, REPORT_ROOM)
               : o->all  ? situs_result_text(r, out_colour(), text, REPORT_ROOM)
                         : situs_result_brief(r, out_colour(), text, REPORT_ROOM);
    exit = out_report(text, n, REPORT_ROOM, o->json, exit);
    free(text);
    return exit;
}

struct situs_request appraisal_request(const struct appraisal *x, const struct situs_policy *policy)
{
    struct span nonce = span_of(x->nonce.n ? x->nonce.bytes : NULL, x->nonce.n);
    return (struct situs_request){
        .evidence = item_of("evidence", file_span(&x->input)),
        .ccel = item_of(x->options.ccel, file_span(&x->ccel)),
        .pcr_log = item_of(x->options.pcr_log, file_span(&x->pcr_log)),
        .nonce = item_of("nonce", nonce),
        .channel = item_of("channel", file_span(&x->channel)),
        .endorsements = x->words.endorsements,
        .list_seen = x->seen.v,
        .n_list_seen = x->seen.n,
        .trust = x->trust.trust,
        .policy = policy,
        .snapshot = x->snapshot.snapshot,
        .at = x->at,
        .archived = x->options.at != NULL,
        .round_trip_us = x->round_trip_us,
        .round_trips = x->trips,
        .warn_days = x->warn_days,
    };
}

size_t appraisal_memory(const struct appraisal *x)
{
    struct situs_request request = appraisal_request(x, x->policy.policy);
    return situs_verify_memory(&request);
}

static bool failed(const struct situs_err *err)
{
    out_failure(err);
    return false;
}

/* A mistake in the question has no verdict: it is said as every other wrong option. */
static int conclude(const struct situs_result *r, const struct args_report *o)
{
    struct situs_error why;
    char warning[160];
    if (situs_result_warning(r, warning, sizeof warning))
        out_note("warning: %s", warning);
    if (situs_result_exit(r) != EXIT_USAGE || !situs_result_error(r, 0, &why))
        return print(r, o);
    out_failure(&why.why);
    return EXIT_USAGE;
}

/* take_evidence keeps in why what refuses it; false: there is none, said. */
static bool take_evidence(struct appraisal *x, const char *path, struct situs_err *why)
{
    int exit;
    return read_evidence(x, &x->options, path, &exit, why) || exit != EXIT_USAGE || failed(why);
}

/* What a service has today says nothing of another day. */
static bool fetches_for_now(const struct appraisal_options *o)
{
    if (!o->at)
        return true;
    out_error("--collateral auto fetches what holds today, and --at names another time");
    out_hint("keep collateral with the evidence, and give it: --collateral DIR");
    return false;
}

bool appraisal_read(struct appraisal *x, const char *path)
{
    struct situs_err err = {0}, why = {0};
    bool early = auto_collateral_asked(&x->options.collateral);
    const struct appraisal_options *o = &x->options;
    const struct collateral *c = &x->collateral;
    struct loaded_snapshot *s = &x->snapshot;
    if (early && (!fetches_for_now(o) || !take_evidence(x, path, &why)))
        return false;
    if (early)
        auto_collateral(&x->options.collateral, x->cache, file_span(&x->input), o->trust,
                        x->trust.trust);
    if (!read_given(x, o, &err))
        return failed(&err);
    /* Who asked for what holds today, and got nothing, has none: what the sender of the evidence
     * chose does not stand for it. */
    bool own = early || o->collateral.n;
    x->refused_input = SITUS_INPUT_COLLATERAL;
    if (own && !load_snapshot(s, c->parts, c->n, x->trust.trust, &x->refused) &&
        !load_reads(s, c->parts, c->n, x->trust.trust)) {
        out_failure_of(o->collateral.n == 1 ? o->collateral.v[0] : NULL, &x->refused);
        return false;
    }
    if (!early && !take_evidence(x, path, &why))
        return false;
    if (why.code != SITUS_NONE) {
        x->refused_input = SITUS_INPUT_EVIDENCE;
        x->refused = why;
    }
    return true;
}

const struct situs_result *appraisal_judge(const struct appraisal *x,
                                           const struct situs_policy *policy,
                                           struct situs_memory memory)
{
    struct situs_request request = appraisal_request(x, policy);
    return x->refused.code == SITUS_NONE
               ? situs_verify(&request, memory)
               : situs_refused(&request, x->refused_input, &x->refused, memory);
}

/* judge appraises what stands in input. The report is of the last, or of what is refused. */
static int judge(const struct appraisal *x, bool last)
{
    size_t room = appraisal_memory(x);
    void *memory = malloc(room);
    struct situs_memory given = {memory, memory ? room : 0};
    const struct situs_result *r = appraisal_judge(x, x->policy.policy, given);
    int exit = EXIT_USAGE;
    if (!r)
        out_error("out of memory");
    else if (last || situs_result_exit(r) != EXIT_GOOD)
        exit = conclude(r, &x->options.report);
    else
        exit = EXIT_GOOD;
    free(memory);
    return exit;
}

/* judge_all appraises every answer, each with its own challenge; one that is refused ends it. */
static int judge_all(struct appraisal *x)
{
    int exit = EXIT_GOOD;
    for (size_t i = 0; exit == EXIT_GOOD && i < x->n_more; i++) {
        const struct appraisal_answer mine = {x->input, x->nonce}, *other = &x->more[i];
        x->input = other->input;
        x->nonce = other->nonce;
        exit = judge(x, false);
        x->input = mine.input;
        x->nonce = mine.nonce;
    }
    return exit == EXIT_GOOD ? judge(x, true) : exit;
}

int appraisal_run(struct appraisal *x, const char *path)
{
    return appraisal_read(x, path) ? judge_all(x) : EXIT_USAGE;
}

bool appraisal_load(struct appraisal *x)
{
    const struct appraisal_options *o = &x->options;
    return check_options(o) && args_report_ok(&o->report) && args_time(o->at, &x->at) &&
           args_days("warn-days", o->warn_days, 0, &x->warn_days) &&
           args_nonce(o->nonce, &x->nonce) && load_policy(&x->policy, o->policy) &&
           load_trust(&x->trust, o->trust) && list_seen_read(&x->seen, &o->seen, x->trust.trust);
}

void appraisal_free(struct appraisal *x)
{
    file_free(&x->input);
    for (size_t i = 0; i < x->n_more; i++)
        file_free(&x->more[i].input);
    free(x->more);
    file_free(&x->ccel);
    file_free(&x->pcr_log);
    file_free(&x->channel);
    for (size_t i = 0; i < SITUS_ENDORSEMENTS; i++)
        file_free(&x->endorsement[i]);
    load_endorsements_free(&x->words);
    load_policy_free(&x->policy);
    load_trust_free(&x->trust);
    load_snapshot_free(&x->snapshot);
    list_seen_free(&x->seen);
    collateral_free(&x->collateral);
}
