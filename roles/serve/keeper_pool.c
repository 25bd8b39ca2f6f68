/* The keeper's judges; see keeper_pool.h. */
#include "serve/keeper_pool.h"

#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

static const struct keeper_judge nobody = {.socket = -1, .handle = -1};

void keeper_pool_new(struct keeper_pool *p, int nursery, size_t at_once)
{
    *p = (struct keeper_pool){
        .nursery = nursery, .leaving = -1, .n = 2 * at_once, .busy_most = at_once};
    for (size_t i = 0; i < KEEPER_POOL_MOST; i++)
        p->v[i] = nobody;
}

/* let_go ends the nursery before once none of its judges is left. */
static void let_go(struct keeper_pool *p)
{
    bool left = false;
    for (size_t i = 0; i < p->n; i++)
        left = left || (p->v[i].socket != -1 && p->v[i].era != p->era);
    if (p->leaving == -1 || left)
        return;
    close(p->leaving);
    p->leaving = -1;
}

void keeper_pool_renew(struct keeper_pool *p, int nursery)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].socket != -1 && !p->v[i].job)
            keeper_pool_end(p, &p->v[i]);
    p->leaving = p->nursery;
    p->nursery = nursery;
    p->ordered = 0;
    p->era++;
}

bool keeper_pool_fill(struct keeper_pool *p)
{
    struct nursery_ask ask = {0};
    let_go(p);
    for (size_t i = 0; i < p->n; i++)
        ask.judges += p->v[i].socket == -1;
    ask.judges -= (uint32_t)p->ordered;
    p->ordered += ask.judges;
    return ask.judges == 0 || talk_send(p->nursery, &ask, sizeof ask, NULL, 0);
}

bool keeper_pool_take(struct keeper_pool *p)
{
    struct nursery_answer answer;
    int fds[TALK_FDS];
    size_t n;
    if (!talk_receive(p->nursery, &answer, sizeof answer, fds, &n) || n != 2)
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].socket == -1) {
            p->v[i] = nobody;
            p->v[i].socket = fds[0];
            p->v[i].handle = fds[1];
            p->v[i].era = p->era;
            p->ordered--;
            return true;
        }
    return false;
}

struct keeper_judge *keeper_pool_find(struct keeper_pool *p, bool fresh)
{
    struct keeper_judge *best = NULL;
    if (p->busy == p->busy_most)
        return NULL;
    for (size_t i = 0; i < p->n; i++) {
        struct keeper_judge *j = &p->v[i];
        if (j->socket != -1 && !j->job && !(fresh && j->asks) && (!best || j->asks > best->asks))
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

bool keeper_pool_answer(struct keeper_pool *p, struct keeper_judge *j, uint64_t id,
                        struct token_record *record, int *report)
{
    struct judge_answer answer;
    int fds[TALK_FDS];
    size_t n, size;
    *report = -1;
    if (!j->job || !talk_receive(j->socket, &answer, sizeof answer, fds, &n))
        return false;
    if (n == 1 && answer.id == id && talk_memory_is(fds[0], JUDGE_REPORT_MAX, &size)) {
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
