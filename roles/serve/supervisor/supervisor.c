/* Starting, reloading, ending; see supervisor.h. */
#include "serve/supervisor/supervisor.h"

#include "frame/exits.h"
#include "frame/out.h"
#include "serve/fetcher/fetcher.h"
#include "serve/fetcher/hooks.h"
#include "serve/judge/judge_program.h"
#include "serve/supervisor/generation.h"
#include "serve/supervisor/watch.h"
#include "serve/world/notify.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETIRED 8 /* generations that still finish; one more ends at once the next that would end */
#define PAUSE 1000 /* milliseconds before what ended is started again */

struct listeners {
    struct serve_listener open, inside;
};

struct supervisor {
    const char *path;
    const struct supervisor_parts *parts;
    int signals;
    struct serve_world *world;
    struct fetcher fetcher;
    struct hooks hooks;
    int64_t told;      /* before when the keeper is told nothing, wire_now */
    bool waits;        /* what was fetched is not served yet; */
    unsigned failures; /* so often in a row it could not be, and */
    int64_t tried;     /* it is not tried again before, wire_now */
    struct listeners at;
    struct generation now, retired[RETIRED];
    bool broken;   /* one of its processes ended */
    int64_t again; /* when to start anew, wire_now */
    struct watch watch;
    struct generation_wait wait;
    bool stop, hurry, again_read; /* signals: to end, at once; to read the configuration again */
};

static void retire(struct supervisor *s)
{
    struct generation *place = s->retired;
    for (size_t i = 1; i < RETIRED && place->alive; i++)
        if (!s->retired[i].alive || s->retired[i].until < place->until)
            place = &s->retired[i];
    generation_kill(place);
    *place = s->now;
    generation_drain(place);
    s->now = (struct generation){.alive = 0};
}

/* replace starts a generation of a world, and retires the one before; false: that one goes on. */
static bool replace(struct supervisor *s, struct serve_world *world, const struct listeners *at)
{
    const struct generation_sockets sockets = {at->open.fd, at->inside.fd};
    struct generation next = {.alive = 0};
    if (!generation_start(&next, world, s->parts, &sockets, &s->wait)) {
        generation_kill(&next);
        return false;
    }
    if (s->now.alive)
        retire(s);
    s->now = next;
    s->broken = s->waits = false;
    s->fetcher.changed = true;
    hooks_new(&s->hooks, world);
    return true;
}

static void drop(struct serve_world *w)
{
    if (w)
        serve_load_free(w);
    free(w);
}

/* open_one opens an address, or takes over the listener that is there. */
static bool open_one(struct serve_listener *to, const struct serve_listener *now,
                     const char *address)
{
    struct situs_err err = {0};
    if (strcmp(now->address, address ? address : "") == 0) {
        *to = *now;
        return true;
    }
    bool ok = serve_listen(to, address, &err);
    if (!ok)
        out_failure(&err);
    return ok;
}

/* close_others closes those of a that b does not have. */
static void close_others(struct listeners *a, const struct listeners *b)
{
    if (a->open.fd != b->open.fd)
        serve_listen_close(&a->open);
    if (a->inside.fd != b->inside.fd)
        serve_listen_close(&a->inside);
}

static bool same_file(const struct database_place *a, const struct database_place *b)
{
    return a->sqlite && b->sqlite && strcmp(a->sqlite, b->sqlite) == 0;
}

/* take_world reads the configuration anew and serves it; false: nothing changed. */
static bool take_world(struct supervisor *s)
{
    struct serve_world *next = calloc(1, sizeof *next), *gone = next;
    struct listeners at = {.open.fd = -1, .inside.fd = -1}, *left = &at;
    const struct listeners *kept = &s->at;
    struct listeners before = s->at;
    bool ok = next && serve_load(next, s->path) && fetcher_can(&s->fetcher, next) &&
              hooks_can(&s->hooks, next) && judge_program_can(&next->config);
    if (ok)
        next->config.store.there =
            s->world && same_file(&next->config.store, &s->world->config.store);
    ok = ok && open_one(&at.open, &s->at.open, next->config.listen) &&
         open_one(&at.inside, &s->at.inside, next->config.listen_private) && replace(s, next, &at);
    if (ok) {
        gone = s->world;
        s->world = next;
        next->config.store.there = true;
        fetcher_new(&s->fetcher, next);
        s->at = at;
        left = &before;
        kept = &at;
    }
    close_others(left, kept);
    drop(gone);
    return ok;
}

/* renew serves what was fetched: only who judges is replaced. */
static void renew(struct supervisor *s)
{
    if (generation_renew(&s->now, s->world, s->parts->work, &s->fetcher.state, s->hooks.told)) {
        fetcher_look(&s->fetcher, s->world); /* which the keeper is told next */
        out_note("what was fetched is served");
        s->waits = false;
        return;
    }
    int64_t wait = fetcher_wait(&s->world->config.fetch, ++s->failures);
    s->tried = wire_now() + wait;
    out_error("what was fetched is not served: what was served before goes on; trying again in "
              "%lld s",
              (long long)wait / 1000);
}

/* pass_on tells the keeper what became of the sources. */
static void pass_on(struct supervisor *s)
{
    if (s->fetcher.news) { /* with what came since it may go well */
        s->waits = true;
        s->failures = 0;
        s->tried = 0;
    }
    s->fetcher.news = false;
    bool due = s->waits && wire_now() >= s->tried && !generation_leaves(&s->now);
    if (s->broken || wire_now() < s->told || !(due || s->fetcher.changed || s->hooks.changed))
        return;
    s->told = wire_now() + PAUSE / 4;
    if (due)
        renew(s);
    else if (generation_tell(&s->now, s->world, &s->fetcher.state, s->hooks.told))
        s->fetcher.changed = s->hooks.changed = false;
}

static void reload(struct supervisor *s)
{
    s->again_read = false;
    notify("RELOADING=1");
    if (take_world(s))
        out_note("%s was read again, and is served", s->path);
    else if (!s->stop)
        out_error("%s was not taken: what was served before goes on", s->path);
    notify("READY=1");
}

/* bury takes the ends of children. */
static void bury(struct supervisor *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (fetcher_ended(&s->fetcher, pid, status) || hooks_ended(&s->hooks, pid, status))
            continue;
        for (size_t i = 0; i < RETIRED; i++)
            generation_ended(&s->retired[i], pid);
        const char *what = generation_ended(&s->now, pid);
        if (!what)
            continue;
        if (!s->broken)
            out_error("the %s ended (%s %d): starting anew", what,
                      WIFSIGNALED(status) ? "signal" : "exit code",
                      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        s->broken = true;
    }
}

static void mend(struct supervisor *s)
{
    if (!s->broken || wire_now() < s->again)
        return;
    s->again = wire_now() + PAUSE;
    if (replace(s, s->world, &s->at))
        out_note("serving again; challenges that were out are void");
}

static void end_late(struct supervisor *s)
{
    for (size_t i = 0; i < RETIRED; i++)
        if (s->retired[i].alive && wire_now() > s->retired[i].until)
            generation_kill(&s->retired[i]);
}

/* hear takes the signals that came within so many milliseconds. */
static void hear(struct supervisor *s, int milliseconds)
{
    struct pollfd p = {.fd = s->signals, .events = POLLIN};
    struct signalfd_siginfo si;
    while (poll(&p, 1, milliseconds) == 1 &&
           read(s->signals, &si, sizeof si) == (ssize_t)sizeof si) {
        bool end = si.ssi_signo == SIGTERM || si.ssi_signo == SIGINT;
        s->hurry = s->hurry || (end && s->stop);
        s->stop = s->stop || end;
        s->again_read = s->again_read || si.ssi_signo == SIGHUP;
        milliseconds = 0;
    }
}

/* ask_itself asks for the watchdog. The private socket is not for strangers, who may crowd the other. */
static void ask_itself(struct supervisor *s)
{
    watch_turn(&s->watch, s->at.inside.fd != -1 ? &s->at.inside : &s->at.open,
               s->world->config.policies[0].name);
}

/* meanwhile goes on serving while processes start, which may take them a minute when one of them hangs. Who is told to end,
 * or has to replace what serves, waits no longer. */
static bool meanwhile(void *own)
{
    struct supervisor *s = own;
    hear(s, 0);
    if (s->world && !s->broken)
        ask_itself(s);
    return !s->stop && (s->broken || generation_lives(&s->now));
}

static void serve(struct supervisor *s)
{
    for (;;) {
        hear(s, 200);
        if (s->stop)
            return;
        if (s->again_read)
            reload(s);
        bury(s);
        mend(s);
        fetcher_turn(&s->fetcher);
        hooks_turn(&s->hooks, s->now.alive ? s->now.keeper : -1);
        pass_on(s);
        end_late(s);
        ask_itself(s);
    }
}

/* drain lets what was begun finish; whoever asks again does not want to wait. */
static void drain(struct supervisor *s)
{
    bool all_ended = false;
    notify("STOPPING=1");
    fetcher_stop(&s->fetcher);
    hooks_stop(&s->hooks);
    retire(s);
    while (!all_ended) {
        hear(s, 50);
        bury(s);
        end_late(s);
        all_ended = true;
        for (size_t i = 0; i < RETIRED; i++) {
            if (s->hurry)
                generation_kill(&s->retired[i]);
            all_ended = all_ended && !s->retired[i].alive;
        }
    }
}

static int signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC) : -1;
}

int supervisor_run(const char *path, const struct supervisor_parts *parts)
{
    static struct supervisor s; /* large */
    s = (struct supervisor){
        .path = path, .parts = parts, .signals = signals(), .watch = watch_new()};
    s.wait = (struct generation_wait){meanwhile, &s};
    s.at.open.fd = s.at.inside.fd = -1;
    bool ok = s.signals != -1 && take_world(&s);
    if (ok) {
        notify("READY=1");
        out_note("serving %zu %s of %s", s.world->config.n,
                 s.world->config.n == 1 ? "policy" : "policies", path);
        serve(&s);
        drain(&s);
    }
    serve_listen_close(&s.at.open);
    serve_listen_close(&s.at.inside);
    drop(s.world);
    return ok || s.stop ? EXIT_GOOD : EXIT_USAGE;
}
