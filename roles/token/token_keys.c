/* Keys of issuers, and how others find them; see token.h. */
#include "token/token.h"

#include "base/text.h"
#include "base/wr.h"
#include "codec/json_out.h"
#include "crypto/jwk.h"
#include "crypto/sign.h"

#include <stdio.h>

struct sign_key *token_key_read(struct situs_item pem, struct situs_err *err)
{
    *err = (struct situs_err){0};
    return sign_key_read(span_of(pem.p, pem.size), pem.name ? pem.name : "key", err);
}

void token_key_free(struct sign_key *key)
{
    sign_key_free(key);
}

bool token_keys_differ(const struct sign_key *a, const struct sign_key *b)
{
    char one[JWK_KID], other[JWK_KID];
    return jwk_thumbprint(sign_key_public(a), one) && jwk_thumbprint(sign_key_public(b), other) &&
           strcmp(one, other) != 0;
}

const char *token_alg(const struct sign_key *key)
{
    return jwk_alg(sign_hash(key) == HASH_SHA384 ? CURVE_P384 : CURVE_P256);
}

static bool one_key(struct json_out *o, const struct sign_key *key)
{
    char kid[JWK_KID];
    uint8_t point[VERIFY_POINT_MAX];
    size_t n = verify_key_point(sign_key_public(key), point);
    if (n == 0 || !jwk_thumbprint(sign_key_public(key), kid))
        return false;
    json_out_object(o);
    jwk_members(o, span_of(point, n));
    json_out_pair_string(o, "use", "sig");
    json_out_pair_string(o, "alg", token_alg(key));
    json_out_pair_string(o, "kid", kid);
    json_out_close(o);
    return true;
}

static bool finish(struct json_out *o, char *text, size_t size, const char *part,
                   struct situs_err *err)
{
    if (json_out_end(o))
        return true;
    memset(text, 0, size);
    return err_fail(err, SITUS_TOO_LONG, part, "", SITUS_NO_OFFSET, TEXT_BYTES(size), "more");
}

bool token_keys_write(const struct sign_key *const *keys, size_t n, char *text, size_t size,
                      struct situs_err *err)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&w, false);
    *err = (struct situs_err){0};
    memset(text, 0, size);
    json_out_object(&o);
    json_out_name(&o, "keys");
    json_out_array(&o);
    for (size_t i = 0; i < n; i++)
        if (!one_key(&o, keys[i])) {
            memset(text, 0, size);
            return err_fail(err, SITUS_INTERNAL, "keys", "key", SITUS_NO_OFFSET, NULL, NULL);
        }
    json_out_close(&o);
    json_out_close(&o);
    return finish(&o, text, size, "keys", err);
}

static void one_of(struct json_out *o, const char *name, const char *value)
{
    json_out_name(o, name);
    json_out_array(o);
    json_out_string(o, value);
    json_out_close(o);
}

/* The members that a client demands although nobody logs in here: response types and subject types
 * (OpenID Connect Discovery 1.0, 3) are of no meaning. */
bool token_discovery_write(const char *alg, const char *issuer, char *text, size_t size,
                           struct situs_err *err)
{
    char uri[512];
    struct wr w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&w, false);
    *err = (struct situs_err){0};
    memset(text, 0, size);
    if (snprintf(uri, sizeof uri, "%s/.well-known/jwks.json", issuer) >= (int)sizeof uri)
        return err_fail(err, SITUS_TOO_LONG, "discovery", "issuer", SITUS_NO_OFFSET,
                        TEXT_BYTES(sizeof uri), TEXT_BYTES(strlen(issuer)));
    json_out_object(&o);
    json_out_pair_string(&o, "issuer", issuer);
    json_out_pair_string(&o, "jwks_uri", uri);
    one_of(&o, "id_token_signing_alg_values_supported", alg);
    one_of(&o, "response_types_supported", "none");
    one_of(&o, "subject_types_supported", "public");
    json_out_close(&o);
    return finish(&o, text, size, "discovery", err);
}
