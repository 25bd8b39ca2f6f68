/*
 * endorse/ak_cert with a cache: what is remembered answers nothing that a verification would answer
 * otherwise. Each question is put to a cold verifier too, and both must say the same of it. Linked
 * so that every verification of a chain passes the counter below.
 */
#include "support/test.h"

#include "crypto/x509.h"
#include "endorse/ak_cert/ak_cert.h"
#include "support/make_ak_extension.h"
#include "support/soft_ca.h"
#include "support/soft_tpm.h"

#define AK_V 0x00050072
#define NOW (SOFT_CA_NOON - 3600)
#define YEAR (365 * 86400)
#define HOUR 3600
#define SLOTS 2

static size_t verifications;

bool __real_x509_verify(const struct x509_question *q, struct x509_answer *answer,
                        struct situs_err *err);
bool __wrap_x509_verify(const struct x509_question *q, struct x509_answer *answer,
                        struct situs_err *err);

bool __wrap_x509_verify(const struct x509_question *q, struct x509_answer *answer,
                        struct situs_err *err)
{
    verifications++;
    return __real_x509_verify(q, answer, err);
}

enum { ROOT, CA, ANCHORS };

/* A question whose answer is yes; a test changes one thing of it. */
static struct {
    struct soft_cert root, ca, cert, other;
    struct soft_ak soft, other_soft;
    struct ak ak;
    struct span intermediates[2], crls[3];
    size_t n_crls;
    struct ak_cert sent;
    struct anchor anchor[ANCHORS];
    struct trust trust;
    struct policy policy;
    struct span provider[1];
    int64_t at;
    uint8_t cache_memory[4096];
    struct ak_cache *cache;
} s;

/* What was answered; texts are in the arena. */
struct answer {
    uint8_t memory[16384];
    struct arena arena;
    struct findings findings;
    struct claims claims;
    struct ak_cert_notes notes;
};
static struct answer warm, cold;

static void issue_ca(struct soft_cert *c, const char *name, const struct soft_cert *issuer,
                     long serial)
{
    *c = (struct soft_cert){.name = name,
                            .issuer = issuer,
                            .ca = true,
                            .from = NOW - YEAR,
                            .to = NOW + YEAR,
                            .serial = serial};
    soft_ca_issue(c);
}

static void issue(struct soft_cert *c, struct soft_ak *key, long serial)
{
    *c = (struct soft_cert){.name = "ak.ConfidentialVM.Azure.windows.net",
                            .issuer = &s.ca,
                            .key = key->key,
                            .eku = "2.23.133.8.3",
                            .serial = serial};
    soft_ca_issue(c);
}

static void pin(struct anchor *a, const char *name, const struct soft_cert *cert)
{
    *a = (struct anchor){
        .name = name, .uses = ANCHOR_PROVIDER, .profile = AK_PROFILE_AZURE, .der = cert->der};
    assert_true(digest(HASH_SHA256, cert->der, a->sha256));
}

static int make(void **state)
{
    (void)state;
    struct situs_err err = {0};
    issue_ca(&s.root, "root", NULL, 1);
    issue_ca(&s.ca, "ca", &s.root, 2);
    soft_tpm_ak(&s.soft, SOFT_P256, AK_V, span_of(NULL, 0));
    soft_tpm_ak(&s.other_soft, SOFT_P384, AK_V, span_of(NULL, 0));
    assert_true(ak_read(&s.ak, s.soft.public, &err));
    issue(&s.cert, &s.soft, 3);
    issue(&s.other, &s.soft, 4);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    ak_free(&s.ak);
    return 0;
}

static void ask(struct answer *a, struct ak_cache *cache)
{
    memset(a, 0, sizeof *a);
    a->arena = arena_new(a->memory, sizeof a->memory);
    a->findings = (struct findings){.arena = &a->arena};
    a->claims.instance = "tpm.guest";
    finding_pass(&a->findings, CHECK_TPM_SIGNATURE);
    finding_pass(&a->findings, CHECK_AK_ATTRIBUTES);
    struct x509_crls crls;
    s.sent.crls = soft_ca_crls(&crls, s.crls, s.n_crls);
    const struct ak_cert_question q = {&s.sent, &s.ak, &s.trust, &s.policy, s.at, cache};
    ak_cert_verify(&q, &a->arena, &a->claims, &a->notes, &a->findings);
}

static const struct finding *said(const struct answer *a)
{
    return &a->findings.v[CHECK_AK_CERTIFICATE];
}

/* same_as_cold asks with and without the cache; the number of chains verified with it. */
static size_t same_as_cold(void)
{
    ask(&cold, NULL);
    verifications = 0;
    ask(&warm, s.cache);
    const struct finding *w = said(&warm), *c = said(&cold);
    assert_int_equal(w->outcome, c->outcome);
    assert_int_equal(!w->why, !c->why);
    if (w->why) {
        assert_int_equal(w->why->code, c->why->code);
        assert_string_equal(w->why->field, c->why->field);
        assert_string_equal(w->why->expected, c->why->expected);
        assert_string_equal(w->why->got, c->why->got);
    }
    assert_ptr_equal(warm.claims.authority, cold.claims.authority);
    assert_int_equal(warm.claims.v[CLAIM_AK_NOT_AFTER].num, cold.claims.v[CLAIM_AK_NOT_AFTER].num);
    assert_int_equal(warm.notes.n, cold.notes.n);
    for (size_t i = 0; i < warm.notes.n; i++)
        assert_string_equal(warm.notes.v[i], cold.notes.v[i]);
    return verifications;
}

static void yes(size_t cost)
{
    assert_int_equal(same_as_cold(), cost);
    if (said(&warm)->outcome != OUTCOME_PASS)
        fail_msg("%s: got %s", said(&warm)->why->field, said(&warm)->why->got);
}

static void no(enum situs_code code, const char *field)
{
    same_as_cold();
    expect_fail(warm.findings, CHECK_AK_CERTIFICATE, code, field);
    assert_null(warm.claims.authority);
}

/* A yes that is remembered. */
static void begin(void)
{
    s.intermediates[0] = s.ca.der;
    s.intermediates[1] = s.root.der;
    s.crls[0] = soft_ca_crl(&s.ca, NOW - HOUR / 2, NOW + HOUR / 2, 0);
    s.crls[1] = soft_ca_crl(&s.root, NOW - HOUR, NOW + 2 * HOUR, 0);
    s.sent = (struct ak_cert){s.cert.der, s.intermediates, 1, NULL};
    s.n_crls = 2;
    pin(&s.anchor[ROOT], "Microsoft Azure test root", &s.root);
    pin(&s.anchor[CA], "Google test root", &s.ca);
    s.anchor[CA].profile = AK_PROFILE_GOOGLE;
    s.trust = (struct trust){.anchors = s.anchor, .n = ANCHORS};
    s.provider[0] = SPAN_LIT("azure");
    memset(&s.policy, 0, sizeof s.policy);
    s.policy.v[PARAM_AK_PROVIDERS] =
        (struct param_value){.given = true, .words = s.provider, .n = 1};
    make_azure_policy(&s.policy, "ca", "2020-01-01T00:00:00Z");
    s.policy.v[PARAM_AK_CRL] = (struct param_value){.given = true, .flag = true};
    s.at = NOW;
    assert_true(ak_cache_size(SLOTS) <= sizeof s.cache_memory);
    s.cache = ak_cache_new(s.cache_memory, SLOTS);
    assert_non_null(s.cache);
    yes(1);
    yes(0);
}

static void a_known_certificate_is_not_verified_again(void **state)
{
    (void)state;
    begin();
    s.at = NOW + HOUR / 2 - 1;
    yes(0);
    s.at = NOW - HOUR / 2 + 1;
    yes(0);
    assert_ptr_equal(warm.claims.authority, &s.anchor[ROOT]);
}

/* One more second at either end of what is shortest. */
static void a_certificate_that_ended_is_refused_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.crls[0] = soft_ca_crl(&s.ca, NOW - YEAR, NOW + 2 * YEAR, 0);
    s.crls[1] = soft_ca_crl(&s.root, NOW - YEAR, NOW + 2 * YEAR, 0);
    yes(1);
    yes(0);
    s.at = SOFT_CA_NOON + 1;
    no(SITUS_EXPIRED, "chain[0].not_after");
    s.at = SOFT_CA_NOON - 12 * HOUR - 1;
    no(SITUS_NOT_YET_VALID, "chain[0].not_before");
    s.at = NOW;
    yes(0);
}

static void an_issuer_that_ended_is_refused_at_a_hit(void **state)
{
    (void)state;
    struct soft_cert *const issuers[] = {&s.ca, &s.root};
    static const char *const field[] = {"chain[1].not_after", "chain[2].not_after"};
    for (int i = 0; i < 2; i++) {
        struct soft_cert keep[] = {s.root, s.ca, s.cert};
        issuers[i]->to = NOW + HOUR / 4;
        soft_ca_issue(issuers[i]);
        if (i == 1)
            soft_ca_issue(&s.ca);
        soft_ca_issue(&s.cert);
        begin();
        s.at = NOW + HOUR / 4 + 1;
        no(SITUS_EXPIRED, field[i]);
        s.root = keep[0];
        s.ca = keep[1];
        s.cert = keep[2];
    }
}

static void a_crl_that_revokes_is_heard_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.crls[0] = soft_ca_crl(&s.ca, NOW - HOUR / 2, NOW + HOUR / 2, 3);
    no(SITUS_REVOKED, "chain[0].serial_number");
    begin();
    s.crls[1] = soft_ca_crl(&s.root, NOW - HOUR, NOW + 2 * HOUR, 2);
    no(SITUS_REVOKED, "chain[1].serial_number");
}

static void a_crl_that_ended_is_refused_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.at = NOW + HOUR / 2 + 1;
    no(SITUS_EXPIRED, "chain[0].crl.next_update");
    s.at = NOW - HOUR / 2 - 1;
    no(SITUS_NOT_YET_VALID, "chain[0].crl.this_update");
}

static void a_crl_that_is_missing_is_missed_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.n_crls = 1;
    no(SITUS_MISSING, "chain[1].crl");
    s.n_crls = 0;
    no(SITUS_MISSING, "chain[0].crl");
    s.policy.v[PARAM_AK_CRL].flag = false;
    yes(1);
    yes(0);
    assert_int_equal(warm.notes.n, 1); /* no CRL was checked */
    s.policy.v[PARAM_AK_CRL].flag = true;
    no(SITUS_MISSING, "chain[0].crl");
}

/* What is remembered without an issuer's CRL is asked anew when there is one. */
static void a_crl_that_comes_later_is_heard(void **state)
{
    (void)state;
    begin();
    s.policy.v[PARAM_AK_CRL].flag = false;
    s.n_crls = 1;
    yes(1);
    yes(0);
    s.n_crls = 2;
    s.crls[1] = soft_ca_crl(&s.root, NOW - HOUR, NOW + 2 * HOUR, 2);
    no(SITUS_REVOKED, "chain[1].serial_number");
}

/* Nor does a CRL of an issuer whom the chain does not name make it another question. */
static void a_strangers_crl_is_no_other_question(void **state)
{
    (void)state;
    struct soft_cert stranger;
    begin();
    issue_ca(&stranger, "stranger", NULL, 9);
    s.crls[2] = soft_ca_crl(&stranger, NOW - HOUR, NOW + HOUR, 3);
    s.n_crls = 3;
    yes(0);
}

static void an_anchor_that_is_gone_is_missed_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.trust.n = 0;
    no(SITUS_UNTRUSTED, "chain[1].issuer");
    begin();
    s.anchor[ROOT].uses = ANCHOR_TDX;
    no(SITUS_UNTRUSTED, "chain[1].issuer");
    begin();
    s.anchor[ROOT].profile = AK_PROFILE_GOOGLE; /* speaks for another provider */
    no(SITUS_UNTRUSTED, "chain[1].issuer");
    begin();
    s.anchor[ROOT].sha256[0] ^= 1;
    no(SITUS_UNTRUSTED, "chain[2].issuer");
    begin();
    s.anchor[ROOT].der = span_of(NULL, 0); /* a pin, whose certificate nobody sends */
    no(SITUS_UNTRUSTED, "chain[1].issuer");
    s.sent.n_intermediates = 2;
    yes(1);
}

/* The nearest anchor ends a chain: another trust file may name another authority. */
static void the_anchors_of_the_question_decide_who_speaks(void **state)
{
    (void)state;
    begin();
    s.anchor[CA].profile = AK_PROFILE_AZURE;
    yes(1);
    assert_ptr_equal(warm.claims.authority, &s.anchor[CA]);
    s.trust = (struct trust){.anchors = &s.anchor[CA], .n = 1};
    yes(1);
    assert_ptr_equal(warm.claims.authority, &s.anchor[CA]);
}

/* What is kept of the certificate is asked of the policy at each use. */
static void names_that_the_policy_drops_are_refused_at_a_hit(void **state)
{
    (void)state;
    const struct span later = SPAN_LIT("2030-01-01T00:00:00Z"), other = SPAN_LIT("root");
    begin();
    s.policy.v[PARAM_AK_AZURE_ISSUERS].words = &other;
    no(SITUS_NOT_ALLOWED, "issuer");
    begin();
    s.policy.v[PARAM_AK_AZURE_NOT_BEFORE].words = &later;
    no(SITUS_NOT_ALLOWED, "not_before");
}

static void a_provider_that_the_policy_drops_is_refused_at_a_hit(void **state)
{
    (void)state;
    begin();
    s.provider[0] = SPAN_LIT("google");
    no(SITUS_NOT_ALLOWED, "provider");
}

static void another_key_is_refused_at_a_hit(void **state)
{
    (void)state;
    struct situs_err err = {0};
    begin();
    ak_free(&s.ak);
    assert_true(ak_read(&s.ak, s.other_soft.public, &err));
    no(SITUS_MISMATCH, "public_key");
    ak_free(&s.ak);
    assert_true(ak_read(&s.ak, s.soft.public, &err));
}

/* Without TPMT_PUBLIC there is no hash that tells the key. */
static void a_key_without_its_public_area_is_not_known(void **state)
{
    (void)state;
    begin();
    s.ak.has_public = false;
    yes(1);
    yes(1);
    s.ak.has_public = true;
}

static void what_was_sent_is_the_question(void **state)
{
    (void)state;
    uint8_t padded[2048] = {0};
    begin();
    s.sent.n_intermediates = 0;
    no(SITUS_UNTRUSTED, "chain[0].issuer");
    begin();
    memcpy(padded, s.cert.der.p, s.cert.der.n);
    s.sent.leaf = span_of(padded, s.cert.der.n + 1);
    yes(1);
    yes(0);
    assert_int_equal(warm.notes.n, 1); /* zero bytes were ignored */
    padded[s.cert.der.n] = 1;
    no(SITUS_TRAILING, "certificate");
}

static void a_refusal_is_not_remembered(void **state)
{
    (void)state;
    begin();
    s.cache = ak_cache_new(s.cache_memory, SLOTS);
    s.at = NOW + HOUR / 2 + 1;
    no(SITUS_EXPIRED, "chain[0].crl.next_update");
    s.at = NOW;
    yes(1);
    yes(0);
}

static void the_oldest_use_makes_room(void **state)
{
    (void)state;
    begin();
    s.sent.leaf = s.other.der;
    yes(1);
    s.sent.leaf = s.cert.der;
    yes(0);
    s.sent.n_intermediates = 2; /* a third question for two slots */
    yes(1);
    s.sent.n_intermediates = 1;
    yes(0);
    s.sent.leaf = s.other.der;
    yes(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_certificate_is_not_verified_again),
        cmocka_unit_test(a_certificate_that_ended_is_refused_at_a_hit),
        cmocka_unit_test(an_issuer_that_ended_is_refused_at_a_hit),
        cmocka_unit_test(a_crl_that_revokes_is_heard_at_a_hit),
        cmocka_unit_test(a_crl_that_ended_is_refused_at_a_hit),
        cmocka_unit_test(a_crl_that_is_missing_is_missed_at_a_hit),
        cmocka_unit_test(a_crl_that_comes_later_is_heard),
        cmocka_unit_test(a_strangers_crl_is_no_other_question),
        cmocka_unit_test(an_anchor_that_is_gone_is_missed_at_a_hit),
        cmocka_unit_test(the_anchors_of_the_question_decide_who_speaks),
        cmocka_unit_test(names_that_the_policy_drops_are_refused_at_a_hit),
        cmocka_unit_test(a_provider_that_the_policy_drops_is_refused_at_a_hit),
        cmocka_unit_test(another_key_is_refused_at_a_hit),
        cmocka_unit_test(a_key_without_its_public_area_is_not_known),
        cmocka_unit_test(what_was_sent_is_the_question),
        cmocka_unit_test(a_refusal_is_not_remembered),
        cmocka_unit_test(the_oldest_use_makes_room),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
