/*
 * N106, N107: memory that runs out anywhere, in OpenSSL, in jansson or in the arena, and an error
 * queue that somebody left dirty. The answer is refused, or exactly the honest one.
 */
#include "crypto/digest.h"
#include "crypto/x509.h"
#include "support/lab_machine.h"
#include "support/soft_ca.h"
#include "support/test.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

/* Every call in a plain build (make coverage has one); under sanitizers a sample. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 23
#else
#define STRIDE 1
#endif

/* Allocations left until one fails; 0: none does. lasting: all after it fail too. */
static size_t left, count;
static bool lasting;

static bool fails(void)
{
    count++;
    if (left == 0 || --left > 0)
        return false;
    left = lasting ? 1 : 0;
    return true;
}

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *retake(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, n);
}

static void give(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static void *json_take(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static struct lab_machine m;
static struct lab_verifier v;
static uint8_t memory[SITUS_VERIFY_MEMORY];
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

/* One appraisal, whose n-th allocation fails; true: it is trusted, and then its report is text. */
static bool appraise(const struct situs_request *q, size_t size, size_t n)
{
    count = 0;
    left = n;
    const struct situs_result *r = situs_verify(q, (struct situs_memory){memory, size});
    left = 0;
    bool trusted = situs_result_trusted(r);
    assert_int_equal(trusted, situs_result_exit(r) == 0);
    if (r && situs_result_json(r, text, sizeof text) >= sizeof text)
        fail_msg("the report does not fit");
    return trusted;
}

static void fail_each(const struct situs_request *q)
{
    size_t refused = 0;
    assert_true(appraise(q, sizeof memory, 0));
    assert_true(appraise(q, sizeof memory, 0)); /* what is made once in a program is made */
    strcpy(honest, text);
    size_t calls = count;
    assert_true(calls > 50);
    for (size_t n = 1; n <= calls; n += STRIDE) {
        if (appraise(q, sizeof memory, n))
            assert_string_equal(text, honest);
        else
            refused++;
    }
    assert_true(refused > 0); /* not all: some failures OpenSSL makes good, as of its caches */
    assert_true(appraise(q, sizeof memory, 0)); /* no failure is remembered */
    assert_string_equal(text, honest);
}

/* N106 */
static void no_allocation_of_a_bundle_matters_for_a_yes(void **state)
{
    (void)state;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, true));
    for (int i = 0; i < 2; i++) {
        lasting = i == 1;
        fail_each(&q);
    }
}

static void no_allocation_of_collateral_matters_for_a_yes(void **state)
{
    (void)state;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, true, true));
    q.snapshot = NULL;
    for (int i = 0; i < 2; i++) {
        lasting = i == 1;
        fail_each(&q);
    }
}

/* A cache must not keep what was verified by half. */
static void no_allocation_spoils_a_cache(void **state)
{
    (void)state;
    static uint8_t room[64 * 1024];
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    lasting = false;
    assert_true(appraise(&q, sizeof memory, 0));
    strcpy(honest, text);
    for (size_t n = 1, calls = count; n <= calls; n += STRIDE) {
        struct situs_memory of_context = {room, sizeof room};
        assert_true(situs_context_size(4) <= sizeof room);
        q.context = situs_context_new(4, of_context);
        assert_non_null(q.context);
        if (appraise(&q, sizeof memory, n))
            assert_string_equal(text, honest);
        for (int again = 0; again < 2; again++) {
            assert_true(appraise(&q, sizeof memory, 0));
            assert_string_equal(text, honest);
        }
        situs_context_free(q.context);
    }
}

/* The caller's objects are whole or not there. */
static bool load(size_t n)
{
    static uint8_t room[3][SITUS_TRUST_MEMORY];
    struct situs_err err[3] = {{0}};
    struct situs_item policy = {"policy", m.policy.p, m.policy.n};
    struct situs_item trust = {"trust", m.trust.p, m.trust.n}, parts[LAB_PARTS];
    for (size_t i = 0; i < LAB_PARTS; i++)
        parts[i] = m.parts[i];
    count = 0;
    left = n;
    struct situs_memory at[3] = {
        {room[0], sizeof room[0]}, {room[1], sizeof room[1]}, {room[2], sizeof room[2]}};
    const struct situs_policy *p = situs_policy_read(policy, at[0], &err[0]);
    const struct situs_trust *t = situs_trust_read(trust, at[1], &err[1]);
    struct situs_snapshot *s = t ? situs_snapshot_load(parts, LAB_PARTS, t, at[2], &err[2]) : NULL;
    left = 0;
    assert_int_equal(!p, err[0].code != SITUS_NONE);
    assert_int_equal(!t, err[1].code != SITUS_NONE);
    if (t)
        assert_int_equal(!s, err[2].code != SITUS_NONE);
    if (p && s) {
        struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
        q.trust = t;
        q.policy = p;
        q.snapshot = s;
        assert_true(appraise(&q, sizeof memory, 0));
    }
    situs_snapshot_free(s);
    return p && s;
}

static void no_allocation_of_a_loader_is_unnoticed(void **state)
{
    (void)state;
    assert_true(load(0));
    assert_true(load(0));
    size_t calls = count;
    for (size_t n = 1; n <= calls; n += STRIDE)
        load(n);
    assert_true(load(0));
}

static void every_arena_gives_the_honest_answer_or_none(void **state)
{
    (void)state;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, true, true));
    bool before = false;
    for (int i = 0; i < 2; i++) {
        assert_true(appraise(&q, sizeof memory, 0));
        strcpy(honest, text);
        for (size_t n = 0; n <= sizeof memory; n += 61 * STRIDE) {
            bool now = appraise(&q, n, 0);
            if (now)
                assert_string_equal(text, honest);
            assert_true(now || !before); /* more never harms */
            before = now;
        }
        before = false;
        q.snapshot = NULL;
    }
}

#define LEARNED 64 /* the last calls, none of which is left out: issuers are learned there */

/* Who signed what hangs below an anchor decides whose revocation lists count: a chain is not known
 * by half. Two roots are trusted, and both are the CA's issuer. */
static void no_chain_is_known_without_its_issuers(void **state)
{
    (void)state;
    const int64_t from = SOFT_CA_NOON - 86400, to = SOFT_CA_NOON + 86400;
    struct soft_cert root = {.name = "root", .ca = true, .from = from, .to = to};
    soft_ca_issue(&root);
    struct soft_cert twin = {.name = "root", .ca = true, .from = from, .to = to, .key = root.key};
    twin.serial = 2;
    soft_ca_issue(&twin);
    struct soft_cert ca = {.name = "ca", .issuer = &root, .ca = true, .from = from, .to = to};
    soft_ca_issue(&ca);
    struct soft_cert cert = {.name = "leaf", .issuer = &ca};
    soft_ca_issue(&cert);
    struct situs_err err = {0};
    struct x509 *leaf = x509_read(cert.der, NULL, "leaf", &err);
    struct x509_anchor anchors[] = {{.der = root.der}, {.der = twin.der}};
    for (size_t i = 0; i < 2; i++)
        assert_true(digest(HASH_SHA256, anchors[i].der, anchors[i].sha256));
    const struct x509_question q = {.leaf = leaf,
                                    .extra = &ca.der,
                                    .n_extra = 1,
                                    .anchors = anchors,
                                    .n_anchors = 2,
                                    .at = SOFT_CA_NOON - 60,
                                    .part = "leaf"};
    struct x509_answer whole, half;
    assert_true(x509_verify(&q, &whole, &err) && whole.chained && whole.issuers.n == 2);
    count = 0;
    assert_true(x509_verify(&q, &whole, &err));
    size_t calls = count, chained = 0, unlearned = 0;
    for (int i = 0; i < 2; i++) {
        lasting = i == 1;
        for (size_t n = 1; n <= calls; n += n + LEARNED < calls ? STRIDE : 1) {
            err = (struct situs_err){0};
            left = n;
            bool ok = x509_verify(&q, &half, &err);
            left = 0;
            assert_true(ok == (err.code == SITUS_NONE) && (half.chained || !ok));
            unlearned += err.code == SITUS_INTERNAL && strcmp(err.field, "chain[0].issuer") == 0;
            chained += half.chained;
            if (half.chained)
                assert_memory_equal(&half.issuers, &whole.issuers, sizeof whole.issuers);
        }
    }
    assert_true(chained > 0 && unlearned > 0);
    x509_free(leaf);
}

/* N107 */
static void a_dirty_error_queue_changes_nothing(void **state)
{
    (void)state;
    struct situs_request q = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    assert_true(appraise(&q, sizeof memory, 0));
    strcpy(honest, text);
    for (int reason = 1; reason < 40; reason++) {
        ERR_raise(ERR_LIB_EC, reason);
        ERR_raise(ERR_LIB_X509, reason);
        assert_true(appraise(&q, sizeof memory, 0));
        assert_string_equal(text, honest);
    }
    ((uint8_t *)m.signature)[m.tpm.signature.n - 1] ^= 1;
    struct situs_request bad = lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
    ((uint8_t *)m.signature)[m.tpm.signature.n - 1] ^= 1;
    for (int i = 0; i < 3; i++) {
        assert_false(appraise(&bad, sizeof memory, 0));
        assert_true(appraise(&q, sizeof memory, 0));
        assert_string_equal(text, honest);
    }
    ERR_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_of_a_bundle_matters_for_a_yes),
        cmocka_unit_test(no_allocation_of_collateral_matters_for_a_yes),
        cmocka_unit_test(no_allocation_spoils_a_cache),
        cmocka_unit_test(no_allocation_of_a_loader_is_unnoticed),
        cmocka_unit_test(every_arena_gives_the_honest_answer_or_none),
        cmocka_unit_test(no_chain_is_known_without_its_issuers),
        cmocka_unit_test(a_dirty_error_queue_changes_nothing),
    };
    if (!CRYPTO_set_mem_functions(take, retake, give))
        return 1;
    json_set_alloc_funcs(json_take, free);
    return cmocka_run_group_tests(tests, setup, teardown);
}
