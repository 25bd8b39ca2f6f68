/* The keeper's judges; see keeper_pool.h. */
#include "serve/keeper/keeper_pool.h"

#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

static const struct keeper_judge nobody = {.socket = -1, .handle = -1};

/* build_of is that of a place: two in three are the first's. */
static size_t build_of(const struct keeper_pool *p, size_t place)
{
    return p->builds == JUDGE_BUILDS && place % 3 == 2;
}

void keeper_pool_new(struct keeper_pool *p, const int nurseries[JUDGE_BUILDS], size_t at_once)
{
    *p =
        (struct keeper_pool){.builds = nurseries[1] == -1 ? 1 : JUDGE_BUILDS, .busy_most = at_once};
    p->n = (1 + p->builds) * at_once;
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        p->nursery[i] = (struct keeper_nursery){.socket = nurseries[i], .leaving = -1};
    for (size_t i = 0; i < KEEPER_POOL_MOST; i++)
        p->v[i] = nobody;
}

bool keeper_pool_leaves(const struct keeper_pool *p)
{
    return p->nursery[0].leaving != -1;
}

/* let_go ends the nurseries before once none of their judges is left. */
static void let_go(struct keeper_pool *p)
{
    bool left = false;
    for (size_t i = 0; i < p->n; i++)
        left = left || (p->v[i].socket != -1 && p->v[i].era != p->era);
    for (size_t i = 0; !left && i < p->builds; i++) {
        if (p->nursery[i].leaving != -1)
            close(p->nursery[i].leaving);
        p->nursery[i].leaving = -1;
    }
}

void keeper_pool_renew(struct keeper_pool *p, const int nurseries[JUDGE_BUILDS])
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].socket != -1 && !p->v[i].job)
            keeper_pool_end(p, &p->v[i]);
    for (size_t i = 0; i < p->builds; i++)
        p->nursery[i] = (struct keeper_nursery){nurseries[i], p->nursery[i].socket, 0};
    p->era++;
}

bool keeper_pool_fill(struct keeper_pool *p)
{
    uint32_t wanted[JUDGE_BUILDS] = {0};
    let_go(p);
    for (size_t i = 0; i < p->n; i++)
        wanted[build_of(p, i)] += p->v[i].socket == -1;
    for (size_t i = 0; i < p->builds; i++) {
        struct keeper_nursery *from = &p->nursery[i];
        const struct nursery_ask ask = {wanted[i] - (uint32_t)from->ordered};
        from->ordered = wanted[i];
        if (ask.judges && !talk_send(from->socket, &ask, sizeof ask, NULL, 0))
            return false;
    }
    return true;
}

bool keeper_pool_take(struct keeper_pool *p, size_t build)
{
    struct nursery_answer answer;
    int fds[TALK_FDS];
    size_t n;
    struct keeper_nursery *from = &p->nursery[build];
    if (!talk_receive(from->socket, &answer, sizeof answer, fds, &n) || n != 2)
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].socket == -1 && build_of(p, i) == build) {
            p->v[i] = nobody;
            p->v[i].socket = fds[0];
            p->v[i].handle = fds[1];
            p->v[i].build = build;
            p->v[i].era = p->era;
            from->ordered--;
            return true;
        }
    return false;
}

struct keeper_judge *keeper_pool_find(struct keeper_pool *p, size_t build, bool fresh, bool watched)
{
    struct keeper_judge *best = NULL;
    if (p->busy >= p->busy_most + watched)
        return NULL;
    for (size_t i = 0; i < p->n; i++) {
        struct keeper_judge *j = &p->v[i];
        if (j->socket != -1 && j->build == build && !j->job && !(fresh && j->asks) &&
            (!best || j->asks > best->asks))
            best = j;
    }
    return best;
}

bool keeper_pool_ask(struct keeper_pool *p, struct keeper_judge *j, const struct judge_ask *ask,
                     const int fds[2], void *job, int64_t deadline)
{
    if (!talk_send(j->socket, ask, sizeof *ask, fds, fds[1] == -1 ? 1 : 2)) {
        keeper_pool_end(p, j);
        return false;
    }
    j->job = job;
    j->deadline = deadline;
    j->asks++;
    p->busy++;
    return true;
}

bool keeper_pool_answer(struct keeper_pool *p, struct keeper_judge *j, const struct judge_ask *ask,
                        struct token_record *record, int *report)
{
    struct judge_answer answer;
    int fds[TALK_FDS];
    size_t n, size;
    *report = -1;
    if (!j->job || !talk_receive(j->socket, &answer, sizeof answer, fds, &n))
        return false;
    if (n == ask->report && answer.id == ask->id &&
        (n == 0 || talk_memory_is(fds[0], JUDGE_REPORT_MAX, &size))) {
        *report = fds[0];
        *record = answer.record;
        j->job = NULL;
        p->busy--;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    return false;
}

void keeper_pool_end(struct keeper_pool *p, struct keeper_judge *j)
{
    pidfd_send_signal(j->handle, SIGKILL, NULL, 0); /* it may have ended by itself */
    close(j->socket);
    close(j->handle);
    p->busy -= j->job != NULL;
    *j = nobody;
}
