/*
 * A TPM quote (TPM2_Quote) by an RSA-2048 key over 16 registers of one bank, from the bytes: public
 * area, attest and signature read, then the rows tpm.signature, tpm.pcrs and ak.attributes.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/wr.h"
#include "bench.h"
#include "crypto/tpm_policy.h"
#include "evidence/tpm_quote.h"

enum { PCRS = 16, MODULUS = 256 };
#define GOOGLE_AK 0x00050072 /* object attributes: model/ak_profiles.def */

static struct {
    uint8_t public[512], attest[256], signature[512], value[PCRS][32];
    struct span public_area;
    struct tpm_evidence evidence;
    struct registers registers;
    struct policy policy;
    struct span bank, provider;
    int64_t nums[PCRS];
    size_t most;
} tpm;

/* TPM 2.0 part 2, 12.2.4: TPMT_PUBLIC of an RSA key that signs by RSASSA with SHA-256. */
static bool put_public(EVP_PKEY *key)
{
    uint8_t modulus[MODULUS];
    BIGNUM *n = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
              BN_bn2binpad(n, modulus, MODULUS) == MODULUS;
    BN_free(n);
    struct wr w = wr_new(tpm.public, sizeof tpm.public);
    wr_u16be(&w, TPM_ALG_RSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u32be(&w, GOOGLE_AK);
    wr_u16be(&w, 0); /* authPolicy */
    wr_u16be(&w, TPM_ALG_NULL);
    wr_u16be(&w, TPM_ALG_RSASSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u16be(&w, 8 * MODULUS);
    wr_u32be(&w, 0); /* exponent 65537 */
    wr_u16be(&w, MODULUS);
    wr_bytes(&w, SPAN_ARR(modulus));
    tpm.public_area = wr_span(&w);
    return ok && wr_ok(&w);
}

/* Part 2, 10.12.12: TPMS_ATTEST of a quote. */
static bool put_attest(void)
{
    struct span values[PCRS];
    uint8_t composite[32], name[34] = {0, 0x0b}, qualified[2 + HASH_MAX_SIZE];
    struct bank *bank = &tpm.registers.bank[0];
    *bank = (struct bank){.hash = HASH_SHA256, .mask = (1u << PCRS) - 1};
    tpm.registers.n = 1;
    for (size_t i = 0; i < PCRS; i++) {
        memset(tpm.value[i], (int)i + 1, sizeof tpm.value[i]);
        values[i] = bank->value[i] = SPAN_ARR(tpm.value[i]);
    }
    struct wr w = wr_new(tpm.attest, sizeof tpm.attest);
    wr_u32be(&w, TPM_GENERATED);
    wr_u16be(&w, TPM_ST_ATTEST_QUOTE);
    bool ok = digest(HASH_SHA256, tpm.public_area, name + 2) &&
              tpm_policy_primary(SPAN_ARR(name), qualified) == sizeof name;
    wr_u16be(&w, sizeof name); /* qualifiedSigner */
    wr_bytes(&w, span_of(qualified, sizeof name));
    wr_u16be(&w, 32); /* extraData: a nonce */
    wr_bytes(&w, SPAN_ARR(tpm.value[1]));
    wr_u64be(&w, 1000); /* clockInfo */
    wr_u32be(&w, 1);
    wr_u32be(&w, 0);
    wr_u8(&w, 1);
    wr_u64be(&w, 0x20160511); /* firmwareVersion */
    wr_u32be(&w, 1);          /* one TPMS_PCR_SELECTION */
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u8(&w, TPM_SELECT_SIZE);
    wr_bytes(&w, SPAN_LIT("\xff\xff\0"));
    wr_u16be(&w, sizeof composite);
    ok = ok && digest_parts(HASH_SHA256, values, PCRS, composite);
    wr_bytes(&w, SPAN_ARR(composite));
    tpm.evidence.attest = wr_span(&w);
    return ok && wr_ok(&w);
}

/* Part 2, 11.3.4: TPMT_SIGNATURE. */
static bool put_signature(EVP_PKEY *key)
{
    uint8_t bytes[MODULUS];
    size_t n = sizeof bytes;
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    bool ok = sign && EVP_DigestSignInit(sign, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(sign, bytes, &n, tpm.evidence.attest.p, tpm.evidence.attest.n) == 1;
    EVP_MD_CTX_free(sign);
    struct wr w = wr_new(tpm.signature, sizeof tpm.signature);
    wr_u16be(&w, TPM_ALG_RSASSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u16be(&w, (uint16_t)n);
    wr_bytes(&w, span_of(bytes, n));
    tpm.evidence.signature = wr_span(&w);
    return ok && wr_ok(&w);
}

bool bench_tpm_setup(const char **reason)
{
    EVP_PKEY *key = EVP_RSA_gen(8 * MODULUS);
    bool ok = key && put_public(key) && put_attest() && put_signature(key);
    EVP_PKEY_free(key);
    *reason = "OpenSSL could not make the quote";
    for (int i = 0; i < PCRS; i++)
        tpm.nums[i] = i;
    tpm.bank = SPAN_LIT("sha256");
    tpm.provider = SPAN_LIT("google");
    struct param_value *v = tpm.policy.v;
    v[PARAM_TPM_PCRS_BANK] = (struct param_value){.given = true, .words = &tpm.bank, .n = 1};
    v[PARAM_AK_PROVIDERS] = (struct param_value){.given = true, .words = &tpm.provider, .n = 1};
    v[PARAM_TPM_PCRS_SET] = (struct param_value){.given = true, .nums = tpm.nums, .n = PCRS};
    tpm.evidence.registers = &tpm.registers;
    return ok;
}

static bool holds(const struct findings *f)
{
    return f->v[CHECK_TPM_SIGNATURE].outcome == OUTCOME_PASS &&
           f->v[CHECK_TPM_PCRS].outcome == OUTCOME_PASS &&
           f->v[CHECK_AK_ATTRIBUTES].outcome == OUTCOME_PASS;
}

bool bench_tpm_quote(size_t n)
{
    static uint8_t memory[4096];
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct findings f = {.arena = &a};
        struct tpm_quote quote;
        struct ak ak = {0};
        good = ak_read(&ak, tpm.public_area, &err) && tpm_quote_read(&quote, &tpm.evidence, &err);
        if (good)
            tpm_quote_verify(&quote, &ak, "tpm.guest", &tpm.policy, &f);
        good = good && holds(&f);
        ak_free(&ak);
        tpm.most = a.used > tpm.most ? a.used : tpm.most;
    }
    return good;
}

size_t bench_tpm_arena(void)
{
    return tpm.most;
}
