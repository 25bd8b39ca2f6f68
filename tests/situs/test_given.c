/* What the caller gives beside the evidence: read for what it is, or the request is refused. */
#include "situs/given.h"

#include "base/text.h"
#include "support/make_cert.h"
#include "support/scene_attacks.h"
#include "support/test.h"

#include <stdio.h>

#define NAME "revoked.cose"

static struct situs_item beside;

/* The caller gives an item beside the CRL of the root, which the honest machine needs. */
static void give(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    s->beside[s->n_beside++] = beside;
}

static const struct result *given(const char *name, struct span bytes)
{
    beside = item_of(name, bytes);
    return &scene_run(true, give)->result;
}

static void expect_refused(const struct result *r, enum situs_code code, const char *field,
                           const char *got)
{
    expect_err(r->err, code, field, r->err.at);
    assert_string_equal(r->err.part, NAME);
    assert_non_null(strstr(r->err.got, got));
    assert_true(r->err.hint[0] != 0);
    assert_int_equal(r->exit, 1);
    assert_int_equal(r->verdict, VERDICT_REFUSED);
    assert_int_equal(r->held, 0);
}

static void what_is_of_no_known_kind_refuses_the_request(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *got;
    } cases[] = {
        {"<html><head><title>503</title></head></html>", 44, "HTML or XML"},
        {"{\"error\": \"Service Unavailable\"}", 32, "other JSON"},
        {"\x1f\x8b\x08\0\0\0\0\0\0\3\xd2\x84", 12, "gzip"},
        {"BZh91AY&SY", 10, "bzip2"},
        {"\xfd"
         "7zXZ\0",
         6, "xz"},
        {"PK\3\4", 4, "zip"},
        {"-----BEGIN CERTIFICATE-----\n", 28, "a certificate in PEM"},
        {"-----BEGIN PRIVATE KEY-----\n", 28, "a private key"},
        {"-----BEGIN PGP MESSAGE-----\n", 28, "PEM of another kind"},
        {"Not found\n", 10, "4e6f7420666f756e640a"},
        {"503 Service Unavailable\n", 24, "353033"},
        {"\xd2\x84\x58\x2f\xa2\x01\x38\x32\x03\x78", 10, "d284582fa2"}, /* of a list, cut */
        {"\0\0\0\0", 4, "00000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(given(NAME, span_of(cases[i].bytes, cases[i].n)), SITUS_UNKNOWN, "",
                       cases[i].got);
    expect_refused(given(NAME, span_of(NULL, 0)), SITUS_MISSING, "", "an empty file");
    expect_refused(given(NAME, SPAN_LIT(" \r\n")), SITUS_MISSING, "", "an empty file");
}

static void what_is_known_must_read(void **state)
{
    (void)state;
    expect_refused(given(NAME, SPAN_LIT("0123,label\n")), SITUS_MALFORMED, "line 1", "0123");
    expect_refused(given(NAME, SPAN_LIT("eyJhbGciOiJFZERTQSJ9")), SITUS_MALFORMED, "token", "");
    expect_refused(given(NAME, SPAN_LIT("\x30\x82\x01\x00")), SITUS_TOO_SHORT, "crl", "");
    const char ppid[] = "00112233445566778899aabbccddeeff.json";
    const struct result *r = given(ppid, SPAN_LIT("{\"error\": 1}"));
    expect_err(r->err, SITUS_MISSING, "zone", SITUS_NO_OFFSET);
    assert_string_equal(r->err.part, ppid);
    assert_int_equal(r->exit, 1);
    assert_int_equal(given(ppid, SPAN_LIT("<html>503</html>"))->exit, 1);
    assert_int_equal(given(ppid, SPAN_LIT("{\"zone\": \"us-central1-a\"}"))->exit, 0);
}

/* A certificate is no CRL, nor are two CRLs one. */
static void a_certificate_is_no_crl(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, NULL);
    uint8_t two[2 * 4096];
    expect_refused(given(NAME, s->ca.der), SITUS_UNKNOWN, "", "a certificate");
    struct span crl = s->crls[1];
    assert_true(crl.n <= 4096);
    memcpy(two, crl.p, crl.n);
    memcpy(two + crl.n, crl.p, crl.n);
    expect_refused(given(NAME, span_of(two, 2 * crl.n)), SITUS_TRAILING, "crl", "");
    crl = s->crls[1];
    expect_refused(given(NAME, span_of(crl.p, crl.n - 1)), SITUS_TOO_SHORT, "crl", "");
}

/* PEM of n CRLs. */
static struct span pem_of(const struct span *crls, size_t n, const char *between)
{
    static char text[16384], base64[4096];
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s-----BEGIN X509 CRL-----\n%s\n-----END X509 CRL-----\n",
                                 i ? between : "", text_base64(base64, crls[i]));
    assert_true(used < sizeof text);
    return span_of(text, used);
}

enum { PLAIN, SPACED, WITH_REVOKED, CUT, WITH_TEXT, BAD_BASE64 };
static int form;

/* The caller has every CRL in one PEM file; the bundle has that of the CA, which revokes nobody. */
static void in_pem(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    struct span crls[2] = {s->crls[1], s->crls[0]};
    if (form == WITH_REVOKED)
        crls[1] = soft_ca_crl(&s->ca, SCENE_AT - 30, SCENE_AT + 60, s->cert.serial);
    struct span pem = pem_of(crls, form == PLAIN ? 1 : 2,
                             form == SPACED      ? "\r\n \n"
                             : form == WITH_TEXT ? "note\n"
                                                 : "");
    if (form == CUT)
        pem.n -= 30;
    if (form == BAD_BASE64)
        ((uint8_t *)(uintptr_t)pem.p)[40] = '!';
    s->beside[0] = item_of(NAME, pem);
    s->n_beside = 1;
}

/* A CRL that says whose quotes are revoked has no say among the endorsements: it would be passed
 * over. */
static void a_crl_of_intels_is_collateral(void **state)
{
    (void)state;
    static const enum intel_role cas[] = {INTEL_ROOT, INTEL_PLATFORM_CA, INTEL_PROCESSOR_CA};
    struct make_key *key = make_key();
    for (size_t i = 0; i < sizeof cas / sizeof *cas; i++) {
        struct make_doc crl = make_crl(cas[i], key);
        const struct result *r = given(NAME, make_signed(&crl, key));
        expect_refused(r, SITUS_NOT_ALLOWED, "issuer", "a CRL of Intel's");
        assert_non_null(strstr(r->err.hint, "--collateral"));
    }
    make_reset();
}

static void crls_in_pem_are_read(void **state)
{
    (void)state;
    for (form = PLAIN; form <= SPACED; form++) {
        const struct result *r = &scene_run(true, in_pem)->result;
        assert_int_equal(r->verdict, VERDICT_TRUSTED);
    }
    form = WITH_REVOKED;
    const struct result *r = &scene_run(true, in_pem)->result;
    expect_fail(r->findings, CHECK_AK_CERTIFICATE, SITUS_REVOKED, "chain[0].serial_number");
    for (form = CUT; form <= BAD_BASE64; form++)
        expect_refused(&scene_run(true, in_pem)->result,
                       form == CUT ? SITUS_TOO_SHORT : SITUS_MALFORMED, "crl", "");
}

static void too_many_or_too_little_memory_is_refused(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, NULL);
    static struct endorsements g;
    static uint8_t room[1 << 17];
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    static char text[17 * 2048], base64[2048];
    size_t used = 0;
    for (size_t i = 0; i < 17; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "-----BEGIN X509 CRL-----\n%s\n-----END X509 CRL-----\n",
                                 text_base64(base64, s->crls[0]));
    const struct situs_item in = {NAME, text, used};
    assert_false(given_read(&g, &in, 1, NULL, &a, &err));
    expect_err(err, SITUS_TOO_LONG, "endorsements", SITUS_NO_OFFSET);
    a = arena_new(room, 100);
    memset(&g, 0, sizeof g);
    err = (struct situs_err){0};
    assert_false(given_read(&g, &in, 1, NULL, &a, &err));
    expect_err(err, SITUS_NO_MEMORY, "crl", sizeof "-----BEGIN X509 CRL-----" - 1);
}

static int done(void **state)
{
    (void)state;
    scene_free(scene_run(true, NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_of_no_known_kind_refuses_the_request),
        cmocka_unit_test(what_is_known_must_read),
        cmocka_unit_test(a_certificate_is_no_crl),
        cmocka_unit_test(a_crl_of_intels_is_collateral),
        cmocka_unit_test(crls_in_pem_are_read),
        cmocka_unit_test(too_many_or_too_little_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
