/* appraise/reference: all five registers of one image must match. */
#include "support/registers.h"
#include "support/test.h"

#include "appraise/reference.h"

static struct reference images[2];
static uint8_t values[5][48];

/* Image 0 has registers full of 1..5, image 1 of 1, 12..15; the TD is image 0. */
static void start(struct case_ *c)
{
    case_start(c);
    images[0] = (struct reference){.name = SPAN_LIT("first")};
    images[1] = (struct reference){.name = SPAN_LIT("second")};
    for (int i = 0; i < 5; i++) {
        memset(values[i], i + 1, 48);
        for (int image = 0; image < 2; image++)
            memset(i ? images[image].rtmr[i - 1] : images[image].mrtd, i && image ? i + 11 : i + 1,
                   48);
    }
    claim_bytes(&c->td, CLAIM_MRTD, SPAN_ARR(values[0]));
    for (int i = 0; i < 4; i++)
        claim_bytes(&c->td, (enum claim_id)(CLAIM_RTMR0 + i), SPAN_ARR(values[i + 1]));
    c->policy.v[PARAM_REF_GUEST_IMAGES] =
        (struct param_value){.given = true, .references = images, .n = 2};
}

static void an_image_of_the_policy_passes(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    reference_check(&c.findings, &c.policy, &c.td);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_PASS);
    assert_ptr_equal(reference_find(&c.policy, &c.td), &images[0]);
}

static void any_flipped_bit_of_any_register_fails(void **state)
{
    (void)state;
    static const char *const names[] = {"mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"};
    struct case_ c;
    start(&c);
    for (size_t i = 0; i < 5; i++)
        for (size_t bit = 0; bit < 384; bit++) {
            case_again(&c);
            values[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
            reference_check(&c.findings, &c.policy, &c.td);
            expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, names[i]);
            assert_null(reference_find(&c.policy, &c.td));
            values[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void registers_of_two_images_do_not_mix(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    memcpy(values[4], images[1].rtmr[3], 48);
    reference_check(&c.findings, &c.policy, &c.td);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr3");
    assert_string_equal(c.findings.v[CHECK_REF_GUEST].why->hint,
                        "nearest image: first; it differs in rtmr3");
}

static void a_missing_register_fails(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    c.td.v[CLAIM_RTMR2].set = false;
    reference_check(&c.findings, &c.policy, &c.td);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISSING, "rtmr2");
}

static void without_images_or_authority_it_does_not_run(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    c.td.authority = NULL;
    reference_check(&c.findings, &c.policy, &c.td);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
    start(&c);
    c.policy.v[PARAM_REF_GUEST_IMAGES].n = 0;
    reference_check(&c.findings, &c.policy, &c.td);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
}

static void an_enclave_is_no_image(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    c.td.instance = "sgx";
    reference_check(&c.findings, &c.policy, &c.td);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_UNSUPPORTED, "ref.guest.images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_of_the_policy_passes),
        cmocka_unit_test(any_flipped_bit_of_any_register_fails),
        cmocka_unit_test(registers_of_two_images_do_not_mix),
        cmocka_unit_test(a_missing_register_fails),
        cmocka_unit_test(an_enclave_is_no_image),
        cmocka_unit_test(without_images_or_authority_it_does_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
