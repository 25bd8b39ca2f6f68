/* endorse/id_list: the one form that a list may have, read and written. */
#include "support/list_run.h"

/* The payload's parts, one of them replaced: each rule of the reader meets bytes that break it. */
struct payload {
    const char *count, *number, *this_update, *next_update, *owner, *facility, *kind, *salt,
        *entries, *tail;
};

static const struct payload whole = {
    .count = "a7",
    .number = "0107",
    .this_update = "0200",
    .next_update = "0301",
    .owner = "04616f",
    .facility = "056166",
    .kind = "066470706964",
    .salt = "",
    .entries = "085820" /* two PPIDs */
               "0000000000000000000000000000000000000000000000000000000000000001",
    .tail = "",
};

static struct span payload_bytes(const struct payload *p, uint8_t *bytes)
{
    char text[1024];
    int n = snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s%s", p->count, p->number, p->this_update,
                     p->next_update, p->owner, p->facility, p->kind, p->salt, p->entries, p->tail);
    assert_true(text_hex_read(bytes, (size_t)n / 2, span_of(text, (size_t)n)));
    return span_of(bytes, (size_t)n / 2);
}

static bool read_payload(const struct payload *p, size_t *base)
{
    uint8_t bytes[512];
    static uint8_t file[8192];
    struct wr w = wr_new(file, sizeof file);
    struct span payload = payload_bytes(p, bytes);
    struct span signed_ = soft_signer_sign(&w, &signer, ID_LIST_TYPE, payload);
    struct cose c;
    struct situs_err err = {0};
    assert_true(cose_read(&c, signed_, "list", &err));
    *base = c.payload_at;
    s.err = err;
    return id_list_read(&s.list, signed_, &s.err);
}

static void payload_is_read_to_its_last_byte(void **state)
{
    (void)state;
    size_t base;
    assert_true(read_payload(&whole, &base));
    assert_int_equal(s.list.entries.n / s.list.size, 2);
}

#define CASE(part, hex, code, field, at)                     \
    {                                                        \
        offsetof(struct payload, part), hex, code, field, at \
    }

static void payload_of_another_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t part;
        const char *hex;
        enum situs_code code;
        const char *field;
        size_t at; /* in the payload */
    } cases[] = {
        CASE(count, "a6", SITUS_MALFORMED, "payload", 0),
        CASE(count, "a8", SITUS_MISSING, "salt", 19),
        CASE(number, "0100", SITUS_MALFORMED, "number", 2),
        CASE(number, "011bffffffffffffffff", SITUS_MALFORMED, "number", 2),
        CASE(number, "010707", SITUS_MISSING, "this_update", 3),
        CASE(this_update, "0220", SITUS_MALFORMED, "this_update", 4),
        CASE(this_update, "0201", SITUS_MALFORMED, "next_update", 5),
        CASE(next_update, "031b0000003afff44180", SITUS_MALFORMED, "next_update", 6),
        CASE(owner, "0460", SITUS_MALFORMED, "owner", 8),
        CASE(owner, "0461ff", SITUS_MALFORMED, "owner", 8),
        CASE(facility, "0560", SITUS_MALFORMED, "facility", 11),
        CASE(kind, "066450504944", SITUS_UNKNOWN, "kind", 14),
        CASE(entries, "0840", SITUS_MALFORMED, "entries", 20),
        CASE(entries, "085100000000000000000000000000000000aa", SITUS_MALFORMED, "entries", 20),
        CASE(entries,
             "08582000000000000000000000000000000001"
             "00000000000000000000000000000001",
             SITUS_DUPLICATE, "entries", 38),
        CASE(entries,
             "08582000000000000000000000000000000002"
             "00000000000000000000000000000001",
             SITUS_MALFORMED, "entries", 38),
        CASE(tail, "00", SITUS_TRAILING, "payload", 54),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload p = whole;
        size_t base;
        const char **part = (const char **)(void *)((char *)&p + cases[i].part);
        *part = cases[i].hex;
        assert_false(read_payload(&p, &base));
        expect_err(s.err, cases[i].code, cases[i].field, base + cases[i].at);
        assert_int_equal(s.list.entries.n, 0);
    }
}

static void salt_has_a_bounded_size(void **state)
{
    (void)state;
    struct payload p = whole;
    size_t base;
    p.count = "a8";
    p.salt = "074f000102030405060708090a0b0c0d0e"; /* 15 bytes */
    assert_false(read_payload(&p, &base));
    expect_err(s.err, SITUS_MALFORMED, "salt", base + 20);
    p.salt = "0750000102030405060708090a0b0c0d0e0f";
    assert_true(read_payload(&p, &base));
    assert_int_equal(s.list.size, 32); /* an entry is a hash now */
}

static void envelope_of_another_form_is_refused(void **state)
{
    (void)state;
    static uint8_t file[8192];
    uint8_t bytes[512];
    struct wr w = wr_new(file, sizeof file);
    struct span payload = payload_bytes(&whole, bytes);
    struct span f = soft_signer_sign(&w, &signer, "application/vnd.situs.revocation+cbor", payload);
    s.err = (struct situs_err){0};
    assert_false(id_list_read(&s.list, f, &s.err));
    assert_string_equal(err_code_name(s.err.code), "mismatch");
    assert_string_equal(s.err.field, "content_type");
    w = wr_new(file, sizeof file);
    f = soft_signer_sign(&w, &signer, ID_LIST_TYPE, payload);
    s.err = (struct situs_err){0};
    assert_false(id_list_read(&s.list, span_of(f.p, f.n - 1), &s.err));
    assert_string_equal(s.err.field, "signature");
    s.err = (struct situs_err){0};
    wr_u8(&w, 0);
    assert_false(id_list_read(&s.list, wr_span(&w), &s.err));
    assert_string_equal(err_code_name(s.err.code), "trailing");
    s.err = (struct situs_err){0};
    assert_false(id_list_read(&s.list, payload, &s.err)); /* unsigned */
    assert_string_equal(s.err.field, "cose.tag");
}

static void writer_refuses_what_no_reader_takes(void **state)
{
    (void)state;
    struct id_list_writer w;
    struct wr out = wr_new(s.bytes, sizeof s.bytes);
    struct situs_err err = {0};
    good();
    assert_true(id_list_write_begin(&w, &s.meta, &signer.issuer, soft_signer_put, &out, &err));
    assert_false(id_list_write_add(&w, span_of(s.ids[0], 15), &err));
    expect_err(err, SITUS_MALFORMED, "entries", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_true(id_list_write_add(&w, span_of(s.ids[1], 16), &err));
    assert_false(id_list_write_add(&w, span_of(s.ids[1], 16), &err));
    expect_err(err, SITUS_DUPLICATE, "entries", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(id_list_write_add(&w, span_of(s.ids[0], 16), &err));
    expect_err(err, SITUS_MALFORMED, "entries", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_false(id_list_write_end(&w, &err)); /* two are missing */
    expect_err(err, SITUS_INTERNAL, "signature", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    s.meta.number = 0;
    assert_false(id_list_write_begin(&w, &s.meta, &signer.issuer, soft_signer_put, &out, &err));
    expect_err(err, SITUS_MALFORMED, "number", SITUS_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_is_read_to_its_last_byte),
        cmocka_unit_test(payload_of_another_form_is_refused),
        cmocka_unit_test(salt_has_a_bounded_size),
        cmocka_unit_test(envelope_of_another_form_is_refused),
        cmocka_unit_test(writer_refuses_what_no_reader_takes),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
