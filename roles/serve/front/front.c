/* The process; see front.h. */
#include "serve/front/front.h"

#include "serve/front/front_log.h"
#include "serve/front/front_paths.h"
#include "serve/front/front_state.h"
#include "wire/wire.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LAST_WORDS 500 /* milliseconds to take the refusals with which a stop ends */
#define BODIES 16      /* bodies of the largest size that are kept at once */

/* stop_signal is a descriptor that SIGTERM and SIGINT make readable; -1 on failure. */
static int stop_signal(void)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    return sigprocmask(SIG_BLOCK, &stop, NULL) == 0
               ? signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK)
               : -1;
}

/* turn waits for what comes first, and does it. True: the process was told to stop. */
static bool turn(struct front *f, int stop)
{
    int doors[2], wait = http_server_polls(f->server, doors);
    struct pollfd fds[4 + FRONT_DIALS] = {
        {.fd = stop, .events = POLLIN},
        {.fd = f->keeper.fd, .events = front_keeper_events(&f->keeper)},
        {.fd = doors[0], .events = POLLIN},
        {.fd = doors[1], .events = POLLIN}};
    poll(fds, 4 + front_dial_polls(&f->dials, fds + 4), wait);
    front_keeper_turn(&f->keeper);
    front_dial_turn(&f->dials);
    if (stop != -1)
        front_machines_turn(f);
    http_server_turn(f->server);
    if (stop != -1) /* who took all that he was sent gets more at once */
        front_stream_turn(f);
    return fds[0].revents & POLLIN;
}

/* drain lets what was begun come to its end, for as long as the setup says. */
static void drain(struct front *f)
{
    int64_t until = wire_now() + f->setup.drain_ms;
    http_server_quiesce(f->server);
    front_stream_end(f);
    while (http_server_busy(f->server) && wire_now() < until)
        turn(f, -1);
    front_dial_end(&f->dials);
    front_keeper_end(&f->keeper);
    for (until = wire_now() + LAST_WORDS; http_server_busy(f->server) && wire_now() < until;)
        turn(f, -1);
}

/* open_files lets this process have the descriptors that its connections need. */
static void open_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

int front_run(const struct talk_front *setup)
{
    size_t n;
    const struct front_row *rows = front_paths_rows(setup->alliance, &n);
    return front_run_rows(setup, rows, n);
}

int front_run_rows(const struct talk_front *setup, const struct front_row *rows, size_t n)
{
    struct front f = {.setup = *setup, .rows = rows, .n_rows = n};
    struct http_does does = front_serve;
    struct http_limits limits = {.body = setup->body_max,
                                 .bodies = (size_t)setup->body_max * BODIES,
                                 .connections = setup->connections,
                                 .idle = setup->idle_ms,
                                 .request = setup->request_ms};
    int stop = stop_signal();
    does.context = &f;
    open_files();
    bool ok = stop >= 0 && fcntl(setup->keeper, F_SETFL, O_NONBLOCK) == 0 &&
              front_keeper_new(&f.keeper, setup->keeper, setup->connections + 64);
    f.server = ok ? http_server_new(setup->listen, setup->listen_private, &limits, &does) : NULL;
    ok = f.server != NULL;
    if (ok) {
        front_machines_new(&f);
        while (!turn(&f, stop))
            ;
        drain(&f);
    } else {
        front_log_event("the front cannot start: no memory, or a socket does not listen");
    }
    http_server_free(f.server);
    front_keeper_free(&f.keeper);
    return ok ? 0 : 1;
}
