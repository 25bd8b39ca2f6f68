/* evidence/hcl_report: what of a paravisor's report does not read, by code, field and offset; the key that is built of it. */
#include "support/test.h"

#include "base/text.h"
#include "crypto/ak.h"
#include "evidence/hcl_report.h"
#include "lab/guest/lab_hcl.h"

#define AT 1769510999
#define RUNTIME (32 + 1184 + 20)

static struct lab_world *world;
static struct lab_soft_tpm vtpm;
static uint8_t hardware[1184];

static int setup(void **state)
{
    (void)state;
    world = lab_world_new(AT);
    vtpm = lab_soft_new_rsa(world, LAB_HCL_AK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_soft_free(&vtpm);
    lab_world_free(world);
    return 0;
}

static struct span text(void)
{
    uint8_t user_data[64];
    memset(user_data, 0xab, sizeof user_data);
    return lab_hcl_text(world, vtpm.ak, user_data);
}

/* A report of a TD (its hardware report a TDREPORT) or of SEV-SNP, in writable bytes. */
static struct span report(uint8_t out[LIMIT_HCL_REPORT], uint32_t version, uint32_t type,
                          struct span json)
{
    size_t n = type == LAB_HCL_TDX ? HCL_TD_REPORT : sizeof hardware;
    hardware[0] = type == LAB_HCL_TDX ? 0x81 : 3;
    struct span made = lab_hcl_report(world, version, type, span_of(hardware, n), json);
    memcpy(out, made.p, made.n);
    return span_of(out, made.n);
}

static void each_version_reads_for_each_tee(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        uint8_t bytes[LIMIT_HCL_REPORT], public[HCL_AK_PUBLIC], data[64], want[64];
        struct hcl_report h;
        struct situs_err err = {0};
        uint32_t type = i & 1 ? LAB_HCL_TDX : LAB_HCL_SNP;
        struct span in = report(bytes, 1 + i / 2, type, text());
        assert_true(hcl_report_is(in));
        assert_true(hcl_report_read(&h, in, &err));
        assert_int_equal(h.version, 1 + i / 2);
        assert_int_equal(h.tee, i & 1 ? KIND_TDX : KIND_SNP);
        assert_ptr_equal(h.hardware.p, bytes + 32);
        assert_int_equal(h.hardware.n, i & 1 ? 1024 : 1184);
        assert_true(h.has_user_data && span_all(SPAN_ARR(h.user_data), 0xab));
        assert_int_equal(h.secure_boot, HCL_TRUE);
        assert_int_equal(h.console, HCL_FALSE);
        assert_string_equal(h.vm_id, "3c18c97a-0d2a-4565-969d-166cdcef26a3");
        assert_true(hcl_report_data(&h, data));
        lab_hcl_report_data(text(), want);
        assert_memory_equal(data, want, sizeof want);
        hcl_report_ak(&h, public);
        assert_true(span_equal(SPAN_ARR(public), lab_soft_public(&vtpm)));
    }
}

static void what_is_not_as_specified_does_not_read(void **state)
{
    (void)state;
    const size_t n = text().n;
    const struct {
        uint32_t type;
        size_t at;
        uint8_t value;
        enum situs_code code;
        const char *field;
        size_t told;
    } rows[] = {
        {LAB_HCL_SNP, 0, 'h', SITUS_UNKNOWN, "header.signature", 0},
        {LAB_HCL_SNP, 4, 3, SITUS_UNSUPPORTED, "header.version", 4},
        {LAB_HCL_SNP, 4, 0, SITUS_UNSUPPORTED, "header.version", 4},
        {LAB_HCL_SNP, 11, 1, SITUS_MALFORMED, "header.report_size", 8},
        {LAB_HCL_SNP, 12, 1, SITUS_MALFORMED, "header.request_type", 12},
        {LAB_HCL_SNP, 16, 1, SITUS_MALFORMED, "header.status", 16},
        {LAB_HCL_SNP, 31, 1, SITUS_MALFORMED, "header.reserved", 28},
        {LAB_HCL_TDX, 32, 0x80, SITUS_MISMATCH, "hardware.report_type", 32},
        {LAB_HCL_TDX, 32 + 1024, 1, SITUS_TRAILING, "hardware", 32 + 1024},
        {LAB_HCL_SNP, 1216, (uint8_t)(n + 21), SITUS_MALFORMED, "variable_data_size", 1232},
        {LAB_HCL_SNP, 1235, 1, SITUS_MALFORMED, "variable_data_size", 1232},
        {LAB_HCL_SNP, 1220, 2, SITUS_MALFORMED, "version", 1220},
        {LAB_HCL_SNP, 1224, 3, SITUS_UNSUPPORTED, "report_type", 1224},
        {LAB_HCL_SNP, 1228, 2, SITUS_MALFORMED, "report_data_hash_type", 1228},
        {LAB_HCL_SNP, LAB_HCL_NV - 1, 1, SITUS_TRAILING, "end", RUNTIME + n},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[LIMIT_HCL_REPORT];
        struct hcl_report h;
        struct situs_err err = {0};
        struct span in = report(bytes, 2, rows[i].type, text());
        bytes[rows[i].at] = rows[i].value;
        assert_false(hcl_report_read(&h, in, &err));
        assert_string_equal(err.part, "hcl");
        expect_err(err, rows[i].code, rows[i].field, rows[i].told);
        assert_null(h.runtime.p);
    }
}

static void every_cut_is_too_short(void **state)
{
    (void)state;
    uint8_t bytes[LIMIT_HCL_REPORT];
    struct hcl_report h;
    struct span in = report(bytes, 1, LAB_HCL_SNP, text());
    size_t whole = RUNTIME + text().n;
    for (size_t n = 0; n < in.n; n += n < 40 || n > 1210 ? 1 : 100) {
        struct situs_err err = {0};
        assert_int_equal(hcl_report_read(&h, span_of(in.p, n), &err), n >= whole);
        assert_int_equal(err.code, n >= whole ? SITUS_NONE : SITUS_TOO_SHORT);
    }
    struct situs_err err = {0};
    static uint8_t long_one[LIMIT_HCL_REPORT + 1];
    assert_false(hcl_report_read(&h, SPAN_ARR(long_one), &err));
    expect_err(err, SITUS_TOO_LONG, "", SITUS_NO_OFFSET);
}

#define AK_(kty, e, n) "{\"kid\":\"HCLAkPub\",\"kty\":\"" kty "\",\"e\":\"" e "\",\"n\":\"" n "\"}"
#define N256                                                                                 \
    "10ZXJAAAS9tBDkGydjIRrMOSrHfTAyGAHDYODYaKO-c4XaL8R0eHPx6blezahncv5Uwj4R2HselWyCtbCEoZXc" \
    "sTQttgA3GA-piE88oHn5ZoySVflp5ceRJSoYwSX94o7RMC8mQK4vG1Ku9XJQJnNAgNnn-YklVG_8OQgSIiQsC-" \
    "smDpKgf_4xRvgIwGQzLPe9BOt5EfYSZkbf72Q7s-KZzxxue28gsBdJ75vDcRaRG4uOQUBrt56p7uNRHkip0A7L" \
    "7N-IHZ2SUVOYvm_7j22Pnr7IFxYUUDxwhi0GMTN7Is8cFJJjBrGBmA606BYzyTBHsHx4s3XcQwMJ1PoCe1Aw"
#define AK AK_("RSA", "AQAB", N256)
#define TEXT(keys, more) "{\"keys\":[" keys "],\"vm-configuration\":{}" more "}"
#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"

static void the_text_names_one_key(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code; /* NONE: it reads */
        const char *field;
    } rows[] = {
        {TEXT(AK, ""), SITUS_NONE, ""},
        {TEXT(AK, ",\"user-data\":\"\",\"more\":[1]"), SITUS_NONE, ""},
        {TEXT("{\"kid\":\"HCLEkPub\"}," AK, ",\"user-data\":\"" ZEROS32 ZEROS32 "\""), SITUS_NONE,
         ""},
        {TEXT(AK "," AK, ""), SITUS_DUPLICATE, "keys[1]"},
        {TEXT("{\"kid\":\"HCLEkPub\"}", ""), SITUS_MISSING, "keys"},
        {TEXT("{\"kty\":\"RSA\"}", ""), SITUS_MISSING, "keys[0].kid"},
        {TEXT(AK_("EC", "AQAB", N256), ""), SITUS_UNSUPPORTED, "keys[0]"},
        {TEXT(AK_("RSA", "Aw", N256), ""), SITUS_UNSUPPORTED, "keys[0]"},
        {TEXT(AK_("RSA", "AQAB", "10ZX"), ""), SITUS_MALFORMED, "keys[0].n"},
        {TEXT(AK_("RSA", "AQAB", "A" N256), ""), SITUS_MALFORMED, "keys[0].n"},
        {TEXT(AK_("RSA", "AQAB", "AAAA"), ""), SITUS_MALFORMED, "keys[0].n"},
        {TEXT(AK, ",\"keys\":[" AK "]"), SITUS_DUPLICATE, ""},
        {TEXT(AK, ",\"user-data\":\"" ZEROS32 "\""), SITUS_MALFORMED, "user-data"},
        {TEXT(AK, ",\"user-data\":\"" ZEROS32 ZEROS32 "00\""), SITUS_MALFORMED, "user-data"},
        {TEXT(AK, ",\"user-data\":null"), SITUS_MALFORMED, "user-data"},
        {"{\"keys\":[" AK "]}", SITUS_MISSING, "vm-configuration"},
        {"{\"keys\":[" AK "],\"vm-configuration\":{\"secure-boot\":1}}", SITUS_MALFORMED,
         "vm-configuration.secure-boot"},
        {"{\"keys\":[" AK "],\"vm-configuration\":{\"vmUniqueId\":\"0123456789012345678901234567890"
         "123456789\"}}",
         SITUS_TOO_LONG, "vm-configuration"},
        {"[]", SITUS_MALFORMED, "json"},
        {"{", SITUS_TOO_SHORT, "json"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[LIMIT_HCL_REPORT];
        struct hcl_report h;
        struct situs_err err = {0};
        struct span in = report(bytes, 1, LAB_HCL_SNP, span_text(rows[i].text));
        assert_int_equal(hcl_report_read(&h, in, &err), rows[i].code == SITUS_NONE);
        assert_string_equal(err_code_name(err.code), err_code_name(rows[i].code));
        if (*rows[i].field)
            assert_string_equal(err.field, rows[i].field);
    }
}

/* Each part of the TDREPORT that a quote repeats is compared; what a quote has not, is not. */
static void a_quote_is_of_one_tdreport(void **state)
{
    (void)state;
    static const struct {
        uint16_t report, body;
        bool same;
    } rows[] = {{128, 520, false}, {191, 583, false}, {264, 0, false}, {383, 119, false},
                {512, 120, false}, {911, 519, false}, {16, 0, true},   {224, 0, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t td[HCL_TD_REPORT], body[584];
        struct hcl_report h = {.hardware = SPAN_ARR(td)};
        for (size_t k = 0; k < sizeof td; k++)
            td[k] = (uint8_t)(k * 7);
        memcpy(body, td + 264, 120);
        memcpy(body + 120, td + 512, 400);
        memcpy(body + 520, td + 128, 64);
        assert_true(hcl_report_of_td(&h, SPAN_ARR(body)));
        td[rows[i].report] ^= 1;
        assert_int_equal(hcl_report_of_td(&h, SPAN_ARR(body)), rows[i].same);
        if (!rows[i].same) {
            body[rows[i].body] ^= 1;
            assert_true(hcl_report_of_td(&h, SPAN_ARR(body)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_reads_for_each_tee),
        cmocka_unit_test(what_is_not_as_specified_does_not_read),
        cmocka_unit_test(every_cut_is_too_short),
        cmocka_unit_test(the_text_names_one_key),
        cmocka_unit_test(a_quote_is_of_one_tdreport),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
