/* Tokens as compact JWS (RFC 7515 3.1) with RSA; see lab_maa.h. */
#include "lab/attacks/lab_maa.h"

#include "codec/base64url.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>

#define ROOM 8192
#define KID "lab-verifier-1"

/* Where a quote of version 4 has what a token names (Intel TDX DCAP Quoting Library API, A.3.2). */
#define BODY 48
static const struct {
    const char *name;
    size_t at, size;
} registers[] = {
    {"tdx_tee_tcb_svn", 0, 16},    {"tdx_mrseam", 16, 48},      {"tdx_mrsignerseam", 64, 48},
    {"tdx_td_attributes", 120, 8}, {"tdx_xfam", 128, 8},        {"tdx_mrtd", 136, 48},
    {"tdx_mrconfigid", 184, 48},   {"tdx_mrowner", 232, 48},    {"tdx_mrownerconfig", 280, 48},
    {"tdx_rtmr0", 328, 48},        {"tdx_rtmr1", 376, 48},      {"tdx_rtmr2", 424, 48},
    {"tdx_rtmr3", 472, 48},        {"tdx_report_data", 520, 64}};

static void put(struct lab_buf *b, struct span s)
{
    uint8_t text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    base64url_write(&w, s);
    if (!wr_ok(&w))
        lab_die("a token that is too large");
    lab_buf_bytes(b, wr_span(&w));
}

static struct span modulus(const EVP_PKEY *key, uint8_t bytes[256])
{
    BIGNUM *n = NULL;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        BN_bn2binpad(n, bytes, 256) != 256)
        lab_die("OpenSSL gives no modulus");
    BN_free(n);
    return span_of(bytes, 256);
}

struct span lab_maa_trust(struct lab_stage *s)
{
    uint8_t bytes[256];
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"name\": \"lab verifier\", \"issuer\": \"" LAB_MAA_ISSUER
                     "\", \"simulated\": true, \"jwks\": {\"keys\": [{\"kty\": \"RSA\", "
                     "\"kid\": \"" KID "\", \"e\": \"AQAB\", \"n\": \"");
    put(&b, modulus(s->verifier, bytes));
    lab_buf_text(&b, "\"}]}}");
    return lab_world_keep(s->w, &b);
}

static void put_payload(struct lab_stage *s, struct span quote, const struct lab_maa *how,
                        struct lab_buf *b)
{
    int64_t at = lab_world_at(s->w);
    lab_buf_format(
        b, "{\"iss\":\"%s\",\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-policy-hash\":\"%s\"",
        how->issuer ? how->issuer : LAB_MAA_ISSUER, how->policy ? how->policy : LAB_MAA_POLICY);
    lab_buf_format(b, ",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld", (long long)at - 900,
                   (long long)at - 900, (long long)(at + (how->until ? how->until : 28800)));
    lab_buf_format(b, ",\"x-ms-compliance-status\":\"%s\"",
                   how->compliance ? how->compliance : "azure-compliant-cvm");
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        lab_buf_format(b, ",\"%s\":\"", registers[i].name);
        lab_buf_hex_lower(b, span_cut(quote, BODY + registers[i].at, registers[i].size));
        lab_buf_text(b, "\"");
    }
    lab_buf_text(b, "}");
}

static size_t sign(EVP_PKEY *key, struct span text, uint8_t signature[256])
{
    size_t n = 256;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature, &n, text.p, text.n) != 1)
        lab_die("OpenSSL signs no token");
    EVP_MD_CTX_free(ctx);
    return n;
}

/* Whoever takes the algorithm from the header takes the public key for a shared secret. */
static size_t sign_hmac(EVP_PKEY *key, struct span text, uint8_t signature[256])
{
    uint8_t secret[256];
    unsigned n = 0;
    struct span public = modulus(key, secret);
    if (!HMAC(EVP_sha256(), public.p, (int)public.n, text.p, text.n, signature, &n))
        lab_die("OpenSSL makes no HMAC");
    return n;
}

struct span lab_maa_token(struct lab_stage *s, struct span quote, const struct lab_maa *how)
{
    const char *alg = how->alg ? how->alg : "RS256";
    EVP_PKEY *key = how->key ? how->key : s->verifier;
    uint8_t signature[256] = {0};
    struct lab_buf b = {0}, header = {0}, payload = {0};
    lab_buf_format(&header,
                   "{\"alg\":\"%s\",\"jku\":\"%s/certs\",\"kid\":\"" KID "\",\"typ\":\"JWT\"}", alg,
                   how->issuer ? how->issuer : LAB_MAA_ISSUER);
    put_payload(s, quote, how, &payload);
    put(&b, lab_buf_span(&header));
    lab_buf_text(&b, ".");
    put(&b, lab_buf_span(&payload));
    lab_buf_free(&header);
    lab_buf_free(&payload);
    size_t n = strcmp(alg, "RS256") == 0   ? sign(key, lab_buf_span(&b), signature)
               : strcmp(alg, "HS256") == 0 ? sign_hmac(key, lab_buf_span(&b), signature)
                                           : 1;
    lab_buf_text(&b, ".");
    put(&b, span_of(signature, n));
    return lab_world_keep(s->w, &b);
}
