/*
 * Intel's CRLs; see chain.h. CRL v2 (RFC 5280 5) in the CRL formats of the Intel SGX PCK
 * Certificate and CRL Profile Specification: complete, direct, in DER.
 */
#include "tee/intel/chain.h"

#include "base/text.h"
#include "codec/der.h"
#include "crypto/crl.h"

#include <stdlib.h>

/* AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 3.2). */
static const uint8_t ecdsa_with_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                            0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static size_t count_entries(struct rd list)
{
    size_t n = 0;
    for (; rd_left(&list); n++)
        der_value(&list, DER_SEQUENCE, "tbs.revoked_certificates");
    return n;
}

static int by_serial(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* The entries are read once and sorted. */
static bool sort_entries(struct intel_crl *crl, struct rd list, struct arena *a)
{
    static const char field[] = "tbs.revoked_certificates";
    size_t n = count_entries(list);
    struct span *serials = ARENA_ARRAY(a, n, struct span);
    if (!serials)
        return rd_fail(&list, SITUS_NO_MEMORY, field, rd_at(&list), TEXT_BYTES(n * sizeof *serials),
                       "a full arena");
    for (size_t i = 0; i < n; i++)
        if (!crl_entry(&list, &serials[i]))
            return false;
    qsort(serials, n, sizeof *serials, by_serial);
    crl->revoked = serials;
    crl->n_revoked = n;
    return rd_end(&list, field);
}

bool intel_crl_read(struct intel_crl *crl, struct span der, const char *part, struct arena *a,
                    struct situs_err *err)
{
    static const char signature[] = "signature_value";
    static const struct crl_rules rules = {.algorithm = SPAN_ARR(ecdsa_with_sha256), .intel = true};
    struct crl read;
    bool ok = crl_read(&read, der, &rules, part, err);
    *crl = (struct intel_crl){.der = read.der,
                              .tbs = read.tbs,
                              .issuer = read.issuer,
                              .authority_key_id = read.authority_key_id,
                              .valid = read.valid};
    struct rd bits = rd_new(read.signature, read.signature_at, part, err);
    ok = ok && der_ecdsa(&bits, crl->rs, 32, signature) && rd_end(&bits, signature) &&
         (read.revoked.n == 0 || sort_entries(crl, crl_entries(&read, part, err), a));
    if (!ok)
        *crl = (struct intel_crl){0};
    return ok;
}

bool intel_crl_signed_by(const struct intel_crl *crl, const struct intel_cert *issuer,
                         const struct p256_key *key)
{
    bool is_ca = issuer->role == INTEL_ROOT || issuer->role == INTEL_PLATFORM_CA ||
                 issuer->role == INTEL_PROCESSOR_CA;
    bool ids_agree = crl->authority_key_id.n == 0 || issuer->subject_key_id.n == 0 ||
                     span_equal(crl->authority_key_id, issuer->subject_key_id);
    return is_ca && span_equal(crl->issuer, issuer->subject) && ids_agree &&
           p256_key_is(key, issuer->point) && p256_verify_message(key, crl->tbs, crl->rs);
}

bool intel_crl_revokes(const struct intel_crl *crl, struct span serial)
{
    return crl->n_revoked &&
           bsearch(&serial, crl->revoked, crl->n_revoked, sizeof *crl->revoked, by_serial);
}
