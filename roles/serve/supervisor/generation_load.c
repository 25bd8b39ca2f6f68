/* A process that verifies; see generation_load.h. */
#include "serve/supervisor/generation_load.h"

#include "frame/out.h"
#include "serve/fetcher/fetcher_state.h"
#include "serve/world/serve_confine.h"
#include "serve/world/serve_dates.h"
#include "serve/world/serve_load.h"
#include "serve/world/serve_pack.h"
#include "serve/world/talk.h"
#include "wire/wire.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 60000 /* for what a process has to say once it is ready */
#define TURN_MS 100

/* Its word, with the pack, where there is a second build, and what policies hold, as sealed memory. */
struct brief {
    struct serve_term terms[SERVE_POLICIES];
    struct serve_held held[SERVE_SOURCES];
    struct serve_platform platform[SERVE_PLATFORMS];
    uint64_t platforms, numbers, packs;
};

/* confine leaves what of files is still read: the cache, and who signs what is in it. */
static bool confine(const struct serve_fetch *f)
{
    const char *reads[1 + SERVE_SOURCES] = {f->cache};
    for (size_t i = 0; i < f->n; i++)
        reads[1 + i] = f->v[i].issuer;
    return serve_confine_reader(reads, 1 + f->n);
}

int generation_load_holdings(const struct serve_world *w)
{
    const struct span parts[] = {span_of(w->dates, sizeof *w->dates),
                                 span_of(w->numbers, w->n_numbers * sizeof *w->numbers)};
    return talk_memory_of(parts, 2);
}

static bool tell(const struct serve_world *w, int socket)
{
    static struct brief b;
    int fds[2];
    size_t n = 0;
    for (size_t i = 0; i < w->config.n; i++)
        b.terms[i] = w->loaded[i].term;
    memcpy(b.held, w->held, sizeof b.held);
    memcpy(b.platform, w->platform, sizeof b.platform);
    b.platforms = w->platforms;
    b.numbers = w->n_numbers;
    b.packs = w->config.builds > 1;
    if (b.packs)
        fds[n++] = serve_pack_write(w);
    fds[n++] = generation_load_holdings(w);
    bool ok = talk_send(socket, &b, sizeof b, fds, n);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    return ok;
}

bool generation_load(struct serve_world *w, int socket)
{
    if (!confine(&w->config.fetch)) {
        out_error("who verifies collateral and endorsements cannot be confined");
        return false;
    }
    if (!serve_load_verify(w))
        return false;
    fetcher_platforms(w);
    return tell(w, socket);
}

/* take copies what policies hold out of the memory that came. */
static bool take(struct serve_world *w, int fd, uint64_t n)
{
    size_t size, dates = sizeof *w->dates, rows = (size_t)n * sizeof *w->numbers;
    if (n > SERVE_NUMBERS || !talk_memory_is(fd, dates + rows, &size) || size != dates + rows ||
        !serve_loaded_room(w))
        return false;
    w->n_numbers = (size_t)n;
    return pread(fd, w->dates, dates, 0) == (ssize_t)dates &&
           pread(fd, w->numbers, rows, (off_t)dates) == (ssize_t)rows;
}

static bool is_sound(const struct brief *b, const struct serve_world *w, size_t n)
{
    bool ok =
        b->packs == (w->config.builds > 1) && n == b->packs + 1 && b->platforms <= SERVE_PLATFORMS;
    for (size_t i = 0; ok && i < SERVE_POLICIES; i++)
        ok = talk_is_text(b->terms[i].begins, sizeof b->terms[i].begins) &&
             talk_is_text(b->terms[i].ends, sizeof b->terms[i].ends) &&
             talk_is_text(b->terms[i].missing, sizeof b->terms[i].missing);
    return ok;
}

bool generation_load_waits(int socket, const struct generation_wait *wait)
{
    struct pollfd p = {.fd = socket, .events = POLLIN};
    int64_t end = wire_now() + WAIT_MS;
    int got = 0;
    while (got == 0 && wire_now() < end && (!wait->meanwhile || wait->meanwhile(wait->own)))
        got = poll(&p, 1, TURN_MS);
    return got == 1;
}

bool generation_load_hear(struct serve_world *w, int socket, const struct generation_wait *wait,
                          int *pack)
{
    static struct brief b;
    int fds[TALK_FDS] = {-1, -1, -1};
    size_t n = 0, size;
    *pack = -1;
    bool ok = generation_load_waits(socket, wait) && talk_receive(socket, &b, sizeof b, fds, &n) &&
              is_sound(&b, w, n) && (!b.packs || talk_memory_is(fds[0], SIZE_MAX, &size)) &&
              take(w, fds[b.packs], b.numbers);
    for (size_t i = 0; ok && i < w->config.n; i++)
        w->loaded[i].term = b.terms[i];
    if (ok) {
        memcpy(w->held, b.held, sizeof w->held);
        memcpy(w->platform, b.platform, sizeof w->platform);
        w->platforms = (size_t)b.platforms;
    }
    if (ok && b.packs)
        *pack = fds[0];
    for (size_t i = 0; i < n; i++)
        if (fds[i] != *pack)
            close(fds[i]);
    return ok;
}

bool generation_load_apart(struct serve_world *w)
{
    int ends[2], pack;
    const struct generation_wait alone = {.meanwhile = NULL};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        _exit(generation_load(w, ends[1]) ? 0 : 1);
    close(ends[1]);
    bool ok = pid > 0 && generation_load_hear(w, ends[0], &alone, &pack);
    close(ends[0]);
    if (ok && pack != -1)
        close(pack);
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return ok;
}
