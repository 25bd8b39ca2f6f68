/* What decides about an ownership endorsement that reads: chain, time, key, platform, owner; and
 * that our own writer keeps to it. */
#include "support/test.h"

#include "base/text.h"
#include "endorse/poe/poe_write.h"
#include "support/poe_ids.h"
#include "support/poe_run.h"
#include "support/soft_ca.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

#define ZERO_48                                                        \
    "0000000000000000000000000000000000000000000000000000000000000000" \
    "00000000000000000000000000000000"

static void expect_refused(struct run *r, enum check check, enum situs_code code, const char *field)
{
    expect_fail(r->findings, check, code, field);
    assert_null(r->claims.authority);
    assert_true(!claims_get(&r->claims, CLAIM_OWNER));
}

static void the_signature_is_the_leafs_over_these_bytes(void **state)
{
    (void)state;
    static struct run r;
    static char hex[2 * 98 + 3];
    static const struct {
        const char *head;
        size_t size;
    } sizes[] = {{"585f", 95}, {"5860", 96}, {"5861", 97}, {"40", 0}};
    for (size_t i = 0; i < 4; i++) {
        memset(hex, '1', sizeof hex);
        memcpy(hex, sizes[i].head, strlen(sizes[i].head));
        hex[strlen(sizes[i].head) + 2 * sizes[i].size] = 0;
        start(&r);
        verify(&r, make_poe((struct poe_change[]){{POE_SIGNATURE, hex}}, 1));
        expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    }
    start(&r);
    struct span bytes = make_poe(NULL, 0);
    uint8_t *copy = test_malloc(bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    copy[make_poe_at(POE_R_OWNER) + 4] ^= 1;
    verify(&r, span_of(copy, bytes.n));
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    test_free(copy);
}

static void the_kid_is_recomputed(void **state)
{
    (void)state;
    static struct run r;
    start(&r);
    verify(&r, make_poe((struct poe_change[]){{POE_P_KID, "045830" ZERO_48}}, 1));
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_MISMATCH, "kid");
}

/* Judges the honest endorsement as if this leaf under the tests' own root had signed it. */
static void with_leaf(struct run *r, struct soft_cert leaf)
{
    static struct soft_cert root;
    root = (struct soft_cert){.name = "other", .ca = true};
    soft_ca_issue(&root);
    leaf.issuer = &root;
    leaf.name = "me";
    soft_ca_issue(&leaf);
    start(r);
    r->anchor.der = root.der;
    assert_true(digest(HASH_SHA256, root.der, r->anchor.sha256));
    assert_true(poe_read(&r->poe, make_poe(NULL, 0), "poe", &r->err));
    r->poe.certs[0] = leaf.der;
    r->poe.n_certs = 1;
    judge(r);
}

/* N83 */
static void the_leaf_is_an_end_entity_that_signs_with_p384(void **state)
{
    (void)state;
    static struct run r;
    void *key = EVP_EC_gen("P-384");
    with_leaf(&r, (struct soft_cert){.key = NULL});
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "x5chain[0].key");
    with_leaf(&r, (struct soft_cert){.key = key, .usage = "critical,keyAgreement"});
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "x5chain[0].key_usage");
    with_leaf(&r, (struct soft_cert){
                      .key = key, .ca = true, .usage = "critical,digitalSignature,keyCertSign"});
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "x5chain[0].key_usage");
    with_leaf(&r, (struct soft_cert){.key = key, .bad_signature = true});
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_BAD_SIGNATURE, "chain[0].signature");
    with_leaf(&r, (struct soft_cert){.key = key}); /* all but the key itself */
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_MISMATCH, "kid");
    EVP_PKEY_free(key);
}

/* The leaf comes first; nothing sorts them. */
static void the_leaf_comes_first(void **state)
{
    (void)state;
    static struct run r;
    start(&r);
    assert_true(poe_read(&r.poe, make_poe(NULL, 0), "poe", &r.err));
    struct span leaf = r.poe.certs[0];
    r.poe.certs[0] = r.poe.certs[1];
    r.poe.certs[1] = leaf;
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_UNTRUSTED, "chain[0].issuer");
}

/* N82: the certificates end before the endorsement begins, or the leaf ends inside. */
static void the_window_is_shared_with_every_certificate(void **state)
{
    (void)state;
    static struct run r;
    with_leaf(&r, (struct soft_cert){.from = 1700000000, .to = 1700000001});
    expect_refused(&r, CHECK_POE_WINDOW, SITUS_MISMATCH, "window");
    with_leaf(&r, (struct soft_cert){.to = MAKE_POE_AT - 7200});
    expect_refused(&r, CHECK_POE_WINDOW, SITUS_EXPIRED, "x5chain.not_after");
    with_leaf(&r, (struct soft_cert){.from = MAKE_POE_AT - 1800});
    expect_refused(&r, CHECK_POE_WINDOW, SITUS_NOT_YET_VALID, "x5chain.not_before");
}

static void the_policy_bounds_the_age(void **state)
{
    (void)state;
    static struct run r;
    start(&r);
    r.policy.v[PARAM_POE_MAX_AGE] = (struct param_value){.given = true, .num = 0};
    verify(&r, make_poe(NULL, 0));
    expect_refused(&r, CHECK_POE_WINDOW, SITUS_NOT_ALLOWED, "max_age_days");
    r.policy.v[PARAM_POE_MAX_AGE].num = 1;
    verify(&r, make_poe(NULL, 0));
    assert_ptr_equal(r.claims.authority, &r.anchor);
}

static void a_known_chain_is_judged_anew_in_all_but_signatures(void **state)
{
    (void)state;
    static struct run r;
    static uint8_t memory[8192];
    assert_true(issuer_cache_size(2) <= sizeof memory);
    struct issuer_cache *cache = issuer_cache_new(memory, 2);
    for (int i = 0; i < 2; i++) { /* the second finds the chain known */
        start(&r);
        r.cache = cache;
        verify(&r, make_poe(NULL, 0));
        assert_ptr_equal(r.claims.authority, &r.anchor);
    }
    r.at = MAKE_POE_AT + 60 * 86400; /* the leaf ended */
    judge(&r);
    expect_refused(&r, CHECK_POE_WINDOW, SITUS_EXPIRED, "corim.rim_validity.not_after");
    r.at = MAKE_POE_AT - 3600;
    r.policy.v[PARAM_POE_REQUIRE_CRL].flag = true;
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_MISSING, "chain[0].crl");
    r.policy.v[PARAM_POE_REQUIRE_CRL].flag = false;
    r.crl = make_poe_crl(); /* not demanded, but at hand */
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_REVOKED, "chain[0].serial_number");
    r.crl = span_of(NULL, 0);
    r.trust.n = 0; /* nobody's anchor any more */
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
    r.trust.n = 1;
    r.poe.kid = SPAN_LIT("other");
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_MISMATCH, "kid");
    issuer_cache_free(cache);
}

/* Another trust store may lie where the one lay under which a chain is known. */
static void a_known_chain_is_of_its_trust_store(void **state)
{
    (void)state;
    static struct run r;
    static _Alignas(16) uint8_t memory[16384];
    struct arena a = arena_new(memory, sizeof memory);
    start(&r);
    assert_true(poe_read(&r.poe, make_poe(NULL, 0), "poe", &r.err));
    assert_true(poe_know(&r.poe, &r.trust, &a));
    judge(&r);
    assert_non_null(r.claims.authority);
    struct soft_cert other = {.name = "other", .ca = true};
    soft_ca_issue(&other);
    r.anchor.der = other.der;
    assert_true(digest(HASH_SHA256, other.der, r.anchor.sha256));
    r.trust.sha256[31] = 1;
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void the_platform_is_matched_whole(void **state)
{
    (void)state;
    static struct run r;
    static const uint8_t piid[33] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    static const struct {
        size_t size;
        enum outcome outcome;
    } cases[] = {{16, OUTCOME_PASS}, {15, OUTCOME_FAIL}, {32, OUTCOME_FAIL}, {0, OUTCOME_FAIL}};
    start(&r);
    verify(&r, make_poe(NULL, 0));
    for (size_t i = 0; i < 4; i++) {
        r.findings = (struct findings){.arena = &r.arena};
        r.tee = (struct claims){.instance = "tdx", .authority = &r.anchor};
        claim_bytes(&r.tee, CLAIM_PIID, span_of(piid, cases[i].size));
        poe_match(&r.claims, &r.tee, "poe", &r.findings);
        assert_int_equal(r.findings.v[CHECK_POE_MATCH].outcome, cases[i].outcome);
    }
    expect_fail(r.findings, CHECK_POE_MATCH, SITUS_MISMATCH, "condition.piid");
    r.findings = (struct findings){.arena = &r.arena};
    claim_bytes(&r.tee, CLAIM_PIID, span_of(piid, 16));
    r.tee.authority = NULL; /* N85: a quote that nobody verified */
    poe_match(&r.claims, &r.tee, "poe", &r.findings);
    assert_int_equal(r.findings.v[CHECK_POE_MATCH].outcome, OUTCOME_NOT_RUN);
    assert_non_null(strstr(r.findings.v[CHECK_POE_MATCH].reason, "no verified quote"));
    r.findings = (struct findings){.arena = &r.arena};
    r.tee = (struct claims){.instance = "tdx", .authority = &r.anchor}; /* Processor CA */
    claim_bytes(&r.tee, CLAIM_PPID, span_of(piid, 16));
    poe_match(&r.claims, &r.tee, "poe", &r.findings);
    assert_int_equal(r.findings.v[CHECK_POE_MATCH].outcome, OUTCOME_NOT_RUN);
    assert_non_null(strstr(r.findings.v[CHECK_POE_MATCH].reason, "Processor CA"));
}

/* N83: an issuer speaks for those whom the policy lets it speak for. */
static void owners_are_accepted_by_issuer(void **state)
{
    (void)state;
    static struct run r;
    static const char *const words[] = {"issuers=owner", "issuers=other", "others=owner",
                                        "issuers=owne", "issuers=owner "};
    start(&r);
    verify(&r, make_poe(NULL, 0));
    for (size_t i = 0; i < 5; i++) {
        struct span word = span_text(words[i]);
        r.findings = (struct findings){.arena = &r.arena};
        r.policy.v[PARAM_POE_OWNER_ALLOW] =
            (struct param_value){.given = true, .words = &word, .n = 1};
        poe_owner(&r.claims, &r.policy, "poe", &r.findings);
        if (i > 0)
            expect_fail(r.findings, CHECK_POE_OWNER, SITUS_NOT_ALLOWED, "endorsement.owner_name");
        else
            assert_int_equal(r.findings.v[CHECK_POE_OWNER].outcome, OUTCOME_PASS);
    }
    r.findings = (struct findings){.arena = &r.arena};
    r.policy.v[PARAM_POE_OWNER_ALLOW].given = false;
    poe_owner(&r.claims, &r.policy, "poe", &r.findings);
    assert_int_equal(r.findings.v[CHECK_POE_OWNER].outcome, OUTCOME_NOT_RUN);
}

static void a_revoked_issuer_is_refused(void **state)
{
    (void)state;
    static struct run r;
    static struct soft_cert root, leaf;
    root = (struct soft_cert){.name = "other", .ca = true};
    soft_ca_issue(&root);
    leaf = (struct soft_cert){.name = "me", .issuer = &root};
    soft_ca_issue(&leaf);
    struct span crl = soft_ca_crl(&root, MAKE_POE_AT - 7200, MAKE_POE_AT, leaf.serial);
    start(&r);
    r.anchor.der = root.der;
    assert_true(digest(HASH_SHA256, root.der, r.anchor.sha256));
    assert_true(poe_read(&r.poe, make_poe(NULL, 0), "poe", &r.err));
    r.poe.certs[0] = leaf.der;
    r.poe.n_certs = 1;
    r.crl = crl;
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_REVOKED, "chain[0].serial_number");
    r.crl = soft_ca_crl(&root, MAKE_POE_AT - 86400, MAKE_POE_AT - 7200, 0);
    judge(&r);
    expect_refused(&r, CHECK_POE_SIGNATURE, SITUS_EXPIRED, "chain[0].crl.next_update");
}

static bool write(struct wr *w, struct poe_terms *t, struct situs_err *err)
{
    const struct make_poe_issuer *issuer = make_poe_issuer();
    static struct span certs[2];
    certs[0] = issuer->leaf;
    certs[1] = issuer->root;
    struct sign_key *key = sign_key_read(issuer->key_pem, "key", err);
    t->certs = t->certs ? t->certs : certs;
    t->n_certs = t->n_certs ? t->n_certs : 2;
    *err = (struct situs_err){0};
    bool ok = poe_write(w, t, key, "poe", err);
    sign_key_free(key);
    return ok;
}

static void what_we_write_holds_for_30_days_and_no_longer_than_its_chain(void **state)
{
    (void)state;
    static struct run r;
    static uint8_t room[8192];
    struct poe_terms t = {.piid = SPAN_LIT("0123456789abcdef"),
                          .owner = SPAN_LIT("us"),
                          .not_before = MAKE_POE_AT - 7200};
    for (int form = 0; form < 4; form++) {
        struct wr w = wr_new(room, sizeof room);
        t.es384 = form & 1;
        t.kid_unprotected = form & 2;
        start(&r);
        assert_true(write(&w, &t, &r.err));
        verify(&r, wr_span(&w));
        assert_ptr_equal(r.claims.authority, &r.anchor);
        assert_true(span_equal(r.poe.iss, SPAN_LIT("me")));
        assert_int_equal(r.poe.validity.to - r.poe.validity.from, 30 * 86400);
        uint8_t tag_id[16], id[16];
        assert_true(poe_ids(&r.poe, tag_id, id));
        assert_true(span_equal(SPAN_ARR(id), r.poe.id.v));
        assert_true(span_equal(SPAN_ARR(tag_id), r.poe.tag_id.v));
    }
    struct wr w = wr_new(room, sizeof room);
    t.not_after = MAKE_POE_AT + 1000 * 86400;
    start(&r);
    assert_true(write(&w, &t, &r.err));
    verify(&r, wr_span(&w));
    assert_int_equal(r.poe.validity.to, SOFT_CA_NOON + 50 * 86400); /* the leaf's end */
}

static void what_breaks_the_format_is_not_written(void **state)
{
    (void)state;
    static uint8_t room[8192];
    static struct soft_cert other;
    other = (struct soft_cert){.name = "other"};
    soft_ca_issue(&other);
    const struct poe_terms good_terms = {.piid = SPAN_LIT("0123456789abcdef"),
                                         .owner = SPAN_LIT("us"),
                                         .not_before = MAKE_POE_AT - 7200};
    struct {
        struct poe_terms t;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {good_terms, SITUS_MALFORMED, "piid"},        {good_terms, SITUS_MALFORMED, "owner"},
        {good_terms, SITUS_MALFORMED, "refresh_uri"}, {good_terms, SITUS_MISMATCH, "key"},
        {good_terms, SITUS_EXPIRED, "window"},
    };
    cases[0].t.piid.n = 15;
    cases[1].t.owner.n = 0;
    cases[2].t.refresh_uri = SPAN_LIT("nowhere");
    cases[3].t.certs = &other.der;
    cases[3].t.n_certs = 1;
    cases[4].t.not_before = MAKE_POE_AT + 60 * 86400;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct situs_err err = {0};
        struct wr w = wr_new(room, sizeof room);
        assert_false(write(&w, &cases[i].t, &err));
        expect_err(err, cases[i].code, cases[i].field, SITUS_NO_OFFSET);
    }
    struct situs_err err = {0};
    struct wr w = wr_new(room, 100);
    struct poe_terms t = good_terms;
    assert_false(write(&w, &t, &err));
    expect_err(err, SITUS_NO_MEMORY, "output", SITUS_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signature_is_the_leafs_over_these_bytes),
        cmocka_unit_test(the_kid_is_recomputed),
        cmocka_unit_test(the_leaf_is_an_end_entity_that_signs_with_p384),
        cmocka_unit_test(the_leaf_comes_first),
        cmocka_unit_test(the_window_is_shared_with_every_certificate),
        cmocka_unit_test(the_policy_bounds_the_age),
        cmocka_unit_test(a_known_chain_is_judged_anew_in_all_but_signatures),
        cmocka_unit_test(a_known_chain_is_of_its_trust_store),
        cmocka_unit_test(the_platform_is_matched_whole),
        cmocka_unit_test(owners_are_accepted_by_issuer),
        cmocka_unit_test(a_revoked_issuer_is_refused),
        cmocka_unit_test(what_we_write_holds_for_30_days_and_no_longer_than_its_chain),
        cmocka_unit_test(what_breaks_the_format_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
