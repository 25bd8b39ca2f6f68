/* A TPM in software; see lab_soft_tpm.h. Formulas are computed here anew, so that the lab and the
 * library cannot share a mistake. */
#include "lab/tpm/lab_soft_tpm.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rand.h>

#include "base/wr.h"
#include "lab/ca/lab_x509_make.h"

/* TPM_CC and TPM_RH (part 2, 6.5.2 and 7.4). */
#define CC_ACTIVATE_CREDENTIAL 0x147
#define CC_POLICY_COMMAND_CODE 0x16c
#define CC_POLICY_OR 0x171
#define CC_POLICY_PCR 0x17f
#define RH_ENDORSEMENT 0x4000000b

static struct lab_soft_tpm with_key(struct lab_world *w, uint32_t attributes, EVP_PKEY *ak)
{
    struct lab_soft_tpm t = {.w = w, .ak = ak, .attributes = attributes};
    if (!t.ak || RAND_bytes(t.ek_name, sizeof t.ek_name) != 1)
        lab_die("OpenSSL makes no key");
    t.ek_name[0] = 0; /* nameAlg SHA-256 */
    t.ek_name[1] = 0x0b;
    t.reset_count = 1;
    t.primary = !(attributes & TPMA_ADMIN_WITH_POLICY);
    for (size_t b = 0; b < LAB_TPM_BANKS; b++)
        memset(t.pcr[b][17], 0xff, 6 * HASH_MAX_SIZE); /* no launch yet */
    return t;
}

struct lab_soft_tpm lab_soft_new(struct lab_world *w, uint32_t attributes)
{
    return with_key(w, attributes, EVP_EC_gen("P-256"));
}

struct lab_soft_tpm lab_soft_new_rsa(struct lab_world *w, uint32_t attributes)
{
    return with_key(w, attributes, lab_x509_rsa());
}

void lab_soft_free(struct lab_soft_tpm *t)
{
    EVP_PKEY_free(t->ak);
    t->ak = NULL;
}

void lab_soft_extend(struct lab_soft_tpm *t, unsigned pcr, struct span measured)
{
    for (size_t b = 0; b < LAB_TPM_BANKS; b++) {
        enum hash h = lab_swtpm_banks[b];
        uint8_t value[HASH_MAX_SIZE];
        if (!digest(h, measured, value) || !digest2(h, span_of(t->pcr[b][pcr], hash_size(h)),
                                                    span_of(value, hash_size(h)), t->pcr[b][pcr]))
            lab_die("OpenSSL does not hash");
    }
}

void lab_soft_launch(struct lab_soft_tpm *t)
{
    for (size_t b = 0; b < LAB_TPM_BANKS; b++)
        memset(t->pcr[b][17], 0, 6 * HASH_MAX_SIZE);
    t->restart_count++;
}

static void put_u16(struct lab_buf *b, uint16_t v)
{
    lab_buf_u8(b, (uint8_t)(v >> 8));
    lab_buf_u8(b, (uint8_t)v);
}

static void put_number(struct lab_buf *b, EVP_PKEY *key, const char *name, int size)
{
    BIGNUM *v = NULL;
    uint8_t bytes[256];
    if (!EVP_PKEY_get_bn_param(key, name, &v) || BN_bn2binpad(v, bytes, size) != size)
        lab_die("OpenSSL gives no coordinate");
    BN_free(v);
    put_u16(b, (uint16_t)size);
    lab_buf_bytes(b, span_of(bytes, (size_t)size));
}

static void put_u32(struct lab_buf *b, uint32_t v)
{
    put_u16(b, (uint16_t)(v >> 16));
    put_u16(b, (uint16_t)v);
}

static bool is_rsa(const struct lab_soft_tpm *t)
{
    return EVP_PKEY_is_a(t->ak, "RSA");
}

static void put_rsa(struct lab_buf *b, EVP_PKEY *key)
{
    put_u16(b, TPM_ALG_RSASSA);
    put_u16(b, hash_tpm(HASH_SHA256));
    put_u16(b, 2048);
    put_u32(b, 0); /* the exponent is 65537 */
    put_number(b, key, OSSL_PKEY_PARAM_RSA_N, 256);
}

static void put_ecc(struct lab_buf *b, EVP_PKEY *key)
{
    put_u16(b, TPM_ALG_ECDSA);
    put_u16(b, hash_tpm(HASH_SHA256));
    put_u16(b, TPM_ECC_NIST_P256);
    put_u16(b, TPM_ALG_NULL); /* kdf */
    put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
    put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
}

/* TPMT_PUBLIC (part 2, 12.2.4). */
struct span lab_soft_public(const struct lab_soft_tpm *t)
{
    struct lab_buf b = {0};
    put_u16(&b, is_rsa(t) ? TPM_ALG_RSA : TPM_ALG_ECC);
    put_u16(&b, hash_tpm(HASH_SHA256));
    put_u32(&b, t->attributes);
    put_u16(&b, (uint16_t)t->auth_policy_size);
    lab_buf_bytes(&b, span_of(t->auth_policy, t->auth_policy_size));
    put_u16(&b, TPM_ALG_NULL); /* symmetric */
    (is_rsa(t) ? put_rsa : put_ecc)(&b, t->ak);
    return lab_world_keep(t->w, &b);
}

void lab_soft_ak_name(const struct lab_soft_tpm *t, uint8_t name[34])
{
    name[0] = 0;
    name[1] = 0x0b;
    lab_hash256(name + 2, lab_soft_public(t));
}

static void put_selection(struct lab_buf *b, uint32_t banks, uint32_t mask)
{
    put_u32(b, (uint32_t)__builtin_popcount(banks));
    for (size_t k = 0; k < LAB_TPM_BANKS; k++) {
        if (!(banks >> lab_swtpm_banks[k] & 1))
            continue;
        put_u16(b, hash_tpm(lab_swtpm_banks[k]));
        lab_buf_u8(b, 3);
        for (unsigned i = 0; i < 3; i++)
            lab_buf_u8(b, (uint8_t)(mask >> 8 * i));
    }
}

/* The hash (SHA-256) over the values of the selection, in order. */
static void pcr_digest(const struct lab_soft_tpm *t, uint32_t banks, uint32_t mask, uint8_t out[32])
{
    struct lab_buf b = {0};
    for (size_t i = 0; i < LAB_TPM_BANKS; i++)
        for (unsigned pcr = 0; pcr < 24; pcr++)
            if (banks >> lab_swtpm_banks[i] & 1 && mask >> pcr & 1)
                lab_buf_bytes(&b, span_of(t->pcr[i][pcr], hash_size(lab_swtpm_banks[i])));
    lab_hash256(out, lab_buf_span(&b));
    lab_buf_free(&b);
}

/* What a policy command does to the session's digest: H(before || command || arguments). */
static void policy_step(uint8_t policy[32], uint32_t command, struct lab_buf *arguments)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, span_of(policy, 32));
    put_u32(&b, command);
    lab_buf_bytes(&b, lab_buf_span(arguments));
    lab_hash256(policy, lab_buf_span(&b));
    lab_buf_free(&b);
    lab_buf_free(arguments);
}

void lab_soft_policy(struct lab_soft_tpm *t, uint32_t banks, uint32_t mask)
{
    uint8_t quote[32] = {0}, activate[32], values[32], both[32] = {0};
    struct lab_buf a = {0};
    pcr_digest(t, banks, mask, values);
    put_selection(&a, banks, mask);
    lab_buf_bytes(&a, SPAN_ARR(values));
    policy_step(quote, CC_POLICY_PCR, &a);
    memcpy(activate, quote, 32);
    put_u32(&a, CC_ACTIVATE_CREDENTIAL);
    policy_step(activate, CC_POLICY_COMMAND_CODE, &a);
    lab_buf_bytes(&a, SPAN_ARR(quote));
    lab_buf_bytes(&a, SPAN_ARR(activate));
    policy_step(both, CC_POLICY_OR, &a); /* it starts from zeros (part 3, 23.6) */
    memcpy(t->auth_policy, both, 32);
    t->auth_policy_size = 32;
}

/* Qualified names: nameAlg || H(QN(parent) || Name), the hierarchy's being its handle (part 1,
 * 16). */
static void qualified_signer(const struct lab_soft_tpm *t, uint8_t out[34])
{
    const uint8_t root[4] = {RH_ENDORSEMENT >> 24, 0, 0, RH_ENDORSEMENT & 0xff};
    uint8_t name[34], parent[34] = {0, 0x0b};
    struct lab_buf b = {0};
    lab_buf_bytes(&b, SPAN_ARR(root));
    lab_buf_bytes(&b, SPAN_ARR(t->ek_name));
    lab_hash256(parent + 2, lab_buf_span(&b));
    lab_buf_free(&b);
    lab_soft_ak_name(t, name);
    lab_buf_bytes(&b, t->primary ? SPAN_ARR(root) : SPAN_ARR(parent));
    lab_buf_bytes(&b, SPAN_ARR(name));
    out[0] = 0;
    out[1] = 0x0b;
    lab_hash256(out + 2, lab_buf_span(&b));
    lab_buf_free(&b);
}

static void put_ecdsa(struct lab_buf *out, struct span der)
{
    const uint8_t *p = der.p;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
    const BIGNUM *rs[2] = {sig ? ECDSA_SIG_get0_r(sig) : NULL, sig ? ECDSA_SIG_get0_s(sig) : NULL};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[32];
        if (!rs[i] || BN_bn2binpad(rs[i], bytes, 32) != 32)
            lab_die("OpenSSL gives no signature");
        put_u16(out, 32);
        lab_buf_bytes(out, SPAN_ARR(bytes));
    }
    ECDSA_SIG_free(sig);
}

void lab_soft_sign(const struct lab_soft_tpm *t, struct span attest, struct lab_buf *out)
{
    uint8_t sig[256];
    size_t n = sizeof sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, t->ak) <= 0 ||
        EVP_DigestSign(ctx, sig, &n, attest.p, attest.n) <= 0)
        lab_die("OpenSSL does not sign");
    EVP_MD_CTX_free(ctx);
    put_u16(out, is_rsa(t) ? TPM_ALG_RSASSA : TPM_ALG_ECDSA);
    put_u16(out, hash_tpm(HASH_SHA256));
    if (is_rsa(t)) {
        put_u16(out, (uint16_t)n);
        lab_buf_bytes(out, span_of(sig, n));
    } else {
        put_ecdsa(out, span_of(sig, n));
    }
}

/* TPMS_ATTEST of a quote (part 2, 10.12.8). */
struct lab_soft_quote lab_soft_quote(const struct lab_soft_tpm *t, uint32_t banks, uint32_t mask,
                                     const uint8_t extra[32])
{
    struct lab_buf b = {0};
    uint8_t signer[34], values[32];
    uint64_t clock = t->clock ? t->clock : 60000;
    qualified_signer(t, signer);
    pcr_digest(t, banks, mask, values);
    put_u32(&b, TPM_GENERATED);
    put_u16(&b, TPM_ST_ATTEST_QUOTE);
    put_u16(&b, sizeof signer);
    lab_buf_bytes(&b, SPAN_ARR(signer));
    put_u16(&b, 32);
    lab_buf_bytes(&b, span_of(extra, 32));
    put_u32(&b, (uint32_t)(clock >> 32));
    put_u32(&b, (uint32_t)clock);
    put_u32(&b, t->reset_count);
    put_u32(&b, t->restart_count);
    lab_buf_u8(&b, 1);    /* the clock is safe */
    lab_buf_zeros(&b, 8); /* firmware version */
    put_selection(&b, banks, mask);
    put_u16(&b, sizeof values);
    lab_buf_bytes(&b, SPAN_ARR(values));
    struct span attest = lab_world_keep(t->w, &b);
    lab_soft_sign(t, attest, &b);
    return (struct lab_soft_quote){attest, lab_world_keep(t->w, &b)};
}
