/* Maker of certificates and CRLs; see make_cert.h. */
#include "support/make_cert.h"

#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

static _Alignas(16) uint8_t pool[8 << 20];
static size_t used;
static struct make_key keys[64];
static size_t n_keys;

static uint8_t *take(size_t n)
{
    assert_true(n <= sizeof pool - used);
    uint8_t *p = pool + used;
    used += n;
    return p;
}

struct make_mark make_mark(void)
{
    return (struct make_mark){.keys = n_keys, .bytes = used};
}

void make_back(struct make_mark to)
{
    while (n_keys > to.keys)
        EC_KEY_free(keys[--n_keys].ec);
    used = to.bytes;
}

void make_reset(void)
{
    make_back((struct make_mark){0});
}

struct make_key *make_key(void)
{
    assert_true(n_keys < sizeof keys / sizeof *keys);
    struct make_key *key = &keys[n_keys++];
    uint8_t octets[65];
    key->ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    assert_non_null(key->ec);
    assert_int_equal(EC_KEY_generate_key(key->ec), 1);
    assert_int_equal(EC_POINT_point2oct(EC_KEY_get0_group(key->ec), EC_KEY_get0_public_key(key->ec),
                                        POINT_CONVERSION_UNCOMPRESSED, octets, 65, NULL),
                     65);
    memcpy(key->xy, octets + 1, 64);
    return key;
}

struct span make_hex(const char *hex)
{
    size_t n = strlen(hex) / 2;
    uint8_t *p = take(n);
    assert_true(text_hex_read(p, n, span_text(hex)));
    return span_of(p, n);
}

static struct span join(const struct span *parts, size_t n)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        size += parts[i].n;
    uint8_t *p = take(size);
    for (size_t i = 0; i < n; at += parts[i++].n)
        if (parts[i].n)
            memcpy(p + at, parts[i].p, parts[i].n);
    return span_of(p, size);
}

static size_t head_size(size_t n)
{
    return n < 0x80 ? 2 : n < 0x100 ? 3 : n < 0x10000 ? 4 : 5;
}

struct span make_der(uint8_t tag, const struct span *parts, size_t n)
{
    struct span body = join(parts, n);
    size_t head = head_size(body.n);
    uint8_t *p = take(head + body.n);
    p[0] = tag;
    p[1] = head == 2 ? (uint8_t)body.n : (uint8_t)(0x80 + head - 2);
    for (size_t i = 2; i < head; i++)
        p[i] = (uint8_t)(body.n >> 8 * (head - 1 - i));
    memcpy(p + head, body.p, body.n);
    return span_of(p, head + body.n);
}

static struct span attribute(const char *oid, uint8_t tag, const char *value)
{
    return MAKE_DER(0x31,
                    MAKE_DER(0x30, MAKE_DER(0x06, make_hex(oid)), MAKE_DER(tag, span_text(value))));
}

struct span make_name(const char *common_name)
{
    return MAKE_DER(0x30, attribute("550403", 0x0c, common_name),
                    attribute("55040a", 0x0c, "Intel Corporation"),
                    attribute("550406", 0x13, "US"));
}

struct span make_extension(const char *oid, bool critical, struct span value)
{
    return MAKE_DER(0x30, MAKE_DER(0x06, make_hex(oid)), make_hex(critical ? "0101ff" : ""),
                    MAKE_DER(0x04, value));
}

static const char *name_of(enum intel_role role)
{
    static const char *const names[] = {[INTEL_ROLE_NONE] = "Somebody",
                                        [INTEL_ROOT] = "Intel SGX Root CA",
                                        [INTEL_PLATFORM_CA] = "Intel SGX PCK Platform CA",
                                        [INTEL_PROCESSOR_CA] = "Intel SGX PCK Processor CA",
                                        [INTEL_PCK] = "Intel SGX PCK Certificate",
                                        [INTEL_TCB_SIGNING] = "Intel SGX TCB Signing"};
    return names[role];
}

static struct span key_id(const struct make_key *key)
{
    uint8_t *p = take(20);
    assert_true(digest(HASH_SHA1, SPAN_ARR(key->xy), p));
    return span_of(p, 20);
}

static struct span authority_key_id(const struct make_key *key)
{
    return make_extension("551d23", false, MAKE_DER(0x30, MAKE_DER(0x80, key_id(key))));
}

struct make_doc make_cert(enum intel_role role, const struct make_key *subject,
                          enum intel_role issuer, const struct make_key *issuer_key)
{
    bool ca = role == INTEL_ROOT || role == INTEL_PLATFORM_CA || role == INTEL_PROCESSOR_CA;
    const char *constraints = role == INTEL_ROOT ? "30060101ff020101"
                              : ca               ? "30060101ff020100"
                                                 : "3000";
    struct span algorithm = make_hex("300a06082a8648ce3d040302");
    uint8_t serial[] = {0x10, (uint8_t)role};
    struct make_doc d = {.extensions = CERT_AUTHORITY_KEY_ID,
                         .after_extensions = CERT_AFTER_EXTENSIONS,
                         .extensions_tag = 0xa3};
    d.part[CERT_VERSION] = make_hex("a003020102");
    d.part[CERT_SERIAL] = MAKE_DER(0x02, SPAN_ARR(serial));
    d.part[CERT_SIGNATURE] = d.part[CERT_OUTER_SIGNATURE] = algorithm;
    d.part[CERT_ISSUER] = make_name(name_of(issuer));
    d.part[CERT_VALIDITY] = MAKE_DER(0x30, MAKE_DER(0x17, SPAN_LIT("200101000000Z")),
                                     MAKE_DER(0x17, SPAN_LIT("400101000000Z")));
    d.part[CERT_SUBJECT] = make_name(name_of(role));
    d.part[CERT_KEY] =
        join((struct span[]){make_hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
                             span_of(subject->xy, 64)},
             2);
    d.part[CERT_AUTHORITY_KEY_ID] = authority_key_id(issuer_key);
    d.part[CERT_SUBJECT_KEY_ID] = make_extension("551d0e", false, MAKE_DER(0x04, key_id(subject)));
    d.part[CERT_KEY_USAGE] = make_extension("551d0f", true, make_hex(ca ? "03020106" : "030206c0"));
    d.part[CERT_BASIC_CONSTRAINTS] = make_extension("551d13", true, make_hex(constraints));
    if (role == INTEL_PCK)
        d.part[CERT_SGX] = make_extension("2a864886f84d010d01", false, make_hex("3000"));
    return d;
}

struct make_doc make_crl(enum intel_role issuer, const struct make_key *issuer_key)
{
    struct make_doc d = {
        .extensions = CRL_NUMBER, .after_extensions = CRL_AFTER_EXTENSIONS, .extensions_tag = 0xa0};
    struct span reason = MAKE_DER(0x30, make_extension("551d15", false, make_hex("0a0101")));
    struct span date = MAKE_DER(0x17, SPAN_LIT("260101000000Z"));
    d.part[CRL_VERSION] = make_hex("020101");
    d.part[CRL_SIGNATURE] = d.part[CRL_OUTER_SIGNATURE] = make_hex("300a06082a8648ce3d040302");
    d.part[CRL_ISSUER] = make_name(name_of(issuer));
    d.part[CRL_THIS_UPDATE] = date;
    d.part[CRL_NEXT_UPDATE] = MAKE_DER(0x17, SPAN_LIT("270101000000Z"));
    d.part[CRL_REVOKED] = MAKE_DER(0x30, MAKE_DER(0x30, make_hex("02027fff"), date, reason),
                                   MAKE_DER(0x30, make_hex("020101"), date));
    d.part[CRL_NUMBER] = make_extension("551d14", false, make_hex("020107"));
    d.part[CRL_AUTHORITY_KEY_ID] = authority_key_id(issuer_key);
    return d;
}

static struct span sign(const struct make_key *signer, struct span tbs)
{
    uint8_t hash[32], sig[80] = {0};
    unsigned n = 0;
    assert_true(digest(HASH_SHA256, tbs, hash));
    assert_int_equal(ECDSA_sign(0, hash, 32, sig + 1, &n, signer->ec), 1);
    return MAKE_DER(0x03, span_of(sig, n + 1));
}

/* Sets at of parts [from, to), which start at offset. */
static void place(struct make_doc *d, size_t from, size_t to, size_t offset)
{
    for (size_t i = from; i < to; offset += d->part[i++].n)
        d->at[i] = offset;
}

struct span make_signed(struct make_doc *d, const struct make_key *signer)
{
    size_t after = d->after_extensions, value = after + 2;
    struct span list = MAKE_DER(0x30, join(d->part + d->extensions, after - d->extensions));
    struct span extensions = list.n > 2 ? MAKE_DER(d->extensions_tag, list) : span_of(NULL, 0);
    struct span head = join(d->part, d->extensions);
    struct span tbs = MAKE_DER(0x30, head, extensions, d->part[after]);
    struct span signature = d->part[value].n ? d->part[value] : sign(signer, tbs);
    struct span body =
        join((struct span[]){tbs, d->part[after + 1], signature, d->part[after + 3]}, 4);
    struct span der = MAKE_DER(0x30, body);

    size_t tbs_at = der.n - body.n,
           head_at = tbs_at + tbs.n - head.n - extensions.n - d->part[after].n;
    size_t after_at = head_at + head.n + extensions.n;
    place(d, 0, d->extensions, head_at);
    size_t contents = 0;
    for (size_t i = d->extensions; i < after; i++)
        contents += d->part[i].n;
    place(d, d->extensions, after, after_at - contents);
    d->at[after] = after_at;
    d->at[after + 1] = tbs_at + tbs.n;
    d->at[value] = d->at[after + 1] + d->part[after + 1].n;
    d->at[after + 3] = d->at[value] + signature.n;
    d->at[after + 4] = der.n;
    return join((struct span[]){der, d->part[after + 4]}, 2);
}
