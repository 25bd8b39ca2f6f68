/* AK certificates: TPMT_PUBLIC (or none), leaf, issuer and CRL, each behind a 16-bit size: under
 * the built-in pins, and under the issuer itself as an anchor. What is certified was signed by
 * it. */
#include <assert.h>

#include <openssl/x509.h>

#include "base/rd.h"
#include "endorse/ak_cert/ak_cert.h"
#include "endorse/ak_cert/ak_google.h"
#include "endorse/ak_cert/ak_situs.h"
#include "oracle.h"

const char *const oracles[] = {"certified by the issuer", NULL};

struct parts {
    struct span public, leaf, issuer, crl;
};

static struct span chunk(struct rd *r)
{
    return rd_bytes(r, rd_u16be(r, "size"), "chunk");
}

static X509 *parse(struct span der)
{
    const unsigned char *p = der.p;
    return d2i_X509(NULL, &p, (long)der.n);
}

/* By OpenSSL, and nothing of ours. */
static void check_signed(struct span leaf, struct span issuer)
{
    X509 *l = parse(leaf), *i = parse(issuer);
    assert(l && i && X509_verify(l, X509_get0_pubkey(i)) == 1);
    X509_free(l);
    X509_free(i);
    oracle_ran(0);
}

/* certified says that the AK has an authority, were its quote in order. */
static bool certified(const struct parts *p, const struct ak *ak, const struct trust *trust,
                      int64_t at)
{
    static const struct span providers[] = {{(const uint8_t *)"google", 6},
                                            {(const uint8_t *)"azure", 5},
                                            {(const uint8_t *)"situs", 5}};
    static const struct span allow[] = {{(const uint8_t *)"fuzz=lab-hall-1", 15}};
    static _Alignas(16) uint8_t memory[65536];
    struct arena arena = arena_new(memory, sizeof memory);
    struct findings findings = {.arena = &arena};
    struct claims claims = {.instance = "tpm.guest"};
    struct policy policy = {.require = PROOF_BOUND};
    struct ak_cert_notes notes;
    struct x509_crls crls = {.n = 0};
    struct ak_cert sent = {p->leaf, &p->issuer, p->issuer.n > 0, &crls};
    const struct ak_cert_question q = {&sent, ak, trust, &policy, at, NULL};
    policy.v[PARAM_AK_PROVIDERS] = (struct param_value){.words = providers, .n = 3};
    policy.v[PARAM_AK_ALLOW] = (struct param_value){.words = allow, .n = 1};
    if (p->crl.n)
        x509_crls_add(&crls, p->crl, false);
    finding_pass(&findings, CHECK_TPM_SIGNATURE);
    finding_pass(&findings, CHECK_AK_ATTRIBUTES);
    ak_cert_verify(&q, &arena, &claims, &notes, &findings);
    return claims.authority != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct ak_google gce;
    struct ak_situs situs;
    struct ak ak;
    struct rd r = rd_new(span_of(data, size), 0, "fuzz", &err);
    const struct parts p = {chunk(&r), chunk(&r), chunk(&r), chunk(&r)};
    if (rd_ok(&r) &&
        (p.public.n ? ak_read(&ak, p.public, &err) : ak_from_certificate(&ak, p.leaf, &err))) {
        struct anchor issuer = {
            .name = "fuzz", .uses = ANCHOR_PROVIDER, .profile = AK_PROFILE_SITUS, .der = p.issuer};
        const struct trust trust = {.anchors = &issuer, .n = 1};
        certified(&p, &ak, trust_builtin(), 1750000000);
        if (digest(HASH_SHA256, p.issuer, issuer.sha256) && certified(&p, &ak, &trust, 1800000000))
            check_signed(p.leaf, p.issuer);
        ak_free(&ak);
    }
    err = (struct situs_err){0};
    ak_google_read(&gce, span_of(data, size), &err);
    err = (struct situs_err){0};
    ak_situs_read(&situs, span_of(data, size), &err);
    return 0;
}
