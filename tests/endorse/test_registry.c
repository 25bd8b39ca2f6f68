/* endorse/registry: registries of others are read exactly or not at all, and say what they lack. */
#include "support/test.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/registry/alliance.h"
#include "endorse/registry/google_host.h"
#include "model/gce.h"
#include "support/soft_jws.h"

#include <stdio.h>

#define NOW 1767265200
#define PPID "22222222222222222222222222222222"
#define OTHER "33333333333333333333333333333333"
#define CHIP PPID PPID PPID PPID
#define ZONE "us-central1-a"
#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}"

/* One appraisal, good as made by good(): a test breaks one thing. */
struct scene {
    uint8_t ppid[64], mrowner[48];
    struct anchor anchor;
    struct trust trust;
    struct policy policy;
    struct span sources[1], keys[1], facilities[1], deny[1];
    char key[65];
    struct claims claims[INSTANCE_COUNT];
    struct question q;
    uint8_t memory[65536];
    struct arena arena;
    struct answer answer;
};
static struct scene s;

static void param(enum param p, struct span *words, const char *word)
{
    words[0] = span_text(word);
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = 1};
}

static void good(const char *source)
{
    uint8_t key[32];
    memset(&s, 0, sizeof s);
    memset(s.ppid, 0x22, sizeof s.ppid);
    s.anchor = (struct anchor){.name = "any"};
    param(PARAM_LIST_SOURCES, s.sources, source);
    soft_jws_key(key, 1);
    param(PARAM_LIST_TOKEN_KEYS, s.keys, text_hex(s.key, sizeof s.key, SPAN_ARR(key)));
    s.policy.v[PARAM_LIST_TOKEN_MAX_AGE] = (struct param_value){.given = true, .num = 3600};
    s.claims[INSTANCE_TEE].authority = s.claims[INSTANCE_GUEST].authority = &s.anchor;
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_PPID, span_of(s.ppid, 16));
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.q = (struct question){.claims = s.claims,
                            .quote = SPAN_LIT("the quote"),
                            .trust = &s.trust,
                            .policy = &s.policy,
                            .at = NOW,
                            .arena = &s.arena};
}

static void same_finding(const struct finding *a, const struct finding *b)
{
    assert_int_equal(a->outcome, b->outcome);
    if (a->outcome != OUTCOME_FAIL)
        return;
    assert_int_equal(a->why->code, b->why->code);
    assert_string_equal(a->why->field, b->why->field);
    assert_string_equal(a->why->got, b->why->got);
}

/* What is looked up in a list that was read once is what reading it line by line says. */
static void csv(const char *text)
{
    static struct answer looked_up;
    struct situs_err err = {0};
    const struct alliance_csv unread = {.csv = span_text(text)};
    struct alliance_csv once;
    alliance_csv_answer(&unread, &s.q, &s.answer);
    if (alliance_csv_read(&once, span_text(text), &s.arena, &err)) {
        alliance_csv_answer(&once, &s.q, &looked_up);
        for (enum check c = CHECK_LIST_SIGNATURE; c <= CHECK_LIST_ROLLBACK; c++)
            same_finding(&looked_up.findings.v[c], &s.answer.findings.v[c]);
        assert_ptr_equal(looked_up.claims.authority, s.answer.claims.authority);
        assert_true(span_equal(looked_up.claims.v[CLAIM_OWNER].bytes,
                               s.answer.claims.v[CLAIM_OWNER].bytes));
        return;
    }
    const struct finding *f = &s.answer.findings.v[CHECK_LIST_SIGNATURE];
    assert_int_equal(err.code, f->outcome == OUTCOME_FAIL ? f->why->code : SITUS_MISSING);
    assert_string_equal(err.field, f->outcome == OUTCOME_FAIL ? f->why->field : err.field);
}

/* Ids that begin alike, in any order, and more of them than are looked up one by one. */
static void csv_finds_one_id_among_many_that_begin_alike(void **state)
{
    (void)state;
    static char text[64 * 64];
    static const size_t sizes[] = {3, 12, 16, 40};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (size_t place = 0; place <= sizes[k]; place++) {
            size_t used = 0;
            for (size_t i = 0; i < sizes[k]; i++)
                used += (size_t)snprintf(text + used, sizeof text - used,
                                         "2222222222222222%016zx,other\n%s", (i * 7 + 5) % sizes[k],
                                         i == place ? PPID ",mine\n" : OTHER ",\n");
            good("alliance-csv");
            csv(text);
            assert_int_equal(s.answer.claims.authority != NULL, place < sizes[k]);
        }
}

static void csv_matches_whole_ids_in_either_case(void **state)
{
    (void)state;
    static const char *const lists[] = {
        PPID ",hall\n", "# c\n\n" OTHER ",a\r\n " PPID " , hall \r\n", PPID, CHIP ",x\n" PPID "\n"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        good("alliance-csv");
        csv(lists[i]);
        assert_non_null(s.answer.claims.authority);
        assert_true(strstr(s.answer.claims.authority->name, "unsigned") != NULL);
        assert_true(s.answer.n_notes >= 2); /* what it lacks */
    }
    assert_true(span_equal(s.answer.claims.v[CLAIM_OWNER].bytes, SPAN_LIT("unlabeled")));
    good("alliance-csv");
    memset(s.ppid, 0xab, sizeof s.ppid);
    csv("ABababABababABababABababABababAB,hall");
    assert_non_null(s.answer.claims.authority);
    assert_true(span_equal(s.answer.claims.v[CLAIM_OWNER].bytes, SPAN_LIT("hall")));
}

static void csv_of_other_ids_is_refused_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {PPID "\n2222,prefix\n", SITUS_MALFORMED, "line 2"},
        {",empty\n" PPID "\n", SITUS_MALFORMED, "line 1"},
        {PPID "\n   ,empty\n", SITUS_MALFORMED, "line 2"},
        {PPID PPID ",sha256 of an extension\n" PPID "\n", SITUS_MALFORMED, "line 1"},
        {"g2222222222222222222222222222222\n", SITUS_MALFORMED, "line 1"},
        {PPID ",a,b\n", SITUS_UNSUPPORTED, "line 1"},
        {PPID ",a\n#\n" PPID ",b\n", SITUS_DUPLICATE, "line 3"},
        {PPID ",\xff\n", SITUS_MALFORMED, "line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good("alliance-csv");
        csv(cases[i].text);
        expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, cases[i].code, cases[i].field);
        assert_null(s.answer.claims.authority);
    }
}

static void csv_without_the_machine_is_a_mismatch(void **state)
{
    (void)state;
    static const char *const lists[] = {"", "#\n", OTHER ",a\n", CHIP ",a\n"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        good("alliance-csv");
        csv(lists[i]);
        expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "ids");
        assert_null(s.answer.claims.authority);
    }
    good("alliance-csv");
    s.claims[INSTANCE_TEE].authority =
        NULL; /* a quote that nobody verified has no id, and no id is in no list */
    csv(PPID "\n");
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "ids");
}

static void csv_counts_only_where_the_policy_names_it(void **state)
{
    (void)state;
    good("signed");
    csv(PPID "\n");
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source");
    good("alliance-csv");
    param(PARAM_REVOCATION_DENY, s.deny, PPID);
    csv(PPID "\n");
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny");
}

/* The token of a payload in which %s is the hash of the quote. */
static void token_by(const char *format, uint8_t key)
{
    uint8_t hash[32];
    char payload[1024];
    assert_true(digest(HASH_SHA256, s.q.quote, hash));
    snprintf(payload, sizeof payload, format, TEXT_HEX(SPAN_ARR(hash)));
    alliance_token_answer(soft_jws(HEADER, payload, key), &s.q, &s.answer);
}

#define TOKEN(id, more) \
    "{\"quote_hash\":\"%s\",\"machine_id\":\"" id "\",\"label\":\"hall\"" more "}"
#define DATED ",\"timestamp\":1767265000"

static void token_of_this_quote_and_machine_holds(void **state)
{
    (void)state;
    good("alliance-token");
    token_by(TOKEN(PPID, DATED), 1);
    assert_non_null(s.answer.claims.authority);
    assert_true(span_equal(s.answer.claims.v[CLAIM_OWNER].bytes, SPAN_LIT("hall")));
    assert_int_equal(s.answer.claims.v[CLAIM_NOT_BEFORE].num, 1767265000);
    assert_true(s.answer.n_notes >= 2);
    good("alliance-token");
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_CHIP_ID, span_of(s.ppid, 64));
    token_by(TOKEN(CHIP, DATED), 1);
    assert_non_null(s.answer.claims.authority);
}

static void token_of_another_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {"{\"machine_id\":\"" PPID "\"}", SITUS_MISSING, "quote_hash"},
        {"{\"quote_hash\":\"%s\"}", SITUS_MISSING, "machine_id"},
        {TOKEN("2222", DATED), SITUS_MALFORMED, "machine_id"},
        {TOKEN("", DATED), SITUS_MALFORMED, "machine_id"},
        {TOKEN(PPID PPID, DATED), SITUS_MALFORMED, "machine_id"}, /* the first servers' hash */
        {TOKEN(PPID, ",\"exp\":1"), SITUS_UNKNOWN, "exp"},
        {TOKEN(PPID, ",\"label\":\"b\""), SITUS_DUPLICATE, "json"},
        {TOKEN(PPID, ",\"timestamp\":\"1767265000\""), SITUS_MALFORMED, "timestamp"},
        {TOKEN(PPID, ",\"timestamp\":-1"), SITUS_MALFORMED, "timestamp"},
        {"{\"quote_hash\":\"00\",\"machine_id\":\"" PPID "\"}", SITUS_MALFORMED, "quote_hash"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good("alliance-token");
        token_by(cases[i].payload, 1);
        assert_null(s.answer.claims.authority);
        assert_int_equal(s.answer.findings.v[CHECK_LIST_SIGNATURE].outcome, OUTCOME_FAIL);
        assert_string_equal(err_code_name(s.answer.findings.v[CHECK_LIST_SIGNATURE].why->code),
                            err_code_name(cases[i].code));
        assert_string_equal(s.answer.findings.v[CHECK_LIST_SIGNATURE].why->field, cases[i].field);
    }
}

static void token_of_a_foreign_key_or_no_pinned_key_is_refused(void **state)
{
    (void)state;
    good("alliance-token");
    token_by(TOKEN(PPID, DATED), 2);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    good("alliance-token");
    s.policy.v[PARAM_LIST_TOKEN_KEYS] = (struct param_value){0};
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_UNTRUSTED, "header.kid");
    good("signed");
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source");
}

static void token_is_as_old_as_its_timestamp(void **state)
{
    (void)state;
    good("alliance-token");
    s.q.at = 1767265000 + 3600;
    token_by(TOKEN(PPID, DATED), 1);
    assert_non_null(s.answer.claims.authority);
    good("alliance-token");
    s.q.at = 1767265000 + 3601;
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "timestamp");
    good("alliance-token");
    s.policy.v[PARAM_LIST_TOKEN_MAX_AGE].given = false; /* a token has no end of its own */
    s.q.at = 1767265000;
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_EXPIRED, "timestamp");
    good("alliance-token");
    s.q.at = 1767265000 - 301; /* clocks may differ by five minutes */
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_NOT_YET_VALID, "timestamp");
    good("alliance-token");
    token_by(TOKEN(PPID, ""), 1);
    expect_fail(s.answer.findings, CHECK_LIST_WINDOW, SITUS_MISSING, "timestamp");
    good("alliance-token");
    s.policy.v[PARAM_LIST_TOKEN_UNDATED].flag = true;
    token_by(TOKEN(PPID, ""), 1);
    assert_non_null(s.answer.claims.authority);
    assert_int_equal(s.answer.n_notes, 3);
}

static void token_of_another_quote_or_machine_is_a_mismatch(void **state)
{
    (void)state;
    good("alliance-token");
    s.q.quote = SPAN_LIT("the quote.");
    alliance_token_answer(
        soft_jws(HEADER, "{\"quote_hash\":\"" PPID PPID "\",\"machine_id\":\"" PPID "\"" DATED "}",
                 1),
        &s.q, &s.answer);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "quote_hash");
    good("alliance-token");
    token_by(TOKEN(OTHER, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "machine_id");
    good("alliance-token");
    param(PARAM_REVOCATION_DENY, s.deny, PPID);
    token_by(TOKEN(PPID, DATED), 1);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny");
}

/* Some platforms give a quote with zeros after it, and the servers hash what they are sent. */
static void token_counts_for_the_quote_as_it_was_sent(void **state)
{
    (void)state;
    static const char sent[] = "the quote\0\0\0";
    char payload[256];
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, span_of(sent, 12), hash));
    snprintf(payload, sizeof payload, TOKEN(PPID, DATED), TEXT_HEX(SPAN_ARR(hash)));
    good("alliance-token");
    s.q.quote = span_of(sent, 9);
    s.q.sent = span_of(sent, 12);
    alliance_token_answer(soft_jws(HEADER, payload, 1), &s.q, &s.answer);
    assert_non_null(s.answer.claims.authority);
    good("alliance-token");
    s.q.quote = s.q.sent = span_of(sent, 9);
    alliance_token_answer(soft_jws(HEADER, payload, 1), &s.q, &s.answer);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "quote_hash");
    good("alliance-token");
    s.q.sent = span_of(sent, 12);
    token_by(TOKEN(PPID, DATED), 1); /* the hash of the quote alone */
    assert_non_null(s.answer.claims.authority);
}

static void host(const char *document)
{
    uint8_t ppid[16];
    assert_true(google_host_ppid("/hosts/" PPID, ppid));
    google_host_answer(span_text(document), ppid, &s.q, &s.answer);
}

static void instance(uint64_t id, const char *zone)
{
    good("google-host");
    assert_true(gce_mrowner(7, 8, SPAN_LIT(ZONE), s.mrowner));
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_MROWNER, SPAN_ARR(s.mrowner));
    claim_num(&s.claims[INSTANCE_GUEST], CLAIM_GCE_INSTANCE_ID, (int64_t)id);
    claim_num(&s.claims[INSTANCE_GUEST], CLAIM_GCE_PROJECT_NUMBER, 8);
    claim_bytes(&s.claims[INSTANCE_GUEST], CLAIM_GCE_ZONE, span_text(zone));
}

#define DOCUMENT "{\"zone\":\"" ZONE "\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"more\":[1]}"

static void host_document_names_its_host_by_its_name(void **state)
{
    (void)state;
    uint8_t ppid[16];
    instance(7, ZONE);
    host(DOCUMENT);
    assert_non_null(s.answer.claims.authority);
    assert_true(span_equal(s.answer.claims.v[CLAIM_OWNER].bytes, SPAN_LIT("Google")));
    assert_true(span_equal(s.answer.claims.v[CLAIM_FACILITY].bytes, SPAN_LIT(ZONE)));
    assert_int_equal(s.answer.n_notes, 2); /* its weaknesses */
    assert_true(google_host_ppid(PPID ".json", ppid));
    assert_false(google_host_ppid(PPID ".txt", ppid));
    assert_false(google_host_ppid("2" PPID, ppid));
    assert_false(google_host_ppid(PPID "/", ppid));
    assert_true(google_host_ppid(OTHER, ppid));
    google_host_answer(SPAN_LIT(DOCUMENT), ppid, &s.q, &s.answer);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "ppid");
}

static void host_document_of_another_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {"<!doctype html><html></html>", SITUS_MALFORMED, "document"},
        {"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", SITUS_MISSING, "document"},
        {"", SITUS_TOO_SHORT, "json"},
        {"[]", SITUS_MALFORMED, "json"},
        {"{}", SITUS_MISSING, "zone"},
        {"{\"zone\":1}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"A\\\"\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"a\",\"zone\":\"b\"}", SITUS_DUPLICATE, "json"},
        {"{\"zone\":\"zones/" ZONE "\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"projects/" ZONE "\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"projects//zones/" ZONE "\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"projects/p/zones/\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"projects/p/regions/" ZONE "\"}", SITUS_MALFORMED, "zone"},
        {"{\"zone\":\"projects/p/zones/" ZONE "/x\"}", SITUS_MALFORMED, "zone"},
        {DOCUMENT "x", SITUS_TRAILING, "json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good("google-host");
        host(cases[i].document);
        assert_null(s.answer.claims.authority);
        const struct situs_err *why = s.answer.findings.v[CHECK_LIST_SIGNATURE].why;
        assert_non_null(why);
        assert_string_equal(why->field, cases[i].field);
        if (cases[i].code != SITUS_TRAILING)
            assert_string_equal(err_code_name(why->code), err_code_name(cases[i].code));
    }
}

static void host_document_has_a_bounded_size(void **state)
{
    (void)state;
    static char document[LIMIT_HOST_DOCUMENT + 2];
    memset(document, ' ', LIMIT_HOST_DOCUMENT + 1);
    memcpy(document, DOCUMENT, strlen(DOCUMENT));
    good("google-host");
    host(document);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_TOO_LONG, "document");
    document[LIMIT_HOST_DOCUMENT] = 0;
    instance(7, ZONE);
    host(document);
    assert_non_null(s.answer.claims.authority);
}

static void a_zone_may_come_as_its_resource_name(void **state)
{
    (void)state;
    instance(7, ZONE);
    param(PARAM_LIST_FACILITIES, s.facilities, ZONE);
    host("{\"zone\":\"projects/1234/zones/" ZONE "\"}");
    assert_non_null(s.answer.claims.authority);
    assert_true(span_equal(s.answer.claims.v[CLAIM_FACILITY].bytes, SPAN_LIT(ZONE)));
}

static void zones_of_the_policy_bound_the_host(void **state)
{
    (void)state;
    good("google-host");
    param(PARAM_LIST_FACILITIES, s.facilities, "europe-west4-a");
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "facility");
    good("signed");
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source");
}

/* Google's own example values (pzid_test.go); the hash is over the text as it stands. */
static void mrowner_is_the_hash_of_the_exact_text(void **state)
{
    (void)state;
    uint8_t got[48], wanted[48];
    assert_true(digest(HASH_SHA384,
                       SPAN_LIT("{\"instanceId\":112233445566778899,\"numericalProjectId\":"
                                "123456789012,\"zone\":\"us-central1-a\"}"),
                       wanted));
    assert_true(gce_mrowner(112233445566778899, 123456789012, SPAN_LIT(ZONE), got));
    assert_memory_equal(got, wanted, sizeof got);
    assert_false(gce_mrowner(1, 2, SPAN_LIT("us-central1-a\""), got));
    assert_false(gce_mrowner(1, 2, SPAN_LIT(""), got));
}

/* The same facts in another text are another hash. */
static void mrowner_of_another_text_is_another_instance(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"instanceId\":7,\"numericalProjectId\":8,\"zone\":\"" ZONE "\"}",
        "{\"instanceId\": 7, \"numericalProjectId\": 8, \"zone\": \"" ZONE "\"}",
        "{\"numericalProjectId\":8,\"instanceId\":7,\"zone\":\"" ZONE "\"}",
        "{\"instanceId\":\"7\",\"numericalProjectId\":8,\"zone\":\"" ZONE "\"}",
        "{\"instanceId\":7,\"numericalProjectId\":8,\"zone\":\"" ZONE "\"}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        instance(7, ZONE);
        assert_true(digest(HASH_SHA384, span_text(texts[i]), s.mrowner));
        host(DOCUMENT);
        if (i > 0)
            expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "mrowner");
        else
            assert_non_null(s.answer.claims.authority);
    }
}

static void host_and_instance_are_one(void **state)
{
    (void)state;
    instance(7, ZONE);
    host(DOCUMENT);
    assert_non_null(s.answer.claims.authority);
    assert_int_equal(s.answer.n_notes, 2);
    instance(9, ZONE);
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "mrowner");
    instance(7, "us-central1-b");
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_MISMATCH, "zone");
    instance(7, ZONE);
    memset(s.mrowner, 0, sizeof s.mrowner);
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_NOT_MEASURED, "mrowner");
}

static void expect_not_matched(void)
{
    host(DOCUMENT);
    const struct finding *f = &s.answer.findings.v[CHECK_LIST_MATCH];
    assert_int_equal(f->outcome, OUTCOME_NOT_RUN);
    assert_non_null(strstr(f->reason, "MR_OWNER was not checked"));
    assert_null(s.answer.claims.authority);
}

/* A host of Google's runs the TDs of all its customers: the document alone matches nobody's. */
static void a_host_without_a_certified_instance_is_not_matched(void **state)
{
    (void)state;
    good("google-host");
    expect_not_matched();
    instance(7, ZONE);
    s.claims[INSTANCE_GUEST].authority = NULL; /* a certificate that nobody verified says nothing */
    expect_not_matched();
    static const enum claim_id needed[] = {CLAIM_GCE_INSTANCE_ID, CLAIM_GCE_PROJECT_NUMBER,
                                           CLAIM_GCE_ZONE};
    for (size_t i = 0; i < 3; i++) {
        instance(7, ZONE);
        s.claims[INSTANCE_GUEST].v[needed[i]].set = false;
        expect_not_matched();
    }
    param(PARAM_REVOCATION_DENY, s.deny, PPID);
    host(DOCUMENT);
    expect_fail(s.answer.findings, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_matches_whole_ids_in_either_case),
        cmocka_unit_test(csv_finds_one_id_among_many_that_begin_alike),
        cmocka_unit_test(csv_of_other_ids_is_refused_as_a_whole),
        cmocka_unit_test(csv_without_the_machine_is_a_mismatch),
        cmocka_unit_test(csv_counts_only_where_the_policy_names_it),
        cmocka_unit_test(token_of_this_quote_and_machine_holds),
        cmocka_unit_test(token_of_another_form_is_refused),
        cmocka_unit_test(token_of_a_foreign_key_or_no_pinned_key_is_refused),
        cmocka_unit_test(token_is_as_old_as_its_timestamp),
        cmocka_unit_test(token_of_another_quote_or_machine_is_a_mismatch),
        cmocka_unit_test(token_counts_for_the_quote_as_it_was_sent),
        cmocka_unit_test(host_document_names_its_host_by_its_name),
        cmocka_unit_test(host_document_of_another_form_is_refused),
        cmocka_unit_test(host_document_has_a_bounded_size),
        cmocka_unit_test(a_zone_may_come_as_its_resource_name),
        cmocka_unit_test(zones_of_the_policy_bound_the_host),
        cmocka_unit_test(mrowner_is_the_hash_of_the_exact_text),
        cmocka_unit_test(mrowner_of_another_text_is_another_instance),
        cmocka_unit_test(host_and_instance_are_one),
        cmocka_unit_test(a_host_without_a_certified_instance_is_not_matched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
