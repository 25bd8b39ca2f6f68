/* Keys (P-256, RFC 5480), signatures (ECDSA, FIPS 186-5) and memory of a world. */
#include "lab/intel/lab_world.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>

#include "base/text.h"

#define SAVED_SECONDS (7 * 86400) /* well before its collateral expires (lab_crl.c) */
#define KEY_DER 160               /* of a P-256 pair with its parameters: 121 (RFC 5915) */

/* A signature made before, found by key and digest. */
struct signature {
    struct signature *next;
    enum lab_key key;
    uint8_t digest[32], rs[64];
};

/* Bytes that were handed over. */
struct kept {
    struct kept *next;
    uint8_t *p;
};

struct lab_world {
    int64_t at;
    EVP_PKEY *keys[LAB_KEYS];
    struct signature *signatures[256]; /* by the first byte of the digest */
    struct kept *kept;
};

static void *zeroed(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        lab_die("no memory");
    return p;
}

struct lab_world *lab_world_new(int64_t at)
{
    struct lab_world *w = zeroed(sizeof *w);
    w->at = at;
    return w;
}

void lab_world_free(struct lab_world *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < LAB_KEYS; i++)
        EVP_PKEY_free(w->keys[i]);
    for (size_t i = 0; i < 256; i++)
        for (struct signature *s = w->signatures[i], *next; s != NULL; s = next) {
            next = s->next;
            free(s);
        }
    for (struct kept *k = w->kept, *next; k != NULL; k = next) {
        next = k->next;
        free(k->p);
        free(k);
    }
    free(w);
}

int64_t lab_world_at(const struct lab_world *w)
{
    return w->at;
}

struct span lab_world_keep(struct lab_world *w, struct lab_buf *b)
{
    struct kept *k = zeroed(sizeof *k);
    struct span s = lab_buf_span(b);
    *k = (struct kept){w->kept, b->p};
    w->kept = k;
    *b = (struct lab_buf){0};
    return s;
}

EVP_PKEY *lab_key_pair(struct lab_world *w, enum lab_key key)
{
    if ((size_t)key >= LAB_KEYS)
        lab_die("no key %d", (int)key);
    if (w->keys[key] == NULL)
        w->keys[key] = EVP_EC_gen("P-256");
    if (w->keys[key] == NULL)
        lab_die("OpenSSL makes no P-256 key");
    return w->keys[key];
}

/* uncompressed is the point as SEC 1 2.3.3 writes it: 04 || x || y. */
static void uncompressed(struct lab_world *w, enum lab_key key, uint8_t point[65])
{
    size_t n = 0;
    EVP_PKEY *pair = lab_key_pair(w, key);
    if (!EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, point, 65, &n) || n != 65)
        lab_die("OpenSSL gives no point");
}

void lab_key_point(struct lab_world *w, enum lab_key key, uint8_t xy[64])
{
    uint8_t point[65];
    uncompressed(w, key, point);
    memcpy(xy, point + 1, 64);
}

static void hash(void *out, const EVP_MD *md, struct span s)
{
    if (!EVP_Digest(s.p, s.n, out, NULL, md, NULL))
        lab_die("OpenSSL does not hash");
}

void lab_hash256(uint8_t out[32], struct span s)
{
    hash(out, EVP_sha256(), s);
}

void lab_hash384(uint8_t out[48], struct span s)
{
    hash(out, EVP_sha384(), s);
}

void lab_key_id(struct lab_world *w, enum lab_key key, uint8_t id[20])
{
    uint8_t point[65];
    uncompressed(w, key, point);
    hash(id, EVP_sha1(), SPAN_ARR(point));
}

/* sign makes a new ECDSA signature of the digest. */
static void sign(EVP_PKEY *pair, const uint8_t digest[32], uint8_t rs[64])
{
    uint8_t der[80];
    const uint8_t *p = der;
    size_t n = sizeof der;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
    if (EVP_PKEY_sign_init(ctx) <= 0 || EVP_PKEY_sign(ctx, der, &n, digest, 32) <= 0)
        lab_die("OpenSSL does not sign");
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
    if (sig == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) != 32)
        lab_die("OpenSSL gives no signature");
    ECDSA_SIG_free(sig);
    EVP_PKEY_CTX_free(ctx);
}

static struct signature *remember(struct lab_world *w, enum lab_key key, const uint8_t digest[32])
{
    struct signature *s = zeroed(sizeof *s), **list = &w->signatures[digest[0]];
    s->next = *list;
    s->key = key;
    memcpy(s->digest, digest, 32);
    *list = s;
    return s;
}

void lab_key_sign(struct lab_world *w, enum lab_key key, struct span message, uint8_t rs[64])
{
    uint8_t digest[32];
    lab_hash256(digest, message);
    struct signature *s = w->signatures[digest[0]];
    while (s != NULL && (s->key != key || memcmp(s->digest, digest, 32) != 0))
        s = s->next;
    if (s == NULL) {
        s = remember(w, key, digest);
        sign(lab_key_pair(w, key), digest, s->rs);
    }
    memcpy(rs, s->rs, 64);
}

static bool load_key(struct lab_world *w, size_t key, struct span hex)
{
    uint8_t der[KEY_DER];
    const uint8_t *p = der;
    size_t n = hex.n / 2;
    return n <= sizeof der && !w->keys[key] && text_hex_read(der, n, hex) &&
           (w->keys[key] = d2i_AutoPrivateKey(NULL, &p, (long)n));
}

static bool load_signature(struct lab_world *w, size_t key, struct span digest, struct span rs)
{
    uint8_t hash[32];
    return text_hex_read(hash, sizeof hash, digest) &&
           text_hex_read(remember(w, (enum lab_key)key, hash)->rs, 64, rs);
}

static void load_line(struct lab_world *w, struct span line)
{
    struct span word = text_field(&line, ' ');
    uint64_t key;
    bool ok = text_number(text_field(&line, ' '), 0, LAB_KEYS - 1, &key);
    struct span hex = text_field(&line, ' ');
    if (!ok || !(span_equal(word, SPAN_LIT("key")) ? load_key(w, key, hex)
                                                   : load_signature(w, key, hex, line)))
        lab_die("a saved world holds no key or signature where one is said to be");
}

struct lab_world *lab_world_open(const char *path, int64_t now)
{
    FILE *f = fopen(path, "r");
    char line[2 * KEY_DER + 32]; /* the longest is a key's */
    struct lab_world *w = NULL;
    uint64_t at;
    if (f && fgets(line, sizeof line, f)) {
        struct span rest = text_trim(span_text(line)), word = text_field(&rest, ' ');
        if (span_equal(word, SPAN_LIT("at")) &&
            text_number(rest, (uint64_t)(now - SAVED_SECONDS), (uint64_t)now, &at))
            w = lab_world_new((int64_t)at);
    }
    while (w && fgets(line, sizeof line, f))
        load_line(w, text_trim(span_text(line)));
    if (f)
        fclose(f);
    return w ? w : lab_world_new(now);
}

static void save_key(FILE *f, size_t key, EVP_PKEY *pair)
{
    uint8_t *der = NULL;
    int n = pair ? i2d_PrivateKey(pair, &der) : 0;
    char hex[2 * KEY_DER + 1];
    if (pair && (n <= 0 || n > KEY_DER))
        lab_die("OpenSSL writes no key");
    if (pair)
        fprintf(f, "key %zu %s\n", key, text_hex(hex, sizeof hex, span_of(der, (size_t)n)));
    OPENSSL_free(der);
}

void lab_world_save(const struct lab_world *w, const char *path)
{
    char beside[256];
    int n = snprintf(beside, sizeof beside, "%s.new", path);
    FILE *f = n > 0 && (size_t)n < sizeof beside ? fopen(beside, "w") : NULL;
    if (!f)
        lab_die("cannot write %s", path);
    fprintf(f, "at %ld\n", (long)w->at);
    for (size_t i = 0; i < LAB_KEYS; i++)
        save_key(f, i, w->keys[i]);
    for (size_t i = 0; i < 256; i++)
        for (const struct signature *s = w->signatures[i]; s; s = s->next)
            fprintf(f, "signed %u %s %s\n", (unsigned)s->key, TEXT_HEX(SPAN_ARR(s->digest)),
                    TEXT_HEX(SPAN_ARR(s->rs)));
    if (fclose(f) != 0 || rename(beside, path) != 0)
        lab_die("cannot write %s", path);
}
