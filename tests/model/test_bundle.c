/* model/bundle and model/tpm_value: both forms hold the same items, and nothing unexpected. */
#include "support/test.h"

#include <stdio.h>

#include "base/text.h"
#include "model/bundle.h"
#include "model/tpm_value.h"

static _Alignas(16) uint8_t memory[1 << 16];
static struct arena arena;
static uint8_t out[8192];

static bool read_span(struct bundle *b, struct situs_err *err, struct span in)
{
    arena = arena_new(memory, sizeof memory);
    memset(err, 0, sizeof *err);
    return bundle_read(b, in, &arena, err);
}

static void add(struct bundle *b, const char *label, enum item_kind kind, const char *value)
{
    struct situs_err err = {0};
    assert_true(bundle_add(b, label, kind, span_text(value), &err));
}

static void fill(struct bundle *b)
{
    memset(b, 0, sizeof *b);
    add(b, "tdx", ITEM_TDX_QUOTE, "quote");
    add(b, "platform", ITEM_TPM_QUOTE, "pq");
    add(b, "log.tdx", ITEM_TCG_LOG, "log");
    add(b, "owner-1", ITEM_POE, "poe");
    add(b, "log.platform", ITEM_TCG_LOG, "\xfb\xff?");
    add(b, "collateral", ITEM_COLLATERAL, "c");
    add(b, "channel", ITEM_SPKI, "k");
}

static void bundle_round_trips_in_both_forms(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct bundle b, again;
        struct situs_err err;
        struct wr w = wr_new(out, sizeof out);
        fill(&b);
        assert_true(bundle_write(&b, json, &w));
        assert_true(read_span(&again, &err, wr_span(&w)));
        assert_int_equal(again.n, b.n);
        for (size_t i = 0; i < b.n; i++) {
            struct item *item = bundle_find(&again, b.item[i].label);
            assert_non_null(item);
            assert_int_equal(item->kind, b.item[i].kind);
            assert_true(span_equal(item->value, b.item[i].value));
            assert_false(item->used);
        }
        assert_null(bundle_find(&again, "guest"));
    }
}

static void bundle_writes_what_the_draft_says(void **state)
{
    (void)state;
    struct bundle b = {0};
    struct wr w = wr_new(out, sizeof out);
    add(&b, "tdx", ITEM_TDX_QUOTE, "\xfb\xff");
    assert_true(bundle_write(&b, true, &w));
    static const char json[] =
        "{\n  \"__cmwc_t\": \"2.25.332511419858681687415794042427137118699\",\n"
        "  \"tdx\": [\n    \"application/vnd.situs.tdx-quote\",\n    \"-_8\",\n    4\n  ]\n}\n";
    assert_int_equal(w.n, sizeof json - 1);
    assert_memory_equal(out, json, w.n);
    w = wr_new(out, sizeof out);
    assert_true(bundle_write(&b, false, &w));
    expect_hex(span_cut(wr_span(&w), 0, 8), "a26374647883781f"); /* {"tdx": [31 bytes of text */
    expect_hex(span_cut(wr_span(&w), 39, 4), "42fbff04");
}

static void bundle_writer_reports_a_full_buffer(void **state)
{
    (void)state;
    struct bundle b;
    fill(&b);
    for (int json = 0; json < 2; json++) {
        struct wr w = wr_new(out, 100);
        assert_false(bundle_write(&b, json, &w));
    }
}

static void bundle_wants_every_item_read(void **state)
{
    (void)state;
    struct bundle b = {0};
    struct situs_err err = {0};
    add(&b, "tdx", ITEM_TDX_QUOTE, "q");
    add(&b, "guest", ITEM_TPM_QUOTE, "t");
    bundle_used(bundle_find(&b, "tdx"));
    assert_false(bundle_all_used(&b, &err));
    expect_err(err, SITUS_UNKNOWN, "guest", SITUS_NO_OFFSET);
    memset(&err, 0, sizeof err);
    bundle_used(bundle_find(&b, "guest"));
    assert_true(bundle_all_used(&b, &err));
}

static void bundle_knows_the_labels_of_evidence(void **state)
{
    (void)state;
    assert_int_equal(item_kind_of("tdx"), ITEM_TDX_QUOTE);
    assert_int_equal(item_kind_of("platform"), ITEM_TPM_QUOTE);
    assert_int_equal(item_kind_of("log.guest"), ITEM_TCG_LOG);
    assert_int_equal(item_kind_of("channel"), ITEM_SPKI);
    assert_int_equal(item_kind_of("guest platform"), ITEM_KIND_COUNT);
    assert_int_equal(item_kind_of("log"), ITEM_KIND_COUNT);
    assert_int_equal(item_kind_of(""), ITEM_KIND_COUNT);
    assert_int_equal(item_kind_of("poe"), ITEM_KIND_COUNT);
    assert_int_equal(item_kind_of("nonce"), ITEM_KIND_COUNT); /* the evidence does not bring it */
}

static void bundle_add_refuses_what_readers_would(void **state)
{
    (void)state;
    static const struct {
        const char *label, *value;
        enum item_kind kind;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"tdx", "q", ITEM_TDX_QUOTE, SITUS_DUPLICATE, "tdx"},
        {"guest", "q", ITEM_TDX_QUOTE, SITUS_MISMATCH, "guest.type"},
        {"guest", "q", ITEM_POE, SITUS_MISMATCH, "guest.type"},
        {"second", "q", ITEM_TDX_QUOTE, SITUS_UNKNOWN, "second"},
        {"guest", "", ITEM_TPM_QUOTE, SITUS_TOO_SHORT, "guest.value"},
        {"", "q", ITEM_POE, SITUS_MALFORMED, "label"},
        {"__cmwc_t", "q", ITEM_POE, SITUS_MALFORMED, "label"},
        {"a b", "q", ITEM_POE, SITUS_MALFORMED, "label"},
        {"1234567890123456789012345678901234567890", "q", ITEM_POE, SITUS_MALFORMED, "label"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b = {0};
        struct situs_err err = {0};
        add(&b, "tdx", ITEM_TDX_QUOTE, "q");
        assert_false(bundle_add(&b, rows[i].label, rows[i].kind, span_text(rows[i].value), &err));
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
        assert_int_equal(b.n, 1);
    }
}

static void bundle_add_refuses_too_many(void **state)
{
    (void)state;
    static char labels[LIMIT_BUNDLE_ITEMS + 1][16];
    struct bundle b = {0};
    struct situs_err err = {0};
    for (int i = 0; i < LIMIT_BUNDLE_ITEMS; i++) {
        snprintf(labels[i], sizeof labels[i], "p%d", i);
        add(&b, labels[i], ITEM_POE, "x");
    }
    assert_false(bundle_add(&b, "last", ITEM_POE, SPAN_LIT("x"), &err));
    expect_err(err, SITUS_TOO_LONG, "last", SITUS_NO_OFFSET);
}

#define TYPED "\"__cmwc_t\":\"" BUNDLE_TYPE "\""
#define QUOTE "\"application/vnd.situs.tdx-quote\""

static void bundle_refuses_bad_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"{}", SITUS_MISSING, "__cmwc_t"},
        {"{\"tdx\":[" QUOTE ",\"eA\",4]}", SITUS_MISSING, "__cmwc_t"},
        {"{\"__cmwc_t\":\"2.25.1\"}", SITUS_MISMATCH, "__cmwc_t"},
        {"{\"__cmwc_t\":1}", SITUS_MALFORMED, "__cmwc_t"},
        {"{" TYPED ",\"tdx\":{}}", SITUS_MALFORMED, "tdx"},
        {"{" TYPED ",\"tdx\":[" QUOTE "]}", SITUS_MALFORMED, "tdx"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eA\",4,4]}", SITUS_MALFORMED, "tdx"},
        {"{" TYPED ",\"tdx\":[1,\"eA\",4]}", SITUS_MALFORMED, "tdx.type"},
        {"{" TYPED ",\"tdx\":[\"application/x\",\"eA\",4]}", SITUS_UNKNOWN, "tdx.type"},
        {"{" TYPED ",\"tdx\":[\"#cmw-c2j-tunnel\",\"eA\"]}", SITUS_UNKNOWN, "tdx.type"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",1,4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"\",4]}", SITUS_TOO_SHORT, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eA==\",4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eB\",4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"+/8\",4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eA\\n\",4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"e\",4]}", SITUS_MALFORMED, "tdx.value"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eA\",2]}", SITUS_MISMATCH, "tdx.ind"},
        {"{" TYPED ",\"tdx\":[" QUOTE ",\"eA\",\"4\"]}", SITUS_MALFORMED, "tdx.ind"},
        {"{" TYPED ",\"guest\":[" QUOTE ",\"eA\",4]}", SITUS_MISMATCH, "guest.type"},
        {"{" TYPED ",\"other\":[" QUOTE ",\"eA\",4]}", SITUS_UNKNOWN, "other"},
        {"{" TYPED ",\"\":[" QUOTE ",\"eA\",4]}", SITUS_MALFORMED, "label"},
        {"{" TYPED ",\"nonce\":\"00\"}", SITUS_MALFORMED, "nonce"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        struct situs_err err;
        assert_false(read_span(&b, &err, span_text(rows[i].text)));
        if (err.code != rows[i].code)
            print_error("%s\n", rows[i].text);
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
        assert_int_equal(b.n, 0);
    }
    struct bundle b;
    struct situs_err err;
    static const char twice[] = "{" TYPED ",\"tdx\":[" QUOTE ",\"eA\",4],\"tdx\":[]}";
    assert_false(read_span(&b, &err, span_text(twice)));
    assert_string_equal(err_code_name(err.code), "duplicate");
}

static void bundle_ind_may_be_left_out(void **state)
{
    (void)state;
    struct bundle b;
    struct situs_err err;
    assert_true(read_span(&b, &err, span_text("{" TYPED ",\"tdx\":[" QUOTE ",\"eA\"]}")));
    expect_hex(b.item[0].value, "78");
}

/* CBOR text of the pieces that the rows below are made of. */
#define CB_TYPE_KEY "685f5f636d77635f74"
#define CB_TYPE                                                                    \
    CB_TYPE_KEY "782c322e32352e33333235313134313938353836383136383734313537393430" \
                "3432343237313337313138363939"
#define CB_QUOTE "781f6170706c69636174696f6e2f766e642e73697475732e7464782d71756f7465"

static void bundle_refuses_bad_cbor(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum situs_code code;
        const char *field;
        size_t at;
    } rows[] = {
        {"", SITUS_TOO_SHORT, "collection", 0},
        {"80", SITUS_MALFORMED, "collection", 0},
        {"a0", SITUS_MISSING, "__cmwc_t", SITUS_NO_OFFSET},
        {"da6374636383", SITUS_MALFORMED, "collection", 0},
        {"a1" CB_TYPE_KEY "6161", SITUS_MISMATCH, "__cmwc_t", 10},
        {"a1" CB_TYPE "00", SITUS_TRAILING, "collection", 56},
        {"a10083" CB_QUOTE "417804", SITUS_MALFORMED, "label", 1},
        {"a16374647880", SITUS_MISSING, "tdx.type", 6},
        {"a1637464788119010b", SITUS_MALFORMED, "tdx.type", 6},
        {"a163746478826161"
         "4178",
         SITUS_UNKNOWN, "tdx.type", 6},
        {"a16374647881" CB_QUOTE, SITUS_MISSING, "tdx.value", 39},
        {"a16374647882" CB_QUOTE "6178", SITUS_MALFORMED, "tdx.value", 39},
        {"a16374647883" CB_QUOTE "417802", SITUS_MISMATCH, "tdx.ind", 41},
        {"a16374647884" CB_QUOTE "41780404", SITUS_TRAILING, "tdx", 42},
        {"a2637464788"
         "2" CB_QUOTE "4178"
         "6374647880",
         SITUS_DUPLICATE, "label", 41},
        {"a2" CB_TYPE "6374647882" CB_QUOTE "4178", SITUS_MALFORMED, "label", 56},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        struct situs_err err;
        size_t n = strlen(rows[i].hex) / 2;
        assert_true(text_hex_read(out, n, span_text(rows[i].hex)));
        assert_false(read_span(&b, &err, span_of(out, n)));
        if (err.code != rows[i].code || err.at != rows[i].at)
            print_error("%s\n", rows[i].hex);
        expect_err(err, rows[i].code, rows[i].field, rows[i].at);
        assert_int_equal(b.n, 0);
    }
}

static void bundle_bounds_size_nesting_and_memory(void **state)
{
    (void)state;
    struct bundle b;
    struct situs_err err;
    static uint8_t big[LIMIT_BUNDLE + 1];
    assert_false(read_span(&b, &err, SPAN_ARR(big)));
    expect_err(err, SITUS_TOO_LONG, "collection", SITUS_NO_OFFSET);
    char deep[LIMIT_NESTING + 8] = "{\"a\":"; /* N31 */
    memset(deep + 5, '[', sizeof deep - 5);
    assert_false(read_span(&b, &err, SPAN_ARR(deep)));
    expect_err(err, SITUS_TOO_LONG, "json", 4 + LIMIT_NESTING);
    memset(&err, 0, sizeof err);
    struct arena none = arena_new(memory, 0);
    assert_false(
        bundle_read(&b, span_text("{" TYPED ",\"tdx\":[" QUOTE ",\"eA\",4]}"), &none, &err));
    expect_err(err, SITUS_NO_MEMORY, "label", SITUS_NO_OFFSET);
}

static const uint8_t digest_bytes[64] = {1, 2, 3};

static void fill_value(struct tpm_value *v)
{
    memset(v, 0, sizeof *v);
    v->attest = SPAN_LIT("attest");
    v->signature = SPAN_LIT("signature");
    v->public_area = SPAN_LIT("public");
    v->registers.n = 2;
    v->registers.bank[0] = (struct bank){.hash = HASH_SHA384, .mask = 1u << 23 | 1};
    v->registers.bank[0].value[0] = span_of(digest_bytes, 48);
    v->registers.bank[0].value[23] = span_of(digest_bytes + 1, 48);
    v->registers.bank[1] = (struct bank){.hash = HASH_SHA256, .mask = 2};
    v->registers.bank[1].value[1] = span_of(digest_bytes, 32);
    v->certs[0] = SPAN_LIT("ak");
    v->certs[1] = SPAN_LIT("ca");
    v->n_certs = 2;
}

static void tpm_value_round_trips(void **state)
{
    (void)state;
    struct tpm_value v, again;
    struct situs_err err = {0};
    struct wr w = wr_new(out, sizeof out);
    fill_value(&v);
    assert_true(tpm_value_write(&v, &w));
    assert_true(tpm_value_read(&again, wr_span(&w), "guest", &err));
    assert_true(span_equal(again.attest, v.attest));
    assert_int_equal(again.attest_at, 3);
    assert_true(span_equal(again.signature, v.signature));
    assert_true(span_equal(span_cut(wr_span(&w), again.public_at, 6), v.public_area));
    assert_true(span_equal(again.public_area, v.public_area));
    assert_int_equal(again.registers.n, 2);
    const struct bank *b = registers_bank(&again.registers, HASH_SHA384);
    assert_int_equal(b->mask, 1u << 23 | 1);
    assert_true(span_equal(b->value[23], span_of(digest_bytes + 1, 48)));
    assert_int_equal(registers_bank(&again.registers, HASH_SHA256)->mask, 2);
    assert_int_equal(again.n_certs, 2);
    assert_true(span_equal(again.certs[1], v.certs[1]));
}

static void tpm_value_refuses_bad_members(void **state)
{
    (void)state;
#define SHA256_0 \
    "5820"       \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define BANK_OK "03a10ba100" SHA256_0
    static const struct {
        const char *hex;
        enum situs_code code;
        const char *field;
        size_t at;
    } rows[] = {
        {"80", SITUS_MALFORMED, "map", 0},
        {"a0", SITUS_MISSING, "attest", SITUS_NO_OFFSET},
        {"a2014101" BANK_OK, SITUS_MISSING, "attest", SITUS_NO_OFFSET},
        {"a2004101" BANK_OK, SITUS_MISSING, "signature", SITUS_NO_OFFSET},
        {"a2004101014101", SITUS_MISSING, "registers", SITUS_NO_OFFSET},
        {"a10040", SITUS_TOO_SHORT, "attest", 3},
        {"a1006161", SITUS_MALFORMED, "attest", 2},
        {"a10140", SITUS_TOO_SHORT, "signature", 3},
        {"a10240", SITUS_TOO_SHORT, "public", 3},
        {"a10500", SITUS_UNKNOWN, "key", 1},
        {"a12000", SITUS_UNKNOWN, "key", 1},
        {"a103a0", SITUS_MISSING, "registers", 2},
        {"a103a10ba0", SITUS_MISSING, "registers.sha256", 4},
        {"a103a10aa0", SITUS_UNKNOWN, "registers", 3},
        {"a103a11a0001000ba0", SITUS_UNKNOWN, "registers", 3},
        {"a103a10ba1181840", SITUS_UNKNOWN, "registers.sha256", 5},
        {"a103a10ba10740", SITUS_MALFORMED, "registers.sha256.7", 6},
        {"a103a10ca107" SHA256_0, SITUS_MALFORMED, "registers.sha384.7", 6},
        {"a103a10ba200" SHA256_0 "00" SHA256_0, SITUS_DUPLICATE, "registers.sha256", 40},
        {"a103a20ba100" SHA256_0 "0ba0", SITUS_DUPLICATE, "registers", 40},
        {"a103a6040506070809", SITUS_TOO_SHORT, "registers", 2},
        {"a10480", SITUS_MISSING, "certificates", 2},
        {"a1048140", SITUS_TOO_SHORT, "certificates", 4},
        {"a10487"
         "41014101410141014101"
         "41014101",
         SITUS_TOO_LONG, "certificates", 2},
        {"a2004101004101", SITUS_DUPLICATE, "key", 4},
        {"a3004101014101" BANK_OK "00", SITUS_TRAILING, "map", 46},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tpm_value v;
        struct situs_err err = {0};
        size_t n = strlen(rows[i].hex) / 2;
        assert_true(text_hex_read(out, n, span_text(rows[i].hex)));
        assert_false(tpm_value_read(&v, span_of(out, n), "guest", &err));
        if (err.code != rows[i].code || err.at != rows[i].at)
            print_error("%s\n", rows[i].hex);
        expect_err(err, rows[i].code, rows[i].field, rows[i].at);
        assert_string_equal(err.part, "guest");
        assert_int_equal(v.attest.n + v.registers.n, 0);
    }
}

static void tpm_value_bounds_its_parts(void **state)
{
    (void)state;
    static const uint8_t large[LIMIT_CERT + 1];
    for (int part = 0; part < 4; part++) {
        struct tpm_value v, again;
        struct situs_err err = {0};
        static uint8_t room[3 * LIMIT_CERT];
        struct wr w = wr_new(room, sizeof room);
        fill_value(&v);
        struct span *const parts[] = {&v.attest, &v.signature, &v.public_area, &v.certs[1]};
        static const char *const fields[] = {"attest", "signature", "public", "certificates"};
        *parts[part] = span_of(large, part < 3 ? LIMIT_ATTEST + 1 : LIMIT_CERT + 1);
        assert_true(tpm_value_write(&v, &w));
        assert_false(tpm_value_read(&again, wr_span(&w), "guest", &err));
        assert_string_equal(err_code_name(err.code), "too-long");
        assert_string_equal(err.field, fields[part]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundle_round_trips_in_both_forms),
        cmocka_unit_test(bundle_writes_what_the_draft_says),
        cmocka_unit_test(bundle_writer_reports_a_full_buffer),
        cmocka_unit_test(bundle_wants_every_item_read),
        cmocka_unit_test(bundle_knows_the_labels_of_evidence),
        cmocka_unit_test(bundle_add_refuses_what_readers_would),
        cmocka_unit_test(bundle_add_refuses_too_many),
        cmocka_unit_test(bundle_refuses_bad_json),
        cmocka_unit_test(bundle_ind_may_be_left_out),
        cmocka_unit_test(bundle_refuses_bad_cbor),
        cmocka_unit_test(bundle_bounds_size_nesting_and_memory),
        cmocka_unit_test(tpm_value_round_trips),
        cmocka_unit_test(tpm_value_refuses_bad_members),
        cmocka_unit_test(tpm_value_bounds_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
