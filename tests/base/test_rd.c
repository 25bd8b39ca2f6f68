/* base/rd, base/wr, base/arena: the cursor remembers its first failure, the writer never
 * overruns. */
#include "support/test.h"

#include "base/arena.h"
#include "base/rd.h"
#include "base/wr.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void rd_reads_both_byte_orders(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct rd r = rd_new(SPAN_ARR(bytes), 0, "part", &err);
    assert_int_equal(rd_u16le(&r, "a"), 0x0201);
    assert_int_equal(rd_u32be(&r, "b"), 0x03040506);
    assert_int_equal(rd_u8(&r, "c"), 7);
    assert_int_equal(rd_u32le(&r, "d"), 0x0b0a0908);
    assert_true(rd_end(&r, "end"));
    r = rd_new(SPAN_ARR(bytes), 0, "part", &err);
    assert_true(rd_u64be(&r, "e") == 0x0102030405060708);
    assert_int_equal(rd_u16be(&r, "f"), 0x090a);
    r = rd_new(SPAN_ARR(bytes), 0, "part", &err);
    assert_true(rd_u64le(&r, "g") == 0x0807060504030201);
}

static void rd_keeps_the_first_failure(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct rd r = rd_new(SPAN_ARR(bytes), 100, "part", &err);
    rd_bytes(&r, 9, "head");
    assert_int_equal(rd_u32le(&r, "short"), 0);
    assert_int_equal(rd_u8(&r, "later"), 0);
    assert_int_equal(rd_left(&r), 0);
    assert_false(rd_end(&r, "end"));
    expect_err(err, SITUS_TOO_SHORT, "short", 109);
    assert_string_equal(err.part, "part");
    assert_string_equal(err.expected, "4 bytes");
    assert_string_equal(err.got, "2 bytes");
}

static void rd_end_refuses_what_is_left(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct rd r = rd_new(SPAN_ARR(bytes), 0, "part", &err);
    struct rd sub = rd_sub(&r, 4, "sub");
    assert_int_equal(rd_u8(&sub, "x"), 1);
    assert_false(rd_end(&sub, "sub"));
    expect_err(err, SITUS_TRAILING, "sub", 1);
}

static void wr_counts_but_never_overruns(void **state)
{
    (void)state;
    uint8_t buffer[8] = {0};
    struct wr w = wr_new(buffer, 4);
    wr_u16be(&w, 0x0102);
    wr_u32le(&w, 5);
    wr_u8(&w, 9); /* would fit, but a hole must not appear */
    assert_false(wr_ok(&w));
    assert_int_equal(w.n, 7);
    assert_int_equal(wr_span(&w).n, 0);
    assert_memory_equal(buffer, "\1\2\0\0\0\0\0\0", 8);
}

static void wr_format_refuses_a_line_too_long(void **state)
{
    (void)state;
    uint8_t buffer[4096];
    struct wr w = wr_new(buffer, sizeof buffer);
    wr_format(&w, "%2000d", 1);
    assert_false(wr_ok(&w));
}

static void arena_gives_zeroed_memory_until_full(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[64];
    memset(memory, 0xff, sizeof memory);
    struct arena a = arena_new(memory, sizeof memory);
    uint8_t *p = arena_take(&a, 3), *q = arena_take(&a, 48);
    assert_non_null(p);
    assert_ptr_equal(q, p + 16);
    assert_true(span_all(span_of(q, 48), 0));
    assert_null(arena_take(&a, 1));
    assert_null(arena_array(&a, SIZE_MAX / 2, 4));
    assert_null(arena_copy(&a, SPAN_LIT("x")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rd_reads_both_byte_orders),
        cmocka_unit_test(rd_keeps_the_first_failure),
        cmocka_unit_test(rd_end_refuses_what_is_left),
        cmocka_unit_test(wr_counts_but_never_overruns),
        cmocka_unit_test(wr_format_refuses_a_line_too_long),
        cmocka_unit_test(arena_gives_zeroed_memory_until_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
