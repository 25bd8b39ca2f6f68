/* Frames, refusals and the messages of the roles, read as from an enemy. */
#include "support/test.h"

#include "base/text.h"
#include "wire/platform.h"
#include "wire/qgs.h"
#include "wire/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], path[96];
static pid_t child;

/* The child answers each frame with itself, and ends the connection on "end". */
static bool echo(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    (void)context, (void)peer;
    wr_bytes(answer, body);
    return !span_equal(body, SPAN_LIT("end"));
}

static int setup(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct wire_server server = {.n = 0};
    const struct wire_handler handler = {NULL, echo, NULL, NULL};
    strcpy(dir, "/tmp/situs-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    assert_true(wire_listen(&server, path, &err));
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        wire_serve(&server, &handler, -1, &err);
        _exit(0);
    }
    close(server.listener[0].fd);
    return 0;
}

static void end_child(void)
{
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    child = 0;
}

static int teardown(void **state)
{
    (void)state;
    end_child();
    unlink(path);
    rmdir(dir);
    return 0;
}

static void frames_come_back_whole(void **state)
{
    (void)state;
    static uint8_t big[1000000];
    struct situs_err err = {0};
    int fd = wire_connect(path, &err);
    assert_true(fd >= 0);
    for (size_t n = 1; n <= sizeof big; n *= 10) {
        memset(big, (int)n, n);
        assert_true(wire_send(fd, span_of(big, n), "peer", &err));
        struct span got = wire_receive(fd, "peer", &err);
        assert_true(span_equal(got, span_of(big, n)));
        free((void *)(uintptr_t)got.p);
    }
    close(fd);
}

static void a_connection_may_end_without_answer(void **state)
{
    (void)state;
    struct situs_err err = {0};
    assert_null(wire_ask(path, SPAN_LIT("end"), "peer", &err).p);
    expect_err(err, SITUS_MISSING, "", SITUS_NO_OFFSET);
}

/* raw sends bytes and says that the server closed the connection. */
static bool closes_on(struct span bytes)
{
    struct situs_err err = {0};
    uint8_t byte;
    int fd = wire_connect(path, &err);
    assert_true(fd >= 0);
    assert_int_equal(send(fd, bytes.p, bytes.n, 0), bytes.n);
    bool closed = recv(fd, &byte, 1, 0) <= 0;
    close(fd);
    return closed;
}

static void frames_of_no_or_too_many_bytes_end_the_connection(void **state)
{
    (void)state;
    struct situs_err err = {0};
    assert_true(closes_on(SPAN_LIT("\x00\x00\x00\x00")));
    assert_true(closes_on(SPAN_LIT("\x00\x20\x00\x01")));
    assert_true(closes_on(SPAN_LIT("\xff\xff\xff\xff")));
    struct span got = wire_ask(path, SPAN_LIT("x"), "peer", &err); /* it still serves others */
    assert_true(span_equal(got, SPAN_LIT("x")));
    free((void *)(uintptr_t)got.p);
}

static void a_slow_peer_holds_up_nobody(void **state)
{
    (void)state;
    struct situs_err err = {0};
    int slow = wire_connect(path, &err);
    assert_int_equal(send(slow, "\x00\x00", 2, 0), 2);
    struct span got = wire_ask(path, SPAN_LIT("x"), "peer", &err);
    assert_true(span_equal(got, SPAN_LIT("x")));
    free((void *)(uintptr_t)got.p);
    close(slow);
}

static void silent_peers_keep_nobody_out(void **state)
{
    (void)state;
    struct situs_err err = {0};
    int quiet[WIRE_PEERS + 2];
    uint8_t byte;
    for (size_t i = 0; i < WIRE_PEERS + 2; i++)
        quiet[i] = wire_connect(path, &err);
    assert_int_equal(send(quiet[WIRE_PEERS + 1], "\x00", 1, 0), 1);
    struct span got = wire_ask(path, SPAN_LIT("x"), "peer", &err);
    assert_true(span_equal(got, SPAN_LIT("x")));
    free((void *)(uintptr_t)got.p);
    assert_int_equal(recv(quiet[0], &byte, 1, 0), 0); /* the oldest made room */
    assert_int_equal(recv(quiet[WIRE_PEERS + 1], &byte, 1, MSG_DONTWAIT), -1);
    for (size_t i = 0; i < WIRE_PEERS + 2; i++)
        close(quiet[i]);
}

static void a_socket_in_use_is_not_taken(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct wire_server server = {.n = 0};
    assert_false(wire_listen(&server, path, &err));
    assert_int_equal(err.code, SITUS_MISSING);
    end_child(); /* what it leaves behind is no obstacle */
    err = (struct situs_err){0};
    assert_true(wire_listen(&server, path, &err));
    wire_close(&server);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_file_is_not_replaced_by_a_socket(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct wire_server server = {.n = 0};
    char file[128];
    snprintf(file, sizeof file, "%s/file", dir);
    fclose(fopen(file, "w"));
    assert_false(wire_listen(&server, file, &err));
    assert_int_equal(access(file, F_OK), 0);
    unlink(file);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct situs_err err = {0};
    char file[200];
    memset(file, 'a', sizeof file - 1);
    file[sizeof file - 1] = 0;
    assert_int_equal(wire_connect(file, &err), -1);
    assert_int_equal(err.code, SITUS_MISSING);
}

static void refusals_carry_code_and_words(void **state)
{
    (void)state;
    uint8_t room[1024];
    struct wr w = wr_new(room, sizeof room);
    struct situs_err err = {0}, got = {0}, none = {0};
    err_fail(&err, SITUS_REVOKED, "fleet", "ek", SITUS_NO_OFFSET, "a\nmachine", "none\xff");
    wire_refuse(&w, &err);
    assert_true(wire_refused(wr_span(&w), "peer", &got));
    expect_err(got, SITUS_REVOKED, "refusal", SITUS_NO_OFFSET);
    assert_string_equal(got.got, "fleet ek: expected a?machine, got none?");
    assert_false(wire_refused(SPAN_LIT("\xa1\x00\x41\x00"), "peer", &none));
    assert_false(wire_refused(SPAN_LIT(""), "peer", &none));
    assert_int_equal(none.code, SITUS_NONE);
}

/* A GET_QUOTE_REQ, bent at one offset. */
static void request_bent(size_t at, uint8_t value, enum situs_code code, const char *field)
{
    static uint8_t report[QGS_REPORT_SIZE], room[2048];
    struct wr w = wr_new(room, sizeof room);
    struct qgs_request q;
    struct situs_err err = {0};
    qgs_request_write(&w, SPAN_ARR(report));
    assert_true(qgs_request_read(&q, wr_span(&w), &err));
    room[at] = value;
    assert_false(qgs_request_read(&q, wr_span(&w), &err));
    expect_err(err, code, field, at & ~(size_t)1);
    assert_null(q.report.p);
}

static void qgs_requests_are_exact(void **state)
{
    (void)state;
    request_bent(0, 2, SITUS_UNSUPPORTED, "header.major_version");
    request_bent(4, 1, SITUS_UNSUPPORTED, "header.type");
    request_bent(8, 1, SITUS_UNSUPPORTED, "header.size");
    request_bent(16, 1, SITUS_UNSUPPORTED, "report_size");
}

static void qgs_errors_are_failures(void **state)
{
    (void)state;
    uint8_t room[64];
    struct wr w = wr_new(room, sizeof room);
    struct qgs_answer a;
    struct situs_err err = {0};
    qgs_error_write(&w, QGS_ERROR_UNEXPECTED);
    assert_false(qgs_answer_read(&a, wr_span(&w), &err));
    expect_err(err, SITUS_NOT_ALLOWED, "header.error_code", 12);
    assert_string_equal(err.got, "0x00012001");
}

static void platform_requests_are_exact(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        enum situs_code code;
        const char *field;
    } bad[] = {
        {SPAN_LIT(""), SITUS_TOO_SHORT, "request"},
        {SPAN_LIT("\xa0\x00"), SITUS_TRAILING, "request"},
        {SPAN_LIT("\xa1\x00\x41\x00"), SITUS_MALFORMED, "nonce"},
        {SPAN_LIT("\xa1\x01\x40"), SITUS_UNKNOWN, "nonce"},
        {SPAN_LIT("\x80"), SITUS_MALFORMED, "request"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct platform_request q;
        struct situs_err err = {0};
        assert_false(platform_request_read(&q, bad[i].bytes, &err));
        assert_string_equal(err_code_name(err.code), err_code_name(bad[i].code));
        assert_string_equal(err.field, bad[i].field);
    }
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(frames_come_back_whole),
        SERVED(a_connection_may_end_without_answer),
        SERVED(frames_of_no_or_too_many_bytes_end_the_connection),
        SERVED(a_slow_peer_holds_up_nobody),
        SERVED(silent_peers_keep_nobody_out),
        SERVED(a_socket_in_use_is_not_taken),
        SERVED(a_file_is_not_replaced_by_a_socket),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(refusals_carry_code_and_words),
        cmocka_unit_test(qgs_requests_are_exact),
        cmocka_unit_test(qgs_errors_are_failures),
        cmocka_unit_test(platform_requests_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
