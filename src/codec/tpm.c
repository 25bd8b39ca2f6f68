/* Readers of TPM 2.0 structures; see tpm.h. Section numbers are of TPM 2.0 Library, part 2. */
#include "codec/tpm.h"

#include "base/rd.h"
#include "base/text.h"

#define RSA_DEFAULT_EXPONENT 65537 /* 12.2.3.5 TPMS_RSA_PARMS: zero stands for 2^16 + 1 */

static struct rd start(struct span bytes, const char *part, struct situs_err *err)
{
    struct rd r = rd_new(bytes, 0, part, err);
    if (bytes.n > LIMIT_ATTEST)
        rd_fail(&r, SITUS_TOO_LONG, "size", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_ATTEST),
                TEXT_BYTES(bytes.n));
    return r;
}

/* A TPM2B: a 16-bit size and so many bytes (10.4.1). */
static struct span sized(struct rd *r, const char *field)
{
    return rd_bytes(r, rd_u16be(r, field), field);
}

/* TPMS_PCR_SELECTION (10.6.2): octet i holds PCR 8i (bit 0) to 8i + 7. */
static void read_selection(struct tpm_attest *a, struct rd *r)
{
    struct tpm_selection *s = &a->selection[a->n_selections];
    size_t at = rd_at(r);
    s->hash = rd_u16be(r, "attested.pcr_select.hash");
    for (size_t i = 0; i < a->n_selections; i++)
        if (rd_ok(r) && a->selection[i].hash == s->hash)
            rd_fail(r, SITUS_DUPLICATE, "attested.pcr_select.hash", at, "each bank once", NULL);
    at = rd_at(r);
    uint8_t size = rd_u8(r, "attested.pcr_select.sizeof_select");
    if (rd_ok(r) && size != TPM_SELECT_SIZE)
        rd_fail(r, SITUS_UNSUPPORTED, "attested.pcr_select.sizeof_select", at,
                TEXT_NUM(TPM_SELECT_SIZE), TEXT_NUM(size));
    struct span octets = rd_bytes(r, TPM_SELECT_SIZE, "attested.pcr_select.pcr_select");
    s->mask = 0;
    for (size_t i = 0; i < octets.n; i++)
        s->mask |= (uint32_t)octets.p[i] << 8 * i;
    a->n_selections++;
}

/* TPMS_QUOTE_INFO (10.12.1): TPML_PCR_SELECTION (10.9.7), then the digest. */
static void read_quote_info(struct tpm_attest *a, struct rd *r)
{
    size_t at = rd_at(r);
    uint32_t count = rd_u32be(r, "attested.pcr_select.count");
    if (rd_ok(r) && count > LIMIT_PCR_SELECTIONS)
        rd_fail(r, SITUS_TOO_LONG, "attested.pcr_select.count", at, TEXT_NUM(LIMIT_PCR_SELECTIONS),
                TEXT_NUM(count));
    for (uint32_t i = 0; i < count && rd_ok(r); i++)
        read_selection(a, r);
    a->pcr_digest = sized(r, "attested.pcr_digest");
}

/* TPMS_CLOCK_INFO (10.11.1). */
static void read_clock_info(struct tpm_attest *a, struct rd *r)
{
    a->clock = rd_u64be(r, "clock_info.clock");
    a->reset_count = rd_u32be(r, "clock_info.reset_count");
    a->restart_count = rd_u32be(r, "clock_info.restart_count");
    size_t at = rd_at(r);
    uint8_t safe = rd_u8(r, "clock_info.safe");
    if (safe > 1) /* 9.3 TPMI_YES_NO */
        rd_fail(r, SITUS_MALFORMED, "clock_info.safe", at, "0 or 1", TEXT_NUM(safe));
    a->safe = safe == 1;
}

bool tpm_attest_read(struct tpm_attest *a, struct span bytes, struct situs_err *err)
{
    *a = (struct tpm_attest){0};
    struct rd r = start(bytes, "tpms_attest", err);
    a->magic = rd_u32be(&r, "magic");
    a->type = rd_u16be(&r, "type");
    if (!rd_ok(&r))
        return false;
    a->is_quote = a->magic == TPM_GENERATED && a->type == TPM_ST_ATTEST_QUOTE;
    if (!a->is_quote)
        return true;
    a->qualified_signer = sized(&r, "qualified_signer");
    a->extra_data = sized(&r, "extra_data");
    read_clock_info(a, &r);
    a->firmware_version = rd_u64be(&r, "firmware_version");
    read_quote_info(a, &r);
    if (rd_end(&r, "tpms_attest"))
        return true;
    *a = (struct tpm_attest){0};
    return false;
}

bool tpm_signature_read(struct tpm_signature *s, struct span bytes, struct situs_err *err)
{
    *s = (struct tpm_signature){0};
    struct rd r = start(bytes, "tpmt_signature", err);
    s->alg = rd_u16be(&r, "sig_alg");
    switch (s->alg) {
    case TPM_ALG_RSASSA:
    case TPM_ALG_RSAPSS: /* 11.3.1 TPMS_SIGNATURE_RSA */
        s->hash = rd_u16be(&r, "signature.hash");
        s->rsa = sized(&r, "signature.sig");
        break;
    case TPM_ALG_ECDSA: /* 11.3.2 TPMS_SIGNATURE_ECC */
        s->hash = rd_u16be(&r, "signature.hash");
        s->r = sized(&r, "signature.signature_r");
        s->s = sized(&r, "signature.signature_s");
        break;
    default:
        if (rd_ok(&r))
            rd_fail(&r, SITUS_UNSUPPORTED, "sig_alg", 0, "RSASSA, RSAPSS or ECDSA",
                    TEXT_HEX(span_cut(bytes, 0, 2)));
    }
    if (rd_end(&r, "tpmt_signature"))
        return true;
    *s = (struct tpm_signature){0};
    return false;
}

/* A field that must be TPM_ALG_NULL in a signing key: symmetric (11.1.7) and kdf (11.2.3.2). */
static void expect_null(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    uint16_t alg = rd_u16be(r, field);
    if (rd_ok(r) && alg != TPM_ALG_NULL)
        rd_fail(r, SITUS_UNSUPPORTED, field, at, "TPM_ALG_NULL", TEXT_NUM(alg));
}

/* TPMT_RSA_SCHEME (11.2.4.2) or TPMT_ECC_SCHEME (11.2.5.6): the listed ones have one hash. */
static void read_scheme(struct tpm_public *p, struct rd *r)
{
    size_t at = rd_at(r);
    p->scheme = rd_u16be(r, "parameters.scheme");
    bool rsa = p->scheme == TPM_ALG_RSASSA || p->scheme == TPM_ALG_RSAPSS;
    bool known = p->type == TPM_ALG_RSA ? rsa : p->scheme == TPM_ALG_ECDSA;
    if (known)
        p->scheme_hash = rd_u16be(r, "parameters.scheme.hash_alg");
    else if (rd_ok(r) && p->scheme != TPM_ALG_NULL)
        rd_fail(r, SITUS_UNSUPPORTED, "parameters.scheme", at, "a signing scheme of the key's type",
                TEXT_NUM(p->scheme));
}

/* TPMS_RSA_PARMS (12.2.3.5) after symmetric, and TPM2B_PUBLIC_KEY_RSA (11.2.4.5). */
static void read_rsa(struct tpm_public *p, struct rd *r)
{
    read_scheme(p, r);
    p->bits = rd_u16be(r, "parameters.key_bits");
    p->exponent = rd_u32be(r, "parameters.exponent");
    if (p->exponent == 0)
        p->exponent = RSA_DEFAULT_EXPONENT;
    size_t at = rd_at(r);
    p->modulus = sized(r, "unique");
    if (rd_ok(r) && p->modulus.n * 8 != p->bits)
        rd_fail(r, SITUS_MISMATCH, "unique", at, "a modulus of key_bits bits",
                TEXT_BYTES(p->modulus.n));
}

/* TPMS_ECC_PARMS (12.2.3.6) after symmetric, and TPMS_ECC_POINT (11.2.5.2). */
static void read_ecc(struct tpm_public *p, struct rd *r)
{
    read_scheme(p, r);
    size_t at = rd_at(r);
    p->curve = rd_u16be(r, "parameters.curve_id");
    if (rd_ok(r) && p->curve != TPM_ECC_NIST_P256 && p->curve != TPM_ECC_NIST_P384)
        rd_fail(r, SITUS_UNSUPPORTED, "parameters.curve_id", at, "NIST P-256 or P-384",
                TEXT_NUM(p->curve));
    expect_null(r, "parameters.kdf");
    p->x = sized(r, "unique.x");
    p->y = sized(r, "unique.y");
}

bool tpm_public_read(struct tpm_public *p, struct span bytes, struct situs_err *err)
{
    *p = (struct tpm_public){0};
    struct rd r = start(bytes, "tpmt_public", err);
    p->whole = bytes;
    p->type = rd_u16be(&r, "type");
    if (rd_ok(&r) && p->type != TPM_ALG_RSA && p->type != TPM_ALG_ECC)
        rd_fail(&r, SITUS_UNSUPPORTED, "type", 0, "RSA or ECC", TEXT_NUM(p->type));
    p->name_alg = rd_u16be(&r, "name_alg");
    p->attributes = rd_u32be(&r, "object_attributes");
    p->auth_policy = sized(&r, "auth_policy");
    expect_null(&r, "parameters.symmetric");
    if (p->type == TPM_ALG_RSA)
        read_rsa(p, &r);
    else
        read_ecc(p, &r);
    if (rd_end(&r, "tpmt_public"))
        return true;
    *p = (struct tpm_public){0};
    return false;
}
