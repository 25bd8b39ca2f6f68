/* When sources are asked; see fetcher.h. */
#include "serve/fetcher/fetcher.h"

#include "base/text.h"
#include "frame/out.h"
#include "program/program.h"
#include "serve/fetcher/fetcher_run.h"
#include "serve/world/backoff.h"
#include "wire/wire.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 4 /* who ask, at most */
#define MARGIN \
    3 /* a third of an item's life is left when it is asked for anew at the latest, and */
#define JITTER 12  /* up to a twelfth of it earlier */
#define ANSWERS 80 /* of one asking, at most; each has its time-out */

/* lead is how long before its end an item is asked for anew, seconds: machines whose items end at one instant do not ask
 * at one. */
static int64_t lead(struct window valid)
{
    if (valid.from == INT64_MIN || valid.to == INT64_MAX)
        return 0;
    int64_t life = valid.to - valid.from;
    return life / MARGIN + backoff_some(life / JITTER);
}

/* renew_at is when an item is due by its own end, Unix seconds. Where what came last is near its end already, the source
 * has nothing newer: it is asked again when a quarter of what is left has passed, and not at once, for months. */
static int64_t renew_at(struct window valid, int64_t came)
{
    int64_t ahead = valid.to - lead(valid), again = came + (valid.to - came) / 4;
    return valid.to == INT64_MAX ? INT64_MAX : ahead > again ? ahead : again;
}

int64_t fetcher_wait(const struct serve_fetch *c, unsigned tries)
{
    return backoff_wait(1000 * c->retry, tries);
}

static int64_t later(const struct serve_source *s)
{
    int64_t every = 1000 * s->every;
    return every - backoff_some(every / 4);
}

/* tell_next puts into the state when a source is asked next. */
static void tell_next(struct fetcher *f, size_t i)
{
    const struct fetcher_item *x = &f->v[i];
    int64_t now = (int64_t)time(NULL), due = now + (x->next - wire_now()) / 1000;
    int64_t least = now + (x->not_before - wire_now()) / 1000;
    due = x->renew < due ? x->renew : due;
    f->state.source[i].next = f->config->offline ? 0 : due > least ? due : least;
    f->changed = true;
}

void fetcher_look(struct fetcher *f, const struct serve_world *w)
{
    for (size_t i = 0; i < f->config->n; i++) {
        const struct serve_held *held = &w->held[i];
        f->state.source[i].ends = held->holds ? held->valid.to : 0;
        f->v[i].renew = held->holds ? renew_at(held->valid, f->state.source[i].success) : INT64_MAX;
        tell_next(f, i);
    }
    f->state.platforms = (uint32_t)w->platforms;
    memcpy(f->state.platform, w->platform, sizeof f->state.platform);
}

/* age is how long ago the cache got an item, milliseconds; of none, long ago. */
static int64_t age(struct fetcher *f, size_t i)
{
    char path[PATH_MAX];
    struct stat st;
    serve_source_path(f->config, i, path);
    if (stat(path, &st) != 0)
        return INT64_MAX;
    f->state.source[i].success = st.st_mtime;
    int64_t seconds = (int64_t)time(NULL) - st.st_mtime;
    return 1000 * (seconds > 0 ? seconds : 0);
}

bool fetcher_can(struct fetcher *f, const struct serve_world *w)
{
    const struct serve_fetch *c = &w->config.fetch;
    return c->n == 0 || c->offline || program_find(f->program, PROGRAM_fetch);
}

void fetcher_new(struct fetcher *f, const struct serve_world *w)
{
    fetcher_stop(f);
    f->config = &w->config.fetch;
    memset(&f->state, 0, sizeof f->state);
    f->state.sources = (uint32_t)f->config->n;
    f->news = false;
    for (size_t i = 0; i < f->config->n; i++) {
        struct fetcher_item *x = &f->v[i];
        int64_t old = age(f, i), wait = later(&f->config->v[i]);
        memcpy(f->state.source[i].name, f->config->v[i].name, sizeof f->state.source[i].name);
        *x = (struct fetcher_item){.said = -1};
        x->next = wire_now() + (w->held[i].holds && old < wait ? wait - old : 0);
    }
    fetcher_look(f, w);
}

static bool is_due(const struct fetcher_item *x)
{
    int64_t now = wire_now();
    return !x->pid && now >= x->not_before && (now >= x->next || (int64_t)time(NULL) >= x->renew);
}

void fetcher_turn(struct fetcher *f)
{
    size_t busy = 0, n = f->config ? f->config->n : 0;
    for (size_t i = 0; i < n; i++) {
        busy += f->v[i].pid != 0;
        if (f->v[i].pid && wire_now() > f->v[i].until)
            kill(f->v[i].pid, SIGKILL);
    }
    for (size_t i = 0; i < n && busy < AT_ONCE && !f->config->offline; i++) {
        struct fetcher_item *x = &f->v[i];
        if (!is_due(x))
            continue;
        x->pid = fetcher_run(f->program, f->config, i, &x->said);
        x->until = wire_now() + ANSWERS * 1000 * f->config->timeout;
        x->not_before = wire_now() + fetcher_wait(f->config, x->tries + 1);
        busy += x->pid != 0;
    }
}

bool fetcher_ended(struct fetcher *f, pid_t pid, int status)
{
    size_t i = 0, n = f->config ? f->config->n : 0;
    while (i < n && f->v[i].pid != pid)
        i++;
    if (i == n || pid == 0)
        return false;
    struct fetcher_item *x = &f->v[i];
    struct fetcher_source *told = &f->state.source[i];
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    int64_t asked = fetcher_retry_after(x->said), wait;
    if (x->said != -1)
        close(x->said);
    *x = (struct fetcher_item){.said = -1, .renew = x->renew, .tries = x->tries + 1};
    told->successes += ok;
    told->failures += !ok;
    wait = fetcher_wait(f->config, x->tries);
    if (ok) {
        told->success = (int64_t)time(NULL);
        f->news = true;
        x->next = wire_now() + later(&f->config->v[i]);
    } else {
        wait = wait > asked ? wait : asked;
        x->next = wire_now() + wait;
        out_error("%s was not fetched; trying again in %lld s", told->name, (long long)wait / 1000);
    }
    x->not_before = wire_now() + wait;
    if (ok && x->not_before > x->next) /* asked more often than it fails */
        x->not_before = x->next;
    x->tries = ok ? 0 : x->tries;
    tell_next(f, i);
    return true;
}

/* count is how many sources could not be fetched, or were not asked to an end yet. */
static size_t count(const struct fetcher *f, bool failed)
{
    size_t n = 0;
    for (size_t i = 0; i < f->config->n; i++) {
        const struct fetcher_source *s = &f->state.source[i];
        n += failed ? s->successes == 0 : f->v[i].pid || s->successes + s->failures == 0;
    }
    return n;
}

size_t fetcher_once(struct fetcher *f, const struct serve_world *w)
{
    fetcher_new(f, w);
    for (size_t i = 0; i < f->config->n; i++)
        f->v[i].next = 0;
    while (count(f, false) > 0) {
        int status;
        fetcher_turn(f);
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid > 0)
            fetcher_ended(f, pid, status);
        else
            poll(NULL, 0, 20);
    }
    return count(f, true);
}

void fetcher_stop(struct fetcher *f)
{
    for (size_t i = 0; f->config && i < f->config->n; i++) {
        if (f->v[i].pid)
            kill(f->v[i].pid, SIGKILL);
        if (f->v[i].pid && f->v[i].said != -1)
            close(f->v[i].said);
        f->v[i].pid = 0;
    }
}
