/* Tokens: what the keeper signs, and what a relying party then takes; each rule has what breaks it. */
#include "support/make_token.h"
#include "support/test.h"

#include <jansson.h>
#include <stdlib.h>

static struct make_token t, other, simulated;
static struct situs_err err;
static char text[TOKEN_MAX];

static int setup(void **state)
{
    (void)state;
    make_token_new(&t, false, 256);
    make_token_new(&other, false, 384);
    make_token_new(&simulated, true, 256);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    make_token_free(&t);
    make_token_free(&other);
    make_token_free(&simulated);
    return 0;
}

/* Each test begins with the honest token. */
static int fresh(void **state)
{
    (void)state;
    t.facts.party_nonce_size = sizeof t.party_nonce;
    t.facts.life = 300;
    t.facts.judges = 2;
    t.facts.builds = 2;
    t.facts.bearer = t.facts.party_challenge = false;
    t.facts.span = (struct token_span){.since = 0};
    make_token_keys(&t, t.key);
    make_token_again(&t);
    return 0;
}

static void holds(struct make_token *of, const struct situs_token_request *q)
{
    const struct situs_token *x = make_token_verify(of, q);
    if (situs_token_error(x, &err))
        fail_msg("%s %s: expected %s, got %s", situs_code_name(err.code), err.field, err.expected,
                 err.got);
    assert_true(situs_token_holds(x));
    assert_int_equal(situs_token_exit(x), 0);
}

static void refused(const struct situs_token_request *q, int exit, enum situs_code code,
                    const char *field)
{
    const struct situs_token *x = make_token_verify(&t, q);
    assert_false(situs_token_holds(x));
    assert_true(situs_token_error(x, &err));
    assert_string_equal(situs_code_name(err.code), situs_code_name(code));
    assert_string_equal(err.field, field);
    assert_int_equal(situs_token_exit(x), exit);
    assert_true(err.hint[0]);
}

static void refused_token(int exit, enum situs_code code, const char *field)
{
    struct situs_token_request q = make_token_request(&t);
    refused(&q, exit, code, field);
}

/* bend replaces a piece of the claims, once, and signs them well. */
static void bend(const char *from, const char *to)
{
    char *claims = make_token_payload(&t), *at = strstr(claims, from);
    if (!at)
        fail_msg("no %s in %s", from, claims);
    struct wr w = wr_new(text, sizeof text);
    wr_bytes(&w, span_of(claims, (size_t)(at - claims)));
    wr_text(&w, to);
    wr_text(&w, at + strlen(from));
    assert_true(wr_ok(&w));
    make_token_signed(&t, "eat+jwt", wr_span(&w));
}

static void an_honest_token_holds(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    holds(&t, &q);
    q = make_token_request(&other);
    holds(&other, &q); /* ES384 */
}

static void the_token_says_what_the_record_says(void **state)
{
    (void)state;
    json_t *o = json_loads(make_token_payload(&t), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    static const struct {
        const char *name, *is;
    } texts[] = {{"eat_profile", "tag:ietf.org,2026:rats/ear#04"},
                 {"iss", MAKE_TOKEN_ISSUER},
                 {"aud", MAKE_TOKEN_AUDIENCE},
                 {"ear_status", "affirming"},
                 {"situs_policy_name", "guest"},
                 {"situs_challenger", "verifier"},
                 {"jti", "01020300000000000000000000000000"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(json_string_value(json_object_get(o, texts[i].name)), texts[i].is);
    assert_true(json_is_true(json_object_get(o, "situs_genuine")));
    assert_true(json_is_true(json_object_get(o, "situs_live")));
    assert_true(json_is_true(json_object_get(o, "situs_bound")));
    assert_true(json_is_false(json_object_get(o, "situs_host_measured")));
    assert_true(json_is_false(json_object_get(o, "situs_owned")));
    assert_int_equal(json_integer_value(json_object_get(o, "situs_judges")), 2);
    json_t *tee = json_object_get(json_object_get(o, "submods"), "tee");
    assert_int_equal(json_string_length(
                         json_object_get(json_object_get(tee, "ear_attester_claims"), "tdx_mrtd")),
                     96);
    json_t *rests = json_object_get(json_object_get(tee, "ear_verifier_claims"), "situs_rests_on");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(rests, "bound"), "provider")),
        "Google of the lab");
    json_t *vector = json_object_get(tee, "ear_trustworthiness_vector");
    assert_int_equal(json_integer_value(json_object_get(vector, "hardware")), 2);
    json_decref(o);
}

static void no_machine_is_named(void **state)
{
    (void)state;
    assert_null(strstr(make_token_payload(&t), "ppid"));
    assert_null(strstr(make_token_payload(&t), "piid"));
}

static void a_token_of_another_is_refused(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    q.issuer = MAKE_TOKEN_ISSUER "2";
    refused(&q, 6, SITUS_MISMATCH, "iss");
    q = make_token_request(&t);
    q.audience = "backend.exampl";
    refused(&q, 6, SITUS_MISMATCH, "aud");
    q = make_token_request(&t);
    q.policy_sha256.p = (const uint8_t[32]){1};
    refused(&q, 6, SITUS_MISMATCH, "situs_policy");
    q = make_token_request(&t);
    q.nonce.p = (const uint8_t[32]){1};
    refused(&q, 6, SITUS_MISMATCH, "eat_nonce");
    q = make_token_request(&t);
    q.nonce.size = 31;
    refused(&q, 6, SITUS_MISMATCH, "eat_nonce");
    q = make_token_request(&t);
    q.channel = (struct situs_item){"channel", other.machine.channel.p, other.machine.channel.n};
    if (memcmp(t.machine.channel.p, other.machine.channel.p, t.machine.channel.n) != 0)
        refused(&q, 6, SITUS_MISMATCH, "situs_channel");
}

static void another_key_signs_nothing(void **state)
{
    (void)state;
    struct sign_key *key = make_token_key(256);
    make_token_keys(&t, key);
    refused_token(2, SITUS_UNTRUSTED, "header.kid");
    make_token_keys(&t, other.key);
    refused_token(2, SITUS_UNTRUSTED, "header.kid");
    token_key_free(key);
}

/* The set's name for another key is that of the token's. */
static void a_name_brings_no_key(void **state)
{
    (void)state;
    struct sign_key *key = make_token_key(256);
    char kid[44], *at;
    make_token_keys(&t, t.key);
    memcpy(kid, strstr(t.keys, "\"kid\":\"") + 7, 43);
    make_token_keys(&t, key);
    at = strstr(t.keys, "\"kid\":\"") + 7;
    memcpy(at, kid, 43);
    refused_token(2, SITUS_BAD_SIGNATURE, "signature");
    token_key_free(key);
}

static void what_is_bound_needs_its_bearer(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    q.channel = (struct situs_item){0};
    refused(&q, 6, SITUS_MISSING, "situs_channel");
    t.facts.bearer = true;
    make_token_again(&t);
    q = make_token_request(&t);
    q.channel = (struct situs_item){0};
    holds(&t, &q);
    q.channel = (struct situs_item){"channel", "no key", 6};
    refused(&q, 1, SITUS_MALFORMED, "channel");
}

static void the_point_is_the_peers_too(void **state)
{
    (void)state;
    bend("\"cnf\":", "\"other\":");
    refused_token(6, SITUS_MISMATCH, "cnf.jwk");
    fresh(state);
    bend("\"cnf\":{\"jwk\":", "\"cnf\":{\"kid\":\"a\",\"jwk\":");
    refused_token(2, SITUS_UNKNOWN, "cnf.kid");
}

static void an_answer_to_a_challenge_needs_it(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    q.nonce = (struct situs_item){0};
    refused(&q, 6, SITUS_MISSING, "eat_nonce");
    t.facts.party_nonce_size = 0;
    make_token_again(&t);
    q = make_token_request(&t);
    q.nonce = (struct situs_item){0};
    holds(&t, &q);
    q.nonce = (struct situs_item){"nonce", t.party_nonce, 32};
    refused(&q, 6, SITUS_MISMATCH, "eat_nonce");
}

static void a_token_has_its_time(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    q.at = t.facts.now;
    holds(&t, &q);
    q.at = t.facts.now - 1;
    refused(&q, 3, SITUS_NOT_YET_VALID, "iat");
    q.at = t.facts.now + 299;
    holds(&t, &q);
    q.at = t.facts.now + 300;
    refused(&q, 3, SITUS_EXPIRED, "exp");
    bend("\"nbf\":1800000002", "\"nbf\":1800000020");
    refused_token(3, SITUS_NOT_YET_VALID, "nbf");
    fresh(state);
    bend("\"exp\":1800000302", "\"exp\":1800000603");
    refused_token(6, SITUS_NOT_ALLOWED, "exp");
    fresh(state);
    bend("\"exp\":1800000302", "\"exp\":1.800000302e9");
    refused_token(2, SITUS_MALFORMED, "exp");
    fresh(state);
    bend("\"iat\":1800000002", "\"iat\":1800000002.0");
    refused_token(2, SITUS_MALFORMED, "iat");
}

static void what_is_not_affirmed_is_refused(void **state)
{
    (void)state;
    bend("\"ear_status\":\"affirming\"", "\"ear_status\":\"warning\"");
    refused_token(6, SITUS_NOT_ALLOWED, "ear_status");
    fresh(state);
    bend("\"ear_status\":\"affirming\"", "\"ear_status\":\"fine\"");
    refused_token(2, SITUS_UNKNOWN, "ear_status");
    fresh(state);
    bend("\"situs_bound\":true", "\"situs_bound\":false");
    refused_token(6, SITUS_MISSING, "situs_bound");
    fresh(state);
    bend("\"situs_bound\":true,", "");
    refused_token(6, SITUS_MISSING, "situs_bound");
    fresh(state);
    bend("\"situs_bound\":true", "\"situs_bound\":1");
    refused_token(2, SITUS_MALFORMED, "situs_bound");
    fresh(state);
    bend("\"situs_simulated\":false", "\"situs_simulated\":true");
    refused_token(6, SITUS_NOT_ALLOWED, "situs_simulated");
}

/* Of how many judges it is the word, and of how many builds: a token of before that said less is none. */
static void a_token_says_who_agreed(void **state)
{
    static const char *const names[] = {"situs_judges", "situs_builds"};
    for (size_t i = 0; i < 2; i++) {
        char from[32], to[32];
        snprintf(from, sizeof from, "\"%s\":", names[i]);
        snprintf(to, sizeof to, "\"x%s\":", names[i]);
        bend(from, to);
        refused_token(2, SITUS_MISSING, names[i]);
        fresh(state);
    }
}

static void nothing_simulated_affirms(void **state)
{
    (void)state;
    const char *claims = make_token_payload(&simulated);
    assert_true(simulated.record.trusted && simulated.record.simulated);
    assert_null(strstr(claims, "affirming"));
    assert_non_null(strstr(claims, "\"situs_live\":false"));
    assert_null(strstr(claims, "\"cnf\""));
    assert_null(strstr(claims, "ear_trustworthiness_vector"));
    simulated.facts.issuer = MAKE_TOKEN_ISSUER;
    assert_false(
        token_write(simulated.key, &simulated.record, &simulated.facts, text, sizeof text, &err));
    expect_err(err, SITUS_NOT_ALLOWED, "iss", SITUS_NO_OFFSET);
    simulated.facts.issuer = MAKE_TOKEN_SIMULATED;
    struct situs_token_request q = make_token_request(&simulated);
    const struct situs_token *x = make_token_verify(&simulated, &q);
    assert_int_equal(situs_token_exit(x), 6);
}

static void headers_ask_for_nothing_more(void **state)
{
    (void)state;
    make_token_signed(&t, "JWT", span_text(strcpy(text, make_token_payload(&t))));
    refused_token(2, SITUS_UNSUPPORTED, "typ");
}

static void keys_twice_are_refused(void **state)
{
    (void)state;
    bend("\"situs_owned\":false", "\"situs_owned\":false,\"situs_owned\":true");
    refused_token(2, SITUS_DUPLICATE, "json");
}

static void claims_that_nobody_knows_are_passed_over(void **state)
{
    (void)state;
    bend("{\"eat_profile\"", "{\"new_claim\":{\"a\":[1.5]},\"eat_profile\"");
    struct situs_token_request q = make_token_request(&t);
    holds(&t, &q);
}

/* One bit of each byte: all of them are 28 000 signatures. Under sanitizers, of each third. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 3
#else
#define STRIDE 1
#endif
static void every_bent_byte_is_refused(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    for (size_t i = 0; i < q.token.size; i += STRIDE) {
        t.text[i] = (char)(t.text[i] ^ 1 << i % 8);
        if (situs_token_holds(make_token_verify(&t, &q)))
            fail_msg("byte %zu", i);
        t.text[i] = (char)(t.text[i] ^ 1 << i % 8);
    }
    for (size_t n = 0; n < q.token.size; n++) {
        struct situs_token_request cut = q;
        cut.token.size = n;
        assert_false(situs_token_holds(make_token_verify(&t, &cut)));
    }
    holds(&t, &q);
}

static void a_question_is_whole_or_refused(void **state)
{
    (void)state;
    static const char *const twice[] = {"live", "live"}, *const typo[] = {"bond"};
    struct situs_token_request q = make_token_request(&t);
    q.issuer = NULL;
    refused(&q, 1, SITUS_MISSING, "issuer");
    q = make_token_request(&t);
    q.audience = "";
    refused(&q, 1, SITUS_MISSING, "audience");
    q = make_token_request(&t);
    q.keys.size = 0;
    refused(&q, 1, SITUS_MISSING, "keys");
    q = make_token_request(&t);
    q.policy_sha256.size = 31;
    refused(&q, 1, SITUS_MALFORMED, "policy_sha256");
    q = make_token_request(&t);
    q.policy_sha256 = (struct situs_item){0};
    refused(&q, 1, SITUS_MISSING, "policy_sha256");
    q = make_token_request(&t);
    q.n_require = 0;
    refused(&q, 1, SITUS_MISSING, "require");
    q = make_token_request(&t);
    q.require = typo, q.n_require = 1;
    refused(&q, 1, SITUS_UNKNOWN, "require");
    q.require = twice, q.n_require = 2;
    refused(&q, 1, SITUS_DUPLICATE, "require");
    q = make_token_request(&t);
    q.nonce.size = 7;
    refused(&q, 1, SITUS_MALFORMED, "nonce");
    q.nonce.size = 0;
    refused(&q, 1, SITUS_MISSING, "nonce");
    q = make_token_request(&t);
    q.reserved[7] = 1;
    refused(&q, 1, SITUS_UNSUPPORTED, "reserved");
    q = make_token_request(&t);
    q.token = (struct situs_item){0};
    refused(&q, 2, SITUS_MALFORMED, "token");
}

static void too_little_memory_is_no_yes(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    assert_null(situs_token_verify(&q, (struct situs_memory){NULL, 0}));
    assert_null(situs_token_verify(NULL, (struct situs_memory){t.memory, sizeof t.memory}));
    assert_false(situs_token_holds(NULL));
    assert_int_equal(situs_token_exit(NULL), 2);
    assert_true(situs_token_error(NULL, &err));
    for (size_t n = 0; n < 8192; n += 97) {
        const struct situs_token *x = situs_token_verify(&q, (struct situs_memory){t.memory, n});
        assert_true(!x || !situs_token_holds(x) || n > 4096);
    }
}

/* What the keeper does not sign. */
static void not_written(const struct token_record *r, const struct token_facts *f,
                        enum situs_code code, const char *field)
{
    memset(text, 'x', sizeof text);
    assert_false(token_write(t.key, r, f, text, sizeof text, &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
    assert_string_equal(text, "");
}

static void what_does_not_agree_is_not_signed(void **state)
{
    (void)state;
    struct token_record r = t.record;
    struct token_facts f = t.facts;
    r.archived = 1;
    not_written(&r, &f, SITUS_NOT_ALLOWED, "archived");
    r = t.record;
    r.has_channel = 0;
    not_written(&r, &f, SITUS_MISSING, "cnf");
    r = t.record;
    r.policy[31] ^= 1;
    not_written(&r, &f, SITUS_MISMATCH, "situs_policy");
    r = t.record;
    r.nonce[0] ^= 1;
    not_written(&r, &f, SITUS_MISMATCH, "nonce");
    r = t.record;
    r.at = f.now + 1;
    not_written(&r, &f, SITUS_NOT_YET_VALID, "iat");
    r = t.record;
    r.until = f.now;
    not_written(&r, &f, SITUS_EXPIRED, "exp");
    f.life = 601;
    not_written(&t.record, &f, SITUS_NOT_ALLOWED, "exp");
    f = t.facts;
    f.judges = 0;
    not_written(&t.record, &f, SITUS_NOT_ALLOWED, "situs_judges");
    f.judges = 1;
    not_written(&t.record, &f, SITUS_NOT_ALLOWED, "situs_builds");
    f = t.facts;
    f.party_nonce_size = 7;
    not_written(&t.record, &f, SITUS_NOT_ALLOWED, "eat_nonce");
    f = t.facts;
    f.audience = "";
    not_written(&t.record, &f, SITUS_MISSING, "iss");
    f = t.facts;
    memset(f.nonce, 0, sizeof f.nonce);
    r = t.record;
    memset(r.nonce, 0, sizeof r.nonce);
    not_written(&r, &f, SITUS_MISMATCH, "nonce");
    assert_false(token_write(t.key, &t.record, &t.facts, text, 100, &err));
    expect_err(err, SITUS_TOO_LONG, "token", SITUS_NO_OFFSET);
    assert_string_equal(text, "");
}

static void a_token_ends_with_what_it_rests_on(void **state)
{
    (void)state;
    struct token_record kept = t.record;
    t.record.until = t.facts.now + 60;
    make_token_again(&t);
    assert_non_null(strstr(make_token_payload(&t), "\"exp\":1800000062"));
    t.record = kept;
    t.record.at = t.facts.now - 500;
    make_token_again(&t);
    assert_non_null(strstr(make_token_payload(&t), "\"exp\":1800000102"));
    t.record = kept;
}

/* What no appraisal shows: the keeper's word, for as long as the span lasts without another answer. */
static void a_token_is_continuous_by_the_keeper_s_word(void **state)
{
    static const char *const required[] = {"bound", "continuous"};
    struct situs_token_request q = make_token_request(&t);
    (void)state;
    q.require = required;
    q.n_require = 2;
    refused(&q, 6, SITUS_MISSING, "situs_continuous");
    t.facts.span = (struct token_span){t.facts.now - 7200, t.facts.now + 40, 60000, 21000};
    make_token_again(&t);
    q = make_token_request(&t);
    q.require = required;
    q.n_require = 2;
    holds(&t, &q);
    assert_non_null(strstr(make_token_payload(&t), "\"within_ms\":60000,\"longest_gap_ms\":21000,"
                                                   "\"of\":[\"genuine\",\"live\",\"bound\"]"));
    q.at = t.facts.now + 40;
    refused(&q, 3, SITUS_EXPIRED, "exp");
    bend("\"situs_continuous\":true", "\"situs_continuous\":1");
    refused_token(2, SITUS_MALFORMED, "situs_continuous");
    simulated.facts.span = t.facts.span;
    make_token_again(&simulated);
    assert_non_null(strstr(make_token_payload(&simulated), "\"situs_continuous\":false"));
}

static void a_refusal_is_contraindicated(void **state)
{
    (void)state;
    struct token_record kept = t.record;
    t.record.trusted = 0;
    t.record.exit = 6;
    t.record.code = SITUS_MISMATCH;
    t.record.holds = 1;
    strcpy(t.record.check, "bind.channel");
    make_token_again(&t);
    const char *claims = make_token_payload(&t);
    assert_non_null(strstr(claims, "\"ear_status\":\"contraindicated\",\"situs_policy\""));
    assert_non_null(strstr(claims, "\"situs_check\":\"bind.channel\""));
    assert_null(strstr(claims, "\"cnf\""));
    refused_token(6, SITUS_MISSING, "situs_live");
    t.record = kept;
}

static void reports_say_it_first(void **state)
{
    (void)state;
    struct situs_token_request q = make_token_request(&t);
    const struct situs_token *x = make_token_verify(&t, &q);
    assert_true(situs_token_brief(x, false, text, sizeof text) < sizeof text);
    assert_memory_equal(text, "HOLDS: live, bound, by the word of " MAKE_TOKEN_ISSUER "\n", 20);
    situs_token_json(x, text, sizeof text);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_true(json_object_get(o, "holds")));
    assert_true(json_is_null(json_object_get(o, "error")));
    json_decref(o);
    q.at += 1000;
    x = make_token_verify(&t, &q);
    situs_token_brief(x, false, text, sizeof text);
    assert_memory_equal(text, "REFUSED (exit 3): token.exp: expired\n", 37);
    situs_token_json(x, text, sizeof text);
    o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_false(json_object_get(o, "holds")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "error"), "field")),
                        "exp");
    json_decref(o);
    situs_token_json(NULL, text, sizeof text);
    assert_non_null(strstr(text, "\"holds\":false,\"exit\":2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_honest_token_holds, fresh),
        cmocka_unit_test_setup(the_token_says_what_the_record_says, fresh),
        cmocka_unit_test_setup(no_machine_is_named, fresh),
        cmocka_unit_test_setup(a_token_of_another_is_refused, fresh),
        cmocka_unit_test_setup(another_key_signs_nothing, fresh),
        cmocka_unit_test_setup(a_name_brings_no_key, fresh),
        cmocka_unit_test_setup(what_is_bound_needs_its_bearer, fresh),
        cmocka_unit_test_setup(the_point_is_the_peers_too, fresh),
        cmocka_unit_test_setup(an_answer_to_a_challenge_needs_it, fresh),
        cmocka_unit_test_setup(a_token_has_its_time, fresh),
        cmocka_unit_test_setup(what_is_not_affirmed_is_refused, fresh),
        cmocka_unit_test_setup(a_token_says_who_agreed, fresh),
        cmocka_unit_test_setup(nothing_simulated_affirms, fresh),
        cmocka_unit_test_setup(headers_ask_for_nothing_more, fresh),
        cmocka_unit_test_setup(keys_twice_are_refused, fresh),
        cmocka_unit_test_setup(claims_that_nobody_knows_are_passed_over, fresh),
        cmocka_unit_test_setup(every_bent_byte_is_refused, fresh),
        cmocka_unit_test_setup(a_question_is_whole_or_refused, fresh),
        cmocka_unit_test_setup(too_little_memory_is_no_yes, fresh),
        cmocka_unit_test_setup(what_does_not_agree_is_not_signed, fresh),
        cmocka_unit_test_setup(a_token_ends_with_what_it_rests_on, fresh),
        cmocka_unit_test_setup(a_token_is_continuous_by_the_keeper_s_word, fresh),
        cmocka_unit_test_setup(a_refusal_is_contraindicated, fresh),
        cmocka_unit_test_setup(reports_say_it_first, fresh),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
