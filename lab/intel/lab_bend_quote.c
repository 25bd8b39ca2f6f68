/* Bent quotes. */
#include "lab/intel/lab_bend.h"

void lab_bend_qe_signature(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    (void)form;
    s->quote.pck_key = LAB_KEY_IMPOSTOR;
}

void lab_bend_qe(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_sgx_report *qe = &s->quote.qe;
    switch (form) {
    case 0:
        qe->mrsigner[0] ^= 1;
        break;
    case 1:
        qe->isvprodid = 9;
        break;
    case 2:
        qe->isvsvn = 1;
        break;
    case 3:
        qe->miscselect = 1;
        break;
    case 4:
        qe->attributes[0] = 0x05;
        break;
    case 5:
        s->quote.qe_vendor_id[0] ^= 1;
        break;
    case 6: /* report_data is at 320 in the report */
        s->quote.qe_report[0] = LAB_AT(320, "another key");
        break;
    case 7:
        s->quote.qe_report[0] = LAB_AT(320 + 63, "\1");
        break;
    default:
        qe->attributes[0] |= 0x02;
    }
}

void lab_bend_module(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_td_report *td = &s->quote.td;
    if (form == 0)
        td->mr_signer_seam[0] = 1;
    else if (form == 1)
        td->seam_attributes[0] = 1;
    else if (form == 2)
        td->tee_tcb_svn[0] = 1;
    else
        td->tee_tcb_svn[1] = 2; /* TDX_02 */
}

void lab_bend_header(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_quote *q = &s->quote;
    switch (form) {
    case 0:
        q->attestation_key_type = 3;
        break;
    case 1:
        q->inner_type = 6;
        break;
    case 2:
        q->outer_type = 5;
        break;
    case 3:
        q->inner_type = 3;
        break;
    case 4: /* header offsets: 4 tee_type, 2 attestation_key_type, 28 user_data */
        q->after[0] = LAB_AT(4, "\0");
        break;
    case 5:
        q->after[0] = LAB_AT(2, "\3");
        break;
    default:
        q->after[0] = LAB_AT(28, "somebody else");
    }
}

void lab_bend_signature(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    static const uint8_t zero[64],
        off_curve[64] = {1},
        ones[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    size_t at = lab_quote_layout(&s->quote).signature;
    if (form == 0)
        s->quote.attestation_point = SPAN_ARR(zero);
    else if (form == 1)
        s->quote.attestation_point = SPAN_ARR(off_curve);
    else if (form == 2)
        s->quote.after[0] = (struct lab_edit){.at = at, .put = span_of(zero, 32)};
    else
        s->quote.after[0] = (struct lab_edit){.at = at + 32, .put = SPAN_ARR(ones)};
}

void lab_bend_version(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    if (form == 0) {
        s->quote = lab_quote_sgx(w, &s->machine, 3);
        s->quote.tee_type = LAB_TEE_TDX;
    } else if (form == 1) { /* version 5: 48 body type, 50 body size */
        s->quote = lab_quote_tdx(w, &s->machine, 5, LAB_BODY_TD15);
        s->quote.signed_part[0] = LAB_AT(50, "\x48\2\0\0");
    } else if (form == 2) {
        s->quote = lab_quote_tdx(w, &s->machine, 5, LAB_BODY_TD10);
        s->quote.signed_part[0] = LAB_AT(48, "\1\0");
    } else {
        s->quote.version = 6;
    }
}

/* size_of reads a little-endian number of the honest quote. */
static uint32_t size_of(struct span quote, size_t at, size_t width)
{
    uint32_t v = 0;
    for (size_t i = width; i > 0; i--)
        v = v << 8 | quote.p[at + i - 1];
    return v;
}

void lab_bend_size(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    struct lab_quote_layout at = lab_quote_layout(&s->quote);
    const size_t fields[4] = {at.signature_size, at.outer_type + 2, at.inner_type + 2,
                              at.auth_size};
    size_t field = fields[form / 4], width = form / 4 == 3 ? 2 : 4;
    uint32_t honest = size_of(lab_quote_make(w, &s->quote), field, width);
    const uint32_t sizes[4] = {0, honest - 1, honest + 1, UINT32_MAX};
    struct lab_buf b = {0};
    lab_buf_u32le(&b, sizes[form % 4]);
    struct span bytes = lab_world_keep(w, &b);
    s->quote.after[0] = (struct lab_edit){.at = field, .put = span_cut(bytes, 0, width)};
}

void lab_bend_td(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    struct lab_td_report *td = &s->quote.td;
    if (form == 0) {
        td->td_attributes[0] |= 0x01; /* DEBUG, bit 0 */
    } else if (form == 1) {
        td->td_attributes[3] |= 0x20; /* MIGRATABLE, bit 29 */
    } else if (form == 2) {
        td->td_attributes[1] |= 0x01; /* reserved, bit 8 */
    } else if (form == 3) {
        td->xfam[7] |= 0x80;
    } else {
        s->quote = lab_quote_tdx(w, &s->machine, 5, LAB_BODY_TD15);
        s->quote.td.mr_service_td[0] = 1;
    }
}
