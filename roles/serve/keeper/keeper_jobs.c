/* Appraisals at work; see keeper_jobs.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static void put_free(struct keeper_jobs *j, struct keeper_job *job)
{
    job->next = j->free;
    j->free = job;
}

void keeper_jobs_give_back(struct keeper_jobs *j, struct keeper_job *job)
{
    j->others -= !job->watched;
    put_free(j, job);
}

bool keeper_jobs_new(struct keeper_jobs *j, size_t most)
{
    size_t n = most + KEEPER_WATCHERS;
    *j = (struct keeper_jobs){.all = calloc(n, sizeof *j->all), .most = most};
    for (size_t i = 0; j->all && i < n; i++)
        put_free(j, &j->all[i]);
    return j->all != NULL;
}

void keeper_jobs_free(struct keeper_jobs *j)
{
    free(j->all);
    *j = (struct keeper_jobs){.all = NULL};
}

struct keeper_job *keeper_jobs_begin(struct keeper_jobs *j, bool watched)
{
    struct keeper_job *job = j->free;
    if (!job || (!watched && j->others == j->most))
        return NULL;
    j->free = job->next;
    memset(job, 0, sizeof *job);
    job->watched = watched;
    j->others += !watched;
    job->evidence = job->run[0].report = job->run[1].report = job->token = -1;
    return job;
}

void keeper_jobs_add(struct keeper_jobs *j, struct keeper_job *job)
{
    struct keeper_job **at = job->watched || !j->first ? &j->first : &j->last->next;
    while (*at && (*at)->watched)
        at = &(*at)->next;
    job->next = *at;
    *at = job;
    if (!job->next)
        j->last = job;
}

static void drop(struct keeper_jobs *j, struct keeper_job *job)
{
    struct keeper_job **at = &j->first, *before = NULL;
    while (*at != job) {
        before = *at;
        at = &(*at)->next;
    }
    *at = job->next;
    if (j->last == job)
        j->last = before;
    keeper_jobs_give_back(j, job);
}

/* finish answers and forgets a job; whoever is still at it ends. */
static void finish(struct keeper *k, struct keeper_job *job, struct talk_answer *answer,
                   const int *fds, size_t n)
{
    answer->id = job->front_id;
    answer->kind = job->alliance ? TALK_ALLIANCE : job->kept ? TALK_APPRAISE_KEPT : TALK_APPRAISE;
    keeper_answer(k, answer, fds, n);
    close(job->evidence);
    for (size_t i = 0; i < job->needs; i++) {
        if (job->run[i].judge)
            keeper_pool_end(&k->pool, job->run[i].judge);
        if (job->run[i].report != -1)
            close(job->run[i].report);
    }
    k->jobs.concluded -= job->concluded;
    drop(&k->jobs, job);
}

static void fail(struct keeper *k, struct keeper_job *job, enum talk_status status,
                 const char *detail)
{
    struct talk_answer answer = {.status = status, .retry_after = status == TALK_BUSY ? 1 : 0};
    keeper_machines_failed(k, job);
    strncpy(answer.detail, detail, sizeof answer.detail - 1);
    finish(k, job, &answer, NULL, 0);
}

/* What a judge says must be of what it was asked. */
static bool is_of(const struct keeper *k, const struct keeper_job *job,
                  const struct token_record *r)
{
    return r->at == job->ask.at && r->archived == (job->ask.archived != 0) &&
           memcmp(r->policy, k->world->loaded[job->policy].sha256, sizeof r->policy) == 0 &&
           memcmp(r->nonce, job->ask.nonce, sizeof r->nonce) == 0 &&
           (r->trusted != 0) == (r->exit == 0) && (r->sound || !r->trusted);
}

/* sign makes the token of a job whose records agree; -1: there is none, and the answer says why. */
static int sign(struct keeper *k, struct keeper_job *job, struct talk_answer *answer)
{
    struct situs_err err = {0};
    const struct keeper_signing s = {
        .record = &job->run[0].record,
        .policy_sha256 = k->world->loaded[job->policy].sha256,
        .entered = job->ask.nonce,
        .id = job->token_id,
        .party_nonce = job->taken ? span_of(job->nonce, job->nonce_size)
                                  : span_of(job->party_nonce, job->party_nonce_size),
        .judges = job->needs,
        .builds = job->needs < k->pool.builds ? job->needs : k->pool.builds,
        .party_challenge = job->taken,
        .span = keeper_machines_span(k, job->policy, &job->run[0].record)};
    if (!s.record->has_channel) {
        answer->status = TALK_NO_HOLDER;
        return -1;
    }
    int fd = -1;
    if (getrandom(job->token_id, sizeof job->token_id, 0) == (ssize_t)sizeof job->token_id)
        fd = keeper_issuer_sign(&k->issuers[job->policy], &s, &err);
    if (fd != -1)
        return fd;
    answer->status = err.code == SITUS_EXPIRED ? TALK_NOT_READY : TALK_INTERNAL;
    keeper_say(answer, &err);
    out_failure(&err);
    return -1;
}

/* agree says that what the judges of a job said is of what was asked, and the same; false: the job has failed. */
static bool agree(struct keeper *k, struct keeper_job *job)
{
    const struct token_record *record = &job->run[0].record;
    for (size_t i = 0; i < job->needs; i++) {
        if (!is_of(k, job, &job->run[i].record)) {
            out_error("a judge answered what it was not asked");
            fail(k, job, TALK_JUDGE_FAILED, "an answer to this question, got one to another");
            return false;
        }
        if (memcmp(record, &job->run[i].record, sizeof *record) != 0) {
            out_error("two judges did not agree on one piece of evidence");
            fail(k, job, TALK_JUDGES_DIFFER, "equal records, got different ones");
            return false;
        }
    }
    return true;
}

/* drop_run forgets what a judge said, or ends the one that is at it. */
static void drop_run(struct keeper *k, struct keeper_run *run)
{
    if (run->judge)
        keeper_pool_end(&k->pool, run->judge);
    if (run->report != -1)
        close(run->report);
    *run = (struct keeper_run){.report = -1};
}

/* watched_again asks once more where all that a policy misses is that the machine is watched, and by what the evidence shows it is
 * one in a span: the judges are told the span. False: it is in none, or they were. */
static bool watched_again(struct keeper *k, struct keeper_job *job)
{
    const struct token_record *r = &job->run[0].record;
    struct token_span s = {.since = 0};
    if (!job->ask.span.since && r->sound && !r->trusted)
        s = keeper_machines_span(k, job->policy, r);
    if (!s.since || s.since > job->ask.at) /* it began since this was asked */
        return false;
    job->ask.span = (struct situs_span){
        .since = s.since, .until = s.until, .within_ms = s.within, .longest_gap_ms = s.longest_gap};
    job->ask.id = ++k->asked;
    for (size_t i = 0; i < job->needs; i++)
        drop_run(k, &job->run[i]);
    return true;
}

/* conclude says what comes of a job of which every appraisal is done. */
static void conclude(struct keeper *k, struct keeper_job *job)
{
    struct talk_answer *answer = &job->answer;
    if (!agree(k, job) || watched_again(k, job))
        return;
    if (keeper_machines_hold(k, job)) {
        keeper_machines_answered(k, job, true);
        fail(k, job, TALK_IDENTITY_HELD, "an identity that no watched machine has");
        return;
    }
    keeper_machines_answered(k, job, false);
    *answer = (struct talk_answer){.status = TALK_DONE, .descriptors = 1};
    if (job->want_token || job->alliance) {
        job->token = job->alliance ? keeper_alliance(k, job, answer) : sign(k, job, answer);
        answer->descriptors = answer->status == TALK_DONE;
    }
    answer->exit = (int32_t)job->run[0].record.exit;
    strcpy(answer->policy, k->world->config.policies[job->policy].name);
    memcpy(answer->nonce, job->nonce, sizeof answer->nonce);
    answer->nonce_size = (uint32_t)job->nonce_size;
    answer->until = job->until;
    job->concluded = true;
    k->jobs.concluded++;
}

/* answer_one gives the answer of a job that was concluded, or (not NULL) this. */
static void answer_one(struct keeper *k, struct keeper_job *job, const struct talk_answer *no)
{
    struct talk_answer answer = no ? *no : job->answer;
    const int fds[] = {job->ask.report ? job->run[0].report : job->token};
    uint8_t session[16];
    int token = job->token;
    bool keep = !no && !job->alliance;
    memcpy(session, job->session, sizeof session);
    if (job->kept && answer.status == TALK_DONE)
        keeper_reports_keep(&k->reports, &k->store.db, fds[0], job->ask.at, answer.session);
    finish(k, job, &answer, fds, answer.descriptors);
    if (token != -1 && keep)
        keeper_results_add(&k->results, session, token);
    else if (token != -1)
        close(token);
}

void keeper_jobs_answer(struct keeper *k)
{
    struct talk_answer no = {.status = TALK_INTERNAL};
    if (k->jobs.concluded == 0)
        return;
    bool recorded = keeper_record(k, &no);
    for (struct keeper_job *job = k->jobs.first, *next; job; job = next) {
        next = job->next;
        if (job->concluded)
            answer_one(k, job, recorded ? NULL : &no);
    }
}

/* begin gives a job what judges it still needs; false: there is no idle one. */
static bool begin(struct keeper *k, struct keeper_job *job, int64_t now)
{
    for (size_t i = 0; i < job->needs; i++) {
        struct keeper_run *run = &job->run[i];
        while (!run->judge && !run->done) {
            struct keeper_judge *judge =
                keeper_pool_find(&k->pool, i % k->pool.builds, job->want_token, job->watched);
            if (!judge)
                return false;
            const int fds[] = {job->evidence, k->store.memory[job->policy]};
            job->ask.seen = k->store.n[job->policy];
            if (keeper_pool_ask(&k->pool, judge, &job->ask, fds, job,
                                now + k->world->config.limits.judge))
                run->judge = judge;
        }
    }
    return true;
}

static bool waits(const struct keeper_job *job)
{
    for (size_t i = 0; i < job->needs; i++)
        if (!job->run[i].judge && !job->run[i].done)
            return true;
    return false;
}

void keeper_jobs_anew(struct keeper *k)
{
    for (struct keeper_job *job = k->jobs.first; job; job = job->next)
        for (size_t i = 0; waits(job) && i < job->needs; i++)
            drop_run(k, &job->run[i]);
}

void keeper_jobs_turn(struct keeper *k, int64_t now)
{
    for (size_t i = 0; i < k->pool.n; i++) {
        struct keeper_judge *j = &k->pool.v[i];
        if (j->job && now > j->deadline)
            fail(k, j->job, TALK_JUDGE_FAILED, "an answer in time, got none");
    }
    bool idle = true;
    for (struct keeper_job *job = k->jobs.first, *next; job; job = next) {
        next = job->next;
        if (waits(job) && now > job->deadline)
            fail(k, job, TALK_BUSY, "a judge in time, got none");
        else if (idle && waits(job))
            idle = begin(k, job, now);
    }
}

/* worn says that a judge has had its share: one that is asked for a token is fresh, and kept for nothing else. */
static bool worn(const struct keeper *k, const struct keeper_judge *judge,
                 const struct keeper_job *job)
{
    return job->want_token || judge->era != k->pool.era ||
           judge->asks >= k->world->config.limits.judge_requests;
}

void keeper_jobs_hear(struct keeper *k, struct keeper_judge *judge)
{
    struct keeper_job *job = judge->job;
    struct keeper_run *run = NULL;
    bool all = true;
    for (size_t i = 0; job && i < job->needs; i++)
        run = job->run[i].judge == judge ? &job->run[i] : run;
    if (!run || !keeper_pool_answer(&k->pool, judge, &job->ask, &run->record, &run->report)) {
        if (run)
            fail(k, job, TALK_JUDGE_FAILED, "an answer, got none");
        else
            keeper_pool_end(&k->pool, judge);
        return;
    }
    run->judge = NULL;
    run->done = true;
    if (worn(k, judge, job))
        keeper_pool_end(&k->pool, judge);
    for (size_t i = 0; i < job->needs; i++)
        all = all && job->run[i].done;
    if (all)
        conclude(k, job);
}
