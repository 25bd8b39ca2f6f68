/* situs_poe_verify (include/situs.h): one endorsement, in exactly the memory that is said to be
 * enough. What it decides the tests of poe_verify hold; here is what it is asked. */
#include "support/test.h"

#include "base/text.h"
#include "support/golden.h"
#include "support/make_poe.h"

#include <stdio.h>
#include <stdlib.h>

static const uint8_t piid[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static void *trust_memory, *memory;
static const struct situs_trust *trust;
static struct situs_item crl;

static int setup(void **state)
{
    (void)state;
    static char text[4096], base64[3000];
    struct situs_err err;
    int n = snprintf(text, sizeof text,
                     "{\"anchors\": [{\"name\": \"issuers\", \"for\": [\"poe\"], \"pem\": "
                     "\"-----BEGIN CERTIFICATE-----\\n%s\\n-----END CERTIFICATE-----\\n\"}]}",
                     text_base64(base64, make_poe_issuer()->root));
    struct situs_item file = {"trust", text, (size_t)n};
    size_t size = situs_trust_memory(file);
    trust_memory = malloc(size);
    trust = situs_trust_read(file, (struct situs_memory){trust_memory, size}, &err);
    if (!trust)
        fail_msg("%s %s", err.field, err.got);
    struct span der = make_poe_crl();
    crl = (struct situs_item){"its.crl", der.p, der.n};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    free(trust_memory);
    return 0;
}

static struct situs_poe_request request(void)
{
    struct span poe = make_poe(NULL, 0);
    return (struct situs_poe_request){
        .poe = {"poe.cbor", poe.p, poe.n}, .trust = trust, .at = MAKE_POE_AT - 3600};
}

/* The answer lies in its memory until the next. */
static const struct situs_poe *ask(const struct situs_poe_request *q)
{
    size_t size = situs_poe_memory(q);
    free(memory);
    memory = malloc(size);
    const struct situs_poe *x = situs_poe_verify(q, (struct situs_memory){memory, size});
    struct situs_error e;
    bool refuses = false;
    assert_non_null(x);
    for (size_t i = 0; situs_poe_error(x, i, &e); i++) {
        refuses |= e.refuses;
        assert_true(e.why.hint[0]);
    }
    assert_int_equal(refuses, !situs_poe_holds(x));
    assert_int_equal(situs_poe_holds(x), situs_poe_exit(x) == 0);
    return x;
}

static void expect_error(const struct situs_poe *x, int exit, const char *check,
                         enum situs_code code, const char *part)
{
    struct situs_error e;
    assert_true(situs_poe_error(x, 0, &e));
    assert_int_equal(situs_poe_exit(x), exit);
    if (check)
        assert_string_equal(e.check, check);
    else
        assert_null(e.check);
    assert_string_equal(situs_code_name(e.why.code), situs_code_name(code));
    assert_string_equal(e.why.part, part);
}

static void one_that_holds_names_its_owner(void **state)
{
    (void)state;
    struct situs_poe_request q = request();
    const struct situs_poe *x = ask(&q);
    struct situs_check c;
    struct situs_error e;
    char text[4096], tight[6];
    assert_true(situs_poe_holds(x));
    assert_false(situs_poe_error(x, 0, &e));
    assert_false(situs_poe_reason(x, &e));
    assert_true(situs_poe_check(x, 0, &c));
    assert_string_equal(c.id, "poe.signature");
    assert_int_equal(c.outcome, SITUS_PASS);
    assert_true(situs_poe_check(x, 3, &c));
    assert_string_equal(c.id, "poe.revoked");
    assert_int_equal(c.outcome, SITUS_NOT_RUN); /* no list was given: it was not asked */
    assert_false(c.refuses);
    assert_false(situs_poe_check(x, 4, &c));
    assert_true(situs_poe_claim(x, "owner", text, sizeof text));
    assert_string_equal(text, "owner");
    assert_true(situs_poe_claim(x, "owner", tight, sizeof tight));
    assert_false(situs_poe_claim(x, "owner", tight, sizeof tight - 1));
    assert_false(situs_poe_claim(x, "mrtd", text, sizeof text));
    assert_true(situs_poe_json(x, text, sizeof text) < sizeof text);
    assert_true(strncmp(text,
                        "{\"holds\":true,\"exit\":0,\"simulated\":false,\"poe.signature\":\"pass\"",
                        63) == 0);
    assert_true(situs_poe_text(x, text, sizeof text) < sizeof text);
    assert_true(strncmp(text, "HOLDS: owned by owner\n", 22) == 0);
    assert_non_null(strstr(text, "\nnote       not asked whether the issuer took it back"));
}

static void the_platform_is_asked_where_one_is_named(void **state)
{
    (void)state;
    uint8_t other[16];
    struct situs_poe_request q = request();
    q.piid = (struct situs_item){"piid", piid, sizeof piid};
    assert_true(situs_poe_holds(ask(&q)));
    memcpy(other, piid, sizeof other);
    other[15] ^= 1;
    q.piid.p = other;
    expect_error(ask(&q), 6, "poe.match", SITUS_MISMATCH, "poe.cbor");
    q.piid.size = 15;
    expect_error(ask(&q), 1, NULL, SITUS_MALFORMED, "piid");
    q.piid = (struct situs_item){"piid", NULL, 16};
    expect_error(ask(&q), 1, NULL, SITUS_MISSING, "piid");
}

static void a_crl_takes_its_issuer_back(void **state)
{
    (void)state;
    struct situs_poe_request q = request();
    q.crls = &crl;
    q.n_crls = 1;
    expect_error(ask(&q), 6, "poe.signature", SITUS_REVOKED, "poe.cbor");
}

/* A row that is asked for and does not run is as bad as one that fails. */
static void what_is_of_another_kind_is_refused(void **state)
{
    (void)state;
    static const struct situs_item page = {"page", "<html>", 6};
    struct situs_poe_request q = request();
    q.revocations = &crl;
    q.n_revocations = 1;
    expect_error(ask(&q), 1, NULL, SITUS_MISMATCH, "its.crl");
    q.revocations = &page;
    expect_error(ask(&q), 1, NULL, SITUS_UNKNOWN, "page");
    q.revocations = NULL;
    expect_error(ask(&q), 1, NULL, SITUS_MISSING, "request");
}

static void what_does_not_read_is_2_and_a_wrong_request_1(void **state)
{
    (void)state;
    static const struct situs_seen seen = {"revocation", "issuers", NULL, NULL, 7};
    struct situs_check c;
    struct situs_poe_request q = request();
    q.poe.size--;
    const struct situs_poe *x = ask(&q);
    assert_int_equal(situs_poe_exit(x), 2);
    assert_false(situs_poe_check(x, 0, &c));
    q = request();
    q.poe = (struct situs_item){"empty", NULL, 7};
    assert_int_equal(situs_poe_exit(ask(&q)), 2);
    q = request();
    q.list_seen = &seen; /* of no list */
    q.n_list_seen = 1;
    expect_error(ask(&q), 1, NULL, SITUS_MISSING, "request");
    q = request();
    q.reserved[0] = 1;
    expect_error(ask(&q), 1, NULL, SITUS_UNSUPPORTED, "request");
}

static void other_anchors_and_times_do_not_count(void **state)
{
    (void)state;
    struct situs_poe_request q = request();
    q.trust = NULL;
    expect_error(ask(&q), 6, "poe.signature", SITUS_UNTRUSTED, "poe.cbor");
    q = request();
    q.at += 400 * 24 * 3600;
    const struct situs_poe *x = ask(&q); /* the signature is not asked then: row by row */
    struct situs_error e;
    assert_int_equal(situs_poe_exit(x), 6);
    assert_true(situs_poe_error(x, 0, &e) && e.outcome == SITUS_NOT_RUN);
    assert_true(situs_poe_error(x, 1, &e) && e.why.code == SITUS_EXPIRED);
    assert_string_equal(e.check, "poe.window");
}

static void nothing_holds_of_null(void **state)
{
    (void)state;
    struct situs_error e;
    struct situs_check c;
    char text[8];
    uint8_t little[64];
    struct situs_poe_request q = request();
    assert_null(situs_poe_verify(NULL, (struct situs_memory){little, sizeof little}));
    assert_null(situs_poe_verify(&q, (struct situs_memory){little, sizeof little}));
    assert_null(situs_poe_verify(&q, (struct situs_memory){NULL, 1 << 20}));
    assert_false(situs_poe_holds(NULL));
    assert_int_equal(situs_poe_exit(NULL), 2);
    assert_false(situs_poe_simulated(NULL));
    assert_false(situs_poe_check(NULL, 0, &c));
    assert_false(situs_poe_claim(NULL, "owner", text, sizeof text));
    assert_true(situs_poe_error(NULL, 0, &e) && e.refuses);
    assert_int_equal(situs_poe_memory(NULL), 0);
    size_t size = situs_poe_memory(&q);
    for (size_t n = 0; n < size; n += 997) { /* too little never holds where enough does not */
        void *p = malloc(n + 1);
        const struct situs_poe *x = situs_poe_verify(&q, (struct situs_memory){p, n});
        assert_true(!x || situs_poe_holds(x) || situs_poe_error(x, 0, &e));
        free(p);
    }
}

#define CASE(f) cmocka_unit_test(f)

/* What situs poe verify prints, in all three forms. */
static void print(const struct situs_poe_request *q, const char *name)
{
    static char text[64 * 1024];
    const struct situs_poe *x = ask(q);
    char file[80];
    assert_true(situs_poe_brief(x, false, text, sizeof text) < sizeof text);
    golden_fits_a_screen(text);
    snprintf(file, sizeof file, "%s.txt", name);
    golden_compare(text, file);
    assert_true(situs_poe_text(x, text, sizeof text) < sizeof text);
    snprintf(file, sizeof file, "%s.all.txt", name);
    golden_compare(text, file);
    assert_true(situs_poe_json(x, text, sizeof text) < sizeof text);
    for (char *s = text; (s = strchr(s, ',')) != NULL;) /* a member a line */
        if (*++s == '"')
            s[-1] = '\n';
    snprintf(file, sizeof file, "%s.json.txt", name);
    golden_compare(text, file);
}

static void the_reports_are_these(void **state)
{
    (void)state;
    static const uint8_t other[16] = {1};
    struct situs_poe_request q = request();
    print(&q, "poe");
    q.piid = (struct situs_item){"--piid", piid, sizeof piid};
    q.poe.name = "a/path/that/is/longer/than/the/line/of/the/report/has/room/for/poe.cbor";
    print(&q, "poe-of-platform");
    q.piid.p = other;
    print(&q, "poe-of-another");
    q = request();
    q.at += 400 * 86400;
    print(&q, "poe-expired");
    q.at = request().at;
    q.trust = NULL;
    print(&q, "poe-untrusted");
    q = request();
    q.poe.size = 0;
    print(&q, "poe-empty");
    q = request();
    q.poe.size = 2;
    print(&q, "poe-cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reports_are_these),
        CASE(one_that_holds_names_its_owner),
        CASE(the_platform_is_asked_where_one_is_named),
        CASE(a_crl_takes_its_issuer_back),
        CASE(what_is_of_another_kind_is_refused),
        CASE(what_does_not_read_is_2_and_a_wrong_request_1),
        CASE(other_anchors_and_times_do_not_count),
        CASE(nothing_holds_of_null),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
