/* endorse/revocation: the form of a list's payload, each member and the end. */
#include "support/test.h"

#include "base/text.h"
#include "endorse/revocation/revocation.h"
#include "support/soft_signer.h"

static struct soft_signer issuer;

static int make(void **state)
{
    (void)state;
    soft_signer_make(&issuer, "fleet CA", SOFT_CA_NOON, NULL);
    return 0;
}

#define RECORD "00000000000000000a" /* reason and time */
#define HEAD "a5010502000301046166"

static void payload_of_another_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum situs_code code;
        const char *field;
        size_t at;
    } cases[] = {
        {HEAD "0580", SITUS_NONE, "", 0},
        {HEAD "058183011001"
              "00",
         SITUS_MALFORMED, "records", 15},
        {HEAD "0581830101"
              "4a00" RECORD,
         SITUS_NONE, "", 0},
        {HEAD "0581830101"
              "40",
         SITUS_MALFORMED, "records", 15},
        {HEAD "0581830101"
              "4900"
              "0000000000000000",
         SITUS_MALFORMED, "records", 15},
        {HEAD "0581830101"
              "5400" RECORD "00" RECORD,
         SITUS_DUPLICATE, "records", 26},
        {HEAD "0581830101"
              "5401" RECORD "00" RECORD,
         SITUS_MALFORMED, "records", 26},
        {HEAD "0581830101"
              "4a00"
              "06"
              "0000000000000000",
         SITUS_UNKNOWN, "records", 17},
        {HEAD "0581830001"
              "4a00" RECORD,
         SITUS_UNKNOWN, "kind", 13},
        {HEAD "0581830701"
              "4a00" RECORD,
         SITUS_UNKNOWN, "kind", 13},
        {HEAD "0581830100"
              "4a00" RECORD,
         SITUS_MALFORMED, "size", 14},
        {HEAD "058183011901004a00" RECORD, SITUS_MALFORMED, "size", 14},
        {HEAD "0581820101", SITUS_MALFORMED, "groups", 12},
        {HEAD "0582830101"
              "4a00" RECORD "830101"
              "4a00" RECORD,
         SITUS_MALFORMED, "groups", 26},
        {HEAD "0580"
              "00",
         SITUS_TRAILING, "payload", 12},
        {"a401050200030104616600", SITUS_MALFORMED, "payload", 0},
        {"a501000200030104616605"
         "80",
         SITUS_MALFORMED, "number", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static uint8_t file[8192];
        uint8_t payload[256];
        size_t n = strlen(cases[i].hex) / 2;
        struct wr w = wr_new(file, sizeof file);
        struct revocation r;
        struct situs_err err = {0};
        struct cose c;
        assert_true(text_hex_read(payload, n, span_text(cases[i].hex)));
        struct span f = soft_signer_sign(&w, &issuer, REVOCATION_TYPE, span_of(payload, n));
        assert_true(cose_read(&c, f, "revocation", &err));
        bool ok = revocation_read(&r, f, &err);
        assert_int_equal(ok, cases[i].code == SITUS_NONE);
        assert_string_equal(err_code_name(err.code), err_code_name(cases[i].code));
        assert_string_equal(err.field, cases[i].field);
        if (!ok)
            assert_int_equal(err.at - c.payload_at, cases[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_of_another_form_is_refused),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
