/* endorse/ak_cert: who may vouch for an attestation key, and for which one. */
#include "support/ak_cert_scene.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

static void ak_cert_accepts_each_profile(void **state)
{
    (void)state;
    good_google();
    verify(2);
    expect_good("google", 0);
    assert_true(span_equal(s.claims.v[CLAIM_GCE_ZONE].bytes, SPAN_LIT("us-central1-a")));
    assert_true(span_equal(s.claims.v[CLAIM_GCE_PROJECT_ID].bytes, SPAN_LIT("project")));
    assert_true(span_equal(s.claims.v[CLAIM_GCE_INSTANCE_NAME].bytes, SPAN_LIT("instance")));
    assert_int_equal(s.claims.v[CLAIM_GCE_PROJECT_NUMBER].num, 258);
    assert_true((uint64_t)s.claims.v[CLAIM_GCE_INSTANCE_ID].num == UINT64_MAX);
    assert_int_equal(s.claims.v[CLAIM_GCE_PRODUCTION].num, 1);
    assert_int_equal(s.claims.v[CLAIM_AK_NOT_AFTER].num, SOFT_CA_NOON);
    good_azure();
    verify(0);
    expect_good("azure", 1); /* no CRL */
    good_situs();
    verify(2);
    expect_good("situs", 0);
    assert_true(span_equal(s.claims.v[CLAIM_FACILITY].bytes, SPAN_LIT("hall 4")));
    assert_true(span_equal(s.claims.v[CLAIM_MACHINE].bytes, SPAN_LIT("rack 7")));
    assert_int_equal(s.claims.v[CLAIM_MACHINE_PIID].bytes.n, 16);
    assert_int_equal(s.claims.v[CLAIM_ENROLLED_RESET_COUNT].num, 3);
    assert_int_equal(s.claims.v[CLAIM_ENROLLED_RESTART_COUNT].num, 2);
}

/* N58: the certificate of another key, or of no trusted issuer. */
static void ak_cert_vouches_for_this_key_only(void **state)
{
    (void)state;
    good_google();
    s.cert.key = NULL;
    verify(0);
    expect_bad(SITUS_MISMATCH, "public_key");
    good_google();
    s.cert.issuer = NULL;
    verify(0);
    expect_bad(SITUS_UNTRUSTED, "chain[0].issuer");
    good_google();
    s.trust.n = 0;
    verify(0);
    expect_bad(SITUS_UNTRUSTED, "chain[1].issuer");
    good_google();
    s.cert.bad_signature = true;
    verify(0);
    expect_bad(SITUS_BAD_SIGNATURE, "chain[0].signature");
    good_google();
    s.at = SOFT_CA_NOON + 1;
    verify(0);
    expect_bad(SITUS_EXPIRED, "chain[0].not_after");
    good_google();
    s.sent = (struct ak_cert){.crls = NULL};
    verify_as_sent();
    expect_bad(SITUS_MISSING, "certificate");
}

/* A key that is not read is no AK's, whoever certified it: Ed25519, P-521, RSA too short. */
static void ak_cert_never_takes_a_key_of_another_type(void **state)
{
    (void)state;
    struct soft_ak short_rsa, odd_rsa;
    soft_tpm_ak(&short_rsa, SOFT_RSA_SHORT, AK_V, span_of(NULL, 0));
    soft_tpm_ak(&odd_rsa, SOFT_RSA_E3, AK_V, span_of(NULL, 0));
    EVP_PKEY *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    EVP_PKEY *p521 = EVP_EC_gen("P-521");
    const struct {
        void *key;
        enum situs_code code;
        const char *field;
    } rows[] = {{ed25519, SITUS_UNSUPPORTED, "key.type"},
                {p521, SITUS_UNSUPPORTED, "key.type"},
                {odd_rsa.key, SITUS_NOT_ALLOWED, "key.exponent"},
                {short_rsa.key, SITUS_NOT_ALLOWED, "chain[0].key"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        i % 2 ? good_google() : good_situs();
        s.cert.key = rows[i].key;
        verify(2);
        expect_bad(rows[i].code, rows[i].field);
    }
    EVP_PKEY_free(ed25519);
    EVP_PKEY_free(p521);
}

/* An anchor speaks for its own provider, and only when it is pinned as a provider's. */
static void ak_cert_holds_anchors_to_their_profile(void **state)
{
    (void)state;
    static void (*const goods[])(void) = {good_google, good_azure, good_situs};
    static const enum ak_profile of[] = {AK_PROFILE_GOOGLE, AK_PROFILE_AZURE, AK_PROFILE_SITUS};
    for (size_t i = 0; i < 3; i++)
        for (enum ak_profile p = AK_PROFILE_NONE; p < AK_PROFILE_COUNT; p++) {
            goods[i]();
            s.anchor.profile = p;
            verify(2);
            if (p == of[i])
                expect_good(ak_profile_name(p), s.notes.n);
            else
                expect_bad(SITUS_UNTRUSTED, "chain[1].issuer");
        }
    good_google();
    s.anchor.uses = ANCHOR_TPM_MAKER | ANCHOR_TDX;
    verify(0);
    expect_bad(SITUS_UNTRUSTED, "chain[1].issuer");
    good_situs();
    s.anchor.name = "Google test root"; /* its name says nothing */
    s.allowed[0] = SPAN_LIT("Google test root=hall 4");
    verify(2);
    expect_good("situs", 0);
}

/* F8: a registrar speaks for its own halls, and a policy without pairs lets nobody speak. */
static void ak_cert_holds_a_registrar_to_its_halls(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Registrar=hall 5", "Registrar=hall 44", "Registrar=hall ",  "Other=hall 4",
        "Registra=hall 4",  "Registrar",         "Registrar=Hall 4", "hall 4=Registrar",
        "Registrar=rack 7", "Registrar=hall 4=", "=hall 4"};
    static const char *const instances[] = {"tpm.guest", "tpm.platform"};
    for (size_t i = 0; i < 2 * sizeof bad / sizeof *bad; i++) {
        good_situs();
        s.claims.instance = instances[i % 2];
        s.allowed[0] = span_text(bad[i / 2]);
        verify(2);
        expect_bad(SITUS_NOT_ALLOWED, "facility");
        s.allowed[1] = SPAN_LIT("Registrar=hall 4");
        s.policy.v[PARAM_AK_ALLOW].n = 2;
        verify(2);
        expect_good("situs", 0);
        s.policy.v[PARAM_AK_ALLOW] = (struct param_value){.given = false};
        verify(2);
        expect_bad(SITUS_NOT_ALLOWED, "facility");
    }
}

/* A pin is no certificate: who sends none is told so, and only where the anchor is a pin. */
static void ak_cert_asks_for_the_root_of_a_pin(void **state)
{
    (void)state;
    good_google();
    verify(0);
    s.anchor.der = span_of(NULL, 0);
    verify_as_sent();
    expect_bad(SITUS_UNTRUSTED, "chain[1].issuer");
    assert_non_null(strstr(s.findings.v[CHECK_AK_CERTIFICATE].why->hint, "fingerprints"));
    s.intermediates[1] = root.der;
    s.sent.n_intermediates = 2;
    verify_as_sent();
    expect_good("google", 1);
    good_google();
    s.cert.issuer = NULL; /* of nobody, under an anchor with its certificate */
    verify(0);
    assert_null(strstr(s.findings.v[CHECK_AK_CERTIFICATE].why->hint, "fingerprints"));
}

static void ak_cert_needs_the_policy_to_name_the_provider(void **state)
{
    (void)state;
    good_google();
    s.provider[0] = SPAN_LIT("azure");
    verify(0);
    expect_bad(SITUS_NOT_ALLOWED, "provider");
    good_google(); /* an extension given twice says nothing */
    s.cert.oid2 = AK_GOOGLE_OID;
    s.cert.value2 = s.cert.value;
    verify(0);
    expect_bad(SITUS_NOT_ALLOWED, "provider");
    good_google();
    s.cert.oid2 = AK_SITUS_OID;
    s.cert.value2 = s.cert.value;
    verify(0);
    expect_bad(SITUS_MALFORMED, "extensions");
    good_google();
    s.policy.v[PARAM_AK_PROVIDERS].n = 0;
    verify(0);
    expect_bad(SITUS_NOT_ALLOWED, "provider");
}

static void ak_cert_needs_the_right_usage(void **state)
{
    (void)state;
    good_google();
    s.cert.eku = "1.3.6.1.5.5.7.3.1";
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "extended_key_usage");
    good_google();
    s.cert.eku = NULL;
    verify(2);
    expect_good("google", 1);
    good_azure();
    s.cert.eku = EKU_EK;
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "extended_key_usage");
    good_situs();
    s.cert.eku = NULL;
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "extended_key_usage");
    good_google();
    s.cert.usage = "critical,keyEncipherment"; /* an EK's */
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "key_usage");
}

static void ak_cert_needs_crls_where_they_exist(void **state)
{
    (void)state;
    good_situs();
    verify(0);
    expect_bad(SITUS_MISSING, "chain[0].crl");
    good_situs();
    verify(1);
    expect_bad(SITUS_MISSING, "chain[1].crl");
    good_google();
    s.policy.v[PARAM_AK_CRL].flag = true;
    verify(0);
    expect_bad(SITUS_MISSING, "chain[0].crl");
    good_situs();
    s.cert.serial = 77;
    s.crls[0] = soft_ca_crl(&ca, NOW - 60, NOW + 60, 77);
    verify(2);
    expect_bad(SITUS_REVOKED, "chain[0].serial_number");
}

static void ak_cert_ends_where_it_ends(void **state)
{
    (void)state;
    static uint8_t padded[4096];
    good_azure();
    verify(0);
    memset(padded, 0, sizeof padded);
    memcpy(padded, s.cert.der.p, s.cert.der.n);
    s.sent.leaf = span_of(padded, s.cert.der.n + 9);
    verify_as_sent();
    expect_good("azure", 2);
    good_azure();
    verify(0);
    padded[s.cert.der.n + 8] = 1;
    memcpy(padded, s.cert.der.p, s.cert.der.n);
    s.sent.leaf = span_of(padded, s.cert.der.n + 9);
    verify_as_sent();
    expect_bad(SITUS_TRAILING, "certificate");
    good_google();
    verify(0);
    memset(padded, 0, sizeof padded);
    memcpy(padded, s.cert.der.p, s.cert.der.n);
    s.sent.leaf = span_of(padded, s.cert.der.n + 1);
    verify_as_sent();
    expect_bad(SITUS_TRAILING, "certificate");
}

/* N58: an instance of another project or zone, or one that is not in production. */
static void ak_cert_asks_the_policy_about_the_instance(void **state)
{
    (void)state;
    good_google();
    s.cert.value = gce(false, "us-central1-a");
    verify(0);
    expect_bad(SITUS_NOT_ALLOWED, "production");
    static const enum param lists[] = {PARAM_AK_PROJECTS, PARAM_AK_ZONES};
    static const char *const fields[] = {"project_id", "zone"};
    for (int i = 0; i < 2; i++) {
        good_google();
        s.listed[0] = SPAN_LIT("other");
        s.policy.v[lists[i]] = (struct param_value){.given = true, .words = s.listed, .n = 1};
        verify(0);
        expect_bad(SITUS_NOT_ALLOWED, fields[i]);
        s.listed[0] = i ? SPAN_LIT("us-central1-a") : SPAN_LIT("project");
        verify(0);
        expect_good("google", 1);
    }
    good_google();
    s.policy.v[PARAM_AK_PROJECTS] = (struct param_value){.given = false};
    verify(0);
    expect_bad(SITUS_NOT_ALLOWED, "project_id");
}

static void ak_cert_holds_the_registrar_to_its_word(void **state)
{
    (void)state;
    good_situs();
    s.cert.value = machine(0, ak_name(&s.ak), 16); /* a dTPM passed as vTPM */
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "class");
    good_situs();
    s.claims.instance = "tpm.platform"; /* a vTPM passed as dTPM: claimed as it stands, for */
    verify(2);                          /* ak.enrolled to judge */
    expect_good("situs", 0);
    assert_true(span_equal(s.claims.v[CLAIM_MACHINE_CLASS].bytes, SPAN_LIT("vtpm")));
    assert_true(span_equal(s.claims.v[CLAIM_ENROLLED_AK_NAME].bytes, ak_name(&s.ak)));
    good_situs();
    uint8_t other[34];
    memcpy(other, s.ak.name, sizeof other);
    other[33] ^= 1;
    s.cert.value = machine(1, SPAN_ARR(other), 16);
    verify(2);
    expect_bad(SITUS_MISMATCH, "ak_name");
    good_situs();
    s.ak.has_public = false; /* no Name to compare */
    verify(2);
    expect_bad(SITUS_MISMATCH, "ak_name");
    good_situs();
    s.cert.to = SOFT_CA_NOON + 12 * 3600 + 1;
    verify(2);
    expect_bad(SITUS_NOT_ALLOWED, "validity");
}

static void ak_cert_gives_no_authority_to_a_quote_that_fails(void **state)
{
    (void)state;
    static const enum check needed[] = {CHECK_TPM_SIGNATURE, CHECK_AK_ATTRIBUTES};
    struct x509_crls crls;
    for (int i = 0; i < 2; i++) {
        good_google();
        soft_ca_issue(&s.cert);
        s.sent = (struct ak_cert){s.cert.der, s.intermediates, 1, soft_ca_crls(&crls, s.crls, 2)};
        s.arena = arena_new(s.memory, sizeof s.memory);
        s.findings = (struct findings){.arena = &s.arena};
        finding_pass(&s.findings, needed[i]);
        const struct ak_cert_question q = {&s.sent, &s.ak, &s.trust, &s.policy, s.at, NULL};
        ak_cert_verify(&q, &s.arena, &s.claims, &s.notes, &s.findings);
        assert_int_equal(s.findings.v[CHECK_AK_CERTIFICATE].outcome, OUTCOME_PASS);
        assert_null(s.claims.authority);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ak_cert_accepts_each_profile),
        cmocka_unit_test(ak_cert_vouches_for_this_key_only),
        cmocka_unit_test(ak_cert_never_takes_a_key_of_another_type),
        cmocka_unit_test(ak_cert_holds_anchors_to_their_profile),
        cmocka_unit_test(ak_cert_holds_a_registrar_to_its_halls),
        cmocka_unit_test(ak_cert_asks_for_the_root_of_a_pin),
        cmocka_unit_test(ak_cert_needs_the_policy_to_name_the_provider),
        cmocka_unit_test(ak_cert_needs_the_right_usage),
        cmocka_unit_test(ak_cert_needs_crls_where_they_exist),
        cmocka_unit_test(ak_cert_ends_where_it_ends),
        cmocka_unit_test(ak_cert_asks_the_policy_about_the_instance),
        cmocka_unit_test(ak_cert_holds_the_registrar_to_its_word),
        cmocka_unit_test(ak_cert_gives_no_authority_to_a_quote_that_fails),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
