/* COSE_Sign1; see cose.h. */
#include "crypto/cose.h"

#include "base/text.h"

#include <openssl/crypto.h>

/* RFC 9052, 2: the tag of COSE_Sign1. */
#define TAG_SIGN1 18

static struct span contents(struct cbor *c, size_t *at, const char *field)
{
    struct span s = cbor_bytes(c, field);
    *at = cbor_at(c) - s.n;
    return s;
}

bool cose_read(struct cose *out, struct span in, const char *part, struct situs_err *err)
{
    struct cbor_keys keys;
    struct cbor c = cbor_foreign(in, 0, part, &keys, err);
    *out = (struct cose){.headers_at = 0};
    cbor_tag_is(&c, TAG_SIGN1, "cose.tag");
    size_t at = cbor_at(&c), n = cbor_array(&c, "cose");
    if (cbor_ok(&c) && n != 4)
        cbor_fail(&c, SITUS_MALFORMED, "cose", at, "an array of 4", TEXT_NUM(n));
    out->headers = contents(&c, &out->headers_at, "protected");
    out->unprotected_at = cbor_at(&c);
    if (cbor_ok(&c) && cbor_peek(&c) != CBOR_MAP)
        cbor_fail(&c, SITUS_MALFORMED, "unprotected", out->unprotected_at, "map", "another type");
    out->unprotected = cbor_skip(&c, "unprotected");
    out->payload = contents(&c, &out->payload_at, "payload");
    out->signature = contents(&c, &out->signature_at, "signature");
    cbor_leave(&c, "cose");
    if (cbor_end(&c, "cose"))
        return true;
    *out = (struct cose){.headers_at = 0};
    return false;
}

struct span cose_content_type(struct span in)
{
    struct situs_err err = {0};
    struct cbor_keys keys;
    struct cose cose;
    struct span type = {NULL, 0};
    if (!cose_read(&cose, in, "", &err))
        return type;
    struct cbor c = cbor_foreign(cose.headers, 0, "", &keys, &err);
    for (size_t n = cbor_map(&c, ""); n > 0 && cbor_ok(&c); n--) {
        bool text = cbor_peek(&c) == CBOR_TEXT || cbor_peek(&c) == CBOR_BYTES;
        if (text)
            cbor_skip(&c, "");
        else if (cbor_int(&c, "") == COSE_CONTENT_TYPE && cbor_peek(&c) == CBOR_TEXT) {
            type = cbor_text(&c, "");
            continue;
        }
        cbor_skip(&c, "");
    }
    return cbor_ok(&c) ? type : span_of(NULL, 0);
}

/* Sig_structure (RFC 9052, 4.4) without external data; its size is known from the parts. */
static struct wr sig_structure(struct span headers, struct span payload)
{
    size_t room = headers.n + payload.n + 64; /* 64: the heads and "Signature1" */
    struct wr w = wr_new(OPENSSL_malloc(room), room);
    if (!w.p)
        return wr_new(NULL, 0);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_array(&o, 4);
    cbor_put_text(&o, SPAN_LIT("Signature1"));
    cbor_put_bytes(&o, headers);
    cbor_put_bytes(&o, span_of(NULL, 0));
    cbor_put_bytes(&o, payload);
    cbor_put_end(&o);
    return w;
}

static bool of_curve(int64_t alg, enum curve *curve)
{
    *curve = alg == COSE_ES256 || alg == COSE_ESP256 ? CURVE_P256 : CURVE_P384;
    return *curve == CURVE_P256 || alg == COSE_ES384 || alg == COSE_ESP384;
}

bool cose_verify(const struct cose *c, int64_t alg, const struct public_key *key)
{
    enum curve curve;
    if (!of_curve(alg, &curve) || !verify_key_on(key, curve))
        return false;
    struct wr w = sig_structure(c->headers, c->payload);
    bool ok = w.p && wr_ok(&w) &&
              verify_ecdsa_raw(key, curve == CURVE_P256 ? HASH_SHA256 : HASH_SHA384, wr_span(&w),
                               c->signature);
    OPENSSL_free(w.p);
    return ok;
}

bool cose_thumbprint(const struct public_key *key, uint8_t out[48])
{
    uint8_t xy[VERIFY_POINT_MAX], map[128];
    size_t n = verify_key_point(key, xy);
    if (n == 0)
        return false;
    /* RFC 9679, 4.2: kty, crv, x, y of an EC2 key (RFC 9053, 7.1.1), deterministic: 1, -1, -2, -3
     */
    struct wr w = wr_new(map, sizeof map);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_map(&o, 4);
    cbor_put_int(&o, 1);
    cbor_put_int(&o, 2);
    cbor_put_int(&o, -1);
    cbor_put_int(&o, n == VERIFY_POINT_MAX ? 2 : 1); /* P-384, P-256 (RFC 9053, table 18) */
    cbor_put_int(&o, -2);
    cbor_put_bytes(&o, span_of(xy, n / 2));
    cbor_put_int(&o, -3);
    cbor_put_bytes(&o, span_of(xy + n / 2, n / 2));
    return cbor_put_end(&o) && digest(HASH_SHA384, wr_span(&w), out);
}

bool cose_write(struct wr *w, struct span headers, struct span unprotected, struct span payload,
                const struct sign_key *key)
{
    uint8_t rs[VERIFY_POINT_MAX];
    struct wr s = sig_structure(headers, payload);
    size_t n = s.p && wr_ok(&s) ? sign_ecdsa(key, wr_span(&s), rs) : 0;
    OPENSSL_free(s.p);
    if (n == 0)
        return false;
    struct cbor_out o = cbor_out_new(w);
    cbor_put_tag(&o, TAG_SIGN1);
    cbor_put_array(&o, 4);
    cbor_put_bytes(&o, headers);
    cbor_put_item(&o, unprotected);
    cbor_put_bytes(&o, payload);
    cbor_put_bytes(&o, span_of(rs, n));
    return cbor_put_end(&o);
}
