/* Quotes, from the parts to the whole; see lab_quote.h for the specifications. */
#include "lab/intel/lab_quote.h"

/* Intel's QE vendor id (A.4, table 3). */
static const uint8_t intel_vendor_id[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

/* The auth data that Intel's quoting enclaves give. */
static const uint8_t counting[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                     11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* label384 is a measurement that tells what it stands for: SHA-384 of a text. */
static void label384(uint8_t out[48], const char *text)
{
    lab_hash384(out, span_text(text));
}

static struct lab_td_report honest_td(void)
{
    struct lab_td_report td = {
        .tee_tcb_svn = {8, 1, 8},
        .tee_tcb_svn_2 = {8, 1, 8},
        .td_attributes = {0, 0, 0, 0x10}, /* SEPT_VE_DISABLE */
        .xfam = {0xe7, 0x18, 0x06},
    };
    label384(td.mr_seam, "lab TDX module");
    label384(td.mr_td, "lab firmware");
    label384(td.rtmr[0], "lab RTMR 0");
    label384(td.rtmr[1], "lab RTMR 1");
    label384(td.rtmr[2], "lab RTMR 2");
    return td;
}

static struct lab_sgx_report honest_enclave(const struct lab_platform *p)
{
    struct lab_sgx_report e = {
        .attributes = {0x05, 0, 0, 0, 0, 0, 0, 0, 0xe7}, /* INIT, MODE64BIT */
        .isvprodid = 1,
        .isvsvn = 1,
    };
    memcpy(e.cpusvn, p->cpusvn, 16);
    lab_hash256(e.mrenclave, SPAN_LIT("lab enclave"));
    lab_hash256(e.mrsigner, SPAN_LIT("lab enclave signer"));
    return e;
}

/* The quoting enclave of TDX (product 2) or SGX (product 1), signed by Intel's keys; it holds the
 * provision key attribute. */
static struct lab_sgx_report honest_qe(const struct lab_platform *p, bool tdx)
{
    static const uint8_t signer[2][32] = {
        {0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
         0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
         0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff},
        {0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
         0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba,
         0xbd, 0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5}};
    struct lab_sgx_report qe = {
        .attributes = {0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7}, /* INIT, MODE64BIT, PROVISION_KEY */
        .isvprodid = tdx ? 2 : 1,
        .isvsvn = 8,
    };
    memcpy(qe.cpusvn, p->cpusvn, 16);
    memcpy(qe.mrsigner, signer[tdx], 32);
    lab_hash256(qe.mrenclave, SPAN_LIT("lab quoting enclave"));
    return qe;
}

static struct lab_quote honest(struct lab_world *w, const struct lab_platform *p, uint16_t version,
                               uint16_t body_type)
{
    bool tdx = body_type != LAB_BODY_SGX;
    struct lab_quote q = {
        .version = version,
        .attestation_key_type = 2,
        .tee_type = tdx ? LAB_TEE_TDX : LAB_TEE_SGX,
        .body_type = body_type,
        .td = honest_td(),
        .sgx = honest_enclave(p),
        .qe = honest_qe(p, tdx),
        .auth_data = SPAN_ARR(counting),
        .signing_key = p->attestation_key,
        .attestation_key = p->attestation_key,
        .pck_key = p->pck_key,
        .outer_type = 6,
        .inner_type = 5,
        .chain = lab_chain_pck(w, p),
    };
    if (version == 3) {
        q.qe_svn = q.qe.isvsvn;
        q.pce_svn = p->pcesvn;
    }
    memcpy(q.qe_vendor_id, intel_vendor_id, 16);
    memcpy(q.user_data, p->ppid, 16);
    return q;
}

struct lab_quote lab_quote_tdx(struct lab_world *w, const struct lab_platform *p, uint16_t version,
                               uint16_t body_type)
{
    return honest(w, p, version, body_type);
}

struct lab_quote lab_quote_sgx(struct lab_world *w, const struct lab_platform *p, uint16_t version)
{
    return honest(w, p, version, LAB_BODY_SGX);
}

/* Quote header, 48 bytes (A.3.1; version 3: A.4, table 3). */
static void header(struct lab_buf *b, const struct lab_quote *q)
{
    lab_buf_u16le(b, q->version);                /* offset 0 */
    lab_buf_u16le(b, q->attestation_key_type);   /* 2 */
    lab_buf_u32le(b, q->tee_type);               /* 4 */
    lab_buf_u16le(b, q->qe_svn);                 /* 8 */
    lab_buf_u16le(b, q->pce_svn);                /* 10 */
    lab_buf_bytes(b, SPAN_ARR(q->qe_vendor_id)); /* 12 */
    lab_buf_bytes(b, SPAN_ARR(q->user_data));    /* 28 */
}

/* TD report body, 584 or 648 bytes (A.3.2). */
static void td_report(struct lab_buf *b, const struct lab_td_report *td, bool td15)
{
    lab_buf_bytes(b, SPAN_ARR(td->tee_tcb_svn));     /* offset 0 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_seam));         /* 16 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_signer_seam));  /* 64 */
    lab_buf_bytes(b, SPAN_ARR(td->seam_attributes)); /* 112 */
    lab_buf_bytes(b, SPAN_ARR(td->td_attributes));   /* 120 */
    lab_buf_bytes(b, SPAN_ARR(td->xfam));            /* 128 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_td));           /* 136 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_config_id));    /* 184 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_owner));        /* 232 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_owner_config)); /* 280 */
    for (int i = 0; i < 4; i++)
        lab_buf_bytes(b, SPAN_ARR(td->rtmr[i])); /* 328, 376, 424, 472 */
    lab_buf_bytes(b, SPAN_ARR(td->report_data)); /* 520 */
    if (!td15)
        return;
    lab_buf_bytes(b, SPAN_ARR(td->tee_tcb_svn_2)); /* 584 */
    lab_buf_bytes(b, SPAN_ARR(td->mr_service_td)); /* 600 */
}

/* SGX report body, 384 bytes (A.4, table 5; SDM volume 3D, REPORT). */
static void sgx_report(struct lab_buf *b, const struct lab_sgx_report *r)
{
    lab_buf_bytes(b, SPAN_ARR(r->cpusvn));          /* offset 0 */
    lab_buf_u32le(b, r->miscselect);                /* 16 */
    lab_buf_zeros(b, 12);                           /* 20 */
    lab_buf_bytes(b, SPAN_ARR(r->isv_ext_prod_id)); /* 32 */
    lab_buf_bytes(b, SPAN_ARR(r->attributes));      /* 48 */
    lab_buf_bytes(b, SPAN_ARR(r->mrenclave));       /* 64 */
    lab_buf_zeros(b, 32);                           /* 96 */
    lab_buf_bytes(b, SPAN_ARR(r->mrsigner));        /* 128 */
    lab_buf_zeros(b, 32);                           /* 160 */
    lab_buf_bytes(b, SPAN_ARR(r->config_id));       /* 192 */
    lab_buf_u16le(b, r->isvprodid);                 /* 256 */
    lab_buf_u16le(b, r->isvsvn);                    /* 258 */
    lab_buf_u16le(b, r->config_svn);                /* 260 */
    lab_buf_zeros(b, 42);                           /* 262 */
    lab_buf_bytes(b, SPAN_ARR(r->isv_family_id));   /* 304 */
    lab_buf_bytes(b, SPAN_ARR(r->report_data));     /* 320 */
}

/* What the attestation key signs: header and body; in version 5 also the body's descriptor. */
static void signed_part(struct lab_buf *b, const struct lab_quote *q)
{
    static const uint32_t size[] = {0, 384, 584, 648};
    header(b, q);
    if (q->version == 5) {
        lab_buf_u16le(b, q->body_type);
        lab_buf_u32le(b, size[q->body_type]);
    }
    if (q->body_type == LAB_BODY_SGX)
        sgx_report(b, &q->sgx);
    else
        td_report(b, &q->td, q->body_type == LAB_BODY_TD15);
    lab_buf_edit(b, q->signed_part);
}

/* The attestation key as it stands in the quote, x || y. */
static void attestation_point(struct lab_world *w, struct lab_buf *b, const struct lab_quote *q)
{
    uint8_t xy[64];
    lab_key_point(w, q->attestation_key, xy);
    lab_buf_bytes(b, q->attestation_point.n ? q->attestation_point : SPAN_ARR(xy));
}

/* The QE report vouches for the attestation key by its report_data. */
static void qe_report(struct lab_world *w, struct lab_buf *b, const struct lab_quote *q)
{
    struct lab_sgx_report qe = q->qe;
    if (!q->qe_report_data_given) {
        struct lab_buf vouched = {0};
        attestation_point(w, &vouched, q);
        lab_buf_bytes(&vouched, q->auth_data);
        lab_hash256(qe.report_data, lab_buf_span(&vouched));
        lab_buf_free(&vouched);
    }
    sgx_report(b, &qe);
    lab_buf_edit(b, q->qe_report);
}

static void certification(struct lab_buf *b, uint16_t type, struct span data)
{
    lab_buf_u16le(b, type);
    lab_buf_u32le(b, (uint32_t)data.n);
    lab_buf_bytes(b, data);
}

/* QE report certification data (A.3.11): QE report, PCK signature, auth data, and the chain as
 * certification data of its own. */
static void qe_certification(struct lab_world *w, struct lab_buf *b, const struct lab_quote *q)
{
    uint8_t rs[64];
    struct lab_buf report = {0};
    qe_report(w, &report, q);
    lab_key_sign(w, q->pck_key, lab_buf_span(&report), rs);
    lab_buf_bytes(b, lab_buf_span(&report));
    lab_buf_free(&report);
    lab_buf_bytes(b, SPAN_ARR(rs));
    lab_buf_u16le(b, (uint16_t)q->auth_data.n);
    lab_buf_bytes(b, q->auth_data);
    certification(b, q->inner_type,
                  q->certification.n ? q->certification : lab_chain_pem(w, &q->chain));
}

/* ECDSA 256-bit quote signature data (A.3.8; version 3: A.4, table 4). Version 3 has the QE's part
 * in line, later versions wrap it as certification data type 6. */
static void signature_data(struct lab_world *w, struct lab_buf *b, const struct lab_quote *q,
                           struct span signed_bytes)
{
    uint8_t rs[64];
    lab_key_sign(w, q->signing_key, signed_bytes, rs);
    lab_buf_bytes(b, SPAN_ARR(rs));
    attestation_point(w, b, q);
    struct lab_buf qe = {0};
    qe_certification(w, &qe, q);
    if (q->version == 3)
        lab_buf_bytes(b, lab_buf_span(&qe));
    else
        certification(b, q->outer_type, lab_buf_span(&qe));
    lab_buf_free(&qe);
}

struct span lab_quote_make(struct lab_world *w, const struct lab_quote *q)
{
    struct lab_buf b = {0}, signature = {0};
    signed_part(&b, q);
    signature_data(w, &signature, q, lab_buf_span(&b));
    lab_buf_u32le(&b, (uint32_t)signature.n);
    lab_buf_bytes(&b, lab_buf_span(&signature));
    lab_buf_free(&signature);
    lab_buf_zeros(&b, q->padding);
    lab_buf_edit(&b, q->after);
    return lab_world_keep(w, &b);
}

struct lab_quote_layout lab_quote_layout(const struct lab_quote *q)
{
    static const size_t body_size[] = {0, 384, 584, 648};
    struct lab_quote_layout at = {0};
    at.body = q->version == 5 ? 48 + 2 + 4 : 48;
    at.signature_size = at.body + body_size[q->body_type];
    at.signature = at.signature_size + 4;
    at.attestation_key = at.signature + 64;
    at.qe_report = at.attestation_key + 64;
    if (q->version != 3) {
        at.outer_type = at.qe_report;
        at.qe_report += 2 + 4;
    }
    at.qe_report_signature = at.qe_report + 384;
    at.auth_size = at.qe_report_signature + 64;
    at.auth_data = at.auth_size + 2;
    at.inner_type = at.auth_data + q->auth_data.n;
    at.certification = at.inner_type + 2 + 4;
    return at;
}
