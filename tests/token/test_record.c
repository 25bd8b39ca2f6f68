/* What a judge answers: the same bytes for the same thing, every fact of the result, and no more. */
#include "support/lab_machine.h"
#include "support/snp_guest.h"
#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "model/finding.h"
#include "token/record.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

static struct lab_machine m;
static struct lab_verifier v;
static alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY];
static const struct situs_memory room = {memory, sizeof memory};
static struct situs_err err;

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    lab_verifier_new(&v, &m, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return 0;
}

static struct situs_request honest(void)
{
    return lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
}

static struct token_record record(const struct situs_request *q)
{
    struct token_record r;
    memset(&r, 0xaa, sizeof r);
    assert_true(record_of(situs_verify(q, room), q, &r, &err));
    return r;
}

static void an_honest_machine_is_told_whole(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    uint8_t hash[32];
    assert_int_equal(r.exit, 0);
    assert_int_equal(r.code, 0);
    assert_true(r.trusted && r.simulated && !r.archived && r.has_channel);
    assert_int_equal(r.required, PROOF_GENUINE | PROOF_LIVE | PROOF_BOUND);
    assert_int_equal(r.holds, PROOF_GENUINE | PROOF_LIVE | PROOF_BOUND);
    assert_int_equal(r.at, q.at);
    assert_memory_equal(r.nonce, m.nonce, 32);
    assert_true(digest(HASH_SHA256, m.channel, hash));
    assert_memory_equal(r.channel, hash, 32);
    assert_true(digest(HASH_SHA256, m.policy, hash));
    assert_memory_equal(r.policy, hash, 32);
    assert_true(digest(HASH_SHA256, span_of(q.evidence.p, q.evidence.size), hash));
    assert_memory_equal(r.evidence, hash, 32);
    assert_string_equal(r.tcb_status, "UpToDate");
    assert_string_equal(r.image, "lab");
    assert_string_equal(r.check, "");
}

/* The point ends the SubjectPublicKeyInfo (RFC 5480, 2.2). */
static void the_channel_key_has_its_point(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    assert_int_equal(r.curve, RECORD_P256);
    assert_memory_equal(r.point, m.channel.p + m.channel.n - 64, 64);
    assert_true(span_all(span_of(r.point + 64, 32), 0));
}

static void claims_are_those_of_the_evidence(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    char hex[2 * RECORD_CLAIM_MAX + 1];
    const struct situs_result *result = situs_verify(&q, room);
    assert_true(situs_result_claim(result, "tdx.rtmr2", hex, sizeof hex));
    assert_string_equal(TEXT_HEX(span_of(r.claims[RECORD_RTMR2], 48)), hex);
    assert_true(r.claims_set >> RECORD_RTMR2 & 1);
    assert_false(r.claims_set >> RECORD_MRENCLAVE & 1); /* no enclave */
    assert_true(situs_result_claim(result, "tdx.xfam", hex, sizeof hex));
    assert_string_equal(TEXT_HEX(span_of(r.claims[RECORD_XFAM], 8)), hex);
    assert_true(span_all(span_of(r.claims[RECORD_XFAM] + 8, RECORD_CLAIM_MAX - 8), 0));
}

static void claims_of_an_snp_guest_are_its_reports(void **state)
{
    (void)state;
    static const struct {
        size_t claim, at, size; /* AMD 56860, table 23 */
    } rows[] = {{RECORD_SNP_MEASUREMENT, 0x090, 48},
                {RECORD_SNP_POLICY, 0x008, 8},
                {RECORD_SNP_PLATFORM_INFO, 0x040, 8},
                {RECORD_SNP_REPORTED_TCB, 0x180, 8}};
    struct situs_request q = honest();
    struct snp_lab lab;
    struct token_record r;
    snp_lab_new(&lab);
    struct snp_guest g = snp_guest_new(&lab, false);
    assert_true(record_of(snp_guest_verify(&g), &q, &r, &err));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(r.claims_set >> rows[i].claim & 1);
        assert_memory_equal(r.claims[rows[i].claim], g.report + rows[i].at, rows[i].size);
    }
    assert_false(r.claims_set >> RECORD_MRTD & 1);
    snp_lab_free(&lab);
}

static void parties_and_end_are_those_of_the_result(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    const struct situs_result *result = situs_verify(&q, room);
    struct situs_party p;
    const char *what;
    int64_t until;
    size_t n = 0;
    for (; situs_result_party(result, n, &p); n++) {
        assert_string_equal(r.parties[n].role, p.role);
        assert_string_equal(r.parties[n].name, p.name ? p.name : "");
        assert_int_equal(r.parties[n].proofs, p.proofs);
    }
    assert_true(n > 3);
    assert_int_equal(r.parties[n].proofs, 0);
    assert_true(situs_result_until(result, &until, &what));
    assert_int_equal(r.until, until);
    assert_string_equal(r.ends, what);
}

static void two_judges_give_the_same_bytes(void **state)
{
    (void)state;
    static alignas(max_align_t) uint8_t other[2 * SITUS_VERIFY_MEMORY];
    struct situs_request q = honest();
    struct token_record a = record(&q), b;
    memset(other, 0x55, sizeof other);
    memset(&b, 0x55, sizeof b);
    const struct situs_memory elsewhere = {other + 64, sizeof other - 64};
    assert_true(record_of(situs_verify(&q, elsewhere), &q, &b, &err));
    assert_memory_equal(&a, &b, sizeof a);
}

static void tiers_are_of_the_rows(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    assert_int_equal(r.tiers[RECORD_TEE][RECORD_HARDWARE], 2);
    assert_int_equal(r.tiers[RECORD_TEE][RECORD_EXECUTABLES], 3);
    assert_int_equal(r.tiers[RECORD_TPM][RECORD_INSTANCE_IDENTITY], 2);
    assert_int_equal(r.tiers[RECORD_CHANNEL][RECORD_INSTANCE_IDENTITY], 2);
    assert_int_equal(r.tiers[RECORD_OWNERSHIP][RECORD_INSTANCE_IDENTITY], 0); /* nobody said */
    q.nonce.p = (const uint8_t[32]){1};
    r = record(&q);
    assert_int_equal(r.tiers[RECORD_TEE][RECORD_HARDWARE], 2);
    assert_int_equal(r.tiers[RECORD_TEE][RECORD_EXECUTABLES], 0); /* of an old boot */
    assert_int_equal(r.tiers[RECORD_CHANNEL][RECORD_INSTANCE_IDENTITY], 97);
    q = honest();
    q.trust = NULL; /* the built-in anchors, which know no lab */
    r = record(&q);
    assert_int_equal(r.tiers[RECORD_TEE][RECORD_HARDWARE], 97);
}

static void a_refusal_says_its_reason(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.nonce.p = (const uint8_t[32]){1};
    struct token_record r = record(&q);
    struct situs_error e;
    assert_true(situs_result_reason(situs_verify(&q, room), &e));
    assert_int_equal(r.exit, 6);
    assert_false(r.trusted);
    assert_int_equal(r.code, e.why.code);
    assert_string_equal(r.check, e.check);
    assert_int_equal(r.holds, PROOF_GENUINE);
}

/* What a span may begin with, and go on by: nothing but that nobody watched is against it. */
static void what_only_lacks_who_watches_is_sound(void **state)
{
    (void)state;
    struct lab_verifier watcher;
    char policy[16384];
    static const char require[] = "\"require\": [";
    const char *text = (const char *)m.policy.p, *at = strstr(text, require);
    assert_non_null(at);
    size_t before = (size_t)(at - text) + strlen(require);
    snprintf(policy, sizeof policy, "%.*s\"continuous\", %.*s", (int)before, text,
             (int)(m.policy.n - before), text + before);
    lab_verifier_new(&watcher, &m, policy);
    struct situs_request q =
        lab_verifier_request(&watcher, &m, lab_machine_bundle(&m, false, false));
    const struct situs_span span = {q.at - 60, q.at + 60, 60000, 20000, {0}};
    struct token_record r = record(&q);
    assert_true(r.sound && !r.trusted && r.exit == 6);
    assert_string_equal(r.check, "fresh.continuity");
    q.span = &span;
    r = record(&q);
    assert_true(r.sound && r.trusted && r.holds & PROOF_CONTINUOUS);
    q.nonce.p = (const uint8_t[32]){1};
    r = record(&q);
    assert_false(r.sound);
    q.span = NULL;
    r = record(&q);
    assert_false(r.sound);
    q = lab_verifier_request(&watcher, &m, lab_machine_bundle(&m, false, false));
    q.channel = (struct situs_item){"channel", q.channel.p, q.channel.size - 1};
    r = record(&q); /* by another row of the same exit */
    assert_false(r.sound);
    q = honest();
    assert_true(record(&q).sound);
    q.archived = true;
    assert_false(record(&q).sound);
    lab_verifier_free(&watcher);
}

static void what_is_archived_is_said(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.archived = true;
    struct token_record r = record(&q);
    assert_true(r.archived);
    assert_false(r.holds & PROOF_LIVE);
}

static void no_answer_is_a_refusal(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r;
    assert_true(record_of(NULL, &q, &r, &err));
    assert_int_equal(r.exit, 2);
    assert_false(r.trusted);
    assert_int_not_equal(r.code, 0);
    assert_int_equal(r.holds, 0);
}

static void a_nonce_of_another_size_makes_no_record(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r;
    q.nonce.size = 31;
    memset(&r, 0xaa, sizeof r);
    assert_false(record_of(situs_verify(&q, room), &q, &r, &err));
    expect_err(err, SITUS_MALFORMED, "nonce", SITUS_NO_OFFSET);
    assert_true(span_all(span_of(&r, sizeof r), 0));
}

/* listed_by appraises the machine's quote, which answers no challenge, with a list of the alliance's, by a trust file that
 * calls the lab simulated or not. */
static struct token_record listed_by(const char *csv, bool simulated)
{
    json_error_t e;
    size_t i;
    struct lab_verifier own;
    json_t *t = json_loadb((const char *)m.trust.p, m.trust.n, 0, &e), *anchor;
    const struct span before = m.trust;
    assert_non_null(t);
    json_array_foreach(json_object_get(t, "anchors"), i, anchor)
        json_object_set_new(anchor, "simulated", json_boolean(simulated));
    char *text = json_dumps(t, 0);
    m.trust = span_text(text);
    lab_verifier_new(&own, &m,
                     "{\"simulated\": true, \"require\": [\"genuine\"], "
                     "\"list.signature\": {\"sources\": [\"alliance-csv\"]}}");
    const struct situs_item words = {"list.csv", csv, strlen(csv)};
    lab_verifier_words(&own, &words, 1);
    struct situs_request q = lab_verifier_request(&own, &m, m.quote);
    q.archived = true;
    q.nonce = (struct situs_item){NULL, NULL, 0};
    struct token_record r = record(&q);
    lab_verifier_free(&own);
    m.trust = before;
    free(text);
    json_decref(t);
    return r;
}

/* That a list holds a machine is said of a quote alone too, which is no proof of anybody's being there. */
static void a_list_s_word_of_a_quote_is_told(void **state)
{
    (void)state;
    static const char other[] = "000102030405060708090a0b0c0d0e0f,another\n";
    char csv[256];
    struct token_record r = listed_by(other, false);
    assert_int_equal(r.machine_size, 16);
    assert_false(r.listed);
    snprintf(csv, sizeof csv, "%s%s,hall 4\n", other, TEXT_HEX(span_of(r.machine, 16)));
    r = listed_by(csv, false);
    assert_true(r.listed && r.archived);
    assert_string_equal(r.label, "hall 4");
    assert_int_equal(r.holds, PROOF_GENUINE);
    assert_false(listed_by(csv, true).listed); /* a lab's machine is on no list */
}

static void nothing_genuine_has_an_id(void **state)
{
    (void)state;
    struct situs_request q = honest();
    struct token_record r = record(&q);
    assert_int_equal(r.machine_size, 16);
    q.trust = NULL;
    r = record(&q);
    assert_int_equal(r.machine_size, 0);
    assert_true(span_all(SPAN_ARR(r.machine), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_machine_is_told_whole),
        cmocka_unit_test(the_channel_key_has_its_point),
        cmocka_unit_test(claims_are_those_of_the_evidence),
        cmocka_unit_test(claims_of_an_snp_guest_are_its_reports),
        cmocka_unit_test(parties_and_end_are_those_of_the_result),
        cmocka_unit_test(two_judges_give_the_same_bytes),
        cmocka_unit_test(tiers_are_of_the_rows),
        cmocka_unit_test(a_refusal_says_its_reason),
        cmocka_unit_test(what_only_lacks_who_watches_is_sound),
        cmocka_unit_test(what_is_archived_is_said),
        cmocka_unit_test(no_answer_is_a_refusal),
        cmocka_unit_test(a_nonce_of_another_size_makes_no_record),
        cmocka_unit_test(a_list_s_word_of_a_quote_is_told),
        cmocka_unit_test(nothing_genuine_has_an_id),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
