/* tee/intel/intel_pem: certificates and white space, nothing else; faults are told at their place in
 * the text. */
#include "support/make_cert.h"
#include "support/test.h"

#include "base/text.h"

#include <stdio.h>

static _Alignas(16) uint8_t memory[1 << 16];
static char root_pem[4096], ca_pem[4096], text[16384];
static struct make_doc root_doc;
static struct span root_der;

/* A PEM block of lines of 64 characters. */
static void encode(char *pem, struct span der)
{
    char base64[4096];
    text_base64(base64, der);
    int n = sprintf(pem, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < strlen(base64); i += 64)
        n += sprintf(pem + n, "%.64s\n", base64 + i);
    sprintf(pem + n, "-----END CERTIFICATE-----\n");
}

static int start(void **state)
{
    (void)state;
    struct make_key *root = make_key(), *ca = make_key();
    root_doc = make_cert(INTEL_ROOT, root, INTEL_ROOT, root);
    struct make_doc ca_doc = make_cert(INTEL_PLATFORM_CA, ca, INTEL_ROOT, root);
    root_der = make_signed(&root_doc, root);
    encode(root_pem, root_der);
    encode(ca_pem, make_signed(&ca_doc, root));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    make_reset();
    return 0;
}

static bool read_chain(struct span pem, size_t max, size_t *n, struct situs_err *err)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct intel_cert certs[3];
    *err = (struct situs_err){0};
    bool ok = intel_pem_chain(certs, max, n, (struct intel_pem){pem, 1000, "chain"}, &a, err);
    if (ok) {
        assert_true(*n == 1 || certs[0].role == INTEL_PLATFORM_CA);
        assert_true(span_equal(certs[*n - 1].der, root_der));
    }
    return ok;
}

static void chains_come_in_several_dresses(void **state)
{
    (void)state;
    struct situs_err err;
    size_t n;
    assert_true(read_chain(span_text(root_pem), 3, &n, &err));
    assert_int_equal(n, 1);
    sprintf(text, "%s%s", ca_pem, root_pem);
    assert_true(read_chain(span_text(text), 3, &n, &err));
    assert_int_equal(n, 2);
    assert_true(read_chain(span_of(text, strlen(text) + 1), 3, &n, &err)); /* one NUL */
    assert_true(read_chain(span_of(text, strlen(text) - 1), 3, &n, &err)); /* no last line end */
    sprintf(text, "\r\n%s \t\r\n\n%s\n\n", ca_pem, root_pem);
    assert_true(read_chain(span_text(text), 3, &n, &err));
    size_t crlf = 0;
    for (const char *p = root_pem; *p; p++) {
        if (*p == '\n')
            text[crlf++] = '\r';
        text[crlf++] = *p;
    }
    assert_true(read_chain(span_of(text, crlf), 3, &n, &err));
}

static void everything_else_is_refused_at_its_place(void **state)
{
    (void)state;
    size_t root = strlen(root_pem), ca = strlen(ca_pem);
    const struct {
        const char *format; /* a NUL is written '@' */
        enum situs_code code;
        size_t at;
    } rows[] = {
        {"", SITUS_MISSING, 0},
        {" \n", SITUS_MISSING, 2},
        {"@", SITUS_MISSING, 0},
        {"text\n%s%s", SITUS_MALFORMED, 0},
        {"%s%stext\n", SITUS_TRAILING, ca + root},
        {"%stext\n%s", SITUS_TRAILING, ca},
        {"%s%s@@", SITUS_TRAILING, ca + root},
        {"%s%s@\n", SITUS_TRAILING, ca + root},
        {"%s@%s", SITUS_TRAILING, ca},
        {"@%s%s", SITUS_MALFORMED, 0},
        {"%s-----BEGIN EC PRIVATE KEY-----\n", SITUS_TRAILING, ca},
        {"-----BEGIN CERTIFICATE-----\n", SITUS_TOO_SHORT, 28},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE----\n", SITUS_MALFORMED, 33},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CRL-----\n", SITUS_MALFORMED, 33},
        {"-----BEGIN CERTIFICATE-----\nAA:AA\n-----END CERTIFICATE-----\n", SITUS_MALFORMED, 30},
        {"-----BEGIN CERTIFICATE-----\nProc-Type: 4\n-----END CERTIFICATE-----\n", SITUS_MALFORMED,
         32},
        {"-----BEGIN CERTIFICATE-----\nAZaz09+/=:\n-----END CERTIFICATE-----\n", SITUS_MALFORMED,
         37},
        {"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n", SITUS_MALFORMED, 27},
        {"-----BEGIN CERTIFICATE----------END CERTIFICATE-----\n", SITUS_MALFORMED, 27},
        {"-----BEGIN CERTIFICATE-----AAAA\n-----END CERTIFICATE-----\n", SITUS_MALFORMED, 27},
        {"-----BEGIN CERTIFICATE-----\nAAAA-----END CERTIFICATE-----\n", SITUS_MALFORMED, 27},
        {"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", SITUS_TOO_SHORT, 28},
        {"-----BEGIN CERTIFICATE-----\n\nBAAA\n-----END CERTIFICATE-----\n", SITUS_MALFORMED, 29},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        size_t n, size = 0;
        const char *blocks[] = {ca_pem, root_pem};
        for (const char *p = rows[i].format, **next = blocks; *p; p++) {
            if (*p == '%') {
                size += (size_t)sprintf(text + size, "%s", *next++);
                p++;
            } else {
                text[size++] = *p == '@' ? 0 : *p;
            }
        }
        if (read_chain(span_of(text, size), 3, &n, &err))
            fail_msg("accepted row %zu", i);
        if (err.code != rows[i].code || err.at != 1000 + rows[i].at)
            fail_msg("row %zu: %s at %zu", i, err_code_name(err.code), err.at);
        assert_int_equal(n, 0);
    }
}

static void blocks_stand_on_lines_of_their_own(void **state)
{
    (void)state;
    struct situs_err err;
    size_t n, ca = strlen(ca_pem) - 1;
    sprintf(text, "%.*s%s", (int)ca, ca_pem, root_pem);
    assert_false(read_chain(span_text(text), 3, &n, &err));
    expect_err(err, SITUS_TRAILING, "certificate", 1000 + ca);
}

static void a_chain_is_no_longer_than_asked(void **state)
{
    (void)state;
    struct situs_err err;
    size_t n;
    sprintf(text, "%s%s", ca_pem, root_pem);
    assert_false(read_chain(span_text(text), 1, &n, &err));
    expect_err(err, SITUS_TOO_LONG, "certificate", 1000 + strlen(ca_pem));
}

static void an_arena_too_small_is_told(void **state)
{
    (void)state;
    struct arena a = arena_new(memory, 64);
    struct intel_cert cert;
    struct situs_err err = {0};
    size_t n;
    assert_false(intel_pem_chain(&cert, 1, &n, (struct intel_pem){span_text(root_pem), 0, "chain"},
                                 &a, &err));
    assert_int_equal(err.code, SITUS_NO_MEMORY);
}

/* A fault in the certificate is told at the character that encodes it. */
static void faults_inside_are_told_in_the_text(void **state)
{
    (void)state;
    struct situs_err err;
    size_t n, serial = root_doc.at[CERT_SERIAL];
    uint8_t der[2048];
    memcpy(der, root_der.p, root_der.n);
    der[serial] = 0x04;
    encode(text, span_of(der, root_der.n));
    assert_false(read_chain(span_text(text), 3, &n, &err));
    size_t character = serial / 3 * 4 + serial % 3; /* on the first line of base64 */
    assert_true(character < 64);
    expect_err(err, SITUS_MALFORMED, "tbs.serial_number", 1000 + 28 + character);

    memcpy(der, root_der.p, root_der.n);
    der[root_doc.at[CERT_KEY] + 1] ^= 1;
    encode(text, span_of(der, root_der.n));
    assert_false(read_chain(span_text(text), 3, &n, &err));
    size_t key = root_doc.at[CERT_KEY];
    character = key / 3 * 4 + key % 3;
    expect_err(err, SITUS_UNSUPPORTED, "tbs.subject_public_key_info",
               1000 + 28 + character + character / 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_come_in_several_dresses),
        cmocka_unit_test(everything_else_is_refused_at_its_place),
        cmocka_unit_test(blocks_stand_on_lines_of_their_own),
        cmocka_unit_test(a_chain_is_no_longer_than_asked),
        cmocka_unit_test(an_arena_too_small_is_told),
        cmocka_unit_test(faults_inside_are_told_in_the_text),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
