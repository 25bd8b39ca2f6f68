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

/* It is no gap of ours that it brings another's. */
static void an_identity_of_another_s_is_the_machine_s_fault(void **state)
{
    struct served *s = *state, other;
    char texts[TALK_FDS][4096] = {{0}};
    close(s->front);
    waitpid(s->keeper, NULL, 0);
    s->front = -1;
    watched_load(&other,
                 "}, \"two\": {\"policy\": \"a\", \"target\": \"a:1\", \"ak_name\": \"" AK "\"");
    served_start(&other, watched_work);
    due(&other);
    due(&other);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_flood_of_others_is_no_gap),
        SERVED(what_was_refused_is_not_good_in_the_same_boot),
        SERVED(a_database_that_is_deleted_knew_it),
        SERVED(an_identity_of_another_s_is_the_machine_s_fault),
    };
    return cmocka_run_group_tests(tests, watched_new, watched_clean);
}
