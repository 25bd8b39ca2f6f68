/* codec/pem: blocks of one label and white space; what is wrong is told at its place. */
#include "support/test.h"

#include "codec/pem.h"

#define BLOCK(body) PEM_BEGIN("X") body "-----END X-----"

static _Alignas(16) uint8_t memory[256];

static bool read_all(struct span in, struct span *last, size_t *n, struct situs_err *err)
{
    struct arena a = arena_new(memory, sizeof memory);
    *err = (struct situs_err){0};
    struct rd r = rd_new(in, 100, "file", err);
    for (*n = 0; pem_space(&r) > 0; ++*n)
        if (!pem_block(&r, "X", "field", &a, last))
            return false;
    return rd_ok(&r);
}

static void pem_reads_blocks_however_they_are_broken(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        {"", 0},
        {" \r\n\t", 0},
        {BLOCK("AAEC"), 1},
        {BLOCK("\nAAEC\n"), 1},
        {" \n" BLOCK("\r\nAA\r\nE C\t\r\n") "\r\n\r\n", 1},
        {BLOCK("\n//8=\n") BLOCK("AAEC"), 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        struct span last;
        size_t n;
        assert_true(read_all(span_text(rows[i].text), &last, &n, &err));
        assert_int_equal(n, rows[i].n);
        if (n)
            assert_true(span_equal(last, span_of("\0\1\2", 3)));
    }
}

static void pem_refuses_everything_else_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        size_t at;
    } rows[] = {
        {"text " BLOCK("AAEC"), SITUS_MALFORMED, 0},
        {BLOCK("AAEC") "\ntext", SITUS_MALFORMED, 37},
        {"-----BEGIN X----\nAAEC", SITUS_MALFORMED, 0},
        {"-----BEGIN Y-----\nAAEC\n-----END Y-----", SITUS_MALFORMED, 0},
        {"-----BEGIN X-----\nAAEC\n-----END Y-----", SITUS_MALFORMED, 23},
        {"-----BEGIN X-----\nAAEC\n-----END X----", SITUS_MALFORMED, 23},
        {"-----BEGIN X-----\nAAEC\n", SITUS_TOO_SHORT, 23},
        {BLOCK(""), SITUS_MALFORMED, 17},
        {BLOCK("\n"), SITUS_MALFORMED, 17},
        {BLOCK("\nAA:C\n"), SITUS_MALFORMED, 20},
        {BLOCK("AAE"), SITUS_MALFORMED, 17},
        {BLOCK("AAF="), SITUS_MALFORMED, 17},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        struct span last;
        size_t n;
        assert_false(read_all(span_text(rows[i].text), &last, &n, &err));
        expect_err(err, rows[i].code, "field", 100 + rows[i].at);
        assert_int_equal(last.n, 0);
    }
}

static void pem_needs_room(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct span der;
    struct arena none = arena_new(memory, 1);
    struct rd r = rd_new(SPAN_LIT(BLOCK("AAEC")), 0, "file", &err);
    assert_false(pem_block(&r, "X", "field", &none, &der));
    expect_err(err, SITUS_NO_MEMORY, "field", 17);
}

static void pem_says_where_a_byte_is_written(void **state)
{
    (void)state;
    struct span body = SPAN_LIT("\nAAEC\nAwQF\n");
    static const size_t at[] = {1, 2, 3, 6, 7, 8, 11};
    for (size_t n = 0; n < sizeof at / sizeof *at; n++)
        assert_int_equal(pem_character(body, n), at[n]);
}

static void pem_finds_a_block_behind_text(void **state)
{
    (void)state;
    static const char text[] = "Subject: x\n-----BEGIN Y-----\n-----BEGIN X----\n" BLOCK(
        "AAEC") "\n"
                "more text -----BEGIN X-----";
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct span der;
    struct rd r = rd_new(SPAN_LIT(text), 0, "file", &err);
    assert_true(pem_find(&r, "X"));
    assert_int_equal(r.pos, 46);
    assert_true(pem_find(&r, "X")); /* it is the one */
    assert_true(pem_block(&r, "X", "field", &a, &der));
    assert_true(pem_find(&r, "X"));
    assert_false(pem_block(&r, "X", "field", &a, &der));
    assert_false(pem_find(&r, "X"));
    err = (struct situs_err){0};
    r = rd_new(SPAN_LIT(text), 0, "file", &err);
    assert_false(pem_find(&r, "Z"));
    assert_int_equal(r.pos, 0);
}

#define DASHES "-----"
#define LONG "A LABEL OF SIXTY CHARACTERS IS THE LONGEST ONE THAT IS READ."

static void pem_takes_a_whole_text_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *body; /* NULL: refused */
    } rows[] = {
        {BLOCK("AAEC"), "AAEC"},
        {BLOCK(""), ""},
        {BLOCK("a-_: \n"), "a-_: \n"},
        {"-----BEGIN TWO WORDS-----\n-----END TWO WORDS-----", "\n"},
        {DASHES "BEGIN " LONG DASHES DASHES "END " LONG DASHES, ""},
        {DASHES "BEGIN " LONG "." DASHES DASHES "END " LONG "." DASHES, NULL},
        {BLOCK("") "\n", NULL},
        {" " BLOCK(""), NULL},
        {"-----BEGIN X-----\nAAEC\n-----END Y-----", NULL},
        {"-----BEGIN X----\nAAEC\n-----END X-----", NULL},
        {"-----BEGIN X-----END X-----", NULL},
        {"-----BEGIN ", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err = {0};
        struct rd r = rd_new(span_text(rows[i].text), 0, "file", &err);
        struct span body = pem_whole(&r, "field");
        if (!rows[i].body)
            expect_err(err, SITUS_MALFORMED, "field", SITUS_NO_OFFSET);
        assert_int_equal(rd_ok(&r), rows[i].body != NULL);
        assert_true(span_equal(body, span_text(rows[i].body ? rows[i].body : "")));
        assert_int_equal(rd_left(&r), 0);
    }
}

static void pem_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 47, 48, 49, 96, 100};
    uint8_t der[100];
    for (size_t i = 0; i < sizeof der; i++)
        der[i] = (uint8_t)(251 * i);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char text[256];
        struct wr w = wr_new(text, sizeof text);
        struct situs_err err;
        struct span last;
        size_t n;
        pem_write(&w, "X", span_of(der, sizes[i]));
        assert_true(read_all(wr_span(&w), &last, &n, &err));
        assert_int_equal(n, 1);
        assert_true(span_equal(last, span_of(der, sizes[i])));
    }
}

static void pem_is_written_in_lines_of_64(void **state)
{
    (void)state;
    static const uint8_t zeros[49];
    char text[256];
    struct wr w = wr_new(text, sizeof text);
    pem_write(&w, "X", SPAN_ARR(zeros));
    assert_true(span_equal(
        wr_span(&w), SPAN_LIT("-----BEGIN X-----\n"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                              "AA==\n"
                              "-----END X-----\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_reads_blocks_however_they_are_broken),
        cmocka_unit_test(pem_refuses_everything_else_at_its_place),
        cmocka_unit_test(pem_needs_room),
        cmocka_unit_test(pem_finds_a_block_behind_text),
        cmocka_unit_test(pem_takes_a_whole_text_apart),
        cmocka_unit_test(pem_is_read_as_it_is_written),
        cmocka_unit_test(pem_is_written_in_lines_of_64),
        cmocka_unit_test(pem_says_where_a_byte_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
