/* The attester: order and formulas of collection, and what it refuses to sign for. */
#include "attester/attest_serve.h"
#include "attester/tsm_entry.h"
#include "wire/attest_answer.h"

#include "appraise/logs.h"
#include "attester/systemd_log.h"
#include "crypto/ak.h"
#include "crypto/digest.h"
#include "frame/file.h"
#include "model/tpm_value.h"
#include "support/fake_tsm.h"
#include "support/make_log.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "support/tpm_hands.h"
#include "tee/intel/quote.h"
#include "wire/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT INT64_C(1800000000)

static const uint8_t nonce[32] = {1, 2, 3};

/* One TD with a TPM (when swtpm is there) and room for its bundle. */
struct td {
    struct lab_world *world;
    struct fake_tsm tsm;
    struct swtpm swtpm;
    struct channel channel;
    struct attest_config config;
    uint8_t *bytes;
    struct wr out;
    struct situs_err err;
    char dir[32], log[64], measured[64]; /* event logs, removed with dir */
};

static int without_tpm(void **state)
{
    struct td *t = calloc(1, sizeof *t);
    t->world = lab_world_new(AT);
    fake_tsm_init(&t->tsm, t->world);
    assert_true(channel_make(&t->channel, &t->err));
    t->config = (struct attest_config){.files = &t->tsm.files, .tsm = "/tsm", .td_device = "/td"};
    t->bytes = malloc(LIMIT_BUNDLE);
    t->out = wr_new(t->bytes, LIMIT_BUNDLE);
    *state = t;
    return 0;
}

static int with_tpm(void **state)
{
    swtpm_need();
    without_tpm(state);
    struct td *t = *state;
    swtpm_make(&t->swtpm, false);
    strcpy(t->dir, "/tmp/situs-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    snprintf(t->log, sizeof t->log, "%s/log", t->dir);
    snprintf(t->measured, sizeof t->measured, "%s/measured", t->dir);
    t->config.tcti = t->swtpm.tcti;
    return tpm_selections_read(SPAN_LIT("sha384:0-9,11-14"), t->config.pcrs, &t->config.n_pcrs)
               ? 0
               : -1;
}

static int teardown(void **state)
{
    struct td *t = *state;
    if (!t)
        return 0;
    if (t->swtpm.dir[0])
        swtpm_end(&t->swtpm);
    if (t->dir[0]) {
        unlink(t->log);
        unlink(t->measured);
        rmdir(t->dir);
    }
    channel_free(&t->channel);
    lab_world_free(t->world);
    free(t->bytes);
    free(t);
    return 0;
}

static bool collect(struct td *t)
{
    t->err = (struct situs_err){0};
    return attest_collect(&t->config, &t->channel, nonce, false, &t->out, &t->err);
}

/* refused says that nothing came out, no entry is left, and why. */
static void refused(struct td *t, enum situs_code code, const char *field)
{
    assert_false(collect(t));
    expect_err(t->err, code, field, SITUS_NO_OFFSET);
    assert_int_equal(t->out.n, 0);
    assert_int_equal(t->tsm.entries, 0);
}

static struct span value(struct bundle *b, const char *label)
{
    struct item *item = bundle_find(b, label);
    if (!item)
        fail_msg("no %s", label);
    return item->value;
}

static void read_bundle(struct td *t, struct bundle *b)
{
    static uint8_t room[65536];
    struct arena arena = arena_new(room, sizeof room);
    if (!collect(t))
        fail_msg("%s %s: %s", t->err.part, t->err.field, t->err.got);
    assert_true(bundle_read(b, wr_span(&t->out), &arena, &t->err));
}

static void evidence_is_bound_by_the_formulas(void **state)
{
    struct td *t = *state;
    static struct bundle b;
    static struct tpm_value v;
    struct quote q;
    struct ak ak;
    struct tpm_attest attest;
    struct tpm_signature signature;
    uint8_t k[32], want[64], tqh[32], extra[32];
    read_bundle(t, &b);
    assert_true(quote_read(&q, value(&b, "tdx"), &t->err));
    assert_true(tpm_value_read(&v, value(&b, "guest"), "guest", &t->err));
    assert_true(ak_read(&ak, v.public_area, &t->err));
    assert_true(bind_key(value(&b, "channel"), k));
    assert_true(bind_report_data(ak.hash, nonce, k, want));
    assert_true(span_equal(span_cut(q.body, 520, 64), SPAN_ARR(want)));
    assert_true(digest(HASH_SHA256, q.whole, tqh) && bind_tq(nonce, tqh, extra));
    assert_true(tpm_attest_read(&attest, v.attest, &t->err));
    assert_true(span_equal(attest.extra_data, SPAN_ARR(extra)));
    assert_true(tpm_signature_read(&signature, v.signature, &t->err));
    assert_true(verify_ecdsa(ak.key, HASH_SHA256, v.attest, signature.r, signature.s));
    assert_int_equal(v.registers.n, 1);
    assert_int_equal(v.registers.bank[0].mask, 0x7bff);
    assert_int_equal(b.n, 3);
    ak_free(&ak);
}

/* A guest that is no TD: no verifier finds a TD quote whose hash is zero. */
static void a_tpm_without_td_commits_to_no_quote(void **state)
{
    struct td *t = *state;
    static struct bundle b;
    static struct tpm_value v;
    struct tpm_attest attest;
    uint8_t tqh[32] = {0}, extra[32];
    t->config.tsm = NULL;
    read_bundle(t, &b);
    assert_null(bundle_find(&b, "tdx"));
    assert_int_equal(t->tsm.entries, 0);
    assert_true(tpm_value_read(&v, value(&b, "guest"), "guest", &t->err));
    assert_true(tpm_attest_read(&attest, v.attest, &t->err));
    assert_true(bind_tq(nonce, tqh, extra));
    assert_true(span_equal(attest.extra_data, SPAN_ARR(extra)));
    assert_int_equal(b.n, 2);
}

static void a_td_without_tpm_names_no_key(void **state)
{
    struct td *t = *state;
    static struct bundle b;
    struct quote q;
    read_bundle(t, &b);
    assert_int_equal(b.n, 2);
    assert_true(quote_read(&q, value(&b, "tdx"), &t->err));
    assert_true(span_all(span_cut(q.body, 520, 32), 0));
}

static void each_challenge_has_its_own_entry(void **state)
{
    struct td *t = *state;
    assert_true(collect(t) && collect(t));
    assert_int_equal(t->tsm.made, 2);
    assert_int_equal(t->tsm.entries, 0);
}

/* left_by is a child that made an entry, which is in name, and lives until it is killed. */
static pid_t left_by(char name[64])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        tsm_entry_name(name, 0);
        _exit(write(ends[1], name, 64) == 64 ? pause() : 1);
    }
    assert_int_equal(read(ends[0], name, 64), 64);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void what_a_killed_attester_left_is_removed_and_nothing_else(void **state)
{
    struct td *t = *state;
    char(*left)[64] = t->tsm.left, killed[64], living[64];
    pid_t child = left_by(killed), other = left_by(living);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    strcpy(left[0], killed);
    strcpy(left[1], living);
    strcpy(left[2], "somebody-else");
    strcat(strcpy(left[3], killed), "~");
    strcat(strcpy(left[4], "situs-1"), killed + strlen("situs-")); /* of another pid namespace */
    strcpy(left[5], "situs-4242-0"); /* of a program that named no namespace */
    strcat(strcpy(left[6], "situs-+"), killed + strlen("situs-")); /* no number */
    strcat(strcpy(left[7], killed), "-0");
    assert_true(collect(t));
    assert_string_equal(left[0], "");
    for (size_t i = 1; i < 8; i++)
        assert_true(left[i][0]);
    strcpy(left[0], living);
    char *digit = &left[0][strlen(living) - 3]; /* the pid is used again: another start */
    *digit = *digit == '0' ? '1' : '0';
    assert_true(collect(t));
    assert_string_equal(left[0], "");
    assert_string_equal(left[1], living);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    assert_int_equal(t->tsm.entries, 0);
}

/* Whom nobody has asked for is there still. */
static void what_a_zombie_left_is_removed(void **state)
{
    struct td *t = *state;
    siginfo_t ended;
    pid_t child = left_by(t->tsm.left[0]);
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    assert_true(collect(t));
    assert_string_equal(t->tsm.left[0], "");
    waitpid(child, NULL, 0);
}

/* starttime, field 22 of proc_pid_stat(5); the second, the name, may look as the others do. */
static void an_entry_is_named_for_when_its_process_began(void **state)
{
    char stat[1024] = "", name[TSM_ENTRY_NAME], end[64];
    (void)state;
    assert_int_equal(prctl(PR_SET_NAME, "a) R 1 (2) 3"), 0);
    FILE *f = fopen("/proc/self/stat", "re");
    assert_non_null(f);
    assert_true(fread(stat, 1, sizeof stat - 1, f) > 0);
    fclose(f);
    char *field = strrchr(stat, ')');
    for (int i = 3; i <= 22; i++)
        field = strchr(field + 1, ' ');
    snprintf(end, sizeof end, "-%d-%llx-7", getpid(), strtoull(field, NULL, 10));
    tsm_entry_name(name, 7);
    assert_string_equal(name + strlen(name) - strlen(end), end);
}

static void a_stranger_who_writes_once_is_outlived(void **state)
{
    struct td *t = *state;
    t->tsm.strangers = 2;
    assert_true(collect(t));
}

static void a_stranger_who_keeps_writing_is_an_error(void **state)
{
    struct td *t = *state;
    t->tsm.strangers = 3;
    refused(t, SITUS_MISMATCH, "generation");
}

static void a_generation_that_is_no_number_is_an_error(void **state)
{
    struct td *t = *state;
    static const char *const before[] = {"x", "-", "+", " ", "0x", "99999999999999999999"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        t->tsm.before_generation = before[i];
        refused(t, SITUS_MALFORMED, "generation");
    }
}

static void nothing_is_signed_for_other_report_data(void **state)
{
    struct td *t = *state;
    t->tsm.other_report_data = true;
    refused(t, SITUS_MISMATCH, "report_data");
}

static void nothing_is_signed_for_another_td(void **state)
{
    struct td *t = *state;
    t->tsm.device_rtmr3 = 1;
    refused(t, SITUS_MISMATCH, "tdinfo");
}

static void a_guest_without_the_device_goes_by_report_data(void **state)
{
    struct td *t = *state;
    t->tsm.has_device = false;
    assert_true(collect(t));
}

static void another_provider_is_refused(void **state)
{
    struct td *t = *state;
    t->tsm.provider = "arm_cca_guest";
    refused(t, SITUS_UNSUPPORTED, "provider");
}

static void an_sgx_quote_is_refused(void **state)
{
    struct td *t = *state;
    const struct lab_platform machine = lab_platform_honest(0);
    t->tsm.quote = lab_quote_sgx(t->world, &machine, 4);
    refused(t, SITUS_UNSUPPORTED, "quote");
}

static void each_file_that_fails_is_named(void **state)
{
    struct td *t = *state;
    static const char *const files[] = {"inblob", "outblob", "generation", "provider"};
    for (size_t i = 0; i < 4; i++) {
        t->tsm.failing = files[i];
        refused(t, SITUS_MISSING, files[i]);
    }
    t->tsm.failing = "mkdir";
    refused(t, SITUS_MISSING, "report");
}

static void a_tpm_that_is_gone_is_an_error(void **state)
{
    struct td *t = *state;
    swtpm_kill(&t->swtpm);
    assert_false(collect(t));
    assert_string_equal(t->err.part, TPM_PART);
    assert_int_equal(t->tsm.made, 0); /* the key comes first: nothing was quoted */
}

static void an_agent_that_is_gone_is_an_error(void **state)
{
    struct td *t = *state;
    t->config.platform = "/nonexistent/platform.sock";
    assert_false(collect(t));
    assert_int_equal(t->err.code, SITUS_MISSING);
    assert_int_equal(t->tsm.made, 0);
}

static void a_log_that_is_gone_is_an_error(void **state)
{
    struct td *t = *state;
    t->config.ccel = "/nonexistent/CCEL";
    assert_false(collect(t));
    assert_int_equal(t->err.code, SITUS_MISSING);
    assert_int_equal(t->out.n, 0);
}

/* What the running system measured after its firmware */

#define WORDS 4
static const struct span words[WORDS] = {{(const uint8_t *)"enter-initrd", 12},
                                         {(const uint8_t *)"leave-initrd", 12},
                                         {(const uint8_t *)"sysinit", 7},
                                         {(const uint8_t *)"ready", 5}};

/* A boot: the firmware extends PCR 4 and logs it, then the system extends PCR 11 and does not. */
static void boot(struct td *t, const struct span *measured, size_t n)
{
    static const enum hash bank[] = {HASH_SHA384, HASH_NONE};
    static struct make_log m;
    struct tpm *tpm = tpm_open(t->swtpm.tcti, &t->err);
    struct tpm_digest d = {.hash = HASH_SHA384};
    assert_non_null(tpm);
    make_log_start(&m, bank);
    make_log_event(&m, 4, EV_EFI_ACTION, SPAN_LIT("boot"), SPAN_LIT("boot"));
    assert_true(digest(d.hash, SPAN_LIT("boot"), d.value) && tpm_extend(tpm, 4, &d, 1, &t->err));
    for (size_t i = 0; i < n; i++)
        assert_true(digest(d.hash, measured[i], d.value) && tpm_extend(tpm, 11, &d, 1, &t->err));
    tpm_close(tpm);
    assert_true(file_write(t->log, wr_span(&m.w), &t->err));
    t->config.pcr_log = t->log;
    t->config.tail = words;
    t->config.n_tail = WORDS;
}

static void write_measured(struct td *t, const struct span *measured, size_t n)
{
    static uint8_t text[4096];
    struct wr w = wr_new(text, sizeof text);
    for (size_t i = 0; i < n; i++) {
        uint8_t value[48];
        assert_true(digest(HASH_SHA384, measured[i], value));
        wr_text(&w, "\x1e{\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha384\",\"digest\":\"");
        wr_hex(&w, SPAN_ARR(value));
        wr_text(&w, "\"}],\"content_type\":\"systemd\",\"content\":{\"string\":\"");
        wr_bytes(&w, measured[i]);
        wr_text(&w, "\"}}\n");
    }
    assert_true(wr_ok(&w) && file_write(t->measured, wr_span(&w), &t->err));
}

/* explains says how many events the bundle's log has, and that they lead to what was quoted. */
static size_t explains(struct td *t, bool all)
{
    static struct bundle b;
    static struct tpm_value v;
    struct replay r;
    read_bundle(t, &b);
    struct events log = make_log_load(value(&b, "log.guest"), LOG_PCR);
    assert_true(tpm_value_read(&v, value(&b, "guest"), "guest", &t->err));
    const struct bank *quoted = &v.registers.bank[0];
    assert_true(logs_replay(&r, &log, HASH_SHA384, quoted->mask));
    assert_int_equal(span_equal(quoted->value[11], span_of(r.value[11], 48)), all);
    assert_true(span_equal(quoted->value[4], span_of(r.value[4], 48)));
    return log.n;
}

static void the_phases_of_a_system_without_log_are_appended(void **state)
{
    struct td *t = *state;
    boot(t, words, 3);
    assert_int_equal(explains(t, true), 1 + 3);
}

static void what_no_phases_explain_is_sent_as_it_is(void **state)
{
    struct td *t = *state;
    boot(t, words + 1, 1);
    assert_int_equal(explains(t, false), 1);
}

/* systemd's own log, as a file of the test: what it says counts, and no guess. */
static void the_log_of_the_running_system_is_appended(void **state)
{
    struct td *t = *state;
    boot(t, words + 1, 2);
    t->config.measured = t->measured;
    write_measured(t, words + 1, 2);
    assert_int_equal(explains(t, true), 1 + 2);
    t->out.n = 0;
    write_measured(t, words + 1, 1); /* a measurement is missing */
    assert_int_equal(explains(t, false), 1 + 1);
}

static void a_log_of_the_running_system_must_read(void **state)
{
    struct td *t = *state;
    boot(t, words, 2);
    t->config.measured = t->measured;
    refused(t, SITUS_MISSING, "");
    assert_string_equal(t->err.part, t->measured);
    t->config.measured_if_there = true; /* a system that keeps none */
    assert_int_equal(explains(t, true), 1 + 2);
    t->out.n = 0;
    assert_true(file_write(t->measured, SPAN_LIT("\x1e{}\n"), &t->err));
    assert_false(collect(t));
    expect_err(t->err, SITUS_MISSING, "pcr", 0);
    assert_string_equal(t->err.part, SYSTEMD_LOG_PART);
    assert_int_equal(t->out.n, 0);
    t->config.pcr_log = t->measured; /* no firmware's log: nothing to append to */
    assert_false(collect(t));
    expect_err(t->err, SITUS_TOO_SHORT, "header.event_type", 4);
}

/* Asks a running attester; the bundle is a view into *body, malloc'd. */
static bool ask_attester(const char *socket, const uint8_t challenge[BIND_NONCE_SIZE],
                         struct span *body, struct span *bundle, struct situs_err *err)
{
    uint8_t room[ATTEST_QUESTION_MAX];
    struct wr w = wr_new(room, sizeof room);
    attest_question_write(&w, span_of(challenge, BIND_NONCE_SIZE));
    *body = wire_ask(socket, wr_span(&w), "attester", err);
    return body->p && attest_answer_read(*body, bundle, err);
}

static void a_question_has_a_nonce_of_8_to_64_bytes(void **state)
{
    (void)state;
    uint8_t challenge[66], n[BIND_NONCE_SIZE], want[BIND_NONCE_SIZE], room[ATTEST_QUESTION_MAX + 8];
    memset(challenge, 0x5a, sizeof challenge);
    for (size_t size = 0; size < sizeof challenge; size++) {
        struct situs_err err = {0};
        struct wr w = wr_new(room, sizeof room);
        struct span given = span_of(challenge, size);
        attest_question_write(&w, given);
        assert_int_equal(attest_question_read(wr_span(&w), n, &err), size >= 8 && size <= 64);
        if (size < 8 || size > 64) {
            expect_err(err, SITUS_MALFORMED, "nonce", 2);
            continue;
        }
        assert_true(w.n <= ATTEST_QUESTION_MAX);
        assert_true(digest2(HASH_SHA256, SPAN_LIT("situs/n/2\0"), given, want));
        assert_memory_equal(n, size == 32 ? challenge : want, sizeof n);
    }
}

/* A running attester keeps its key: two challenges, one channel; what it cannot read it refuses. */
static void a_running_attester_answers_with_one_key(void **state)
{
    struct td *t = *state;
    struct span body, bundle;
    static struct bundle b;
    static uint8_t room[65536];
    char dir[] = "/tmp/situs-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        attest_serve(&t->config, &t->channel, path, -1, &t->err);
        _exit(0);
    }
    for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
        usleep(10000);
    for (uint8_t i = 0; i < 2; i++) {
        const uint8_t challenge[32] = {i};
        struct arena arena = arena_new(room, sizeof room);
        assert_true(ask_attester(path, challenge, &body, &bundle, &t->err));
        assert_true(bundle_read(&b, bundle, &arena, &t->err));
        assert_true(span_equal(value(&b, "channel"), channel_spki(&t->channel)));
        free((void *)(uintptr_t)body.p);
    }
    body = wire_ask(path, SPAN_LIT("\xa1\x00\x41\x00"), "attester", &t->err);
    assert_true(wire_refused(body, "attester", &t->err));
    expect_err(t->err, SITUS_MALFORMED, "refusal", SITUS_NO_OFFSET);
    free((void *)(uintptr_t)body.p);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    unlink(path);
    rmdir(dir);
}

#define TD(f) cmocka_unit_test_setup_teardown(f, without_tpm, teardown)
#define TD_TPM(f) cmocka_unit_test_setup_teardown(f, with_tpm, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TD_TPM(evidence_is_bound_by_the_formulas),
        TD_TPM(a_tpm_without_td_commits_to_no_quote),
        TD_TPM(a_tpm_that_is_gone_is_an_error),
        TD(a_td_without_tpm_names_no_key),
        TD(each_challenge_has_its_own_entry),
        TD(what_a_killed_attester_left_is_removed_and_nothing_else),
        TD(what_a_zombie_left_is_removed),
        cmocka_unit_test(an_entry_is_named_for_when_its_process_began),
        TD(a_stranger_who_writes_once_is_outlived),
        TD(a_stranger_who_keeps_writing_is_an_error),
        TD(a_generation_that_is_no_number_is_an_error),
        TD(nothing_is_signed_for_other_report_data),
        TD(nothing_is_signed_for_another_td),
        TD(a_guest_without_the_device_goes_by_report_data),
        TD(another_provider_is_refused),
        TD(an_sgx_quote_is_refused),
        TD(each_file_that_fails_is_named),
        TD(an_agent_that_is_gone_is_an_error),
        TD(a_log_that_is_gone_is_an_error),
        TD_TPM(the_phases_of_a_system_without_log_are_appended),
        TD_TPM(what_no_phases_explain_is_sent_as_it_is),
        TD_TPM(the_log_of_the_running_system_is_appended),
        TD_TPM(a_log_of_the_running_system_must_read),
        TD(a_running_attester_answers_with_one_key),
        cmocka_unit_test(a_question_has_a_nonce_of_8_to_64_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
