/*
 * A bundle that is made to be dear, measured against the honest one of the same machine: a CRL of
 * 145,000 entries by a CA that nobody knows, endorsements that their issuer published for other
 * platforms, revocation lists signed by a root of the sender's own. Nothing is known from before.
 */
#include "base/limits.h"
#include "bench.h"
#include "lab/attacks/lab_judge.h"
#include "lab/attacks/lab_words.h"
#include "lab/intel/lab_collateral.h"
#include "model/bundle.h"
#include "verifier.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define AT INT64_C(1790000000)
#define ENTRIES 145000
#define WORDS 7

static struct {
    struct lab_stage *stage;
    struct situs_item parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS], plain, hostile;
    struct situs_request request;
    struct situs_memory memory;
} h;

static const uint8_t nonce[32] = {1};

static struct span keep(unsigned char *der, int n)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, span_of(der, n > 0 ? (size_t)n : 0));
    OPENSSL_free(der);
    return lab_world_keep(h.stage->w, &b);
}

static void revoke(X509_CRL *crl, int serial, const ASN1_TIME *at)
{
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    ASN1_INTEGER_set(n, 0x10000000 + serial);
    X509_REVOKED_set_serialNumber(r, n);
    X509_REVOKED_set_revocationDate(r, (ASN1_TIME *)(uintptr_t)at);
    X509_CRL_add0_revoked(crl, r);
    ASN1_INTEGER_free(n);
}

/* strangers_crl is one of 3.3 MB. */
static struct span strangers_crl(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, AT - 3600), *to = ASN1_TIME_set(NULL, AT + LAB_DAY);
    unsigned char *der = NULL;
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"nobody", -1, -1,
                               0);
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, name);
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    for (int i = 0; i < ENTRIES; i++)
        revoke(crl, i, from);
    int n = X509_CRL_sign(crl, key, EVP_sha256()) > 0 ? i2d_X509_CRL(crl, &der) : 0;
    X509_CRL_free(crl);
    X509_NAME_free(name);
    EVP_PKEY_free(key);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return keep(der, n);
}

static bool add_words(struct bundle *b, struct situs_err *err)
{
    static char label[2][WORDS][24];
    struct window month = lab_words_days(h.stage, -10, 20), day = lab_words_days(h.stage, 0, 1);
    for (int i = 0; i < WORDS; i++) {
        const uint8_t id[16] = {(uint8_t)(i + 1)};
        snprintf(label[0][i], sizeof label[0][i], "poe.%d", i);
        snprintf(label[1][i], sizeof label[1][i], "revoked.%d", i);
        struct span poe = lab_words_poe(h.stage, &h.stage->owner, id, "Example Cloud, Inc.", month);
        struct span list =
            lab_words_revocations(h.stage, &h.stage->fraud, (uint64_t)i + 1, NULL, 0, day);
        if (!bundle_add(b, label[0][i], ITEM_POE, poe, err) ||
            !bundle_add(b, label[1][i], ITEM_REVOCATION, list, err))
            return false;
    }
    return true;
}

/* make_hostile adds all that to an honest bundle. */
static bool make_hostile(struct span honest)
{
    static struct bundle b;
    static _Alignas(16) uint8_t memory[1 << 20];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    uint8_t *room = malloc(LIMIT_BUNDLE); /* lives until the program ends */
    struct wr w = wr_new(room, room ? LIMIT_BUNDLE : 0);
    bool ok = bundle_read(&b, honest, &a, &err) &&
              bundle_add(&b, "crl.nobody", ITEM_CRL, strangers_crl(), &err) &&
              add_words(&b, &err) && bundle_write(&b, false, &w);
    h.hostile = item_of("bundle", wr_span(&w));
    return ok;
}

bool bench_hostile_setup(const char **reason)
{
    *reason = "the lab's machine or its bundles could not be made";
    if (h.stage)
        return h.memory.p != NULL;
    h.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(h.stage);
    struct lab_evidence e = lab_vm_attest(&h.stage->a, LAB_SITUS, nonce);
    struct span honest = lab_judge_bundle(j, &e);
    struct lab_collateral c = lab_collateral_honest(h.stage->w, &h.stage->cpu[0].platform, true);
    lab_collateral_parts(h.stage->w, &c, h.parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        h.items[i] = h.parts[i];
    h.plain = item_of("bundle", honest);
    h.request = (struct situs_request){.nonce = item_of("nonce", SPAN_ARR(nonce)),
                                       .channel = item_of("channel", e.peer),
                                       .at = AT};
    bool ok = make_hostile(honest) &&
              bench_load(&h.request, item_of("trust", lab_judge_trust(j)),
                         item_of("policy", lab_judge_policy(j, LAB_MANAGED)), h.items, LAB_PARTS);
    h.request.context = NULL;
    lab_judge_free(j);
    if (ok)
        h.memory = bench_memory();
    return h.memory.p != NULL;
}

static bool verify(struct situs_item evidence, size_t n)
{
    bool good = true;
    h.request.evidence = evidence;
    for (size_t i = 0; i < n && good; i++)
        good = situs_result_trusted(situs_verify(&h.request, h.memory));
    return good;
}

bool bench_plain_bundle(size_t n)
{
    return verify(h.plain, n);
}

bool bench_hostile_bundle(size_t n)
{
    return verify(h.hostile, n);
}

size_t bench_hostile_arena(void)
{
    return bench_used(&h.memory);
}
