/* endorse/id_list: whole ids, in time, by a signer who may name the owner, never an older list. */
#include "support/test.h"

#include "base/text.h"
#include "endorse/id_list/id_list_write.h"
#include "support/soft_signer.h"

#include <stdio.h>

#define NOW (SOFT_CA_NOON - 3600)
#define HOUR 3600

static struct soft_signer signer, other;

/* One appraisal, good as made by good(): a test breaks one thing. */
struct scene {
    struct id_list_meta meta;
    uint8_t ids[3][64];
    uint8_t bytes[8192];
    struct span file;
    struct id_list list;
    struct anchor anchors[2];
    struct trust trust;
    struct policy policy;
    struct span sources[1], allow[1], facilities[1], deny[1];
    struct claims tee;
    struct listing_question q;
    uint8_t memory[32768];
    struct arena arena;
    struct listing answer;
    struct situs_err err;
};
static struct scene s;

static int make(void **state)
{
    (void)state;
    soft_signer_make(&signer, "fleet CA", NOW, NULL);
    soft_signer_make(&other, "other CA", NOW, NULL);
    return 0;
}

static void param(enum param p, struct span *words, const char *word)
{
    words[0] = span_text(word);
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = 1};
}

static void good(void)
{
    memset(&s, 0, sizeof s);
    s.meta = (struct id_list_meta){.number = 7,
                                   .valid = {NOW - HOUR, NOW + HOUR},
                                   .owner = SPAN_LIT("owner.example"),
                                   .facility = SPAN_LIT("hall 4"),
                                   .count = 3};
    for (size_t i = 0; i < 3; i++)
        memset(s.ids[i], (int)(0x11 * (i + 1)), sizeof s.ids[i]);
    s.anchors[0] = signer.anchor;
    s.trust = (struct trust){s.anchors, 1};
    param(PARAM_LIST_SOURCES, s.sources, "signed");
    param(PARAM_LIST_ALLOW, s.allow, "fleet CA=owner.example");
    s.tee.instance = "tdx";
    s.tee.authority = &signer.anchor; /* any will do */
    claim_bytes(&s.tee, CLAIM_PPID, span_of(s.ids[1], 16));
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.q = (struct listing_question){
        .tee = &s.tee, .trust = &s.trust, .policy = &s.policy, .at = NOW, .arena = &s.arena};
}

/* Writes and reads the list of s.meta over s.ids, each cut to its size or hashed. */
static void list_by(const struct soft_signer *by)
{
    struct id_list_writer w;
    struct wr out = wr_new(s.bytes, sizeof s.bytes);
    uint8_t hash[3][ID_LIST_HASH_SIZE];
    struct span entry[3];
    for (size_t i = 0; i < 3; i++)
        entry[i] =
            id_list_entry(s.meta.salt, span_of(s.ids[i], listing_kind_size(s.meta.kind)), hash[i]);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = i + 1; j < 3; j++)
            if (span_compare(entry[j], entry[i]) < 0) {
                struct span swap = entry[i];
                entry[i] = entry[j];
                entry[j] = swap;
            }
    assert_true(id_list_write_begin(&w, &s.meta, &by->issuer, soft_signer_put, &out, &s.err));
    for (size_t i = 0; i < 3; i++)
        assert_true(id_list_write_add(&w, entry[i], &s.err));
    assert_true(id_list_write_end(&w, &s.err));
    s.file = wr_span(&out);
    assert_true(id_list_read(&s.list, s.file, &s.err));
}

static void ask(void)
{
    id_list_answer(&s.list, &s.q, NULL, 0, &s.answer);
}

static void answer(void)
{
    list_by(&signer);
    ask();
}

static void list_holds_a_machine_and_says_what_it_knows(void **state)
{
    (void)state;
    good();
    answer();
    for (enum check c = CHECK_LIST_SIGNATURE; c <= CHECK_LIST_ROLLBACK; c++)
        assert_int_equal(s.answer.findings.v[c].outcome, OUTCOME_PASS);
    const struct claims *c = &s.answer.claims;
    assert_ptr_equal(c->authority, &s.anchors[0]);
    assert_true(span_equal(claims_get(c, CLAIM_OWNER)->bytes, SPAN_LIT("owner.example")));
    assert_true(span_equal(claims_get(c, CLAIM_FACILITY)->bytes, SPAN_LIT("hall 4")));
    assert_true(span_equal(claims_get(c, CLAIM_ISSUER)->bytes, SPAN_LIT("fleet CA")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_KIND)->bytes, SPAN_LIT("ppid")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_SOURCE)->bytes, SPAN_LIT("signed")));
    assert_true(span_equal(claims_get(c, CLAIM_LIST_ENTRY)->bytes, span_of(s.ids[1], 16)));
    assert_int_equal(claims_get(c, CLAIM_LIST_NUMBER)->num, 7);
    assert_int_equal(claims_get(c, CLAIM_NOT_BEFORE)->num, NOW - HOUR);
    assert_int_equal(claims_get(c, CLAIM_NOT_AFTER)->num, NOW + HOUR);
}

static void list_finds_every_entry_and_nothing_else(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], 16)).n, 16);
        for (size_t n = 0; n < 64; n++) /* a prefix is another id, and so is a longer one */
            if (n != 16)
                assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], n)).n, 0);
        s.ids[i][15] ^= 1;
        assert_int_equal(id_list_find(&s.list, span_of(s.ids[i], 16)).n, 0);
    }
}

static void list_of_salted_hashes_holds_the_same_machines(void **state)
{
    (void)state;
    static const uint8_t salt[16] = "0123456789abcde";
    good();
    s.meta.salt = SPAN_ARR(salt);
    answer();
    assert_non_null(s.answer.claims.authority);
    assert_int_equal(s.answer.claims.v[CLAIM_LIST_ENTRY].bytes.n, 32);
    for (size_t i = 0; i + 16 <= s.file.n; i++) /* the ids themselves are not in it */
        assert_memory_not_equal(s.file.p + i, s.ids[1], 16);
    s.ids[1][0] ^= 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "entries");
}

static void list_of_chip_ids_matches_chip_ids_only(void **state)
{
    (void)state;
    good();
    s.meta.kind = LISTING_CHIP_ID;
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "chip_id");
    claim_bytes(&s.tee, CLAIM_CHIP_ID, span_of(s.ids[2], 64));
    ask();
    assert_non_null(s.answer.claims.authority);
}

static void list_matches_no_id_without_authority(void **state)
{
    (void)state;
    good();
    s.tee.authority = NULL; /* as of a quote that nobody verified */
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISSING, "ppid");
    assert_null(s.answer.claims.authority);
}

static void list_without_the_machine_is_a_mismatch(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    s.ids[1][15] ^= 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "entries");
    assert_null(s.answer.claims.authority);
}

static void list_counts_in_its_time_only(void **state)
{
    (void)state;
    good();
    list_by(&signer);
    s.q.at = NOW - HOUR;
    ask();
    assert_non_null(s.answer.claims.authority);
    s.q.at = NOW + HOUR;
    ask();
    assert_non_null(s.answer.claims.authority);
    s.q.at = NOW - HOUR - 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_NOT_YET_VALID, "this_update");
    s.q.at = NOW + HOUR + 1;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "next_update");
    assert_null(s.answer.claims.authority);
}

static void list_older_than_the_policy_allows_is_expired(void **state)
{
    (void)state;
    good();
    s.policy.v[PARAM_LIST_MAX_AGE] = (struct param_value){.given = true, .num = 1};
    answer();
    assert_int_equal(s.answer.findings.v[CHECK_LIST_WINDOW].outcome, OUTCOME_PASS);
    s.q.at++;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "this_update");
}

static void list_older_than_one_seen_is_rolled_back(void **state)
{
    (void)state;
    good();
    s.q.seen = 7;
    answer();
    assert_non_null(s.answer.claims.authority);
    s.q.seen = 8;
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
    assert_null(s.answer.claims.authority);
    s.q.seen = 1;
    s.policy.v[PARAM_LIST_MIN_NUMBER] = (struct param_value){.given = true, .num = 8};
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number");
}

static void list_says_that_rollback_could_not_be_seen(void **state)
{
    (void)state;
    good();
    answer();
    assert_int_equal(s.answer.n_notes, 2); /* and that no CRL was checked */
    s.q.seen = 1;
    ask();
    assert_int_equal(s.answer.n_notes, 1);
}

static void list_of_a_foreign_signer_is_untrusted(void **state)
{
    (void)state;
    good();
    list_by(&other);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
    for (enum check c = CHECK_LIST_WINDOW; c <= CHECK_LIST_ROLLBACK; c++)
        assert_int_equal(s.answer.findings.v[c].outcome, OUTCOME_NOT_RUN);
    assert_null(s.answer.claims.authority);
    s.anchors[0].uses = ~(unsigned)ANCHOR_LIST; /* nor does an anchor for other uses count */
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void list_by_a_ca_or_another_key_use_is_refused(void **state)
{
    (void)state;
    static struct soft_signer wrong;
    soft_signer_make(&wrong, "fleet CA", NOW, "keyAgreement");
    good();
    s.anchors[0] = wrong.anchor;
    list_by(&wrong);
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "chain[0].key_usage");
}

static void list_of_a_revoked_signer_is_refused(void **state)
{
    (void)state;
    struct span crl;
    good();
    s.policy.v[PARAM_LIST_REQUIRE_CRL].flag = true;
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_MISSING, "chain[0].crl");
    crl = soft_ca_crl(&signer.root, NOW - 60, NOW + 60, 0);
    id_list_answer(&s.list, &s.q, &crl, 1, &s.answer);
    assert_non_null(s.answer.claims.authority);
    crl = soft_ca_crl(&signer.root, NOW - 60, NOW + 60, signer.leaf.serial);
    id_list_answer(&s.list, &s.q, &crl, 1, &s.answer);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_REVOKED, "chain[0].serial_number");
}

static void list_with_any_flipped_bit_holds_nothing(void **state)
{
    (void)state;
    static uint8_t copy[8192];
    good();
    list_by(&signer);
    struct span file = s.file;
    const uint8_t *root = s.list.doc.chain[1].p; /* the anchor stands for it */
    size_t from = (size_t)(root - file.p), to = from + s.list.doc.chain[1].n;
    for (size_t i = 0; i < 8 * file.n; i += 11) {
        struct situs_err err = {0};
        memcpy(copy, file.p, file.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        s.arena.used = 0;
        if ((i / 8 >= from && i / 8 < to) || !id_list_read(&s.list, span_of(copy, file.n), &err))
            continue;
        ask();
        assert_null(s.answer.claims.authority);
    }
}

static void signer_speaks_for_the_owners_of_the_policy_only(void **state)
{
    (void)state;
    static const char *const pairs[] = {"other CA=owner.example", "fleet CA=owner.exampl",
                                        "fleet CA=owner.example2"};
    good();
    list_by(&signer);
    for (size_t i = 0; i < 3; i++) {
        param(PARAM_LIST_ALLOW, s.allow, pairs[i]);
        ask();
        expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "owner");
    }
    s.policy.v[PARAM_LIST_ALLOW] = (struct param_value){0};
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "owner");
}

static void facilities_of_the_policy_bound_the_list(void **state)
{
    (void)state;
    good();
    param(PARAM_LIST_FACILITIES, s.facilities, "hall 4");
    answer();
    assert_non_null(s.answer.claims.authority);
    param(PARAM_LIST_FACILITIES, s.facilities, "hall 40");
    ask();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "facility");
}

static void a_denied_id_is_not_listed(void **state)
{
    (void)state;
    good();
    param(PARAM_REVOCATION_DENY, s.deny, "22222222222222222222222222222222");
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny");
    param(PARAM_REVOCATION_DENY, s.deny, "2222222222222222222222222222222222");
    ask();
    assert_non_null(s.answer.claims.authority);
}

static void a_policy_of_other_sources_takes_no_signed_list(void **state)
{
    (void)state;
    good();
    param(PARAM_LIST_SOURCES, s.sources, "alliance-csv");
    answer();
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source");
}

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

static void two_lists_of_two_owners_are_both_refused(void **state)
{
    (void)state;
    struct listing second;
    struct claims c = {0};
    struct findings f = {.arena = &s.arena};
    good();
    answer();
    second = s.answer;
    const struct listing *both[] = {&s.answer, &second};
    assert_ptr_equal(listing_settle(both, 2, &c, &f), &s.answer);
    assert_ptr_equal(c.authority, &s.anchors[0]);
    claim_bytes(&second.claims, CLAIM_OWNER, SPAN_LIT("someone.else"));
    listing_settle(both, 2, &c, &f);
    expect_fail(f, CHECK_LIST_MATCH, SITUS_DUPLICATE, "owner");
    assert_null(c.authority);
}

static void the_list_that_holds_is_the_one_in_use(void **state)
{
    (void)state;
    static struct listing bad;
    struct claims c = {0};
    good();
    list_by(&signer);
    struct findings f = {.arena = &s.arena};
    s.ids[1][15] ^= 1;
    id_list_answer(&s.list, &s.q, NULL, 0, &bad);
    s.ids[1][15] ^= 1;
    ask();
    const struct listing *both[] = {&bad, &s.answer};
    assert_ptr_equal(listing_settle(both, 2, &c, &f), &s.answer);
    assert_int_equal(f.v[CHECK_LIST_MATCH].outcome, OUTCOME_PASS);
    assert_non_null(c.authority);
    assert_null(listing_settle(both, 0, &c, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_holds_a_machine_and_says_what_it_knows),
        cmocka_unit_test(list_finds_every_entry_and_nothing_else),
        cmocka_unit_test(list_of_salted_hashes_holds_the_same_machines),
        cmocka_unit_test(list_of_chip_ids_matches_chip_ids_only),
        cmocka_unit_test(list_matches_no_id_without_authority),
        cmocka_unit_test(list_without_the_machine_is_a_mismatch),
        cmocka_unit_test(list_counts_in_its_time_only),
        cmocka_unit_test(list_older_than_the_policy_allows_is_expired),
        cmocka_unit_test(list_older_than_one_seen_is_rolled_back),
        cmocka_unit_test(list_says_that_rollback_could_not_be_seen),
        cmocka_unit_test(list_of_a_foreign_signer_is_untrusted),
        cmocka_unit_test(list_by_a_ca_or_another_key_use_is_refused),
        cmocka_unit_test(list_of_a_revoked_signer_is_refused),
        cmocka_unit_test(list_with_any_flipped_bit_holds_nothing),
        cmocka_unit_test(signer_speaks_for_the_owners_of_the_policy_only),
        cmocka_unit_test(facilities_of_the_policy_bound_the_list),
        cmocka_unit_test(a_denied_id_is_not_listed),
        cmocka_unit_test(a_policy_of_other_sources_takes_no_signed_list),
        cmocka_unit_test(payload_is_read_to_its_last_byte),
        cmocka_unit_test(payload_of_another_form_is_refused),
        cmocka_unit_test(salt_has_a_bounded_size),
        cmocka_unit_test(envelope_of_another_form_is_refused),
        cmocka_unit_test(writer_refuses_what_no_reader_takes),
        cmocka_unit_test(two_lists_of_two_owners_are_both_refused),
        cmocka_unit_test(the_list_that_holds_is_the_one_in_use),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
