/* All parts of the collateral together, as loose files and as one JSON text. */
#include "lab/intel/lab_collateral.h"

struct lab_collateral lab_collateral_honest(struct lab_world *w, const struct lab_platform *p,
                                            bool tdx)
{
    return (struct lab_collateral){
        .tcb_info = lab_tcb_info_honest(w, p, tdx),
        .qe_identity = lab_qe_identity_honest(w, p, tdx),
        .tcb_info_chain = lab_chain_tcb(w),
        .qe_identity_chain = lab_chain_tcb(w),
        .pck_crl_chain = lab_chain_ca(w, p->processor_ca),
        .root_crl = lab_crl_root(w),
        .pck_crl = lab_crl_pck(w, p->processor_ca),
    };
}

void lab_collateral_parts(struct lab_world *w, const struct lab_collateral *c,
                          struct situs_item parts[LAB_PARTS])
{
    const struct situs_item all[LAB_PARTS] = {
        item_of("pck_crl_issuer_chain.pem", lab_chain_pem(w, &c->pck_crl_chain)),
        item_of("root_ca_crl.der", lab_crl_make(w, &c->root_crl)),
        item_of("pck_crl.der", lab_crl_make(w, &c->pck_crl)),
        item_of("tcb_info_issuer_chain.pem", lab_chain_pem(w, &c->tcb_info_chain)),
        item_of("tcb_info.json", lab_tcb_info_make(w, &c->tcb_info).answer),
        item_of("qe_identity_issuer_chain.pem", lab_chain_pem(w, &c->qe_identity_chain)),
        item_of("qe_identity.json", lab_qe_identity_make(w, &c->qe_identity).answer),
    };
    memcpy(parts, all, sizeof all);
}

/* hex is the bytes as lower-case hex text. */
static struct span hex(struct lab_world *w, struct span s)
{
    struct lab_buf b = {0};
    lab_buf_hex_lower(&b, s);
    return lab_world_keep(w, &b);
}

struct span lab_collateral_json(struct lab_world *w, const struct lab_collateral *c)
{
    struct lab_signed tcb = lab_tcb_info_make(w, &c->tcb_info);
    struct lab_signed qe = lab_qe_identity_make(w, &c->qe_identity);
    const struct {
        const char *key;
        struct span value;
    } members[] = {
        {"pck_crl_issuer_chain", lab_chain_pem(w, &c->pck_crl_chain)},
        {"root_ca_crl", hex(w, lab_crl_make(w, &c->root_crl))},
        {"pck_crl", hex(w, lab_crl_make(w, &c->pck_crl))},
        {"tcb_info_issuer_chain", lab_chain_pem(w, &c->tcb_info_chain)},
        {"tcb_info", tcb.body},
        {"tcb_info_signature", tcb.signature},
        {"qe_identity_issuer_chain", lab_chain_pem(w, &c->qe_identity_chain)},
        {"qe_identity", qe.body},
        {"qe_identity_signature", qe.signature},
    };
    struct lab_buf b = {0};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        lab_buf_format(&b, "%s\"%s\": ", i ? ", " : "{", members[i].key);
        lab_buf_json(&b, members[i].value);
    }
    lab_buf_text(&b, "}\n");
    return lab_world_keep(w, &b);
}

struct span lab_trust_anchor(struct lab_world *w)
{
    struct lab_buf b = {0}, pem = {0};
    struct lab_cert root = lab_cert_root(w);
    lab_pem(&pem, lab_cert_make(w, &root));
    lab_buf_text(&b, "{\"name\": \"lab Intel SGX Root CA\", \"for\": [\"tdx\"], "
                     "\"simulated\": true, \"pem\": ");
    lab_buf_json(&b, lab_buf_span(&pem));
    lab_buf_text(&b, "}");
    lab_buf_free(&pem);
    return lab_world_keep(w, &b);
}

struct span lab_trust_json(struct lab_world *w)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"builtin\": false, \"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(w));
    lab_buf_text(&b, "]}\n");
    return lab_world_keep(w, &b);
}
