/* What the keeper puts on record before an answer leaves; see keeper.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"

#include <signal.h>
#include <stdio.h>

#define RETRY 5 /* seconds after which somebody who got no answer may ask again */

bool keeper_record_begin(struct keeper *k)
{
    struct situs_err err = {0};
    const struct serve_config *c = &k->world->config;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
    if (c->audit && !audit_log_open(&k->audit, c->audit, c->audit_most, &err)) {
        out_failure(&err);
        return false;
    }
    return keeper_store_begin(&k->store, k->world, &k->audit, k->clock.steady);
}

void keeper_record_end(struct keeper *k)
{
    keeper_store_end(&k->store);
    audit_log_close(&k->audit);
}

static bool add(struct keeper *k, const struct keeper_job *job)
{
    const struct token_record *r = &job->run[0].record;
    const struct audit_entry e = {
        .at = job->ask.at,
        .request = job->front_id,
        .policy = k->world->config.policies[job->policy].name,
        .policy_sha256 = k->world->loaded[job->policy].sha256,
        .evidence_sha256 = r->evidence,
        .token = job->want_token && job->token != -1 ? job->token_id : NULL,
        .proofs = (unsigned)r->holds,
        .exit = (int)r->exit,
        .archived = r->archived != 0,
        .simulated = r->simulated != 0,
        .judges = (unsigned)job->needs,
    };
    return audit_log_add(&k->audit, &e);
}

static bool write_all(struct keeper *k, struct situs_err *err)
{
    bool ok = audit_log_begin(&k->audit, err);
    for (const struct keeper_job *job = k->jobs.first; ok && job; job = job->next)
        if (job->concluded && job->answer.status == TALK_DONE)
            ok = add(k, job);
    return audit_log_end(&k->audit, ok, err);
}

bool keeper_record_fails(struct talk_answer *no, const char *what)
{
    no->status = TALK_NO_STORE;
    no->retry_after = RETRY;
    snprintf(no->detail, sizeof no->detail, "expected %s", what);
    return false;
}

bool keeper_record_can(struct keeper *k, struct talk_answer *no)
{
    return (keeper_store_answers(&k->store, k->clock.steady) && keeper_machines_safe(k)) ||
           keeper_record_fails(no, "an answer of the database, got none");
}

bool keeper_record(struct keeper *k, struct talk_answer *no)
{
    struct situs_err err = {0};
    if (!keeper_record_can(k, no))
        return false;
    if (!k->audit.path || write_all(k, &err))
        return true;
    char what[160];
    out_failure(&err);
    snprintf(what, sizeof what, "a line in the audit log, got %.100s", err.got);
    return keeper_record_fails(no, what);
}
