/* What the front may ask the keeper; see keeper.h and talk.h. */
#include "serve/keeper/keeper.h"

#include "base/text.h"
#include "serve/keeper/keeper_fleet.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct span party_of(const struct talk_ask *ask)
{
    return span_of(ask->party_nonce, ask->party_nonce_size);
}

static bool takes_evidence(uint32_t kind)
{
    return kind == TALK_APPRAISE || kind == TALK_APPRAISE_KEPT || kind == TALK_ALLIANCE;
}

/* The front talks with strangers: what it sends is looked at before it counts. */
static bool is_sound(const struct talk_ask *ask, size_t n)
{
    return ask->kind < TALK_KINDS && talk_is_text(ask->policy, sizeof ask->policy) &&
           talk_is_text(ask->machine, sizeof ask->machine) && ask->after <= INT64_MAX &&
           talk_is_text(ask->session, sizeof ask->session) &&
           ask->party_nonce_size <= sizeof ask->party_nonce &&
           (ask->kind != TALK_TAKE ||
            (ask->party_nonce_size >= KEEPER_NONCE_TAKEN && !span_all(party_of(ask), 0))) &&
           ask->channel_size <= sizeof ask->channel && n == takes_evidence(ask->kind) &&
           (ask->kind != TALK_APPRAISE_KEPT || !ask->want_token);
}

static bool refuse(struct talk_answer *answer, enum talk_status status, const char *detail)
{
    answer->status = status;
    snprintf(answer->detail, sizeof answer->detail, "%s", detail);
    return false;
}

/* now_ready reads the clock for an answer under a policy. */
static bool now_ready(struct keeper *k, int policy, int64_t *at, struct talk_answer *answer)
{
    if (!keeper_clock_read(&k->clock, at)) {
        answer->retry_after = 60;
        return refuse(answer, TALK_CLOCK, "a time not before the one it was");
    }
    return keeper_record_can(k, answer) && keeper_is_ready(k, policy, *at, answer);
}

/* by_name is the policy that is asked for. */
static bool by_name(const struct keeper *k, const char *name, int *policy,
                    struct talk_answer *answer)
{
    *policy = serve_config_policy(&k->world->config, name);
    if (*policy < 0)
        return refuse(answer, TALK_NO_POLICY, "");
    snprintf(answer->policy, sizeof answer->policy, "%s", k->world->config.policies[*policy].name);
    return true;
}

/* of_session is the policy that a session was asked for under; a policy that says something else by now is another. */
static bool of_session(const struct keeper *k, const struct keeper_session *s, int *policy)
{
    uint8_t sha256[32];
    for (size_t i = 0; i < k->world->config.n; i++)
        if (keeper_nonce_policy(k->world->config.policies[i].name, k->world->loaded[i].sha256,
                                sha256) &&
            memcmp(sha256, s->policy, sizeof sha256) == 0) {
            *policy = (int)i;
            return true;
        }
    return false;
}

static bool challenge(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int policy;
    int64_t at;
    uint32_t size = ask->nonce_size ? ask->nonce_size : KEEPER_NONCE_LEAST;
    if (!by_name(k, ask->policy, &policy, answer))
        return false;
    if (size < KEEPER_NONCE_LEAST || size > KEEPER_NONCE_MOST)
        return refuse(answer, TALK_NONCE_SIZE, "32 to 64 bytes");
    if (!now_ready(k, policy, &at, answer))
        return false;
    struct keeper_session s = {.size = (uint8_t)size};
    return (keeper_nonce_party(party_of(ask), s.party) &&
            keeper_issue(k, policy, &s, at, answer)) ||
           refuse(answer, TALK_INTERNAL, "a nonce could not be made");
}

/* take_over begins a session of a nonce that the relying party made, where the policy lets it. */
static bool take_over(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int policy;
    int64_t at;
    struct keeper_session s = {.size = 0};
    if (!by_name(k, ask->policy, &policy, answer))
        return false;
    if (!k->world->config.policies[policy].party_challenge)
        return refuse(answer, TALK_NONCE_PARTY, "a nonce that this service draws");
    if (!now_ready(k, policy, &at, answer))
        return false;
    return (keeper_nonce_take(&s, party_of(ask)) && keeper_issue(k, policy, &s, at, answer)) ||
           refuse(answer, TALK_INTERNAL, "a session could not be made");
}

/* own_part is what this replica wrote of a session, behind its name; NULL: another wrote it, and the answer says so. */
static const char *own_part(const struct keeper *k, const char *session, struct talk_answer *answer)
{
    const char *own = k->world->config.replica, *dot = strchr(session, '.');
    size_t n = dot ? (size_t)(dot - session) : 0;
    if (n == strlen(own) && memcmp(session, own, n) == 0)
        return dot ? dot + 1 : session;
    if (dot)
        refuse(answer, TALK_ELSEWHERE, "a session of this replica");
    else
        refuse(answer, TALK_NO_SESSION, "a session that begins with the name of a replica");
    return NULL;
}

/* session_of takes a session back, and finds its policy; false: it is none of this process's, or has ended. */
static bool session_of(struct keeper *k, const struct talk_ask *ask, struct keeper_session *s,
                       int *policy, struct talk_answer *answer)
{
    const struct serve_config *c = &k->world->config;
    const char *own = own_part(k, ask->session, answer);
    if (!own)
        return false;
    if (!keeper_nonce_read(&k->nonce, own, s) || !of_session(k, s, policy))
        return refuse(answer, TALK_NO_SESSION, "a session of this process");
    if (ask->policy[0] && strcmp(ask->policy, c->policies[*policy].name) != 0)
        return refuse(answer, TALK_OTHER_POLICY, c->policies[*policy].name);
    if (k->clock.steady() / 1000 - s->t > KEEPER_NONCE_SECONDS)
        return refuse(answer, TALK_EXPIRED, "an answer within 120 s");
    return true;
}

/* ends is the wall's time at which N does. */
static int64_t ends(const struct keeper *k, const struct keeper_session *s, int64_t at)
{
    return at + KEEPER_NONCE_SECONDS - (k->clock.steady() / 1000 - s->t);
}

/* live fills a job with N and policy of the session that is answered, which is not spent yet. */
static bool live(struct keeper *k, const struct talk_ask *ask, struct keeper_session *s,
                 struct keeper_job *job, struct talk_answer *answer)
{
    uint8_t sha256[32];
    if (!session_of(k, ask, s, &job->policy, answer))
        return false;
    if (!keeper_nonce_party(party_of(ask), sha256) || memcmp(sha256, s->party, sizeof sha256) != 0)
        return refuse(answer, TALK_NONCE_MISMATCH, "");
    job->nonce_size = s->size;
    job->ask.has_nonce = 1;
    job->taken = s->taken;
    memcpy(job->session, s->id, sizeof job->session);
    return (keeper_nonce_of(&k->nonce, s, k->world->loaded[job->policy].sha256, job->nonce) &&
            keeper_nonce_enter(span_of(job->nonce, job->nonce_size), job->ask.nonce)) ||
           refuse(answer, TALK_INTERNAL, "the nonce could not be made again");
}

/* archived fills a job of evidence that no challenge of ours was answered with. */
static bool archived(struct keeper *k, const struct talk_ask *ask, struct keeper_job *job,
                     struct talk_answer *answer)
{
    job->ask.archived = 1;
    if (ask->party_nonce_size)
        return refuse(answer, TALK_MALFORMED, "no nonce where there is no session");
    return by_name(k, ask->policy, &job->policy, answer) &&
           (!ask->want_token || refuse(answer, TALK_NO_TOKEN, "evidence of a session"));
}

/* quoted fills a job of a quote that somebody shows to the alliance's signer. */
static bool quoted(const struct keeper *k, struct keeper_job *job, struct talk_answer *answer)
{
    const struct serve_config *c = &k->world->config;
    job->ask.archived = 1;
    job->alliance = true;
    job->policy = c->alliance_policy;
    return c->alliance.key || refuse(answer, TALK_NO_POLICY, "a signer for the alliance");
}

static bool evidence(const struct keeper *k, struct keeper_job *job, struct talk_answer *answer)
{
    size_t size;
    if (!talk_memory_is(job->evidence, SIZE_MAX / 2, &size))
        return refuse(answer, TALK_INTERNAL, "sealed memory");
    job->ask.evidence_size = size;
    if (size > (size_t)k->world->config.limits.body)
        return refuse(answer, TALK_TOO_LARGE, TEXT_BYTES((size_t)k->world->config.limits.body));
    return size > 0 || refuse(answer, TALK_MALFORMED, "evidence, got no bytes");
}

/* spend is last: nothing may be wrong with the ask when N is gone. */
static bool spend(struct keeper *k, const struct keeper_session *s, size_t most,
                  struct talk_answer *answer)
{
    enum keeper_spent_word word =
        keeper_spent_take(&k->spent, s->id, k->clock.steady() / 1000, most);
    answer->retry_after = word == KEEPER_SPENT_FULL ? KEEPER_NONCE_SECONDS : 0;
    return word == KEEPER_SPENT_NEW ||
           refuse(answer, word == KEEPER_SPENT_AGAIN ? TALK_SPENT : TALK_BUSY, "");
}

/* look tells of a challenge what its asker was told, and the token of one that was answered with it: that one's
 * descriptor, which stays kept, or -1. */
static int look(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int token = -1;
    struct keeper_session s;
    int policy;
    int64_t at;
    if (!session_of(k, ask, &s, &policy, answer) || !now_ready(k, policy, &at, answer))
        return -1;
    if (keeper_spent_is(&k->spent, s.id) &&
        (token = keeper_results_find(&k->results, s.id)) == -1) {
        refuse(answer, TALK_SPENT, "");
        return -1;
    }
    if (!keeper_nonce_of(&k->nonce, &s, k->world->loaded[policy].sha256, answer->nonce)) {
        refuse(answer, TALK_INTERNAL, "the nonce could not be made again");
        return -1;
    }
    memcpy(answer->session, ask->session, sizeof answer->session);
    snprintf(answer->policy, sizeof answer->policy, "%s", k->world->config.policies[policy].name);
    answer->nonce_size = s.size;
    answer->until = ends(k, &s, at);
    answer->descriptors = token != -1;
    return token;
}

/* forget spends a challenge unanswered; one that was spent is as gone. */
static void forget(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    struct keeper_session s;
    int policy;
    if (!session_of(k, ask, &s, &policy, answer))
        return;
    keeper_results_drop(&k->results, s.id);
    if (ask->kind == TALK_SILENT)
        keeper_machines_silent(k, s.id, ask->dialled != 0);
    if (!spend(k, &s, KEEPER_SPENT_FORGOTTEN, answer) && answer->status == TALK_SPENT)
        answer->status = TALK_DONE;
}

/* watched notes whose N it is that is answered, and by whom. */
static bool watched(struct keeper *k, const struct talk_ask *ask, struct keeper_job *job,
                    struct talk_answer *answer)
{
    job->machine = keeper_machines_session(k, job->session);
    job->has_peer = ask->dialled != 0;
    if (!keeper_nonce_party(span_of(ask->channel, ask->channel_size), job->peer))
        return refuse(answer, TALK_INTERNAL, "a hash");
    return !job->machine || keeper_machines_received(k, job->machine, job->session) ||
           refuse(answer, TALK_EXPIRED, "an answer within half of the machine's time");
}

/* fill takes an ask over into a job that holds its evidence; false: the answer says why not. */
static bool fill(struct keeper *k, const struct talk_ask *ask, struct keeper_job *job,
                 struct talk_answer *answer)
{
    struct keeper_session s = {.size = 0};
    const struct serve_config *c = &k->world->config;
    if (!evidence(k, job, answer) || !(ask->kind == TALK_ALLIANCE ? quoted(k, job, answer)
                                       : ask->session[0]          ? live(k, ask, &s, job, answer)
                                                                  : archived(k, ask, job, answer)))
        return false;
    if (ask->want_token && !job->alliance && !c->policies[job->policy].key)
        return refuse(answer, TALK_NO_TOKEN, "a policy with a key");
    if (!now_ready(k, job->policy, &job->ask.at, answer))
        return false;
    job->front_id = ask->id;
    job->want_token = ask->want_token != 0;
    job->kept = ask->kind == TALK_APPRAISE_KEPT;
    job->needs = job->want_token ? c->agree : 1;
    job->ask.id = ++k->asked;
    job->ask.report = !job->want_token && !job->alliance;
    job->ask.policy = (uint32_t)job->policy;
    job->ask.round_trip_us = ask->round_trip_us;
    job->ask.channel_size = ask->channel_size;
    memcpy(job->ask.channel, ask->channel, sizeof job->ask.channel);
    job->party_nonce_size = ask->party_nonce_size;
    memcpy(job->party_nonce, ask->party_nonce, sizeof job->party_nonce);
    job->deadline = k->clock.steady() + c->limits.request;
    job->until = s.size ? ends(k, &s, job->ask.at) : 0;
    size_t most = job->watched ? KEEPER_SPENT_WATCHED : KEEPER_SPENT_MOST;
    return !s.size || (spend(k, &s, most, answer) && watched(k, ask, job, answer));
}

/* is_watched says that an ask answers the N of a watched machine, which nobody knows but the front. */
static bool is_watched(const struct keeper *k, const struct talk_ask *ask)
{
    struct talk_answer no = {.status = TALK_DONE};
    struct keeper_session s;
    const char *own = k->machines.n && ask->session[0] ? own_part(k, ask->session, &no) : NULL;
    return own && keeper_nonce_read(&k->nonce, own, &s) && keeper_machines_session(k, s.id);
}

/* appraise puts an appraisal at work, and takes the evidence. False: it is refused, and the answer says why. */
static bool appraise(struct keeper *k, const struct talk_ask *ask, int evidence_fd,
                     struct talk_answer *answer)
{
    struct keeper_job *job = keeper_jobs_begin(&k->jobs, is_watched(k, ask));
    if (!job) {
        close(evidence_fd);
        answer->retry_after = 1;
        return refuse(answer, TALK_BUSY, "");
    }
    job->evidence = evidence_fd;
    if (fill(k, ask, job, answer)) {
        keeper_jobs_add(&k->jobs, job);
        return true;
    }
    close(evidence_fd);
    keeper_jobs_give_back(&k->jobs, job);
    return false;
}

/* issuer finds that whose tokens a reader asks about: a policy, or the alliance's signer behind them. */
static bool issuer(const struct keeper *k, const struct talk_ask *ask, int *policy,
                   struct talk_answer *answer)
{
    const struct serve_config *c = &k->world->config;
    if (ask->kind == TALK_ALLIANCE_KEYS)
        *policy = (int)c->n;
    else if (!by_name(k, ask->policy, policy, answer))
        return false;
    return (k->issuers[*policy].key ||
            refuse(answer, TALK_NO_POLICY, "a policy that signs tokens"));
}

/* describe says what the tokens of an issuer say. */
static void describe(const struct keeper *k, int issuer, struct talk_answer *answer)
{
    const struct keeper_issuer *i = &k->issuers[issuer];
    snprintf(answer->issuer, sizeof answer->issuer, "%s", i->issuer);
    snprintf(answer->audience, sizeof answer->audience, "%s", i->policy->audience);
    snprintf(answer->algorithm, sizeof answer->algorithm, "%s", token_alg(i->key));
    if (i->policy == &k->world->config.alliance)
        return;
    const struct serve_loaded *l = &k->world->loaded[issuer];
    memcpy(answer->policy_sha256, l->sha256, sizeof answer->policy_sha256);
    answer->proofs = l->require;
    answer->bearer = i->policy->bearer;
}

/* keys answers KEYS, DISCOVERY and ALLIANCE_KEYS; -1: there are none. */
static int keys(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int policy, fd = -1;
    struct situs_err err = {0};
    if (!issuer(k, ask, &policy, answer))
        return -1;
    int64_t at;
    if (!keeper_clock_read(&k->clock, &at))
        refuse(answer, TALK_CLOCK, "");
    else if ((fd = keeper_issuer_keys(&k->issuers[policy], &err)) == -1)
        refuse(answer, TALK_INTERNAL, "");
    if (fd == -1)
        return -1;
    answer->descriptors = 1;
    answer->until = at + KEEPER_ISSUER_KEYS_SECONDS;
    answer->at = at;
    if (ask->kind != TALK_KEYS)
        describe(k, policy, answer);
    return fd;
}

/* readiness is that of a policy, or of any. */
static void readiness(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int policy;
    int64_t at;
    if (ask->policy[0]) {
        if (by_name(k, ask->policy, &policy, answer))
            now_ready(k, policy, &at, answer);
        return;
    }
    for (size_t i = 0; i < k->world->config.n; i++) {
        *answer = (struct talk_answer){.id = ask->id, .kind = ask->kind};
        if (now_ready(k, (int)i, &at, answer))
            return;
    }
}

/* report is one that was kept; -1: none was. */
static int report(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int fd;
    if (!keeper_record_can(k, answer))
        return -1;
    enum keeper_reports_word word =
        keeper_reports_find(&k->reports, &k->store.db, ask->session, &fd);
    if (word == KEEPER_REPORTS_NONE)
        refuse(answer, TALK_NO_REPORT, "");
    else if (word == KEEPER_REPORTS_FAILED)
        keeper_record_fails(answer, "a row of the database, got none");
    answer->descriptors = fd != -1;
    return fd;
}

void keeper_hear(struct keeper *k, const struct talk_ask *ask, int *fds, size_t n)
{
    struct talk_answer answer = {.id = ask->id, .kind = ask->kind, .status = TALK_DONE};
    int out = -1, kept = -1;
    if (!is_sound(ask, n)) {
        refuse(&answer, TALK_MALFORMED, "");
        for (size_t i = 0; i < n; i++)
            close(fds[i]);
    } else if (ask->kind == TALK_CHALLENGE) {
        challenge(k, ask, &answer);
    } else if (takes_evidence(ask->kind)) {
        if (appraise(k, ask, fds[0], &answer))
            return;
    } else if (ask->kind == TALK_LOOK) {
        kept = look(k, ask, &answer);
    } else if (ask->kind == TALK_TAKE) {
        take_over(k, ask, &answer);
    } else if (ask->kind == TALK_DUE) {
        if (keeper_machines_due(k, ask->id))
            return;
        refuse(&answer, TALK_BUSY, "");
    } else if (ask->kind == TALK_STREAM) {
        if (keeper_stream_ask(k, ask, &answer))
            return;
    } else if (ask->kind == TALK_MACHINE || ask->kind == TALK_EVENTS) {
        out = keeper_machines_tell(k, ask, &answer);
    } else if (ask->kind == TALK_MACHINES) {
        out = keeper_fleet_tell(k, ask, &answer);
    } else if (ask->kind == TALK_FORGET || ask->kind == TALK_SILENT) {
        forget(k, ask, &answer);
    } else if (ask->kind == TALK_KEYS || ask->kind == TALK_DISCOVERY ||
               ask->kind == TALK_ALLIANCE_KEYS) {
        out = keys(k, ask, &answer);
    } else if (ask->kind == TALK_METRICS) {
        out = keeper_told_metrics(k, k->clock.wall());
        answer.descriptors = out != -1;
    } else if (ask->kind == TALK_REPORT) {
        out = report(k, ask, &answer);
    } else if (ask->kind == TALK_POLICIES) {
        out = keeper_policies(k);
        answer.descriptors = out != -1;
    } else {
        readiness(k, ask, &answer);
    }
    keeper_answer(k, &answer, kept != -1 ? &kept : &out, answer.descriptors);
    if (out != -1)
        close(out);
}
