/* AK certificates: leaf, intermediate and CRL, each behind a 16-bit size, under the built-in pins.
 */
#include "base/rd.h"
#include "endorse/ak_cert/ak_cert.h"
#include "endorse/ak_cert/ak_extension.h"

static struct span chunk(struct rd *r)
{
    return rd_bytes(r, rd_u16be(r, "size"), "chunk");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct span providers[] = {{(const uint8_t *)"google", 6},
                                            {(const uint8_t *)"azure", 5},
                                            {(const uint8_t *)"situs", 5}};
    static const struct span allow[] = {{(const uint8_t *)"a=h", 3}};
    static uint8_t memory[65536];
    struct situs_err err = {0};
    struct arena arena = arena_new(memory, sizeof memory);
    struct findings findings = {.arena = &arena};
    struct claims claims = {.instance = "tpm.guest"};
    struct policy policy = {.require = PROOF_BOUND};
    struct ak_cert_notes notes;
    struct ak_extension_gce gce;
    struct ak_extension_situs situs;
    struct ak ak;
    policy.v[PARAM_AK_PROVIDERS] = (struct param_value){.words = providers, .n = 3};
    policy.v[PARAM_AK_ALLOW] = (struct param_value){.words = allow, .n = 1};

    struct rd r = rd_new(span_of(data, size), 0, "fuzz", &err);
    struct span leaf = chunk(&r), intermediate = chunk(&r), crl = chunk(&r);
    struct x509_crls crls = {.n = 0};
    if (crl.n)
        x509_crls_add(&crls, crl, false);
    if (rd_ok(&r) && ak_from_certificate(&ak, leaf, &err)) {
        struct ak_cert sent = {leaf, &intermediate, intermediate.n > 0, &crls};
        const struct ak_cert_question q = {&sent, &ak, trust_builtin(), &policy, 1750000000, NULL};
        ak_cert_verify(&q, &arena, &claims, &notes, &findings);
        ak_free(&ak);
    }
    err = (struct situs_err){0};
    ak_extension_read_gce(&gce, span_of(data, size), &err);
    err = (struct situs_err){0};
    ak_extension_read_situs(&situs, span_of(data, size), &err);
    return 0;
}
