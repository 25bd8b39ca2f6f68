/* What certificates and CRLs of Intel have in common (RFC 5280; PCK profile 1.3). */
#include "lab/intel/lab_cert.h"

/* One RelativeDistinguishedName: SET { SEQUENCE { type 2.5.4.x, value } }. */
static void rdn(struct lab_buf *b, uint8_t type, uint8_t tag, const char *value)
{
    uint8_t oid[3] = {0x55, 0x04, type};
    size_t set = lab_der_open(b, DER_SET), seq = lab_der_open(b, DER_SEQUENCE);
    lab_der_bytes(b, DER_OID, SPAN_ARR(oid));
    lab_der_bytes(b, tag, span_text(value));
    lab_der_close(b, seq);
    lab_der_close(b, set);
}

void lab_x509_name(struct lab_buf *b, const char *common_name)
{
    size_t name = lab_der_open(b, DER_SEQUENCE);
    rdn(b, 3, DER_UTF8, common_name);
    rdn(b, 10, DER_UTF8, "Intel Corporation");
    rdn(b, 7, DER_UTF8, "Santa Clara");
    rdn(b, 8, DER_UTF8, "CA");
    rdn(b, 6, DER_PRINTABLE, "US");
    lab_der_close(b, name);
}

void lab_x509_algorithm(struct lab_buf *b, struct span instead)
{
    if (instead.n > 0) {
        lab_buf_bytes(b, instead);
        return;
    }
    size_t algorithm = lab_der_open(b, DER_SEQUENCE);
    /* ecdsa-with-SHA256, 1.2.840.10045.4.3.2, without parameters (RFC 5758 3.2) */
    lab_der_bytes(b, DER_OID, SPAN_LIT("\x2a\x86\x48\xce\x3d\x04\x03\x02"));
    lab_der_close(b, algorithm);
}

void lab_x509_extension(struct lab_buf *b, struct span oid, bool critical, struct span value)
{
    size_t extension = lab_der_open(b, DER_SEQUENCE);
    lab_der_bytes(b, DER_OID, oid);
    if (critical)
        lab_der_bool(b, true);
    lab_der_bytes(b, DER_OCTETS, value);
    lab_der_close(b, extension);
}

void lab_x509_authority_key_id(struct lab_world *w, struct lab_buf *b, enum lab_key key)
{
    uint8_t value[24] = {0x30, 22, 0x80, 20}; /* SEQUENCE { [0] keyIdentifier } */
    lab_key_id(w, key, value + 4);
    lab_x509_extension(b, SPAN_LIT("\x55\x1d\x23"), false, SPAN_ARR(value));
}

/* The signature is BIT STRING { SEQUENCE { INTEGER r, INTEGER s } } (RFC 5480 appendix A). */
static void signature_value(struct lab_buf *b, const uint8_t rs[64])
{
    size_t bits = lab_der_open(b, DER_BITS);
    lab_buf_u8(b, 0);
    size_t seq = lab_der_open(b, DER_SEQUENCE);
    lab_der_big(b, span_of(rs, 32));
    lab_der_big(b, span_of(rs + 32, 32));
    lab_der_close(b, seq);
    lab_der_close(b, bits);
}

struct span lab_x509_signed(struct lab_world *w, struct lab_buf *tbs, enum lab_key key,
                            struct span algorithm, const struct lab_edit before[LAB_EDITS],
                            const struct lab_edit after[LAB_EDITS])
{
    uint8_t rs[64];
    struct lab_buf out = {0};
    lab_buf_edit(tbs, before);
    lab_key_sign(w, key, lab_buf_span(tbs), rs);
    size_t whole = lab_der_open(&out, DER_SEQUENCE);
    lab_buf_bytes(&out, lab_buf_span(tbs));
    lab_x509_algorithm(&out, algorithm);
    signature_value(&out, rs);
    lab_der_close(&out, whole);
    lab_buf_free(tbs);
    lab_buf_edit(&out, after);
    return lab_world_keep(w, &out);
}
