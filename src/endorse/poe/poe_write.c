/* Writing of ownership endorsements; see poe_write.h. */
#include "endorse/poe/poe_write.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/x509.h"
#include "endorse/poe/corim_write.h"
#include "endorse/poe/poe_wire.h"

/* The largest payload: an owner of 1024 bytes, and less than 300 of everything else. */
#define PAYLOAD_ROOM 2048
/* An issuer and a refresh URI of 1024 bytes each, kid and heads. */
#define HEADERS_ROOM 2560

static const char mkey_platform[] = "tee.poe.platform-binding"; /* section 4.3 */
static const char mkey_owner[] = "tee.poe.ownership-claims";    /* section 4.4 */

/* [ [ {0: {0: 111(oid)}}, [ {0: mkey, 1: {key: ...} } ] ] ], up to the value of key. */
static void put_side(struct cbor_out *o, const char *oid, const char *mkey, int64_t key)
{
    cbor_put_array(o, 1);
    cbor_put_array(o, 2);
    cbor_put_map(o, 1);
    cbor_put_uint(o, 0);
    cbor_put_map(o, 1);
    cbor_put_uint(o, 0);
    cbor_put_tag(o, TAG_OID);
    cbor_put_bytes(o, span_of(oid, POE_OID_SIZE));
    cbor_put_array(o, 1);
    cbor_put_map(o, 2);
    cbor_put_uint(o, MEASUREMENT_KEY);
    cbor_put_text(o, span_text(mkey));
    cbor_put_uint(o, MEASUREMENT_VALUE);
    cbor_put_map(o, 1);
    cbor_put_int(o, key);
}

static bool put_triples(struct wr *w, struct span piid, struct span owner)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, TRIPLE_CONDITIONAL_ENDORSEMENT);
    cbor_put_array(&o, 1);
    cbor_put_array(&o, 2);
    put_side(&o, POE_OID_PIID, mkey_platform, VALUE_PIID);
    cbor_put_bytes(&o, piid);
    put_side(&o, POE_OID_OWNER, mkey_owner, VALUE_OWNER);
    cbor_put_text(&o, owner);
    return cbor_put_end(&o);
}

/* corim-map; id empty: without key 0, as the id is derived from. */
static bool put_corim(struct wr *w, struct span id, struct span comid, struct window valid)
{
    return corim_write(w, &(struct corim){id, comid, POE_PROFILE "0", valid});
}

/* The UUID of version 8 over SHA-384 (section 3.5.1). */
static bool uuid8(struct span v, uint8_t out[POE_UUID_SIZE])
{
    uint8_t hash[48];
    if (!digest(HASH_SHA384, v, hash))
        return false;
    memcpy(out, hash, POE_UUID_SIZE);
    out[6] = (out[6] & 0x0f) | 0x80; /* RFC 9562, 5.8: version 8 */
    out[8] = (out[8] & 0x3f) | 0x80; /* variant */
    return true;
}

bool poe_write_payload(struct wr *w, struct span piid, struct span owner, struct window valid)
{
    uint8_t triples_room[PAYLOAD_ROOM], comid_room[PAYLOAD_ROOM], unnamed_room[PAYLOAD_ROOM];
    uint8_t tag_id[POE_UUID_SIZE], id[POE_UUID_SIZE];
    struct wr triples = wr_new(triples_room, sizeof triples_room);
    struct wr comid = wr_new(comid_room, sizeof comid_room);
    struct wr unnamed = wr_new(unnamed_room, sizeof unnamed_room);
    struct span v = {NULL, 0};
    if (!put_triples(&triples, piid, owner))
        return false;
    v = wr_span(&triples);
    if (!uuid8(v, tag_id) || !corim_write_comid(&comid, SPAN_ARR(tag_id), v) ||
        !put_corim(&unnamed, span_of(NULL, 0), wr_span(&comid), valid))
        return false;
    v = wr_span(&unnamed);
    return uuid8(v, id) && put_corim(w, SPAN_ARR(id), wr_span(&comid), valid);
}

bool poe_write_headers(struct wr *w, int64_t alg, struct span kid, struct span iss,
                       struct span refresh_uri)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 3u + (kid.n > 0) + (refresh_uri.n > 0));
    cbor_put_uint(&o, COSE_ALG);
    cbor_put_int(&o, alg);
    cbor_put_uint(&o, COSE_CONTENT_TYPE);
    cbor_put_text(&o, SPAN_LIT(POE_CONTENT_TYPE));
    if (kid.n) {
        cbor_put_uint(&o, COSE_KID);
        cbor_put_bytes(&o, kid);
    }
    cbor_put_uint(&o, COSE_CWT_CLAIMS);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 1); /* iss (RFC 8392, 4) */
    cbor_put_text(&o, iss);
    if (refresh_uri.n) {
        cbor_put_text(&o, SPAN_LIT(POE_REFRESH_URI));
        cbor_put_tag(&o, TAG_URI);
        cbor_put_text(&o, refresh_uri);
    }
    return cbor_put_end(&o);
}

static bool put_unprotected(struct wr *w, struct span kid, const struct poe_terms *t)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1 + (kid.n > 0));
    if (kid.n) {
        cbor_put_uint(&o, COSE_KID);
        cbor_put_bytes(&o, kid);
    }
    cbor_put_uint(&o, COSE_X5CHAIN);
    if (t->n_certs > 1) /* one certificate is no array (RFC 9360, 2) */
        cbor_put_array(&o, t->n_certs);
    for (size_t i = 0; i < t->n_certs; i++)
        cbor_put_bytes(&o, t->certs[i]);
    return cbor_put_end(&o);
}

static bool bad(enum situs_code code, const char *part, const char *field, const char *expected,
                const char *got, struct situs_err *err)
{
    return err_fail(err, code, part, field, SITUS_NO_OFFSET, expected, got);
}

static bool check_terms(const struct poe_terms *t, const char *part, struct situs_err *err)
{
    if (t->piid.n != 16 && t->piid.n != 32)
        return bad(SITUS_MALFORMED, part, "piid", "16 or 32 bytes", TEXT_BYTES(t->piid.n), err);
    if (t->owner.n == 0 || t->owner.n > POE_OWNER_MAX || !text_utf8(t->owner))
        return bad(SITUS_MALFORMED, part, "owner", "1 to 1024 bytes of UTF-8", TEXT_CUT(t->owner),
                   err);
    if (t->iss.n > POE_OWNER_MAX || !text_utf8(t->iss))
        return bad(SITUS_MALFORMED, part, "iss", "at most 1024 bytes of UTF-8", TEXT_CUT(t->iss),
                   err);
    if (t->refresh_uri.n > POE_REFRESH_MAX || !text_utf8(t->refresh_uri) ||
        (t->refresh_uri.n && !memchr(t->refresh_uri.p, ':', t->refresh_uri.n)))
        return bad(SITUS_MALFORMED, part, "refresh_uri", "an absolute URI of at most 1024 bytes",
                   TEXT_CUT(t->refresh_uri), err);
    if (t->n_certs == 0 || t->n_certs > LIMIT_CHAIN_CERTS)
        return bad(SITUS_MISSING, part, "certificates", "1 to 6, leaf first", TEXT_NUM(t->n_certs),
                   err);
    return true;
}

/* Cuts the window to the certificates', and checks that the key is the leaf's and may sign. */
static bool check_certs(const struct poe_terms *t, const struct sign_key *key,
                        struct window *window, uint8_t *name, size_t *name_size, const char *part,
                        struct situs_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < t->n_certs; i++) {
        struct window valid;
        struct x509 *cert = x509_read(t->certs[i], NULL, part, err);
        struct public_key *leaf = cert && i == 0 ? x509_key(cert, part, err) : NULL;
        ok = cert && (i > 0 || leaf) &&
             (x509_validity(cert, &valid) ||
              bad(SITUS_MALFORMED, part, "validity", "two times", NULL, err));
        if (ok && leaf && !verify_key_equal(leaf, sign_key_public(key)))
            ok = bad(SITUS_MISMATCH, part, "key", "the key of the first certificate", "another",
                     err);
        if (ok && leaf && (!verify_key_on(leaf, CURVE_P384) || !x509_may_sign(cert)))
            ok = bad(SITUS_NOT_ALLOWED, part, "certificate",
                     "an end entity that signs, with a key on P-384", "another", err);
        if (ok) {
            window->from = valid.from > window->from ? valid.from : window->from;
            window->to = valid.to < window->to ? valid.to : window->to;
        }
        if (ok && leaf)
            *name_size = x509_common_name(cert, name, POE_OWNER_MAX);
        verify_key_free(leaf);
        x509_free(cert);
    }
    return ok && (window->from < window->to ||
                  bad(SITUS_EXPIRED, part, "window", "a time in which all certificates are valid",
                      TEXT_TIME(window->to), err));
}

/* What is handed out must be what our own reader accepts. */
static bool read_back(const struct wr *w, size_t from, const char *part, struct situs_err *err)
{
    struct poe again;
    if (!wr_ok(w))
        return bad(SITUS_NO_MEMORY, part, "output", "room for the endorsement", TEXT_BYTES(w->size),
                   err);
    return poe_read(&again, span_of(w->p + from, w->n - from), part, err);
}

bool poe_write(struct wr *w, const struct poe_terms *t, const struct sign_key *key,
               const char *part, struct situs_err *err)
{
    uint8_t headers_room[HEADERS_ROOM], payload_room[PAYLOAD_ROOM], name[POE_OWNER_MAX];
    uint8_t chain_room[LIMIT_CHAIN_CERTS * (LIMIT_CERT + 3) + 64], kid[POE_KID_SIZE];
    struct wr headers = wr_new(headers_room, sizeof headers_room);
    struct wr payload = wr_new(payload_room, sizeof payload_room);
    struct wr chain = wr_new(chain_room, sizeof chain_room);
    struct window window = {t->not_before,
                            t->not_after ? t->not_after : t->not_before + POE_LIFE_DEFAULT};
    struct span none = {NULL, 0}, k = SPAN_ARR(kid);
    size_t name_size = 0, from = w->n;
    if (!check_terms(t, part, err) || !check_certs(t, key, &window, name, &name_size, part, err))
        return false;
    struct span iss = t->iss.n ? t->iss : span_of(name, name_size);
    if (iss.n == 0)
        return bad(SITUS_MISSING, part, "iss", "the issuer's name", "no common name", err);
    if (!cose_thumbprint(sign_key_public(key), kid) ||
        !poe_write_headers(&headers, t->es384 ? COSE_ES384 : COSE_ESP384,
                           t->kid_unprotected ? none : k, iss, t->refresh_uri) ||
        !poe_write_payload(&payload, t->piid, t->owner, window) ||
        !put_unprotected(&chain, t->kid_unprotected ? k : none, t))
        return bad(SITUS_INTERNAL, part, "output", NULL, NULL, err);
    if (!cose_write(w, wr_span(&headers), wr_span(&chain), wr_span(&payload), key) && wr_ok(w))
        return bad(SITUS_INTERNAL, part, "signature", "a signature", "a failure of OpenSSL", err);
    return read_back(w, from, part, err);
}
