/* COSE_Sign1, written; see cose_write.h. */
#include "crypto/cose_write.h"

#include "crypto/digest.h"

#include <assert.h>

/* RFC 8949 3: the head of a byte string of n bytes. */
static void put_bytes_head(struct wr *w, size_t n)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_bytes_head(&o, n);
}

/* What cose_write writes into. */
static bool put_wr(void *to, struct span bytes)
{
    struct wr *w = to;
    wr_bytes(w, bytes);
    return wr_ok(w);
}

bool cose_write(struct wr *w, struct span headers, struct span unprotected, struct span payload,
                const struct sign_key *key)
{
    struct cose_writer writer;
    cose_begin(&writer, headers, unprotected, payload.n, key, put_wr, w);
    cose_add(&writer, payload);
    return cose_end(&writer);
}

static void emit(struct cose_writer *w, struct span bytes)
{
    w->ok = w->ok && w->put(w->to, bytes);
}

void cose_begin(struct cose_writer *w, struct span headers, struct span unprotected,
                size_t payload_size, const struct sign_key *key, cose_put *put, void *to)
{
    struct cose_frame s;
    uint8_t head[COSE_HEAD_ROOM];
    struct wr out = wr_new(head, sizeof head);
    *w = (struct cose_writer){.put = put, .to = to, .key = key, .left = payload_size};
    w->hash = digest_begin(sign_hash(key));
    w->ok = w->hash != NULL;
    cose_frame_write(&s, headers.n, payload_size);
    if (w->ok) {
        digest_add(w->hash, s.before);
        digest_add(w->hash, headers);
        digest_add(w->hash, s.between);
    }
    struct cbor_out o = cbor_out_new(&out);
    cbor_put_tag(&o, COSE_TAG_SIGN1);
    cbor_put_array(&o, 4);
    cbor_put_bytes_head(&o, headers.n);
    emit(w, wr_span(&out));
    emit(w, headers);
    emit(w, unprotected);
    out = wr_new(head, sizeof head);
    put_bytes_head(&out, payload_size);
    emit(w, wr_span(&out));
}

void cose_add(struct cose_writer *w, struct span bytes)
{
    assert(bytes.n <= w->left);
    w->left -= bytes.n;
    if (w->hash)
        digest_add(w->hash, bytes);
    emit(w, bytes);
}

bool cose_end(struct cose_writer *w)
{
    uint8_t hashed[HASH_MAX_SIZE], rs[VERIFY_POINT_MAX], bytes[VERIFY_POINT_MAX + 2];
    enum hash hash = sign_hash(w->key);
    bool done = digest_end(w->hash, hashed) && w->left == 0;
    size_t n = done && w->ok ? sign_digest(w->key, span_of(hashed, hash_size(hash)), rs) : 0;
    struct wr out = wr_new(bytes, sizeof bytes);
    put_bytes_head(&out, n);
    wr_bytes(&out, span_of(rs, n));
    emit(w, wr_span(&out));
    w->hash = NULL;
    return w->ok && n > 0;
}
