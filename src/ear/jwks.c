/* Key sets; see jwks.h. */
#include "ear/jwks.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"

static bool coordinate(const struct json *key, const char *name, uint8_t *out, size_t size,
                       struct situs_err *err)
{
    struct json v;
    struct span text;
    size_t n;
    uint8_t bytes[VERIFY_POINT_MAX];
    if (!json_get(key, name, &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (!base64url_read(bytes, sizeof bytes, &n, text) || n != size)
        return json_fail(&v, SITUS_MALFORMED,
                         size == 32 ? "32 bytes in base64url" : "48 bytes in base64url",
                         TEXT_CUT(text), err);
    memcpy(out, bytes, size);
    return true;
}

bool jwks_key(const struct json *key, uint8_t *point, size_t *size, struct situs_err *err)
{
    struct json v;
    struct span crv;
    if (!json_get(key, "crv", &v, err) || !json_as_text(&v, &crv, err))
        return false;
    size_t half = span_equal(crv, SPAN_LIT("P-384")) ? 48 : 32;
    if (half == 32 && !span_equal(crv, SPAN_LIT("P-256")))
        return json_fail(&v, SITUS_UNSUPPORTED, "P-256 or P-384", TEXT_CUT(crv), err);
    *size = 2 * half;
    return coordinate(key, "x", point, half, err) && coordinate(key, "y", point + half, half, err);
}

/* for_us says that a key is for signatures of ES256 or ES384. */
static bool for_us(const struct json *key)
{
    return json_has(key, "kty") && json_has(key, "crv") && jwk_is(key, "kty", "EC", NULL) &&
           jwk_is(key, "crv", "P-256", "P-384") && jwk_is(key, "use", "sig", NULL) &&
           jwk_is(key, "alg", "ES256", "ES384");
}

static bool alg_fits(const struct json *key, enum curve curve, struct situs_err *err)
{
    struct json v;
    struct span alg;
    if (!json_has(key, "alg"))
        return true;
    if (!json_get(key, "alg", &v, err) || !json_as_text(&v, &alg, err))
        return false;
    return span_equal(alg, span_text(jwk_alg(curve))) ||
           json_fail(&v, SITUS_MISMATCH, jwk_alg(curve), TEXT_CUT(alg), err);
}

static bool name_key(struct jws_key *k, const struct json *key, struct arena *a,
                     struct situs_err *err)
{
    char kid[JWK_KID];
    struct json v;
    if (json_has(key, "kid"))
        return json_get(key, "kid", &v, err) && json_keep_text(&v, &k->kid, a, err);
    if (!jwk_thumbprint(k->key, kid))
        return json_fail(key, SITUS_INTERNAL, NULL, NULL, err);
    k->kid = arena_copy(a, span_text(kid));
    return k->kid.p || json_no_memory(key, err);
}

static bool add(struct jwks *set, const struct json *key, struct arena *a, struct situs_err *err)
{
    uint8_t point[VERIFY_POINT_MAX];
    size_t size;
    if (!json_as_object(key, err) ||
        !jwk_public(key, "whoever read this set can sign with its key: its owner must make another",
                    err))
        return false;
    if (!for_us(key))
        return true;
    if (set->n == JWKS_KEYS)
        return json_fail(key, SITUS_TOO_LONG, TEXT_NUM(JWKS_KEYS), "more keys", err);
    if (!jwks_key(key, point, &size, err))
        return false;
    struct jws_key *k = &set->v[set->n];
    k->curve = size == 96 ? CURVE_P384 : CURVE_P256;
    k->key = verify_key_ec(k->curve, span_of(point, size / 2), span_of(point + size / 2, size / 2),
                           key->doc->part, err);
    if (!k->key)
        return false;
    set->n++;
    if (!alg_fits(key, k->curve, err) || !name_key(k, key, a, err))
        return false;
    for (size_t i = 0; i + 1 < set->n; i++)
        if (span_equal(set->v[i].kid, k->kid))
            return json_fail(key, SITUS_DUPLICATE, "keys of different names", TEXT_CUT(k->kid),
                             err);
    return true;
}

bool jwks_read(struct jwks *set, struct span text, struct arena *a, const char *part,
               struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root, keys;
    memset(set, 0, sizeof *set);
    if (text.n > LIMIT_JWKS)
        return err_fail(err, SITUS_TOO_LONG, part, "", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_JWKS),
                        TEXT_BYTES(text.n));
    bool ok = json_read(&doc, &root, text, part, err) && json_as_object(&root, err) &&
              json_get_array(&root, "keys", &keys, err);
    for (size_t i = 0; ok && i < json_count(&keys); i++) {
        struct json key = json_element(&keys, i);
        ok = add(set, &key, a, err);
    }
    if (ok && set->n == 0)
        ok = json_fail(&keys, SITUS_MISSING, "a key for ES256 or ES384", "none", err);
    json_free(&doc);
    return ok;
}

void jwks_free(struct jwks *set)
{
    for (size_t i = 0; i < set->n; i++)
        verify_key_free(set->v[i].key);
    set->n = 0;
}
