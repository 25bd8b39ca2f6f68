/* What the keeper signs, and what it does not: two fresh judges that agree, and a policy with a key. */
#include "codec/base64url.h"
#include "model/policy.h"
#include "support/served.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CONFIGURATION                                                                             \
    "{\"listen\": \"127.0.0.1:0\", \"base\": \"https://v.example\", \"judges\": \"%s\", "         \
    "\"policies\": {"                                                                             \
    "\"a\": {\"policy\": \"genuine\", \"key\": \"%s\", \"audience\": \"https://api.example\"%s}," \
    "\"b\": {\"policy\": \"genuine\"}}, \"limits\": {\"judges\": 2}, \"deadlines\": "             \
    "{\"judge_ms\": 2000}}"

#define PARTY ", \"challenger\": \"relying-party\""

/* work says of evidence that begins with "w" that it is trusted; "l" lies, each judge something else; "r" is refused;
 * "k" is for no key; "q" is of a genuine machine, and "g" of one that is listed, too; a judge that was asked before trusts nothing. */
static bool work(const struct serve_world *world, const struct judge_ask *ask,
                 const struct judge_given *given, struct token_record *record, int *report)
{
    static bool asked;
    struct timespec t = {0};
    record->at = ask->at;
    record->until = RECORD_NO_END;
    record->trusted = !asked && given->evidence.p[0] != 'r';
    record->sound = record->trusted;
    record->exit = record->trusted ? 0 : 4;
    record->has_channel = given->evidence.p[0] != 'k';
    memset(record->channel, 7, sizeof record->channel);
    record->archived = ask->archived != 0;
    memcpy(record->policy, world->loaded[ask->policy].sha256, sizeof record->policy);
    memcpy(record->nonce, ask->nonce, sizeof record->nonce);
    if (strchr("gq", given->evidence.p[0])) {
        record->holds = PROOF_GENUINE;
        record->machine_size = 16;
        record->listed = given->evidence.p[0] == 'g';
        memset(record->machine, 0xab, 16);
        memset(record->evidence, 0xcd, 32);
        strcpy(record->label, "hall 4");
    }
    clock_gettime(CLOCK_MONOTONIC, &t);
    if (given->evidence.p[0] == 'l')
        record->claims[0][0] = (uint8_t)(t.tv_nsec >> 4), record->claims[0][1] = (uint8_t)t.tv_nsec;
    *report = ask->report ? talk_memory("{}", 2) : -1;
    asked = true;
    return true;
}

/* second is what judges of the second build do, where there are some: "d" differs, "c" crashes, "h" hangs, "g" grows. */
static bool second(const struct serve_world *world, const struct judge_ask *ask,
                   const struct judge_given *given, struct token_record *record, int *report)
{
    uint8_t what = given->evidence.p[0];
    if (what == 'c')
        __builtin_trap();
    for (volatile bool hang = what == 'h'; hang;)
        ;
    void *more = what == 'g' ? malloc((size_t)1 << 30) : NULL;
    bool ok = (what != 'g' || more) && work(world, ask, given, record, report);
    free(more);
    record->claims_set += what == 'd';
    return ok;
}

static void begin(void **state, const char *judges, const char *more)
{
    struct served *s = calloc(1, sizeof *s);
    char path[64], text[1024];
    snprintf(path, sizeof path, "/tmp/serve-key-%d", (int)getpid());
    served_key(path);
    snprintf(text, sizeof text, CONFIGURATION, judges, path, more);
    served_load(s, text);
    served_start_two(s, work, second);
    const struct talk_ask ready = {.kind = TALK_READY};
    assert_int_equal(served_ask(s, &ready, NULL).status, TALK_DONE);
    unlink(path);
    *state = s;
}

/* What the alliance's signer has to itself: policy b, which has a list, and a key. */
static int start_alliance(void **state)
{
    struct served *s = calloc(1, sizeof *s);
    char key[64], list[64], text[1024];
    snprintf(key, sizeof key, "/tmp/serve-key-%d", (int)getpid());
    snprintf(list, sizeof list, "/tmp/serve-list-%d", (int)getpid());
    served_key(key);
    assert_true(file_write(list, SPAN_LIT("000102030405060708090a0b0c0d0e0f,another\n"),
                           &(struct situs_err){0}));
    snprintf(text, sizeof text,
             "{\"listen\": \"127.0.0.1:0\", \"base\": \"https://v.example\", "
             "\"policies\": {\"b\": {\"policy\": \"genuine\", \"endorsements\": [\"%s\"]}}, "
             "\"limits\": {\"judges\": 2}, "
             "\"alliance\": {\"policy\": \"b\", \"key\": \"%s\", "
             "\"audience\": \"https://api.example\", \"moniker\": \"one\"}}",
             list, key);
    served_load(s, text);
    served_start(s, work);
    const struct talk_ask ready = {.kind = TALK_READY};
    assert_int_equal(served_ask(s, &ready, NULL).status, TALK_DONE);
    unlink(key);
    unlink(list);
    *state = s;
    return 0;
}

static int start(void **state)
{
    begin(state, "two", PARTY);
    return 0;
}

static int start_one(void **state)
{
    begin(state, "one", PARTY);
    return 0;
}

static int start_builds(void **state)
{
    begin(state, "two-builds", PARTY);
    return 0;
}

/* One key signs, one will, and one did. */
static int start_keys(void **state)
{
    char next[64], last[64], more[192];
    snprintf(next, sizeof next, "/tmp/serve-next-%d", (int)getpid());
    snprintf(last, sizeof last, "/tmp/serve-last-%d", (int)getpid());
    snprintf(more, sizeof more, ", \"next_key\": \"%s\", \"last_key\": \"%s\"", next, last);
    served_key(next);
    served_key(last);
    begin(state, "two-builds", more);
    unlink(next);
    unlink(last);
    return 0;
}

static int start_bearer(void **state)
{
    begin(state, "two-builds", ", \"bearer\": true");
    return 0;
}

static int stop(void **state)
{
    served_stop(*state);
    free(*state);
    return 0;
}

static struct talk_answer sign(const struct served *s, const char *policy, const char *evidence,
                               char out[TALK_FDS][4096])
{
    struct talk_answer c = served_challenge(s, policy);
    struct talk_ask ask = served_appraise(&c);
    ask.want_token = 1;
    served_send(s, &ask, evidence);
    return served_answer(s, out);
}

/* payload is the claims of a compact JWS, as text. */
static const char *payload(const char *token)
{
    static char text[4096];
    size_t n = 0;
    const char *from = strchr(token, '.') + 1;
    assert_true(
        base64url_read((uint8_t *)text, sizeof text - 1, &n, span_of(from, strcspn(from, "."))));
    text[n] = 0;
    return text;
}

static void what_two_judges_agree_on_is_signed(void **state)
{
    char out[TALK_FDS][4096];
    struct talk_answer a = sign(*state, "a", "well", out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.descriptors, 1);
    const char *claims = payload(out[0]);
    assert_non_null(strstr(claims, "\"iss\":\"https://v.example/p/a\""));
    assert_non_null(strstr(claims, "\"aud\":\"https://api.example\""));
    a = sign(*state, "a", "refused", out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.exit, 4);
    assert_null(strstr(payload(out[0]), "affirming"));
}

static void what_they_do_not_agree_on_is_not(void **state)
{
    char out[TALK_FDS][4096];
    struct talk_answer a = sign(*state, "a", "lie", out);
    assert_int_equal(a.status, TALK_JUDGES_DIFFER);
    assert_int_equal(a.descriptors, 0);
    assert_int_equal(sign(*state, "a", "well", out).status, TALK_DONE);
}

/* A judge that saw other evidence before is asked for no token. */
static void judges_are_fresh(void **state)
{
    char out[TALK_FDS][4096];
    for (int i = 0; i < 6; i++) {
        struct talk_answer c = served_challenge(*state, "b");
        const struct talk_ask ask = served_appraise(&c);
        assert_int_equal(served_ask(*state, &ask, "well").status, TALK_DONE);
        struct talk_answer a = sign(*state, "a", "well", out);
        assert_int_equal(a.status, TALK_DONE);
        assert_int_equal(a.exit, 0);
    }
}

static void one_judge_may_be_enough_and_the_token_says_so(void **state)
{
    char out[TALK_FDS][4096], two[4096];
    assert_int_equal(sign(*state, "a", "lie", out).status, TALK_DONE);
    strcpy(two, payload(out[0]));
    assert_non_null(strstr(two, "judges\":1,\"situs_builds\":1"));
}

/* Where two builds must agree, what the second says, or does, decides as much as what the first does. */
static void the_second_build_is_asked_for_tokens(void **state)
{
    static const struct {
        const char *evidence;
        enum talk_status status;
    } rows[] = {{"d: it says otherwise", TALK_JUDGES_DIFFER},
                {"crash", TALK_JUDGE_FAILED},
                {"hang", TALK_JUDGE_FAILED},
                {"grow", TALK_JUDGE_FAILED}};
    char out[TALK_FDS][4096];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk_answer a = sign(*state, "a", rows[i].evidence, out);
        assert_int_equal(a.status, rows[i].status);
        assert_int_equal(a.descriptors, 0);
        assert_int_equal(sign(*state, "a", "well", out).status, TALK_DONE);
        assert_non_null(strstr(payload(out[0]), "judges\":2,\"situs_builds\":2"));
    }
}

static void two_judges_of_one_build_say_so(void **state)
{
    char out[TALK_FDS][4096];
    assert_int_equal(sign(*state, "a", "d: no second build says otherwise", out).status, TALK_DONE);
    assert_non_null(strstr(payload(out[0]), "judges\":2,\"situs_builds\":1"));
}

static void who_has_no_key_signs_nothing(void **state)
{
    char out[TALK_FDS][4096];
    assert_int_equal(sign(*state, "b", "well", out).status, TALK_NO_TOKEN);
    assert_int_equal(sign(*state, "a", "k: for nobody", out).status, TALK_NO_HOLDER);
    struct talk_ask ask = {.kind = TALK_KEYS, .policy = "b"};
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_NO_POLICY);
    ask.kind = TALK_DISCOVERY;
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_NO_POLICY);
}

static void archived_evidence_is_never_signed(void **state)
{
    const struct talk_ask ask = {.kind = TALK_APPRAISE, .policy = "a", .want_token = 1};
    struct talk_answer a = served_ask(*state, &ask, "well");
    assert_int_equal(a.status, TALK_NO_TOKEN);
    assert_int_equal(a.descriptors, 0);
}

/* What a look at an answered session shows is the token that its answer had, as long as it is kept. */
static void an_answered_session_shows_its_token(void **state)
{
    char out[TALK_FDS][4096], again[TALK_FDS][4096];
    struct talk_answer c = served_challenge(*state, "a");
    struct talk_ask ask = served_appraise(&c);
    ask.want_token = 1;
    served_send(*state, &ask, "well");
    assert_int_equal(served_answer(*state, out).status, TALK_DONE);
    struct talk_ask look = {.kind = TALK_LOOK}, forget = {.kind = TALK_FORGET};
    strcpy(look.session, c.session);
    strcpy(forget.session, c.session);
    for (int i = 0; i < 2; i++) {
        served_send(*state, &look, NULL);
        struct talk_answer a = served_answer(*state, again);
        assert_int_equal(a.status, TALK_DONE);
        assert_int_equal(a.descriptors, 1);
        assert_memory_equal(a.nonce, c.nonce, c.nonce_size);
        assert_string_equal(again[0], out[0]);
    }
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_SPENT);
    assert_int_equal(served_ask(*state, &forget, NULL).status, TALK_DONE);
    assert_int_equal(served_ask(*state, &look, NULL).status, TALK_SPENT);
}

/* The eldest gives way, and nothing of a report is kept. */
static void only_the_last_tokens_are_kept(void **state)
{
    struct keeper_results r;
    uint8_t id[16] = {0};
    (void)state;
    keeper_results_new(&r);
    assert_int_equal(keeper_results_find(&r, id), -1);
    for (uint8_t i = 0; i <= KEEPER_RESULTS; i++) {
        id[0] = i;
        keeper_results_add(&r, id, talk_memory(&i, 1));
    }
    assert_true(keeper_results_find(&r, id) != -1);
    id[0] = 1;
    assert_true(keeper_results_find(&r, id) != -1);
    id[0] = 0;
    assert_int_equal(keeper_results_find(&r, id), -1);
    keeper_results_free(&r);
    id[0] = 1;
    assert_int_equal(keeper_results_find(&r, id), -1);
}

static struct talk_answer take(const struct served *s, const char *policy, const void *n,
                               size_t size)
{
    struct talk_ask ask = {.kind = TALK_TAKE, .party_nonce_size = (uint32_t)size};
    strcpy(ask.policy, policy);
    memcpy(ask.party_nonce, n, size);
    return served_ask(s, &ask, NULL);
}

/* N of the relying party's own: only where the policy says so, and the token says whose it was and has it. */
static void a_nonce_of_the_relying_party_is_taken_where_it_may(void **state)
{
    static const uint8_t n[64] = "12345678 and more than that, up to sixty-four bytes of it";
    char out[TALK_FDS][4096];
    assert_int_equal(take(*state, "b", n, 32).status, TALK_NONCE_PARTY);
    assert_int_equal(take(*state, "a", n, 7).status, TALK_MALFORMED);
    assert_int_equal(take(*state, "a", (const uint8_t[32]){0}, 32).status, TALK_MALFORMED);
    for (size_t size = 8; size <= 64; size += 8) {
        struct talk_answer c = take(*state, "a", n, size);
        assert_int_equal(c.status, TALK_DONE);
        assert_int_equal(c.nonce_size, size);
        assert_memory_equal(c.nonce, n, size);
        struct talk_ask ask = served_appraise(&c);
        ask.want_token = 1;
        served_send(*state, &ask, "well");
        assert_int_equal(served_answer(*state, out).status, TALK_DONE);
        const char *claims = payload(out[0]);
        assert_non_null(strstr(claims, "\"situs_challenger\":\"relying-party\""));
        char nonce[128] = {0}, want[160];
        struct wr w = wr_new(nonce, sizeof nonce - 1);
        base64url_write(&w, span_of(n, size));
        snprintf(want, sizeof want, "\"eat_nonce\":\"%s\"", nonce);
        assert_non_null(strstr(claims, want));
        assert_int_equal(served_ask(*state, &ask, "well").status, TALK_SPENT);
    }
    assert_int_equal(sign(*state, "a", "well", out).status, TALK_DONE);
    assert_non_null(strstr(payload(out[0]), "\"situs_challenger\":\"verifier\""));
}

/* No letter of a session's text may be another, least of all of N in it. */
static void a_taken_session_with_one_letter_changed_is_none(void **state)
{
    const struct talk_answer c = take(*state, "a", "12345678", 8);
    assert_int_equal(strlen(c.session), 178);
    for (size_t i = 0; c.session[i]; i++) {
        struct talk_ask ask = served_appraise(&c);
        ask.session[i] = ask.session[i] == 'A' ? 'B' : 'A';
        assert_int_equal(served_ask(*state, &ask, "well").status, TALK_NO_SESSION);
    }
    struct talk_ask ask = served_appraise(&c);
    ask.party_nonce_size = 8;
    assert_int_equal(served_ask(*state, &ask, "well").status, TALK_NONCE_MISMATCH);
}

static void keys_and_discovery_are_the_policy_s(void **state)
{
    char out[TALK_FDS][4096];
    struct talk_ask ask = {.kind = TALK_KEYS, .policy = "a"};
    served_send(*state, &ask, NULL);
    struct talk_answer a = served_answer(*state, out);
    assert_int_equal(a.status, TALK_DONE);
    assert_non_null(strstr(out[0], "\"keys\":[{"));
    assert_null(strstr(out[0], "\"d\""));
    ask.kind = TALK_DISCOVERY;
    a = served_ask(*state, &ask, NULL);
    assert_string_equal(a.issuer, "https://v.example/p/a");
    assert_string_equal(a.audience, "https://api.example");
    assert_string_equal(a.algorithm, "ES256");
}

/* Whoever has the key set of before, or of after, finds the key of a token in it. */
static void keys_overlap(void **state)
{
    char keys[TALK_FDS][4096], out[TALK_FDS][4096], header[512] = {0};
    served_send(*state, &(struct talk_ask){.kind = TALK_KEYS, .policy = "a"}, NULL);
    assert_int_equal(served_answer(*state, keys).status, TALK_DONE);
    size_t n = 0, kids = 0;
    for (const char *at = keys[0]; (at = strstr(at, "\"kid\"")); at++)
        kids++;
    assert_int_equal(kids, 3);
    assert_int_equal(sign(*state, "a", "well", out).status, TALK_DONE);
    assert_true(base64url_read((uint8_t *)header, sizeof header - 1, &n,
                               span_of(out[0], strcspn(out[0], "."))));
    *strstr(strstr(header, "\"kid\""), ",\"typ\"") = 0;
    assert_true(strstr(keys[0], strstr(header, "\"kid\"")) < strchr(keys[0], '}'));
}

/* What a token must say to let somebody in is the configuration's, and the time the keeper's. */
static void discovery_says_what_a_token_must(void **state)
{
    const struct served *s = *state;
    char out[TALK_FDS][4096];
    const struct talk_ask ask = {.kind = TALK_DISCOVERY, .policy = "a"};
    int64_t now = (int64_t)time(NULL);
    served_clock()->both = 5000;
    served_send(s, &ask, NULL);
    struct talk_answer a = served_answer(s, out);
    assert_int_equal(a.descriptors, 1);
    assert_non_null(strstr(out[0], "\"keys\":[{"));
    assert_memory_equal(a.policy_sha256, s->world->loaded[0].sha256, 32);
    assert_int_equal(a.proofs, PROOF_GENUINE);
    assert_int_equal(a.bearer, s->world->config.policies[0].bearer);
    assert_true(a.at >= now + 5000);
    served_clock()->wall = -10;
    assert_int_equal(served_ask(s, &ask, NULL).status, TALK_CLOCK);
}

static struct talk_answer show(const struct served *s, const char *quote, bool sign,
                               char out[TALK_FDS][4096])
{
    struct talk_ask ask = {.kind = TALK_ALLIANCE, .want_token = sign};
    served_send(s, &ask, quote);
    return served_answer(s, out);
}

/* What one of many signers of the alliance answers, with a key, a typ and an audience of its own. */
static void the_alliance_s_signer_signs_what_is_listed(void **state)
{
    char out[TALK_FDS][4096];
    struct talk_answer a = show(*state, "g", true, out);
    assert_int_equal(a.status, TALK_DONE);
    assert_int_equal(a.descriptors, 1);
    assert_non_null(strstr(out[0], "{\"machineId\":\"abababab"));
    assert_non_null(strstr(out[0], "\"label\":\"hall 4\",\"jwt\":\"ey"));
    assert_non_null(strstr(out[0], "\"moniker\":\"one\",\"nonce\":\""));
    const char *claims = payload(strstr(out[0], "ey"));
    assert_non_null(strstr(claims, "{\"quote_hash\":\"cdcdcdcd"));
    assert_non_null(strstr(claims, "\"iss\":\"https://v.example/alliance\","
                                   "\"aud\":\"https://api.example\""));
    a = show(*state, "g", false, out);
    assert_int_equal(a.status, TALK_DONE);
    assert_string_equal(out[0], "{\"whitelisted\":true,"
                                "\"machine_id\":\"abababababababababababababababab\"}");
}

static void the_alliance_s_signer_signs_nothing_else(void **state)
{
    char out[TALK_FDS][4096];
    assert_int_equal(show(*state, "q", true, out).status, TALK_NOT_LISTED);
    assert_int_equal(show(*state, "well", true, out).status, TALK_NOT_GENUINE);
    assert_int_equal(show(*state, "lie", true, out).status, TALK_JUDGES_DIFFER);
    assert_int_equal(show(*state, "q", false, out).status, TALK_DONE);
    assert_non_null(strstr(out[0], "{\"whitelisted\":false,"));
    assert_int_equal(show(*state, "well", false, out).status, TALK_NOT_GENUINE);
    struct talk_ask ask = {.kind = TALK_APPRAISE, .policy = "b", .want_token = 1};
    assert_int_equal(served_ask(*state, &ask, "g").status, TALK_NO_TOKEN);
    served_send(*state, &(struct talk_ask){.kind = TALK_ALLIANCE_KEYS}, NULL);
    struct talk_answer a = served_answer(*state, out);
    assert_non_null(strstr(out[0], "\"keys\":[{"));
    assert_string_equal(a.issuer, "https://v.example/alliance");
    assert_string_equal(a.audience, "https://api.example");
}

static void without_a_signer_there_is_none(void **state)
{
    char out[TALK_FDS][4096];
    assert_int_equal(show(*state, "g", true, out).status, TALK_NO_POLICY);
    assert_int_equal(show(*state, "g", false, out).status, TALK_NO_POLICY);
    struct talk_ask ask = {.kind = TALK_ALLIANCE_KEYS};
    assert_int_equal(served_ask(*state, &ask, NULL).status, TALK_NO_POLICY);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(what_two_judges_agree_on_is_signed),
        SERVED(what_they_do_not_agree_on_is_not),
        SERVED(judges_are_fresh),
        cmocka_unit_test_setup_teardown(one_judge_may_be_enough_and_the_token_says_so, start_one,
                                        stop),
        cmocka_unit_test_setup_teardown(the_second_build_is_asked_for_tokens, start_builds, stop),
        cmocka_unit_test_setup_teardown(judges_are_fresh, start_builds, stop),
        SERVED(two_judges_of_one_build_say_so),
        SERVED(who_has_no_key_signs_nothing),
        SERVED(archived_evidence_is_never_signed),
        SERVED(keys_and_discovery_are_the_policy_s),
        SERVED(an_answered_session_shows_its_token),
        cmocka_unit_test(only_the_last_tokens_are_kept),
        SERVED(a_nonce_of_the_relying_party_is_taken_where_it_may),
        SERVED(a_taken_session_with_one_letter_changed_is_none),
        SERVED(discovery_says_what_a_token_must),
        cmocka_unit_test_setup_teardown(the_alliance_s_signer_signs_what_is_listed, start_alliance,
                                        stop),
        cmocka_unit_test_setup_teardown(the_alliance_s_signer_signs_nothing_else, start_alliance,
                                        stop),
        SERVED(without_a_signer_there_is_none),
        cmocka_unit_test_setup_teardown(keys_overlap, start_keys, stop),
        cmocka_unit_test_setup_teardown(discovery_says_what_a_token_must, start_bearer, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
