/* Bent certificates, CRLs and validity times. */
#include "lab/intel/lab_bend.h"

void lab_bend_foreign(struct lab_chain *chain)
{
    struct lab_cert *root = &chain->certs[chain->n - 1];
    root->key = root->issuer_key = root->signing_key = LAB_KEY_IMPOSTOR;
    root[-1].issuer_key = root[-1].signing_key = LAB_KEY_IMPOSTOR;
}

/* The form of the certificates themselves. */
static void bend_certificate(struct lab_chain *chain, unsigned form, int64_t at)
{
    struct lab_cert *pck = &chain->certs[0], *ca = &chain->certs[1], *root = &chain->certs[2];
    switch (form) {
    case 4:
        ca->ca = false;
        break;
    case 5:
        root->path_length = 0;
        break;
    case 6:
        pck->not_after = at - 1;
        break;
    case 7:
        pck->not_before = at + 1;
        break;
    case 8:
        pck->inner_algorithm = pck->outer_algorithm =
            SPAN_LIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
        break;
    default: /* prime256v1 becomes an OID of the same length that names no curve */
        pck->before[0] =
            LAB_REPLACE("\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x2a\x86\x48\xce\x3d\x03\x01\x01");
    }
}

void lab_bend_chain(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    struct lab_chain *chain = &s->quote.chain;
    struct lab_cert *c = chain->certs;
    (void)w;
    if (form == 0) {
        lab_bend_foreign(chain);
    } else if (form == 1) {
        struct lab_cert ca = c[1];
        c[1] = c[2];
        c[2] = ca;
    } else if (form == 2) {
        c[3] = c[2];
        chain->n = 4;
    } else if (form == 3) {
        c[1] = c[2];
        chain->n = 2;
    } else if (form == 10) {
        chain->n = 0;
    } else if (form == 11) {
        chain->edits[0] = LAB_AT(100, "\0");
    } else {
        bend_certificate(chain, form, s->at);
    }
}

void lab_bend_crl(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    struct lab_crl *crl = &s->collateral.pck_crl;
    if (form == 0)
        crl->signing_key = LAB_KEY_IMPOSTOR;
    else if (form == 1)
        crl->issuer = LAB_CN_PROCESSOR_CA;
    else if (form == 2) /* issuingDistributionPoint { indirectCRL TRUE } (RFC 5280 5.2.5) */
        crl->more_extensions =
            lab_cert_extension(w, SPAN_LIT("\x55\x1d\x1c"), true, SPAN_LIT("\x30\x03\x84\x01\xff"));
    else if (form == 3)
        crl->more_extensions =
            lab_cert_extension(w, SPAN_LIT("\x55\x1d\x7f"), true, SPAN_LIT("\x05\0"));
    else
        crl->next_update = 0;
}

void lab_bend_revoke(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    struct lab_crl *crl = form == 0 ? &s->collateral.pck_crl : &s->collateral.root_crl;
    const struct lab_cert *certs[3] = {&s->quote.chain.certs[0], &s->quote.chain.certs[1],
                                       &s->collateral.tcb_info_chain.certs[0]};
    struct lab_buf serial = {0};
    lab_buf_bytes(&serial, SPAN_ARR(certs[form]->serial));
    crl->revoked[crl->n_revoked++] = lab_world_keep(w, &serial);
}

void lab_bend_trailing(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    if (form == 0)
        s->quote.after[0] = LAB_APPEND("x");
    else if (form == 1)
        s->quote.chain.edits[0] = LAB_APPEND("x");
    else if (form == 2)
        s->quote.chain.certs[0].after[0] = LAB_APPEND("\0");
    else
        s->collateral.pck_crl.after[0] = LAB_APPEND("\1");
}

void lab_bend_time(struct lab_world *w, struct lab_scene *s, unsigned form)
{
    (void)w;
    struct lab_collateral *c = &s->collateral;
    int64_t *const until[4] = {&c->tcb_info.next_update, &c->qe_identity.next_update,
                               &c->root_crl.next_update, &c->pck_crl.next_update};
    int64_t *const from[4] = {&c->tcb_info.issue_date, &c->qe_identity.issue_date,
                              &c->root_crl.this_update, &c->pck_crl.this_update};
    if (form < 4)
        *until[form] = s->at - 1;
    else
        *from[form - 4] = s->at + 1;
}
