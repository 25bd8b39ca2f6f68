/* Quote reader; see quote.h. Offsets are those of the structures in A.3 and A.4 there. */
#include "tee/intel/quote.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"

enum {
    TEE_SGX = 0x00,
    TEE_TDX = 0x81,
    ATT_KEY_ECDSA_P256 = 2,
    HEADER_SIZE = 48,
    SGX_REPORT_SIZE = 384,
    TD_REPORT_SIZE = 584,
    TD_REPORT15_SIZE = 648,
    CERT_PCK_CHAIN = 5, /* certification data types: SGX A.4, table 9; TDX A.3.9 */
    CERT_QE_REPORT = 6
};

/* Intel's quoting enclaves; A.3.1, QE Vendor ID. */
static const uint8_t intel_qe[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static bool read_header(struct rd *r, struct quote *q)
{
    q->version = rd_u16le(r, "header.version");
    uint16_t key_type = rd_u16le(r, "header.att_key_type");
    uint32_t tee_type = rd_u32le(r, "header.tee_type");
    rd_u32le(r, "header.reserved"); /* version 3: QE SVN, PCE SVN */
    struct span vendor = rd_bytes(r, sizeof intel_qe, "header.qe_vendor_id");
    rd_bytes(r, 20, "header.user_data");
    if (!rd_ok(r))
        return false;
    if (q->version < 3 || q->version > 5) {
        rd_fail(r, SITUS_UNSUPPORTED, "header.version", 0, "3, 4 or 5", TEXT_NUM(q->version));
        const char *text = text_stands_for(r->in);
        return err_hint(r->err,
                        text ? text : "no quote of Intel's begins so: is it the right file?");
    }
    if (key_type != ATT_KEY_ECDSA_P256)
        return rd_fail(r, SITUS_UNSUPPORTED, "header.att_key_type", 2, "2 (ECDSA-256-with-P-256)",
                       TEXT_NUM(key_type));
    if (tee_type != TEE_SGX && (tee_type != TEE_TDX || q->version == 3))
        return rd_fail(r, SITUS_UNSUPPORTED, "header.tee_type", 4,
                       q->version == 3 ? "0 (SGX) in version 3" : "0 (SGX) or 129 (TDX)",
                       TEXT_NUM(tee_type));
    if (!span_equal(vendor, SPAN_ARR(intel_qe)))
        return rd_fail(r, SITUS_UNSUPPORTED, "header.qe_vendor_id", 12,
                       TEXT_HEX(SPAN_ARR(intel_qe)), TEXT_HEX(vendor));
    q->tdx = tee_type == TEE_TDX;
    return true;
}

static size_t body_size(uint16_t type)
{
    switch (type) {
    case 1:
        return SGX_REPORT_SIZE;
    case 2:
        return TD_REPORT_SIZE;
    case 3:
        return TD_REPORT15_SIZE;
    default:
        return 0;
    }
}

/* Version 5 names type and size of the body (A.3.2); before, the TEE type decides. */
static bool read_body(struct rd *r, struct quote *q)
{
    q->body_type = q->tdx ? 2 : 1;
    if (q->version == 5) {
        size_t at = rd_at(r);
        q->body_type = rd_u16le(r, "body.type");
        uint32_t size = rd_u32le(r, "body.size");
        if (!rd_ok(r))
            return false;
        if (body_size(q->body_type) == 0)
            return rd_fail(r, SITUS_UNSUPPORTED, "body.type", at, "1 (SGX), 2 or 3 (TD report)",
                           TEXT_NUM(q->body_type));
        if ((q->body_type == 1) == q->tdx)
            return rd_fail(r, SITUS_MISMATCH, "body.type", at,
                           q->tdx ? "2 or 3, as the TEE type says" : "1, as the TEE type says",
                           TEXT_NUM(q->body_type));
        if (size != body_size(q->body_type))
            return rd_fail(r, SITUS_MALFORMED, "body.size", at + 2,
                           TEXT_NUM(body_size(q->body_type)), TEXT_NUM(size));
    }
    q->body = rd_bytes(r, body_size(q->body_type), "body");
    return rd_ok(r);
}

static const char *certification_hint(uint16_t type)
{
    switch (type) {
    case 1:
    case 2:
    case 3:
        return "encrypted or plain PPID: fetch the PCK certificate for it from PCS with QE id, "
               "CPUSVN, PCESVN, PCEID, or ask the platform for a quote with type 5";
    case 4:
        return "leaf certificate only: ask the platform for a quote with its whole PCK chain "
               "(type 5)";
    case 7:
        return "platform manifest: register the platform with Intel, then quote again (type 5)";
    default:
        return "ask the platform for a quote that embeds its PCK chain (type 5)";
    }
}

static bool read_chain(struct rd *r, struct quote *q)
{
    size_t at = rd_at(r);
    uint16_t type = rd_u16le(r, "signature.certification_data.type");
    uint32_t size = rd_u32le(r, "signature.certification_data.size");
    if (!rd_ok(r))
        return false;
    if (type != CERT_PCK_CHAIN) {
        rd_fail(r, SITUS_UNSUPPORTED, "signature.certification_data.type", at, "5 (PCK chain)",
                TEXT_NUM(type));
        return err_hint(r->err, certification_hint(type));
    }
    if (size == 0)
        return rd_fail(r, SITUS_MISSING, "signature.certification_data.size", at + 2, "a PCK chain",
                       "0 bytes");
    if (size > LIMIT_PCK_CHAIN)
        return rd_fail(r, SITUS_TOO_LONG, "signature.certification_data.size", at + 2,
                       TEXT_BYTES(LIMIT_PCK_CHAIN), TEXT_BYTES(size));
    q->certification_at = rd_at(r);
    q->certification = rd_bytes(r, size, "signature.certification_data");
    return rd_end(r, "signature.certification_data");
}

/* The quoting enclave's report and what it vouches with: inline in version 3 (SGX A.4), inside
 * certification data of type 6 since version 4 (TDX A.3.9). */
static bool read_qe(struct rd *r, struct quote *q)
{
    q->qe_report = rd_bytes(r, SGX_REPORT_SIZE, "signature.qe_report");
    q->qe_report_signature = rd_bytes(r, 64, "signature.qe_report_signature");
    uint16_t size = rd_u16le(r, "signature.qe_authentication_data.size");
    q->qe_auth_data = rd_bytes(r, size, "signature.qe_authentication_data");
    return rd_ok(r) && read_chain(r, q);
}

static bool read_signature(struct rd *r, struct quote *q)
{
    q->signature = rd_bytes(r, 64, "signature.isv_enclave_report_signature");
    q->attestation_key = rd_bytes(r, 64, "signature.ecdsa_attestation_key");
    if (q->version == 3)
        return read_qe(r, q);
    size_t at = rd_at(r);
    uint16_t type = rd_u16le(r, "signature.qe_certification_data.type");
    uint32_t size = rd_u32le(r, "signature.qe_certification_data.size");
    if (!rd_ok(r))
        return false;
    if (type != CERT_QE_REPORT) {
        rd_fail(r, SITUS_UNSUPPORTED, "signature.qe_certification_data.type", at, "6 (QE report)",
                TEXT_NUM(type));
        return err_hint(r->err, certification_hint(type));
    }
    struct rd sub = rd_sub(r, size, "signature.qe_certification_data");
    return read_qe(&sub, q) && rd_end(r, "signature.qe_certification_data");
}

bool quote_read(struct quote *q, struct span bytes, struct situs_err *err)
{
    memset(q, 0, sizeof *q);
    if (bytes.n > LIMIT_QUOTE)
        return err_fail(err, SITUS_TOO_LONG, "quote", "quote", SITUS_NO_OFFSET,
                        "at most 65536 bytes", TEXT_BYTES(bytes.n));
    struct rd r = rd_new(bytes, 0, "quote", err);
    struct quote read = {0};
    if (!read_header(&r, &read) || !read_body(&r, &read))
        return false;
    read.signed_part = span_cut(bytes, 0, r.pos);
    uint32_t size = rd_u32le(&r, "signature.size");
    struct rd sub = rd_sub(&r, size, "signature");
    if (!read_signature(&sub, &read))
        return false;
    read.whole = span_cut(bytes, 0, r.pos);
    size_t rest = rd_left(&r);
    if (!span_all(span_cut(bytes, r.pos, rest), 0))
        return rd_end(&r, "quote");
    read.padding = rest;
    *q = read;
    return true;
}

struct claim_field {
    enum claim_id id;
    uint16_t at, size;
};

/* TD report body, A.3.2; its last two fields are in version 1.5 only. */
static const struct claim_field td_fields[] = {
    {CLAIM_TEE_TCB_SVN, 0, 16},      {CLAIM_MRSEAM, 16, 48},        {CLAIM_MRSIGNERSEAM, 64, 48},
    {CLAIM_SEAM_ATTRIBUTES, 112, 8}, {CLAIM_TD_ATTRIBUTES, 120, 8}, {CLAIM_XFAM, 128, 8},
    {CLAIM_MRTD, 136, 48},           {CLAIM_MRCONFIGID, 184, 48},   {CLAIM_MROWNER, 232, 48},
    {CLAIM_MROWNERCONFIG, 280, 48},  {CLAIM_RTMR0, 328, 48},        {CLAIM_RTMR1, 376, 48},
    {CLAIM_RTMR2, 424, 48},          {CLAIM_RTMR3, 472, 48},        {CLAIM_REPORT_DATA, 520, 64},
    {CLAIM_TEE_TCB_SVN_2, 584, 16},  {CLAIM_MRSERVICETD, 600, 48},
};

/* SGX report body, A.4 table 5: byte strings. */
static const struct claim_field sgx_fields[] = {
    {CLAIM_CPUSVN, 0, 16},     {CLAIM_MISCSELECT, 16, 4}, {CLAIM_ATTRIBUTES, 48, 16},
    {CLAIM_MRENCLAVE, 64, 32}, {CLAIM_MRSIGNER, 128, 32}, {CLAIM_REPORT_DATA, 320, 64},
};

static const struct claim_field qe_fields[] = {
    {CLAIM_QE_MISCSELECT, 16, 4},
    {CLAIM_QE_ATTRIBUTES, 48, 16},
    {CLAIM_QE_MRSIGNER, 128, 32},
};

#define FIELDS(table) (table), sizeof(table) / sizeof(table)[0]

static void state_fields(struct claims *c, struct span report, const struct claim_field *fields,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fields[i].at + (size_t)fields[i].size <= report.n)
            claim_bytes(c, fields[i].id, span_cut(report, fields[i].at, fields[i].size));
}

static const struct {
    const char *version, *mrseam;
} modules[] = {
#define TDX_MODULE(version, mrseam) {version, mrseam},
#include "tee/intel/modules.def"
#undef TDX_MODULE
};

static void state_module(struct claims *c, struct span mrseam)
{
    uint8_t known[48];
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        struct span hex = span_text(modules[i].mrseam);
        if (text_hex_read(known, 2, span_cut(hex, 0, 4)) && memcmp(known, mrseam.p, 2) == 0 &&
            text_hex_read(known, sizeof known, hex) && span_equal(SPAN_ARR(known), mrseam))
            claim_bytes(c, CLAIM_TDX_MODULE, span_text(modules[i].version));
    }
}

static int64_t report_u16(struct span report, size_t at)
{
    return report.p[at] | report.p[at + 1] << 8;
}

void quote_claims(const struct quote *q, struct claims *c)
{
    c->instance = q->tdx ? "tdx" : "sgx";
    claim_num(c, CLAIM_QUOTE_VERSION, q->version);
    claim_bytes(c, CLAIM_QE_ID, span_cut(q->signed_part, 28, 16)); /* of user_data, A.3.1 */
    if (q->tdx) {
        state_fields(c, q->body, FIELDS(td_fields));
        state_module(c, span_cut(q->body, 16, 48));
    } else {
        state_fields(c, q->body, FIELDS(sgx_fields));
        claim_num(c, CLAIM_ISVPRODID, report_u16(q->body, 256));
        claim_num(c, CLAIM_ISVSVN, report_u16(q->body, 258));
    }
    state_fields(c, q->qe_report, FIELDS(qe_fields));
    claim_num(c, CLAIM_QE_ISVPRODID, report_u16(q->qe_report, 256)); /* table 5 */
    claim_num(c, CLAIM_QE_ISVSVN, report_u16(q->qe_report, 258));
}
