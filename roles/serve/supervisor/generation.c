/* Processes of one configuration; see generation.h. */
#include "serve/supervisor/generation.h"

#include "frame/out.h"
#include "serve/judge/judge_program.h"
#include "serve/keeper/keeper.h"
#include "serve/supervisor/generation_load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One end of each pair is one process's. */
struct pairs {
    int front[2], nursery[JUDGE_BUILDS][2], own[2]; /* front, nursery or supervisor, keeper */
};

/* only closes every descriptor but the standard ones and these, of which some may be -1. */
static bool only(const int *keep, size_t n)
{
    bool ok = true;
    unsigned from = STDERR_FILENO + 1;
    for (;;) {
        int next = -1;
        for (size_t i = 0; i < n; i++)
            if (keep[i] >= (int)from && (next == -1 || keep[i] < next))
                next = keep[i];
        if (next == -1)
            return close_range(from, ~0U, 0) == 0 && ok;
        if ((unsigned)next > from)
            ok = close_range(from, (unsigned)next - 1, 0) == 0 && ok;
        from = (unsigned)next + 1;
    }
}

/* child begins the life of one: true in the child. It ends with its parent, and a terminal's keys are not for it. */
static bool child(struct generation *g, enum generation_part part, const int *keep, size_t n)
{
    sigset_t none;
    pid_t parent = getpid(), pid = fork();
    if (pid != 0) {
        g->pid[part] = pid > 0 ? pid : 0;
        g->alive += pid > 0;
        return false;
    }
    static const char *const names[] = {"situs-front", "situs-keeper", "situs-nursery",
                                        "situs-nursery2"};
    sigemptyset(&none);
    prctl(PR_SET_NAME, names[part]);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, part == GENERATION_FRONT ? SIG_DFL : SIG_IGN);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !only(keep, n) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        _exit(1);
    return true;
}

static struct talk_front setup_of(const struct serve_config *c, int keeper,
                                  const struct generation_sockets *sockets)
{
    struct talk_front f = {.keeper = keeper,
                           .listen = sockets->open,
                           .listen_private = sockets->inside,
                           .body_max = (uint32_t)c->limits.body,
                           .connections = (uint32_t)c->limits.connections,
                           .idle_ms = (uint32_t)c->limits.idle,
                           .request_ms = (uint32_t)c->limits.request,
                           .drain_ms = (uint32_t)c->limits.drain,
                           .peer_key = c->peer_key,
                           .dial = c->dial};
    snprintf(f.base, sizeof f.base, "%s", c->base);
    f.padded = c->padded;
    f.alliance = c->alliance.key != NULL;
    f.watchers = c->machines.n < KEEPER_WATCHERS ? (uint32_t)c->machines.n : KEEPER_WATCHERS;
    return f;
}

/* is_ready asks the keeper as a front would: an answer says that it has its keys, and a judge. What has ended already
 * is no reason not to start: its policy says so. */
static bool is_ready(int front, const struct generation_wait *wait)
{
    const struct talk_ask ask = {.kind = TALK_READY};
    struct talk_answer answer;
    int fds[TALK_FDS];
    size_t n;
    return talk_send(front, &ask, sizeof ask, NULL, 0) && generation_load_waits(front, wait) &&
           talk_receive(front, &answer, sizeof answer, fds, &n) && n == 0;
}

static void close_pair(const int ends[2])
{
    for (size_t i = 0; i < 2; i++)
        if (ends[i] != -1)
            close(ends[i]);
}

static bool pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

/* nurse makes the nurseries, for who holds the second end of each pair: the first verifies what the world rests on. */
static bool nurse(struct generation *g, struct serve_world *world, judge_work *work,
                  int ends[JUDGE_BUILDS][2])
{
    int brief[2] = {-1, -1}, pack = -1;
    bool ok = pair(brief) && pair(ends[0]) && (world->config.builds == 1 || pair(ends[1]));
    const int first[] = {ends[0][0], brief[1]};
    if (ok && child(g, GENERATION_NURSERY, first, 2))
        _exit(generation_load(world, brief[1]) && close(brief[1]) == 0
                  ? judge_nursery(world, work, ends[0][0])
                  : 1);
    if (ok)
        close(brief[1]);
    brief[1] = -1;
    ok = ok && g->pid[GENERATION_NURSERY] && generation_load_hear(world, brief[0], g->wait, &pack);
    const int second[] = {ends[1][0], pack};
    if (pack != -1 && child(g, GENERATION_NURSERY + 1, second, 2))
        _exit(judge_program_become(pack, ends[1][0]));
    if (pack != -1)
        close(pack);
    close_pair(brief);
    return ok && (world->config.builds == 1 || g->pid[GENERATION_NURSERY + 1]);
}

static void shut(int *fd)
{
    if (*fd != -1)
        close(*fd);
    *fd = -1;
}

/* close_theirs closes the ends of keeper and nurseries. */
static void close_theirs(struct pairs *p)
{
    shut(&p->front[1]);
    shut(&p->own[1]);
    for (size_t i = 0; i < JUDGE_BUILDS; i++) {
        shut(&p->nursery[i][0]);
        shut(&p->nursery[i][1]);
    }
}

static bool start(struct generation *g, struct serve_world *world,
                  const struct supervisor_parts *parts, const struct generation_sockets *sockets,
                  struct pairs *p)
{
    if (!nurse(g, world, parts->work, p->nursery))
        return false;
    const int keeper[] = {p->front[1], p->own[1], p->nursery[0][1], p->nursery[1][1]};
    const struct keeper_ends ends = {p->front[1], {p->nursery[0][1], p->nursery[1][1]}, p->own[1]};
    const int front[] = {p->front[0], sockets->open, sockets->inside};
    int processes = 1 + (int)world->config.builds;
    if (child(g, GENERATION_KEEPER, keeper, sizeof keeper / sizeof *keeper))
        _exit(keeper_run(world, &ends, (struct keeper_clock){.wall = NULL}));
    close_theirs(p);
    if (g->alive != processes || !is_ready(p->front[0], g->wait))
        return false;
    const struct talk_front setup = setup_of(&world->config, p->front[0], sockets);
    if (child(g, GENERATION_FRONT, front, 3))
        _exit(parts->front(&setup));
    return g->alive == processes + 1;
}

static void close_all(const struct pairs *p)
{
    close_pair(p->front);
    close_pair(p->own);
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        close_pair(p->nursery[i]);
}

bool generation_start(struct generation *g, struct serve_world *world,
                      const struct supervisor_parts *parts,
                      const struct generation_sockets *sockets, const struct generation_wait *wait)
{
    struct pairs p = {{-1, -1}, {{-1, -1}, {-1, -1}}, {-1, -1}};
    *g = (struct generation){.drain_ms = world->config.limits.drain, .keeper = -1, .wait = wait};
    bool ok = pair(p.front) && pair(p.own) && start(g, world, parts, sockets, &p);
    if (ok) {
        g->keeper = p.own[0];
        fcntl(g->keeper, F_SETFL, O_NONBLOCK);
        p.own[0] = -1;
    } else {
        out_error("the service could not be started");
    }
    close_all(&p);
    return ok;
}

bool generation_lives(const struct generation *g)
{
    bool lives = true;
    for (size_t i = 0; i < GENERATION_PARTS; i++) {
        siginfo_t ended = {.si_pid = 0};
        if (g->pid[i] && waitid(P_PID, (id_t)g->pid[i], &ended, WEXITED | WNOHANG | WNOWAIT) == 0)
            lives = lives && ended.si_pid == 0;
    }
    return lives;
}

bool generation_leaves(const struct generation *g)
{
    bool any = false;
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        any = any || g->leaving[i];
    return any;
}

/* told_of is what the keeper is told of a world and of sources. */
static struct keeper_told *told_of(const struct serve_world *world,
                                   const struct fetcher_state *fetched,
                                   const struct hook_told hooks[SERVE_HOOKS])
{
    static struct keeper_told told;
    memset(&told, 0, sizeof told);
    told.fetched = *fetched;
    memcpy(told.hooks, hooks, sizeof told.hooks);
    for (size_t i = 0; i < world->config.n; i++)
        told.terms[i] = world->loaded[i].term;
    return &told;
}

bool generation_tell(struct generation *g, const struct serve_world *world,
                     const struct fetcher_state *fetched, const struct hook_told hooks[SERVE_HOOKS])
{
    const struct keeper_told *told = told_of(world, fetched, hooks);
    return talk_send(g->keeper, told, sizeof *told, NULL, 0);
}

/* makes says that a nursery makes judges: the keeper ends with one that cannot, as situs-judge of another release. */
static bool makes(int nursery, const struct generation_wait *wait)
{
    const struct nursery_ask ask = {1};
    struct nursery_answer answer;
    int fds[TALK_FDS];
    size_t n = 0;
    bool ok = talk_send(nursery, &ask, sizeof ask, NULL, 0) &&
              generation_load_waits(nursery, wait) &&
              talk_receive(nursery, &answer, sizeof answer, fds, &n) && n == 2;
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    return ok;
}

/* undo ends the new nurseries, and the ones before go on: by what they know, not by what the cache has now. */
static void undo(struct generation *g, const pid_t before[JUDGE_BUILDS], struct serve_world *world,
                 const struct serve_term *terms)
{
    for (size_t i = 0; i < world->config.n; i++)
        world->loaded[i].term = terms[i];
    for (size_t i = 0; i < JUDGE_BUILDS; i++) {
        pid_t *made = &g->pid[GENERATION_NURSERY + i];
        if (*made) {
            kill(*made, SIGKILL);
            g->alive--;
        }
        *made = before[i];
    }
}

bool generation_renew(struct generation *g, struct serve_world *world, judge_work *work,
                      const struct fetcher_state *fetched,
                      const struct hook_told hooks[SERVE_HOOKS])
{
    int ends[JUDGE_BUILDS][2] = {{-1, -1}, {-1, -1}};
    pid_t before[JUDGE_BUILDS];
    struct serve_term terms[SERVE_POLICIES];
    for (size_t i = 0; i < world->config.n; i++)
        terms[i] = world->loaded[i].term;
    memcpy(before, &g->pid[GENERATION_NURSERY], sizeof before);
    memset(&g->pid[GENERATION_NURSERY], 0, sizeof before);
    bool ok = nurse(g, world, work, ends);
    struct keeper_told *told = told_of(world, fetched, hooks);
    size_t n = world->config.builds;
    for (size_t i = 0; i < n; i++) {
        shut(&ends[i][0]); /* the nursery's: without it, who has ended is known to have */
        ok = ok && makes(ends[i][1], g->wait);
    }
    int fds[TALK_FDS] = {ends[0][1], ends[1][1]};
    fds[n] = ok ? generation_load_holdings(world) : -1;
    told->lists = world->n_numbers;
    ok = fds[n] != -1 && talk_send(g->keeper, told, sizeof *told, fds, n + 1);
    if (ok)
        memcpy(g->leaving, before, sizeof before);
    else
        undo(g, before, world, terms);
    if (fds[n] != -1)
        close(fds[n]);
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        close_pair(ends[i]);
    return ok;
}

void generation_drain(struct generation *g)
{
    g->until = wire_now() + g->drain_ms + 1000;
    if (g->pid[GENERATION_FRONT])
        kill(g->pid[GENERATION_FRONT], SIGTERM);
    else
        generation_kill(g);
}

void generation_kill(struct generation *g)
{
    for (size_t i = 0; i < GENERATION_PARTS; i++)
        if (g->pid[i])
            kill(g->pid[i], SIGKILL);
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        if (g->leaving[i])
            kill(g->leaving[i], SIGKILL);
}

/* gone counts one less; nobody is told anything when there is none. */
static void gone(struct generation *g)
{
    g->alive--;
    if (g->alive == 0)
        close(g->keeper);
}

const char *generation_ended(struct generation *g, pid_t pid)
{
    static const char *const names[] = {"front", "keeper", "nursery of judges",
                                        "nursery of judges of the second build"};
    for (size_t i = 0; i < GENERATION_PARTS; i++)
        if (g->pid[i] == pid) {
            g->pid[i] = 0;
            gone(g);
            return names[i];
        }
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        if (g->leaving[i] == pid) {
            g->leaving[i] = 0;
            gone(g);
        }
    return NULL;
}
