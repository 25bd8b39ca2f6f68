/* The build of make test: undefined behaviour, memory misused and memory lost each end a program badly, and a report
 * names this file. Built with the sanitizers only. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

static volatile int most = INT_MAX;
static volatile size_t fifth = 4;
static void *volatile kept;

static void overflow(void)
{
    int sum = most;
    sum += 1;
    most = sum;
}

static void null_read(void)
{
    const int *volatile none = NULL;
    most = *none;
}

static void out_of_array(void)
{
    int four[4] = {0};
    four[fifth] = 1;
    most = four[0];
}

static void shifted_too_far(void)
{
    int by = 32 + (int)fifth;
    most = 1 << by;
}

static void used_after_free(void)
{
    kept = malloc(8);
    free(kept);
    memset(kept, 1, 8);
}

static void beyond_its_end(void)
{
    char *bytes = malloc(8);
    kept = bytes;
    bytes[fifth * 2] = 1;
}

static void lost(void)
{
    kept = malloc(8);
    kept = NULL;
}

/* Runs act in a process of its own; what it says on stderr. Returns its wait status. */
static int ends(void (*act)(void), char *said, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(ends[1], STDERR_FILENO) < 0)
            _exit(0);
        act();
        exit(0); // LeakSanitizer looks here
    }
    close(ends[1]);
    size_t len = 0;
    char rest[512];
    for (ssize_t n; (n = len < size - 1 ? read(ends[0], said + len, size - 1 - len)
                                        : read(ends[0], rest, sizeof rest)) > 0;)
        len += len < size - 1 ? (size_t)n : 0;
    said[len] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void each_ends_a_program_and_is_told(void **state)
{
    (void)state;
    static const struct {
        void (*act)(void);
        const char *function; // named in the report
    } rows[] = {
        {overflow, "overflow"},
        {null_read, "null_read"},
        {out_of_array, "out_of_array"},
        {shifted_too_far, "shifted_too_far"},
        {used_after_free, "used_after_free"},
        {beyond_its_end, "beyond_its_end"},
        {lost, "lost"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[8192];
        int status = ends(rows[i].act, said, sizeof said);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            fail_msg("%s: ended well", rows[i].function);
        if (!strstr(said, rows[i].function) || !strstr(said, "test_sanitizers.c"))
            fail_msg("%s: said \"%s\"", rows[i].function, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_ends_a_program_and_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
