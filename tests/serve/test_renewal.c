/* What the supervisor tells a keeper while it runs: terms under a clock that is stepped, judges of another nursery, and what
 * policies hold. */
#include "support/served.h"

#include "crypto/digest.h"
#include "lab/intel/lab_intel.h"
#include "support/soft_ca.h"
#include "support/test.h"

#include <openssl/pem.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONFIGURATION                                                                        \
    "{\"listen\": \"127.0.0.1:0\", \"base\": \"https://v.example\", \"judges\": \"two\","    \
    "\"policies\": {\"a\": {\"policy\": \"genuine\", \"key\": \"%s\", \"audience\": \"x\"}," \
    "\"b\": {\"policy\": \"genuine\"}}, \"limits\": {\"judges\": 1},"                        \
    "\"deadlines\": {\"judge_ms\": 60000, \"request_ms\": 60000}}"
#define TURNS 6000 /* of 10 ms, at most */

/* What judges and test share. */
struct shared {
    volatile int begun; /* appraisals */
    volatile bool hold; /* those of the first era do not end */
};
static struct shared *shared;
static uint8_t era; /* of the nurseries that are started now */

/* work says that anything is trusted, and in which era it was forked. */
static bool work(const struct serve_world *world, const struct judge_ask *ask,
                 const struct judge_given *given, struct token_record *record, int *report)
{
    (void)given;
    shared->begun++;
    while (era == 1 && shared->hold)
        ;
    record->at = ask->at;
    record->until = RECORD_NO_END;
    record->trusted = record->sound = record->has_channel = 1;
    memset(record->channel, 7, sizeof record->channel);
    memcpy(record->policy, world->loaded[ask->policy].sha256, sizeof record->policy);
    memcpy(record->nonce, ask->nonce, sizeof record->nonce);
    record->evidence[0] = era;
    *report = ask->report ? talk_memory("{}", 2) : -1;
    return true;
}

static int start(void **state)
{
    struct served *s = calloc(1, sizeof *s);
    char key[64], text[1024];
    snprintf(key, sizeof key, "/tmp/serve-key-%d", (int)getpid());
    served_key(key);
    snprintf(text, sizeof text, CONFIGURATION, key);
    if (!shared)
        shared =
            mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *shared = (struct shared){.hold = false};
    era = 1;
    served_load(s, text);
    served_start(s, work);
    const struct talk_ask ready = {.kind = TALK_READY};
    assert_int_equal(served_ask(s, &ready, NULL).status, TALK_DONE);
    unlink(key);
    *state = s;
    return 0;
}

static int stop(void **state)
{
    served_stop(*state);
    free(*state);
    return 0;
}

static enum talk_status ready(const struct served *s, const char *policy)
{
    struct talk_ask ask = {.kind = TALK_READY};
    strcpy(ask.policy, policy);
    return (enum talk_status)served_ask(s, &ask, NULL).status;
}

/* becomes waits until the keeper has heard what it was told. */
static void becomes(const struct served *s, const char *policy, enum talk_status status)
{
    for (int i = 0; ready(s, policy) != status; i++) {
        assert_true(i < TURNS);
        poll(NULL, 0, 10);
    }
}

/* tell says that policy a holds from and to so many seconds from now, and whether b does. */
static void tell(const struct served *s, int64_t from, int64_t to, bool b, int nursery)
{
    int64_t now = (int64_t)time(NULL);
    const struct serve_term terms[] = {
        {.valid = {now + from, now + to}, .begins = "the list", .ends = "the list"},
        {.valid = {INT64_MIN, INT64_MAX}, .missing = ""}};
    struct serve_term both[2] = {terms[0], terms[1]};
    if (!b)
        strcpy(both[1].missing, "list");
    served_tell(s, both, nursery);
}

/* A step either way makes a term end, or begin, at once; what is renewed counts by the clock as it is then, and a renewal
 * makes no clock right that is behind. */
static void a_clock_is_stepped_through_renewals(void **state)
{
    const struct served *s = *state;
    tell(s, -10, 1000, false, -1);
    becomes(s, "b", TALK_NOT_READY);
    assert_int_equal(ready(s, "a"), TALK_DONE);
    served_clock()->wall = 2000; /* forward, past the end */
    assert_int_equal(ready(s, "a"), TALK_NOT_READY);
    tell(s, 1900, 5000, true, -1);
    becomes(s, "b", TALK_DONE);
    assert_int_equal(ready(s, "a"), TALK_DONE);
    served_clock()->wall = 0; /* back, before the begin */
    assert_int_equal(ready(s, "a"), TALK_CLOCK);
    tell(s, -10, 9000, false, -1);
    for (int i = 0; i < 100; i++) /* whether it is heard or not */
        assert_int_equal(ready(s, "a"), TALK_CLOCK);
    assert_int_equal(served_challenge(s, "a").status, TALK_CLOCK);
    served_clock()->wall = 2000;
    becomes(s, "b", TALK_NOT_READY); /* it was heard meanwhile */
    assert_int_equal(ready(s, "a"), TALK_DONE);
    tell(s, 3000, 9000, true, -1);
    becomes(s, "b", TALK_DONE);
    assert_int_equal(ready(s, "a"), TALK_NOT_READY);
    served_clock()->wall = 3100; /* forward, past the begin */
    assert_int_equal(ready(s, "a"), TALK_DONE);
}

/* One of before and one of now might not know the same: who has not both judges begins anew. */
static void a_token_s_judges_are_of_one_nursery(void **state)
{
    struct served *s = *state;
    pid_t pid;
    struct talk_answer c = served_challenge(s, "a");
    struct talk_ask ask = served_appraise(&c);
    ask.want_token = 1;
    shared->hold = true;
    served_send(s, &ask, "evidence");
    for (int i = 0; shared->begun == 0; i++) {
        assert_true(i < TURNS);
        poll(NULL, 0, 10);
    }
    era = 2;
    int nursery = served_nurse(s, work, &pid);
    tell(s, -10, 1000, false, nursery);
    close(nursery);
    struct talk_answer a = served_answer(s, NULL); /* though the one of before never ends */
    shared->hold = false;
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.descriptors, 1);
    assert_int_equal(shared->begun, 3);
    waitpid(s->nursery[0], NULL, 0); /* the one of before ends with its last judge */
    s->nursery[0] = pid;
}

/* put_anchor writes an anchor for lists. */
static void put_anchor(FILE *f, const char *name)
{
    struct soft_cert ca = {.name = name, .ca = true};
    char *pem;
    soft_ca_issue(&ca);
    BIO *b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(b, ca.x509), 1);
    long n = BIO_get_mem_data(b, &pem);
    fprintf(f, "{\"name\": \"%s\", \"for\": [\"list\"], \"pem\": \"", name);
    for (long i = 0; i < n; i++)
        fprintf(f, pem[i] == '\n' ? "\\n" : "%c", pem[i]);
    fprintf(f, "\"}");
    BIO_free(b);
}

/* trust_file has two, R and another. */
static void trust_file(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"anchors\": [");
    put_anchor(f, "R");
    fprintf(f, ", ");
    put_anchor(f, "another");
    fprintf(f, "]}");
    assert_int_equal(fclose(f), 0);
}

static int64_t steady(void)
{
    return 1;
}

struct holding {
    struct served s;
    struct audit_log audit;
    struct keeper_store store;
};

static int start_holding(void **state)
{
    static struct holding h;
    char path[64], text[1024];
    snprintf(path, sizeof path, "/tmp/serve-trust-%d", (int)getpid());
    trust_file(path);
    snprintf(
        text, sizeof text,
        "{\"listen\": \"127.0.0.1:0\", \"base\": \"https://v.example\", \"policies\": {"
        "\"a\": {\"policy\": \"genuine\", \"trust\": \"%s\"}, \"b\": {\"policy\": \"genuine\"}},"
        "\"forget\": [{\"kind\": \"ppid\", \"anchor\": \"R\", \"number\": 9},"
        "{\"kind\": \"date\", \"anchor\": \"a\", \"subject\": \"root\", \"number\": 70}]}",
        path);
    h = (struct holding){.audit = {.path = NULL}};
    served_load(&h.s, text);
    assert_true(keeper_store_begin(&h.store, h.s.world, &h.audit, steady));
    unlink(path);
    *state = &h;
    return 0;
}

static int stop_holding(void **state)
{
    struct holding *h = *state;
    keeper_store_end(&h->store);
    served_stop(&h->s);
    return 0;
}

static bool hold(struct holding *h, const struct serve_number *row, size_t n)
{
    static struct serve_dates none;
    return keeper_store_hold(&h->store, &none, row, n);
}

/* Of policies those get a number whose trust file has the anchor; it never falls, and one that is forgotten is none. */
static void what_policies_hold_is_counted(void **state)
{
    struct holding *h = *state;
    struct situs_err err = {0};
    struct serve_number row = {.policy = 0, .seen = {.kind = "ppid", .anchor = "R", .number = 3}};
    assert_true(hold(h, &row, 1));
    assert_int_equal(h->store.n[0], 1);
    assert_int_not_equal(h->store.memory[0], -1);
    assert_int_equal(h->store.n[1], 0);
    assert_int_equal(h->store.memory[1], -1);
    assert_true(keeper_store_current(&h->store, 0, &err));
    row.seen.number = 2;
    assert_true(hold(h, &row, 1));
    assert_int_equal(h->store.seen->v[0].number, 3);
    assert_false(keeper_store_current(&h->store, 0, &err));
    assert_int_equal(err.code, SITUS_OUT_OF_DATE);
    row.seen.number = 9;
    assert_true(hold(h, &row, 1));
    assert_int_equal(h->store.seen->v[0].number, 3);
    assert_true(hold(h, NULL, 0)); /* a list that nobody holds any more counts all the same */
    assert_int_equal(h->store.n_held, 0);
    assert_int_equal(h->store.n[0], 1);
}

static void there_is_an_end_to_what_is_counted(void **state)
{
    struct holding *h = *state;
    static struct serve_number rows[SERVE_NUMBERS + 1];
    size_t most = h->store.seen->most;
    assert_in_range(most, 1, SERVE_NUMBERS - 1);
    for (size_t i = 0; i < SERVE_NUMBERS; i++) {
        rows[i].seen = (struct serve_seen){.kind = "ppid", .anchor = "R", .number = 1};
        snprintf(rows[i].seen.facility, sizeof rows[i].seen.facility, "%zu", i);
    }
    assert_true(hold(h, rows, most));
    assert_false(hold(h, rows, most + 1)); /* more signers than the anchor has places */
    assert_int_equal(h->store.n_held, most + 1);
    assert_int_equal(h->store.seen->n, most);
    for (size_t i = 1; i <= SERVE_NUMBERS; i++)
        rows[i] = rows[0]; /* which has its place */
    assert_true(hold(h, rows, SERVE_NUMBERS));
    assert_false(hold(h, rows, SERVE_NUMBERS + 1));
    assert_int_equal(h->store.n_held, 0);
}

static void dates_that_are_held_are_raised(void **state)
{
    struct holding *h = *state;
    static struct serve_dates dates;
    struct situs_err err = {0};
    dates = (struct serve_dates){.n = {1}};
    dates.v[0][0] = (struct serve_date){.name = "root", .at = 50};
    assert_true(keeper_store_hold(&h->store, &dates, NULL, 0));
    assert_true(keeper_store_current(&h->store, 0, &err));
    dates.v[0][0].at = 40;
    assert_true(keeper_store_hold(&h->store, &dates, NULL, 0));
    assert_false(keeper_store_current(&h->store, 0, &err));
    expect_err(err, SITUS_OUT_OF_DATE, "date", SITUS_NO_OFFSET);
    assert_true(keeper_store_current(&h->store, 1, &err)); /* each policy has its own */
    dates.v[0][0].at = 70;                                 /* which is forgotten */
    assert_true(keeper_store_hold(&h->store, &dates, NULL, 0));
    err = (struct situs_err){0};
    assert_false(keeper_store_current(&h->store, 0, &err));
    expect_err(err, SITUS_NOT_ALLOWED, "date", SITUS_NO_OFFSET);
    dates.v[0][0].at = 50;
    assert_true(keeper_store_hold(&h->store, &dates, NULL, 0));
    assert_true(keeper_store_current(&h->store, 0, &err));
}

/* hash_of is what reports say of a policy's collateral. */
static void hash_of(const struct serve_loaded *l, uint8_t sha256[32])
{
    const struct situs_request request = serve_loaded_request(l);
    const struct situs_err why = {.code = SITUS_MISSING};
    size_t size = situs_verify_memory(&request);
    void *memory = malloc(size);
    const struct situs_result *r =
        situs_refused(&request, SITUS_INPUT_EVIDENCE, &why, (struct situs_memory){memory, size});
    assert_true(situs_result_sha256(r, SITUS_INPUT_COLLATERAL, 0, sha256));
    free(memory);
}

/* What is loaded has its hash: who is forked from it hashes no byte of it again. */
static void collateral_is_hashed_where_it_is_loaded(void **state)
{
    struct served s;
    struct lab_world *w = lab_world_new((int64_t)time(NULL));
    struct lab_platform p = lab_platform_honest(0);
    struct lab_collateral c = lab_collateral_honest(w, &p, true);
    const struct span files[] = {lab_collateral_json(w, &c), lab_trust_json(w),
                                 SPAN_LIT("{\"simulated\": true, \"require\": [\"genuine\"]}")};
    char paths[3][64], text[1024];
    uint8_t want[32], got[32];
    (void)state;
    for (int i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "/tmp/serve-file%d-%d", i, (int)getpid());
        assert_true(file_write(paths[i], files[i], &(struct situs_err){0}));
    }
    snprintf(text, sizeof text,
             "{\"listen\": \"127.0.0.1:0\", \"base\": \"https://v.example\", \"policies\": {"
             "\"simulated-a\": {\"policy\": \"%s\", \"trust\": \"%s\", \"collateral\": [\"%s\"]}}}",
             paths[2], paths[1], paths[0]);
    served_load(&s, text);
    const struct serve_loaded *l = &s.world->loaded[0];
    assert_int_equal(l->collateral.n, 1);
    assert_true(digest(HASH_SHA256, files[0], want));
    ((uint8_t *)(uintptr_t)l->collateral.parts[0].p)[0] ^= 1; /* it is not looked at */
    hash_of(l, got);
    assert_memory_equal(got, want, sizeof want);
    serve_load_free(s.world);
    free(s.world);
    lab_world_free(w);
    for (int i = 0; i < 3; i++)
        unlink(paths[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_clock_is_stepped_through_renewals, start, stop),
        cmocka_unit_test_setup_teardown(a_token_s_judges_are_of_one_nursery, start, stop),
        cmocka_unit_test_setup_teardown(what_policies_hold_is_counted, start_holding, stop_holding),
        cmocka_unit_test_setup_teardown(there_is_an_end_to_what_is_counted, start_holding,
                                        stop_holding),
        cmocka_unit_test(collateral_is_hashed_where_it_is_loaded),
        cmocka_unit_test_setup_teardown(dates_that_are_held_are_raised, start_holding,
                                        stop_holding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
