/* The keeper: whom it believes, what it signs nothing for, and judges that fail, hang, grow or lie. */
#include "support/served.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONFIGURATION                                                                     \
    "{\"listen\": \"127.0.0.1:0\", \"base\": \"http://localhost\", \"default\": \"a\","   \
    "\"policies\": {\"a\": {\"policy\": \"genuine\"}, \"b\": {\"policy\": \"genuine\"}}," \
    "\"limits\": {\"judges\": 2, \"judge_requests\": 2, \"waiting\": 4},"                 \
    "\"deadlines\": {\"judge_ms\": 1500}}"

/* honest says of any evidence that it is trusted; the report is what the judge was asked: N. */
static bool honest(const struct serve_world *world, const struct judge_ask *ask,
                   struct token_record *record, int *report)
{
    record->at = ask->at;
    record->trusted = record->sound = !ask->archived;
    record->exit = ask->archived ? 6 : 0;
    record->archived = ask->archived != 0;
    memcpy(record->policy, world->loaded[ask->policy].sha256, sizeof record->policy);
    memcpy(record->nonce, ask->nonce, sizeof record->nonce);
    *report = talk_memory(ask->nonce, sizeof ask->nonce);
    return true;
}

/* grow asks for more memory than a judge may have; where it gets it, the judge answers. */
static bool grow(void)
{
    void *p = malloc((size_t)1 << 30);
    bool got = p != NULL;
    free(p);
    return got;
}

static void wicked(char what, const struct judge_ask *ask, struct token_record *record, int *report)
{
    char *const none[] = {NULL};
    struct timespec t = {0};
    if (what == 'o')
        (void)!open("/dev/null", O_RDONLY);
    if (what == 's')
        socket(AF_INET, SOCK_STREAM, 0);
    if (what == 'e')
        execve("/bin/true", none, none);
    if (what == 'k')
        kill(getppid(), SIGKILL);
    if (what == 'c')
        __builtin_trap();
    for (volatile int hang = what == 'h'; hang;)
        ;
    if (what == 'p')
        record->policy[0] ^= 1;
    if (what == 't')
        record->at++;
    if (what == 'n')
        record->nonce[0] ^= 1;
    if (what == 'a')
        record->archived = 0, record->trusted = record->sound = 1, record->exit = 0;
    if (what == 'u') {
        close(*report);
        *report = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    clock_gettime(CLOCK_MONOTONIC, &t);
    if (what == 'l')
        record->claims_set = (uint32_t)t.tv_nsec;
    (void)ask;
}

/* work does what the evidence's first letter says, and answers as if nothing had been. */
static bool work(const struct serve_world *world, const struct judge_ask *ask,
                 const struct judge_given *given, struct token_record *record, int *report)
{
    if (!honest(world, ask, record, report))
        return false;
    if (given->evidence.p[0] == 'g' && !grow())
        return false;
    wicked((char)given->evidence.p[0], ask, record, report);
    return true;
}

static int start(void **state)
{
    struct served *s = calloc(1, sizeof *s);
    served_load(s, CONFIGURATION);
    served_start(s, work);
    *state = s;
    return 0;
}

static int stop(void **state)
{
    served_stop(*state);
    free(*state);
    return 0;
}

static void a_challenge_is_answered_once(void **state)
{
    const struct served *s = *state;
    char out[TALK_FDS][4096];
    struct talk_answer c = served_challenge(s, "");
    assert_int_equal(c.status, TALK_DONE);
    assert_string_equal(c.policy, "a");
    assert_int_equal(c.nonce_size, 32);
    struct talk_ask ask = served_appraise(&c);
    ask.id = 7;
    served_send(s, &ask, "well");
    struct talk_answer a = served_answer(s, out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.id, 7);
    assert_int_equal(a.exit, 0);
    assert_memory_equal(out[0], c.nonce, 32);
    assert_int_equal(served_ask(s, &ask, "well").status, TALK_SPENT);
    assert_memory_not_equal(served_challenge(s, "").nonce, c.nonce, 32);
}

static void a_session_that_failed_is_spent_too(void **state)
{
    const struct served *s = *state;
    struct talk_answer c = served_challenge(s, "a");
    const struct talk_ask ask = served_appraise(&c);
    assert_int_equal(served_ask(s, &ask, "crash").status, TALK_JUDGE_FAILED);
    assert_int_equal(served_ask(s, &ask, "well").status, TALK_SPENT);
}

static void another_process_did_not_issue_it(void **state)
{
    struct served other;
    struct talk_answer c = served_challenge(*state, "a");
    const struct talk_ask ask = served_appraise(&c);
    served_load(&other, CONFIGURATION);
    served_start(&other, work);
    assert_int_equal(served_ask(&other, &ask, "well").status, TALK_NO_SESSION);
    served_stop(&other);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
}

static void a_session_with_one_letter_changed_is_none(void **state)
{
    struct talk_answer c = served_challenge(*state, "a");
    for (size_t i = 0; c.session[i]; i++) {
        struct talk_ask ask = served_appraise(&c);
        ask.session[i] = ask.session[i] == 'A' ? 'B' : 'A';
        assert_int_equal(served_ask(*state, &ask, "well").status, TALK_NO_SESSION);
    }
}

static void an_answer_after_120_s_is_late(void **state)
{
    struct talk_answer early = served_challenge(*state, "a"), late = served_challenge(*state, "a");
    struct talk_ask ask = served_appraise(&early);
    served_clock()->both = 119;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
    served_clock()->both = 122;
    ask = served_appraise(&late);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_EXPIRED);
}

/* The wall's clock has no say in the age of N, or setting it would make an old N young. */
static void what_is_spent_stays_so_while_its_nonce_lives(void **state)
{
    struct talk_answer c = served_challenge(*state, "a"), other;
    struct talk_ask ask = served_appraise(&c);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
    for (int i = 1; i < 4; i++) {
        served_clock()->both = 30 * i;
        other = served_challenge(*state, "a");
        struct talk_ask fresh = served_appraise(&other);
        assert_int_equal(served_ask(*state, &fresh, "well").status, TALK_DONE);
        assert_int_equal(served_ask(*state, &ask, "well").status, TALK_SPENT);
    }
}

static void the_challenge_of_another_policy_is_refused(void **state)
{
    struct talk_answer c = served_challenge(*state, "a");
    struct talk_ask ask = served_appraise(&c);
    strcpy(ask.policy, "b");
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_OTHER_POLICY);
    strcpy(ask.policy, "a");
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
    assert_int_equal(served_challenge(*state, "c").status, TALK_NO_POLICY);
}

static void the_party_s_nonce_is_given_again(void **state)
{
    struct talk_ask ask = {.kind = TALK_CHALLENGE, .party_nonce = "mine", .party_nonce_size = 4};
    struct talk_answer c = served_ask(*state, &ask, NULL);
    ask = served_appraise(&c);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_NONCE_MISMATCH);
    memcpy(ask.party_nonce, "mind", 4);
    ask.party_nonce_size = 4;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_NONCE_MISMATCH);
    memcpy(ask.party_nonce, "mine", 4);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
}

static void nonces_have_32_to_64_bytes(void **state)
{
    for (uint32_t size = 30; size < 67; size++) {
        const struct talk_ask ask = {.kind = TALK_CHALLENGE, .nonce_size = size};
        struct talk_answer c = served_ask(*state, &ask, NULL);
        bool good = size >= 32 && size <= 64;
        assert_int_equal(c.status, good ? TALK_DONE : TALK_NONCE_SIZE);
        assert_int_equal(c.nonce_size, good ? size : 0);
    }
}

/* Clients read base64 or base64url, padded or not: a text that is the same in all of them, at every second. */
static void some_sizes_read_alike_in_every_alphabet(void **state)
{
    static const uint32_t sizes[] = {33, 48, 63};
    for (int second = 0; second < 300; second++) {
        const struct talk_ask ask = {.kind = TALK_CHALLENGE, .nonce_size = sizes[second % 3]};
        char text[128];
        served_clock()->both = second;
        struct talk_answer c = served_ask(*state, &ask, NULL);
        assert_int_equal(c.status, TALK_DONE);
        text_base64(text, span_of(c.nonce, c.nonce_size));
        assert_null(strpbrk(text, "+/="));
    }
}

/* DESIGN: service, 3: a nonce of another length than 32 enters every formula as a hash. */
static void a_nonce_of_48_bytes_reaches_the_judge_as_its_hash(void **state)
{
    const struct talk_ask ask = {.kind = TALK_CHALLENGE, .nonce_size = 48};
    struct talk_answer c = served_ask(*state, &ask, NULL);
    char out[TALK_FDS][4096];
    uint8_t want[32];
    struct talk_ask appraise = served_appraise(&c);
    assert_true(digest2(HASH_SHA256, span_of("situs/n/2", 10), span_of(c.nonce, 48), want));
    served_send(*state, &appraise, "well");
    assert_int_equal(served_answer(*state, out).status, TALK_DONE);
    assert_memory_equal(out[0], want, 32);
}

static void archived_evidence_has_a_report_and_no_token(void **state)
{
    struct talk_ask ask = {.kind = TALK_APPRAISE};
    struct talk_answer a = served_ask(*state, &ask, "well");
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.exit, 6);
    assert_int_equal(a.descriptors, 1);
    ask.want_token = 1;
    a = served_ask(*state, &ask, "well");
    assert_int_equal(a.status, TALK_NO_TOKEN);
    assert_string_equal(a.detail, "evidence of a session");
    ask.want_token = 0;
    assert_int_equal(served_ask(*state, &ask, "archived").status, TALK_JUDGE_FAILED);
}

/* Each of these fails alone: an honest request beside it and the next one are answered. */
static void a_judge_s_failure_is_its_own_request_s(void **state)
{
    static const char *const evidence[] = {"crash", "hang",   "grow", "open", "socket",  "execve",
                                           "kill",  "policy", "time", "n",    "unsealed"};
    for (size_t i = 0; i < sizeof evidence / sizeof *evidence; i++) {
        struct talk_answer bad = served_challenge(*state, "a"),
                           good = served_challenge(*state, "b");
        struct talk_ask first = served_appraise(&bad), second = served_appraise(&good);
        enum talk_status status[2] = {TALK_STATUSES, TALK_STATUSES};
        second.id = 1;
        served_send(*state, &first, evidence[i]);
        served_send(*state, &second, "well");
        for (int n = 0; n < 2; n++) {
            struct talk_answer a = served_answer(*state, NULL);
            assert_true(a.id < 2);
            status[a.id] = (enum talk_status)a.status;
        }
        assert_int_equal(status[0], TALK_JUDGE_FAILED);
        assert_int_equal(status[1], TALK_DONE);
    }
}

static void a_judge_may_compute_and_answer(void **state)
{
    struct talk_answer c = served_challenge(*state, "a");
    const struct talk_ask ask = served_appraise(&c);
    assert_int_equal(served_ask(*state, &ask, "z").status, TALK_DONE);
}

static void a_clock_that_goes_back_stops_everything_until_it_is_right(void **state)
{
    struct talk_answer c = served_challenge(*state, "a");
    const struct talk_ask ask = served_appraise(&c), ready = {.kind = TALK_READY};
    served_clock()->wall = -60;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_CLOCK);
    assert_int_equal(served_challenge(*state, "a").status, TALK_CLOCK);
    assert_int_equal(served_ask(*state, &ready, NULL).status, TALK_CLOCK);
    served_clock()->wall = 0;
    assert_int_equal(served_ask(*state, &ready, NULL).status, TALK_DONE);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
    served_clock()->wall = 3600;
    assert_int_equal(served_challenge(*state, "a").status, TALK_DONE);
    served_clock()->wall = 0;
    assert_int_equal(served_challenge(*state, "a").status, TALK_CLOCK);
}

/* More than can be at work: those that find no place are told at once, and spend nothing. */
static void who_finds_no_place_may_come_again(void **state)
{
    struct talk_answer c[6];
    struct talk_ask ask;
    size_t busy = 0, failed = 0;
    for (size_t i = 0; i < 6; i++)
        c[i] = served_challenge(*state, "a");
    for (size_t i = 0; i < 6; i++) {
        ask = served_appraise(&c[i]);
        ask.id = i;
        served_send(*state, &ask, "hang");
    }
    for (size_t i = 0; i < 6; i++) {
        struct talk_answer a = served_answer(*state, NULL);
        busy += a.status == TALK_BUSY && a.retry_after > 0;
        failed += a.status == TALK_JUDGE_FAILED;
        if (a.status == TALK_BUSY)
            c[0] = c[a.id];
    }
    assert_int_equal(busy, 2);
    assert_int_equal(failed, 4);
    ask = served_appraise(&c[0]);
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
}

static void what_a_front_may_not_say_is_malformed(void **state)
{
    struct talk_ask ask = {.kind = TALK_KINDS};
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_MALFORMED);
    ask = (struct talk_ask){.kind = TALK_APPRAISE};
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_MALFORMED);
    assert_int_equal(served_ask(*state, &ask, "").status, TALK_MALFORMED);
    ask.channel_size = TALK_CHANNEL + 1;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_MALFORMED);
    ask = (struct talk_ask){.kind = TALK_CHALLENGE, .party_nonce_size = TALK_NONCE + 1};
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_MALFORMED);
    ask = (struct talk_ask){.kind = TALK_CHALLENGE};
    memset(ask.policy, 'a', sizeof ask.policy);
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_MALFORMED);
    assert_int_equal(served_challenge(*state, "a").status, TALK_DONE);
}

/* What is out can be looked at, and taken back. */
static void a_challenge_can_be_looked_at_and_forgotten(void **state)
{
    const struct talk_ask wanted = {.kind = TALK_CHALLENGE, .nonce_size = 48};
    struct talk_answer c = served_ask(*state, &wanted, NULL);
    struct talk_ask ask = served_appraise(&c);
    ask.kind = TALK_LOOK;
    struct talk_answer a = served_ask(*state, &ask, NULL);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.nonce_size, 48);
    assert_memory_equal(a.nonce, c.nonce, 48);
    assert_string_equal(a.session, c.session);
    assert_string_equal(a.policy, "a");
    assert_in_range(a.until, c.until - 5, c.until + 1);
    ask.kind = TALK_FORGET;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_DONE);
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_DONE);
    ask.kind = TALK_LOOK;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_SPENT);
    ask.kind = TALK_APPRAISE;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_SPENT);
    ask.session[0] ^= 1;
    ask.kind = TALK_LOOK;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_NO_SESSION);
    ask.kind = TALK_FORGET;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_NO_SESSION);
    c = served_challenge(*state, "a");
    ask = served_appraise(&c);
    served_clock()->both = 122;
    ask.kind = TALK_LOOK;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_EXPIRED);
}

/* A challenge and its end are two requests and no work: they must not take the room of those who answer. */
static void who_forgets_leaves_room_for_who_answers(void **state)
{
    struct keeper_spent s;
    uint8_t id[16] = {[15] = 1};
    (void)state;
    assert_true(keeper_spent_new(&s));
    for (uint32_t i = 0; i < KEEPER_SPENT_FORGOTTEN; i++) {
        memcpy(id, &i, sizeof i);
        assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_FORGOTTEN), KEEPER_SPENT_NEW);
    }
    id[8] = 1;
    assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_FORGOTTEN), KEEPER_SPENT_FULL);
    assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_MOST), KEEPER_SPENT_NEW);
    assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_MOST), KEEPER_SPENT_AGAIN);
    while (s.n < KEEPER_SPENT_MOST) {
        memcpy(id, &s.n, sizeof s.n);
        assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_MOST), KEEPER_SPENT_NEW);
    }
    id[8] = 2; /* nor do all of them take that of watched machines */
    assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_MOST), KEEPER_SPENT_FULL);
    assert_int_equal(keeper_spent_take(&s, id, 1000, KEEPER_SPENT_WATCHED), KEEPER_SPENT_NEW);
    keeper_spent_free(&s);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, start, stop)

static void a_list_for_which_there_is_no_count_is_not_current(void **state)
{
    static struct serve_seen_set full;
    static struct serve_number row = {.seen = {.kind = "ppid", .number = 1}};
    struct situs_err err = {0};
    (void)state;
    for (size_t i = 0; i < SERVE_SEEN; i++) {
        static struct serve_seen other = {.kind = "ppid", .number = 1};
        snprintf(other.facility, sizeof other.facility, "%zu", i);
        assert_true(serve_seen_raise(&full, &other));
    }
    assert_false(serve_seen_raise(&full, &row.seen));
    assert_false(serve_seen_current(&row, 1, 0, &full, &err));
    assert_int_equal(err.code, SITUS_TOO_LONG);
    assert_string_equal(err.part, "ppid");
    assert_string_equal(err.field, "number");
    full.n--;
    err = (struct situs_err){0};
    assert_true(serve_seen_raise(&full, &row.seen));
    assert_true(serve_seen_current(&row, 1, 0, &full, &err));
}

/* Nobody below one anchor takes the places of another's. */
static void an_anchor_has_places_of_its_own(void **state)
{
    static struct serve_seen_set set;
    static struct serve_seen of[] = {{.kind = "ppid", .anchor = "a", .number = 1},
                                     {.kind = "ppid", .anchor = "b", .number = 1}};
    (void)state;
    set.most = 4;
    for (size_t i = 0; i < 5; i++) {
        snprintf(of[0].facility, sizeof of[0].facility, "%zu", i);
        assert_int_equal(serve_seen_raise(&set, &of[0]), i < 4);
    }
    assert_true(serve_seen_raise(&set, &of[1]));
    strcpy(of[0].facility, "0");
    of[0].number = 2;
    assert_true(serve_seen_raise(&set, &of[0])); /* what is there rises */
    assert_int_equal(set.v[0].number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_challenge_is_answered_once),
        SERVED(a_session_that_failed_is_spent_too),
        SERVED(another_process_did_not_issue_it),
        SERVED(a_session_with_one_letter_changed_is_none),
        SERVED(an_answer_after_120_s_is_late),
        SERVED(what_is_spent_stays_so_while_its_nonce_lives),
        SERVED(the_challenge_of_another_policy_is_refused),
        SERVED(the_party_s_nonce_is_given_again),
        SERVED(nonces_have_32_to_64_bytes),
        SERVED(some_sizes_read_alike_in_every_alphabet),
        SERVED(a_nonce_of_48_bytes_reaches_the_judge_as_its_hash),
        SERVED(archived_evidence_has_a_report_and_no_token),
        SERVED(a_judge_s_failure_is_its_own_request_s),
        SERVED(a_judge_may_compute_and_answer),
        SERVED(a_clock_that_goes_back_stops_everything_until_it_is_right),
        SERVED(who_finds_no_place_may_come_again),
        SERVED(what_a_front_may_not_say_is_malformed),
        SERVED(a_challenge_can_be_looked_at_and_forgotten),
        cmocka_unit_test(who_forgets_leaves_room_for_who_answers),
        cmocka_unit_test(a_list_for_which_there_is_no_count_is_not_current),
        cmocka_unit_test(an_anchor_has_places_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
