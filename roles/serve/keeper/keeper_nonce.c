/* N and sessions; see keeper_nonce.h. */
#include "serve/keeper/keeper_nonce.h"

#include "appraise/bind.h"
#include "base/text.h"
#include "base/wr.h"
#include "codec/base64url.h"
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#define MAC 16
#define BODY (1 + 16 + 4 + 32 + 32)           /* size, id, t, policy, party */
#define TAKEN (BODY - 32 + KEEPER_NONCE_MOST) /* N, behind it zeros, in the place of party */
#define TRIES 1000 /* a text of 44 letters has neither "-" nor "_" once in 4, one of 64 once in 8 */

/* Strings in formulas are ASCII with their zero byte. */
#define TAG(s) span_of((s), sizeof(s))

bool keeper_nonce_new(struct keeper_nonce *k)
{
    return getrandom(k->key, sizeof k->key, 0) == (ssize_t)sizeof k->key;
}

bool keeper_nonce_policy(const char *name, const uint8_t sha256[32], uint8_t out[32])
{
    return digest2(HASH_SHA256, span_of(name, strlen(name) + 1), span_of(sha256, 32), out);
}

bool keeper_nonce_party(struct span nonce, uint8_t out[32])
{
    return digest(HASH_SHA256, nonce, out);
}

static bool mac(const struct keeper_nonce *k, const EVP_MD *md, struct span text, uint8_t *out)
{
    return HMAC(md, k->key, sizeof k->key, text.p, text.n, out, NULL) != NULL;
}

/* C = SHA-256(session id || SHA-256(policy) || SHA-256(relying party's nonce)) */
static bool context(const struct keeper_session *s, const uint8_t sha256[32], uint8_t c[32])
{
    const struct span parts[] = {SPAN_ARR(s->id), span_of(sha256, 32), SPAN_ARR(s->party)};
    return digest_parts(HASH_SHA256, parts, 3, c);
}

bool keeper_nonce_take(struct keeper_session *s, struct span n)
{
    s->taken = true;
    s->size = (uint8_t)n.n;
    memcpy(s->n, n.p, n.n);
    return keeper_nonce_party((struct span){0}, s->party) &&
           getrandom(s->id, sizeof s->id, 0) == (ssize_t)sizeof s->id;
}

bool keeper_nonce_of(const struct keeper_nonce *k, const struct keeper_session *s,
                     const uint8_t sha256[32], uint8_t n[KEEPER_NONCE_MOST])
{
    uint8_t r[64], m[32], c[32], buffer[160];
    size_t n_r = s->size - 4U - MAC;
    struct wr w = wr_new(buffer, sizeof buffer), out = wr_new(n, KEEPER_NONCE_MOST);
    if (s->taken) {
        memcpy(n, s->n, sizeof s->n);
        return true;
    }
    wr_bytes(&w, TAG("situs/r/1"));
    wr_bytes(&w, SPAN_ARR(s->id));
    if (!mac(k, EVP_sha512(), wr_span(&w), r) || !context(s, sha256, c))
        return false;
    w = wr_new(buffer, sizeof buffer);
    wr_bytes(&w, TAG("situs/n/1"));
    wr_u32be(&w, s->t);
    wr_bytes(&w, span_of(r, n_r));
    wr_bytes(&w, SPAN_ARR(c));
    if (!mac(k, EVP_sha256(), wr_span(&w), m))
        return false;
    for (size_t i = 0; i < 4;
         i++) /* t stands masked: at some seconds its own letters have "-" or "_" */
        wr_u8(&out, (uint8_t)(s->t >> (24 - 8 * i)) ^ r[60 + i]);
    wr_bytes(&out, span_of(r, n_r));
    wr_bytes(&out, span_of(m, MAC));
    return wr_ok(&out);
}

bool keeper_nonce_enter(struct span n, uint8_t out[32])
{
    return bind_enter(n, out);
}

bool keeper_nonce_mint(const struct keeper_nonce *k, struct keeper_session *s,
                       const uint8_t sha256[32])
{
    uint8_t n[KEEPER_NONCE_MOST];
    char text[TALK_SESSION];
    for (int i = 0; i < TRIES; i++) {
        if (getrandom(s->id, sizeof s->id, 0) != (ssize_t)sizeof s->id ||
            !keeper_nonce_of(k, s, sha256, n))
            return false;
        text_base64(text, span_of(n, s->size));
        if (s->size % 3 != 0 || !strpbrk(text, "+/"))
            return true;
    }
    return false;
}

static bool seal(const struct keeper_nonce *k, struct span body, uint8_t out[32])
{
    uint8_t buffer[16 + TAKEN];
    struct wr w = wr_new(buffer, sizeof buffer);
    wr_bytes(&w, body.n == TAKEN ? TAG("situs/s/2") : TAG("situs/s/1"));
    wr_bytes(&w, body);
    return wr_ok(&w) && mac(k, EVP_sha256(), wr_span(&w), out);
}

bool keeper_nonce_write(const struct keeper_nonce *k, const struct keeper_session *s,
                        char text[TALK_SESSION])
{
    uint8_t bytes[TAKEN + 32];
    struct wr w = wr_new(bytes, TAKEN);
    wr_u8(&w, s->size);
    wr_bytes(&w, SPAN_ARR(s->id));
    wr_u32be(&w, s->t);
    wr_bytes(&w, SPAN_ARR(s->policy));
    wr_bytes(&w, s->taken ? SPAN_ARR(s->n) : SPAN_ARR(s->party));
    if (!wr_ok(&w) || !seal(k, wr_span(&w), bytes + w.n))
        return false;
    text_base64(text, span_of(bytes, w.n + MAC));
    for (char *p = text; *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? 0 : *p;
    return true;
}

bool keeper_nonce_read(const struct keeper_nonce *k, const char *text, struct keeper_session *s)
{
    uint8_t bytes[TAKEN + MAC], m[32];
    size_t n;
    *s = (struct keeper_session){.size = 0};
    if (!base64url_read(bytes, sizeof bytes, &n, span_text(text)) ||
        (n != BODY + MAC && n != TAKEN + MAC) || !seal(k, span_of(bytes, n - MAC), m) ||
        CRYPTO_memcmp(m, bytes + n - MAC, MAC) != 0)
        return false;
    s->taken = n == TAKEN + MAC;
    s->size = bytes[0];
    memcpy(s->id, bytes + 1, sizeof s->id);
    s->t = (uint32_t)bytes[17] << 24 | (uint32_t)bytes[18] << 16 | (uint32_t)bytes[19] << 8 |
           bytes[20];
    memcpy(s->policy, bytes + 21, sizeof s->policy);
    if (!s->taken)
        memcpy(s->party, bytes + 53, sizeof s->party);
    else
        memcpy(s->n, bytes + 53, sizeof s->n);
    return !s->taken || keeper_nonce_party((struct span){0}, s->party);
}
