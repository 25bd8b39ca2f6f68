/* What the lab starts ends with it, and what it made below /tmp goes, however it ends. */
#include "lab/process/lab_process.h"

#include "lab/intel/lab_buf.h"
#include "lab/process/lab_socket.h"
#include "lab/process/lab_warden.h"
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool goes_away(const char *path)
{
    const struct timespec a_moment = {0, 10 * 1000 * 1000};
    for (int i = 0; i < 3000 && access(path, F_OK) == 0; i++)
        nanosleep(&a_moment, NULL);
    return access(path, F_OK) != 0;
}

/* What a lab tells the test: its program, and its directories. */
struct made {
    pid_t program;
    char directory[2][32];
};

static struct made make(void)
{
    const char *const sleeps[] = {"sleep", "600", NULL};
    struct made m = {.directory = {"/tmp/situs-XXXXXX", "/tmp/situs-XXXXXX"}};
    char file[64];
    for (int i = 0; i < 2; i++) {
        lab_warden_directory(m.directory[i]);
        snprintf(file, sizeof file, "%s/file", m.directory[i]);
        fclose(fopen(file, "w"));
    }
    m.program = lab_process_start(sleeps, NULL);
    return m;
}

/* A lab with two directories and a program, which ends in one of these ways. */
static void nothing_is_left(void (*end)(void))
{
    struct made m;
    int pipes[2], status;
    char byte;
    assert_int_equal(pipe(pipes), 0);
    pid_t lab = fork();
    if (lab == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        m = make();
        if (write(pipes[1], &m, sizeof m) != sizeof m)
            _exit(1);
        end();
        _exit(0);
    }
    assert_int_equal(read(pipes[0], &m, sizeof m), sizeof m);
    assert_int_equal(waitpid(lab, &status, 0), lab);
    for (int i = 0; i < 2; i++)
        assert_true(goes_away(m.directory[i]));
    close(pipes[1]); /* who still lives of the others has it open */
    assert_int_equal(read(pipes[0], &byte, 1), 0);
    close(pipes[0]);
}

static void die(void)
{
    lab_die("this is a test");
}

static void be_killed(void)
{
    raise(SIGKILL);
}

static void leave(void)
{
    _exit(0);
}

static void nothing_is_left_when_the_lab_dies(void **state)
{
    (void)state;
    nothing_is_left(die);
}

static void nothing_is_left_when_the_lab_is_killed(void **state)
{
    (void)state;
    nothing_is_left(be_killed);
}

static void nothing_is_left_when_the_lab_leaves(void **state)
{
    (void)state;
    nothing_is_left(leave);
}

/* A socket has its path before it listens: one that only has it is not served, in whatever time. */
static void a_path_alone_is_not_served(void **state)
{
    (void)state;
    char directory[] = "/tmp/situs-XXXXXX";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(directory));
    snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", directory);
    for (int listening = 0; listening < 2; listening++) {
        pid_t child = lab_process_fork();
        if (child == 0) {
            int fd = socket(AF_UNIX, SOCK_STREAM, 0);
            bool bound = bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
            if (bound && listening && listen(fd, 1) == 0)
                pause();
            nanosleep(&(struct timespec){0, 200 * 1000 * 1000}, NULL);
            _exit(0);
        }
        assert_int_equal(lab_socket_served(at.sun_path, child), listening);
        lab_process_stop(child);
        assert_int_equal(unlink(at.sun_path), 0);
    }
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_when_the_lab_dies),
        cmocka_unit_test(nothing_is_left_when_the_lab_is_killed),
        cmocka_unit_test(nothing_is_left_when_the_lab_leaves),
        cmocka_unit_test(a_path_alone_is_not_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
