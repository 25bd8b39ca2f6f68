/* Tokens for tests; see soft_jws.h. */
#include "support/soft_jws.h"

#include "base/wr.h"
#include "codec/json_out.h"

#include <assert.h>
#include <openssl/evp.h>

static EVP_PKEY *private_key(uint8_t seed)
{
    uint8_t bytes[32];
    memset(bytes, seed, sizeof bytes);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof bytes);
}

void soft_jws_key(uint8_t out[32], uint8_t seed)
{
    size_t n = 32;
    EVP_PKEY *key = private_key(seed);
    assert(EVP_PKEY_get_raw_public_key(key, out, &n) == 1);
    EVP_PKEY_free(key);
}

/* Base64url by way of the JSON writer, without the quotation marks. */
static void put(struct wr *w, struct span s)
{
    static uint8_t text[32768];
    struct wr inner = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&inner, false);
    json_out_base64url(&o, s);
    assert(json_out_end(&o));
    wr_bytes(w, span_of(text + 1, inner.n - 2));
}

struct span soft_jws(const char *header, const char *payload, uint8_t seed)
{
    static uint8_t token[65536];
    uint8_t signature[64];
    size_t n = sizeof signature;
    struct wr w = wr_new(token, sizeof token);
    put(&w, span_text(header));
    wr_text(&w, ".");
    put(&w, span_text(payload));
    EVP_PKEY *key = private_key(seed);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1);
    assert(EVP_DigestSign(ctx, signature, &n, token, w.n) == 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    wr_text(&w, ".");
    put(&w, SPAN_ARR(signature));
    assert(wr_ok(&w));
    return wr_span(&w);
}
