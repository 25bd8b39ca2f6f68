/* Phases that explain a quoted PCR 11, the log that is read under its lock, and what a log leaves
 * unexplained. */
#include "support/test.h"

#include "appraise/logs.h"
#include "attester/log_tail.h"
#include "attester/running_log.h"
#include "support/make_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const enum hash banks[] = {HASH_SHA256, HASH_SHA384, HASH_NONE};
static const struct span phases[] = {{(const uint8_t *)"enter-initrd", 12},
                                     {(const uint8_t *)"leave-initrd", 12},
                                     {(const uint8_t *)"sysinit", 7},
                                     {(const uint8_t *)"ready", 5}};
#define PHASES (sizeof phases / sizeof *phases)

/* A firmware's log, and what the TPM holds after it and some words. */
static struct scene {
    struct make_log m;
    struct events log;
    struct registers quoted;
    uint8_t value[2][REGISTERS_MAX][HASH_MAX_SIZE];
    uint8_t bytes[8192];
    struct wr out;
    size_t n;
} s;

static void extend(enum hash h, uint8_t *value, struct span word)
{
    uint8_t hash[HASH_MAX_SIZE];
    assert_true(digest(h, word, hash));
    assert_true(digest2(h, span_of(value, hash_size(h)), span_of(hash, hash_size(h)), value));
}

static void start(const struct span *words, size_t n)
{
    memset(&s, 0, sizeof s);
    make_log_start(&s.m, banks);
    make_log_event(&s.m, 4, EV_SEPARATOR, SPAN_LIT("\0\0\0\0"), SPAN_LIT("\0\0\0\0"));
    make_log_event(&s.m, 11, EV_IPL, SPAN_LIT(".linux"), SPAN_LIT("linux"));
    s.log = make_log_read(&s.m, LOG_PCR);
    s.quoted.n = 2;
    for (size_t i = 0; i < 2; i++) {
        struct bank *b = &s.quoted.bank[i];
        struct replay r;
        assert_true(logs_replay(&r, &s.log, banks[i], 0xffffff));
        memcpy(s.value[i], r.value, sizeof r.value);
        *b = (struct bank){.hash = banks[i], .mask = 0x5bff};
        for (size_t k = 0; k < n; k++)
            extend(banks[i], s.value[i][11], words[k]);
        for (size_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
            b->value[pcr] = span_of(s.value[i][pcr], hash_size(banks[i]));
    }
}

static bool find(const struct span *words, size_t n)
{
    s.out = wr_new(s.bytes, sizeof s.bytes);
    wr_bytes(&s.out, s.log.log);
    s.n = n;
    bool ok = log_tail_phases(&s.out, &s.log, &s.quoted, words, &s.n);
    assert_true(ok || (s.out.n == s.log.log.n && s.n == 0));
    return ok;
}

static void the_phases_that_were_measured_are_found(void **state)
{
    (void)state;
    for (size_t n = 0; n <= PHASES; n++) {
        start(phases, n);
        assert_true(find(phases, PHASES));
        assert_int_equal(s.n, n);
        struct events all = make_log_load(wr_span(&s.out), LOG_PCR);
        assert_int_equal(all.n, 2 + n);
        assert_int_equal(log_tail_unexplained(&all, &s.quoted), 0);
        assert_int_equal(log_tail_unexplained(&s.log, &s.quoted), n ? 1u << 11 : 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(all.v[2 + i].index, 11);
            assert_int_equal(all.v[2 + i].type, EV_IPL);
            assert_true(span_equal(events_data(&all, &all.v[2 + i]), phases[i]));
        }
    }
}

/* Out of order, one left out, one twice, one that is no phase, one too many. */
static void nothing_else_is_explained(void **state)
{
    (void)state;
    const struct span e = phases[0], l = phases[1], y = phases[2], x = SPAN_LIT("x");
    const struct span others[][4] = {{l, e}, {e, y}, {e, e}, {x}, {e, l, x}, {e, l, l}, {l}};
    static const size_t n[] = {2, 2, 2, 1, 3, 3, 1};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        start(others[i], n[i]);
        assert_false(find(phases, PHASES));
    }
    start(phases, 3);
    assert_false(find(phases, 2));
    assert_false(find(phases, 0));
    assert_true(find(phases, 3));
}

/* Each quoted bank must be led to by the same phases. */
static void every_quoted_bank_counts(void **state)
{
    (void)state;
    start(phases, 2);
    extend(HASH_SHA256, s.value[0][11], phases[2]);
    assert_false(find(phases, PHASES));
    assert_int_equal(log_tail_unexplained(&s.log, &s.quoted), 1u << 11);
    start(phases, 2);
    s.value[1][11][47] ^= 1;
    assert_false(find(phases, PHASES));
    start(phases, 2);
    s.quoted.bank[1].hash = HASH_SHA512; /* a bank that the log lacks */
    assert_false(find(phases, PHASES));
    assert_int_equal(log_tail_unexplained(&s.log, &s.quoted), 0x5bff);
    start(phases, 2);
    s.quoted.bank[0].mask = s.quoted.bank[1].mask = 0x1ff; /* not quoted: nothing to explain */
    assert_true(find(phases, PHASES));
    assert_int_equal(s.n, 0);
    assert_int_equal(log_tail_unexplained(&s.log, &s.quoted), 0);
}

static char path[] = "/tmp/situs-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    strcpy(path, "/tmp/situs-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "text", 4) == 4);
    return close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* A writer has the lock of its own open file, as systemd's programs do. */
static int locked(int how)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && flock(fd, how) == 0);
    return fd;
}

static void the_log_is_held_against_its_writer(void **state)
{
    (void)state;
    static uint8_t memory[4096];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct running_log r;
    assert_true(running_log_hold(&r, path, 0, &a, &err));
    assert_true(span_equal(r.text, SPAN_LIT("text")));
    assert_false(r.marked);
    int writer = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(writer, LOCK_EX | LOCK_NB), -1);
    running_log_release(&r);
    assert_int_equal(flock(writer, LOCK_EX | LOCK_NB), 0);
    assert_false(running_log_hold(&r, path, 60, &a, &err)); /* and waits for it, not for ever */
    expect_err(err, SITUS_MISSING, "", SITUS_NO_OFFSET);
    assert_string_equal(err.part, path);
    running_log_release(&r);
    close(writer);
    writer = locked(LOCK_SH); /* nor at the same time as another reader: the writer would starve */
    err = (struct situs_err){0};
    assert_false(running_log_hold(&r, path, 0, &a, &err));
    running_log_release(&r);
    close(writer);
    err = (struct situs_err){0};
    assert_true(running_log_hold(&r, path, 0, &a, &err));
    running_log_release(&r);
}

static void a_log_that_is_marked_or_gone_says_so(void **state)
{
    (void)state;
    static uint8_t memory[4096];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct running_log r;
    assert_int_equal(chmod(path, 0600 | S_ISVTX), 0);
    if (!running_log_hold(&r, path, 0, &a, &err))
        fail_msg("%s: %s", err.part, err.got);
    assert_true(r.marked);
    running_log_release(&r);
    a = arena_new(memory, 2);
    assert_false(running_log_hold(&r, path, 0, &a, &err));
    expect_err(err, SITUS_NO_MEMORY, "", SITUS_NO_OFFSET);
    running_log_release(&r);
    err = (struct situs_err){0};
    assert_false(running_log_hold(&r, "/nonexistent/measure.log", 0, &a, &err));
    expect_err(err, SITUS_MISSING, "", SITUS_NO_OFFSET);
    running_log_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_phases_that_were_measured_are_found),
        cmocka_unit_test(nothing_else_is_explained),
        cmocka_unit_test(every_quoted_bank_counts),
        cmocka_unit_test_setup_teardown(the_log_is_held_against_its_writer, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_log_that_is_marked_or_gone_says_so, make_file,
                                        remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
