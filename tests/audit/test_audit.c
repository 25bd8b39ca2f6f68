/* The audit log: every change of a line is found, in one file and across two, and whoever writes leaves a chain whatever
 * happens to it. */
#include "audit/audit_chain.h"
#include "audit/audit_log.h"

#include "frame/file.h"
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST (1 << 20)

struct place {
    char folder[64], path[96], head[104], aside[128];
    struct audit_log log;
};

static const uint8_t policy[32] = {1}, evidence[32] = {2}, token[16] = {3};

static struct audit_entry entry(uint64_t n)
{
    return (struct audit_entry){.at = (int64_t)(1764525600 + n),
                                .request = n,
                                .policy = "guest",
                                .policy_sha256 = policy,
                                .evidence_sha256 = evidence,
                                .token = n % 2 ? token : NULL,
                                .proofs = 3,
                                .judges = 2};
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->folder, "/tmp/auditXXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/log", p->folder);
    snprintf(p->head, sizeof p->head, "%s-head", p->path);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    audit_log_close(&p->log);
    unlink(p->path);
    unlink(p->head);
    if (p->aside[0])
        unlink(p->aside);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

/* put writes n lines as one batch. */
static bool put(struct audit_log *log, uint64_t n, struct situs_err *err)
{
    bool ok = audit_log_begin(log, err);
    for (uint64_t i = 0; ok && i < n; i++) {
        const struct audit_entry e = entry(i);
        ok = audit_log_add(log, &e);
    }
    return audit_log_end(log, ok, err);
}

static void write_lines(struct place *p, uint64_t n)
{
    struct situs_err err = {0};
    if (!p->log.path)
        assert_true(audit_log_open(&p->log, p->path, MOST, &err));
    assert_true(put(&p->log, n, &err));
}

static struct file read_whole(const char *path)
{
    struct file f = {0};
    struct situs_err err = {0};
    assert_true(file_read(&f, path, MOST, &err));
    return f;
}

/* whole says that the file is a chain of so many lines that begins with line 1. */
static void whole(const char *path, uint64_t lines)
{
    struct audit_chain c = {.lines = 0};
    struct situs_err err = {0};
    struct file f = read_whole(path);
    assert_true(audit_chain_add(&c, file_span(&f), "log", &err));
    assert_int_equal(c.lines, lines);
    assert_int_equal(c.before.number, 0);
    assert_int_equal(c.head.number, lines);
    file_free(&f);
}

static void append(const char *path, const char *text)
{
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void lines_of_several_batches_are_one_chain(void **state)
{
    struct place *p = *state;
    write_lines(p, 3);
    write_lines(p, 1);
    write_lines(p, 0);
    write_lines(p, AUDIT_BATCH);
    whole(p->path, 4 + AUDIT_BATCH);
    struct stat st;
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_line_says_what_was_concluded(void **state)
{
    struct place *p = *state;
    write_lines(p, 2);
    struct file f = read_whole(p->path);
    const char *second = (const char *)memchr(f.p, '\n', f.n) + 1;
    static const char want[] =
        "\"at\":1764525601,\"ask\":1,\"policy\":\"guest\",\"policy_sha256\":"
        "\"01000000000000000000000000000000"
        "00000000000000000000000000000000\",\"evidence_sha256\":"
        "\"020000000000000000000000000000000000000000000"
        "0000000000000000000\",\"verdict\":\"yes\",\"exit\":0,\"proofs\":[\"genuine\",\"live\"],"
        "\"archived\":false,"
        "\"simulated\":false,\"judges\":2,\"jti\":\"03000000000000000000000000000000\"}\n";
    assert_memory_equal(second, "{\"n\":2,\"prev\":\"", 15);
    assert_int_equal(f.n - (size_t)(second - (const char *)f.p), 15 + 64 + 2 + sizeof want - 1);
    assert_memory_equal(second + 15 + 64 + 2, want, sizeof want - 1);
    file_free(&f);
}

/* Kind and anchor as they are, and the rest of the row, which may be longer than a line, as its SHA-256: of "CN=a", a zero
 * byte and "hall 4". */
static void a_number_that_is_forgotten_has_a_line(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    char facility[1025] = "hall 4";
    struct audit_forgotten f = {1764525600, "ppid", "owner", "CN=a", facility, 7};
    write_lines(p, 1);
    assert_true(audit_log_begin(&p->log, &err) && audit_log_forget(&p->log, &f));
    memset(facility, '"', sizeof facility - 1);
    assert_true(audit_log_forget(&p->log, &f) && audit_log_end(&p->log, true, &err));
    whole(p->path, 3);
    struct file read = read_whole(p->path);
    const char *second = (const char *)memchr(read.p, '\n', read.n) + 1;
    static const char want[] =
        "\"at\":1764525600,\"forgets\":\"ppid\",\"anchor\":\"owner\",\"row_sha256\":\""
        "e7c0b94827007a9b7d17e7a29930222984dc4233b157fed3b2c0e0acaf810dda\","
        "\"number\":7}\n";
    assert_memory_equal(second, "{\"n\":2,\"prev\":\"", 15);
    assert_memory_equal(second + 15 + 64 + 2, want, sizeof want - 1);
    file_free(&read);
}

/* A bit of every byte of two lines of three turned over is found; of the last line only who noted its head finds it. */
static void a_bit_of_what_has_a_line_behind_it_is_held(void **state)
{
    struct place *p = *state;
    write_lines(p, 3);
    struct file f = read_whole(p->path);
    size_t last = f.n - 1;
    while (f.p[last - 1] != '\n')
        last--;
    for (size_t bit = 0; bit < 8 * f.n; bit += 9) {
        struct audit_chain c = {.noted = p->log.head};
        struct situs_err err = {0};
        f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(audit_chain_add(&c, file_span(&f), "log", &err) && c.met);
        c = (struct audit_chain){.lines = 0};
        err = (struct situs_err){0};
        if (bit / 8 < last)
            assert_false(audit_chain_add(&c, file_span(&f), "log", &err));
        f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    file_free(&f);
}

/* broken reads text and pins what is said of it. */
static void broken(const char *text, enum situs_code code, const char *field, size_t at,
                   size_t line)
{
    struct audit_chain c = {.lines = 0};
    struct situs_err err = {0};
    assert_false(audit_chain_add(&c, span_text(text), "log", &err));
    expect_err(err, code, field, at);
    assert_int_equal(c.line, line);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define LINE_1 "{\"n\":1,\"prev\":\"" ZEROS "\",\"at\":1}\n"

static void what_is_no_line_is_named_with_its_place(void **state)
{
    size_t n = strlen(LINE_1);
    (void)state;
    broken("\n", SITUS_TOO_SHORT, "json", 0, 1);
    broken(LINE_1 "x\n", SITUS_MALFORMED, "json", n, 2);
    broken(LINE_1 LINE_1, SITUS_MISMATCH, "n", n, 2);
    broken(LINE_1 "{\"n\":2,\"prev\":\"" ZEROS "\",\"at\":1}\n", SITUS_MISMATCH, "prev", n, 2);
    broken(LINE_1 "{\"n\":2", SITUS_TOO_SHORT, "line", n, 2);
    broken("{\"n\":1,\"prev\":\"1" ZEROS "\",\"at\":1}\n", SITUS_MALFORMED, "prev", 0, 1);
    broken("{\"n\":1,\"prev\":\"1000000000000000000000000000000000000000000000000000000000000000\","
           "\"at\":1}\n",
           SITUS_MISMATCH, "prev", 0, 1);
    broken("{\"n\":0,\"prev\":\"" ZEROS "\",\"at\":1}\n", SITUS_MALFORMED, "n", 0, 1);
    broken("{\"prev\":\"" ZEROS "\",\"at\":1}\n", SITUS_MISSING, "n", 0, 1);
    broken("{\"n\":1,\"prev\":\"" ZEROS "\"}\n", SITUS_MISSING, "at", 0, 1);
}

static void a_noted_line_must_be_there_and_the_same(void **state)
{
    struct place *p = *state;
    write_lines(p, 1);
    struct audit_head first = p->log.head;
    write_lines(p, 2);
    struct file f = read_whole(p->path);
    struct audit_chain c = {.noted = first};
    struct situs_err err = {0};
    assert_true(audit_chain_add(&c, file_span(&f), "log", &err));
    assert_true(c.met);
    first.sha256[31] ^= 1;
    c = (struct audit_chain){.noted = first};
    assert_false(audit_chain_add(&c, file_span(&f), "log", &err));
    expect_err(err, SITUS_MISMATCH, "noted", 0);
    file_free(&f);
}

static void a_torn_last_line_is_taken_away_and_the_chain_goes_on(void **state)
{
    struct place *p = *state;
    write_lines(p, 2);
    audit_log_close(&p->log);
    append(p->path, "{\"n\":3,\"prev\":\"00");
    write_lines(p, 1);
    whole(p->path, 3);
}

static void an_end_that_is_no_line_at_all_is_left_alone(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    char noise[3 * AUDIT_LINE + 1];
    memset(noise, 'x', sizeof noise - 1);
    noise[sizeof noise - 1] = 0;
    write_lines(p, 1);
    struct file before = read_whole(p->path);
    audit_log_close(&p->log);
    append(p->path, noise);
    assert_false(audit_log_open(&p->log, p->path, MOST, &err));
    expect_err(err, SITUS_MALFORMED, "line", before.n + AUDIT_LINE);
    file_free(&before);
}

static void a_log_that_was_cut_is_not_gone_on_with(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    write_lines(p, 1);
    struct file one = read_whole(p->path);
    write_lines(p, 1);
    audit_log_close(&p->log);
    assert_int_equal(truncate(p->path, (off_t)one.n), 0);
    file_free(&one);
    assert_false(audit_log_open(&p->log, p->path, MOST, &err));
    expect_err(err, SITUS_MISMATCH, "head", SITUS_NO_OFFSET);
    assert_string_equal(err.expected, "2");
    assert_string_equal(err.got, "1");
}

static void another_line_of_the_same_number_is_another_log(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    write_lines(p, 1);
    audit_log_close(&p->log);
    assert_true(file_write(p->path, span_text(LINE_1), &err));
    assert_false(audit_log_open(&p->log, p->path, MOST, &err));
    expect_err(err, SITUS_MISMATCH, "head", SITUS_NO_OFFSET);
}

/* Whoever was ended between the two writes left a log that is ahead of its head. */
static void a_log_may_be_ahead_of_its_head(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    write_lines(p, 1);
    struct file before = read_whole(p->head);
    write_lines(p, 2);
    audit_log_close(&p->log);
    assert_true(file_write(p->head, file_span(&before), &err));
    file_free(&before);
    write_lines(p, 1);
    whole(p->path, 4);
}

/* A service that ended before the first line starts again. */
static void a_log_without_a_line_is_gone_on_with(void **state)
{
    struct place *p = *state;
    for (int i = 0; i < 2; i++) {
        write_lines(p, 0);
        audit_log_close(&p->log);
    }
    write_lines(p, 1);
    whole(p->path, 1);
}

static void a_damaged_head_is_told(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    write_lines(p, 1);
    audit_log_close(&p->log);
    append(p->head, "1");
    assert_int_equal(truncate(p->head, 80), 0);
    assert_false(audit_log_open(&p->log, p->path, MOST, &err));
    expect_err(err, SITUS_MALFORMED, "head", 0);
}

/* follows verifies two files as one log. */
static void follows(const struct place *p, uint64_t lines)
{
    struct audit_chain c = {.lines = 0};
    struct situs_err err = {0};
    struct file first = read_whole(p->aside), second = read_whole(p->path);
    assert_true(audit_chain_add(&c, file_span(&first), "first", &err));
    assert_true(audit_chain_add(&c, file_span(&second), "second", &err));
    assert_int_equal(c.lines, lines);
    c = (struct audit_chain){.lines = 0};
    assert_true(audit_chain_add(&c, file_span(&second), "second",
                                &err)); /* alone it says what it follows */
    assert_int_equal(c.before.number + c.lines, lines);
    c = (struct audit_chain){.lines = 0};
    assert_true(audit_chain_add(&c, file_span(&second), "second", &err));
    assert_false(audit_chain_add(&c, file_span(&first), "first", &err));
    expect_err(err, SITUS_MISMATCH, "n", 0);
    file_free(&first);
    file_free(&second);
}

static void a_file_that_was_moved_away_is_followed_by_a_new_one(void **state)
{
    struct place *p = *state;
    write_lines(p, 2);
    snprintf(p->aside, sizeof p->aside, "%s.old", p->path);
    assert_int_equal(rename(p->path, p->aside), 0);
    write_lines(p, 2);
    follows(p, 4);
}

static void a_file_that_is_full_is_put_aside(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    assert_true(audit_log_open(&p->log, p->path, 100, &err));
    assert_true(put(&p->log, 2, &err));
    assert_true(put(&p->log, 1, &err));
    snprintf(p->aside, sizeof p->aside, "%s.00000000000000000002", p->path);
    follows(p, 3);
}

/* Two generations of a service write at once. */
static void two_who_write_make_one_chain(void **state)
{
    struct place *p = *state;
    static struct audit_log other;
    struct situs_err err = {0};
    write_lines(p, 1);
    assert_true(audit_log_open(&other, p->path, MOST, &err));
    for (int i = 0; i < 4; i++) {
        assert_true(put(&other, 1, &err));
        write_lines(p, 2);
    }
    audit_log_close(&other);
    whole(p->path, 13);
}

static void a_full_disk_leaves_the_log_as_it_was(void **state)
{
    struct place *p = *state;
    struct situs_err err = {0};
    struct rlimit limit, small;
    struct stat st;
    write_lines(p, 1);
    assert_int_equal(stat(p->path, &st), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){.rlim_cur = (rlim_t)st.st_size + 100, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool wrote = put(&p->log, 1, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_false(wrote);
    expect_err(err, SITUS_INTERNAL, "", SITUS_NO_OFFSET);
    whole(p->path, 1);
    write_lines(p, 1);
    whole(p->path, 2);
}

/* Whoever is killed at any moment leaves a chain, and what it had said was written is there. */
static void who_is_killed_leaves_a_chain(void **state)
{
    struct place *p = *state;
    write_lines(p, 1);
    audit_log_close(&p->log);
    for (int round = 0; round < 8; round++) {
        int said[2], n = 0;
        assert_int_equal(pipe(said), 0);
        pid_t child = fork();
        if (child == 0) {
            struct situs_err err = {0};
            static struct audit_log own;
            bool ok = audit_log_open(&own, p->path, MOST, &err);
            while (ok && put(&own, 2, &err))
                ok = write(said[1], "2", 1) == 1;
            _exit(1);
        }
        close(said[1]);
        char byte;
        while (n <= round && read(said[0], &byte, 1) == 1)
            n++;
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(said[0], &byte, 1) == 1)
            n++;
        close(said[0]);
        waitpid(child, NULL, 0);
        struct file f = read_whole(p->head);
        assert_int_equal(f.n, 86);
        file_free(&f);
        uint64_t before = p->log.head.number;
        write_lines(p, 1);
        assert_true(p->log.head.number > before + 2 * (uint64_t)n);
        whole(p->path, p->log.head.number);
        before = p->log.head.number;
        audit_log_close(&p->log);
        p->log.head.number = before;
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest all[] = {
        T(lines_of_several_batches_are_one_chain),
        T(a_line_says_what_was_concluded),
        T(a_number_that_is_forgotten_has_a_line),
        T(a_bit_of_what_has_a_line_behind_it_is_held),
        cmocka_unit_test(what_is_no_line_is_named_with_its_place),
        T(a_noted_line_must_be_there_and_the_same),
        T(a_torn_last_line_is_taken_away_and_the_chain_goes_on),
        T(an_end_that_is_no_line_at_all_is_left_alone),
        T(a_log_that_was_cut_is_not_gone_on_with),
        T(another_line_of_the_same_number_is_another_log),
        T(a_log_may_be_ahead_of_its_head),
        T(a_log_without_a_line_is_gone_on_with),
        T(a_damaged_head_is_told),
        T(a_file_that_was_moved_away_is_followed_by_a_new_one),
        T(a_file_that_is_full_is_put_aside),
        T(two_who_write_make_one_chain),
        T(a_full_disk_leaves_the_log_as_it_was),
        T(who_is_killed_leaves_a_chain),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
