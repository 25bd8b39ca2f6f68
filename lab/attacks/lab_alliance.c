/* Tokens as compact JWS (RFC 7515 3.1) with Ed25519; see lab_alliance.h. */
#include "lab/attacks/lab_alliance.h"

#include "codec/json_out.h"

#define PART_ROOM 1024

void lab_alliance_public(const struct lab_stage *s, uint8_t key[32])
{
    size_t n = 32;
    if (EVP_PKEY_get_raw_public_key(s->alliance, key, &n) != 1 || n != 32)
        lab_die("OpenSSL gives no Ed25519 key");
}

/* Base64url, which the JSON writer has, without its quotation marks. */
static void put(struct lab_buf *b, struct span s)
{
    uint8_t text[PART_ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    json_out_base64url(&o, s);
    if (!json_out_end(&o))
        lab_die("a token that is too large");
    lab_buf_bytes(b, span_of(text + 1, w.n - 2));
}

static void sign(struct lab_buf *b, EVP_PKEY *key)
{
    uint8_t signature[64];
    size_t n = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature, &n, b->p, b->n) != 1)
        lab_die("OpenSSL signs no token");
    EVP_MD_CTX_free(ctx);
    lab_buf_text(b, ".");
    put(b, SPAN_ARR(signature));
}

struct span lab_alliance_token(struct lab_stage *s, EVP_PKEY *key, struct span quote,
                               const uint8_t ppid[16], int64_t at)
{
    struct lab_buf b = {0}, payload = {0};
    uint8_t hash[32];
    lab_hash256(hash, quote);
    lab_buf_text(&payload, "{\"quote_hash\":\"");
    lab_buf_hex_lower(&payload, SPAN_ARR(hash));
    lab_buf_text(&payload, "\",\"machine_id\":\"");
    lab_buf_hex_lower(&payload, span_of(ppid, 16));
    lab_buf_format(&payload, "\",\"label\":\"lab hall 1\",\"timestamp\":%lld}", (long long)at);
    put(&b, SPAN_LIT("{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}"));
    lab_buf_text(&b, ".");
    put(&b, lab_buf_span(&payload));
    lab_buf_free(&payload);
    sign(&b, key);
    return lab_world_keep(s->w, &b);
}
