/* lab/platform: reports that only their own processor accepts, quotes of the enclave and its
 * service. */
#include <stdio.h>
#include <stdlib.h>

#include "lab/intel/lab_intel.h"
#include "lab/platform/lab_qgs.h"
#include "lab/process/lab_process.h"
#include "support/appraise_quote.h"
#include "support/test.h"

#define AT INT64_C(1800000000)

static void tdreport_is_accepted_by_its_processor_alone(void **state)
{
    (void)state;
    struct lab_world *w = lab_world_new(AT);
    struct lab_cpu here = lab_cpu_new(w, 0), there = lab_cpu_new(w, 1);
    struct lab_td td = lab_td_build(&here, SPAN_LIT("firmware"));
    uint8_t report[TDREPORT_SIZE], data[64] = {1};
    lab_td_tdreport(&td, data, report);
    assert_true(lab_cpu_verify_report(&here, report));
    assert_false(lab_cpu_verify_report(&there, report));
    assert_int_equal(lab_qe_quote(&there, report).n, 0);
    assert_true(lab_qe_quote(&here, report).n > 0);
    lab_world_free(w);
}

/* The MAC covers REPORTMACSTRUCT; the rest hangs on the two hashes in it. */
static void quoting_enclave_refuses_every_changed_byte(void **state)
{
    (void)state;
    struct lab_world *w = lab_world_new(AT);
    struct lab_cpu here = lab_cpu_new(w, 0);
    struct lab_td td = lab_td_build(&here, SPAN_LIT("firmware"));
    uint8_t report[TDREPORT_SIZE], data[64] = {1};
    lab_td_tdreport(&td, data, report);
    for (size_t i = 0; i < TDREPORT_SIZE; i++) {
        if (i >= TDREPORT_TEE_TCB_INFO + TDREPORT_TEE_TCB_INFO_SIZE && i < TDREPORT_TDINFO)
            continue; /* reserved, and covered by nothing */
        report[i] ^= 1;
        if (lab_qe_quote(&here, report).n != 0)
            fail_msg("byte %zu", i);
        report[i] ^= 1;
    }
    lab_world_free(w);
}

static void quote_says_what_the_report_says(void **state)
{
    (void)state;
    struct lab_world *w = lab_world_new(AT);
    struct lab_cpu here = lab_cpu_new(w, 0);
    struct lab_td td = lab_td_build(&here, SPAN_LIT("firmware"));
    uint8_t report[TDREPORT_SIZE], data[64] = {7}, extend[48] = {9};
    static struct situs_err err;
    struct quote q;
    struct claims c = {0};
    lab_td_extend(&td, 3, extend);
    lab_td_tdreport(&td, data, report);
    assert_true(quote_read(&q, lab_qe_quote(&here, report), &err));
    quote_claims(&q, &c);
    assert_true(span_equal(c.v[CLAIM_REPORT_DATA].bytes, SPAN_ARR(data)));
    assert_true(span_equal(c.v[CLAIM_MRTD].bytes, SPAN_ARR(td.registers.mr_td)));
    assert_true(span_equal(c.v[CLAIM_RTMR3].bytes, SPAN_ARR(td.registers.rtmr[3])));
    lab_world_free(w);
}

static void quote_service_answers_on_its_socket(void **state)
{
    (void)state;
    struct lab_world *w = lab_world_new(AT);
    struct lab_cpu here = lab_cpu_new(w, 0), there = lab_cpu_new(w, 1);
    struct lab_td td = lab_td_build(&here, SPAN_LIT("firmware"));
    struct lab_td foreign = lab_td_build(&there, SPAN_LIT("firmware"));
    uint8_t report[TDREPORT_SIZE], data[64] = {1};
    uint32_t code;
    char directory[] = "/tmp/situs-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/qgs.sock", directory);
    pid_t service = lab_qgs_start(&here, path);
    lab_td_tdreport(&td, data, report);
    assert_true(lab_qgs_ask(w, path, report, &code).n > 1000);
    assert_int_equal(code, QGS_SUCCESS);
    lab_td_tdreport(&foreign, data, report);
    assert_int_equal(lab_qgs_ask(w, path, report, &code).n, 0);
    assert_int_equal(code, QGS_ERROR_UNEXPECTED);
    lab_process_stop(service);
    assert_false(lab_process_alive(service));
    remove(path);
    remove(directory);
    lab_world_free(w);
}

static void expect_code(const struct lab_cpu *cpu, uint8_t message[QGS_HEADER + 8 + TDREPORT_SIZE],
                        size_t at, uint8_t value, size_t n, uint32_t code)
{
    uint8_t was = message[at];
    message[at] = value;
    struct span answer = lab_qgs_answer(cpu, span_of(message, n));
    message[at] = was;
    assert_int_equal(answer.n, QGS_HEADER + 8);
    assert_int_equal(answer.p[12] | answer.p[13] << 8 | answer.p[14] << 16, code);
}

static void quote_service_refuses_malformed_messages(void **state)
{
    (void)state;
    struct lab_world *w = lab_world_new(AT);
    struct lab_cpu here = lab_cpu_new(w, 0);
    uint8_t m[QGS_HEADER + 8 + TDREPORT_SIZE] = {1};
    m[8] = sizeof m & 0xff;
    m[9] = sizeof m >> 8;
    m[17] = TDREPORT_SIZE >> 8;
    expect_code(&here, m, 0, 2, sizeof m, QGS_ERROR_INVALID_VERSION);
    expect_code(&here, m, 4, 4, sizeof m, QGS_ERROR_INVALID_TYPE);
    expect_code(&here, m, 8, 0, sizeof m, QGS_ERROR_INVALID_SIZE);
    expect_code(&here, m, 0, 1, sizeof m - 1, QGS_ERROR_INVALID_SIZE);
    expect_code(&here, m, 0, 1, sizeof m, QGS_ERROR_UNEXPECTED); /* no MAC */
    lab_world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tdreport_is_accepted_by_its_processor_alone),
        cmocka_unit_test(quoting_enclave_refuses_every_changed_byte),
        cmocka_unit_test(quote_says_what_the_report_says),
        cmocka_unit_test(quote_service_answers_on_its_socket),
        cmocka_unit_test(quote_service_refuses_malformed_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
