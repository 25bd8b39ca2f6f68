/* The keeper that watches a machine, by the clock of the test and a database of SQLite's: whom it asks and when, what is on
 * record when it is killed, put back, or replaced. Judges say what the evidence says. */
#include "support/watched.h"

#include "codec/base64url.h"
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Two keepers, as when the service is reloaded: the later one has the machine. */
static void another_keeper_takes_it_over(void **state)
{
    const struct served *s = *state;
    struct served other;
    char text[4096];
    wait_and_answer(s, 0);
    token(s, "well", 7, text);
    assert_non_null(strstr(text, "\"situs_continuous\":true"));
    watched_load(&other, "");
    served_start_beside(&other, watched_work);
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_DONE); /* it has no front yet */
    due(&other);
    asked(&other);
    token(s, "well", 7, text); /* whether or not it looked since */
    assert_non_null(strstr(text, "\"situs_continuous\":false"));
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
    watched_load(&other, ", \"piid\": \"01000000000000000000000000000000\"");
    served_start(&other, watched_work);
    due(&other);
    struct talk_answer n = asked(&other);
    expect(&other, "\"state\":\"new\"");
    assert_int_equal(say(&other, &n, "well", 7, true), TALK_DONE);
    expect(&other, "\"number\":2,\"began_by\":\"began\"");
    expect_events(&other, "began broken:not-watched began");
    served_stop(&other);
}

/* Under a policy that asks for it: the judges are told the span of the machine that the evidence shows, and of no other;
 * and an answer that nothing else is against begins one. */
static void a_policy_may_ask_for_it(void **state)
{
    struct served *s = *state;
    char payload[4096];
    token(s, "continuous", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    assert_null(strstr(payload, "affirming"));
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "continuous", 7, true), TALK_DONE);
    expect(s, "\"state\":\"live\"");
    token(s, "continuous", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":true"));
    assert_non_null(strstr(payload, "affirming"));
    token(s, "continuous", 8, payload); /* another boot */
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    assert_null(strstr(payload, "affirming"));
    served_clock()->both += 20;
    n = asked(s);
    assert_int_equal(say(s, &n, "continuous", 7, true), TALK_DONE);
    expect(s, "\"answers\":2,");
    expect_events(s, "began");
    served_clock()->both += 61;
    token(s, "continuous", 7, payload);
    assert_non_null(strstr(payload, "\"situs_continuous\":false"));
    assert_null(strstr(payload, "affirming"));
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

/* One answer ends a span and begins the next, and the row is of the next. */
static void the_span_that_a_boot_ends_is_on_record(void **state)
{
    static const char *const want[][4] = {{"began", "counters-changed", "1", "1"},
                                          {"restarted", "none", "0", "1"}};
    const struct served *s = *state;
    char path[96];
    struct database db = {0};
    struct situs_err err = {0};
    wait_and_answer(s, 0);
    served_clock()->both += 20;
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, "well", 8, true), TALK_DONE);
    expect_events(s, "began broken:counters-changed restarted");
    snprintf(path, sizeof path, "%s/store", folder);
    assert_true(database_open(&db, &(struct database_place){.sqlite = path}, false, &err) &&
                database_ask(&db, &err,
                             "SELECT began, reason, CASE WHEN ended_at >= since_at THEN 1 ELSE 0 "
                             "END, answers FROM situs_span ORDER BY span",
                             NULL));
    for (size_t i = 0; i < 2; i++) {
        assert_true(database_next(&db, &err));
        for (int c = 0; c < 4; c++)
            assert_string_equal(database_column(&db, c), want[i][c]);
    }
    assert_false(database_next(&db, &err));
    database_close(&db);
}

/* One that does not answer is the first of the configuration, and would be asked again and again instead of the other. */
static void who_answers_is_asked_before_who_does_not(void **state)
{
    struct served *s = *state, other;
    watched_two(s, &other);
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
        SERVED(a_policy_may_ask_for_it),
        SERVED(the_operator_s_other_identity_is_another_machine),
        SERVED(a_record_of_other_clocks_is_no_observation),
        SERVED(the_span_that_a_boot_ends_is_on_record),
        SERVED(who_answers_is_asked_before_who_does_not),
    };
    return cmocka_run_group_tests(tests, watched_new, watched_clean);
}
