/* PCK chains; see pck_chain.h. */
#include "tee/intel/pck_chain.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"

const char *pck_chain_field(int cert)
{
    static const char *const fields[CHAIN_SIZE] = {"pck_chain.pck", "pck_chain.ca",
                                                   "pck_chain.root"};
    return fields[cert];
}

static bool fail(const char *part, enum situs_code code, const char *field, const char *expected,
                 const char *got, struct situs_err *err)
{
    return err_fail(err, code, part, field, SITUS_NO_OFFSET, expected, got);
}

static const char *role_name(enum intel_role role)
{
    switch (role) {
    case INTEL_ROOT:
        return "a root CA certificate";
    case INTEL_PLATFORM_CA:
    case INTEL_PROCESSOR_CA:
        return "a PCK CA certificate";
    case INTEL_PCK:
        return "a PCK certificate";
    case INTEL_TCB_SIGNING:
        return "a TCB signing certificate";
    default:
        return "another certificate";
    }
}

/* A certificate whose role is not the one of its place. */
static bool misplaced(const struct pck_chain_question *q, int cert, enum intel_role expected,
                      enum intel_role got, struct situs_err *err)
{
    fail(q->part, SITUS_MALFORMED, pck_chain_field(cert), role_name(expected), role_name(got), err);
    return err_hint(err, q->hint);
}

static bool in_order(const struct pck_chain_question *q, const struct intel_cert *certs, size_t n,
                     struct situs_err *err)
{
    if (n != CHAIN_SIZE) {
        char got[32];
        snprintf(got, sizeof got, "%zu certificates", n);
        fail(q->part, n < CHAIN_SIZE ? SITUS_MISSING : SITUS_MALFORMED, "pck_chain",
             "3 certificates: PCK, its CA, the root", got, err);
        return err_hint(err, q->hint);
    }
    enum intel_role ca = certs[CHAIN_CA].role;
    if (certs[CHAIN_PCK].role != INTEL_PCK)
        return misplaced(q, CHAIN_PCK, INTEL_PCK, certs[CHAIN_PCK].role, err);
    if (ca != INTEL_PLATFORM_CA && ca != INTEL_PROCESSOR_CA)
        return misplaced(q, CHAIN_CA, INTEL_PLATFORM_CA, ca, err);
    return certs[CHAIN_ROOT].role == INTEL_ROOT ||
           misplaced(q, CHAIN_ROOT, INTEL_ROOT, certs[CHAIN_ROOT].role, err);
}

/* Another root's certificates than Intel's may be made otherwise. */
const struct anchor *pck_chain_anchor(const struct pck_chain *chain, const struct trust *trust,
                                      const char *part, struct situs_err *err)
{
    const struct anchor *anchor = trust_find(trust, chain->root_sha256, ANCHOR_TDX);
    if (!anchor)
        fail(part, SITUS_UNTRUSTED, pck_chain_field(CHAIN_ROOT),
             "the certificate of a trust anchor for tdx", TEXT_HEX(SPAN_ARR(chain->root_sha256)),
             err);
    for (int i = 0; anchor && anchor->builtin && i < CHAIN_SIZE; i++)
        if (!chain->cert[i].path_of_intel) {
            fail(part, SITUS_MISMATCH, pck_chain_field(i),
                 "the path length of Intel's own certificates", "another, or none", err);
            return NULL;
        }
    return anchor;
}

/* signed_by says that issuer, whose key is known or else imported, signed the certificate. */
static bool signed_by(const struct pck_chain_question *q, const struct pck_chain *chain, int cert,
                      const struct p256_key *known, struct situs_err *err)
{
    const struct intel_cert *issuer = &chain->cert[cert + 1];
    struct p256_key *own = known ? NULL : p256_key_new(issuer->point);
    const struct p256_key *key = known ? known : own;
    bool good = key && intel_cert_signed_by(&chain->cert[cert], issuer, key);
    p256_key_free(own);
    return good || fail(q->part, SITUS_BAD_SIGNATURE, pck_chain_field(cert),
                        "signed by the certificate above it", "not signed by it", err);
}

bool pck_chain_open(struct pck_chain *chain, const struct pck_chain_question *q,
                    const struct anchor **anchor, const struct intel_issuer **ca, struct arena *a,
                    struct situs_err *err)
{
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    size_t n = 0;
    *anchor = NULL;
    *ca = NULL;
    if (!intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n, (struct intel_pem){q->pem, q->at, q->part},
                         a, err) ||
        !in_order(q, certs, n, err))
        return false;
    memcpy(chain->cert, certs, sizeof chain->cert);
    if (!digest(HASH_SHA256, chain->cert[CHAIN_ROOT].der, chain->root_sha256))
        return fail(q->part, SITUS_INTERNAL, pck_chain_field(CHAIN_ROOT), "a digest", "none", err);
    *anchor = pck_chain_anchor(chain, q->trust, q->part, err);
    if (!*anchor)
        return false;
    const struct intel_issuer *known =
        q->pki ? intel_pki_issuer(q->pki, chain->cert[CHAIN_CA].der) : NULL;
    if (known && memcmp(known->anchor->sha256, (*anchor)->sha256, 32) == 0)
        *ca = known;
    return true;
}

bool pck_chain_signed(const struct pck_chain *chain, const struct pck_chain_question *q,
                      const struct intel_issuer *ca, struct situs_err *err)
{
    return (ca || signed_by(q, chain, CHAIN_CA, NULL, err)) &&
           signed_by(q, chain, CHAIN_PCK, ca ? ca->key : NULL, err);
}

bool pck_chain_read(struct pck_chain *chain, const struct pck_chain_question *q,
                    const struct anchor **anchor, const struct intel_issuer **ca, struct arena *a,
                    struct situs_err *err)
{
    return pck_chain_open(chain, q, anchor, ca, a, err) && pck_chain_signed(chain, q, *ca, err);
}
