/* Making judges, and their loop; see judge.h. */
#include "serve/judge/judge.h"

#include "crypto/bare.h"
#include "frame/out.h"
#include "serve/judge/judge_decoders.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct span map(int fd, size_t size)
{
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return p == MAP_FAILED ? span_of(NULL, 0) : span_of(p, size);
}

static void unmap(struct span s)
{
    if (s.p)
        munmap((void *)(uintptr_t)s.p, s.n);
}

/* answer_one appraises one ask; false: the judge has no more to do. */
static bool answer_one(const struct serve_world *world, judge_work *work)
{
    struct judge_ask ask;
    static struct judge_answer answer;
    static struct situs_seen seen[SERVE_SEEN];
    int fds[TALK_FDS], report = -1;
    size_t n;
    if (!talk_receive(JUDGE_SOCKET, &ask, sizeof ask, fds, &n) || n == 0 || ask.seen > SERVE_SEEN ||
        (ask.seen > 0) != (n == 2))
        return false;
    struct judge_given given = {map(fds[0], ask.evidence_size), seen, ask.seen};
    struct span rows =
        n == 2 ? map(fds[1], ask.seen * sizeof(struct serve_seen)) : span_of(NULL, 0);
    for (size_t i = 0; rows.p && i < ask.seen; i++)
        seen[i] = serve_seen_view((const struct serve_seen *)(const void *)rows.p + i);
    memset(&answer, 0, sizeof answer);
    answer.id = ask.id;
    bool ok = given.evidence.p && (n == 1 || rows.p) &&
              work(world, &ask, &given, &answer.record, &report) &&
              talk_send(JUDGE_SOCKET, &answer, sizeof answer, &report, report != -1);
    unmap(given.evidence);
    unmap(rows);
    if (report != -1)
        close(report);
    return ok;
}

/* What the judges of one nursery have in common. */
struct nursery {
    const struct serve_world *world;
    judge_work *work;
    struct judge_bounds bounds;
    int none; /* /dev/null, in the place of the standard descriptors */
};

/* only keeps of the descriptors the socket, as JUDGE_SOCKET, and nothing behind the standard ones. */
static bool only(int none, int socket)
{
    bool ok = true;
    for (int fd = 0; ok && fd < JUDGE_SOCKET; fd++)
        ok = dup2(none, fd) == fd;
    return ok && dup2(socket, JUDGE_SOCKET) == JUDGE_SOCKET &&
           close_range(JUDGE_SOCKET + 1, ~0U, 0) == 0;
}

static _Noreturn void judge(const struct nursery *n, int socket)
{
    prctl(PR_SET_NAME, "situs-judge");
    bool ok =
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && only(n->none, socket) && judge_confine(&n->bounds);
    while (ok && answer_one(n->world, n->work))
        ;
    _exit(0);
}

enum made { MADE, NOT_NOW, NO_KEEPER };

/* make sends one judge to the keeper. One whose sockets are closed ends by itself. */
static enum made make(const struct nursery *n, int keeper)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        return NOT_NOW;
    pid_t pid = fork();
    if (pid == 0)
        judge(n, pair[1]);
    close(pair[1]);
    int handle = pid == -1 ? -1 : pidfd_open(pid, 0);
    const struct nursery_answer answer = {(int32_t)pid};
    const int fds[] = {pair[0], handle};
    enum made made = handle == -1                                        ? NOT_NOW
                     : talk_send(keeper, &answer, sizeof answer, fds, 2) ? MADE
                                                                         : NO_KEEPER;
    close(pair[0]);
    if (handle != -1)
        close(handle);
    return made;
}

/* make_all makes the judges that are owed, as far as it can now; false: the keeper is gone. */
static bool make_all(const struct nursery *n, int keeper, size_t *owed)
{
    enum made made = MADE;
    while (*owed > 0 && made == MADE) {
        made = make(n, keeper);
        *owed -= made == MADE;
    }
    return made != NO_KEEPER;
}

/* bury takes the ends of judges; one that broke its rules is told. */
static void bury(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            out_note("judge %d was ended by signal %d (%s)", (int)pid, WTERMSIG(status),
                     WTERMSIG(status) == SIGSYS ? "it called what a judge may not" : "it failed");
}

int judge_nursery(const struct serve_world *world, judge_work *work, int socket)
{
    struct pollfd p = {.fd = socket, .events = POLLIN};
    struct nursery nursery = {.world = world, .work = work};
    bool told = false;
    size_t owed = 0;
    tzset(); /* libc reads /etc/localtime once, for gmtime_r(3) of libcrypto too */
    judge_decoders();
    crypto_warm();
    nursery.none = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ok =
        nursery.none != -1 && judge_bounds_new(&nursery.bounds, world->config.limits.judge_memory);
    if (!ok)
        out_error("judges cannot be confined, so none are made");
    while (ok) {
        struct nursery_ask ask;
        int fds[TALK_FDS];
        size_t n;
        int ready = poll(&p, 1, owed ? 100 : 1000);
        ok = ready != -1 || errno == EINTR;
        bury();
        if (ready == 1 && (ok = talk_receive(socket, &ask, sizeof ask, fds, &n)))
            owed += ask.judges;
        ok = ok && make_all(&nursery, socket, &owed);
        if (ok && owed && !told)
            out_error("no judge can be made now: trying again");
        told = owed > 0;
    }
    return 0;
}
