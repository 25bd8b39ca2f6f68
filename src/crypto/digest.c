/*
 * Hashes; see digest.h. The SHA family goes through OpenSSL's low-level calls: an extend hashes
 * less than 100 bytes, where the algorithm fetch of EVP_Digest and SHA256() costs three times the
 * hash itself (0.43 us against 0.10 us). SM3 has no low-level form and goes through EVP.
 */
#include "crypto/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

static const struct {
    const char *name, *evp;
    uint16_t tpm_alg, size;
} hashes[HASH_COUNT] = {
    [HASH_NONE] = {"none", NULL, 0x0010, 0}, /* TPM_ALG_NULL, TPM 2.0 part 2, 6.3 */
#define HASH(id, text, tpm_alg, size, evp) [HASH_##id] = {text, evp, tpm_alg, size},
#include "crypto/algs.def"
#undef HASH
};

static bool known(enum hash h)
{
    return (unsigned)h < HASH_COUNT && h != HASH_NONE;
}

size_t hash_size(enum hash h)
{
    return known(h) ? hashes[h].size : 0;
}

const char *hash_name(enum hash h)
{
    return hashes[known(h) ? h : HASH_NONE].name;
}

enum hash hash_by_name(struct span name)
{
    for (unsigned h = HASH_NONE + 1; h < HASH_COUNT; h++)
        if (span_equal(name, span_text(hashes[h].name)))
            return (enum hash)h;
    return HASH_NONE;
}

enum hash hash_by_tpm(uint16_t alg)
{
    for (unsigned h = HASH_NONE + 1; h < HASH_COUNT; h++)
        if (hashes[h].tpm_alg == alg)
            return (enum hash)h;
    return HASH_NONE;
}

uint16_t hash_tpm(enum hash h)
{
    return hashes[known(h) ? h : HASH_NONE].tpm_alg;
}

/* One function a SHA variant: all parts into a context of its own type. The digest is written last,
 * so out may be part of the input. */
#define SHA_PARTS(name, type, prefix)                                             \
    static bool name(const struct span *parts, size_t n, uint8_t *out)            \
    {                                                                             \
        type context;                                                             \
        if (!prefix##_Init(&context))                                             \
            return false;                                                         \
        for (size_t i = 0; i < n; i++)                                            \
            if (parts[i].n && !prefix##_Update(&context, parts[i].p, parts[i].n)) \
                return false;                                                     \
        return prefix##_Final(out, &context) == 1;                                \
    }
SHA_PARTS(sha1_parts, SHA_CTX, SHA1)
SHA_PARTS(sha256_parts, SHA256_CTX, SHA256)
SHA_PARTS(sha384_parts, SHA512_CTX, SHA384)
SHA_PARTS(sha512_parts, SHA512_CTX, SHA512)
#undef SHA_PARTS

static bool evp_parts(enum hash h, const struct span *parts, size_t n, uint8_t *out)
{
    EVP_MD *md = EVP_MD_fetch(NULL, hashes[h].evp, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = md && context && EVP_MD_get_size(md) == (int)hashes[h].size &&
              EVP_DigestInit_ex2(context, md, NULL) == 1;
    for (size_t i = 0; ok && i < n; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(context, parts[i].p, parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    EVP_MD_free(md);
    if (!ok)
        ERR_clear_error();
    return ok;
}

bool digest_parts(enum hash h, const struct span *parts, size_t n, uint8_t *out)
{
    switch (h) {
    case HASH_SHA1:
        return sha1_parts(parts, n, out);
    case HASH_SHA256:
        return sha256_parts(parts, n, out);
    case HASH_SHA384:
        return sha384_parts(parts, n, out);
    case HASH_SHA512:
        return sha512_parts(parts, n, out);
    case HASH_SM3:
        return evp_parts(h, parts, n, out);
    case HASH_NONE:
    case HASH_COUNT:
        break;
    }
    return false;
}

bool digest(enum hash h, struct span in, uint8_t *out)
{
    return digest_parts(h, &in, 1, out);
}

bool digest2(enum hash h, struct span a, struct span b, uint8_t *out)
{
    const struct span parts[] = {a, b};
    return digest_parts(h, parts, 2, out);
}

struct digest_stream {
    EVP_MD_CTX *context;
    bool ok;
};

struct digest_stream *digest_begin(enum hash h)
{
    struct digest_stream *s = known(h) ? OPENSSL_zalloc(sizeof *s) : NULL;
    const EVP_MD *md = known(h) ? EVP_get_digestbyname(hashes[h].evp) : NULL;
    if (!s)
        return NULL;
    s->context = EVP_MD_CTX_new();
    s->ok = md && s->context && EVP_DigestInit_ex(s->context, md, NULL) == 1;
    return s;
}

void digest_add(struct digest_stream *s, struct span bytes)
{
    s->ok = s->ok && (bytes.n == 0 || EVP_DigestUpdate(s->context, bytes.p, bytes.n) == 1);
}

bool digest_end(struct digest_stream *s, uint8_t *out)
{
    bool ok = s && s->ok && EVP_DigestFinal_ex(s->context, out, NULL) == 1;
    if (s)
        EVP_MD_CTX_free(s->context);
    OPENSSL_free(s);
    ERR_clear_error();
    return ok;
}
