/* Events of watched machines as tokens (RFC 8417): what is not the service's word, for whom it came to, and new is refused. */
#include "support/make_token.h"
#include "support/test.h"

#include "crypto/jws_write.h"
#include "token/event_jwt.h"

static struct make_token t;
static struct situs_err err;
static uint8_t memory[65536];
static char text[EVENT_JWT_MAX];

static const struct event_jwt event = {.machine = "hall-1",
                                       .event = "broken",
                                       .reason = "silence",
                                       .whose = "machine",
                                       .number = 12,
                                       .previous = 9,
                                       .span = 2,
                                       .at = 1800000000,
                                       .made = 1800000005};

static int setup(void **state)
{
    (void)state;
    make_token_new(&t, false, 256);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    make_token_free(&t);
    return 0;
}

static struct event_jwt_asked asked(void)
{
    assert_true(event_jwt_write(t.key, "i", "https://a/hook", &event, text, &err));
    return (struct event_jwt_asked){.token = span_text(text),
                                    .keys = span_text(t.keys),
                                    .issuer = "i",
                                    .audience = "https://a/hook",
                                    .machine = "hall-1",
                                    .after = 11,
                                    .at = event.made - EVENT_JWT_EARLY};
}

static bool reads(const struct event_jwt_asked *q, struct event_jwt *e)
{
    struct arena a = arena_new(memory, sizeof memory);
    err = (struct situs_err){0};
    return event_jwt_read(q, &a, e, &err);
}

static void refused(const struct event_jwt_asked *q, enum situs_code code, const char *field)
{
    struct event_jwt e;
    assert_false(reads(q, &e));
    assert_string_equal(situs_code_name(err.code), situs_code_name(code));
    assert_string_equal(err.field, field);
    assert_int_equal(e.number, 0);
}

static void an_event_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct event_jwt_asked q = asked();
    struct event_jwt e;
    assert_true(reads(&q, &e));
    assert_memory_equal(&e, &event, sizeof e);
    q.machine = NULL;
    assert_true(reads(&q, &e));
}

static void a_forged_event_is_refused(void **state)
{
    (void)state;
    struct event_jwt_asked q = asked(), no = q;
    struct sign_key *other = make_token_key(256);
    no.token.n--;
    refused(&no, SITUS_MALFORMED, "signature");
    char *dot = strchr(text, '.');
    dot[20] = dot[20] == 'A' ? 'B' : 'A';
    refused(&q, SITUS_BAD_SIGNATURE, "signature");
    q = asked();
    assert_true(event_jwt_write(other, "i", "https://a/hook", &event, text, &err));
    refused(&q, SITUS_UNTRUSTED, "header.kid");
    token_key_free(other);
}

static void an_event_of_another_or_for_another_is_refused(void **state)
{
    (void)state;
    struct event_jwt_asked q = asked(), no = q;
    no.issuer = "j";
    refused(&no, SITUS_MISMATCH, "iss");
    no = q, no.audience = "https://b/hook";
    refused(&no, SITUS_MISMATCH, "aud");
    no = q, no.machine = "hall-2";
    refused(&no, SITUS_MISMATCH, "machine");
    no = q, no.at--;
    refused(&no, SITUS_NOT_YET_VALID, "iat");
}

static void an_event_that_is_known_is_refused(void **state)
{
    (void)state;
    struct event_jwt_asked q = asked();
    q.after = 12;
    refused(&q, SITUS_NOT_ALLOWED, "number");
}

/* A token is no event, nor the other way round: their types differ, under the same key. */
static void another_type_is_refused(void **state)
{
    (void)state;
    struct event_jwt_asked q = asked();
    make_token_again(&t);
    q.token = span_text(t.text);
    refused(&q, SITUS_UNSUPPORTED, "typ");
}

/* signed_as is a payload under the service's key. */
static void signed_as(const char *payload, enum situs_code code, const char *field)
{
    struct event_jwt_asked q = asked();
    struct wr w = wr_new(text, sizeof text);
    assert_true(jws_write(&w, t.key, EVENT_JWT_TYP, span_text(payload), &err));
    q.token = wr_span(&w);
    refused(&q, code, field);
}

#define HEAD "{\"iss\":\"i\",\"aud\":\"https://a/hook\",\"iat\":1800000005,\"toe\":1800000000,"
#define BODY "\"number\":12,\"previous\":9,\"event\":\"broken\",\"span\":2"

static void what_is_no_event_is_refused(void **state)
{
    (void)state;
    signed_as(HEAD "\"jti\":\"12\"}", SITUS_MISSING, "events");
    signed_as(HEAD "\"jti\":\"12\",\"events\":{\"urn:other\":{}}}", SITUS_UNKNOWN,
              "events.urn:other");
    signed_as(HEAD "\"jti\":\"13\",\"events\":{\"" EVENT_JWT_KIND "\":{\"machine\":\"hall-1\"," BODY
                   "}}}",
              SITUS_MISMATCH, "jti");
    signed_as(HEAD "\"jti\":\"12\",\"events\":{\"" EVENT_JWT_KIND "\":{\"machine\":\"\"," BODY
                   "}}}",
              SITUS_MALFORMED, "events." EVENT_JWT_KIND ".machine");
    signed_as(HEAD "\"jti\":\"12\",\"events\":{\"" EVENT_JWT_KIND
                   "\":{\"machine\":\"hall-1\",\"number\":12,"
                   "\"previous\":12,\"event\":\"broken\",\"span\":2}}}",
              SITUS_MALFORMED, "events." EVENT_JWT_KIND ".previous");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_read_as_it_was_written),
        cmocka_unit_test(a_forged_event_is_refused),
        cmocka_unit_test(an_event_of_another_or_for_another_is_refused),
        cmocka_unit_test(an_event_that_is_known_is_refused),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(what_is_no_event_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
