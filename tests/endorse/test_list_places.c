/* endorse/id_list and places: where a facility is, the trust file says; not knowing is no. */
#include "model/trust_places.h"
#include "support/list_run.h"

/* Where the hall is, the trust file says: not knowing is no. */
static void countries_of_the_policy_bound_the_list(void **state)
{
    (void)state;
    static const struct trust_place places[] = {
        {{0}, SPAN_LIT("hall 4"), "Amsterdam", "NL"},
        {SPAN_LIT("fleet CA"), SPAN_LIT("hall 4"), "New York", "US"},
        {{0}, SPAN_LIT("hall 4"), "Amsterdam, NL", ""},
        {{0}, SPAN_LIT("hall 5"), "Amsterdam", "NL"},
    };
    static struct span countries[1];
    static const enum situs_code codes[] = {SITUS_NONE, SITUS_NOT_ALLOWED, SITUS_MISSING,
                                            SITUS_MISSING};
    good();
    param(PARAM_LIST_COUNTRIES, countries, "NL");
    s.trust.n_places = 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        s.trust.places = &places[i];
        answer();
        if (i == 0)
            assert_non_null(s.answer.claims.authority);
        else
            expect_fail(s.answer.findings, CHECK_LIST_MATCH, codes[i], "facility");
        assert_int_equal(s.answer.claims.authority != NULL, i == 0);
    }
    s.trust.n_places = 0;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "facility");
}

/* What is said for an anchor that the trust file lacks may be of this one, misspelt. */
static void a_place_of_nobodys_hides_that_of_all(void **state)
{
    (void)state;
    static const struct {
        const char *anchor, *facility;
        bool holds;
    } cases[] = {{"flet CA", "hall 4", false},
                 {"Fl\xc3\xb6te", "hall 4", false},
                 {"flet CA", "hall 5", true},
                 {"", "hall 5", true}};
    static struct span countries[1];
    good();
    param(PARAM_LIST_COUNTRIES, countries, "NL");
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        const struct trust_place one = {{0}, SPAN_LIT("hall 4"), "Amsterdam", "NL"};
        const struct trust_place far = {span_text(cases[i / 2].anchor),
                                        span_text(cases[i / 2].facility), "New York", "US"};
        const struct trust_place places[] = {i % 2 ? one : far, i % 2 ? far : one};
        s.trust.places = places;
        s.trust.n_places = 2;
        answer();
        assert_int_equal(s.answer.claims.authority != NULL, cases[i / 2].holds);
        if (!cases[i / 2].holds)
            expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "facility");
    }
    s.trust.n_places = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(countries_of_the_policy_bound_the_list),
        cmocka_unit_test(a_place_of_nobodys_hides_that_of_all),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
