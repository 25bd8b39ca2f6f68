/* Ownership endorsements for tests; see make_poe.h. */
#include "support/make_poe.h"

#include "support/soft_ca.h"
#include "support/test.h"

#include "base/text.h"
#include "base/wr.h"
#include "crypto/cose_write.h"
#include "crypto/x509.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdlib.h>

#define ENV(oid) "a100a100d86f4c" oid
#define OID_PIID "6086480186f84d010d020601"
#define OID_OWNER "6086480186f84d010d020c01"

static const char *const honest[POE_PIECES] = {
    [POE_TAG] = "d2",
    [POE_OUTER] = "84",
    [POE_P_HEAD] = "a4",
    [POE_P_ALG] = "013832",
    [POE_P_TYPE] = "03746170706c69636174696f6e2f72696d2b63626f72",
    [POE_P_KID] = "kid",
    [POE_P_CWT] = "0fa10162"
                  "6d65", /* {1: "me"} */
    [POE_U_HEAD] = "a1",
    [POE_U_CHAIN] = "chain",
    [POE_Y_TAG] = "d901f5",
    [POE_Y_HEAD] = "a4",
    [POE_Y_ID] = "005000000000000080008000000000000001",
    [POE_Y_TAGS] = "0181d901fa",
    [POE_Y_PROFILE] = "03d820781e"
                      "7461673a696e74656c2e636f6d2c323032363a7465652e706f6523312e30",
    [POE_Y_VALIDITY] = "04a200c11a6955b90001c11a6956b740", /* 2026-01-01 and 18 hours of it */
    [POE_C_HEAD] = "a2",
    [POE_C_ID] = "01a1005000000000000080008000000000000002",
    [POE_C_TRIPLES] = "04a10a81",
    [POE_R_HEAD] = "82",
    [POE_R_COND] = "8182" ENV(OID_PIID),
    [POE_R_COND_MAP] = "81a10"
                       "1a1",
    [POE_R_PIID] = "386450"
                   "00112233445566778899aabbccddeeff",
    [POE_R_END] = "8182" ENV(OID_OWNER),
    [POE_R_END_MAP] = "81a101a1",
    [POE_R_OWNER] = "39019065"
                    "6f776e6572",
    [POE_SIGNATURE] = "sign",
};

static size_t at[POE_PIECES];

static void *keep(void *p)
{
    static void *kept[4096];
    static size_t n;
    assert_non_null(p);
    assert_true(n < sizeof kept / sizeof *kept);
    return kept[n++] = p;
}

static struct span pem_of(void *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *p;
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    long n = BIO_get_mem_data(bio, &p);
    uint8_t *copy = keep(malloc((size_t)n));
    memcpy(copy, p, (size_t)n);
    BIO_free(bio);
    return span_of(copy, (size_t)n);
}

static struct soft_cert root, leaf;

const struct make_poe_issuer *make_poe_issuer(void)
{
    static struct make_poe_issuer issuer;
    if (issuer.leaf.n)
        return &issuer;
    root = (struct soft_cert){.name = "issuers",
                              .ca = true,
                              .key = keep(EVP_EC_gen("P-384")),
                              .to = SOFT_CA_NOON + 100 * 86400};
    soft_ca_issue(&root);
    leaf = (struct soft_cert){.name = "me",
                              .issuer = &root,
                              .key = keep(EVP_EC_gen("P-384")),
                              .to = SOFT_CA_NOON + 50 * 86400};
    soft_ca_issue(&leaf);
    issuer = (struct make_poe_issuer){leaf.der, root.der, pem_of(leaf.key)};
    return &issuer;
}

struct span make_poe_crl(void)
{
    make_poe_issuer();
    return soft_ca_crl(&root, MAKE_POE_AT - 7200, MAKE_POE_AT, leaf.serial);
}

static void put_hex(struct wr *w, const char *hex)
{
    uint8_t bytes[4096];
    size_t n = strlen(hex) / 2;
    assert_true(n <= sizeof bytes && text_hex_read(bytes, n, span_text(hex)));
    wr_bytes(w, span_of(bytes, n));
}

static void put_head(struct wr *w, size_t n)
{
    assert_true(n < 65536);
    if (n < 24) {
        wr_u8(w, (uint8_t)(0x40 | n));
    } else if (n < 256) {
        wr_u8(w, 0x58);
        wr_u8(w, (uint8_t)n);
    } else {
        wr_u8(w, 0x59);
        wr_u16be(w, (uint16_t)n);
    }
}

static void put_chain(struct wr *w, const char *form)
{
    const struct make_poe_issuer *issuer = make_poe_issuer();
    put_hex(w, "1821");
    if (strcmp(form, "leaf") != 0)
        put_hex(w, strcmp(form, "one") == 0 ? "81" : "82");
    put_head(w, issuer->leaf.n);
    wr_bytes(w, issuer->leaf);
    if (strcmp(form, "chain") != 0)
        return;
    put_head(w, issuer->root.n);
    wr_bytes(w, issuer->root);
}

static void put_kid(struct wr *w, const struct sign_key *key)
{
    uint8_t kid[48];
    assert_true(cose_thumbprint(sign_key_public(key), kid));
    put_hex(w, "045830");
    wr_bytes(w, SPAN_ARR(kid));
}

/* Pieces from first to last, their offsets relative to the begin of w. */
static void put(struct wr *w, const char *const *piece, enum poe_piece first, enum poe_piece last,
                const struct sign_key *key)
{
    for (enum poe_piece i = first; i <= last; i++) {
        at[i] = w->n;
        if (!piece[i] || !piece[i][0])
            continue;
        if (strcmp(piece[i], "kid") == 0)
            put_kid(w, key);
        else if (i == POE_U_CHAIN)
            put_chain(w, piece[i]);
        else
            put_hex(w, piece[i]);
    }
}

static void shift(enum poe_piece first, enum poe_piece last, size_t by)
{
    for (enum poe_piece i = first; i <= last; i++)
        at[i] += by;
}

/* The payload: the CoMID stands behind the pieces that announce it. */
static void put_payload(struct wr *w, const char *const *piece)
{
    uint8_t room[8192];
    struct wr comid = wr_new(room, sizeof room);
    put(&comid, piece, POE_C_HEAD, POE_C_EXTRA, NULL);
    put(w, piece, POE_Y_TAG, POE_Y_TAGS, NULL);
    if (piece[POE_Y_TAGS][0]) {
        put_head(w, comid.n);
        shift(POE_C_HEAD, POE_C_EXTRA, w->n);
        wr_bytes(w, wr_span(&comid));
    }
    put(w, piece, POE_Y_PROFILE, POE_Y_EXTRA, NULL);
}

struct span make_poe(const struct poe_change *changes, size_t n)
{
    static uint8_t headers_room[8192], payload_room[8192], room[32768], signed_room[32768];
    const char *piece[POE_PIECES];
    struct situs_err err = {0};
    struct sign_key *key = sign_key_read(make_poe_issuer()->key_pem, "key", &err);
    struct wr headers = wr_new(headers_room, sizeof headers_room);
    struct wr payload = wr_new(payload_room, sizeof payload_room);
    struct wr w = wr_new(room, sizeof room), s = wr_new(signed_room, sizeof signed_room);
    assert_non_null(key);
    memcpy(piece, honest, sizeof piece);
    for (size_t i = 0; i < n; i++)
        piece[changes[i].piece] = changes[i].hex;
    put(&w, piece, POE_TAG, POE_OUTER, key);
    put(&headers, piece, POE_P_HEAD, POE_P_EXTRA, key);
    put_head(&w, headers.n);
    shift(POE_P_HEAD, POE_P_EXTRA, w.n);
    wr_bytes(&w, wr_span(&headers));
    put(&w, piece, POE_U_HEAD, POE_U_EXTRA, key);
    put_payload(&payload, piece);
    at[POE_PAYLOAD] = w.n;
    if (piece[POE_PAYLOAD]) {
        put_hex(&w, piece[POE_PAYLOAD]);
    } else {
        put_head(&w, payload.n);
        shift(POE_Y_TAG, POE_C_EXTRA, w.n);
        wr_bytes(&w, wr_span(&payload));
    }
    at[POE_SIGNATURE] = w.n;
    if (strcmp(piece[POE_SIGNATURE], "sign") == 0) {
        assert_true(cose_write(&s, wr_span(&headers), SPAN_LIT("\xa0"), wr_span(&payload), key));
        wr_bytes(&w, span_of(s.p + s.n - 98, 98)); /* 58 60 and r || s */
    } else {
        put_hex(&w, piece[POE_SIGNATURE]);
    }
    at[POE_AFTER] = w.n;
    if (piece[POE_AFTER])
        put_hex(&w, piece[POE_AFTER]);
    assert_true(wr_ok(&w));
    sign_key_free(key);
    uint8_t *copy = keep(malloc(w.n));
    memcpy(copy, w.p, w.n);
    return span_of(copy, w.n);
}

size_t make_poe_at(enum poe_piece piece)
{
    return at[piece];
}
