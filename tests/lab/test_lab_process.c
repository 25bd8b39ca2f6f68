/* What the lab starts ends with it, and what it made below /tmp goes, however it ends. */
#include "lab/process/lab_process.h"

#include "lab/intel/lab_buf.h"
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
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

/* A lab with a directory and a program, which ends in one of these ways. */
static void the_directory_goes(void (*end)(void))
{
    char directory[] = "/tmp/situs-XXXXXX", file[64];
    const char *const sleeps[] = {"sleep", "600", NULL};
    int pids[2], status;
    pid_t sleeper = 0;
    assert_non_null(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/file", directory);
    fclose(fopen(file, "w"));
    assert_int_equal(pipe(pids), 0);
    pid_t lab = fork();
    if (lab == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        lab_process_warden(directory);
        sleeper = lab_process_start(sleeps, NULL);
        if (write(pids[1], &sleeper, sizeof sleeper) != sizeof sleeper)
            _exit(1);
        end();
        _exit(0);
    }
    assert_int_equal(read(pids[0], &sleeper, sizeof sleeper), sizeof sleeper);
    assert_int_equal(waitpid(lab, &status, 0), lab);
    assert_true(goes_away(directory));
    close(pids[1]); /* who still lives of the others has it open */
    assert_int_equal(read(pids[0], file, 1), 0);
    close(pids[0]);
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
    the_directory_goes(die);
}

static void nothing_is_left_when_the_lab_is_killed(void **state)
{
    (void)state;
    the_directory_goes(be_killed);
}

static void nothing_is_left_when_the_lab_leaves(void **state)
{
    (void)state;
    the_directory_goes(leave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_when_the_lab_dies),
        cmocka_unit_test(nothing_is_left_when_the_lab_is_killed),
        cmocka_unit_test(nothing_is_left_when_the_lab_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
