/* codec/der: one form for each value; every other form is refused at its element. */
#include "support/test.h"

#include "base/text.h"
#include "codec/der.h"

static uint8_t bytes[256];

static struct rd open_hex(const char *hex, struct situs_err *err)
{
    size_t n = strlen(hex) / 2;
    *err = (struct situs_err){0};
    assert_true(text_hex_read(bytes, n, span_text(hex)));
    return rd_new(span_of(bytes, n), 10, "part", err);
}

static void lengths_have_their_shortest_form(void **state)
{
    (void)state;
    struct situs_err err;
    struct rd r = open_hex("0400", &err);
    assert_int_equal(der_value(&r, DER_OCTET_STRING, "v").n, 0);
    assert_true(rd_end(&r, "v"));
    char long_form[2 * (3 + 128) + 1] = "048180";
    memset(long_form + 6, 'a', 256);
    r = open_hex(long_form, &err);
    assert_int_equal(der_value(&r, DER_OCTET_STRING, "v").n, 128);
    assert_true(rd_end(&r, "v"));

    static const struct {
        const char *hex;
        enum situs_code code;
        size_t at;
    } bad[] = {
        {"", SITUS_TOO_SHORT, 10},
        {"04", SITUS_TOO_SHORT, 11},
        {"0401", SITUS_TOO_SHORT, 12},
        {"0481", SITUS_TOO_SHORT, 12},
        {"04820100", SITUS_TOO_SHORT, 14},
        {"0480", SITUS_MALFORMED, 10}, /* indefinite */
        {"04800000", SITUS_MALFORMED, 10},
        {"04810100", SITUS_MALFORMED, 10},   /* long form of a short length */
        {"0482000100", SITUS_MALFORMED, 10}, /* leading zero */
        {"0482007f00", SITUS_MALFORMED, 10},
        {"048400000001ff", SITUS_MALFORMED, 10}, /* more than three bytes */
        {"04ff", SITUS_MALFORMED, 10},
        {"0500", SITUS_MALFORMED, 10},   /* another tag */
        {"240100", SITUS_MALFORMED, 10}, /* constructed string */
        {"1f0400", SITUS_MALFORMED, 10}, /* high tag number */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = open_hex(bad[i].hex, &err);
        assert_int_equal(der_value(&r, DER_OCTET_STRING, "v").n, 0);
        assert_false(rd_ok(&r));
        expect_err(err, bad[i].code, "v", bad[i].at);
        assert_int_equal(der_peek(&r), DER_NOTHING);
    }
}

static void elements_have_cursors_of_their_own(void **state)
{
    (void)state;
    struct situs_err err;
    struct rd r = open_hex("300602010504010130030101", &err);
    assert_int_equal(der_peek(&r), DER_SEQUENCE);
    struct rd list = der_enter(&r, DER_SEQUENCE, "list");
    assert_int_equal(rd_at(&list), 12);
    assert_int_equal(der_small(&list, DER_INTEGER, 5, "five"), 5);
    uint8_t octet;
    assert_true(der_octets(&list, &octet, 1, "octet"));
    assert_true(rd_end(&list, "list"));
    assert_int_equal(der_element(&r, DER_SEQUENCE, "all").n, 0); /* longer than what is left */
    expect_err(err, SITUS_TOO_SHORT, "all", 20);

    r = open_hex("30030201050500", &err);
    expect_hex(der_element(&r, DER_SEQUENCE, "all"), "3003020105");
    assert_false(rd_end(&r, "end"));
    expect_err(err, SITUS_TRAILING, "end", 15);

    r = open_hex("0500", &err);
    assert_true(der_same(&r, SPAN_LIT("\5\0"), SITUS_UNSUPPORTED, "null"));
    r = open_hex("0501", &err);
    assert_false(der_same(&r, SPAN_LIT("\5\0"), SITUS_UNSUPPORTED, "null"));
    expect_err(err, SITUS_UNSUPPORTED, "null", 10);
}

enum kind { INTEGER, OID, SMALL, BOOLEAN, DEFAULT_FALSE, OCTETS, BITS, NAMED_BITS, TIME, ECDSA };

/* Reads one value of a kind as a number; the caller looks at the cursor. */
static int64_t read_kind(struct rd *r, enum kind kind)
{
    uint8_t rs[4] = {0};
    struct rd bits;
    switch (kind) {
    case INTEGER:
        return (int64_t)der_integer(r, "v").n;
    case OID:
        return (int64_t)der_oid(r, "v").n;
    case SMALL:
        return der_small(r, DER_INTEGER, 300, "v");
    case BOOLEAN:
        return der_boolean(r, "v");
    case DEFAULT_FALSE:
        return der_default_false(r, "v");
    case OCTETS:
        return der_octets(r, rs, 2, "v");
    case BITS:
        bits = der_bits(r, "v");
        if (!rd_ok(&bits))
            r->failed = true;
        return (int64_t)rd_left(&bits);
    case NAMED_BITS:
        return der_named_bits(r, "v");
    case TIME:
        return der_time(r, "v");
    case ECDSA:
        if (!der_ecdsa(r, rs, 2, "v"))
            r->failed = true;
        return (int64_t)rs[0] << 24 | rs[1] << 16 | rs[2] << 8 | rs[3];
    }
    return 0;
}

static void good_values_are_read(void **state)
{
    (void)state;
    static const struct {
        enum kind kind;
        const char *hex;
        int64_t value;
    } good[] = {
        {INTEGER, "020100", 1},
        {INTEGER, "02020080", 2},
        {INTEGER, "0201ff", 1},
        {INTEGER, "0202ff7f", 2},
        {OID, "0603551d14", 3},
        {OID, "06052a8648ce7f", 5},
        {OID, "06022a00", 2},
        {SMALL, "020100", 0},
        {SMALL, "0202012c", 300},
        {BOOLEAN, "0101ff", 1},
        {BOOLEAN, "010100", 0},
        {DEFAULT_FALSE, "0101ff", 1},
        {DEFAULT_FALSE, "", 0},
        {OCTETS, "0402abcd", 1},
        {BITS, "0303000102", 2},
        {BITS, "030100", 0},
        {NAMED_BITS, "030100", 0},
        {NAMED_BITS, "03020106", 0x0600},
        {NAMED_BITS, "03020780", 0x8000},
        {NAMED_BITS, "0303070080", 0x0080},
        {NAMED_BITS, "0303000001", 0x0001},
        {TIME, "170d3439313233313233353935395a", 2524607999}, /* 491231235959Z */
        {TIME, "170d3530303130313030303030305a", -631152000}, /* 500101000000Z: 1950 */
        {TIME, "180f32303530303130313030303030305a", 2524608000},
        {ECDSA, "3006020101020102", 0x00010002},
        {ECDSA, "3009020300ffff02020080", 0xffff0080},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct situs_err err;
        struct rd r = open_hex(good[i].hex, &err);
        int64_t got = read_kind(&r, good[i].kind);
        bool whole = good[i].kind == BITS ? rd_ok(&r) : rd_end(&r, "v");
        if (!whole || got != good[i].value)
            fail_msg("%s: %lld", good[i].hex, (long long)got);
    }
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum kind kind;
        const char *hex;
        size_t at;
    } bad[] = {
        {INTEGER, "0200", 10},
        {INTEGER, "02020001", 10},
        {INTEGER, "0202ff80", 10},
        {OID, "0600", 10},
        {OID, "0603551d94", 10},   /* cut in an arc */
        {OID, "06042a800103", 10}, /* a padded arc */
        {OID, "06028001", 10},
        {OID, "0203551d14", 10},
        {SMALL, "0201ff", 10},   /* negative */
        {SMALL, "0202012d", 10}, /* above the bound */
        {SMALL, "02050100000000", 10},
        {SMALL, "0a0101", 10},
        {BOOLEAN, "010101", 10},
        {BOOLEAN, "0102ffff", 10},
        {BOOLEAN, "0100", 10},
        {DEFAULT_FALSE, "010100", 10},
        {OCTETS, "0401ab", 10},
        {OCTETS, "0403abcdef", 10},
        {BITS, "03020106", 12},
        {NAMED_BITS, "0300", 10},
        {NAMED_BITS, "030101", 10},
        {NAMED_BITS, "03020006", 10}, /* trailing zero bit */
        {NAMED_BITS, "03020107", 10}, /* unused bit set */
        {NAMED_BITS, "03020206", 10},
        {NAMED_BITS, "03020800", 10},
        {NAMED_BITS, "03020000", 10},
        {NAMED_BITS, "030400000001", 10},
        {TIME, "170b343931323331323335395a", 10}, /* no seconds */
        {TIME,
         "170d343931323331323335393539"
         "7a",
         10},                                         /* z */
        {TIME, "170d3439313233313233353936305a", 10}, /* second 60 */
        {TIME,
         "170d343931333331323335393539"
         "5a",
         10},                                                 /* month 13 */
        {TIME, "170d3439313233313233353935205a", 10},         /* a space for a digit */
        {TIME, "180f32303439313233313233353935395a", 10},     /* 2049 as GeneralizedTime */
        {TIME, "181132303530303130313030303030302e305a", 10}, /* a fraction */
        {TIME, "1810323035303031303130303030303030305a", 10},
        {TIME, "0400", 10},
        {ECDSA, "3006020100020101", 12},
        {ECDSA, "3006020101020100", 15},
        {ECDSA, "30060201ff020101", 12},
        {ECDSA, "300702020001020101", 12},
        {ECDSA, "30080203010000020101", 12}, /* longer than the curve */
        {ECDSA,
         "300902040001000002"
         "0101",
         12},
        {ECDSA, "3006040101020101", 12},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err;
        struct rd r = open_hex(bad[i].hex, &err);
        read_kind(&r, bad[i].kind);
        if (rd_ok(&r) || err.code != SITUS_MALFORMED || err.at != bad[i].at)
            fail_msg("row %zu %s: %s at %zu", i, bad[i].hex, err_code_name(err.code), err.at);
    }
}

static void ecdsa_ends_with_its_sequence(void **state)
{
    (void)state;
    struct situs_err err;
    uint8_t rs[4];
    struct rd r = open_hex("3009020101020102020103", &err);
    assert_false(der_ecdsa(&r, rs, 2, "v"));
    expect_err(err, SITUS_TRAILING, "v", 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_have_their_shortest_form),
        cmocka_unit_test(elements_have_cursors_of_their_own),
        cmocka_unit_test(good_values_are_read),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(ecdsa_ends_with_its_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
