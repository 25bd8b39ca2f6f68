/* Signers for tests; see soft_signer.h. */
#include "support/soft_signer.h"

#include "crypto/digest.h"

#include <assert.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static struct sign_key *private_half(EVP_PKEY *key)
{
    struct situs_err err = {0};
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    assert(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    long n = BIO_get_mem_data(bio, &pem);
    struct sign_key *out = sign_key_read(span_of(pem, (size_t)n), "key", &err);
    BIO_free(bio);
    return out;
}

void soft_signer_make(struct soft_signer *s, const char *name, int64_t now, const char *usage)
{
    struct soft_cert root = {.name = name, .ca = true, .from = now - 86400, .to = now + 86400};
    soft_ca_issue(&root);
    soft_signer_under(s, &root, now, usage);
}

void soft_signer_under(struct soft_signer *s, const struct soft_cert *root, int64_t now,
                       const char *usage)
{
    *s = (struct soft_signer){.root = *root};
    s->leaf = (struct soft_cert){
        .name = "signer", .issuer = &s->root, .from = now - 86400, .to = now + 86400};
    s->leaf.key = EVP_EC_gen("P-384");
    s->leaf.usage = usage;
    soft_ca_issue(&s->leaf);
    s->chain[0] = s->leaf.der;
    s->chain[1] = s->root.der;
    s->issuer = (struct signed_doc_issuer){s->chain, 2, private_half(s->leaf.key)};
    s->anchor = (struct anchor){.name = root->name,
                                .uses = ANCHOR_POE | ANCHOR_LIST | ANCHOR_SUPPLIER,
                                .der = s->root.der,
                                .simulated = true};
    assert(s->issuer.key && digest(HASH_SHA256, s->root.der, s->anchor.sha256));
}

void soft_signer_two_roots(struct soft_roots *t, int64_t now)
{
    static const char *const names[] = {"old root", "new root"};
    for (size_t i = 0; i < 2; i++) {
        t->root[i] = (struct soft_cert){
            .name = names[i], .ca = true, .from = now - 86400, .to = now + 86400};
        soft_ca_issue(&t->root[i]);
        t->ca[i] = t->root[i];
        t->ca[i].name = "issuing CA";
        t->ca[i].issuer = &t->root[i];
        t->ca[i].key = i ? t->ca[0].key : NULL;
        soft_ca_issue(&t->ca[i]);
    }
    soft_signer_under(&t->signer[0], &t->ca[0], now, NULL);
    t->signer[1] = t->signer[0];
    t->signer[1].chain[1] = t->ca[1].der;
    for (size_t i = 0; i < 2; i++) {
        t->signer[i].issuer.chain = t->signer[i].chain;
        t->anchors[i] = t->signer[i].anchor;
        t->anchors[i].name = names[i];
        t->anchors[i].simulated = false;
        t->anchors[i].der = t->root[i].der;
        bool ok = digest(HASH_SHA256, t->anchors[i].der, t->anchors[i].sha256);
        assert(ok);
    }
}

bool soft_signer_put(void *wr, struct span bytes)
{
    wr_bytes(wr, bytes);
    return wr_ok(wr);
}

struct span soft_signer_sign(struct wr *w, const struct soft_signer *s, const char *content_type,
                             struct span payload)
{
    struct situs_err err = {0};
    struct cose_writer c;
    bool ok = signed_doc_begin(&c, content_type, &s->issuer, payload.n, soft_signer_put, w, &err);
    assert(ok);
    cose_add(&c, payload);
    ok = cose_end(&c);
    assert(ok);
    return wr_span(w);
}
