/* The keeper that watches a machine, by the clock of the test and a database of SQLite's: whom it asks and when, what is on
 * record when it is killed, put back, or replaced. Judges say what the evidence says. */
#include "support/served.h"

#include "base/text.h"
#include "codec/base64url.h"
#include "model/finding.h"
#include "support/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define AK \
    "000b" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char folder[] = "/tmp/machinesXXXXXX";
static char key[256];     /* members of the policy, where it signs */
static unsigned clock_ms; /* of the machine's TPM */
static struct talk_answer
    kept; /* who is due, where a keeper said so before it answered something else; id 0: nobody */

/* work takes evidence as "HOW CLOCK RESET": well, ill, elsewhere (well, on another platform), more (of a policy that
 * requires more), soon (what it rests on ends). */
static bool work(const struct serve_world *world, const struct judge_ask *ask,
                 const struct judge_given *given, struct token_record *r, int *report)
{
    char text[64] = "", how[16] = "";
    unsigned ms = 0, reset = 0;
    memcpy(text, given->evidence.p, given->evidence.n < 63 ? given->evidence.n : 63);
    sscanf(text, "%15s %u %u", how, &ms, &reset);
    r->required = r->holds = PROOF_BOUND | (how[0] == 'm' ? PROOF_GENUINE : 0);
    r->at = ask->at;
    r->trusted = strcmp(how, "ill") != 0;
    r->exit = r->trusted ? 0 : 6;
    r->archived = ask->archived != 0;
    r->until = how[0] == 's' ? ask->at + 25 : RECORD_NO_END;
    memcpy(r->ends, "a list", how[0] == 's' ? 6 : 0);
    r->has_channel = 1;
    memcpy(r->policy, world->loaded[ask->policy].sha256, sizeof r->policy);
    memcpy(r->nonce, ask->nonce, sizeof r->nonce);
    r->known = (struct record_known){
        .live = 1, .has_tpm = 1, .clock = ms, .reset_count = reset, .restart_count = 1};
    r->known.ids[RECORD_AK].n = 34;
    r->known.ids[RECORD_PLATFORM] = (struct record_id){.n = 16, .v = {how[0] == 'e' ? 2 : 1}};
    (void)!text_hex_read(r->known.ids[RECORD_AK].v, 34, span_text(AK));
    *report = ask->report ? talk_memory("{}", 2) : -1;
    return true;
}

static void configuration(char *text, size_t size, const char *more)
{
    snprintf(
        text, size,
        "{\"listen\": \"127.0.0.1:0\", \"judges\": \"two\", \"base\": \"http://localhost\", "
        "\"policies\": {\"a\": "
        "{\"policy\": \"" SITUS_SOURCE_ROOT "/policies/managed.json\"%s}},"
        "\"limits\": {\"judges\": 1}, \"deadlines\": {\"judge_ms\": 60000},"
        "\"connect\": {\"targets\": [\"a:1\", \"b:1\"]}, \"store\": {\"sqlite\": \"%s/store\"},"
        "\"watch\": {\"mark\": \"%s/mark\", \"machines\": {\"one\": {\"policy\": \"a\", "
        "\"target\": \"b:1\", \"ak_name\": \"" AK "\"%s}}}}",
        key, folder, folder, more);
}

static void load(struct served *s, const char *more)
{
    char text[2048];
    configuration(text, sizeof text, more);
    served_load(s, text);
}

static void remove_all(void)
{
    static const char *const names[] = {"store", "store-wal", "store-shm", "mark", "copy"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void due(const struct served *s)
{
    const struct talk_ask ask = {.kind = TALK_DUE, .id = 77};
    served_send(s, &ask, NULL);
}

static int start(void **state)
{
    static struct served s;
    remove_all();
    clock_ms = 1000;
    kept.id = 0;
    load(&s, "");
    served_start(&s, work);
    due(&s);
    *state = &s;
    return 0;
}

static int stop(void **state)
{
    served_stop(*state);
    return 0;
}

/* again begins a keeper anew where one was killed or has ended; the clock goes on. */
static void again(struct served *s, bool killed)
{
    struct served_clock now = *served_clock();
    if (killed)
        kill(s->keeper, SIGKILL);
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    waitpid(s->nursery[0], NULL, 0);
    served_start(s, work);
    *served_clock() = now;
    kept.id = 0;
    due(s);
}

/* answer is the next of a kind. */
static struct talk_answer answer(const struct served *s, enum talk_kind kind,
                                 char out[TALK_FDS][4096])
{
    struct talk_answer a = served_answer(s, out);
    while (a.kind != kind && a.kind == TALK_DUE && !kept.id) {
        kept = a;
        a = served_answer(s, out);
    }
    assert_int_equal(a.kind, kind);
    return a;
}

/* asked is the N for which the front's ask waits; the next one waits then. */
static struct talk_answer asked(const struct served *s)
{
    struct talk_answer a = kept.id ? kept : answer(s, TALK_DUE, NULL);
    kept.id = 0;
    assert_int_equal(a.id, 77);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.target, 1);
    due(s);
    return a;
}

/* say answers N by a machine that does well or ill, in a boot; dialled: the front met the machine's key. */
static enum talk_status say(const struct served *s, const struct talk_answer *n, const char *how,
                            unsigned reset, bool dialled)
{
    char text[64];
    struct talk_ask ask = served_appraise(n);
    ask.dialled = dialled;
    snprintf(text, sizeof text, "%s %u %u", how, clock_ms += 10, reset);
    served_send(s, &ask, text);
    return (enum talk_status)answer(s, TALK_APPRAISE, NULL).status;
}

static void wait_and_answer(const struct served *s, int seconds)
{
    served_clock()->both += seconds;
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE);
}

/* tell is what is told; false: not now. */
static enum talk_status tell(const struct served *s, enum talk_kind kind, uint64_t after,
                             char out[4096])
{
    char texts[TALK_FDS][4096] = {{0}};
    struct talk_ask ask = {.kind = kind, .after = after, .machine = "one"};
    served_send(s, &ask, NULL);
    struct talk_answer a = answer(s, kind, texts);
    memcpy(out, texts[0], sizeof texts[0]);
    return (enum talk_status)a.status;
}

static void expect(const struct served *s, const char *has)
{
    char text[4096];
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_DONE);
    if (!strstr(text, has))
        fail_msg("no %s in %s", has, text);
}

/* expect_events: these and no more, each as event:reason. */
static void expect_events(const struct served *s, const char *want)
{
    char text[4096], got[512] = "";
    assert_int_equal(tell(s, TALK_EVENTS, 0, text), TALK_DONE);
    for (const char *p = text; (p = strstr(p, "\"event\":\"")); p++) {
        char event[40] = "", reason[40] = "";
        sscanf(p, "\"event\":\"%39[^\"]\",\"reason\":\"%39[^\"]", event, reason);
        size_t n = strlen(got);
        snprintf(got + n, sizeof got - n, "%s%s%s%s", n ? " " : "", event, reason[0] ? ":" : "",
                 reason);
    }
    assert_string_equal(got, want);
}

/* nobody_is_due: what was asked before is answered later than what is asked now. */
static void nobody_is_due(const struct served *s)
{
    const struct talk_ask ready = {.kind = TALK_READY};
    for (int i = 0; i < 3; i++)
        assert_int_equal(served_ask(s, &ready, NULL).kind, TALK_READY);
    assert_int_equal(kept.id, 0);
}

static void a_machine_is_asked_and_its_span_goes_on(void **state)
{
    const struct served *s = *state;
    char text[4096];
    struct talk_answer n = asked(s);
    nobody_is_due(s); /* one N at a time */
    expect(s, "\"state\":\"new\"");
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE);
    assert_int_equal(say(s, &n, "well", 7, true), TALK_SPENT);
    expect(s, "\"state\":\"live\"");
    served_clock()->both += 14;
    nobody_is_due(s);
    wait_and_answer(s, 7);
    wait_and_answer(s, 21);
    expect(s, "\"answers\":3,");
    expect(s, "\"known_by\":{\"ak_name\":\"" AK "\"");
    expect_events(s, "began");
    assert_int_equal(tell(s, TALK_EVENTS, 1, text), TALK_DONE);
    assert_non_null(strstr(text, "\"events\":[],\"more\":false"));
    struct talk_ask other = {.kind = TALK_MACHINE, .machine = "two"};
    assert_int_equal(served_ask(s, &other, NULL).status, TALK_NO_MACHINE);
}

/* A session that anybody asks for is none of the machine's, whatever evidence answers it. */
static void evidence_for_another_challenge_changes_nothing(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    struct talk_answer c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "well", 7, true), TALK_DONE);
    c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "ill", 7, true), TALK_DONE);
    expect(s, "\"answers\":1,");
    expect(s, "\"state\":\"live\"");
}

static void who_does_not_answer_is_late_then_broken(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    served_clock()->both += 20;
    struct talk_answer n = asked(s);
    struct talk_ask silent = served_appraise(&n);
    silent.kind = TALK_SILENT;
    silent.dialled = 1;
    assert_int_equal(served_ask(s, &silent, NULL).status, TALK_DONE);
    expect(s, "\"state\":\"late\"");
    assert_int_equal(say(s, &n, "well", 7, true), TALK_SPENT);
    wait_and_answer(s, 20);
    expect(s, "\"state\":\"live\"");
    served_clock()->both += 20;
    n = asked(s);
    served_clock()->both += 41;
    expect(s, "\"reason\":\"silence\",\"whose\":\"machine\"");
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE); /* a report, and no more */
    expect(s, "\"answers\":2,");
}

static void what_could_not_be_asked_is_ours(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    served_clock()->both += 20;
    struct talk_answer n = asked(s);
    struct talk_ask silent = served_appraise(&n);
    silent.kind = TALK_SILENT;
    assert_int_equal(served_ask(s, &silent, NULL).status, TALK_DONE);
    served_clock()->both += 41;
    expect(s, "\"reason\":\"not-observed\",\"whose\":\"verifier\"");
}

/* What was answered for is on record, and what is on record is no better than what was. */
static void a_keeper_that_is_killed_forgets_nothing(void **state)
{
    struct served *s = *state;
    struct talk_answer n;
    wait_and_answer(s, 0);
    wait_and_answer(s, 20);
    expect(s, "\"answers\":2,");
    again(s, true);
    n = asked(s);
    expect(s, "\"state\":\"late\"");
    expect(s, "\"answers\":2,");
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE);
    expect(s, "\"state\":\"live\"");
    expect(s, "\"number\":1,");
    served_clock()->both += 20;
    n = asked(s);
    assert_int_equal(say(s, &n, "ill", 7, true), TALK_DONE);
    again(s, true);
    asked(s);
    expect(s, "\"reason\":\"appraisal-refused\"");
    expect_events(s, "began broken:appraisal-refused");
}

static void one_that_is_away_for_longer_than_h_has_a_gap(void **state)
{
    struct served *s = *state;
    wait_and_answer(s, 0);
    expect(s, "\"state\":\"live\"");
    served_clock()->both += 61;
    again(s, true);
    struct talk_answer n = asked(s);
    expect(s, "\"reason\":\"not-observed\"");
    assert_int_equal(say(s, &n, "well", 7, true), TALK_DONE);
    expect(s, "\"state\":\"broken\"");
    served_clock()->both += 20;
    n = asked(s);
    assert_int_equal(say(s, &n, "well", 8, true), TALK_DONE);
    expect(s, "\"number\":2,\"began_by\":\"restarted\"");
    expect_events(s, "began broken:not-observed restarted");
}

static void copy(const char *from, const char *to)
{
    char source[96], target[96];
    struct file f = {0};
    struct situs_err err = {0};
    snprintf(source, sizeof source, "%s/%s", folder, from);
    snprintf(target, sizeof target, "%s/%s", folder, to);
    assert_true(file_read(&f, source, 1 << 24, &err));
    assert_true(file_write(target, file_span(&f), &err));
    file_free(&f);
}

static void a_database_of_before_ends_every_span(void **state)
{
    struct served *s = *state;
    wait_and_answer(s, 0);
    wait_and_answer(s, 20);
    again(s, false);
    asked(s);
    close(s->front); /* the keeper ends, and with it the database is one file */
    waitpid(s->keeper, NULL, 0);
    copy("store", "copy");
    again(s, false);
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "ill", 7, true), TALK_DONE);
    expect(s, "\"reason\":\"appraisal-refused\"");
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    copy("copy", "store");
    again(s, false);
    asked(s);
    expect(s, "\"reason\":\"verifier-restored\"");
    expect_events(s, "began broken:verifier-restored");
}

static void a_mark_that_is_gone_ends_them_too(void **state)
{
    struct served *s = *state;
    char path[96];
    wait_and_answer(s, 0);
    expect(s, "\"state\":\"live\"");
    snprintf(path, sizeof path, "%s/mark", folder);
    assert_int_equal(unlink(path), 0);
    again(s, true);
    asked(s);
    expect(s, "\"reason\":\"verifier-restored\"");
}

/* Two keepers, as when the service is reloaded: the later one has the machine. */
static void another_keeper_takes_it_over(void **state)
{
    const struct served *s = *state;
    struct served other;
    char text[4096];
    wait_and_answer(s, 0);
    load(&other, "");
    struct served_clock now = *served_clock();
    served_start(&other, work);
    *served_clock() = now;
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_DONE); /* it has no front yet */
    due(&other);
    asked(&other);
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_MACHINE_ELSEWHERE);
    served_clock()->both += 25;
    nobody_is_due(s);
    expect(&other, "\"answers\":1,");
    served_stop(&other);
}

/* id.unique: whoever brings it, and for whatever challenge. */
static void a_copy_is_refused_and_the_holder_keeps_his_span(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    struct talk_answer c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "elsewhere", 7, false), TALK_IDENTITY_HELD);
    c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "well", 6, false), TALK_IDENTITY_HELD);
    c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "well", 7, false), TALK_DONE);
    expect(s, "\"state\":\"live\"");
    expect(s, "\"alarm_at\":");
    expect_events(s, "began alarm:platform-changed"); /* of one kind once an hour */
    wait_and_answer(s, 20);
    expect(s, "\"answers\":2,");
    served_clock()->both += 61;
    expect(s, "\"state\":\"broken\"");
    asked(s);
    c = served_challenge(s, "a");
    assert_int_equal(say(s, &c, "elsewhere", 7, false), TALK_DONE); /* nobody holds it */
}

static void a_clock_that_is_stepped_ends_it(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    served_clock()->wall = 60;
    expect(s, "\"reason\":\"clock-stepped\",\"whose\":\"verifier\"");
}

static void the_operator_s_other_identity_is_another_machine(void **state)
{
    struct served *s = *state, other;
    wait_and_answer(s, 0);
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    s->front = -1;
    load(&other, ", \"piid\": \"01000000000000000000000000000000\"");
    served_start(&other, work);
    due(&other);
    struct talk_answer n = asked(&other);
    expect(&other, "\"state\":\"new\"");
    assert_int_equal(say(&other, &n, "well", 7, true), TALK_DONE);
    expect(&other, "\"number\":2,\"began_by\":\"began\"");
    expect_events(&other, "began broken:not-watched began");
    served_stop(&other);
}

/* token is the payload of one for evidence of a machine as say has it, under a challenge that anybody may ask for. */
static void token(const struct served *s, const char *how, unsigned reset, char payload[4096])
{
    char texts[TALK_FDS][4096] = {{0}}, text[64];
    struct talk_ask ask = {.kind = TALK_CHALLENGE, .policy = "a"};
    served_send(s, &ask, NULL);
    struct talk_answer c = answer(s, TALK_CHALLENGE, NULL);

    ask = served_appraise(&c);
    size_t n = 0;
    ask.want_token = 1;
    snprintf(text, sizeof text, "%s %u %u", how, clock_ms += 10, reset);
    served_send(s, &ask, text);
    assert_int_equal(answer(s, TALK_APPRAISE, texts).status, TALK_DONE);
    char *begin = strchr(texts[0], '.') + 1, *end = strchr(begin, '.');
    assert_true(
        base64url_read((uint8_t *)payload, 4095, &n, span_of(begin, (size_t)(end - begin))));
    payload[n] = 0;
}

/* A token says so while the span lasts, of the machine alone, and not for longer. */
static void a_token_is_continuous_while_the_span_lasts(void **state)
{
    struct served *s = *state;
    char payload[4096];
    long long issued, ends;
    token(s, "well", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    wait_and_answer(s, 0);
    wait_and_answer(s, 20);
    token(s, "well", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":true"));
    assert_non_null(strstr(payload, "\"within_ms\":60000,\"longest_gap_ms\":2"));
    assert_non_null(strstr(payload, "\"of\":[\"bound\"]"));
    assert_int_equal(sscanf(strstr(payload, "\"iat\":"), "\"iat\":%lld", &issued), 1);
    assert_int_equal(sscanf(strstr(payload, "\"exp\":"), "\"exp\":%lld", &ends), 1);
    assert_in_range(ends - issued, 50, 60);
    expect(s, "\"answers\":2,");  /* it was no answer to a question of ours */
    token(s, "well", 8, payload); /* another boot */
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    token(s, "ill", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    token(s, "more", 7, payload); /* nobody looked for all of that since then */
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    served_clock()->both += 20;
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "soon", 7, true), TALK_DONE);
    expect(s, "\"ends\":\"a list\"");
    token(s, "well", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":true"));
    assert_int_equal(sscanf(strstr(payload, "\"iat\":"), "\"iat\":%lld", &issued), 1);
    assert_int_equal(sscanf(strstr(payload, "\"exp\":"), "\"exp\":%lld", &ends), 1);
    assert_in_range(ends - issued, 1, 25); /* the span's, without another answer */
    again(s, true);
    asked(s);
    token(s, "well", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":true"));
    token(s, "more", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    served_clock()->both += 61;
    token(s, "well", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
}

/* What is on record of the clocks is of a time that did not come yet: nobody knows how long the keeper was away. */
static void a_record_of_other_clocks_is_no_observation(void **state)
{
    static const char *const changes[] = {
        "UPDATE situs_machine SET last_at = last_at + 1000",
        "UPDATE situs_machine SET last_at = last_at - 1000",
        "UPDATE situs_machine SET issued_ms = issued_ms + 1000000",
    };
    struct served *s = *state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char path[96];
        struct database db = {0};
        struct situs_err err = {0};
        struct talk_answer n = asked(s);
        assert_int_equal(say(s, &n, "well", 7 + (unsigned)i, true), TALK_DONE);
        expect(s, "\"state\":\"live\"");
        kill(s->keeper, SIGKILL);
        waitpid(s->keeper, NULL, 0);
        snprintf(path, sizeof path, "%s/store", folder);
        assert_true(database_open(&db, &(struct database_place){.sqlite = path}, false, &err) &&
                    database_ask(&db, &err, changes[i], NULL));
        database_close(&db);
        again(s, false);
        expect(s, "\"reason\":\"not-observed\"");
    }
}

/* One that does not answer is the first of the configuration, and would be asked again and again instead of the other. */
static void who_answers_is_asked_before_who_does_not(void **state)
{
    struct served *s = *state, other;
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    s->front = -1;
    load(&other, "}, \"two\": {\"policy\": \"a\", \"target\": \"a:1\", \"ak_name\": \"" AK "\"");
    served_start(&other, work);
    due(&other);
    due(&other);
    assert_int_equal(answer(&other, TALK_DUE, NULL).target, 1);
    due(&other);
    struct talk_answer n = answer(&other, TALK_DUE, NULL);
    assert_int_equal(n.target, 0);
    assert_int_equal(say(&other, &n, "well", 7, true), TALK_DONE);
    served_clock()->both += 31; /* both are due */
    assert_int_equal(answer(&other, TALK_DUE, NULL).target, 0);
    due(&other);
    nobody_is_due(&other); /* the last ask waits for who is in a span */
    due(&other);
    assert_int_equal(answer(&other, TALK_DUE, NULL).target, 1);
    served_stop(&other);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, start, stop)

static int clean(void **state)
{
    (void)state;
    char path[96];
    remove_all();
    snprintf(path, sizeof path, "%s/key", folder);
    unlink(path);
    rmdir(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_machine_is_asked_and_its_span_goes_on),
        SERVED(evidence_for_another_challenge_changes_nothing),
        SERVED(who_does_not_answer_is_late_then_broken),
        SERVED(what_could_not_be_asked_is_ours),
        SERVED(a_keeper_that_is_killed_forgets_nothing),
        SERVED(one_that_is_away_for_longer_than_h_has_a_gap),
        SERVED(a_database_of_before_ends_every_span),
        SERVED(a_mark_that_is_gone_ends_them_too),
        SERVED(another_keeper_takes_it_over),
        SERVED(a_copy_is_refused_and_the_holder_keeps_his_span),
        SERVED(a_clock_that_is_stepped_ends_it),
        SERVED(a_token_is_continuous_while_the_span_lasts),
        SERVED(the_operator_s_other_identity_is_another_machine),
        SERVED(a_record_of_other_clocks_is_no_observation),
        SERVED(who_answers_is_asked_before_who_does_not),
    };
    char path[96];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    served_key(path);
    snprintf(key, sizeof key, ", \"key\": \"%s\", \"audience\": \"b\"", path);
    return cmocka_run_group_tests(tests, NULL, clean);
}
