/* appraise/reference: all five registers of one image must match. */
#include "support/registers.h"
#include "support/test.h"

#include "appraise/reference.h"

#include <stdio.h>

static struct reference images[2];
static uint8_t values[5][48];
static const struct reference_logs none;

/* Image 0 has registers full of 1..5, image 1 of 1, 12..15; the TD is image 0. */
static void start(struct case_ *c)
{
    case_start(c);
    images[0] = (struct reference){.name = SPAN_LIT("first"), .tee = KIND_TDX};
    images[1] = (struct reference){.name = SPAN_LIT("second"), .tee = KIND_TDX};
    for (int i = 0; i < 5; i++) {
        memset(values[i], i + 1, 48);
        for (int image = 0; image < 2; image++) {
            images[image].closed = (struct closed){SPAN_LIT("us"), (1u << CLOSED_POINTS) - 1};
            memset(i ? images[image].rtmr[i - 1] : images[image].mrtd, i && image ? i + 11 : i + 1,
                   48);
        }
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
    assert_ptr_equal(reference_check(&c.findings, &c.policy, &c.td, &none), &images[0]);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_PASS);
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
            assert_null(reference_check(&c.findings, &c.policy, &c.td, &none));
            expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, names[i]);
            values[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void registers_of_two_images_do_not_mix(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    memcpy(values[4], images[1].rtmr[3], 48);
    reference_check(&c.findings, &c.policy, &c.td, &none);
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
    reference_check(&c.findings, &c.policy, &c.td, &none);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISSING, "rtmr2");
}

static void without_images_or_authority_it_does_not_run(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    c.td.authority = NULL;
    reference_check(&c.findings, &c.policy, &c.td, &none);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
    start(&c);
    c.policy.v[PARAM_REF_GUEST_IMAGES].n = 0;
    reference_check(&c.findings, &c.policy, &c.td, &none);
    assert_int_equal(c.findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
}

static void an_enclave_is_no_image(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    c.td.instance = "sgx";
    reference_check(&c.findings, &c.policy, &c.td, &none);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_UNSUPPORTED, "ref.guest.images");
}

/* DESIGN: closed references: an image of which one point is not stated is no reference. */
static void every_point_of_closed_is_needed(void **state)
{
    (void)state;
    struct case_ c;
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        char field[80];
        start(&c);
        images[0].closed.stated &= ~(1u << i);
        reference_check(&c.findings, &c.policy, &c.td, &none);
        snprintf(field, sizeof field, "ref.guest.images.closed.%s",
                 closed_key((enum closed_point)i));
        expect_fail(c.findings, CHECK_REF_GUEST, SITUS_NOT_ALLOWED, field);
    }
}

/* RTMR1 by lists needs the TPM's log as a witness; tests of lists: test_measurements.c. */
static void without_a_log_lists_lead_nowhere(void **state)
{
    (void)state;
    struct case_ c;
    start(&c);
    images[0].rtmr1_listed = images[0].has_boot = true;
    reference_check(&c.findings, &c.policy, &c.td, &none);
    expect_fail(c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    assert_non_null(strstr(c.findings.v[CHECK_REF_GUEST].why->hint, "give the TPM's event log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_of_the_policy_passes),
        cmocka_unit_test(any_flipped_bit_of_any_register_fails),
        cmocka_unit_test(registers_of_two_images_do_not_mix),
        cmocka_unit_test(a_missing_register_fails),
        cmocka_unit_test(an_enclave_is_no_image),
        cmocka_unit_test(every_point_of_closed_is_needed),
        cmocka_unit_test(without_a_log_lists_lead_nowhere),
        cmocka_unit_test(without_images_or_authority_it_does_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
