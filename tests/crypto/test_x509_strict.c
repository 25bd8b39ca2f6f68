/*
 * crypto/x509: what a certificate must be is asked of OpenSSL, by X509_verify_cert in its strict
 * form. Each rule that ours rest on has a row here, which every version must refuse with the same
 * code and field.
 */
#include "support/make_cert.h"
#include "support/test.h"

#include "crypto/digest.h"
#include "crypto/x509.h"

static const int64_t at = 1772323200; /* 2026-03-01T00:00:00Z */

enum place { LEAF, CA, ROOT };

/* A chain of three with one part of one certificate replaced. */
static bool holds(enum place place, enum make_part part, const char *hex, struct situs_err *err)
{
    struct make_key *key[] = {make_key(), make_key(), make_key()};
    struct make_doc doc[] = {make_cert(INTEL_PCK, key[LEAF], INTEL_PLATFORM_CA, key[CA]),
                             make_cert(INTEL_PLATFORM_CA, key[CA], INTEL_ROOT, key[ROOT]),
                             make_cert(INTEL_ROOT, key[ROOT], INTEL_ROOT, key[ROOT])};
    if (hex)
        doc[place].part[part] = make_hex(hex);
    struct span leaf = make_signed(&doc[LEAF], key[CA]), ca = make_signed(&doc[CA], key[ROOT]);
    struct x509_anchor anchor = {.der = make_signed(&doc[ROOT], key[ROOT])};
    assert_true(digest(HASH_SHA256, anchor.der, anchor.sha256));
    *err = (struct situs_err){0};
    struct x509 *cert = x509_read(leaf, NULL, "test", err);
    if (!cert)
        return false;
    const struct x509_question q = {.leaf = cert,
                                    .extra = &ca,
                                    .n_extra = 1,
                                    .anchors = &anchor,
                                    .n_anchors = 1,
                                    .at = at,
                                    .part = "test"};
    struct x509_answer answer;
    bool ok = x509_verify(&q, &answer, err);
    x509_free(cert);
    return ok;
}

static const struct {
    const char *name;
    enum place place;
    enum make_part part;
    const char *hex;
    enum situs_code code;
    const char *field;
} rows[] = {
/* clang-format off */
#include "crypto/x509_faults.def"
    /* clang-format on */
};

static void the_chain_itself_holds(void **state)
{
    (void)state;
    struct situs_err err;
    if (!holds(LEAF, 0, NULL, &err))
        fail_msg("%s: %s", err.field, err.got);
    make_reset();
}

static void every_fault_is_refused_where_it_is(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        bool ok = holds(rows[i].place, rows[i].part, rows[i].hex, &err);
        /* OpenSSL 3.5 does not even decode times that 3.0 takes. */
        bool undecoded =
            !ok && err.code == SITUS_MALFORMED && strcmp(err.field, "certificate") == 0;
        bool as_told = err.code == rows[i].code && strcmp(err.field, rows[i].field) == 0;
        if (ok || (!undecoded && !as_told)) {
            print_error("%s: %s %s (%s)\n", rows[i].name, ok ? "accepted" : err_code_name(err.code),
                        err.field, err.got);
            wrong++;
        }
        make_reset();
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_itself_holds),
        cmocka_unit_test(every_fault_is_refused_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
