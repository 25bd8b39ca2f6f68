/*
 * What of an attestation report, the certificate table behind it, and the certificate of a VEK does not read: each
 * by its own code, field and offset, whoever signed it.
 */
#include "support/snp_guest.h"
#include "support/test.h"

#include "tee/amd/snp_report.h"
#include "tee/amd/vek.h"

#define ROOM (SNP_REPORT_SIZE + 256)
#define TABLE SNP_REPORT_SIZE

/* A report of this version, its flags zero. */
static size_t report(uint8_t out[ROOM], uint8_t version)
{
    memset(out, 0, ROOM);
    out[0] = version;
    out[0x34] = 1;
    return SNP_REPORT_SIZE;
}

static void a_report_that_is_not_as_specified_does_not_read(void **state)
{
    (void)state;
    static const struct {
        uint8_t version;
        uint16_t at;
        uint8_t value;
        enum situs_code code;
        const char *field;
        uint16_t told; /* the offset that is told */
    } rows[] = {
        {1, 0, 1, SITUS_UNSUPPORTED, "version", 0},
        {4, 0, 4, SITUS_UNSUPPORTED, "version", 0},
        {6, 0, 6, SITUS_UNSUPPORTED, "version", 0},
        {3, 0x34, 2, SITUS_UNSUPPORTED, "signature_algo", 0x34},
        {3, 0x48, 2 << 2, SITUS_UNSUPPORTED, "signing_key", 0x48},
        {3, 0x48, 7 << 2, SITUS_UNSUPPORTED, "signing_key", 0x48},
        {3, 0x48, 1 << 5, SITUS_MALFORMED, "key_information", 0x48},
        {3, 0x4b, 0x80, SITUS_MALFORMED, "key_information", 0x48},
        {3, 0x4f, 1, SITUS_MALFORMED, "reserved[4ch]", 0x4c},
        {2, 0x188, 0x19, SITUS_MALFORMED, "reserved[188h]", 0x188}, /* CPUID of version 3 */
        {2, 0x19f, 1, SITUS_MALFORMED, "reserved[188h]", 0x188},
        {3, 0x19f, 1, SITUS_MALFORMED, "reserved[18bh]", 0x18b},
        {5, 0x18b, 1, SITUS_MALFORMED, "reserved[18bh]", 0x18b},
        {3, 0x1eb, 1, SITUS_MALFORMED, "reserved[1ebh]", 0x1eb},
        {3, 0x1ef, 1, SITUS_MALFORMED, "reserved[1efh]", 0x1ef},
        {2, 0x1f8, 1, SITUS_MALFORMED, "reserved[1f8h]", 0x1f8}, /* mitigations of version 5 */
        {3, 0x207, 1, SITUS_MALFORMED, "reserved[1f8h]", 0x1f8},
        {5, 0x208, 1, SITUS_MALFORMED, "reserved[208h]", 0x208},
        {5, 0x29f, 1, SITUS_MALFORMED, "reserved[208h]", 0x208},
        {3, 0x2d0, 1, SITUS_MALFORMED, "signature.r", 0x2d0},
        {3, 0x32f, 1, SITUS_MALFORMED, "signature.s", 0x318},
        {3, 0x330, 1, SITUS_MALFORMED, "signature.reserved", 0x330},
        {3, 0x49f, 1, SITUS_MALFORMED, "signature.reserved", 0x330},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[ROOM];
        struct snp_report r;
        struct situs_err err = {0};
        size_t n = report(bytes, rows[i].version);
        bytes[rows[i].at] = rows[i].value;
        assert_false(snp_report_read(&r, span_of(bytes, n), &err));
        expect_err(err, rows[i].code, rows[i].field, rows[i].told);
        assert_null(r.whole.p);
    }
}

static void each_version_reads_with_what_it_has(void **state)
{
    (void)state;
    static const struct {
        uint8_t version;
        uint16_t at;
    } rows[] = {{2, 0x187}, {3, 0x18a}, {5, 0x18a}, {5, 0x1f8}, {5, 0x207}, {3, 0x2cf}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[ROOM];
        struct snp_report r;
        struct situs_err err = {0};
        size_t n = report(bytes, rows[i].version);
        bytes[rows[i].at] = 1;
        assert_true(snp_report_read(&r, span_of(bytes, n), &err));
        err = (struct situs_err){0};
        assert_false(snp_report_read(&r, span_of(bytes, n - 1), &err));
        assert_string_equal(err.field, "report");
    }
}

/* One entry for two bytes, an entry of zeros, the bytes, and zeros to the end. */
static void a_table_that_is_not_as_specified_does_not_read(void **state)
{
    (void)state;
    static const uint8_t vcek[16] = {0x8d, 0x75, 0xda, 0x63, 0x64, 0xe6, 0x64, 0x45,
                                     0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
    static const struct {
        uint16_t at;
        uint8_t value;
        enum situs_code code;
        const char *field;
        uint16_t told;
    } rows[] = {
        {TABLE + 20, 0, SITUS_MALFORMED, "certificate_table.offset", TABLE + 16},
        {TABLE + 17, 1, SITUS_MALFORMED, "certificate_table.offset", TABLE + 16},
        {TABLE + 20, 255, SITUS_MALFORMED, "certificate_table.offset", TABLE + 16},
        {TABLE + 23, 255, SITUS_MALFORMED, "certificate_table.offset", TABLE + 16},
        {TABLE + 24 + 16, 1, SITUS_MALFORMED, "certificate_table.end", TABLE + 24},
        {ROOM - 1, 1, SITUS_TRAILING, "certificate_table", TABLE + 50},
    };
    uint8_t bytes[ROOM];
    struct snp_report r;
    struct situs_err err = {0};
    report(bytes, 3);
    memcpy(bytes + TABLE, vcek, sizeof vcek);
    bytes[TABLE + 16] = 48;
    bytes[TABLE + 20] = 2;
    bytes[TABLE + 48] = 0x30;
    assert_true(snp_report_read(&r, SPAN_ARR(bytes), &err));
    assert_int_equal(r.n_certs, 1);
    assert_int_equal(r.certs[0].n, 2);
    assert_int_equal(r.padding, 256 - 50);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t before = bytes[rows[i].at];
        bytes[rows[i].at] = rows[i].value;
        err = (struct situs_err){0};
        assert_false(snp_report_read(&r, SPAN_ARR(bytes), &err));
        expect_err(err, rows[i].code, rows[i].field, rows[i].told);
        bytes[rows[i].at] = before;
    }
    bytes[TABLE] ^= 1; /* of another GUID: passed over, and its bytes lie inside still */
    assert_true(snp_report_read(&r, SPAN_ARR(bytes), (err = (struct situs_err){0}, &err)));
    assert_int_equal(r.n_certs, 0);
}

static void no_product(struct lab_snp_cert *c)
{
    c->product = "Naples";
}
static void no_level(struct lab_snp_cert *c)
{
    c->level[4] = -1;
}
static void part_of_another_product(struct lab_snp_cert *c)
{
    c->level[0] = 1; /* fmc: Milan has none */
}
static void no_chip(struct lab_snp_cert *c)
{
    c->chip_size = 0;
}
static void chip_of_another_size(struct lab_snp_cert *c)
{
    c->chip_size = 8;
}
static void no_provider(struct lab_snp_cert *c)
{
    c->csp = NULL;
}

static void a_vek_says_all_that_its_product_has(void **state)
{
    (void)state;
    static const struct {
        void (*bend)(struct lab_snp_cert *c);
        bool vlek;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {no_product, false, SITUS_UNSUPPORTED, "product_name"},
        {no_level, false, SITUS_MISSING, "1.3.6.1.4.1.3704.1.3.8"},
        {part_of_another_product, false, SITUS_MISMATCH, "1.3.6.1.4.1.3704.1.3.9"},
        {no_chip, false, SITUS_MISSING, "hwid"},
        {chip_of_another_size, false, SITUS_MISSING, "hwid"},
        {no_provider, true, SITUS_MISSING, "csp_id"},
    };
    struct snp_lab lab;
    snp_lab_new(&lab);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_snp_cert c = rows[i].vlek ? lab_snp_vlek(&lab.amd) : lab_snp_vcek(&lab.amd);
        struct situs_err err = {0};
        struct vek vek;
        rows[i].bend(&c);
        struct x509 *cert = x509_read(lab_snp_cert(&lab.amd, &c), NULL, "vek", &err);
        assert_non_null(cert);
        assert_false(vek_read(&vek, cert, rows[i].vlek ? AMD_VLEK : AMD_VCEK, "vek", &err));
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
        x509_free(cert);
    }
    snp_lab_free(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_that_is_not_as_specified_does_not_read),
        cmocka_unit_test(each_version_reads_with_what_it_has),
        cmocka_unit_test(a_table_that_is_not_as_specified_does_not_read),
        cmocka_unit_test(a_vek_says_all_that_its_product_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
