/* The processes of the gate; see gate.h. */
#include "serve/gate/gate.h"

#include "frame/exits.h"
#include "frame/out.h"
#include "serve/front/front.h"
#include "serve/front/front_paths.h"
#include "serve/world/notify.h"
#include "serve/world/serve_listen.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECTIONS 256
#define PATIENCE 30000 /* milliseconds of a request, and of silence before it */

static int front(int listen, int clerk)
{
    size_t n;
    const struct front_row *rows = front_paths_gate(&n);
    const struct talk_front setup = {.keeper = clerk,
                                     .listen = listen,
                                     .listen_private = -1,
                                     .body_max = WIRE_FRAME_MAX,
                                     .connections = CONNECTIONS,
                                     .idle_ms = PATIENCE,
                                     .request_ms = PATIENCE,
                                     .drain_ms = PATIENCE};
    return front_run_rows(&setup, rows, n);
}

/* serve makes the front's process, and is the clerk. */
static int serve(int listen, int stop, const char *registrar)
{
    int pair[2], status = 1;
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        return EXIT_USAGE;
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[1]);
        close(stop);
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
            _exit(1);
        _exit(front(listen, pair[0]));
    }
    close(pair[0]);
    if (pid != -1) {
        notify("READY=1");
        out_note("serving a registrar");
        gate_clerk(pair[1], stop, pid, registrar);
        waitpid(pid, &status, 0);
    }
    close(pair[1]);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_GOOD : EXIT_USAGE;
}

int gate_run(const char *listen, const char *registrar)
{
    struct serve_listener l;
    struct situs_err err = {0};
    int exit = EXIT_USAGE, stop = wire_stop();
    if (!serve_listen_known(listen)) {
        out_error("--listen: expected 127.0.0.1:PORT, [::1]:PORT or unix:/PATH, got %s", listen);
        out_hint("nginx or HAProxy stands before it, with TLS");
    } else if (stop == -1 || !serve_listen(&l, listen, &err)) {
        out_failure(&err);
    } else {
        exit = serve(l.fd, stop, registrar);
        serve_listen_close(&l);
    }
    if (stop != -1)
        close(stop);
    return exit;
}
