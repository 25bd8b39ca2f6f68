/* The quote reader: forms, lengths, and where each refusal points. */
#include "tee/intel/quote.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "lab/intel/lab_intel.h"
#include "support/test.h"

static struct lab_world *world;
static struct lab_platform machine;

static int setup(void **state)
{
    (void)state;
    world = lab_world_new(INT64_C(1800000000));
    machine = lab_platform_honest(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_world_free(world);
    return 0;
}

/* read copies to the exact size, so that the sanitizer sees every read beyond the end. */
static bool read(struct quote *q, struct span bytes, struct situs_err *err)
{
    static uint8_t *exact;
    free(exact);
    exact = malloc(bytes.n ? bytes.n : 1);
    assert_non_null(exact);
    if (bytes.n)
        memcpy(exact, bytes.p, bytes.n);
    *err = (struct situs_err){0};
    return quote_read(q, span_of(exact, bytes.n), err);
}

static void quote_states_what_td_report_and_qe_say(void **state)
{
    (void)state;
    struct lab_quote lab = lab_quote_tdx(world, &machine, 5, LAB_BODY_TD15);
    struct lab_quote_layout at = lab_quote_layout(&lab);
    struct claims c = {0};
    struct situs_err err;
    struct quote q;
    lab.td.report_data[63] = 0x63;
    lab.td.mr_service_td[0] = 0x51;
    lab.td.tee_tcb_svn_2[15] = 0x22;
    lab.td.rtmr[3][0] = 0x33;
    lab.padding = 100;
    struct span bytes = lab_quote_make(world, &lab);
    assert_true(read(&q, bytes, &err));
    assert_int_equal(q.padding, 100);
    assert_int_equal(q.whole.n, bytes.n - 100);
    assert_int_equal(q.certification_at, at.certification);
    assert_int_equal(q.signed_part.n, at.signature_size);
    quote_claims(&q, &c);
    assert_string_equal(c.instance, "tdx");
    assert_null(c.authority);
    assert_int_equal(c.v[CLAIM_QUOTE_VERSION].num, 5);
    assert_true(span_equal(c.v[CLAIM_MRTD].bytes, SPAN_ARR(lab.td.mr_td)));
    assert_true(span_equal(c.v[CLAIM_MRSEAM].bytes, SPAN_ARR(lab.td.mr_seam)));
    assert_true(span_equal(c.v[CLAIM_TD_ATTRIBUTES].bytes, SPAN_ARR(lab.td.td_attributes)));
    assert_true(span_equal(c.v[CLAIM_XFAM].bytes, SPAN_ARR(lab.td.xfam)));
    assert_true(span_equal(c.v[CLAIM_RTMR0].bytes, SPAN_ARR(lab.td.rtmr[0])));
    assert_true(span_equal(c.v[CLAIM_RTMR3].bytes, SPAN_ARR(lab.td.rtmr[3])));
    assert_true(span_equal(c.v[CLAIM_REPORT_DATA].bytes, SPAN_ARR(lab.td.report_data)));
    assert_true(span_equal(c.v[CLAIM_TEE_TCB_SVN].bytes, SPAN_ARR(lab.td.tee_tcb_svn)));
    assert_true(span_equal(c.v[CLAIM_TEE_TCB_SVN_2].bytes, SPAN_ARR(lab.td.tee_tcb_svn_2)));
    assert_true(span_equal(c.v[CLAIM_MRSERVICETD].bytes, SPAN_ARR(lab.td.mr_service_td)));
    assert_true(span_equal(c.v[CLAIM_QE_MRSIGNER].bytes, SPAN_ARR(lab.qe.mrsigner)));
    assert_int_equal(c.v[CLAIM_QE_ISVSVN].num, lab.qe.isvsvn);
    assert_int_equal(c.v[CLAIM_QE_ISVPRODID].num, lab.qe.isvprodid);
    assert_true(span_equal(c.v[CLAIM_QE_ID].bytes, span_of(lab.user_data, 16)));
}

static void quote_states_what_the_enclave_report_says(void **state)
{
    (void)state;
    struct lab_quote lab = lab_quote_sgx(world, &machine, 3);
    struct claims c = {0};
    struct situs_err err;
    struct quote q;
    lab.sgx.isvprodid = 0x1234;
    lab.sgx.isvsvn = 0xfffe;
    assert_true(read(&q, lab_quote_make(world, &lab), &err));
    quote_claims(&q, &c);
    assert_string_equal(c.instance, "sgx");
    assert_true(span_equal(c.v[CLAIM_MRENCLAVE].bytes, SPAN_ARR(lab.sgx.mrenclave)));
    assert_true(span_equal(c.v[CLAIM_MRSIGNER].bytes, SPAN_ARR(lab.sgx.mrsigner)));
    assert_true(span_equal(c.v[CLAIM_ATTRIBUTES].bytes, SPAN_ARR(lab.sgx.attributes)));
    assert_int_equal(c.v[CLAIM_ISVPRODID].num, 0x1234);
    assert_int_equal(c.v[CLAIM_ISVSVN].num, 0xfffe);
    assert_false(c.v[CLAIM_MRTD].set);
}

/* Offsets in a version 4 quote with a TD 1.0 body: signature.size at 632. */
enum { V4_SIZE = 632, V4_OUTER = 636 + 128, V4_QE = V4_OUTER + 6, V4_AUTH = V4_QE + 448 };
enum { V4_INNER = V4_AUTH + 2 + 32, V4_CHAIN = V4_INNER + 6 };

#define PUT(at_, literal) at_, literal, sizeof(literal) - 1

static const struct {
    const char *what;
    uint16_t version, body;
    size_t edit; /* where bytes are put; LAB_END: the last byte is cut off */
    const char *put;
    size_t n;
    enum situs_code code;
    const char *field;
    size_t at;
} bad[] = {
    {"version 2", 4, 2, PUT(0, "\2"), SITUS_UNSUPPORTED, "header.version", 0},
    {"version 6", 4, 2, PUT(0, "\6"), SITUS_UNSUPPORTED, "header.version", 0},
    {"version 260", 4, 2, PUT(1, "\1"), SITUS_UNSUPPORTED, "header.version", 0},
    {"ECDSA P-384", 4, 2, PUT(2, "\3"), SITUS_UNSUPPORTED, "header.att_key_type", 2},
    {"TDX in version 3 (N27)", 3, 1, PUT(4, "\x81"), SITUS_UNSUPPORTED, "header.tee_type", 4},
    {"SNP", 4, 2, PUT(4, "\x82"), SITUS_UNSUPPORTED, "header.tee_type", 4},
    {"other vendor (N4)", 4, 2, PUT(12, "\x92"), SITUS_UNSUPPORTED, "header.qe_vendor_id", 12},
    {"body type 0", 5, 3, PUT(48, "\0"), SITUS_UNSUPPORTED, "body.type", 48},
    {"body type 4", 5, 3, PUT(48, "\4"), SITUS_UNSUPPORTED, "body.type", 48},
    {"SGX body of a TD", 5, 3, PUT(48, "\1"), SITUS_MISMATCH, "body.type", 48},
    {"TD body of an enclave", 5, 1, PUT(48, "\2"), SITUS_MISMATCH, "body.type", 48},
    {"body size of 1.0 in 1.5 (N27)", 5, 3, PUT(50, "\x48\x02"), SITUS_MALFORMED, "body.size", 50},
    {"body size + 1", 5, 3, PUT(50, "\x89"), SITUS_MALFORMED, "body.size", 50},
    {"body size huge", 5, 3, PUT(50, "\xff\xff\xff\xff"), SITUS_MALFORMED, "body.size", 50},
    {"signature size 0 (N29)", 4, 2, PUT(V4_SIZE, "\0\0"), SITUS_TOO_SHORT,
     "signature.isv_enclave_report_signature", 636},
    {"signature size huge", 4, 2, PUT(V4_SIZE, "\xff\xff\xff\xff"), SITUS_TOO_SHORT, "signature",
     636},
    {"signature size + 1", 4, 2, LAB_END, NULL, 0, SITUS_TOO_SHORT, "signature", 636},
    {"QE data of type 5 (N26)", 4, 2, PUT(V4_OUTER, "\5"), SITUS_UNSUPPORTED,
     "signature.qe_certification_data.type", V4_OUTER},
    {"QE data of size 0", 4, 2, PUT(V4_OUTER + 2, "\0\0"), SITUS_TOO_SHORT, "signature.qe_report",
     V4_QE},
    {"QE data huge", 4, 2, PUT(V4_OUTER + 2, "\xff\xff\xff\xff"), SITUS_TOO_SHORT,
     "signature.qe_certification_data", V4_QE},
    {"auth data huge", 4, 2, PUT(V4_AUTH, "\xff\xff"), SITUS_TOO_SHORT,
     "signature.qe_authentication_data", V4_AUTH + 2},
    {"chain of type 6 (N26)", 4, 2, PUT(V4_INNER, "\6"), SITUS_UNSUPPORTED,
     "signature.certification_data.type", V4_INNER},
    {"encrypted PPID", 4, 2, PUT(V4_INNER, "\3"), SITUS_UNSUPPORTED,
     "signature.certification_data.type", V4_INNER},
    {"empty chain (N30)", 4, 2, PUT(V4_INNER + 2, "\0\0\0\0"), SITUS_MISSING,
     "signature.certification_data.size", V4_INNER + 2},
    {"huge chain", 4, 2, PUT(V4_INNER + 2, "\xff\xff\xff\xff"), SITUS_TOO_LONG,
     "signature.certification_data.size", V4_INNER + 2},
};

static void quote_refuses_other_forms_and_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lab_quote lab = bad[i].body == 1
                                   ? lab_quote_sgx(world, &machine, bad[i].version)
                                   : lab_quote_tdx(world, &machine, bad[i].version, bad[i].body);
        struct situs_err err;
        struct quote q;
        print_message("%s\n", bad[i].what);
        lab.after[0].at = bad[i].edit;
        lab.after[0].put = span_of(bad[i].put, bad[i].n);
        struct span bytes = lab_quote_make(world, &lab);
        if (bad[i].edit == LAB_END)
            bytes.n--;
        assert_false(read(&q, bytes, &err));
        expect_err(err, bad[i].code, bad[i].field, bad[i].at);
        assert_null(q.whole.p);
    }
}

/* shift adds delta to the little-endian u16 at an offset. */
static void shift(uint8_t *p, int delta)
{
    int v = (p[0] | p[1] << 8) + delta;
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

/* N29: each nested length is one off, and the sum is wrong by one. */
static void quote_refuses_sums_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        int delta;
        enum situs_code code;
        const char *field;
    } off[] = {
        {V4_SIZE, -1, SITUS_TOO_SHORT, "signature.qe_certification_data"},
        {V4_OUTER + 2, -1, SITUS_TOO_SHORT, "signature.certification_data"},
        {V4_INNER + 2, -1, SITUS_TRAILING, "signature.certification_data"},
        {V4_INNER + 2, 1, SITUS_TOO_SHORT, "signature.certification_data"},
        {V4_OUTER + 2, 1, SITUS_TOO_SHORT, "signature.qe_certification_data"},
    };
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        struct lab_quote lab = lab_quote_tdx(world, &machine, 4, LAB_BODY_TD10);
        struct span made = lab_quote_make(world, &lab);
        static uint8_t bytes[LIMIT_QUOTE];
        struct situs_err err;
        struct quote q;
        memcpy(bytes, made.p, made.n);
        shift(bytes + off[i].at, off[i].delta);
        assert_false(read(&q, span_of(bytes, made.n), &err));
        assert_string_equal(err_code_name(err.code), err_code_name(off[i].code));
        assert_string_equal(err.field, off[i].field);
    }
}

static void quote_refuses_every_shorter_prefix(void **state)
{
    (void)state;
    struct lab_quote lab = lab_quote_tdx(world, &machine, 5, LAB_BODY_TD15);
    struct span bytes = lab_quote_make(world, &lab);
    struct situs_err err;
    struct quote q;
    for (size_t n = 0; n < bytes.n; n++) {
        assert_false(read(&q, span_cut(bytes, 0, n), &err));
        assert_int_equal(err.code, SITUS_TOO_SHORT);
    }
}

static void quote_refuses_anything_but_zeros_after_it(void **state)
{
    (void)state;
    struct lab_quote lab = lab_quote_tdx(world, &machine, 4, LAB_BODY_TD10);
    struct situs_err err;
    struct quote q;
    size_t end = lab_quote_make(world, &lab).n;
    lab.padding = 7;
    lab.after[0] = LAB_APPEND("x");
    assert_false(read(&q, lab_quote_make(world, &lab), &err));
    expect_err(err, SITUS_TRAILING, "quote", end);
    assert_string_equal(err.got, "8 bytes");
}

static void quote_refuses_more_than_the_limit(void **state)
{
    (void)state;
    struct lab_quote lab = lab_quote_tdx(world, &machine, 4, LAB_BODY_TD10);
    struct situs_err err;
    struct quote q;
    lab.padding = LIMIT_QUOTE - lab_quote_make(world, &lab).n;
    assert_true(read(&q, lab_quote_make(world, &lab), &err));
    lab.padding++;
    assert_false(read(&q, lab_quote_make(world, &lab), &err));
    expect_err(err, SITUS_TOO_LONG, "quote", SITUS_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quote_states_what_td_report_and_qe_say),
        cmocka_unit_test(quote_states_what_the_enclave_report_says),
        cmocka_unit_test(quote_refuses_other_forms_and_lengths),
        cmocka_unit_test(quote_refuses_sums_that_do_not_fit),
        cmocka_unit_test(quote_refuses_every_shorter_prefix),
        cmocka_unit_test(quote_refuses_anything_but_zeros_after_it),
        cmocka_unit_test(quote_refuses_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
