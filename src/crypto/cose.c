/* COSE_Sign1; see cose.h. */
#include "crypto/cose.h"

#include "base/text.h"

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
    cbor_tag_is(&c, COSE_TAG_SIGN1, "cose.tag");
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
    struct span type = {NULL, 0};
    struct cbor outer = cbor_foreign(in, 0, "", &keys, &err);
    cbor_tag_is(&outer, COSE_TAG_SIGN1, "");
    cbor_array(&outer, "");
    struct span headers = cbor_bytes(&outer, "");
    if (!cbor_ok(&outer))
        return type;
    struct cbor c = cbor_foreign(headers, 0, "", &keys, &err);
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

void cose_frame_write(struct cose_frame *s, size_t headers_size, size_t payload_size)
{
    struct wr w = wr_new(s->bytes[0], COSE_HEAD_ROOM);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_array(&o, 4);
    cbor_put_text(&o, SPAN_LIT("Signature1"));
    cbor_put_bytes_head(&o, headers_size);
    s->before = wr_span(&w);
    w = wr_new(s->bytes[1], COSE_HEAD_ROOM);
    o = cbor_out_new(&w);
    cbor_put_bytes_head(&o, 0);
    o = cbor_out_new(&w);
    cbor_put_bytes_head(&o, payload_size);
    s->between = wr_span(&w);
}

static bool of_curve(int64_t alg, enum curve *curve)
{
    *curve = alg == COSE_ES256 || alg == COSE_ESP256 ? CURVE_P256 : CURVE_P384;
    return *curve == CURVE_P256 || alg == COSE_ES384 || alg == COSE_ESP384;
}

bool cose_verify(const struct cose *c, int64_t alg, const struct public_key *key,
                 struct hot_keys *hot)
{
    enum curve curve;
    if (!of_curve(alg, &curve) || !verify_key_on(key, curve))
        return false;
    uint8_t hashed[HASH_MAX_SIZE];
    enum hash hash = curve == CURVE_P256 ? HASH_SHA256 : HASH_SHA384;
    struct cose_frame s;
    cose_frame_write(&s, c->headers.n, c->payload.n);
    const struct span parts[] = {s.before, c->headers, s.between, c->payload};
    return digest_parts(hash, parts, 4, hashed) &&
           verify_ecdsa_digest(key, hot, span_of(hashed, hash_size(hash)), c->signature);
}

bool cose_thumbprint(const struct public_key *key, uint8_t out[48])
{
    uint8_t xy[VERIFY_POINT_MAX], map[128];
    size_t n = verify_key_point(key, xy);
    if (n == 0)
        return false;
    /* RFC 9679, 4.2: kty, crv, x, y of an EC2 key (RFC 9053, 7.1.1), deterministic: 1, -1, -2,
     * -3 */
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
