/* Key sets and headers: what a relying party is given, and tokens of others (draft-04's claim sets,
 * Veraison's and Trustee's tokens), with their stated outcomes. */
#include "support/make_token.h"
#include "support/test.h"
#include "support/vectors.h"

#include "codec/base64url.h"
#include "ear/ear.h"
#include "ear/jwks.h"
#include "token/alliance_jwt.h"

#include <jansson.h>

static struct make_token t;
static struct situs_err err;
static uint8_t memory[65536];
static char text[8192];

#define X "usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8"
#define Y "IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4"
#define KEY "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\""

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

static bool read_set(struct jwks *set, const char *json)
{
    struct arena a = arena_new(memory, sizeof memory);
    err = (struct situs_err){0};
    return jwks_read(set, span_text(json), &a, "keys", &err);
}

static void a_set_refuses(const char *json, enum situs_code code, const char *field)
{
    struct jwks set;
    if (read_set(&set, json))
        fail_msg("%s", json);
    assert_string_equal(situs_code_name(err.code), situs_code_name(code));
    assert_string_equal(err.field, field);
    jwks_free(&set);
}

static void a_key_without_a_name_has_its_thumbprint(void **state)
{
    (void)state;
    struct jwks set;
    if (!read_set(&set, "{\"keys\":[{" KEY "}],\"more\":1}"))
        fail_msg("%s %s %s %s", situs_code_name(err.code), err.field, err.expected, err.got);
    assert_int_equal(set.n, 1);
    assert_int_equal(set.v[0].kid.n, 43);
    jwks_free(&set);
}

static void keys_for_others_are_passed_over(void **state)
{
    (void)state;
    struct jwks set;
    assert_true(read_set(&set,
                         "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"},{\"kty\":\"EC\","
                         "\"crv\":\"P-521\"},{" KEY ",\"use\":\"enc\"},{" KEY
                         ",\"alg\":\"ECDH-ES\"},{\"kty\":7},{" KEY ",\"kid\":\"a\"}]}"));
    assert_int_equal(set.n, 1);
    assert_true(span_equal(set.v[0].kid, SPAN_LIT("a")));
    jwks_free(&set);
}

static void bad_sets_are_refused(void **state)
{
    (void)state;
    a_set_refuses("", SITUS_TOO_SHORT, "json");
    a_set_refuses("[]", SITUS_MALFORMED, "json");
    a_set_refuses("{}", SITUS_MISSING, "keys");
    a_set_refuses("{\"keys\":[]}", SITUS_MISSING, "keys");
    a_set_refuses("{\"keys\":[1]}", SITUS_MALFORMED, "keys[0]");
    a_set_refuses("{\"keys\":[{\"kty\":\"RSA\"}]}", SITUS_MISSING, "keys");
    a_set_refuses("{\"keys\":[{" KEY "}],\"keys\":[]}", SITUS_DUPLICATE, "json");
    a_set_refuses("{\"keys\":[{" KEY "},{" KEY "}]}", SITUS_DUPLICATE, "keys[1]");
    a_set_refuses("{\"keys\":[{" KEY ",\"d\":\"AQ\"}]}", SITUS_NOT_ALLOWED, "keys[0].d");
    a_set_refuses("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\"}]}", SITUS_NOT_ALLOWED, "keys[0].k");
    a_set_refuses("{\"keys\":[{" KEY ",\"alg\":\"ES384\"}]}", SITUS_MISMATCH, "keys[0].alg");
    a_set_refuses("{\"keys\":[{" KEY ",\"kid\":1}]}", SITUS_MALFORMED, "keys[0].kid");
    a_set_refuses("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\"}]}", SITUS_MISSING,
                  "keys[0].y");
    a_set_refuses("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" X "\"}]}",
                  SITUS_MALFORMED, "key");
    a_set_refuses("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X "\",\"y\":\"" Y "\"}]}",
                  SITUS_MALFORMED, "keys[0].x");
}

static void our_sets_read(void **state)
{
    (void)state;
    struct jwks set;
    struct sign_key *keys[] = {make_token_key(256), make_token_key(384)};
    assert_true(token_keys_write((const struct sign_key *const *)keys, 2, text, sizeof text, &err));
    assert_true(read_set(&set, text));
    assert_int_equal(set.n, 2);
    assert_int_equal(set.v[1].curve, CURVE_P384);
    jwks_free(&set);
    token_key_free(keys[0]);
    token_key_free(keys[1]);
    assert_false(token_keys_write((const struct sign_key *const *)&t.key, 1, text, 50, &err));
    expect_err(err, SITUS_TOO_LONG, "", SITUS_NO_OFFSET);
}

/* RFC 7638, 3.1 has an RSA key; this one is RFC 7517 A.1's, its thumbprint by python3-jwcrypto. */
static void a_thumbprint_is_the_rfcs(void **state)
{
    (void)state;
    struct jwks set;
    assert_true(read_set(&set, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
                               "\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                               "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}"));
    assert_true(span_equal(set.v[0].kid, SPAN_LIT("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s")));
    jwks_free(&set);
}

static void discovery_names_the_keys(void **state)
{
    (void)state;
    assert_string_equal(token_alg(t.key), "ES256");
    assert_true(
        token_discovery_write(token_alg(t.key), MAKE_TOKEN_ISSUER, text, sizeof text, &err));
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(o, "issuer")), MAKE_TOKEN_ISSUER);
    assert_string_equal(json_string_value(json_object_get(o, "jwks_uri")),
                        MAKE_TOKEN_ISSUER "/.well-known/jwks.json");
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get(o, "id_token_signing_alg_values_supported"), 0)),
                        "ES256");
    json_decref(o);
    assert_false(token_discovery_write(token_alg(t.key), MAKE_TOKEN_ISSUER, text, 20, &err));
    assert_string_equal(text, "");
}

/* The signature and the header of a vector, as jws_open_ec sees them. */
static bool opens(json_t *vector, const char *typ)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct jwks set;
    struct span payload;
    char *key = json_dumps(json_object_get(vector, "key"), 0);
    struct wr w = wr_new(text, sizeof text - 1);
    wr_format(&w, "{\"keys\":[%s]}", key);
    free(key);
    text[w.n] = 0;
    err = (struct situs_err){0};
    assert_true(jwks_read(&set, span_text(text), &a, "keys", &err));
    bool ok = jws_open_ec(&payload, span_text(json_string_value(json_object_get(vector, "token"))),
                          typ, set.v, set.n, &a, &err);
    jwks_free(&set);
    return ok;
}

static void tokens_of_others_have_their_outcome(void **state)
{
    (void)state;
    vectors_need();
    struct span file = vectors_read("ear/tokens.json");
    json_t *all = json_loadb((const char *)file.p, file.n, JSON_REJECT_DUPLICATES, NULL), *v;
    size_t i, good = 0, headers = 0;
    assert_int_equal(json_array_size(all), 9);
    json_array_foreach(all, i, v)
    {
        bool is_signed = json_is_true(json_object_get(v, "signature_valid"));
        bool opened = opens(v, "JWT");
        bool carries = !opened && strcmp(err.field, "jwk") == 0;
        if (opened != (is_signed && !carries))
            fail_msg("vector %zu: %s %s", i, situs_code_name(err.code), err.field);
        good += opened;
        headers += carries;
        assert_false(opens(v, EAR_TYP)); /* none of them is of our type */
    }
    assert_int_equal(good, 3);
    assert_int_equal(headers, 2);
    json_decref(all);
}

/* reads_up_to says at which claim a claim set of others stops being one of ours. */
static void reads_up_to(struct span claims, enum situs_code code, const char *field)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct ear e;
    err = (struct situs_err){0};
    assert_false(ear_read(&e, claims, &a, &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
}

/* The form of these is draft-04's or that of a deployed dialect; they lack what a token of ours must say, first of it
 * iss. Drafts before 04 are refused by their profile. */
static void claim_sets_of_others_read_up_to_ours(void **state)
{
    (void)state;
    vectors_need();
    static const char *const draft_04[] = {"ear/draft-04/veraison-extensions.json",
                                           "ear/draft-04/veraison-hefty.json"};
    static const char *const draft_03[] = {
        "ear/ietf-examples/ear-json-1.diag", "ear/ietf-examples/ear-json-2.diag",
        "ear/ietf-examples/ext-teep-json-1.diag", "ear/ietf-examples/ext-veraison-json-1.diag"};
    for (size_t i = 0; i < 2; i++)
        reads_up_to(vectors_read(draft_04[i]), SITUS_MISSING, "iss");
    for (size_t i = 0; i < 4; i++)
        reads_up_to(vectors_read(draft_03[i]), SITUS_UNSUPPORTED, "eat_profile");
    struct span file = vectors_read("ear/tokens.json");
    json_t *all = json_loadb((const char *)file.p, file.n, JSON_REJECT_DUPLICATES, NULL), *v;
    size_t i, n, read = 0;
    json_array_foreach(all, i, v)
    {
        const char *token = json_string_value(json_object_get(v, "token")),
                   *dot = strchr(token, '.');
        static uint8_t claims[8192];
        if (!json_is_string(json_object_get(v, "profile")))
            continue;
        assert_true(
            base64url_read(claims, sizeof claims, &n, span_of(dot + 1, strcspn(dot + 1, "."))));
        reads_up_to(span_of(claims, n), SITUS_MISSING, "iss");
        read++;
    }
    assert_int_equal(read, 4);
    json_decref(all);
}

/* An answer to get_jwt for the machine as if a list held it; NULL: refused. */
static const char *jwt_of(struct alliance_jwt_facts f, bool listed, int64_t until)
{
    static char answer[ALLIANCE_JWT_ANSWER];
    static struct token_record r;
    r = t.record;
    r.listed = listed;
    r.until = until;
    strcpy(r.label, "hall 4");
    if (!alliance_jwt_write(t.key, &r, &f, answer, &err))
        return NULL;
    char *from = strstr(answer, "\"jwt\":\"") + 7;
    *strchr(from, '"') = 0;
    return from;
}

static const struct alliance_jwt_facts jwt_facts = {"i", "a", "one", RECORD_NO_END, {1}};

static struct alliance_jwt_asked jwt_asked(const char *jwt)
{
    struct alliance_jwt_asked q = {.token = span_text(jwt),
                                   .keys = span_text(t.keys),
                                   .issuer = "i",
                                   .audience = "a",
                                   .at = t.record.at};
    struct situs_request r =
        lab_verifier_request(&t.verifier, &t.machine, lab_machine_bundle(&t.machine, false, false));
    q.quote = span_of(r.evidence.p, r.evidence.size);
    return q;
}

static void jwt_refused(struct alliance_jwt_asked q, enum situs_code code, const char *field)
{
    struct alliance_jwt_said said;
    assert_false(
        alliance_jwt_verify(&q, (struct situs_memory){memory, sizeof memory}, &said, &err));
    assert_string_equal(situs_code_name(err.code), situs_code_name(code));
    assert_string_equal(err.field, field);
    assert_string_equal(said.key, "");
}

static void the_alliance_s_jwt_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct alliance_jwt_said said;
    struct alliance_jwt_asked q = jwt_asked(jwt_of(jwt_facts, true, RECORD_NO_END));
    assert_true(alliance_jwt_verify(&q, (struct situs_memory){memory, sizeof memory}, &said, &err));
    assert_string_equal(said.label, "hall 4");
    assert_non_null(strstr(t.keys, said.key));
    q.at += TOKEN_LIFE - 1;
    assert_true(alliance_jwt_verify(&q, (struct situs_memory){memory, sizeof memory}, &said, &err));
}

static void another_jwt_than_the_alliance_s_is_refused(void **state)
{
    (void)state;
    struct alliance_jwt_asked q = jwt_asked(jwt_of(jwt_facts, true, RECORD_NO_END)), no = q;
    no.issuer = "j";
    jwt_refused(no, SITUS_MISMATCH, "iss");
    no = q, no.audience = "b";
    jwt_refused(no, SITUS_MISMATCH, "aud");
    no = q, no.at--;
    jwt_refused(no, SITUS_NOT_YET_VALID, "iat");
    no = q, no.at += TOKEN_LIFE;
    jwt_refused(no, SITUS_EXPIRED, "exp");
    no = q, no.quote.n--;
    jwt_refused(no, SITUS_MISMATCH, "quote_hash");
    no = q, no.token.n--;
    jwt_refused(no, SITUS_MALFORMED, "signature");
    struct sign_key *other = make_token_key(256);
    make_token_keys(&t, other);
    jwt_refused(q, SITUS_UNTRUSTED, "header.kid");
    make_token_keys(&t, t.key);
    token_key_free(other);
    make_token_again(&t); /* an EAR of the same key is no such JWT */
    no = q, no.token = span_text(t.text);
    jwt_refused(no, SITUS_UNSUPPORTED, "typ");
}

/* It ends with the first of what it rests on, and is of a listed machine, or there is none. */
static void the_alliance_s_jwt_ends_with_what_it_rests_on(void **state)
{
    (void)state;
    struct alliance_jwt_facts f = jwt_facts;
    struct alliance_jwt_asked q = jwt_asked(jwt_of(f, true, t.record.at + 5));
    q.at += 5;
    jwt_refused(q, SITUS_EXPIRED, "exp");
    f.ends = t.record.at + 7;
    q = jwt_asked(jwt_of(f, true, RECORD_NO_END));
    q.at += 7;
    jwt_refused(q, SITUS_EXPIRED, "exp");
    f.ends = t.record.at;
    assert_null(jwt_of(f, true, RECORD_NO_END));
    assert_int_equal(err.code, SITUS_EXPIRED);
    assert_null(jwt_of(jwt_facts, false, RECORD_NO_END));
    assert_int_equal(err.code, SITUS_NOT_ALLOWED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_without_a_name_has_its_thumbprint),
        cmocka_unit_test(keys_for_others_are_passed_over),
        cmocka_unit_test(bad_sets_are_refused),
        cmocka_unit_test(our_sets_read),
        cmocka_unit_test(a_thumbprint_is_the_rfcs),
        cmocka_unit_test(discovery_names_the_keys),
        cmocka_unit_test(tokens_of_others_have_their_outcome),
        cmocka_unit_test(claim_sets_of_others_read_up_to_ours),
        cmocka_unit_test(the_alliance_s_jwt_is_read_as_it_was_written),
        cmocka_unit_test(another_jwt_than_the_alliance_s_is_refused),
        cmocka_unit_test(the_alliance_s_jwt_ends_with_what_it_rests_on),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
