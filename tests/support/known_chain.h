/* A chain whose signatures were verified once answers as one that is verified anew. */
#ifndef SITUS_TESTS_KNOWN_CHAIN_H
#define SITUS_TESTS_KNOWN_CHAIN_H

#include "support/test.h"

#include "crypto/x509.h"

/* known_chain_same asks a question again with what was known at a time, its CRLs judged before
 * under the certificates of the chain; true when anything was known. ok, answer and err are what
 * x509_verify said. */
static inline bool known_chain_same(const struct x509_question *q, int64_t at, bool ok,
                                    const struct x509_answer *answer, const struct situs_err *err)
{
    struct x509_known known;
    struct x509_crls crls = q->crls ? *q->crls : (struct x509_crls){.n = 0};
    struct x509_question once = *q;
    struct x509_answer again;
    struct situs_err why = {0};
    for (size_t i = 0; i < crls.n; i++)
        crls.v[i].judged = crls.v[i].hashed = false;
    once.at = at;
    x509_know(&once, &known);
    for (size_t i = 0; i < known.n; i++)
        x509_crls_know(&crls, known.above[i]);
    once.at = q->at;
    once.known = &known;
    once.crls = q->crls ? &crls : NULL;
    assert_int_equal(x509_verify(&once, &again, &why), ok);
    assert_int_equal(why.code, err->code);
    assert_string_equal(why.field, err->field);
    assert_string_equal(why.got, err->got);
    assert_int_equal(again.chained, answer->chained);
    if (answer->chained) {
        assert_int_equal(again.anchor, answer->anchor);
        assert_memory_equal(again.sha256, answer->sha256, sizeof again.sha256);
    }
    if (ok) {
        assert_int_equal(again.crls_checked, answer->crls_checked);
        assert_int_equal(again.issuers.n, answer->issuers.n);
        assert_memory_equal(&again.valid, &answer->valid, sizeof again.valid);
        assert_memory_equal(&again.same, &answer->same, sizeof again.same);
    }
    return known.n > 0;
}

#endif
