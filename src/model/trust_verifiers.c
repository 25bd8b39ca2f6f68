/* Verifiers of a trust file; see trust_verifiers.h. */
#include "model/trust_verifiers.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/base64url.h"
#include "crypto/jwk.h"
#include "model/trust_name.h"

#define RSA_MAX 512 /* bytes of a modulus: verify_key_rsa */

static bool for_us(const struct json *key)
{
    return json_has(key, "kty") && jwk_is(key, "kty", "RSA", NULL) &&
           jwk_is(key, "use", "sig", NULL) && jwk_is(key, "alg", "RS256", NULL);
}

static bool read_modulus(const struct json *key, struct jws_rsa *out, struct arena *a,
                         struct situs_err *err)
{
    uint8_t bytes[RSA_MAX];
    struct json n, e;
    struct span text, exponent;
    size_t size;
    if (!json_get(key, "n", &n, err) || !json_as_text(&n, &text, err) ||
        !json_get(key, "e", &e, err) || !json_as_text(&e, &exponent, err))
        return false;
    if (!base64url_read(bytes, sizeof bytes, &size, text))
        return json_fail(&n, SITUS_MALFORMED, "up to 512 bytes in base64url", TEXT_CUT(text), err);
    if (!span_equal(exponent, SPAN_LIT("AQAB")))
        return json_fail(&e, SITUS_UNSUPPORTED, "AQAB", TEXT_CUT(exponent), err);
    out->modulus = arena_copy(a, span_of(bytes, size));
    return out->modulus.p || json_no_memory(&n, err);
}

static bool read_certificate(const struct json *key, struct jws_rsa *out, struct arena *a,
                             struct situs_err *err)
{
    uint8_t bytes[LIMIT_CERT];
    struct json list;
    struct span text;
    size_t size;
    if (!json_get_array(key, "x5c", &list, err))
        return false;
    if (json_count(&list) == 0)
        return json_fail(&list, SITUS_MISSING, "a certificate", "none", err);
    struct json first = json_element(&list, 0);
    if (!json_as_text(&first, &text, err))
        return false;
    if (!text_base64_read(bytes, sizeof bytes, &size, text, false))
        return json_fail(&first, SITUS_MALFORMED, "a DER certificate in base64", TEXT_CUT(text),
                         err);
    out->cert = arena_copy(a, span_of(bytes, size));
    return out->cert.p || json_no_memory(&first, err);
}

static bool read_key(const struct json *key, struct jws_rsa *out, struct arena *a,
                     struct situs_err *err)
{
    struct json kid;
    struct situs_err why = {0};
    if (!json_get(key, "kid", &kid, err) || !json_keep_text(&kid, &out->kid, a, err))
        return false;
    if (json_has(key, "n") ? !read_modulus(key, out, a, err) : !read_certificate(key, out, a, err))
        return false;
    return jws_rsa_reads(out, TRUST_PART, &why) ||
           json_fail(key, why.code, "an RSA key of 2048 to 4096 bits", why.got, err);
}

static bool read_keys(const struct json *keys, struct trust_verifier *v, struct arena *a,
                      struct situs_err *err)
{
    size_t n = json_count(keys);
    if (n > LIMIT_VERIFIER_KEYS)
        return json_fail(keys, SITUS_TOO_LONG, TEXT_NUM(LIMIT_VERIFIER_KEYS), TEXT_NUM(n), err);
    struct jws_rsa *out = ARENA_ARRAY(a, n + 1, struct jws_rsa);
    if (!out)
        return json_no_memory(keys, err);
    for (size_t i = 0; i < n; i++) {
        struct json key = json_element(keys, i);
        if (!json_as_object(&key, err) ||
            !jwk_public(&key, "whoever read this set can sign with its key", err))
            return false;
        if (!for_us(&key))
            continue;
        if (!read_key(&key, &out[v->n_keys], a, err))
            return false;
        for (size_t k = 0; k < v->n_keys; k++)
            if (span_equal(out[k].kid, out[v->n_keys].kid))
                return json_fail(&key, SITUS_DUPLICATE, "keys of different names",
                                 TEXT_CUT(out[k].kid), err);
        v->n_keys++;
    }
    v->keys = out;
    return v->n_keys || json_fail(keys, SITUS_MISSING, "a key for RS256", "none", err);
}

static bool read_verifier(const struct json *object, struct trust_verifier *v, struct arena *a,
                          struct situs_err *err)
{
    struct json issuer, jwks, keys;
    return JSON_KNOWN(object, err, "name", "issuer", "jwks", "simulated") &&
           trust_name_read(object, &v->anchor, a, err) &&
           json_get(object, "issuer", &issuer, err) &&
           json_keep_text(&issuer, &v->issuer, a, err) &&
           json_get_object(object, "jwks", &jwks, err) &&
           json_get_array(&jwks, "keys", &keys, err) && read_keys(&keys, v, a, err) &&
           (!json_has(object, "simulated") ||
            json_get_bool(object, "simulated", &v->anchor.simulated, err));
}

/* A token of two verifiers would be whose? */
static bool check_new(const struct json *at, const struct trust_verifier *v, size_t n,
                      struct situs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (span_equal(v[i].issuer, v[n].issuer))
            return json_fail(at, SITUS_DUPLICATE, "each issuer once", TEXT_CUT(v[n].issuer), err);
        if (strcmp(v[i].anchor.name, v[n].anchor.name) == 0)
            return json_fail(at, SITUS_DUPLICATE, "each name once", v[n].anchor.name, err);
    }
    return true;
}

bool trust_verifiers_read(const struct json *array, struct trust *trust, struct arena *a,
                          struct situs_err *err)
{
    size_t n = json_count(array);
    if (n > LIMIT_VERIFIERS)
        return json_fail(array, SITUS_TOO_LONG, TEXT_NUM(LIMIT_VERIFIERS), TEXT_NUM(n), err);
    struct trust_verifier *v = ARENA_ARRAY(a, n + 1, struct trust_verifier);
    if (!v)
        return json_no_memory(array, err);
    for (size_t i = 0; i < n; i++) {
        struct json object = json_element(array, i);
        if (!json_as_object(&object, err) || !read_verifier(&object, &v[i], a, err) ||
            !check_new(&object, v, i, err))
            return false;
    }
    trust->verifiers = v;
    trust->n_verifiers = n;
    return true;
}

const struct trust_verifier *trust_verifier_find(const struct trust *trust, struct span issuer)
{
    for (size_t i = 0; i < trust->n_verifiers; i++)
        if (span_equal(trust->verifiers[i].issuer, issuer))
            return &trust->verifiers[i];
    return NULL;
}
