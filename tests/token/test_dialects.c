/* Tokens in the dialects of what is deployed: the same is said, by other names (src/ear/ear_dialects.def). */
#include "ear/ear_names.h"
#include "support/make_token.h"
#include "support/test.h"

#include <jansson.h>
#include <stdlib.h>

static struct make_token t, simulated;
static struct situs_err err;

static int setup(void **state)
{
    (void)state;
    make_token_new(&t, false, 256);
    make_token_new(&simulated, true, 256);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    make_token_free(&t);
    make_token_free(&simulated);
    return 0;
}

static void holds(void)
{
    struct situs_token_request q = make_token_request(&t);
    const struct situs_token *x = make_token_verify(&t, &q);
    if (situs_token_error(x, &err))
        fail_msg("%s %s: expected %s, got %s", situs_code_name(err.code), err.field, err.expected,
                 err.got);
    assert_true(situs_token_holds(x));
}

static void refused_token(enum situs_code code, const char *field)
{
    struct situs_token_request q = make_token_request(&t);
    const struct situs_token *x = make_token_verify(&t, &q);
    assert_true(situs_token_error(x, &err));
    assert_int_equal(situs_token_exit(x), 2);
    expect_err(err, code, field, SITUS_NO_OFFSET);
}

/* profile_is signs the claims well under another profile. */
static void profile_is(const char *profile)
{
    json_t *o = json_loads(make_token_payload(&t), JSON_REJECT_DUPLICATES, NULL);
    json_object_set_new(o, "eat_profile", json_string(profile));
    char *claims = json_dumps(o, JSON_COMPACT);
    make_token_signed(&t, "eat+jwt", span_text(claims));
    free(claims);
    json_decref(o);
}

/* says that a part has this dialect's claims. */
static void part_is_of(const json_t *part, const struct ear_dialect *d)
{
    const json_t *vector = json_object_get(part, d->vector),
                 *policy = json_object_get(part, d->policy);
    assert_non_null(json_object_get(part, d->status));
    assert_true(d->first ? json_array_size(policy) == 1 : json_is_string(policy));
    if (!d->first)
        assert_int_equal(json_object_size(vector), 8);
}

/* In each dialect the same is said, by its names and no other's, and the reader takes it. */
static void a_token_is_told_in_the_dialect_that_is_asked_for(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_DIALECTS; i++) {
        const struct ear_dialect *d = &ear_dialects[i];
        t.facts.dialect = (size_t)i;
        make_token_again(&t);
        holds();
        const char *claims = make_token_payload(&t);
        assert_null(strstr(claims, d->first ? "\"ear." : "\"ear_"));
        json_t *o = json_loads(claims, JSON_REJECT_DUPLICATES, NULL), *part;
        const char *name;
        assert_string_equal(json_string_value(json_object_get(o, "eat_profile")), d->profile);
        assert_string_equal(json_string_value(json_object_get(o, d->status)), "affirming");
        assert_non_null(json_object_get(o, d->verifier));
        json_object_foreach(json_object_get(o, "submods"), name, part) part_is_of(part, d);
        const json_t *tee = json_object_get(json_object_get(o, "submods"), d->tee);
        assert_non_null(json_object_get(json_object_get(tee, d->attester), "tdx_mrtd"));
        assert_non_null(json_object_get(json_object_get(tee, d->added), "situs_rests_on"));
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(tee, d->vector), "hardware")), 2);
        json_decref(o);
    }
    profile_is(ear_dialects[EAR_VERAISON_2023].profile); /* by the same names */
    holds();
    profile_is(ear_dialects[EAR_DRAFT_04].profile);
    refused_token(SITUS_MISSING, "ear_verifier_id");
    profile_is("tag:ietf.org,2026:rats/ear#03");
    refused_token(SITUS_UNSUPPORTED, "eat_profile");
}

/* A vector that must have all of its claims has none of a simulated machine. */
static void no_dialect_affirms_a_simulation(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_DIALECTS; i++) {
        const struct ear_dialect *d = &ear_dialects[i];
        simulated.facts.dialect = (size_t)i;
        make_token_again(&simulated);
        const char *claims = make_token_payload(&simulated);
        assert_null(strstr(claims, "affirming"));
        json_t *o = json_loads(claims, JSON_REJECT_DUPLICATES, NULL), *part, *value;
        const char *name, *claim;
        json_object_foreach(json_object_get(o, "submods"), name, part)
            json_object_foreach(json_object_get(part, d->vector), claim, value)
                assert_int_equal(json_integer_value(value), 0);
        json_decref(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_told_in_the_dialect_that_is_asked_for),
        cmocka_unit_test(no_dialect_affirms_a_simulation),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
