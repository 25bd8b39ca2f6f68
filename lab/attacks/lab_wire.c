/* Challenges over real sockets; see lab_wire.h. */
#include "lab/attacks/lab_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"
#include "lab/process/lab_warden.h"

#define MESSAGE_MAX (1 << 20)

struct agent {
    struct lab_judge *j;
    const struct lab_vm *vm;
    enum lab_dialect d;
};

static void answer(void *context, int fd)
{
    const struct agent *a = (const struct agent *)context;
    uint8_t nonce[32];
    while (lab_socket_receive(fd, nonce, sizeof nonce) == sizeof nonce) {
        struct lab_evidence e = lab_vm_attest(a->vm, a->d, nonce);
        if (!lab_socket_send(fd, lab_judge_bundle(a->j, &e)))
            return;
    }
}

struct proxy {
    const char *to;
    unsigned delay;
};

void lab_wire_hold_up(unsigned milliseconds)
{
    const struct timespec t = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void relay(void *context, int fd)
{
    const struct proxy *p = (const struct proxy *)context;
    static uint8_t message[MESSAGE_MAX];
    size_t n;
    int to = lab_socket_connect(p->to);
    while (to >= 0 && (n = lab_socket_receive(fd, message, sizeof message)) > 0) {
        lab_wire_hold_up(p->delay);
        if (!lab_socket_send(to, span_of(message, n)) ||
            (n = lab_socket_receive(to, message, sizeof message)) == 0)
            return;
        lab_wire_hold_up(p->delay);
        if (!lab_socket_send(fd, span_of(message, n)))
            return;
    }
}

pid_t lab_wire_serve(const char *path, void (*serve)(void *context, int connection), void *context)
{
    int fd = lab_socket_listen(path);
    pid_t child = lab_process_fork();
    if (child == 0)
        lab_socket_serve(fd, serve, context);
    lab_socket_close(fd);
    return child;
}

double lab_wire_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void path_in(char path[80], const char *directory, const char *name)
{
    if (snprintf(path, 80, "%s/%s", directory, name) >= 80)
        lab_die("%s: too long", directory);
}

struct span lab_wire_ask(struct lab_judge *j, const struct lab_vm *vm, enum lab_dialect d,
                         const uint8_t nonce[32], unsigned delay, double *milliseconds)
{
    static uint8_t message[MESSAGE_MAX];
    char directory[] = "/tmp/situs-XXXXXX", near[80], far[80];
    struct agent agent = {j, vm, d};
    struct lab_buf out = {0};
    lab_warden_directory(directory);
    path_in(far, directory, "agent");
    path_in(near, directory, "proxy");
    struct proxy proxy = {far, delay};
    pid_t a = lab_wire_serve(far, answer, &agent),
          p = delay ? lab_wire_serve(near, relay, &proxy) : 0;
    int fd = lab_socket_connect(delay ? near : far);
    double before = lab_wire_now();
    size_t n = fd >= 0 && lab_socket_send(fd, span_of(nonce, 32))
                   ? lab_socket_receive(fd, message, sizeof message)
                   : 0;
    *milliseconds = lab_wire_now() - before;
    if (n == 0)
        lab_die("the agent does not answer");
    lab_socket_close(fd);
    lab_process_stop(p);
    lab_process_stop(a);
    unlink(near);
    unlink(far);
    rmdir(directory);
    lab_buf_bytes(&out, span_of(message, n));
    return lab_world_keep(vm->td.cpu->w, &out);
}
