/* Frames, refusals and the messages of the roles, read as from an enemy. */
#include "support/qgs_ends.h"
#include "support/test.h"

#include "base/rd.h"
#include "base/text.h"
#include "wire/platform.h"
#include "wire/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

/* fill sends frames until the socket takes no more, and says how many it took whole. */
static size_t fill(int fd)
{
    static uint8_t frame[4 + 60000] = {0, 0, 60000 >> 8, 60000 & 0xff};
    size_t frames = 0, sent = 0;
    for (int idle = 0; idle < 20;) {
        ssize_t n = send(fd, frame + sent, sizeof frame - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            usleep(5000), idle++;
        sent += n > 0 ? (size_t)n : 0;
        frames += sent == sizeof frame;
        sent %= sizeof frame;
    }
    return frames;
}

/* Who does not take his answers is not read from, and is not thrown out for it before his time. */
static void a_peer_that_does_not_read_holds_up_nobody(void **state)
{
    (void)state;
    struct situs_err err = {0};
    int deaf[6];
    size_t frames = 0;
    for (size_t i = 0; i < 6; i++) {
        deaf[i] = wire_connect(path, &err);
        frames = fill(deaf[i]);
        assert_in_range(frames, 2, 1000);
    }
    for (size_t i = 0; i < 3; i++) {
        struct span got = wire_ask(path, SPAN_LIT("x"), "peer", &err);
        assert_true(span_equal(got, SPAN_LIT("x")));
        free((void *)(uintptr_t)got.p);
    }
    for (size_t i = 0; i < frames; i++) {
        struct span got = wire_receive(deaf[5], "peer", &err);
        assert_int_equal(got.n, 60000);
        free((void *)(uintptr_t)got.p);
    }
    for (size_t i = 0; i < 6; i++)
        close(deaf[i]);
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

/* More than the server has room for: one of them makes room, which one is chance. */
static void silent_peers_keep_nobody_out(void **state)
{
    (void)state;
    struct situs_err err = {0};
    int quiet[WIRE_PEERS + 2];
    size_t closed = 0;
    uint8_t byte;
    for (size_t i = 0; i < WIRE_PEERS + 2; i++)
        quiet[i] = wire_connect(path, &err);
    struct span got = wire_ask(path, SPAN_LIT("x"), "peer", &err);
    assert_true(span_equal(got, SPAN_LIT("x")));
    free((void *)(uintptr_t)got.p);
    for (size_t i = 0; i < WIRE_PEERS + 2; i++) {
        closed += recv(quiet[i], &byte, 1, MSG_DONTWAIT) == 0;
        close(quiet[i]);
    }
    assert_in_range(closed, 1, 3);
}

/* served runs a server of a child's own on the listeners of s: what is sent before is what it finds
 * at once. */
static void served(struct wire_server *s, const struct wire_handler *handler, size_t files)
{
    struct situs_err err = {0};
    end_child();
    child = fork();
    if (child == 0) {
        const struct rlimit few = {files, files};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int fd = s->listener[s->n - 1].fd + 1; fd < 1024; fd++)
            close(fd); /* what the test holds does not count */
        if (files && setrlimit(RLIMIT_NOFILE, &few) != 0)
            _exit(2);
        _exit(wire_serve(s, handler, wire_stop(), &err) ? 0 : 1);
    }
    for (size_t i = 0; i < s->n; i++)
        close(s->listener[i].fd);
}

static void listen_anew(struct wire_server *s, size_t n, char paths[][112])
{
    struct situs_err err = {0};
    *s = (struct wire_server){.n = 0};
    for (size_t i = 0; i < n; i++) {
        snprintf(paths[i], 112, "%s/%zu", dir, i);
        assert_true(wire_listen(s, paths[i], &err));
    }
}

static void unlink_all(size_t n, char paths[][112])
{
    end_child();
    for (size_t i = 0; i < n; i++)
        unlink(paths[i]);
}

/* Answers with how many were answered before. */
static bool count(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    static uint32_t answered;
    (void)context, (void)peer, (void)body;
    wr_u32be(answer, answered++);
    return true;
}

static const struct wire_handler counts = {NULL, count, NULL, NULL};

static uint32_t received(int fd)
{
    struct situs_err err = {0};
    struct span got = wire_receive(fd, "peer", &err);
    assert_int_equal(got.n, 4);
    struct rd r = rd_new(got, 0, "count", &err);
    uint32_t n = rd_u32be(&r, "count");
    free((void *)(uintptr_t)got.p);
    return n;
}

/* Eight connections with 500 questions each are there before one honest question is: it has its
 * turn, on a socket of its own at once, on theirs after one of each. */
static void pipelined_questions_wait_for_their_turn(void **state)
{
    (void)state;
    char paths[2][112];
    struct wire_server s;
    struct situs_err err = {0};
    int greedy[8], own, same;
    static uint8_t many[500 * 5];
    for (size_t i = 0; i < sizeof many; i += 5)
        many[i + 3] = 1;
    listen_anew(&s, 2, paths);
    for (size_t i = 0; i < 8; i++) {
        greedy[i] = wire_connect(paths[0], &err);
        assert_int_equal(send(greedy[i], many, sizeof many, 0), sizeof many);
    }
    same = wire_connect(paths[0], &err);
    own = wire_connect(paths[1], &err);
    assert_true(wire_send(same, SPAN_LIT("x"), "peer", &err));
    assert_true(wire_send(own, SPAN_LIT("x"), "peer", &err));
    served(&s, &counts, 0);
    assert_in_range(received(own), 0, 3);
    assert_in_range(received(same), 0, 64);
    for (size_t i = 0; i < 8; i++)
        close(greedy[i]);
    close(own);
    close(same);
    unlink_all(2, paths);
}

static void few_files_are_enough(void **state)
{
    (void)state;
    char paths[1][112];
    struct wire_server s;
    struct situs_err err = {0};
    int quiet[60], fd;
    listen_anew(&s, 1, paths);
    for (size_t i = 0; i < 60; i++)
        quiet[i] = wire_connect(paths[0], &err);
    served(&s, &counts, 40);
    for (uint32_t i = 0; i < 3; i++) {
        fd = wire_connect(paths[0], &err);
        assert_true(wire_send(fd, SPAN_LIT("x"), "peer", &err));
        assert_int_equal(received(fd), i);
        close(fd);
    }
    for (size_t i = 0; i < 60; i++)
        close(quiet[i]);
    unlink_all(1, paths);
}

/* A server without standard input gets 0 for a connection, which is one as any other. */
static void descriptor_0_is_served(void **state)
{
    (void)state;
    char paths[1][112];
    struct wire_server s;
    struct situs_err err = {0};
    listen_anew(&s, 1, paths);
    end_child();
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(STDIN_FILENO);
        _exit(wire_serve(&s, &counts, -1, &err) ? 0 : 1);
    }
    close(s.listener[0].fd);
    for (uint32_t i = 0; i < 3; i++) {
        int fd = wire_connect(paths[0], &err);
        assert_true(wire_send(fd, SPAN_LIT("x"), "peer", &err));
        assert_int_equal(received(fd), i);
        close(fd);
    }
    unlink_all(1, paths);
}

/* A frame has its time, whole: neither a byte now and then nor a reader who stops gets more. */
static void a_frame_has_its_time_in_and_out(void **state)
{
    (void)state;
    char paths[1][112];
    struct wire_server s;
    struct situs_err err = {0};
    const struct wire_handler echoes = {NULL, echo, NULL, NULL};
    listen_anew(&s, 1, paths);
    s.patience = 400;
    served(&s, &echoes, 0);
    int slow = wire_connect(paths[0], &err), deaf = wire_connect(paths[0], &err);
    fill(deaf);
    assert_int_equal(send(slow, "\x00\x00\x10\x00", 4, MSG_NOSIGNAL), 4);
    while (send(slow, "x", 1, MSG_NOSIGNAL) == 1)
        usleep(50000);
    while (send(deaf, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EAGAIN)
        usleep(50000);
    close(slow);
    close(deaf);
    unlink_all(1, paths);
}

static int told[2]; /* a pipe: the handler has begun */

static bool slowly(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    (void)context, (void)peer;
    if (write(told[1], "", 1) != 1)
        return false;
    usleep(200000);
    wr_bytes(answer, body);
    return true;
}

/* SIGTERM comes while one question is answered and three wait: all get their answer, a silent
 * connection is closed, and the server ends well. SIGHUP and its like change nothing. */
static void a_stop_finishes_what_was_begun(void **state)
{
    (void)state;
    char paths[1][112];
    struct wire_server s;
    struct situs_err err = {0};
    const struct wire_handler handler = {NULL, slowly, NULL, NULL};
    uint8_t byte;
    int status = -1, fd[5];
    assert_int_equal(pipe(told), 0);
    listen_anew(&s, 1, paths); /* after the pipe: served keeps what is older */
    for (size_t i = 0; i < 5; i++)
        fd[i] = wire_connect(paths[0], &err);
    for (size_t i = 0; i < 4; i++)
        assert_true(wire_send(fd[i], SPAN_LIT("x"), "peer", &err));
    served(&s, &handler, 0);
    assert_int_equal(read(told[0], &byte, 1), 1);
    static const int deaf_to[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGTERM};
    for (size_t i = 0; i < 5; i++)
        kill(child, deaf_to[i]);
    for (size_t i = 0; i < 4; i++) {
        struct span got = wire_receive(fd[i], "peer", &err);
        assert_true(span_equal(got, SPAN_LIT("x")));
        free((void *)(uintptr_t)got.p);
    }
    assert_int_equal(recv(fd[4], &byte, 1, 0), 0);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    child = 0;
    for (size_t i = 0; i < 5; i++)
        close(fd[i]);
    unlink_all(1, paths);
}

/* A server that accepts nobody, and has its backlog full. */
static void a_hung_server_is_an_error(void **state)
{
    (void)state;
    char hung[112];
    struct situs_err err = {0};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int waiting[8], n = 0, fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(hung, sizeof hung, "%s/hung", dir);
    strcpy(at.sun_path, hung);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    while ((waiting[n] = wire_connect_until(hung, wire_now() + 200, &err)) >= 0 && n < 7)
        n++;
    expect_err(err, SITUS_MISSING, "", SITUS_NO_OFFSET);
    assert_string_equal(err.got, "nothing in time");
    while (n--)
        close(waiting[n]);
    close(fd);
    unlink(hung);
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

/* What stands in err is of the machine that refuses: its peer gets the code and one of three
 * texts. */
static void refusals_carry_a_code_and_nothing_local(void **state)
{
    (void)state;
    static const struct {
        enum situs_code code;
        const char *field, *words;
    } rows[] = {{SITUS_REVOKED, "ek", WIRE_REFUSED},
                {SITUS_MISSING, "/var/lib/situs/host", WIRE_REFUSED},
                {SITUS_NOT_ALLOWED, WIRE_PENDING, WIRE_PENDING},
                {SITUS_BUSY, "turn", WIRE_BUSY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[1024];
        struct wr w = wr_new(room, sizeof room);
        struct situs_err err = {0}, got = {0};
        err_fail(&err, rows[i].code, "fleet", rows[i].field, SITUS_NO_OFFSET, "secret", "secret");
        err_hint(&err, "secret");
        wire_refuse(&w, &err);
        assert_null(memmem(room, w.n, "secret", 6));
        assert_true(wire_refused(wr_span(&w), "peer", &got));
        expect_err(got, rows[i].code, "refusal", SITUS_NO_OFFSET);
        assert_string_equal(got.got, rows[i].words);
    }
}

static void other_answers_are_no_refusals(void **state)
{
    (void)state;
    struct situs_err none = {0};
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
        SERVED(a_peer_that_does_not_read_holds_up_nobody),
        SERVED(silent_peers_keep_nobody_out),
        SERVED(pipelined_questions_wait_for_their_turn),
        SERVED(few_files_are_enough),
        SERVED(descriptor_0_is_served),
        SERVED(a_frame_has_its_time_in_and_out),
        SERVED(a_stop_finishes_what_was_begun),
        SERVED(a_hung_server_is_an_error),
        SERVED(a_socket_in_use_is_not_taken),
        SERVED(a_file_is_not_replaced_by_a_socket),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(refusals_carry_a_code_and_nothing_local),
        cmocka_unit_test(other_answers_are_no_refusals),
        cmocka_unit_test(qgs_requests_are_exact),
        cmocka_unit_test(qgs_errors_are_failures),
        cmocka_unit_test(platform_requests_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
