/* One AK and its certificate, verified alone; good as made by good_*(): a test breaks one thing. */
#ifndef SITUS_TESTS_AK_CERT_SCENE_H
#define SITUS_TESTS_AK_CERT_SCENE_H

#include "support/make_ak_extension.h"
#include "support/soft_ca.h"
#include "support/soft_tpm.h"
#include "support/test.h"

#include "endorse/ak_cert/ak_cert.h"
#include "endorse/ak_cert/ak_google.h"
#include "endorse/ak_cert/ak_situs.h"

#define AK_V 0x00050072
#define NOW (SOFT_CA_NOON - 3600)
#define YEAR (365 * 86400)
#define EKU_AK "2.23.133.8.3"
#define EKU_EK "2.23.133.8.1"

static struct soft_cert root, ca;

/* make and clean are of the group. */
static inline int make(void **state)
{
    (void)state;
    root = (struct soft_cert){.name = "root", .ca = true, .from = NOW - YEAR, .to = NOW + YEAR};
    soft_ca_issue(&root);
    ca = (struct soft_cert){
        .name = "ca", .issuer = &root, .ca = true, .from = NOW - YEAR, .to = NOW + YEAR};
    soft_ca_issue(&ca);
    return 0;
}

struct scene {
    struct soft_ak soft;
    struct ak ak;
    struct soft_cert cert;
    uint8_t extension[512];
    struct span intermediates[2], crls[2];
    struct ak_cert sent;
    struct anchor anchor;
    struct trust trust;
    struct policy policy;
    struct span provider[1], listed[1], allowed[2], projects[1];
    int64_t at;
    uint8_t memory[65536];
    struct arena arena;
    struct findings findings;
    struct claims claims;
    struct ak_cert_notes notes;
};
static struct scene s;

static inline void good(const char *provider, const char *anchor_name)
{
    ak_free(&s.ak);
    memset(&s, 0, sizeof s);
    struct situs_err err = {0};
    soft_tpm_ak(&s.soft, SOFT_P256, AK_V, span_of(NULL, 0));
    assert_true(ak_read(&s.ak, s.soft.public, &err));
    s.cert = (struct soft_cert){.name = "ak", .issuer = &ca, .key = s.soft.key};
    s.intermediates[0] = ca.der;
    s.crls[0] = soft_ca_crl(&ca, NOW - 60, NOW + 60, 0);
    s.crls[1] = soft_ca_crl(&root, NOW - 60, NOW + 60, 0);
    s.anchor = (struct anchor){.name = anchor_name,
                               .uses = ANCHOR_PROVIDER,
                               .profile = ak_profile_find(span_text(provider)),
                               .der = root.der};
    assert_true(digest(HASH_SHA256, root.der, s.anchor.sha256));
    s.trust = (struct trust){.anchors = &s.anchor, .n = 1};
    s.provider[0] = span_text(provider);
    s.policy.v[PARAM_AK_PROVIDERS] =
        (struct param_value){.given = true, .words = s.provider, .n = 1};
    s.allowed[0] = SPAN_LIT("Registrar=hall 4");
    s.policy.v[PARAM_AK_ALLOW] = (struct param_value){.given = true, .words = s.allowed, .n = 1};
    s.projects[0] = SPAN_LIT("project");
    s.policy.v[PARAM_AK_PROJECTS] =
        (struct param_value){.given = true, .words = s.projects, .n = 1};
    s.policy.v[PARAM_AK_PRODUCTION] = (struct param_value){.given = true, .flag = true};
    s.at = NOW;
    s.claims.instance = "tpm.guest";
}

static inline struct span gce(bool production, const char *zone)
{
    return make_gce_extension(s.extension, sizeof s.extension, production, zone, span_of(NULL, 0));
}

static inline struct span machine(uint8_t class, struct span ak_name_, size_t piid_size)
{
    return make_situs_extension(s.extension, sizeof s.extension, class, ak_name_, piid_size,
                                span_of(NULL, 0));
}

static inline void good_google(void)
{
    good("google", "Google test root");
    s.cert.eku = EKU_EK;
    s.cert.oid = AK_GOOGLE_OID;
    s.cert.value = gce(true, "us-central1-a");
}

static inline void good_situs(void)
{
    good("situs", "Registrar");
    s.cert.eku = EKU_AK;
    s.cert.oid = AK_SITUS_OID;
    s.cert.value = machine(1, ak_name(&s.ak), 16);
}

static inline void good_azure(void)
{
    good("azure", "Microsoft Azure test root");
    s.cert.name = "ak.ConfidentialVM.Azure.windows.net";
    make_azure_policy(&s.policy, "ca", "2020-01-01T00:00:00Z");
    s.cert.eku = "1.3.6.1.4.1.311.10.3.12," EKU_AK;
}

static inline void verify_as_sent(void)
{
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.findings = (struct findings){.arena = &s.arena};
    finding_pass(&s.findings, CHECK_TPM_SIGNATURE);
    finding_pass(&s.findings, CHECK_AK_ATTRIBUTES);
    const struct ak_cert_question q = {&s.sent, &s.ak, &s.trust, &s.policy, s.at, NULL};
    ak_cert_verify(&q, &s.arena, &s.claims, &s.notes, &s.findings);
}

/* crls: how many of the two to send. */
static inline void verify(size_t crls)
{
    static struct x509_crls given; /* what was sent is asked about again */
    soft_ca_issue(&s.cert);
    s.sent = (struct ak_cert){s.cert.der, s.intermediates, 1, soft_ca_crls(&given, s.crls, crls)};
    verify_as_sent();
}

static inline void expect_good(const char *provider, size_t notes)
{
    const struct finding *f = &s.findings.v[CHECK_AK_CERTIFICATE];
    if (f->outcome != OUTCOME_PASS)
        fail_msg("%s: %s %s", f->why->field, f->why->expected, f->why->got);
    assert_ptr_equal(s.claims.authority, &s.anchor);
    assert_true(span_equal(s.claims.v[CLAIM_AK_PROVIDER].bytes, span_text(provider)));
    assert_int_equal(s.notes.n, notes);
}

static inline void expect_bad(enum situs_code code, const char *field)
{
    expect_fail(s.findings, CHECK_AK_CERTIFICATE, code, field);
    assert_null(s.claims.authority);
}

static inline int clean(void **state)
{
    (void)state;
    ak_free(&s.ak);
    return 0;
}

#endif
