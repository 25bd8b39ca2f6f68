/* endorse/composition: whose manifest it is, how old, and the one form that it may have. */
#include "support/test.h"

#include "base/limits.h"
#include "base/text.h"
#include "endorse/composition/composition.h"
#include "support/soft_signer.h"

#include <stdio.h>

#define NOW (SOFT_CA_NOON - 3600)
#define DAY 86400

static struct soft_signer supplier, other;
static uint8_t bytes[65536], memory[32768];
static uint8_t prids[LIMIT_COMPOSITION_PACKAGES + 1][COMPOSITION_ID_SIZE], piid[16] = {9};
static struct composition_terms terms;
static struct composition c;
static struct anchor anchor;
static struct trust trust;
static struct arena arena;
static struct situs_err err;
static struct span file;

static int make(void **state)
{
    (void)state;
    soft_signer_make(&supplier, "Supplier", NOW, NULL);
    soft_signer_make(&other, "Supplier", NOW, NULL); /* the name costs nothing */
    return 0;
}

/* A manifest of two packages, which holds. */
static int good(void **state)
{
    (void)state;
    for (size_t i = 0; i <= LIMIT_COMPOSITION_PACKAGES; i++)
        prids[i][0] = (uint8_t)(0x80 - i);
    terms = (struct composition_terms){.number = 3,
                                       .issued = NOW - DAY,
                                       .supplier = SPAN_LIT("Supplier Inc."),
                                       .serial = SPAN_LIT("SN 0042"),
                                       .name = SPAN_LIT("rack server 2U"),
                                       .prids = (const uint8_t(*)[COMPOSITION_ID_SIZE])prids,
                                       .n_prids = 2,
                                       .piid = SPAN_ARR(piid)};
    anchor = supplier.anchor;
    trust = (struct trust){.anchors = &anchor, .n = 1};
    arena = arena_new(memory, sizeof memory);
    err = (struct situs_err){0};
    return 0;
}

static bool write_by(const struct soft_signer *by)
{
    struct wr w = wr_new(bytes, sizeof bytes);
    bool ok = composition_write(&terms, &by->issuer, soft_signer_put, &w, &err);
    file = wr_span(&w);
    return ok;
}

static bool verify_at(int64_t at, int64_t days)
{
    struct signed_doc_signer signer;
    const struct signed_doc_rules rules = {.trust = &trust, .at = at};
    bool ok = composition_verify(&c, rules, days, &signer, &arena, &err);
    assert_true(!ok || signer.anchor); /* refused: whose it would be, where a chain says it */
    return ok;
}

static void written_manifest_is_read_and_holds(void **state)
{
    (void)state;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    assert_int_equal(c.number, 3);
    assert_int_equal(c.issued, NOW - DAY);
    assert_true(span_equal(c.supplier, SPAN_LIT("Supplier Inc.")));
    assert_true(span_equal(c.serial, SPAN_LIT("SN 0042")));
    assert_true(span_equal(c.name, SPAN_LIT("rack server 2U")));
    assert_true(span_equal(c.piid, SPAN_ARR(piid)));
    assert_int_equal(composition_count(&c), 2); /* given in another order */
    assert_true(span_equal(composition_prid(&c, 0), SPAN_ARR(prids[1])));
    assert_true(span_equal(composition_prid(&c, 1), SPAN_ARR(prids[0])));
    assert_true(verify_at(NOW, 1));
    terms.piid = span_of(NULL, 0);
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    assert_int_equal(c.piid.n, 0);
    assert_true(verify_at(NOW, 1));
}

static void wrong_signer_is_untrusted(void **state)
{
    (void)state;
    assert_true(write_by(&other) && composition_read(&c, file, &err));
    assert_false(verify_at(NOW, 1));
    expect_err(err, SITUS_UNTRUSTED, "chain[1].issuer", SITUS_NO_OFFSET);
}

static void anchor_for_another_use_is_untrusted(void **state)
{
    (void)state;
    anchor.uses = ~(unsigned)ANCHOR_SUPPLIER;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    assert_false(verify_at(NOW, 1));
    expect_err(err, SITUS_UNTRUSTED, "chain[1].issuer", SITUS_NO_OFFSET);
}

static void altered_manifest_is_refused(void **state)
{
    (void)state;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    bytes[c.prids.p + c.prids.n - 1 - file.p] ^= 1;
    assert_true(composition_read(&c, file, &err));
    assert_false(verify_at(NOW, 1));
    expect_err(err, SITUS_BAD_SIGNATURE, "signature", SITUS_NO_OFFSET);
}

static void manifest_counts_from_its_time_for_so_many_days(void **state)
{
    (void)state;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    assert_true(verify_at(NOW - DAY, 1)); /* the moment that it was issued */
    assert_false(verify_at(NOW + 1, 1));
    expect_err(err, SITUS_EXPIRED, "issued", SITUS_NO_OFFSET);
    err = (struct situs_err){0};
    assert_true(verify_at(NOW + 1, 2));
    terms.issued = NOW + 1;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    assert_false(verify_at(NOW, 1));
    expect_err(err, SITUS_NOT_YET_VALID, "issued", SITUS_NO_OFFSET);
}

/* The payload's parts, one of them replaced: each rule of the reader meets bytes that break it. */
struct payload {
    const char *count, *number, *issued, *supplier, *serial, *name, *prids, *piid, *tail;
};

#define PRID_A "00000000000000000000000000000001"
#define PRID_B "00000000000000000000000000000002"

static const struct payload whole = {
    "a7", "0101", "0200", "036173", "04616e", "05616d", "065820" PRID_A PRID_B, "0750" PRID_A, ""};

static bool read_payload(const struct payload *p, size_t *base)
{
    static uint8_t body[4096];
    static char text[8192];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct cose cose;
    int n = snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s", p->count, p->number, p->issued,
                     p->supplier, p->serial, p->name, p->prids, p->piid, p->tail);
    assert_true(text_hex_read(body, (size_t)n / 2, span_of(text, (size_t)n)));
    file = soft_signer_sign(&w, &supplier, COMPOSITION_TYPE, span_of(body, (size_t)n / 2));
    assert_true(cose_read(&cose, file, "composition", &err));
    *base = cose.payload_at;
    return composition_read(&c, file, &err);
}

#define CASE(part, hex, code, field, at)                     \
    {                                                        \
        offsetof(struct payload, part), hex, code, field, at \
    }

static void payload_of_another_form_is_refused(void **state)
{
    static const struct {
        size_t part;
        const char *hex;
        enum situs_code code;
        const char *field;
        size_t at; /* from the begin of the payload */
    } cases[] = {
        CASE(count, "a5", SITUS_MALFORMED, "payload", 0),
        CASE(count, "a8", SITUS_MALFORMED, "payload", 0),
        CASE(count, "bf", SITUS_UNSUPPORTED, "payload", 0),
        CASE(number, "0801", SITUS_MISSING, "number", 1),
        CASE(number, "0100", SITUS_MALFORMED, "number", 2),
        CASE(number, "011bffffffffffffffff", SITUS_MALFORMED, "number", 2),
        CASE(number, "011801", SITUS_MALFORMED, "number", 2),
        CASE(issued, "0300", SITUS_MISSING, "issued", 3),
        CASE(issued, "0220", SITUS_MALFORMED, "issued", 4),
        CASE(issued, "021b0000003afff44180", SITUS_MALFORMED, "issued", 4),
        CASE(supplier, "0360", SITUS_MALFORMED, "supplier", 6),
        CASE(supplier, "0361ff", SITUS_MALFORMED, "supplier", 6),
        CASE(serial, "0460", SITUS_MALFORMED, "serial", 9),
        CASE(serial, "05616e", SITUS_MISSING, "serial", 8),
        CASE(name, "0560", SITUS_MALFORMED, "name", 12),
        CASE(prids, "0640", SITUS_MALFORMED, "prids", 15),
        CASE(prids, "064f000000000000000000000000000001", SITUS_MALFORMED, "prids", 15),
        CASE(prids, "065820" PRID_A PRID_A, SITUS_DUPLICATE, "prids", 33),
        CASE(prids, "065820" PRID_B PRID_A, SITUS_MALFORMED, "prids", 33),
        CASE(prids, "0682" PRID_A, SITUS_MALFORMED, "prids", 15),
        CASE(piid, "074f000000000000000000000000000001", SITUS_MALFORMED, "piid", 50),
        CASE(piid, "0850" PRID_A, SITUS_MISSING, "piid", 49),
        CASE(tail, "00", SITUS_TRAILING, "payload", 67),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload p = whole;
        size_t base;
        good(state);
        memcpy((char *)&p + cases[i].part, &cases[i].hex, sizeof cases[i].hex);
        if (read_payload(&p, &base) || err.code != cases[i].code || err.at != base + cases[i].at)
            print_message("case %zu: %s at %zu\n", i, err_code_name(err.code), err.at - base);
        expect_err(err, cases[i].code, cases[i].field, base + cases[i].at);
        assert_int_equal(composition_count(&c), 0);
    }
}

static void more_packages_than_a_machine_has_are_too_long(void **state)
{
    (void)state;
    static char hex[2 * 16 * (LIMIT_COMPOSITION_PACKAGES + 1) + 16];
    size_t base;
    for (size_t n = LIMIT_COMPOSITION_PACKAGES; n <= LIMIT_COMPOSITION_PACKAGES + 1; n++) {
        int at = snprintf(hex, sizeof hex, "0659%04zx", n * 16);
        for (size_t i = 0; i < n; i++)
            at += snprintf(hex + at, sizeof hex - (size_t)at, "%032zx", i + 1);
        struct payload p = whole;
        p.prids = hex;
        good(state);
        assert_int_equal(read_payload(&p, &base), n == LIMIT_COMPOSITION_PACKAGES);
    }
    expect_err(err, SITUS_TOO_LONG, "prids", base + 15);
}

static void file_of_another_kind_or_size_is_refused(void **state)
{
    (void)state;
    struct wr w = wr_new(bytes, sizeof bytes);
    size_t base;
    assert_true(read_payload(&whole, &base));
    struct span payload = span_of(memory, c.doc.cose.payload.n);
    memcpy(memory, c.doc.cose.payload.p, payload.n);
    file = soft_signer_sign(&w, &supplier, "application/vnd.situs.list+cbor", payload);
    assert_false(composition_read(&c, file, &err));
    assert_string_equal(err.field, "content_type");
    assert_int_equal(err.code, SITUS_MISMATCH);
    static uint8_t large[LIMIT_COMPOSITION + 1];
    err = (struct situs_err){0};
    assert_false(composition_read(&c, SPAN_ARR(large), &err));
    expect_err(err, SITUS_TOO_LONG, "cose", SITUS_NO_OFFSET);
}

static void expect_not_written(enum situs_code code, const char *field)
{
    assert_false(write_by(&supplier));
    assert_int_equal(file.n, 0);
    expect_err(err, code, field, SITUS_NO_OFFSET);
    good(NULL);
}

static void writer_refuses_what_the_reader_would(void **state)
{
    (void)state;
    static char text[LIMIT_LIST_TEXT + 2];
    memset(text, 'x', sizeof text - 1);
    terms.number = 0;
    expect_not_written(SITUS_MALFORMED, "number");
    terms.issued = -1;
    expect_not_written(SITUS_MALFORMED, "issued");
    terms.n_prids = 0;
    expect_not_written(SITUS_MALFORMED, "prids");
    terms.n_prids = LIMIT_COMPOSITION_PACKAGES + 1;
    expect_not_written(SITUS_TOO_LONG, "prids");
    memcpy(prids[1], prids[0], 16);
    expect_not_written(SITUS_DUPLICATE, "prids");
    terms.piid.n = 15;
    expect_not_written(SITUS_MALFORMED, "piid");
    terms.serial = span_text(text);
    expect_not_written(SITUS_MALFORMED, "serial");
    terms.name = SPAN_LIT("");
    expect_not_written(SITUS_MALFORMED, "name");
    terms.supplier = SPAN_LIT("\xff");
    expect_not_written(SITUS_MALFORMED, "supplier");
    terms.n_prids = LIMIT_COMPOSITION_PACKAGES;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
}

/* Whatever bit is flipped, nothing holds; the root in the file is only a copy of the anchor. */
static void manifest_with_any_flipped_bit_does_not_hold(void **state)
{
    (void)state;
    assert_true(write_by(&supplier) && composition_read(&c, file, &err));
    size_t from = (size_t)(c.doc.chain[1].p - file.p), to = from + c.doc.chain[1].n;
    for (size_t i = 0; i < 8 * file.n; i += 7) {
        struct situs_err why = {0};
        if (i / 8 >= from && i / 8 < to)
            continue;
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        arena.used = 0;
        err = (struct situs_err){0};
        assert_false(composition_read(&c, file, &why) && verify_at(NOW, 1));
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(written_manifest_is_read_and_holds, good),
        cmocka_unit_test_setup(wrong_signer_is_untrusted, good),
        cmocka_unit_test_setup(anchor_for_another_use_is_untrusted, good),
        cmocka_unit_test_setup(altered_manifest_is_refused, good),
        cmocka_unit_test_setup(manifest_counts_from_its_time_for_so_many_days, good),
        cmocka_unit_test_setup(payload_of_another_form_is_refused, good),
        cmocka_unit_test_setup(more_packages_than_a_machine_has_are_too_long, good),
        cmocka_unit_test_setup(file_of_another_kind_or_size_is_refused, good),
        cmocka_unit_test_setup(writer_refuses_what_the_reader_would, good),
        cmocka_unit_test_setup(manifest_with_any_flipped_bit_does_not_hold, good),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
