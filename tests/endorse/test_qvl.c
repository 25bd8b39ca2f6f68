/* Splitting collateral.json: escapes, what is refused and how, and jansson as its oracle. */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#include "../../fuzz/fuzz_qvl.c"
#include "../../fuzz/oracle.c"

#include "support/test.h"

#define FIVE                                                            \
    "\"pck_crl_issuer_chain\":\"a\",\"tcb_info_issuer_chain\":\"\\n\"," \
    "\"qe_identity_issuer_chain\":\"c\\u0000\",\"root_ca_crl\":\"\","   \
    "\"pck_crl\":\"e\","
#define REST "\"tcb_info_signature\":\"00\",\"qe_identity\":\"{}\",\"qe_identity_signature\":\"1\""
#define WITH(member) "{" FIVE member "," REST "}"
#define GOOD WITH("\"tcb_info\":\"{\\\"v\\\":3}\"")

static const struct {
    const char *what, *text;
    enum situs_code code;
    const char *field;
} bad[] = {
    {"nothing", "", SITUS_TOO_SHORT, "json"},
    {"not an object", "[]", SITUS_MALFORMED, "json"},
    {"cut", "{" FIVE, SITUS_TOO_SHORT, "json"},
    {"something after it", GOOD " x", SITUS_TRAILING, "json"},
    {"without tcb_info", "{" FIVE REST "}", SITUS_UNKNOWN, "json"},
    {"without another", "{\"tcb_info\":\"\"," REST "}", SITUS_MISSING, "pck_crl_issuer_chain"},
    {"twice", WITH("\"tcb_info\":\"\",\"tcb_info\":\"\""), SITUS_DUPLICATE, "json"},
    {"one more", WITH("\"tcb_info\":\"\",\"x\":[{}]"), SITUS_UNKNOWN, "x"},
    {"a number", WITH("\"tcb_info\":1"), SITUS_MALFORMED, "tcb_info"},
    {"an object", WITH("\"tcb_info\":{}"), SITUS_MALFORMED, "tcb_info"},
    {"null", WITH("\"tcb_info\":null"), SITUS_MALFORMED, "tcb_info"},
    {"a number as chain", WITH("\"tcb_info\":\"\",\"pck_certificate_chain\":0"), SITUS_MALFORMED,
     "pck_certificate_chain"},
    {"a key with escapes", WITH("\"tcb\\u005finfo\":\"\""), SITUS_UNSUPPORTED, "json"},
    {"a lone surrogate", WITH("\"tcb_info\":\"\\ud800\""), SITUS_MALFORMED, "json"},
    {"other bytes than UTF-8", WITH("\"tcb_info\":\"\xff\""), SITUS_MALFORMED, "json"},
    {"a line feed in a text", WITH("\"tcb_info\":\"\n\""), SITUS_MALFORMED, "json"},
};

static void qvl_refuses_what_is_not_whole(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[4096];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        struct qvl qvl;
        struct arena a = arena_new(memory, sizeof memory);
        print_message("%s\n", bad[i].what);
        assert_false(qvl_read(&qvl, span_text(bad[i].text), "p", &a, &err));
        assert_int_equal(err.code, bad[i].code);
        assert_string_equal(err.field, bad[i].field);
        LLVMFuzzerTestOneInput((const uint8_t *)bad[i].text, strlen(bad[i].text));
    }
}

static void qvl_gives_texts_without_escapes(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[4096];
    static const char text[] =
        WITH("\"tcb_info\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t|\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"");
    struct situs_err err = {0};
    struct qvl qvl;
    struct arena a = arena_new(memory, sizeof memory);
    assert_true(qvl_read(&qvl, span_text(text), "p", &a, &err));
    assert_true(span_equal(qvl.v[QVL_TCB_INFO],
                           SPAN_LIT("\"\\/\b\f\n\r\t|A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_true(span_equal(qvl.v[QVL_QE_IDENTITY_CHAIN], SPAN_LIT("c\0")));
    assert_true(qvl.v[QVL_ROOT_CRL].p && qvl.v[QVL_ROOT_CRL].n == 0);
    assert_null(qvl.v[QVL_PCK_CHAIN].p);
    LLVMFuzzerTestOneInput((const uint8_t *)text, strlen(text));
}

static void qvl_needs_room_for_escapes(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[16];
    struct situs_err err = {0};
    struct qvl qvl;
    struct arena a = arena_new(memory, sizeof memory);
    assert_false(qvl_read(&qvl, span_text(GOOD), "p", &a, &err));
    assert_int_equal(err.code, SITUS_NO_MEMORY);
}

/* Each byte deleted, doubled, and replaced by each that means something in JSON. */
static void qvl_and_jansson_agree_on_whatever_is_bent(void **state)
{
    (void)state;
    static const char good[] = GOOD, put[] = "\"\\{}[],:u0e -/nt\n\x80\xc3";
    size_t n = sizeof good - 1;
    uint8_t bent[sizeof good + 1];
    for (size_t at = 0; at < n; at++) {
        memcpy(bent, good, at);
        memcpy(bent + at, good + at + 1, n - at - 1);
        LLVMFuzzerTestOneInput(bent, n - 1);
        memcpy(bent + at, good + at, n - at);
        for (size_t i = 0; i <= sizeof put - 1; i++) {
            bent[at] = (uint8_t)put[i]; /* the zero byte, too */
            LLVMFuzzerTestOneInput(bent, n);
        }
        bent[at] = (uint8_t)good[at];
        memcpy(bent + at + 1, good + at, n - at);
        LLVMFuzzerTestOneInput(bent, n + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qvl_refuses_what_is_not_whole),
        cmocka_unit_test(qvl_gives_texts_without_escapes),
        cmocka_unit_test(qvl_needs_room_for_escapes),
        cmocka_unit_test(qvl_and_jansson_agree_on_whatever_is_bent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
