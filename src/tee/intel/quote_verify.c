/* Quote verification; see quote_verify.h. The order of Intel's QVL is not kept: chain, then
 * signatures, so that an unknown root costs no ECDSA verification. */
#include "tee/intel/quote_verify.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "tee/intel/attributes.h"
#include "tee/intel/quote_cache.h"

struct verify {
    const struct quote *q;
    const struct trust *trust;
    const struct intel_pki *pki;
    struct quote_cache *cache;
    int64_t at;
    struct arena *a;
    struct claims *c;
    struct findings *f;
    enum check signature, pck_chain;
    int64_t expires; /* earliest end of what is in use */
    const struct anchor *anchor;
    struct p256_key *pck_key, *attestation_key; /* made here and not kept in the cache */
};

static const char *const cert_name[CHAIN_SIZE] = {"PCK certificate", "PCK CA certificate",
                                                  "root certificate"};

static bool fail_chain(struct verify *v, enum situs_code code, const char *field,
                       const char *expected, const char *got, const char *hint)
{
    return finding_fail(v->f, v->pck_chain, code, FINDING_AT("quote", field), expected, got, hint);
}

/* read_chain verifies the embedded chain up to a pinned root. */
static bool read_chain(struct verify *v, struct quote_chain *chain)
{
    const struct pck_chain_question question = {
        .pem = v->q->certification,
        .at = v->q->certification_at,
        .part = "quote",
        .trust = v->trust,
        .pki = v->pki,
        .hint = "collect the quote again: its chain is PCK certificate, CA, root"};
    const struct intel_issuer *ca;
    struct situs_err err = {0};
    const struct intel_cert *pck = &chain->pck.cert[CHAIN_PCK];
    if (!pck_chain_open(&chain->pck, &question, &v->anchor, &ca, v->a, &err) ||
        !pck_info_read(&chain->info, pck, 0, "PCK certificate", &err))
        return finding_fail_err(v->f, v->pck_chain, &err);
    chain->key = v->pck_key =
        ca ? p256_key_new_like(ca->key, pck->point) : p256_key_new(pck->point);
    if (!chain->key)
        return fail_chain(v, SITUS_MALFORMED, pck_chain_field(CHAIN_PCK),
                          "a point on the curve P-256", "another key", NULL);
    return pck_chain_signed(&chain->pck, &question, ca, &err) ||
           finding_fail_err(v->f, v->pck_chain, &err);
}

/* The chain was verified before; whether its root is an anchor is asked anew. */
static bool anchored(struct verify *v, const struct quote_chain *kept)
{
    struct situs_err err = {0};
    v->anchor = pck_chain_anchor(&kept->pck, v->trust, "quote", &err);
    return v->anchor || finding_fail_err(v->f, v->pck_chain, &err);
}

/* find_chain is the verified chain of the quote, from the cache where it is there; NULL when it
 * does not verify. */
static const struct quote_chain *find_chain(struct verify *v)
{
    uint8_t id[32];
    bool hashed = v->cache && digest(HASH_SHA256, v->q->certification, id);
    const struct quote_chain *kept = hashed ? quote_cache_chain(v->cache, id) : NULL;
    if (kept)
        return anchored(v, kept) ? kept : NULL;
    struct quote_chain *chain = ARENA_NEW(v->a, struct quote_chain);
    if (!chain) {
        fail_chain(v, SITUS_NO_MEMORY, "pck_chain", "room for the chain", "none", NULL);
        return NULL;
    }
    if (!read_chain(v, chain))
        return NULL;
    if (hashed && quote_cache_keep_chain(v->cache, id, chain))
        v->pck_key = NULL;
    return chain;
}

static bool in_window(struct verify *v, struct window w, const char *field, const char *what)
{
    if (w.to < v->expires)
        v->expires = w.to;
    return finding_in_window(v->f, v->pck_chain, "quote", field, what, w, v->at);
}

/* not_revoked asks the CRL of the issuer about the certificate below it. */
static bool not_revoked(struct verify *v, const struct quote_chain *chain, int cert)
{
    static const char *const field[] = {"crl.pck", "crl.root"};
    static const char *const name[] = {"the PCK CRL", "the root CRL"};
    struct intel_issuer issuer = {.cert = chain->pck.cert[cert + 1],
                                  .anchor_sha256 = v->anchor->sha256};
    const struct intel_crl *crl = v->pki ? intel_pki_crl(v->pki, &issuer) : NULL;
    bool named = false;
    if (!crl && v->pki) /* the collateral lacks the issuer, whom this chain has verified */
        crl = intel_pki_loose_crl(v->pki, &issuer.cert, &named);
    if (!crl && named)
        return fail_chain(v, SITUS_BAD_SIGNATURE, field[cert],
                          "a CRL signed by the CA of the quote's chain", "not signed by it",
                          "fetch the collateral of this platform anew");
    if (!crl)
        return fail_chain(v, SITUS_MISSING, field[cert],
                          cert == CHAIN_PCK ? "the CRL of the PCK CA" : "the CRL of the root CA",
                          "no such CRL in the collateral",
                          "give --collateral auto, or what \"situs collateral fetch\" gets");
    if (!in_window(v, crl->valid, field[cert], name[cert]))
        return false;
    if (intel_crl_revokes(crl, chain->pck.cert[cert].serial))
        return fail_chain(v, SITUS_REVOKED, pck_chain_field(cert), "a serial number not on the CRL",
                          TEXT_HEX(chain->pck.cert[cert].serial), NULL);
    return true;
}

/* current holds the chain against time and revocation lists: at every use, cached or not. */
static bool current(struct verify *v, const struct quote_chain *chain)
{
    for (int i = 0; i < CHAIN_SIZE; i++)
        if (!in_window(v, chain->pck.cert[i].valid, pck_chain_field(i), cert_name[i]))
            return false;
    if (!not_revoked(v, chain, CHAIN_CA) || !not_revoked(v, chain, CHAIN_PCK))
        return false;
    claim_num(v->c, CLAIM_COLLATERAL_EXPIRES, v->expires);
    finding_pass(v->f, v->pck_chain);
    return true;
}

static bool fail_signature(struct verify *v, enum situs_code code, const char *field,
                           const char *expected, const char *got)
{
    return finding_fail(v->f, v->signature, code, FINDING_AT("quote", field), expected, got, NULL);
}

/* vouched says that the PCK key signed a production enclave's report that names the key. */
static bool vouched(struct verify *v, const struct p256_key *pck)
{
    const struct quote *q = v->q;
    uint8_t expected[64] = {0}; /* the upper half stays zero: A.4 table 4, QE report */
    struct span parts[] = {q->attestation_key, q->qe_auth_data};
    struct span data = span_cut(q->qe_report, 320, 64); /* REPORTDATA */
    if (!digest_parts(HASH_SHA256, parts, 2, expected))
        return fail_signature(v, SITUS_INTERNAL, "signature.qe_report", "a digest", "none");
    if (!span_equal(data, SPAN_ARR(expected)))
        return fail_signature(v, SITUS_MISMATCH, "signature.qe_report.report_data",
                              TEXT_HEX(SPAN_ARR(expected)), TEXT_HEX(data));
    if (q->qe_report.p[48] & SGX_FLAGS_DEBUG)
        return fail_signature(v, SITUS_NOT_ALLOWED, "signature.qe_report.attributes",
                              "a production enclave", "DEBUG is set");
    return p256_verify_message(pck, q->qe_report, q->qe_report_signature.p) ||
           fail_signature(v, SITUS_BAD_SIGNATURE, "signature.qe_report_signature",
                          "a signature by the PCK key over the QE report", "another signature");
}

/* find_key is the attestation key, vouched for by the quoting enclave; NULL when it is not. */
static const struct p256_key *find_key(struct verify *v, const struct quote_chain *chain)
{
    const struct quote *q = v->q;
    uint8_t id[32];
    struct span parts[] = {SPAN_ARR(chain->pck.cert[CHAIN_PCK].point), q->qe_report,
                           q->qe_report_signature, q->attestation_key, q->qe_auth_data};
    bool hashed = v->cache && digest_parts(HASH_SHA256, parts, 5, id);
    const struct p256_key *kept = hashed ? quote_cache_key(v->cache, id) : NULL;
    if (kept)
        return kept;
    struct p256_key *key = v->attestation_key = p256_key_new_like(chain->key, q->attestation_key.p);
    if (!key) {
        fail_signature(v, SITUS_MALFORMED, "signature.ecdsa_attestation_key",
                       "a point on the curve P-256", TEXT_HEX(q->attestation_key));
        return NULL;
    }
    if (!vouched(v, chain->key))
        return NULL;
    if (hashed) {
        quote_cache_keep_key(v->cache, id, key);
        v->attestation_key = NULL;
    }
    return key;
}

static bool quote_signed(struct verify *v, const struct quote_chain *chain)
{
    const struct p256_key *key = find_key(v, chain);
    if (!key)
        return false;
    if (!p256_verify_message(key, v->q->signed_part, v->q->signature.p))
        return fail_signature(v, SITUS_BAD_SIGNATURE, "signature.isv_enclave_report_signature",
                              "a signature by the attestation key over header and body",
                              "another signature");
    finding_pass(v->f, v->signature);
    return true;
}

static void claim_flag(struct claims *c, enum claim_id id, int8_t flag)
{
    if (flag >= 0)
        claim_num(c, id, flag);
}

/* What the PCK certificate says, copied: a cached chain may be gone at the next verification. */
static bool state_pck(struct verify *v, const struct quote_chain *chain)
{
    struct claims *c = v->c;
    const struct intel_cert *pck = &chain->pck.cert[CHAIN_PCK];
    struct pck_info *info = ARENA_NEW(v->a, struct pck_info);
    struct span serial = arena_copy(v->a, pck->serial);
    if (!info || !serial.p)
        return fail_chain(v, SITUS_NO_MEMORY, "pck_chain", "room for the claims", "none", NULL);
    *info = chain->info;
    claim_bytes(c, CLAIM_PPID, SPAN_ARR(info->ppid));
    claim_bytes(c, CLAIM_FMSPC, SPAN_ARR(info->fmspc));
    claim_bytes(c, CLAIM_PCEID, SPAN_ARR(info->pceid));
    claim_bytes(c, CLAIM_SGX_COMPONENTS, SPAN_ARR(info->components));
    claim_num(c, CLAIM_PCESVN, info->pcesvn);
    claim_num(c, CLAIM_SGX_TYPE, info->sgx_type);
    if (info->has_piid)
        claim_bytes(c, CLAIM_PIID, SPAN_ARR(info->piid));
    if (info->has_configuration) {
        claim_flag(c, CLAIM_DYNAMIC_PLATFORM, info->dynamic_platform);
        claim_flag(c, CLAIM_CACHED_KEYS, info->cached_keys);
        claim_flag(c, CLAIM_SMT_ENABLED, info->smt_enabled);
    }
    bool platform = chain->pck.cert[CHAIN_CA].role == INTEL_PLATFORM_CA;
    claim_bytes(c, CLAIM_PCK_CA, platform ? SPAN_LIT("platform") : SPAN_LIT("processor"));
    claim_bytes(c, CLAIM_PCK_SERIAL, serial);
    claim_num(c, CLAIM_PCK_NOT_AFTER, pck->valid.to);
    return true;
}

void quote_verify(const struct quote *q, const struct quote_question *question, struct arena *a,
                  struct claims *c, struct findings *f)
{
    struct verify v = {.q = q,
                       .trust = question->trust,
                       .pki = question->pki,
                       .cache = question->cache,
                       .at = question->at,
                       .a = a,
                       .c = c,
                       .f = f,
                       .expires = INT64_MAX};
    v.signature = q->tdx ? CHECK_TDX_SIGNATURE : CHECK_SGX_SIGNATURE;
    v.pck_chain = q->tdx ? CHECK_TDX_PCK_CHAIN : CHECK_SGX_PCK_CHAIN;
    c->authority = NULL;
    const struct quote_chain *chain = find_chain(&v);
    if (chain) {
        bool stated = state_pck(&v, chain);
        bool is_current = current(&v, chain), is_signed = quote_signed(&v, chain);
        if (stated && is_current && is_signed)
            c->authority = v.anchor;
    } else {
        finding_skip(f, v.signature, "the PCK chain does not verify");
    }
    attributes_check(q, question->policy, f);
    p256_key_free(v.pck_key);
    p256_key_free(v.attestation_key);
}
