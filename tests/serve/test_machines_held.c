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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_flood_of_others_is_no_gap),
    };
    return cmocka_run_group_tests(tests, watched_new, watched_clean);
}
