/* What every test includes: cmocka, and assertions on errors and findings that pin code, field,
 * offset. */
#ifndef SITUS_TESTS_TEST_H
#define SITUS_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/span.h"

/* expect_err: the error has this code, field and offset (SITUS_NO_OFFSET to demand that it has
 * none). */
#define expect_err(err, code_, field_, at_)                                   \
    do {                                                                      \
        assert_string_equal(err_code_name((err).code), err_code_name(code_)); \
        assert_string_equal((err).field, (field_));                           \
        assert_int_equal((err).at, (at_));                                    \
    } while (0)

/* expect_fail: the check failed with this code and field. */
#define expect_fail(findings, check_, code_, field_)                                              \
    do {                                                                                          \
        assert_int_equal((findings).v[check_].outcome, OUTCOME_FAIL);                             \
        assert_string_equal(err_code_name((findings).v[check_].why->code), err_code_name(code_)); \
        assert_string_equal((findings).v[check_].why->field, (field_));                           \
    } while (0)

/* expect_span: equal bytes, given as hex. */
#define expect_hex(span_, hex_)                                              \
    do {                                                                     \
        char text_[4096];                                                    \
        assert_string_equal(text_hex(text_, sizeof text_, (span_)), (hex_)); \
    } while (0)

#endif
