/* crypto/jws: a token counts under a pinned key only, whatever its header says. */
#include "support/test.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/jws.h"
#include "support/soft_jws.h"

#include <stdio.h>

#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}"
#define PAYLOAD "{\"a\":1}"

static uint8_t key1[32], key2[32];
static uint8_t memory[65536];

static bool open_under(struct span token, struct span *payload, const uint8_t *one,
                       const uint8_t *two, struct situs_err *err)
{
    struct arena a = arena_new(memory, sizeof memory);
    const struct span keys[] = {span_of(one, 32), span_of(two, 32)};
    *err = (struct situs_err){0};
    return jws_open(payload, token, keys, two ? 2 : one ? 1 : 0, &a, "token", err);
}

static int make(void **state)
{
    (void)state;
    soft_jws_key(key1, 1);
    soft_jws_key(key2, 2);
    return 0;
}

static void jws_opens_under_any_pinned_key(void **state)
{
    (void)state;
    struct span payload;
    struct situs_err err;
    assert_true(open_under(soft_jws(HEADER, PAYLOAD, 2), &payload, key1, key2, &err));
    assert_true(span_equal(payload, SPAN_LIT(PAYLOAD)));
}

static void jws_takes_a_kid_that_is_a_pinned_key(void **state)
{
    (void)state;
    char header[160];
    struct span payload;
    struct situs_err err;
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", TEXT_HEX(SPAN_ARR(key1)));
    assert_true(open_under(soft_jws(header, PAYLOAD, 1), &payload, key1, key2, &err));
    assert_false(open_under(soft_jws(header, PAYLOAD, 1), &payload, key2, NULL, &err));
    expect_err(err, SITUS_UNTRUSTED, "header.kid", SITUS_NO_OFFSET);
    /* the kid chooses: a signature of the other pinned key does not count */
    assert_false(open_under(soft_jws(header, PAYLOAD, 2), &payload, key1, key2, &err));
    expect_err(err, SITUS_BAD_SIGNATURE, "signature", SITUS_NO_OFFSET);
}

static void jws_refuses_a_foreign_key_and_no_key(void **state)
{
    (void)state;
    struct span payload;
    struct situs_err err;
    assert_false(open_under(soft_jws(HEADER, PAYLOAD, 1), &payload, key2, NULL, &err));
    expect_err(err, SITUS_BAD_SIGNATURE, "signature", SITUS_NO_OFFSET);
    assert_int_equal(payload.n, 0);
    assert_false(open_under(soft_jws(HEADER, PAYLOAD, 1), &payload, NULL, NULL, &err));
    expect_err(err, SITUS_UNTRUSTED, "header.kid", SITUS_NO_OFFSET);
}

static void jws_refuses_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {"{\"alg\":\"none\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"HS256\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"RS256\",\"kid\":\"1\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"eddsa\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":1}", SITUS_MALFORMED, "alg"},
        {"{\"typ\":\"JWT\"}", SITUS_MISSING, "alg"},
        {"{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}", SITUS_DUPLICATE, "json"},
        {"{\"alg\":\"EdDSA\",\"crit\":[]}", SITUS_NOT_ALLOWED, "crit"},
        {"{\"alg\":\"EdDSA\",\"jwk\":{}}", SITUS_NOT_ALLOWED, "jwk"},
        {"{\"alg\":\"EdDSA\",\"jku\":\"https://k\"}", SITUS_NOT_ALLOWED, "jku"},
        {"{\"alg\":\"EdDSA\",\"x5u\":\"https://k\"}", SITUS_NOT_ALLOWED, "x5u"},
        {"{\"alg\":\"EdDSA\",\"b64\":false}", SITUS_NOT_ALLOWED, "b64"},
        {"{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\"}", SITUS_UNSUPPORTED, "typ"},
        {"{\"alg\":\"EdDSA\",\"kid\":\"\"}", SITUS_UNTRUSTED, "header.kid"},
        {"{\"alg\":\"EdDSA\",\"kid\":\"00\"}", SITUS_UNTRUSTED, "header.kid"},
        {"{\"alg\":\"EdDSA\",\"kid\":7}", SITUS_MALFORMED, "kid"},
        {"[]", SITUS_MALFORMED, "json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span payload;
        struct situs_err err;
        assert_false(open_under(soft_jws(cases[i].header, PAYLOAD, 1), &payload, key1, NULL, &err));
        assert_string_equal(err_code_name(err.code), err_code_name(cases[i].code));
        assert_string_equal(err.field, cases[i].field);
    }
}

static void jws_refuses_other_forms(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        const char *field;
    } cases[] = {
        {"", "token"},
        {"e30", "token"},
        {"e30.e30", "token"},
        {".e30.e30", "header"},
        {"e30..e30", "payload"},
        {"e30.e30.", "signature"},
        {"e30=.e30.e30", "header"},
        {"e3 0.e30.e30", "header"},
        {"e31.e30.e30", "header"},
        {"e30.e30.e30.e30", "signature"},
        {"e30.e3+.e30", "payload"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span payload;
        struct situs_err err;
        assert_false(open_under(span_text(cases[i].token), &payload, key1, NULL, &err));
        expect_err(err, SITUS_MALFORMED, cases[i].field, SITUS_NO_OFFSET);
    }
}

static void jws_refuses_every_flipped_bit_of_the_covered_bytes(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct span payload, token = soft_jws(HEADER, PAYLOAD, 1);
    assert_true(token.n < sizeof bytes);
    for (size_t i = 0; i < token.n; i++) {
        struct situs_err err;
        memcpy(bytes, token.p, token.n);
        bytes[i] ^= 1;
        assert_false(open_under(span_of(bytes, token.n), &payload, key1, NULL, &err));
    }
}

static void jws_refuses_short_signatures_and_long_tokens(void **state)
{
    (void)state;
    static char long_payload[LIMIT_TOKEN];
    struct span payload, token = soft_jws(HEADER, PAYLOAD, 1);
    struct situs_err err;
    assert_false(open_under(span_of(token.p, token.n - 2), &payload, key1, NULL, &err));
    expect_err(err, SITUS_MALFORMED, "signature", SITUS_NO_OFFSET);
    memset(long_payload, ' ', sizeof long_payload - 1);
    assert_false(open_under(soft_jws(HEADER, long_payload, 1), &payload, key1, NULL, &err));
    expect_err(err, SITUS_TOO_LONG, "token", SITUS_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jws_opens_under_any_pinned_key),
        cmocka_unit_test(jws_takes_a_kid_that_is_a_pinned_key),
        cmocka_unit_test(jws_refuses_a_foreign_key_and_no_key),
        cmocka_unit_test(jws_refuses_headers),
        cmocka_unit_test(jws_refuses_other_forms),
        cmocka_unit_test(jws_refuses_every_flipped_bit_of_the_covered_bytes),
        cmocka_unit_test(jws_refuses_short_signatures_and_long_tokens),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
