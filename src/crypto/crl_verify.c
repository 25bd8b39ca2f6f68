/* Signatures of CRLs over the bytes that were sent; see crl.h. */
#include "base/text.h"
#include "codec/der.h"
#include "crypto/crl.h"

/* The algorithms that are strong enough (RFC 5758 3.2, RFC 4055 3.1 and 5): whole
 * AlgorithmIdentifiers, so that parameters are part of the choice. */
#define RSA_OID "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define ECDSA_OID "\x2a\x86\x48\xce\x3d\x04\x03"
#define SHA2(n) "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" n "\x05\x00"
#define PSS_PARAMETERS(hash, salt)                           \
    "\xa0\x0f" SHA2(hash) "\xa1\x1c\x30\x1a\x06\x09" RSA_OID \
                          "\x08" SHA2(hash) "\xa2\x03\x02\x01" salt
#define PSS(hash, salt) "\x30\x41\x06\x09" RSA_OID "\x0a\x30\x34" PSS_PARAMETERS(hash, salt)
/* AMD's ARKs write trailerField, whose default it is, too (RFC 4055 3.1; X.690 11.5 has it left out). */
#define PSS_TRAILER(hash, salt) \
    "\x30\x46\x06\x09" RSA_OID "\x0a\x30\x39" PSS_PARAMETERS(hash, salt) "\xa3\x03\x02\x01\x01"
static const struct {
    struct span algorithm;
    enum scheme scheme;
    enum hash hash;
} schemes[] = {
    {SPAN_LIT("\x30\x0a\x06\x08" ECDSA_OID "\x02"), SCHEME_ECDSA, HASH_SHA256},
    {SPAN_LIT("\x30\x0a\x06\x08" ECDSA_OID "\x03"), SCHEME_ECDSA, HASH_SHA384},
    {SPAN_LIT("\x30\x0a\x06\x08" ECDSA_OID "\x04"), SCHEME_ECDSA, HASH_SHA512},
    {SPAN_LIT("\x30\x0d\x06\x09" RSA_OID "\x0b\x05\x00"), SCHEME_RSASSA, HASH_SHA256},
    {SPAN_LIT("\x30\x0d\x06\x09" RSA_OID "\x0c\x05\x00"), SCHEME_RSASSA, HASH_SHA384},
    {SPAN_LIT("\x30\x0d\x06\x09" RSA_OID "\x0d\x05\x00"), SCHEME_RSASSA, HASH_SHA512},
    {SPAN_LIT(PSS("\x01", "\x20")), SCHEME_RSAPSS, HASH_SHA256},
    {SPAN_LIT(PSS("\x02", "\x30")), SCHEME_RSAPSS, HASH_SHA384},
    {SPAN_LIT(PSS_TRAILER("\x02", "\x30")), SCHEME_RSAPSS, HASH_SHA384},
    {SPAN_LIT(PSS("\x03", "\x40")), SCHEME_RSAPSS, HASH_SHA512},
};

static bool verify_by(const struct crl *crl, const struct public_key *key, enum scheme scheme,
                      enum hash hash)
{
    if (scheme != SCHEME_ECDSA)
        return verify_rsa(key, scheme, hash, crl->tbs, crl->signature);
    uint8_t rs[VERIFY_POINT_MAX];
    struct situs_err why = {0};
    struct rd r = rd_new(crl->signature, 0, "crl", &why);
    size_t half = verify_key_on(key, CURVE_P256) ? 32 : 48;
    return der_ecdsa(&r, rs, half, "") && rd_end(&r, "") &&
           verify_ecdsa_raw(key, hash, crl->tbs, span_of(rs, 2 * half));
}

bool crl_signed_by(const struct crl *crl, const struct public_key *key, struct situs_err *err)
{
    size_t i = 0, n = sizeof schemes / sizeof *schemes;
    while (i < n && !span_equal(schemes[i].algorithm, crl->algorithm))
        i++;
    if (i == n)
        return err_fail(err, SITUS_UNSUPPORTED, "crl", "signature_algorithm", SITUS_NO_OFFSET,
                        "ECDSA or RSA with SHA-2", TEXT_HEX(crl->algorithm));
    return verify_by(crl, key, schemes[i].scheme, schemes[i].hash) ||
           err_fail(err, SITUS_BAD_SIGNATURE, "crl", "signature", SITUS_NO_OFFSET,
                    "a signature by the issuer of that name", NULL);
}
