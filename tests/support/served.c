/* Keeper and judges under test; see served.h. */
#include "support/served.h"

#include "serve/supervisor/generation_load.h"
#include "support/test.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 60000

struct served_clock *served_clock(void)
{
    static struct served_clock *c;
    if (!c)
        c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return c;
}

static int64_t wall(void)
{
    return (int64_t)time(NULL) + served_clock()->wall + served_clock()->both;
}

static int64_t steady(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return ((int64_t)t.tv_sec + served_clock()->both) * 1000 + t.tv_nsec / 1000000;
}

void served_load(struct served *s, const char *configuration)
{
    char path[96];
    *s = (struct served){.world = calloc(1, sizeof *s->world), .front = -1, .supervisor = -1};
    strcpy(s->folder, "/tmp/servedXXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(path, sizeof path, "%s/serve.json", s->folder);
    assert_true(file_write(path, span_text(configuration), &(struct situs_err){0}));
    assert_true(serve_load(s->world, path) && serve_load_verify(s->world));
    unlink(path);
    rmdir(s->folder);
}

void served_key(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *f = fopen(path, "w");
    assert_true(key && f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
    fclose(f);
    EVP_PKEY_free(key);
}

static pid_t child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

void served_start(struct served *s, judge_work *work)
{
    served_start_two(s, work, work);
}

int served_nurse(const struct served *s, judge_work *work, pid_t *pid)
{
    int nursery[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, nursery), 0);
    if ((*pid = child()) == 0) {
        close(nursery[1]);
        if (s->front != -1)
            close(s->front);
        if (s->supervisor != -1)
            close(s->supervisor);
        _exit(judge_nursery(s->world, work, nursery[0]));
    }
    close(nursery[0]);
    return nursery[1];
}

void served_tell(const struct served *s, const struct serve_term *terms, int nursery)
{
    static struct keeper_told told;
    int fds[] = {nursery, nursery == -1 ? -1 : generation_load_holdings(s->world)};
    told = (struct keeper_told){.lists = s->world->n_numbers};
    memcpy(told.terms, terms, s->world->config.n * sizeof *terms);
    assert_true(talk_send(s->supervisor, &told, sizeof told, fds, nursery == -1 ? 0 : 2));
    if (nursery != -1)
        close(fds[1]);
}

static void start(struct served *s, judge_work *work, judge_work *second)
{
    int front[2], supervisor[2], ends[JUDGE_BUILDS] = {-1, -1};
    judge_work *const works[] = {work, second};
    const struct keeper_clock clock = {.wall = wall, .steady = steady};
    if (s->supervisor != -1)
        close(s->supervisor); /* of one before, whose front is closed */
    s->front = s->supervisor = -1;
    for (size_t i = 0; i < s->world->config.builds; i++) {
        ends[i] = served_nurse(s, works[i], &s->nursery[i]);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, supervisor), 0);
    if ((s->keeper = child()) == 0) {
        close(front[0]);
        close(supervisor[0]);
        _exit(keeper_run(
            s->world, &(struct keeper_ends){front[1], {ends[0], ends[1]}, supervisor[1]}, clock));
    }
    close(front[1]);
    close(supervisor[1]);
    for (size_t i = 0; i < s->world->config.builds; i++)
        close(ends[i]);
    s->front = front[0];
    s->supervisor = supervisor[0];
}

void served_start_two(struct served *s, judge_work *work, judge_work *second)
{
    *served_clock() = (struct served_clock){0};
    start(s, work, second);
}

void served_start_beside(struct served *s, judge_work *work)
{
    start(s, work, work);
}

/* ended waits for a process; of a test that failed others may hold the end by which it would see that nobody is there. */
static void ended(pid_t pid)
{
    for (int i = 0; i < 3000; i++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return;
        usleep(10000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

void served_stop(struct served *s)
{
    if (s->front != -1)
        close(s->front);
    if (s->supervisor != -1)
        close(s->supervisor);
    if (s->keeper)
        ended(s->keeper);
    for (size_t i = 0; i < JUDGE_BUILDS; i++)
        if (s->nursery[i])
            ended(s->nursery[i]);
    serve_load_free(s->world);
    free(s->world);
}

void served_send(const struct served *s, const struct talk_ask *ask, const char *text)
{
    int fd = text ? talk_memory(text, strlen(text)) : -1;
    assert_true(talk_send(s->front, ask, sizeof *ask, &fd, text != NULL));
    if (text)
        close(fd);
}

struct talk_answer served_answer(const struct served *s, char out[TALK_FDS][4096])
{
    struct pollfd p = {.fd = s->front, .events = POLLIN};
    struct talk_answer answer;
    int fds[TALK_FDS];
    size_t n, size;
    assert_int_equal(poll(&p, 1, ANSWER_MS), 1);
    assert_true(talk_receive(s->front, &answer, sizeof answer, fds, &n));
    assert_int_equal(n, answer.descriptors);
    for (size_t i = 0; i < n; i++) {
        assert_true(talk_memory_is(fds[i], 1 << 20, &size));
        ssize_t got = out ? pread(fds[i], out[i], sizeof out[i] - 1, 0) : 0;
        if (out)
            out[i][got] = 0;
        close(fds[i]);
    }
    return answer;
}

struct talk_answer served_ask(const struct served *s, const struct talk_ask *ask, const char *text)
{
    served_send(s, ask, text);
    return served_answer(s, NULL);
}

struct talk_answer served_challenge(const struct served *s, const char *policy)
{
    struct talk_ask ask = {.kind = TALK_CHALLENGE};
    strcpy(ask.policy, policy);
    return served_ask(s, &ask, NULL);
}

struct talk_ask served_appraise(const struct talk_answer *challenge)
{
    struct talk_ask ask = {.kind = TALK_APPRAISE};
    memcpy(ask.session, challenge->session, sizeof ask.session);
    return ask;
}
