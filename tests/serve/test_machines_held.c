/* A watched machine whose span others would like to end, or to seem to have. */
#include "support/watched.h"

#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every place and judge that strangers may have is theirs, and nobody else's. */
static void a_flood_of_others_is_no_gap(void **state)
{
    const struct served *s = *state;
    wait_and_answer(s, 0);
    for (int i = 0; i < 3; i++) {
        struct talk_ask ask = served_appraise(&(struct talk_answer){.id = 0});
        strcpy(ask.policy, "a");
        served_send(s, &ask, "hang");
    }
    assert_int_equal(answer(s, TALK_APPRAISE, NULL).status, TALK_BUSY); /* the third of them */
    wait_and_answer(s, 20);
    wait_and_answer(s, 20);
    expect(s, "\"state\":\"live\"");
    expect(s, "\"answers\":3,");
}

/* in_boot waits, and answers by a machine in a boot. */
static void in_boot(const struct served *s, const char *how, unsigned reset)
{
    served_clock()->both += 20;
    struct talk_answer n = asked(s);
    assert_int_equal(say(s, &n, how, reset, true), TALK_DONE);
}

/* Whatever is between them, a keeper that is killed too. */
static void what_was_refused_is_not_good_in_the_same_boot(void **state)
{
    struct served *s = *state;
    in_boot(s, "well", 7);
    in_boot(s, "ill", 8);
    again(s, true);
    in_boot(s, "well", 8);
    expect(s, "\"reason\":\"appraisal-refused\"");
    in_boot(s, "bare", 9); /* in which boot nobody knows */
    again(s, true);
    in_boot(s, "well", 9);
    expect(s, "\"state\":\"broken\"");
    again(s, true);
    in_boot(s, "well", 9);
    expect(s, "\"state\":\"broken\"");
    in_boot(s, "well", 10);
    expect(s, "\"state\":\"live\"");
    expect_events(s, "began broken:appraisal-refused refused:appraisal-refused restarted");
}

/* The mark says that there was one. */
static void a_database_that_is_deleted_knew_it(void **state)
{
    struct served *s = *state;
    char path[96];
    in_boot(s, "well", 7);
    expect(s, "\"state\":\"live\"");
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    snprintf(path, sizeof path, "%s/store", folder);
    assert_int_equal(unlink(path), 0);
    again(s, false);
    expect_events(s, "broken:verifier-restored");
    in_boot(s, "well", 7);
    again(s, true);
    in_boot(s, "well", 7);
    expect(s, "\"reason\":\"verifier-restored\"");
    in_boot(s, "well", 8);
    expect_events(s, "broken:verifier-restored restarted");
}

/* sql asks the database behind the keeper's back; the number that it answers, or -1. */
static int64_t sql(const char *text)
{
    char path[96];
    struct database db = {0};
    struct situs_err err = {0};
    int64_t n = -1;
    snprintf(path, sizeof path, "%s/store", folder);
    assert_true(database_open(&db, &(struct database_place){.sqlite = path}, false, &err) &&
                database_ask(&db, &err, text, NULL));
    if (database_next(&db, &err))
        n = strtoll(database_column(&db, 0), NULL, 10);
    assert_int_equal(err.code, SITUS_NONE);
    database_close(&db);
    return n;
}

/* One replica's mark is ahead of a database that was put back, another's is not: who saw it says so to the others. */
static void what_one_replica_saw_is_told_to_all(void **state)
{
    struct served *s = *state;
    in_boot(s, "well", 7);
    expect(s, "\"state\":\"live\"");
    assert_int_equal(sql("SELECT COUNT(*) FROM situs_change WHERE name = 'restored'"), 0);
    sql("UPDATE situs_change SET value = 0 WHERE name = 'event'");
    again(s, true);
    expect(s, "\"reason\":\"verifier-restored\"");
    assert_true(sql("SELECT value FROM situs_change WHERE name = 'restored'") > 0);
    in_boot(s, "well", 8);
    expect(s, "\"state\":\"live\"");
    sql("UPDATE situs_change SET value = value + 1 WHERE name = 'restored'");
    served_clock()->both += 2; /* it looks each second */
    expect(s, "\"reason\":\"verifier-restored\"");
    in_boot(s, "well", 9);
    expect(s, "\"state\":\"live\"");
    again(s, true);
    in_boot(s, "well", 9);
    expect(s, "\"state\":\"live\""); /* it is known */
    kill(s->keeper, SIGKILL);
    waitpid(s->keeper, NULL, 0);
    sql("UPDATE situs_change SET value = value + 1 WHERE name = 'restored'");
    again(s, false);
    expect(s, "\"reason\":\"verifier-restored\"");
}

/* A keeper of before that meets the database again ends nothing of who came after it. */
static void the_generation_before_ends_nothing(void **state)
{
    struct served *s = *state, other;
    char text[4096], store[96], away[96];
    in_boot(s, "well", 7);
    expect(s, "\"state\":\"live\"");
    watched_load(&other, "");
    served_start_beside(&other, watched_work);
    due(&other);
    asked(&other);
    expect(&other, "\"state\":\"late\"");
    snprintf(store, sizeof store, "%s/store", folder);
    snprintf(away, sizeof away, "%s/copy", folder);
    assert_int_equal(rename(store, away), 0);
    served_clock()->both += 2;
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_NO_STORE);
    assert_int_equal(tell(&other, TALK_MACHINE, 0, text), TALK_NO_STORE);
    assert_int_equal(rename(away, store), 0);
    served_clock()->both += 2;
    while (tell(&other, TALK_MACHINE, 0, text) == TALK_NO_STORE ||
           tell(s, TALK_MACHINE, 0, text) == TALK_NO_STORE)
        served_clock()->both += 1;
    assert_int_equal(tell(s, TALK_MACHINE, 0, text), TALK_MACHINE_ELSEWHERE);
    expect_events(&other, "began");
    served_stop(&other);
}

/* Each is no step. */
static void small_steps_of_a_clock_add_up(void **state)
{
    const struct served *s = *state;
    in_boot(s, "well", 7);
    for (int i = 0; i < 4; i++) {
        served_clock()->wall++;
        if (i == 0)
            expect(s, "\"state\":\"live\"");
        else
            nobody_is_due(s); /* it turns, and reads the clock */
    }
    expect(s, "\"reason\":\"clock-stepped\"");
    in_boot(s, "well", 8);
    for (int i = 0; i < 6;
         i++) { /* two may have been of the step before, and parts of seconds are not seen */
        served_clock()->both += 2;
        served_clock()->wall--;
        nobody_is_due(s);
    }
    expect(s, "\"reason\":\"clock-stepped\"");
}

/* It is no gap of ours that it brings another's. */
static void an_identity_of_another_s_is_the_machine_s_fault(void **state)
{
    struct served *s = *state, other;
    char texts[TALK_FDS][4096] = {{0}};
    watched_two(s, &other);
    struct talk_answer one = answer(&other, TALK_DUE, NULL);
    due(&other);
    struct talk_answer two = answer(&other, TALK_DUE, NULL);
    assert_int_equal(two.target, 0);
    assert_int_equal(say(&other, &one, "well", 7, true), TALK_DONE);
    assert_int_equal(say(&other, &two, "elsewhere", 7, true), TALK_IDENTITY_HELD);
    expect(&other, "\"alarm_at\":");
    served_send(&other, &(struct talk_ask){.kind = TALK_MACHINE, .machine = "two"}, NULL);
    assert_int_equal(answer(&other, TALK_MACHINE, texts).status, TALK_DONE);
    assert_non_null(strstr(texts[0], "\"others_answers\":1"));
    served_stop(&other);
}

/* A database that was put back gives no number again (a mark is ahead of it): those that are lost with their events are no
 * reason to answer who waits again and again. */
static void a_number_without_an_event_is_passed(void **state)
{
    struct served *s = *state;
    struct talk_ask ask = {.kind = TALK_STREAM, .after = 2};
    in_boot(s, "well", 7);
    in_boot(s, "ill", 7);
    expect(s, "\"state\":\"broken\"");
    sql("UPDATE situs_change SET value = 4 WHERE name = 'event'");
    again(s, true);
    asked(s);
    served_send(s, &ask, NULL);
    struct talk_answer told = answer(s, TALK_STREAM, NULL);
    assert_int_equal(told.descriptors, 0);
    assert_int_equal(told.target, 4);
    ask.after = told.target;
    served_send(s, &ask, NULL);
    expect(s, "\"state\":\"broken\""); /* is answered before: that one waits */
}

/* Who knew them sees that they are lost. */
static void a_database_of_before_is_told_of_a_broken_machine(void **state)
{
    struct served *s = *state;
    in_boot(s, "well", 7);
    in_boot(s, "ill", 7);
    expect(s, "\"state\":\"broken\"");
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    copy("store", "copy");
    again(s, false);
    in_boot(s, "well", 8);
    in_boot(s, "ill", 8);
    expect_events(s, "began broken:appraisal-refused restarted broken:appraisal-refused");
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    copy("copy", "store");
    again(s, false);
    asked(s);
    expect_events(s, "began broken:appraisal-refused refused:verifier-restored");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_number_without_an_event_is_passed),
        SERVED(a_database_of_before_is_told_of_a_broken_machine),
        SERVED(a_flood_of_others_is_no_gap),
        SERVED(what_was_refused_is_not_good_in_the_same_boot),
        SERVED(a_database_that_is_deleted_knew_it),
        SERVED(what_one_replica_saw_is_told_to_all),
        SERVED(the_generation_before_ends_nothing),
        SERVED(small_steps_of_a_clock_add_up),
        SERVED(an_identity_of_another_s_is_the_machine_s_fault),
    };
    return cmocka_run_group_tests(tests, watched_new, watched_clean);
}
