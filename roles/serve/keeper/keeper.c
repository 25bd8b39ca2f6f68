/* The keeper's process; see keeper.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TURN 100       /* milliseconds between looks at deadlines */
#define OTHERS 4       /* whom the keeper hears beside judges */
#define OTHER_FILES 96 /* descriptors that no request brings */

/* Evidence that waits and reports are a descriptor each. Whoever sends one for which there is no number would end this
 * process, and everybody's challenges with it. */
static bool open_files(const struct serve_limits *l)
{
    uint64_t need = OTHER_FILES + KEEPER_RESULTS + KEEPER_REPORTS +
                    3 * ((uint64_t)l->waiting + KEEPER_WATCHERS) + 6 * (uint64_t)l->judges;
    struct rlimit r;
    bool ok = getrlimit(RLIMIT_NOFILE, &r) == 0;
    r.rlim_cur = ok ? r.rlim_max : 0;
    if (ok && r.rlim_max >= need && setrlimit(RLIMIT_NOFILE, &r) == 0)
        return true;
    out_error("the keeper cannot start: it may have %llu descriptors, and needs %llu",
              (unsigned long long)r.rlim_cur, (unsigned long long)need);
    out_hint("raise the limit (LimitNOFILE=), or let fewer wait (\"waiting\" of \"limits\")");
    return false;
}

static bool start(struct keeper *k)
{
    const struct serve_config *c = &k->world->config;
    const struct timeval patience = {.tv_sec = 5};
    struct situs_err err = {0};
    if (!open_files(&c->limits))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0) == -1 || !keeper_nonce_new(&k->nonce) ||
        !keeper_spent_new(&k->spent) || !keeper_machines_new(k) ||
        !keeper_jobs_new(&k->jobs, (size_t)c->limits.waiting) ||
        setsockopt(k->front, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1) {
        out_error("the keeper cannot start: no memory");
        return false;
    }
    for (size_t i = 0; i <= c->n; i++)
        if (!keeper_issuer_load(k->issuers, i, c, &err)) {
            out_failure(&err);
            return false;
        }
    bool ok = keeper_record_begin(k) && keeper_pool_fill(&k->pool);
    for (size_t i = 0; ok && i < k->pool.builds; i++)
        ok = keeper_pool_take(&k->pool, i);
    return ok;
}

static void stop(struct keeper *k)
{
    for (size_t i = 0; i < k->pool.n; i++)
        if (k->pool.v[i].socket != -1)
            keeper_pool_end(&k->pool, &k->pool.v[i]);
    for (size_t i = 0; i < KEEPER_ISSUERS; i++)
        keeper_issuer_free(&k->issuers[i]);
    keeper_machines_free(k);
    keeper_record_end(k);
    keeper_jobs_free(&k->jobs);
    keeper_results_free(&k->results);
    keeper_reports_free(&k->reports);
    keeper_spent_free(&k->spent);
}

/* hear_front takes what is there; false: the front is gone. */
static bool hear_front(struct keeper *k)
{
    struct talk_ask ask;
    int fds[TALK_FDS];
    size_t n;
    if (talk_receive(k->front, &ask, sizeof ask, fds, &n))
        keeper_hear(k, &ask, fds, n);
    else
        return false;
    return true;
}

/* turn waits for whoever speaks first and hears all who do; false: front or nursery is gone. */
static bool turn(struct keeper *k)
{
    int supervisor =
        keeper_pool_leaves(&k->pool) ? -1 : k->supervisor; /* one renewal after the other */
    struct pollfd p[OTHERS + KEEPER_POOL_MOST] = {
        {.fd = k->front, .events = POLLIN},
        {.fd = supervisor, .events = POLLIN},
        {.fd = k->pool.nursery[0].socket, .events = POLLIN},
        {.fd = k->pool.nursery[1].socket, .events = POLLIN}};
    int sockets[KEEPER_POOL_MOST];
    for (size_t i = 0; i < k->pool.n; i++) {
        sockets[i] = k->pool.v[i].socket;
        p[OTHERS + i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    }
    if (poll(p, OTHERS + k->pool.n, TURN) == -1)
        return errno == EINTR;
    for (size_t i = 0; i < k->pool.n; i++)
        if (p[OTHERS + i].revents && k->pool.v[i].socket == sockets[i])
            keeper_jobs_hear(k, &k->pool.v[i]);
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        if (p[2 + i].revents && !keeper_pool_take(&k->pool, i))
            return false;
    if (p[0].revents && !hear_front(k))
        return false;
    if (p[1].revents)
        keeper_told_hear(k);
    keeper_machines_turn(k);
    keeper_hooks_turn(k);
    keeper_stream_turn(k);
    keeper_jobs_answer(k);
    keeper_jobs_turn(k, k->clock.steady());
    return keeper_pool_fill(&k->pool);
}

int keeper_run(const struct serve_world *world, const struct keeper_ends *ends,
               struct keeper_clock clock)
{
    static struct keeper k;
    k = (struct keeper){
        .world = world, .front = ends->front, .supervisor = ends->supervisor, .clock = clock};
    for (size_t i = 0; i < world->config.n; i++)
        k.terms[i] = world->loaded[i].term;
    if (!clock.wall)
        k.clock = keeper_clock_new();
    keeper_results_new(&k.results);
    keeper_pool_new(&k.pool, ends->nursery, (size_t)world->config.limits.judges);
    bool ok = start(&k);
    while (ok && turn(&k))
        ;
    stop(&k);
    return ok ? 0 : 1;
}
