/* The host agent: what it signs for, and above all what not. */
#include "host/agent.h"

#include "attester/attest.h"
#include "base/text.h"
#include "crypto/ak.h"
#include "host/host_state.h"
#include "support/fake_tsm.h"
#include "support/qgs_ends.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "support/tpm_hands.h"
#include "tee/intel/quote.h"
#include "wire/platform.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT INT64_C(1800000000)
#define TPM_ALG_SHA256 0x000b
#define NAME_A "000b0101010101010101010101010101010101010101010101010101010101010101"
#define NAME_B "000b0202020202020202020202020202020202020202020202020202020202020202"

static const uint8_t nonce[32] = {9};
static int64_t clock_now;

/* One host: its TPM, a quoting service in a child, and the agent between two VMs and both. */
struct host {
    struct lab_world *world;
    struct swtpm swtpm;
    char qgs[96], state[96];
    pid_t service;
    struct agent agent;
    struct wire_handler handler;
    uint8_t room[65536];
    struct wr answer;
    struct situs_err why; /* what the agent's log says of its last refusal */
};

static int64_t now(void)
{
    return clock_now;
}

/* The quoting service: it quotes the report data that the report holds; a report whose first byte
 * is not zero it quotes as another one. */
static bool serve_quote(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    struct lab_world *w = context;
    struct qgs_request q;
    struct situs_err err = {0};
    const struct lab_platform machine = lab_platform_honest(0);
    struct lab_quote quote = lab_quote_tdx(w, &machine, 4, LAB_BODY_TD10);
    (void)peer;
    if (!qgs_request_read(&q, body, &err))
        return false;
    memcpy(quote.td.report_data, q.report.p + 128, 64);
    quote.td.report_data[0] ^= q.report.p[0];
    qgs_answer_write(answer, lab_quote_make(w, &quote));
    return true;
}

static void start_service(struct host *h)
{
    struct situs_err err = {0};
    struct wire_server server = {.n = 0};
    assert_true(wire_listen(&server, h->qgs, &err));
    h->service = fork();
    if (h->service == 0) {
        const struct wire_handler handler = {h->world, serve_quote, NULL, NULL};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        wire_serve(&server, &handler, -1, &err);
        _exit(0);
    }
    close(server.listener[0].fd);
}

static void stop_service(struct host *h)
{
    if (h->service > 0) {
        kill(h->service, SIGKILL);
        waitpid(h->service, NULL, 0);
    }
    h->service = 0;
}

static void provision(struct host *h)
{
    struct situs_err err = {0};
    struct tpm_key ek;
    uint8_t policy[32];
    struct host_state s = {.seal.pcrs = {TPM_ALG_SHA256, 3 << 17}, .n_certs = 1};
    s.certs[0] = SPAN_LIT("certificate");
    struct tpm *t = tpm_open(h->swtpm.tcti, &err);
    assert_non_null(t);
    assert_true(tpm_ek(t, &ek, &err) && tpm_seal_policy(t, &s.seal, policy, &err) &&
                tpm_ak_create(t, &ek, policy, &s.ak, &err));
    tpm_flush(t, &ek);
    tpm_close(t);
    if (!host_state_save(&s, h->state, "sha256:17,18", &err))
        fail_msg("%s %s", err.part, err.got);
}

static int setup(void **state)
{
    swtpm_need();
    struct situs_err err = {0};
    struct host *h = calloc(1, sizeof *h);
    h->world = lab_world_new(AT);
    swtpm_make(&h->swtpm, false);
    swtpm_launch(&h->swtpm, "SINIT ACM image bytes");
    snprintf(h->qgs, sizeof h->qgs, "%s/qgs", h->swtpm.dir);
    snprintf(h->state, sizeof h->state, "%s/host", h->swtpm.dir);
    h->agent = (struct agent){.qgs = h->qgs, .tcti = h->swtpm.tcti, .state = h->state, .now = now};
    assert_true(agent_table_read(&h->agent, SPAN_LIT("a ak " NAME_A "\nb ak " NAME_B "\n"), &err));
    h->handler = agent_handler(&h->agent);
    provision(h);
    start_service(h);
    clock_now = 1000;
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    struct host *h = *state;
    if (!h)
        return 0;
    stop_service(h);
    lab_world_free(h->world);
    swtpm_end(&h->swtpm);
    free(h);
    return 0;
}

static struct span ask(struct host *h, size_t listener, struct span body)
{
    struct wire_peer peer = {.listener = listener};
    h->answer = wr_new(h->room, sizeof h->room);
    assert_true(h->handler.request(h->handler.context, &peer, body, &h->answer));
    h->why = peer.why;
    return wr_span(&h->answer);
}

/* td_quote asks for a TD quote by the VM's socket; false: the agent answered with an error. */
static bool td_quote(struct host *h, size_t vm, uint8_t first, uint8_t tqh[32])
{
    static uint8_t report[QGS_REPORT_SIZE], message[2048];
    struct wr w = wr_new(message, sizeof message);
    struct qgs_answer a;
    struct quote q;
    struct situs_err err = {0};
    memset(report, 0, sizeof report);
    report[0] = first;
    report[130] = (uint8_t)vm;
    qgs_request_write(&w, SPAN_ARR(report));
    if (!qgs_answer_read(&a, ask(h, 2 * vm, wr_span(&w)), &err)) {
        assert_string_equal(err.field, "header.error_code");
        return false;
    }
    assert_true(quote_read(&q, a.quote, &err));
    return digest(HASH_SHA256, q.whole, tqh);
}

static struct span platform_quote(struct host *h, size_t vm, const uint8_t tqh[32])
{
    uint8_t room[128];
    struct wr w = wr_new(room, sizeof room);
    platform_request_write(&w, &(struct platform_request){true, SPAN_ARR(nonce), span_of(tqh, 32)});
    return ask(h, 2 * vm + 1, wr_span(&w));
}

/* refused: the log here says why, the VM is told the code and nothing else. */
static void refused(struct host *h, size_t vm, const uint8_t tqh[32], const char *word)
{
    struct situs_err err = {0};
    char said[512];
    assert_true(wire_refused(platform_quote(h, vm, tqh), "platform", &err));
    assert_string_equal(err.got, WIRE_REFUSED);
    assert_int_equal(err.code, h->why.code);
    snprintf(said, sizeof said, "%s %s: %s", h->why.part, h->why.field, h->why.got);
    if (!strstr(said, word))
        fail_msg("%s", said);
}

static void a_quote_made_here_is_signed_for(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    uint8_t tqh[32], extra[32], name[34], room[8192];
    struct wr value = wr_new(room, sizeof room);
    static struct tpm_value v;
    struct tpm_attest a;
    struct tpm_signature s;
    struct ak ak;
    struct span log;
    assert_true(td_quote(h, 0, 0, tqh));
    if (!platform_quote_read(platform_quote(h, 0, tqh), &value, &log, &err))
        fail_msg("%s: %s", err.field, err.got);
    assert_true(tpm_value_read(&v, wr_span(&value), "platform", &err));
    assert_true(text_hex_read(name, 34, SPAN_LIT(NAME_A)));
    assert_true(bind_pq(nonce, tqh, SPAN_ARR(name), extra));
    assert_true(tpm_attest_read(&a, v.attest, &err));
    assert_true(span_equal(a.extra_data, SPAN_ARR(extra)));
    assert_true(ak_read(&ak, v.public_area, &err) && tpm_signature_read(&s, v.signature, &err));
    assert_true(verify_ecdsa(ak.key, HASH_SHA256, v.attest, s.r, s.s));
    assert_int_equal(v.n_certs, 1);
    assert_int_equal(log.n, 0);
    ak_free(&ak);
}

static void the_key_is_told_before(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct span public;
    struct tpm_public p;
    uint8_t room[8];
    struct wr w = wr_new(room, sizeof room);
    platform_request_write(&w, &(struct platform_request){0});
    assert_true(platform_key_read(&public, ask(h, 1, wr_span(&w)), &err));
    assert_true(tpm_public_read(&p, public, &err));
    assert_int_equal(p.attributes, 0x000500b2);
}

static void a_quote_is_signed_for_once(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    uint8_t tqh[32];
    assert_true(td_quote(h, 0, 0, tqh));
    assert_false(wire_refused(platform_quote(h, 0, tqh), "platform", &err));
    refused(h, 0, tqh, "agent tqh");
}

static void a_quote_of_another_vm_is_not_signed_for(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32];
    assert_true(td_quote(h, 0, 0, tqh));
    refused(h, 1, tqh, "agent tqh");
}

static void a_quote_made_elsewhere_is_not_signed_for(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32] = {1};
    refused(h, 0, tqh, "agent tqh");
}

static void a_zero_hash_is_not_signed_for(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32] = {0}; /* what an empty memory holds */
    refused(h, 0, tqh, "agent tqh");
}

static void a_quote_older_than_a_minute_is_not_signed_for(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    uint8_t tqh[32];
    assert_true(td_quote(h, 0, 0, tqh));
    clock_now += AGENT_SECONDS + 1;
    refused(h, 0, tqh, "agent tqh");
    assert_true(td_quote(h, 0, 0, tqh));
    clock_now += AGENT_SECONDS;
    assert_false(wire_refused(platform_quote(h, 0, tqh), "platform", &err));
}

static void a_quote_of_another_report_is_not_passed_on(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32];
    assert_false(td_quote(h, 0, 1, tqh));
}

static void a_service_that_is_gone_is_an_error(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32];
    stop_service(h);
    assert_false(td_quote(h, 0, 0, tqh));
}

static void only_get_quote_is_passed_on(void **state)
{
    struct host *h = *state;
    struct qgs_answer a;
    struct situs_err err = {0};
    static uint8_t report[QGS_REPORT_SIZE], message[2048];
    struct wr w = wr_new(message, sizeof message);
    qgs_request_write(&w, SPAN_ARR(report));
    message[4] = 6; /* GET_QUOTE_MIG_REQ */
    assert_false(qgs_answer_read(&a, ask(h, 0, wr_span(&w)), &err));
    expect_err(err, SITUS_NOT_ALLOWED, "header.error_code", 12);
}

static void another_host_image_is_refused_by_the_tpm(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct tpm_digest d = {.hash = HASH_SHA256};
    uint8_t tqh[32];
    struct tpm *t = tpm_open(h->swtpm.tcti, &err);
    assert_true(tpm_locality(t, 2, &err) && tpm_extend(t, 18, &d, 1, &err));
    tpm_close(t);
    assert_true(td_quote(h, 0, 0, tqh));
    refused(h, 0, tqh, "0x99d");
}

static void a_host_without_state_signs_nothing(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32];
    assert_true(td_quote(h, 0, 0, tqh));
    h->agent.state = "/nonexistent/state";
    refused(h, 0, tqh, "agent state");
}

static void a_dead_tpm_is_an_error(void **state)
{
    struct host *h = *state;
    uint8_t tqh[32];
    assert_true(td_quote(h, 0, 0, tqh));
    swtpm_kill(&h->swtpm);
    refused(h, 0, tqh, "tpm");
}

/* run_agent serves the agent's sockets in a child. */
static pid_t run_agent(struct host *h)
{
    struct situs_err err = {0};
    struct wire_server server = {.n = 0};
    assert_true(agent_listen(&h->agent, &server, h->swtpm.dir, &err));
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        wire_serve(&server, &h->handler, -1, &err);
        _exit(0);
    }
    for (size_t i = 0; i < server.n; i++)
        close(server.listener[i].fd);
    return child;
}

/* check_bundle holds what the verifier will: both quotes name this TD quote and each other's
 * key. */
static void check_bundle(const struct host *h, struct bundle *b)
{
    struct situs_err err = {0};
    static struct tpm_value guest, platform;
    struct quote q;
    struct ak ak_v, ak_d;
    struct tpm_attest tq, pq;
    uint8_t k[32], want[64], tqh[32], extra[32];
    assert_true(quote_read(&q, bundle_find(b, "tdx")->value, &err));
    assert_true(tpm_value_read(&guest, bundle_find(b, "guest")->value, "guest", &err));
    assert_true(tpm_value_read(&platform, bundle_find(b, "platform")->value, "platform", &err));
    assert_true(ak_read(&ak_v, guest.public_area, &err));
    assert_true(ak_read(&ak_d, platform.public_area, &err));
    assert_true(bind_key(bundle_find(b, "channel")->value, k));
    assert_true(bind_report_data(ak_d.hash, nonce, k, want)); /* AK_d (DESIGN: messages) */
    assert_true(span_equal(span_cut(q.body, 520, 64), SPAN_ARR(want)));
    assert_true(digest(HASH_SHA256, q.whole, tqh));
    assert_true(tpm_attest_read(&tq, guest.attest, &err));
    assert_true(tpm_attest_read(&pq, platform.attest, &err));
    assert_true(bind_tq(nonce, tqh, extra) && span_equal(tq.extra_data, SPAN_ARR(extra)));
    assert_true(bind_pq(nonce, tqh, ak_name(&ak_v), extra));
    assert_true(span_equal(pq.extra_data, SPAN_ARR(extra)));
    assert_true(span_equal(bundle_find(b, "log.platform")->value, SPAN_LIT("launch log")));
    assert_int_equal(h->agent.n, 1);
    ak_free(&ak_v);
    ak_free(&ak_d);
}

static void a_guest_collects_through_the_agent(void **state)
{
    struct host *h = *state;
    struct situs_err err = {0};
    struct swtpm vtpm;
    struct fake_tsm tsm;
    struct channel channel;
    static struct bundle b;
    static uint8_t bytes[LIMIT_BUNDLE], room[65536];
    char table[256], log[96], qgs[96], platform[96];
    struct arena arena = arena_new(room, sizeof room);
    struct wr out = wr_new(bytes, sizeof bytes);
    swtpm_make(&vtpm, true);
    snprintf(table, sizeof table, "a vtpm %s\n", vtpm.tcti);
    snprintf(qgs, sizeof qgs, "%s/a/qgs.sock", h->swtpm.dir);
    snprintf(platform, sizeof platform, "%s/a/platform.sock", h->swtpm.dir);
    snprintf(log, sizeof log, "%s/launch", h->swtpm.dir);
    assert_true(file_write(log, SPAN_LIT("launch log"), &err));
    h->agent.launch_log = log;
    assert_true(agent_table_read(&h->agent, span_text(table), &err));
    pid_t agent = run_agent(h);
    fake_tsm_init(&tsm, h->world);
    tsm.qgs = qgs;
    struct attest_config config = {.files = &tsm.files,
                                   .tsm = "/tsm",
                                   .td_device = "/td",
                                   .tcti = vtpm.tcti,
                                   .platform = platform};
    assert_true(tpm_selections_read(SPAN_LIT("sha384:0-7"), config.pcrs, &config.n_pcrs));
    assert_true(channel_make(&channel, &err));
    if (!attest_collect(&config, &channel, nonce, false, &out, &err))
        fail_msg("%s %s: %s", err.part, err.field, err.got);
    assert_true(bundle_read(&b, wr_span(&out), &arena, &err));
    check_bundle(h, &b);
    /* A TD elsewhere: its quote did not come through this agent, and nothing is signed for it. */
    tsm.qgs = NULL;
    assert_false(attest_collect(&config, &channel, nonce, false, &out, &err));
    expect_err(err, SITUS_NOT_ALLOWED, "refusal", SITUS_NO_OFFSET);
    channel_free(&channel);
    kill(agent, SIGKILL);
    waitpid(agent, NULL, 0);
    /* An agent that dies is an error of the guest's, and no bundle. */
    struct situs_err gone = {0};
    size_t before = out.n;
    assert_false(attest_collect(&config, &channel, nonce, false, &out, &gone));
    assert_int_equal(gone.code, SITUS_MISSING);
    assert_int_equal(out.n, before);
    swtpm_end(&vtpm);
}

static void tables_read_or_refuse(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "a ak " NAME_A,
                                      "a ak 00\n",
                                      "a ak 0004" NAME_A "\n",
                                      "a b " NAME_A "\n",
                                      "../x ak " NAME_A "\n",
                                      " ak " NAME_A "\n",
                                      "a ak " NAME_A "\na ak " NAME_B "\n",
                                      "a vtpm swtpm:path=/nonexistent\n",
                                      "a ak " NAME_A " \n"};
    static struct agent a;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        if (agent_table_read(&a, span_text(bad[i]), &err))
            fail_msg("\"%s\" was read", bad[i]);
        assert_int_not_equal(err.code, SITUS_NONE);
    }
}

#define HOST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOST(a_quote_made_here_is_signed_for),
        HOST(the_key_is_told_before),
        HOST(a_quote_is_signed_for_once),
        HOST(a_quote_of_another_vm_is_not_signed_for),
        HOST(a_quote_made_elsewhere_is_not_signed_for),
        HOST(a_zero_hash_is_not_signed_for),
        HOST(a_quote_older_than_a_minute_is_not_signed_for),
        HOST(a_quote_of_another_report_is_not_passed_on),
        HOST(a_service_that_is_gone_is_an_error),
        HOST(only_get_quote_is_passed_on),
        HOST(another_host_image_is_refused_by_the_tpm),
        HOST(a_host_without_state_signs_nothing),
        HOST(a_dead_tpm_is_an_error),
        HOST(a_guest_collects_through_the_agent),
        cmocka_unit_test(tables_read_or_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
