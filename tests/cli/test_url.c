/* cli/url and cli/pcs: only https, or http to loopback; headers and CRLs decode strictly. */
#include "support/test.h"

#include "base/text.h"
#include "fetch/pcs.h"
#include "fetch/url.h"

static void only_https_or_loopback_is_asked(void **state)
{
    (void)state;
    static const char *const good[] = {"https://api.trustedservices.intel.com",
                                       "https://pccs.example:8081/a-b/c_d~",
                                       "https://[2001:db8::1]:443",
                                       "http://localhost:8081",
                                       "http://127.0.0.1",
                                       "http://127.1.2.3:1/x",
                                       "http://[::1]:8081"};
    static const char *const bad[] = {"",
                                      "ftp://localhost",
                                      "file:///etc/passwd",
                                      "HTTPS://x",
                                      "http://pccs.example",
                                      "http://127.0.0.1.evil.example",
                                      "http://127.evil",
                                      "http://localhost.evil.example",
                                      "http://localhost@evil.example",
                                      "https://user:pw@host",
                                      "https://",
                                      "https://:80",
                                      "https://host:",
                                      "https://host:x",
                                      "https://host:123456",
                                      "https://host/?q",
                                      "https://host/#f",
                                      "https://host?q",
                                      "https://host/%2e",
                                      "https://ho st",
                                      "https://host/\n",
                                      "http://[::1].evil",
                                      "http://[::2]",
                                      "https://[::1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (url_refused(good[i]))
            fail_msg("refused %s: %s", good[i], url_refused(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!url_refused(bad[i]))
            fail_msg("accepted %s", bad[i]);
}

static void escapes_decode_strictly(void **state)
{
    (void)state;
    char out[32];
    size_t n;
    assert_true(url_decode(out, sizeof out, &n, SPAN_LIT("a+b%20c%0A%2B%2f")));
    assert_true(span_equal(span_of(out, n), SPAN_LIT("a+b c\n+/")));
    static const char *const bad[] = {"%", "%2", "%2g", "%00", "%7f", "%ff", "a\tb", "\x80", "%09"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (url_decode(out, sizeof out, &n, span_text(bad[i])))
            fail_msg("accepted %s", bad[i]);
    assert_false(url_decode(out, 2, &n, SPAN_LIT("abc")));
}

static void the_base_address_loses_the_path_of_the_api(void **state)
{
    (void)state;
    static const char *const same[] = {"https://localhost:8081", "https://localhost:8081/",
                                       "https://localhost:8081/sgx/certification/v4/",
                                       "https://localhost:8081/sgx/certification/v4",
                                       "https://localhost:8081/tdx/certification/v4/"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char base[256];
        struct situs_err err = {0};
        assert_true(pcs_base(base, same[i], &err));
        assert_string_equal(base, "https://localhost:8081");
    }
    char base[256];
    struct situs_err err = {0};
    assert_false(pcs_base(base, "http://pccs.example", &err));
    expect_err(err, SITUS_UNSUPPORTED, "", SITUS_NO_OFFSET);
}

static void a_chain_header_is_percent_encoded_pem(void **state)
{
    (void)state;
    char pem[64];
    size_t n;
    struct situs_err err = {0};
    assert_true(pcs_chain(pem, sizeof pem, &n,
                          SPAN_LIT("-----BEGIN%20CERTIFICATE-----%0AMIIC%2B%0A"), "x", &err));
    assert_true(span_equal(span_of(pem, n), SPAN_LIT("-----BEGIN CERTIFICATE-----\nMIIC+\n")));
    static const char *const bad[] = {"", "%2D%2D", "-----BEGIN+CERTIFICATE-----",
                                      "-----BEGIN%2520CERTIFICATE-----", "%0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (struct situs_err){0};
        assert_false(pcs_chain(pem, sizeof pem, &n, span_text(bad[i]), "PCK CRL", &err));
        expect_err(err, SITUS_MALFORMED, "issuer chain header", SITUS_NO_OFFSET);
    }
}

static void a_crl_is_der_hex_or_pem(void **state)
{
    (void)state;
    struct situs_err err = {0};
    uint8_t hex[] = "30820A0b\n", der[] = {0x30, 0x03, 2, 1, 1}, html[] = "<html>";
    size_t n = sizeof hex - 1;
    assert_true(pcs_crl(hex, &n, "x", &err));
    expect_hex(span_of(hex, n), "30820a0b");
    n = sizeof der;
    assert_true(pcs_crl(der, &n, "x", &err));
    assert_int_equal(n, sizeof der);
    n = sizeof html - 1;
    assert_false(pcs_crl(html, &n, "x", &err));
    expect_err(err, SITUS_MALFORMED, "body", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    n = 0;
    assert_false(pcs_crl(html, &n, "x", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_https_or_loopback_is_asked),
        cmocka_unit_test(escapes_decode_strictly),
        cmocka_unit_test(the_base_address_loses_the_path_of_the_api),
        cmocka_unit_test(a_chain_header_is_percent_encoded_pem),
        cmocka_unit_test(a_crl_is_der_hex_or_pem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
