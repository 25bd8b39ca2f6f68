/* Output of commands: what did not fit its memory ends with 1, and half of it is not there. */
#include "frame/out.h"

#include "support/test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 16

/* said is what a process puts on stdout that writes n letters out of a room of ROOM; *code is its exit code, 8 where all is
 * well. */
static size_t said(size_t n, bool json, char *text, size_t size, int *code)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        char room[ROOM];
        struct wr w = wr_new(room, sizeof room);
        dup2(pipes[1], STDOUT_FILENO);
        for (size_t i = 0; i < n; i++)
            wr_u8(&w, 'x');
        out_written(&w, json);
        _exit(out_finish(8));
    }
    close(pipes[1]);
    size_t got = 0;
    ssize_t more;
    while ((more = read(pipes[0], text + got, size - got)) > 0)
        got += (size_t)more;
    close(pipes[0]);
    assert_int_equal(waitpid(child, code, 0), child);
    *code = WEXITSTATUS(*code);
    return got;
}

static void what_fits_is_written(void **state)
{
    (void)state;
    char text[64];
    int code;
    assert_int_equal(said(ROOM, false, text, sizeof text, &code), ROOM);
    assert_int_equal(code, 8);
    assert_int_equal(said(ROOM, true, text, sizeof text, &code), ROOM + 1);
    assert_int_equal(text[ROOM], '\n');
    assert_int_equal(code, 8);
}

static void what_does_not_fit_is_no_answer(void **state)
{
    (void)state;
    char text[64];
    int code;
    assert_int_equal(said(ROOM + 1, false, text, sizeof text, &code), 0);
    assert_int_equal(code, 1);
    assert_int_equal(said(ROOM + 1, true, text, sizeof text, &code), 1);
    assert_int_equal(code, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_written),
        cmocka_unit_test(what_does_not_fit_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
