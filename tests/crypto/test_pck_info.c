/* tee/intel/pck_info: the SGX extension of real PCK certificates, and every other form of it
 * refused. */
#include "support/intel_vectors.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/vectors.h"

#include "base/text.h"

#include <stdio.h>

static _Alignas(16) uint8_t memory[1 << 16];

static void real_certificates_state_their_platform(void **state)
{
    (void)state;
    vectors_need();
    for (const char *const *f = intel_vectors_folders; *f; f++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct intel_cert certs[3];
        struct pck_info info;
        size_t n;
        assert_true(intel_pem_chain(
            certs, 3, &n, (struct intel_pem){intel_vectors_pck_chain(*f), 0, "chain"}, &a, &err));
        assert_true(pck_info_read(&info, &certs[0], 0, "chain", &err));
        assert_true(info.has_piid && info.has_configuration);
        assert_false(span_all(SPAN_ARR(info.piid), 0));
        assert_int_equal(info.sgx_type, 1);
        assert_memory_equal(info.cpusvn, info.components, 16);
        assert_memory_equal(info.pceid, "\0\0", 2);
    }
}

static void one_real_certificate_in_full(void **state)
{
    (void)state;
    vectors_need();
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_cert certs[3];
    struct pck_info info;
    size_t n;
    struct span pem = intel_vectors_pck_chain("azure-v5");
    assert_true(intel_pem_chain(certs, 3, &n, (struct intel_pem){pem, 0, "chain"}, &a, &err));
    assert_true(pck_info_read(&info, &certs[0], 0, "chain", &err));
    expect_hex(SPAN_ARR(info.piid), "af8de677b5f3d6d0c3a71b288bfdda89");
    expect_hex(SPAN_ARR(info.fmspc), "90c06f000000");
    expect_hex(SPAN_ARR(info.cpusvn), "03030202040100030000000000000000");
    assert_int_equal(info.pcesvn, 13);
    assert_int_equal(info.dynamic_platform, 1);
    assert_int_equal(info.cached_keys, 0);
    assert_int_equal(info.smt_enabled, 1);
    for (size_t i = 1; i < 3; i++) { /* CAs have none */
        err = (struct situs_err){0};
        assert_false(pck_info_read(&info, &certs[i], 7, "chain", &err));
        expect_err(err, SITUS_MISSING, "sgx", 7);
    }
}

/* The elements of a good extension, as (last arcs, value). */
static const struct pair {
    const char *arcs, *value;
} top[] = {{"01", "041000112233445566778899aabbccddeeff"},
           {"02", NULL}, /* tcb */
           {"03", "04020000"},
           {"04", "0406b0c06f000000"},
           {"05", "0a0101"},
           {"06", "0410ffeeddccbbaa99887766554433221100"},
           {"07", NULL}}; /* configuration */

enum { TOP = 7, TCB = 18, FLAGS = 3 };

static struct span pair(const char *arcs, struct span value)
{
    char oid[64];
    snprintf(oid, sizeof oid, "2a864886f84d010d01%s", arcs);
    return MAKE_DER(0x30, MAKE_DER(0x06, make_hex(oid)), value);
}

struct extension {
    struct span top[TOP + 1], tcb[TCB + 1], flags[FLAGS + 1]; /* the last: one more, or empty */
    struct span after;
};

static struct extension good_extension(void)
{
    struct extension x = {0};
    char arcs[8], value[64];
    for (int i = 0; i < TCB; i++) {
        snprintf(arcs, sizeof arcs, "02%02x", i + 1);
        snprintf(value, sizeof value, i == 16 ? "0202012c" : "0201%02x", i + 1);
        if (i == 17)
            snprintf(value, sizeof value, "04100102030405060708090a0b0c0d0e0f10");
        x.tcb[i] = pair(arcs, make_hex(value));
    }
    for (int i = 0; i < FLAGS; i++) {
        snprintf(arcs, sizeof arcs, "07%02x", i + 1);
        x.flags[i] = pair(arcs, make_hex(i == 1 ? "010100" : "0101ff"));
    }
    for (int i = 0; i < TOP; i++)
        x.top[i] = top[i].value ? pair(top[i].arcs, make_hex(top[i].value)) : span_of(NULL, 0);
    return x;
}

static bool read_extension(struct pck_info *info, struct extension *x, struct situs_err *err)
{
    if (x->top[1].n == 0)
        x->top[1] = pair("02", make_der(0x30, x->tcb, TCB + 1));
    if (x->top[6].n == 0)
        x->top[6] = pair("07", make_der(0x30, x->flags, FLAGS + 1));
    struct span body = make_der(0x30, x->top, TOP + 1);
    struct span parts[] = {body, x->after};
    struct span whole = make_der(0x04, parts, 2);
    size_t head = whole.n - body.n - x->after.n;
    struct intel_cert cert = {.role = INTEL_PCK, .sgx_at = 40};
    cert.sgx = span_cut(whole, head, whole.n - head);
    *err = (struct situs_err){0};
    return pck_info_read(info, &cert, 1000, "chain", err);
}

static void a_made_extension_is_read_in_any_order(void **state)
{
    (void)state;
    struct extension x = good_extension();
    struct pck_info info, reversed;
    struct situs_err err;
    assert_true(read_extension(&info, &x, &err));
    expect_hex(SPAN_ARR(info.ppid), "00112233445566778899aabbccddeeff");
    expect_hex(SPAN_ARR(info.components), "0102030405060708090a0b0c0d0e0f10");
    expect_hex(SPAN_ARR(info.piid), "ffeeddccbbaa99887766554433221100");
    assert_int_equal(info.pcesvn, 300);
    assert_int_equal(info.cached_keys, 0);
    struct extension y = x;
    for (int i = 0; i < TOP; i++)
        y.top[i] = x.top[TOP - 1 - i];
    for (int i = 0; i < TCB; i++)
        y.tcb[i] = x.tcb[TCB - 1 - i];
    y.top[5] = pair("02", make_der(0x30, y.tcb, TCB));
    assert_true(read_extension(&reversed, &y, &err));
    assert_memory_equal(&info, &reversed, sizeof info);
    make_reset();
}

static void a_processor_has_no_platform_instance(void **state)
{
    (void)state;
    struct extension x = good_extension();
    struct pck_info info;
    struct situs_err err;
    read_extension(&info, &x, &err);
    x.top[5] = span_of(NULL, 0);
    x.top[6] = x.top[4]; /* the configuration goes too */
    x.top[4] = span_of(NULL, 0);
    assert_true(read_extension(&info, &x, &err));
    assert_false(info.has_piid || info.has_configuration);
    assert_int_equal(info.dynamic_platform, -1);
    make_reset();
}

static void flags_are_optional(void **state)
{
    (void)state;
    struct extension x = good_extension();
    struct pck_info info;
    struct situs_err err;
    x.flags[0] = x.flags[2] = span_of(NULL, 0);
    assert_true(read_extension(&info, &x, &err));
    assert_true(info.has_configuration);
    assert_int_equal(info.dynamic_platform, -1);
    assert_int_equal(info.cached_keys, 0);
    assert_int_equal(info.smt_enabled, -1);
    make_reset();
}

static void only_a_pck_certificate_has_it(void **state)
{
    (void)state;
    struct pck_info info;
    struct situs_err err = {0};
    const struct intel_cert cert = {.role = INTEL_TCB_SIGNING, .sgx = SPAN_LIT("\x30\0")};
    assert_false(pck_info_read(&info, &cert, 5, "chain", &err));
    expect_err(err, SITUS_MISSING, "sgx", 5);
}

enum list { IN_TOP, IN_TCB, IN_FLAGS };

static void every_other_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum list list;
        int index; /* which element to replace; the last adds one */
        const char *arcs, *value;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"ppid short", IN_TOP, 0, "01", "040f00112233445566778899aabbccddee", SITUS_MALFORMED,
         "sgx.ppid"},
        {"ppid as integer", IN_TOP, 0, "01", "020101", SITUS_MALFORMED, "sgx.ppid"},
        {"ppid and more", IN_TOP, 0, "01", "041000112233445566778899aabbccddeeff0500",
         SITUS_TRAILING, "sgx"},
        {"pceid long", IN_TOP, 2, "03", "0403000000", SITUS_MALFORMED, "sgx.pceid"},
        {"fmspc short", IN_TOP, 3, "04", "0405b0c06f0000", SITUS_MALFORMED, "sgx.fmspc"},
        {"sgx type 3", IN_TOP, 4, "05", "0a0103", SITUS_MALFORMED, "sgx.sgx_type"},
        {"sgx type as INTEGER", IN_TOP, 4, "05", "020101", SITUS_MALFORMED, "sgx.sgx_type"},
        {"piid short", IN_TOP, 5, "06", "0401ff", SITUS_MALFORMED, "sgx.platform_instance_id"},
        {"no ppid", IN_TOP, 0, NULL, NULL, SITUS_MISSING, "sgx"},
        {"no pceid", IN_TOP, 2, NULL, NULL, SITUS_MISSING, "sgx"},
        {"no fmspc", IN_TOP, 3, NULL, NULL, SITUS_MISSING, "sgx"},
        {"no sgx type", IN_TOP, 4, NULL, NULL, SITUS_MISSING, "sgx"},
        {"fmspc twice", IN_TOP, TOP, "04", "0406b0c06f000000", SITUS_DUPLICATE, "sgx"},
        {"piid twice", IN_TOP, TOP, "06", "0410ffeeddccbbaa99887766554433221100", SITUS_DUPLICATE,
         "sgx"},
        {"tcb twice", IN_TOP, TOP, "02", "3000", SITUS_DUPLICATE, "sgx"},
        {"arc 8", IN_TOP, TOP, "08", "0500", SITUS_UNKNOWN, "sgx"},
        {"arc 0", IN_TOP, TOP, "00", "0500", SITUS_UNKNOWN, "sgx"},
        {"arc of two bytes", IN_TOP, TOP, "8101", "0500", SITUS_UNKNOWN, "sgx"},
        {"arc of a deeper list", IN_TOP, TOP, "0201", "020101", SITUS_UNKNOWN, "sgx"},
        {"the list's own OID", IN_TOP, TOP, "", "0500", SITUS_UNKNOWN, "sgx"},
        {"component 256", IN_TCB, 3, "0204", "02020100", SITUS_MALFORMED, "sgx.tcb.component"},
        {"component negative", IN_TCB, 3, "0204", "0201ff", SITUS_MALFORMED, "sgx.tcb.component"},
        {"component padded", IN_TCB, 3, "0204", "02020001", SITUS_MALFORMED, "sgx.tcb.component"},
        {"component and more", IN_TCB, 3, "0204", "0201010500", SITUS_TRAILING, "sgx.tcb"},
        {"pcesvn 65536", IN_TCB, 16, "0211", "0203010000", SITUS_MALFORMED, "sgx.tcb.pcesvn"},
        {"cpusvn short", IN_TCB, 17, "0212", "040100", SITUS_MALFORMED, "sgx.tcb.cpusvn"},
        {"component missing", IN_TCB, 15, NULL, NULL, SITUS_MISSING, "sgx.tcb"},
        {"pcesvn missing", IN_TCB, 16, NULL, NULL, SITUS_MISSING, "sgx.tcb"},
        {"cpusvn missing", IN_TCB, 17, NULL, NULL, SITUS_MISSING, "sgx.tcb"},
        {"component twice", IN_TCB, TCB, "0201", "020101", SITUS_DUPLICATE, "sgx.tcb"},
        {"tcb arc 19", IN_TCB, TCB, "0213", "020101", SITUS_UNKNOWN, "sgx.tcb"},
        {"tcb arc of the configuration", IN_TCB, TCB, "0701", "0101ff", SITUS_UNKNOWN, "sgx.tcb"},
        {"flag of 1", IN_FLAGS, 0, "0701", "010101", SITUS_MALFORMED, "sgx.configuration"},
        {"flag and more", IN_FLAGS, 0, "0701", "0101ff0500", SITUS_TRAILING, "sgx.configuration"},
        {"flag twice", IN_FLAGS, FLAGS, "0701", "0101ff", SITUS_DUPLICATE, "sgx.configuration"},
        {"flag 4", IN_FLAGS, FLAGS, "0704", "0101ff", SITUS_UNKNOWN, "sgx.configuration"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct extension x = good_extension();
        struct span *list = rows[i].list == IN_TOP   ? x.top
                            : rows[i].list == IN_TCB ? x.tcb
                                                     : x.flags;
        list[rows[i].index] =
            rows[i].arcs ? pair(rows[i].arcs, make_hex(rows[i].value)) : span_of(NULL, 0);
        struct pck_info info;
        struct situs_err err;
        if (read_extension(&info, &x, &err))
            fail_msg("accepted: %s", rows[i].name);
        if (err.code != rows[i].code || strcmp(err.field, rows[i].field) || err.at < 1040)
            fail_msg("%s: %s %s at %zu", rows[i].name, err_code_name(err.code), err.field, err.at);
        assert_false(info.has_piid);
        make_reset();
    }
}

static void nothing_follows_the_extension(void **state)
{
    (void)state;
    struct extension x = good_extension();
    x.after = make_hex("0500");
    struct pck_info info;
    struct situs_err err;
    assert_false(read_extension(&info, &x, &err));
    assert_string_equal(err_code_name(err.code), "trailing");
    make_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_certificates_state_their_platform),
        cmocka_unit_test(one_real_certificate_in_full),
        cmocka_unit_test(a_made_extension_is_read_in_any_order),
        cmocka_unit_test(a_processor_has_no_platform_instance),
        cmocka_unit_test(flags_are_optional),
        cmocka_unit_test(only_a_pck_certificate_has_it),
        cmocka_unit_test(every_other_form_is_refused),
        cmocka_unit_test(nothing_follows_the_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
