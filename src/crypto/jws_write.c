/* Writing compact JWS; see jws_write.h. */
#include "crypto/jws_write.h"

#include "codec/base64url.h"
#include "codec/json_out.h"
#include "crypto/jwk.h"

static bool header_of(struct wr *w, const struct sign_key *key, const char *typ)
{
    char kid[JWK_KID];
    struct json_out o = json_out_new(w, false);
    if (!jwk_thumbprint(sign_key_public(key), kid))
        return false;
    json_out_object(&o);
    json_out_pair_string(&o, "alg",
                         jwk_alg(sign_hash(key) == HASH_SHA384 ? CURVE_P384 : CURVE_P256));
    json_out_pair_string(&o, "kid", kid);
    json_out_pair_string(&o, "typ", typ);
    json_out_close(&o);
    return json_out_end(&o);
}

bool jws_write(struct wr *w, const struct sign_key *key, const char *typ, struct span payload,
               struct situs_err *err)
{
    uint8_t header[256], hash[HASH_MAX_SIZE], rs[VERIFY_POINT_MAX];
    struct wr h = wr_new(header, sizeof header);
    size_t from = w->n;
    if (!header_of(&h, key, typ))
        return err_fail(err, SITUS_INTERNAL, "token", "header", SITUS_NO_OFFSET, NULL, NULL);
    base64url_write(w, wr_span(&h));
    wr_u8(w, '.');
    base64url_write(w, payload);
    struct span covered = wr_ok(w) ? span_of(w->p + from, w->n - from) : span_of(NULL, 0);
    enum hash alg = sign_hash(key);
    size_t n = covered.n && digest(alg, covered, hash)
                   ? sign_digest(key, span_of(hash, hash_size(alg)), rs)
                   : 0;
    wr_u8(w, '.');
    base64url_write(w, span_of(rs, n));
    if (!wr_ok(w))
        return err_fail(err, SITUS_TOO_LONG, "token", "token", SITUS_NO_OFFSET, NULL, NULL);
    return n != 0 ||
           err_fail(err, SITUS_INTERNAL, "token", "signature", SITUS_NO_OFFSET, NULL, NULL);
}
