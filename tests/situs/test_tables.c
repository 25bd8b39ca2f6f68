/*
 * Tables for keys that come again, through the public API: which signatures they judge, and that no
 * answer changes. By --wrap a key of a context earns its table at the first signature, and what
 * tables answer is counted.
 */
#include "support/faults.h"
#include "support/lab_machine.h"
#include "support/make_poe.h"
#include "support/test.h"

#include "crypto/digest.h"
#include "crypto/ecdsa.h"
#include "endorse/poe/poe_verify.h"

#include <ctype.h>
#include <stdalign.h>

#define EARNED 768 /* the higher of both numbers (hot_keys.c) */

static size_t held, refused;

enum ec_answer __real_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature);
enum ec_answer __wrap_ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                        const struct ec_signature *signature)
{
    enum ec_answer answer = __real_ec_equation_holds(table, key, signature);
    held += table && answer == EC_HOLDS;
    refused += table && answer == EC_WRONG;
    return answer;
}

void __real_hot_keys_used(struct hot_keys *hot, const EC_KEY *key);
void __wrap_hot_keys_used(struct hot_keys *hot, const EC_KEY *key);
void __wrap_hot_keys_used(struct hot_keys *hot, const EC_KEY *key)
{
    for (size_t i = 0; i < EARNED; i++)
        __real_hot_keys_used(hot, key);
}

static struct lab_machine m;
static struct lab_verifier v;
static alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY], cached[64 * 1024];
static char text[256 * 1024], honest[256 * 1024];

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

static struct situs_request ask(struct situs_context *context)
{
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    q.context = context;
    return q;
}

/* The report, and how many signatures tables judged. */
static bool appraise(const struct situs_request *q, size_t holding, size_t wrong)
{
    held = refused = 0;
    const struct situs_result *r = situs_verify(q, (struct situs_memory){memory, sizeof memory});
    assert_non_null(r);
    assert_true(situs_result_json(r, text, sizeof text) < sizeof text);
    assert_int_equal(held, holding);
    assert_int_equal(refused, wrong);
    return situs_result_trusted(r);
}

/* Its answer to the machine with a byte of the evidence turned over, without tables and with. */
static void expect_same_refusal(uint8_t *byte, struct situs_context *context,
                                struct situs_snapshot *snapshot, size_t holding)
{
    *byte ^= 1;
    struct situs_request q = ask(NULL);
    assert_false(appraise(&q, 0, 0));
    strcpy(honest, text);
    q = ask(context);
    q.snapshot = snapshot;
    assert_false(appraise(&q, holding, 1));
    assert_string_equal(text, honest);
    *byte ^= 1;
}

/* The signature of the PCK certificate is the CA's. It ends the first PEM block; a letter or digit
 * that is one with its last bit turned over, too. */
static uint8_t *in_pck_certificate(void)
{
    static const char end[] = "-----END CERTIFICATE-----";
    uint8_t *p = (uint8_t *)(uintptr_t)m.quote.p;
    size_t i = 0;
    while (memcmp(p + i, end, sizeof end - 1) != 0)
        i++;
    for (i -= 12; !isalnum(p[i]) || !isalnum(p[i] ^ 1);)
        i--;
    return p + i;
}

static void tables_of_a_snapshot_judge_pck_certificates(void **state)
{
    (void)state;
    struct lab_verifier other;
    lab_verifier_new(&other, &m, NULL);
    struct situs_request q = ask(NULL);
    assert_true(appraise(&q, 0, 0));
    strcpy(honest, text);
    assert_false(situs_snapshot_tabulate(NULL));
    for (int i = 0; i < 2; i++)
        assert_true(situs_snapshot_tabulate(other.snapshot));
    q.snapshot = other.snapshot;
    assert_true(appraise(&q, 1, 0));
    assert_string_equal(text, honest);
    expect_same_refusal(in_pck_certificate(), NULL, other.snapshot, 0);
    lab_verifier_free(&other);
}

/* The keys of the TD's quoting enclave and of the TPM; the PCK key's signature is known. */
static void tables_of_a_context_judge_what_its_keys_sign(void **state)
{
    (void)state;
    assert_true(situs_context_size(4) <= sizeof cached);
    struct situs_context *context =
        situs_context_new(4, (struct situs_memory){cached, sizeof cached});
    assert_non_null(context);
    struct situs_request q = ask(context);
    appraise(&q, 0, 0);
    strcpy(honest, text);
    for (int i = 0; i < 2; i++) {
        assert_true(appraise(&q, 2, 0));
        assert_string_equal(text, honest);
    }
    expect_same_refusal((uint8_t *)(uintptr_t)m.quote.p + 100, context, v.snapshot, 1);
    expect_same_refusal(m.signature + m.tpm.signature.n - 1, context, v.snapshot, 1);
    q = ask(context);
    assert_true(appraise(&q, 2, 0));
    situs_context_free(context);
}

/* The chain of an endorsement's issuer is known, and then its key too. */
static void tables_of_issuers_judge_endorsements(void **state)
{
    (void)state;
    static alignas(max_align_t) uint8_t hot_room[8192];
    assert_true(hot_keys_size() <= sizeof hot_room && issuer_cache_size(2) <= sizeof cached);
    struct anchor anchor = {.name = "issuers", .uses = ANCHOR_POE, .der = make_poe_issuer()->root};
    assert_true(digest(HASH_SHA256, anchor.der, anchor.sha256));
    const struct trust trust = {.anchors = &anchor, .n = 1};
    struct hot_keys *hot = hot_keys_new(hot_room);
    struct issuer_cache *cache = issuer_cache_new(cached, 2);
    issuer_cache_count(cache, hot);
    issuer_cache_count(NULL, hot);
    struct span bytes = make_poe(NULL, 0);
    for (size_t i = 0; i < 4; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct findings findings = {.arena = &a};
        struct claims claims = {.instance = NULL};
        struct poe read;
        const struct poe_question q = {
            .poe = &read, .trust = &trust, .cache = cache, .at = MAKE_POE_AT - 3600, .part = "poe"};
        held = refused = 0;
        ((uint8_t *)(uintptr_t)bytes.p)[bytes.n - 1] ^= i == 3; /* of the signature */
        assert_true(poe_read(&read, bytes, "poe", &err));
        poe_verify(&q, &a, &claims, &findings);
        assert_int_equal(held, i == 1 || i == 2);
        assert_int_equal(refused, i == 3);
        if (i < 3)
            assert_int_equal(findings.v[CHECK_POE_SIGNATURE].outcome, OUTCOME_PASS);
        else
            expect_fail(findings, CHECK_POE_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    }
    issuer_cache_free(cache);
    hot_keys_free(hot);
}

/* A snapshot whose tables could not be made verifies as before. */
static void no_allocation_of_tables_matters_for_an_answer(void **state)
{
    (void)state;
    struct situs_request q = ask(NULL);
    assert_true(appraise(&q, 0, 0));
    strcpy(honest, text);
    size_t failed = 0;
    for (size_t n = 1; n < 4000; n = n * 3 / 2 + 1) { /* as many as P-256 takes, and more */
        struct lab_verifier other;
        lab_verifier_new(&other, &m, NULL);
        faults_left = n;
        bool made = situs_snapshot_tabulate(other.snapshot);
        faults_left = 0;
        failed += !made;
        q.snapshot = other.snapshot;
        assert_true(appraise(&q, made, 0));
        assert_string_equal(text, honest);
        lab_verifier_free(&other);
    }
    assert_true(failed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_a_snapshot_judge_pck_certificates),
        cmocka_unit_test(tables_of_a_context_judge_what_its_keys_sign),
        cmocka_unit_test(tables_of_issuers_judge_endorsements),
        cmocka_unit_test(no_allocation_of_tables_matters_for_an_answer),
    };
    if (!faults_install())
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
