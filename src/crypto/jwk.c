/* Keys in JOSE; see jwk.h. */
#include "crypto/jwk.h"

#include "codec/base64url.h"
#include "crypto/digest.h"

const char *jwk_alg(enum curve curve)
{
    return curve == CURVE_P384 ? "ES384" : "ES256";
}

void jwk_members(struct json_out *o, struct span point)
{
    size_t half = point.n / 2;
    json_out_pair_string(o, "crv", half == 48 ? "P-384" : "P-256");
    json_out_pair_string(o, "kty", "EC");
    json_out_name(o, "x");
    json_out_base64url(o, span_cut(point, 0, half));
    json_out_name(o, "y");
    json_out_base64url(o, span_cut(point, half, half));
}

bool jwk_thumbprint(const struct public_key *key, char kid[JWK_KID])
{
    uint8_t point[VERIFY_POINT_MAX], text[256], hash[32];
    struct wr w = wr_new(text, sizeof text), out = wr_new(kid, JWK_KID - 1);
    struct json_out o = json_out_new(&w, false);
    size_t n = verify_key_point(key, point);
    memset(kid, 0, JWK_KID);
    if (n == 0)
        return false;
    json_out_object(&o);
    jwk_members(&o, span_of(point, n));
    json_out_close(&o);
    if (!json_out_end(&o) || !digest(HASH_SHA256, wr_span(&w), hash))
        return false;
    base64url_write(&out, SPAN_ARR(hash));
    return true;
}

bool jwk_is(const struct json *key, const char *name, const char *one, const char *two)
{
    struct situs_err none = {0};
    struct span text;
    return !json_has(key, name) ||
           (json_get_text(key, name, &text, &none) &&
            (span_equal(text, span_text(one)) || (two && span_equal(text, span_text(two)))));
}

bool jwk_public(const struct json *key, const char *hint, struct situs_err *err)
{
    struct json v;
    const char *name = json_has(key, "d") ? "d" : json_has(key, "k") ? "k" : NULL;
    if (!name)
        return true;
    if (!json_get(key, name, &v, err))
        return false;
    json_fail(&v, SITUS_NOT_ALLOWED, "public keys only", "a secret", err);
    return err_hint(err, hint);
}
