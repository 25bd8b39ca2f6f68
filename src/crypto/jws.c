/* Compact JWS; see jws.h. */
#include "crypto/jws.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#define SIGNATURE_SIZE 64 /* RFC 8032 5.1.6 */
#define RSA_EXPONENT 65537

/* The three parts as they were sent. */
struct compact {
    struct span header, payload, signature, covered; /* covered: header "." payload */
};

static bool verify(struct span key, struct span message, struct span signature)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key.p, key.n);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
              EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return ok;
}

static bool split(struct compact *c, struct span token, const char *part, struct situs_err *err)
{
    const uint8_t *end = token.p + token.n;
    const uint8_t *first = token.n ? memchr(token.p, '.', token.n) : NULL;
    const uint8_t *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second)
        return err_fail(err, SITUS_MALFORMED, part, "token", SITUS_NO_OFFSET,
                        "three parts with dots between", "fewer");
    c->header = span_of(token.p, (size_t)(first - token.p));
    c->payload = span_of(first + 1, (size_t)(second - first - 1));
    c->signature = span_of(second + 1, (size_t)(end - second - 1));
    c->covered = span_of(token.p, (size_t)(second - token.p));
    return true;
}

static bool decode(struct span *out, struct span in, struct arena *a, const char *part,
                   const char *field, struct situs_err *err)
{
    size_t room = in.n / 4 * 3 + 3, n;
    uint8_t *bytes = arena_take(a, room);
    if (!bytes)
        return err_fail(err, SITUS_NO_MEMORY, part, field, SITUS_NO_OFFSET, NULL, NULL);
    if (in.n == 0 || !base64url_read(bytes, room, &n, in))
        return err_fail(err, SITUS_MALFORMED, part, field, SITUS_NO_OFFSET,
                        "base64url without padding", TEXT_CUT(in));
    *out = span_of(bytes, n);
    return true;
}

/* A header that carries or names another key, or a rule that must be understood, is refused: the
 * key is the verifier's choice alone (RFC 8725 3.5, 3.10). */
static bool check_members(const struct json *header, bool jku, struct situs_err *err)
{
    struct json member = {0};
    while (json_next(header, &member)) {
        struct span name = span_text(member.key);
        if (span_equal(name, SPAN_LIT("alg")) || span_equal(name, SPAN_LIT("typ")) ||
            span_equal(name, SPAN_LIT("kid")) || (jku && span_equal(name, SPAN_LIT("jku"))))
            continue;
        return json_fail(&member, SITUS_NOT_ALLOWED, "alg, typ and kid only", member.key, err);
    }
    return true;
}

/* What a reader takes: the algorithms, and what typ says, or may leave out. */
struct form {
    const char *algs[2];
    const char *typ;
    bool typ_needed, jku;         /* jku: may stand there, and is passed over */
    const char *algs_text, *hint; /* hint NULL: the code's own */
};

/* One token, taken apart. */
struct parsed {
    struct compact compact;
    struct span payload, signature, alg, kid; /* alg and kid lie in doc */
    struct json_doc doc;
};

static bool check_alg(const struct json *header, const struct form *form, struct span *alg,
                      struct situs_err *err)
{
    struct json v;
    if (!json_get(header, "alg", &v, err) || !json_as_text(&v, alg, err))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (form->algs[i] && span_equal(*alg, span_text(form->algs[i])))
            return true;
    json_fail(&v, SITUS_UNSUPPORTED, form->algs_text, TEXT_CUT(*alg), err);
    return form->hint ? err_hint(err, form->hint) : false;
}

static bool check_typ(const struct json *header, const struct form *form, struct situs_err *err)
{
    struct json v;
    struct span typ;
    if (!form->typ_needed && !json_has(header, "typ"))
        return true;
    if (!json_get(header, "typ", &v, err) || !json_as_text(&v, &typ, err))
        return false;
    return span_equal(typ, span_text(form->typ)) ||
           json_fail(&v, SITUS_UNSUPPORTED, form->typ, TEXT_CUT(typ), err);
}

static bool check_header(const struct json *header, const struct form *form, struct parsed *p,
                         struct situs_err *err)
{
    if (!json_as_object(header, err) || !check_alg(header, form, &p->alg, err) ||
        !check_members(header, form->jku, err) || !check_typ(header, form, err))
        return false;
    p->kid = span_of(NULL, 0);
    return !json_has(header, "kid") || json_get_text(header, "kid", &p->kid, err);
}

/* parse reads all but the signature; doc is to be freed also after failure. */
static bool parse(struct parsed *p, const struct form *form, struct span token, struct arena *a,
                  const char *part, struct situs_err *err)
{
    struct span header;
    struct json root;
    struct compact *c = &p->compact;
    if (token.n > LIMIT_TOKEN)
        return err_fail(err, SITUS_TOO_LONG, part, "token", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_TOKEN), TEXT_BYTES(token.n));
    if (!split(c, token, part, err) || !decode(&header, c->header, a, part, "header", err) ||
        !decode(&p->payload, c->payload, a, part, "payload", err) ||
        !decode(&p->signature, c->signature, a, part, "signature", err) ||
        !json_read(&p->doc, &root, header, part, err) || !check_header(&root, form, p, err))
        return false;
    size_t size = span_equal(p->alg, SPAN_LIT("ES384")) ? 96 : SIGNATURE_SIZE;
    return p->signature.n == size || span_equal(p->alg, SPAN_LIT("RS256")) || /* the key's */
           err_fail(err, SITUS_MALFORMED, part, "signature", SITUS_NO_OFFSET, TEXT_BYTES(size),
                    TEXT_BYTES(p->signature.n));
}

static bool unknown_key(struct span kid, const char *expected, const char *part,
                        struct situs_err *err)
{
    return err_fail(err, SITUS_UNTRUSTED, part, "header.kid", SITUS_NO_OFFSET, expected,
                    kid.p ? TEXT_CUT(kid) : "none");
}

static bool bad_signature(const char *part, struct situs_err *err)
{
    return err_fail(err, SITUS_BAD_SIGNATURE, part, "signature", SITUS_NO_OFFSET, NULL, NULL);
}

/* EdDSA. A kid chooses among the keys that the caller pins; it brings none. */
static const struct form eddsa = {
    .algs = {"EdDSA"},
    .typ = "JWT",
    .algs_text = "EdDSA",
    .hint =
        "get a token of the signers' common key; tokens of one server alone (RS256) are not read"};

static bool matches(struct span kid, struct span key)
{
    uint8_t named[JWS_KEY_SIZE];
    return !kid.p || (text_hex_read(named, sizeof named, kid) && key.n == sizeof named &&
                      memcmp(named, key.p, key.n) == 0);
}

static bool check_eddsa(const struct parsed *p, const struct span *keys, size_t n, const char *part,
                        struct situs_err *err)
{
    bool known = false;
    for (size_t i = 0; i < n; i++) {
        if (keys[i].n != JWS_KEY_SIZE || !matches(p->kid, keys[i]))
            continue;
        known = true;
        if (verify(keys[i], p->compact.covered, p->signature))
            return true;
    }
    return known ? bad_signature(part, err)
                 : unknown_key(p->kid, "a key that the policy pins", part, err);
}

/* end gives the payload of a token that is good so far, which the arena has, and none of another. */
static bool end(struct parsed *p, bool ok, struct span *payload)
{
    json_free(&p->doc);
    *payload = ok ? p->payload : span_of(NULL, 0);
    return ok;
}

bool jws_read(struct span *payload, struct span token, struct arena *a, const char *part,
              struct situs_err *err)
{
    struct parsed p = {.doc = {0}};
    bool ok = parse(&p, &eddsa, token, a, part, err);
    return end(&p, ok, payload);
}

bool jws_open(struct span *payload, struct span token, const struct span *keys, size_t n,
              struct arena *a, const char *part, struct situs_err *err)
{
    struct parsed p = {.doc = {0}};
    bool ok = parse(&p, &eddsa, token, a, part, err) && check_eddsa(&p, keys, n, part, err);
    return end(&p, ok, payload);
}

/* ES256 and ES384. The key says the algorithm; a header that says another is refused, whichever key it
 * names (RFC 8725 3.1). */
static bool check_ec(const struct parsed *p, const struct jws_key *keys, size_t n, const char *part,
                     struct situs_err *err)
{
    enum curve curve = p->signature.n == 96 ? CURVE_P384 : CURVE_P256;
    bool named = false, known = false;
    for (size_t i = 0; i < n; i++) {
        if (p->kid.p && !span_equal(p->kid, keys[i].kid))
            continue;
        named = true;
        if (keys[i].curve != curve)
            continue;
        known = true;
        if (verify_ecdsa_raw(keys[i].key, curve == CURVE_P384 ? HASH_SHA384 : HASH_SHA256,
                             p->compact.covered, p->signature))
            return true;
    }
    if (named && !known)
        return err_fail(err, SITUS_NOT_ALLOWED, part, "header.alg", SITUS_NO_OFFSET,
                        curve == CURVE_P384 ? "ES256, as its key" : "ES384, as its key",
                        TEXT_CUT(p->alg));
    return known ? bad_signature(part, err)
                 : unknown_key(p->kid, "a key of the given key set", part, err);
}

bool jws_open_ec(struct span *payload, struct span token, const char *typ,
                 const struct jws_key *keys, size_t n, struct arena *a, struct situs_err *err)
{
    const struct form form = {
        .algs = {"ES256", "ES384"}, .typ = typ, .typ_needed = true, .algs_text = "ES256 or ES384"};
    struct parsed p = {.doc = {0}};
    bool ok = parse(&p, &form, token, a, "token", err) && check_ec(&p, keys, n, "token", err);
    return end(&p, ok, payload);
}

/* RS256. The issuers that write it name a place of their keys (jku), which nobody asks. */
static const struct form rsa = {
    .algs = {"RS256"},
    .typ = "JWT",
    .jku = true,
    .algs_text = "RS256",
    .hint = "whoever signs with no key, or with one that everybody has, is nobody"};

static struct public_key *rsa_key(const struct jws_rsa *k, const char *part, struct situs_err *err)
{
    struct x509 *cert = k->cert.n ? x509_read(k->cert, NULL, part, err) : NULL;
    struct public_key *key = cert        ? x509_key(cert, part, err)
                             : k->cert.n ? NULL
                                         : verify_key_rsa(k->modulus, RSA_EXPONENT, part, err);
    x509_free(cert);
    return key;
}

bool jws_rsa_reads(const struct jws_rsa *key, const char *part, struct situs_err *err)
{
    struct public_key *k = rsa_key(key, part, err);
    bool ok = k && (verify_key_is_rsa(k) || err_fail(err, SITUS_UNSUPPORTED, part, "key",
                                                     SITUS_NO_OFFSET, "an RSA key", "another"));
    verify_key_free(k);
    return ok;
}

static bool check_rsa(const struct parsed *p, const struct jws_rsa *keys, size_t n,
                      const char *part, struct situs_err *err)
{
    struct situs_err ignored = {0};
    bool known = false, good = false;
    for (size_t i = 0; i < n && !good; i++) {
        if (p->kid.p && !span_equal(p->kid, keys[i].kid))
            continue;
        struct public_key *key = rsa_key(&keys[i], part, &ignored);
        known = true;
        good = key && verify_key_is_rsa(key) &&
               verify_rsa(key, SCHEME_RSASSA, HASH_SHA256, p->compact.covered, p->signature);
        verify_key_free(key);
    }
    return good || (known ? bad_signature(part, err)
                          : unknown_key(p->kid, "a key of the given key set", part, err));
}

bool jws_read_rsa(struct span *payload, struct span token, struct arena *a, const char *part,
                  struct situs_err *err)
{
    struct parsed p = {.doc = {0}};
    bool ok = parse(&p, &rsa, token, a, part, err);
    return end(&p, ok, payload);
}

bool jws_open_rsa(struct span *payload, struct span token, const struct jws_rsa *keys, size_t n,
                  struct arena *a, const char *part, struct situs_err *err)
{
    struct parsed p = {.doc = {0}};
    bool ok = parse(&p, &rsa, token, a, part, err) && check_rsa(&p, keys, n, part, err);
    return end(&p, ok, payload);
}
