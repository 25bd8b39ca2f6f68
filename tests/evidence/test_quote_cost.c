/*
 * What a verification costs and what no cache may change. Linked so that every ECDSA verification
 * passes the counter below.
 */
#include "support/lab_case.h"

#include "crypto/p256.h"
#include "support/test.h"

static size_t verifications;

bool __real_p256_verify_message(const struct p256_key *key, struct span message,
                                const uint8_t rs[64]);
bool __wrap_p256_verify_message(const struct p256_key *key, struct span message,
                                const uint8_t rs[64]);

bool __wrap_p256_verify_message(const struct p256_key *key, struct span message,
                                const uint8_t rs[64])
{
    verifications++;
    return __real_p256_verify_message(key, message, rs);
}

static struct lab_world *world;
static uint8_t cache_memory[64 * 1024];

static int setup(void **state)
{
    (void)state;
    world = lab_world_new(LAB_CASE_AT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_world_free(world);
    return 0;
}

/* cost is the number of verifications of one more appraisal, which must be genuine. */
static size_t cost(struct lab_case *c)
{
    struct span quote = lab_quote_make(world, &c->quote);
    verifications = 0;
    assert_true(appraise_quote(&c->a, quote, c->at));
    assert_int_equal(appraise_exit(&c->a), 0);
    return verifications;
}

static void a_known_machine_costs_one_verification(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct quote_cache *cache = quote_cache_new(cache_memory, 4);
    assert_true(lab_case_load(c));
    assert_int_equal(cost(c), 3); /* no cache: PCK certificate, QE report, quote */
    c->a.cache = cache;
    assert_int_equal(cost(c), 3);
    assert_int_equal(cost(c), 1);
    c->quote.qe.isvsvn = 9; /* another QE report under the same PCK */
    assert_int_equal(cost(c), 2);
    c->quote.td.report_data[0] = 1; /* another quote of the same key */
    assert_int_equal(cost(c), 1);
    lab_case_free(c);
    quote_cache_free(cache);
}

static void the_oldest_slot_makes_room(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct quote_cache *cache = quote_cache_new(cache_memory, 2);
    assert_true(lab_case_load(c));
    c->a.cache = cache;
    struct lab_quote quotes[3];
    for (unsigned i = 0; i < 3; i++) {
        struct lab_platform p = lab_platform_honest(i);
        quotes[i] = lab_quote_tdx(world, &p, 4, LAB_BODY_TD10);
    }
    static const struct {
        int machine;
        size_t cost;
    } steps[] = {{0, 3}, {1, 3}, {0, 1}, {2, 3}, {0, 1}, {1, 3}, {2, 3}, {1, 1}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        c->quote = quotes[steps[i].machine];
        assert_int_equal(cost(c), steps[i].cost);
    }
    lab_case_free(c);
    quote_cache_free(cache);
}

static void an_unknown_root_costs_no_verification(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    assert_true(lab_case_load(c));
    struct lab_cert *root = &c->quote.chain.certs[2];
    root->key = root->issuer_key = root->signing_key = LAB_KEY_IMPOSTOR;
    struct span quote = lab_quote_make(world, &c->quote);
    verifications = 0;
    assert_true(appraise_quote(&c->a, quote, c->at));
    expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, SITUS_UNTRUSTED, "pck_chain.root");
    assert_int_equal(verifications, 0);
    lab_case_free(c);
}

/* A cache serves verifications under several trust stores; a chain in it proves nothing to one that
 * does not pin its root. */
static void a_cached_chain_still_needs_its_anchor(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct quote_cache *cache = quote_cache_new(cache_memory, 4);
    assert_true(lab_case_load(c));
    c->a.cache = cache;
    assert_int_equal(cost(c), 3);
    c->a.trust = NULL; /* the built-in anchors: not the lab's */
    assert_true(appraise_quote(&c->a, lab_quote_make(world, &c->quote), c->at));
    expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, SITUS_UNTRUSTED, "pck_chain.root");
    assert_null(c->a.claims.authority);
    lab_case_free(c);
    quote_cache_free(cache);
}

static void what_does_not_verify_is_not_cached(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct quote_cache *cache = quote_cache_new(cache_memory, 4);
    assert_true(lab_case_load(c));
    c->a.cache = cache;
    c->quote.pck_key = LAB_KEY_IMPOSTOR;
    c->quote.chain.certs[0].signing_key = LAB_KEY_IMPOSTOR;
    for (int i = 0; i < 2; i++) {
        assert_true(appraise_quote(&c->a, lab_quote_make(world, &c->quote), c->at));
        expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, SITUS_BAD_SIGNATURE, "pck_chain.pck");
    }
    c->quote.chain.certs[0].signing_key = LAB_KEY_PLATFORM_CA;
    for (int i = 0; i < 2; i++) {
        assert_true(appraise_quote(&c->a, lab_quote_make(world, &c->quote), c->at));
        expect_fail(c->a.findings, CHECK_TDX_SIGNATURE, SITUS_BAD_SIGNATURE,
                    "signature.qe_report_signature");
    }
    lab_case_free(c);
    quote_cache_free(cache);
}

/* flips appraises the quote with one bit changed, for every bit (in the PEM text, whose characters
 * have spare bits, for one bit of each byte): none may keep its authority. */
static void flips(struct quote_cache *cache)
{
    struct lab_case *c = lab_case_new(world, 5, LAB_BODY_TD15);
    struct span made = lab_quote_make(world, &c->quote);
    size_t pem = lab_quote_layout(&c->quote).certification;
    static uint8_t bytes[16 * 1024];
    assert_true(made.n <= sizeof bytes);
    memcpy(bytes, made.p, made.n);
    assert_true(lab_case_load(c));
    c->a.cache = cache;
    assert_int_equal(cost(c), 3);
    for (size_t i = 0; i < made.n; i++)
        for (size_t bit = 0; bit < 8; bit++) {
            if (i >= pem && bit != i % 8)
                continue;
            bytes[i] ^= (uint8_t)(1 << bit);
            assert_false(appraise_quote(&c->a, span_of(bytes, made.n), c->at) &&
                         c->a.claims.authority);
            bytes[i] = made.p[i];
        }
    lab_case_free(c);
}

static void no_flipped_bit_keeps_a_quote_genuine(void **state)
{
    (void)state;
    flips(NULL);
}

static void no_flipped_bit_passes_with_a_warm_cache(void **state)
{
    (void)state;
    struct quote_cache *cache = quote_cache_new(cache_memory, 4);
    flips(cache);
    quote_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_machine_costs_one_verification),
        cmocka_unit_test(the_oldest_slot_makes_room),
        cmocka_unit_test(an_unknown_root_costs_no_verification),
        cmocka_unit_test(a_cached_chain_still_needs_its_anchor),
        cmocka_unit_test(what_does_not_verify_is_not_cached),
        cmocka_unit_test(no_flipped_bit_keeps_a_quote_genuine),
        cmocka_unit_test(no_flipped_bit_passes_with_a_warm_cache),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
