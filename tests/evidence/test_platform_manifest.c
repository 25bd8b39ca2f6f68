/* evidence/platform_manifest: a manifest is read in order to its last byte, or not at all. */
#include "support/test.h"

#include "base/text.h"
#include "evidence/platform_manifest.h"
#include "lab/intel/lab_intel.h"

#define AT INT64_C(1800000000)
#define INFO 32                /* PlatformInfo in the lab's manifest */
#define UNPUBLISHED (32 + 476) /* the structure that situs steps over */
#define RECEIPT (UNPUBLISHED + 32 + 512)

static _Alignas(16) uint8_t memory[2 * LIMIT_MANIFEST];

static int setup(void **state)
{
    *state = lab_world_new(AT);
    return 0;
}

static int teardown(void **state)
{
    lab_world_free(*state);
    return 0;
}

static struct lab_manifest honest(void)
{
    struct lab_platform p = lab_platform_honest(0);
    return lab_manifest_honest(&p, 0);
}

static void manifest_names_the_instance_and_its_packages(void **state)
{
    struct lab_manifest m = honest();
    struct platform_manifest got;
    struct situs_err err = {0};
    m.packages = 3;
    assert_true(platform_manifest_read(&got, lab_manifest_make(*state, &m), &err));
    assert_true(span_equal(got.piid, SPAN_ARR(m.piid)));
    assert_int_equal(got.packages, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(span_equal(platform_manifest_prid(&got, i), SPAN_ARR(m.prid[i])));
}

static void manifest_of_one_package_has_one_prid(void **state)
{
    struct lab_manifest m = honest();
    struct platform_manifest got;
    struct situs_err err = {0};
    m.packages = 1;
    assert_true(platform_manifest_read(&got, lab_manifest_make(*state, &m), &err));
    assert_int_equal(got.packages, 1);
    assert_int_equal(got.more_prids.n, 0);
}

static void manifest_in_hex_is_the_same(void **state)
{
    struct lab_manifest m = honest();
    struct span binary = lab_manifest_make(*state, &m), got;
    char hex[8192];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    text_hex(hex, sizeof hex, binary);
    strcat(hex, "\r\n");
    assert_true(platform_manifest_is(span_text(hex)));
    assert_true(platform_manifest_bytes(&got, span_text(hex), &a, &err));
    assert_true(span_equal(got, binary));
    hex[200] = 'x';
    assert_false(platform_manifest_bytes(&got, span_text(hex), &a, &err));
    expect_err(err, SITUS_MALFORMED, "", 0);
}

static void manifest_refuses_every_cut(void **state)
{
    struct lab_manifest m = honest();
    struct span whole = lab_manifest_make(*state, &m);
    for (size_t n = 0; n < whole.n; n++) {
        struct platform_manifest got;
        struct situs_err err = {0};
        assert_false(platform_manifest_read(&got, span_cut(whole, 0, n), &err));
        assert_string_equal(err_code_name(err.code), "too-short");
        assert_int_equal(got.packages, 0);
    }
}

#define PUT(at_, literal)                                                      \
    {                                                                          \
        .at = (at_), .put = {(const uint8_t *)(literal), sizeof(literal) - 1 } \
    }

/* One failure a row: bytes put at an offset of the honest manifest of two packages. */
static const struct {
    const char *why;
    struct lab_edit edit;
    enum situs_code code;
    const char *field;
    size_t at;
} bad[] = {
    {"another object", PUT(0, "\x16"), SITUS_UNKNOWN, "header.guid", 0},
    {"version 2", PUT(18, "\x02"), SITUS_UNSUPPORTED, "header.version", 18},
    {"type 1", PUT(20, "\x01"), SITUS_UNSUPPORTED, "header.reserved", 20},
    {"bytes behind", PUT(LAB_END, "x"), SITUS_TRAILING, "header.size", 16},
    {"PlatformInfo is not first", PUT(INFO, "\x85"), SITUS_MISSING, "platform_info", INFO},
    {"PlatformInfo version 2", PUT(INFO + 18, "\x02"), SITUS_UNSUPPORTED, "header.version",
     INFO + 18},
    {"PlatformInfo of another size", PUT(INFO + 16, "\xbd"), SITUS_UNSUPPORTED,
     "platform_info.size", INFO + 16},
    {"no PIID", PUT(INFO + 32, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), SITUS_MALFORMED,
     "platform_info.piid", INFO + 32},
    {"no packages", PUT(INFO + 472, "\0\0\0\0"), SITUS_MALFORMED, "platform_info.packages",
     INFO + 472},
    {"1025 packages", PUT(INFO + 472, "\x01\x04"), SITUS_MALFORMED, "platform_info.packages",
     INFO + 472},
    {"more packages than PRIDs", PUT(INFO + 472, "\x20"), SITUS_TOO_SHORT, "pairing_receipt.prid",
     RECEIPT + 81},
    {"second PlatformInfo",
     PUT(UNPUBLISHED, "\x84\x94\x7a\xc6\x84\x40\x41\x89\x90\x2a\x7e\x76\xcd\x65\x89\x26"),
     SITUS_DUPLICATE, "platform_info", UNPUBLISHED},
    {"a structure that is too long", PUT(RECEIPT + 16, "\xff\x7f"), SITUS_TOO_SHORT,
     "pairing_receipt", RECEIPT + 32},
    {"no receipt", PUT(RECEIPT, "\xb5"), SITUS_MISSING, "pairing_receipt", RECEIPT + 161},
    {"PRID zero", PUT(RECEIPT + 33, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), SITUS_MALFORMED,
     "pairing_receipt.prid", RECEIPT + 33},
    {"one PRID twice", PUT(RECEIPT + 81 + 15, "\0"), SITUS_DUPLICATE, "pairing_receipt.prid",
     RECEIPT + 81},
};

static void manifest_refuses_what_is_bent(void **state)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lab_manifest m = honest();
        struct platform_manifest got;
        struct situs_err err = {0};
        m.edits[0] = bad[i].edit;
        print_message("%s\n", bad[i].why);
        assert_false(platform_manifest_read(&got, lab_manifest_make(*state, &m), &err));
        expect_err(err, bad[i].code, bad[i].field, bad[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest_names_the_instance_and_its_packages),
        cmocka_unit_test(manifest_of_one_package_has_one_prid),
        cmocka_unit_test(manifest_in_hex_is_the_same),
        cmocka_unit_test(manifest_refuses_every_cut),
        cmocka_unit_test(manifest_refuses_what_is_bent),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
