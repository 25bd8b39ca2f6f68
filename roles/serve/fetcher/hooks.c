/* Webhooks, as the supervisor has them; see hooks.h. */
#include "serve/fetcher/hooks.h"

#include "frame/out.h"
#include "program/program.h"
#include "serve/fetcher/fetcher_run.h"
#include "serve/world/talk.h"
#include "wire/wire.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENT_MAX (64 * 1024) /* bytes of what is handed over */
#define TIMEOUT 30 /* seconds of one attempt, where the configuration says nothing of "fetch" */

static int64_t timeout(const struct hooks *h)
{
    return h->config->fetch.timeout ? h->config->fetch.timeout : TIMEOUT;
}

bool hooks_can(struct hooks *h, const struct serve_world *w)
{
    return w->config.machines.hooks.n == 0 || program_find(h->program, PROGRAM_fetch);
}

void hooks_stop(struct hooks *h)
{
    for (size_t i = 0; i < SERVE_HOOKS; i++) {
        if (h->v[i].pid) {
            kill(h->v[i].pid, SIGKILL);
            close(h->v[i].said);
        }
        h->v[i] = (struct hook_flight){.said = -1};
    }
}

void hooks_new(struct hooks *h, const struct serve_world *w)
{
    hooks_stop(h);
    h->config = &w->config;
    memset(h->told, 0, sizeof h->told);
    h->changed = false;
}

/* end notes what became of an attempt. */
static void end(struct hooks *h, size_t i, bool ok, int64_t retry_after)
{
    h->told[i] = (struct hook_told){.id = h->v[i].id, .ok = ok, .retry_after = retry_after};
    h->v[i] = (struct hook_flight){.said = -1};
    h->changed = true;
}

/* take begins what was asked. A new ask ends the one before: the keeper does not wait for it any more. */
static void take(struct hooks *h, const struct hook_ask *ask, int event)
{
    struct hook_flight *v = &h->v[ask->hook];
    const struct serve_hook *to = &h->config->machines.hooks.v[ask->hook];
    if (v->pid) {
        kill(v->pid, SIGKILL);
        close(v->said);
    }
    *v = (struct hook_flight){.id = ask->id, .said = -1};
    v->pid = fetcher_run_hook(h->program, &h->config->fetch, to, timeout(h), event, &v->said);
    v->until = wire_now() + 1000 * (timeout(h) + 5);
    if (!v->pid)
        end(h, ask->hook, false, 0);
}

static void hear(struct hooks *h, int keeper)
{
    struct hook_ask ask;
    int fds[TALK_FDS];
    size_t n, size;
    while (talk_receive(keeper, &ask, sizeof ask, fds, &n)) {
        if (n == 1 && ask.hook < h->config->machines.hooks.n &&
            talk_memory_is(fds[0], EVENT_MAX, &size) && lseek(fds[0], 0, SEEK_SET) == 0)
            take(h, &ask, fds[0]);
        for (size_t i = 0; i < n; i++)
            close(fds[i]);
    }
}

void hooks_turn(struct hooks *h, int keeper)
{
    if (!h->config || h->config->machines.hooks.n == 0)
        return;
    if (keeper != -1)
        hear(h, keeper);
    for (size_t i = 0; i < SERVE_HOOKS; i++)
        if (h->v[i].pid && wire_now() > h->v[i].until)
            kill(h->v[i].pid, SIGKILL);
}

bool hooks_ended(struct hooks *h, pid_t pid, int status)
{
    size_t i = 0;
    while (i < SERVE_HOOKS && h->v[i].pid != pid)
        i++;
    if (i == SERVE_HOOKS || pid == 0)
        return false;
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    int64_t after = fetcher_retry_after(h->v[i].said);
    close(h->v[i].said);
    end(h, i, ok, after);
    return true;
}
