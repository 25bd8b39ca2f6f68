/* The judge of the product: what it says of the lab's evidence, confined as in the service, and what a policy that rests on
 * something out of its time says instead. */
#include "support/scene.h"
#include "support/served.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DAY (24 * 3600)

struct placed {
    struct served served;
    struct scene *scene;
    char folder[64], text[2048];
};

static void put(const struct placed *p, const char *name, struct span bytes)
{
    char path[128];
    struct situs_err err = {0};
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    assert_true(file_write(path, bytes, &err));
}

static int start(void **state)
{
    struct placed *p = calloc(1, sizeof *p);
    p->scene = scene_run(false, NULL);
    strcpy(p->folder, "/tmp/judgeXXXXXX");
    assert_non_null(mkdtemp(p->folder));
    put(p, "trust", lab_trust_json(p->scene->w));
    put(p, "collateral", lab_collateral_json(p->scene->w, &p->scene->collateral));
    put(p, "policy", SPAN_LIT("{\"simulated\":true,\"require\":[\"genuine\"]}"));
    snprintf(
        p->text, sizeof p->text,
        "{\"listen\": \"127.0.0.1:0\", \"base\": \"http://localhost\", \"policies\": {"
        "\"simulated-lab\": {\"policy\": \"%s/policy\", \"trust\": \"%s/trust\","
        "\"collateral\": [\"%s/collateral\"]},"
        "\"simulated-none\": {\"policy\": \"genuine\"}}, \"deadlines\": {\"judge_ms\": 60000}}",
        p->folder, p->folder, p->folder);
    served_load(&p->served, p->text);
    *state = p;
    return 0;
}

static int stop(void **state)
{
    struct placed *p = *state;
    char command[128];
    served_stop(&p->served);
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

/* One appraisal at the scene's time, of its quote or another piece of evidence. */
static struct talk_answer appraise(struct placed *p, struct span evidence, char out[TALK_FDS][4096])
{
    struct talk_ask ask = {.kind = TALK_APPRAISE, .policy = "simulated-lab"};
    int fd = talk_memory(evidence.p, evidence.n);
    assert_true(talk_send(p->served.front, &ask, sizeof ask, &fd, 1));
    close(fd);
    return served_answer(&p->served, out);
}

static void a_confined_judge_appraises(void **state)
{
    struct placed *p = *state;
    char out[TALK_FDS][4096];
    served_start(&p->served, judge_appraise);
    served_clock()->wall = SCENE_AT - (int64_t)time(NULL);
    struct talk_answer a = appraise(p, p->scene->quote, out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.exit, 0);
    assert_non_null(strstr(out[0], "\"genuine\":{\"holds\":true"));
    assert_non_null(strstr(out[0], "\"policy\":\"simulated-lab\"")); /* and no path of ours */
    assert_null(strstr(out[0], p->folder));
    uint8_t bad[8192];
    assert_true(p->scene->quote.n <= sizeof bad);
    memcpy(bad, p->scene->quote.p, p->scene->quote.n);
    bad[600] ^= 1; /* TDREPORT.RTMR, which is signed */
    a = appraise(p, span_of(bad, p->scene->quote.n), out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.exit, 2);
    a = appraise(p, SPAN_LIT("no evidence"), out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.exit, 2);
}

/* The numbers of lists that were seen reach the appraisal, which refuses a request that names a signer nobody knows. */
static void numbers_of_lists_reach_the_appraisal(void **state)
{
    struct placed *p = *state;
    const struct judge_ask ask = {.at = SCENE_AT};
    const struct situs_seen seen = {.kind = "revocation", .anchor = "nobody", .number = 1};
    const struct judge_given given = {.evidence = p->scene->quote, .seen = &seen, .n_seen = 1};
    struct token_record record;
    int report;
    assert_true(judge_appraise(p->served.world, &ask, &given, &record, &report));
    close(report);
    assert_int_equal(record.exit, 1);
}

/* The span that the keeper gives reaches the appraisal, which refuses a request with one that cannot be. */
static void a_span_reaches_the_appraisal(void **state)
{
    struct placed *p = *state;
    struct judge_ask ask = {.at = SCENE_AT, .span = {SCENE_AT - 9, SCENE_AT + 9, 1000, 900, {0}}};
    const struct judge_given given = {.evidence = p->scene->quote};
    struct token_record record;
    int report;
    assert_true(judge_appraise(p->served.world, &ask, &given, &record, &report));
    close(report);
    assert_int_not_equal(record.exit, 1);
    ask.span.within_ms = 0;
    assert_true(judge_appraise(p->served.world, &ask, &given, &record, &report));
    close(report);
    assert_int_equal(record.exit, 1);
}

/* The challenge that the keeper gives reaches the appraisal: this quote is of another. */
static void the_quote_of_another_nonce_is_refused(void **state)
{
    struct placed *p = *state;
    struct judge_ask ask = {.at = SCENE_AT, .has_nonce = 1};
    const struct judge_given given = {.evidence = p->scene->quote};
    struct token_record record;
    int report;
    memcpy(ask.nonce, p->scene->nonce, sizeof ask.nonce);
    memcpy(ask.channel, p->scene->channel.p, p->scene->channel.n);
    ask.channel_size = (uint32_t)p->scene->channel.n;
    assert_true(judge_appraise(p->served.world, &ask, &given, &record, &report));
    close(report);
    assert_int_equal(record.exit, 0);
    assert_memory_equal(record.nonce, ask.nonce, sizeof ask.nonce);
    assert_memory_equal(record.policy, p->served.world->loaded[0].sha256, sizeof record.policy);
    ask.nonce[0] ^= 1;
    assert_true(judge_appraise(p->served.world, &ask, &given, &record, &report));
    close(report);
    assert_int_equal(record.trusted, 0);
    assert_int_not_equal(record.exit, 0);
}

/* One policy rests on collateral that ends, the other on none: the lazy one stops nobody else. */
static void what_has_ended_is_not_used(void **state)
{
    struct placed *p = *state;
    const struct talk_ask lab = {.kind = TALK_READY, .policy = "simulated-lab"},
                          none = {.kind = TALK_READY, .policy = "simulated-none"},
                          any = {.kind = TALK_READY};
    served_start(&p->served, judge_appraise);
    served_clock()->wall = SCENE_AT - (int64_t)time(NULL);
    assert_int_equal(served_ask(&p->served, &lab, NULL).status, TALK_DONE);
    struct talk_answer c = served_challenge(&p->served, "simulated-lab");
    served_clock()->wall += 400 * DAY;
    struct talk_answer a = served_ask(&p->served, &lab, NULL);
    assert_int_equal(a.status, TALK_NOT_READY);
    assert_non_null(strstr(a.detail, "valid until"));
    assert_int_equal(served_challenge(&p->served, "simulated-lab").status, TALK_NOT_READY);
    struct talk_ask ask = served_appraise(&c);
    assert_int_equal(served_ask(&p->served, &ask, "evidence").status, TALK_NOT_READY);
    assert_int_equal(appraise(p, p->scene->quote, NULL).status, TALK_NOT_READY);
    assert_int_equal(served_ask(&p->served, &none, NULL).status, TALK_DONE);
    assert_int_equal(served_ask(&p->served, &any, NULL).status, TALK_DONE);
}

#define PLACED(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(a_confined_judge_appraises),   PLACED(numbers_of_lists_reach_the_appraisal),
        PLACED(a_span_reaches_the_appraisal), PLACED(the_quote_of_another_nonce_is_refused),
        PLACED(what_has_ended_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
