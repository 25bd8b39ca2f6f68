/* Kinds of bytes; see evidence_kind.h. */
#include "situs/evidence_kind.h"

#include "crypto/cose.h"
#include "endorse/id_list/id_list.h"
#include "endorse/poe/poe.h"
#include "endorse/revocation/revocation.h"

#define BESIDE "it is no evidence: give it beside the evidence, as an endorsement"
#define NO_READER "situs reads quotes of Intel TDX and SGX, and bundles with them"

/* Longer beginnings first. */
static const struct {
    const char *begin;
    size_t size;
    struct evidence_kind kind;
} beginnings[] = {
#define BEGIN(text) text, sizeof text - 1
    {BEGIN("-----BEGIN CERTIFICATE-----"),
     {"a certificate in PEM", "it is no evidence: an issuer's root goes into the trust file"}},
    {BEGIN("-----BEGIN X509 CRL-----"), {"a CRL in PEM", BESIDE}},
    {BEGIN("-----BEGIN PUBLIC KEY-----"),
     {"a public key in PEM", "it is no evidence: the peer's key is the channel, in DER"}},
    {BEGIN("-----BEGIN PRIVATE KEY-----"), {"a private key", "keep it to yourself"}},
    {BEGIN("-----BEGIN EC PRIVATE KEY-----"), {"a private key", "keep it to yourself"}},
    {BEGIN("-----BEGIN RSA PRIVATE KEY-----"), {"a private key", "keep it to yourself"}},
    {BEGIN("HCLA"), {"an HCL report of Azure", NO_READER}},
    {BEGIN("\x84\x44\xa1\x01\x38\x22"), {"an attestation document of AWS Nitro", NO_READER}},
    {BEGIN("\xd9\x01\x8f"), {"a token of Arm CCA", NO_READER}},
    {BEGIN("\xd2\x84"), {"a signed COSE document", BESIDE}},
    {BEGIN("\x1f\x8b"), {"gzip", "unpack it first: gzip -d"}},
    {BEGIN("PK\x03\x04"), {"a zip archive", "unpack it first"}},
    {BEGIN("<"), {"HTML or XML", "that is a server's page, not the evidence: fetch it again"}},
#undef BEGIN
};

static uint32_t u32le(struct span in, size_t at)
{
    return (uint32_t)in.p[at] | (uint32_t)in.p[at + 1] << 8 | (uint32_t)in.p[at + 2] << 16 |
           (uint32_t)in.p[at + 3] << 24;
}

/* ATTESTATION_REPORT (AMD 56860, table 23): its version, and ECDSA P-384 with SHA-384 at 034h. */
static bool is_snp(struct span in)
{
    return in.n >= 1184 && u32le(in, 0) >= 2 && u32le(in, 0) <= 5 && u32le(in, 0x34) == 1;
}

/* A SEQUENCE with a length of its own, as every certificate, CRL and key in DER is. */
static bool is_der(struct span in)
{
    return in.n > 1 && in.p[0] == 0x30 && in.p[1] >= 0x81 && in.p[1] <= 0x84;
}

bool evidence_kind_ours(struct span in)
{
    if (in.n && (in.p[0] == '{' || in.p[0] >> 5 == 5)) /* situs/gather.h */
        return true;
    return in.n >= 4 && in.p[0] >= 3 && in.p[0] <= 5 && in.p[1] == 0 &&
           (in.p[2] == 2 || in.p[2] == 3) && in.p[3] == 0;
}

static const struct evidence_kind *signed_document(struct span in)
{
    static const struct evidence_kind poe = {"an ownership endorsement", BESIDE},
                                      list = {"a machine list", BESIDE},
                                      revocation = {"a revocation list", BESIDE};
    struct span type = cose_content_type(in);
    if (span_equal(type, SPAN_LIT(POE_CONTENT_TYPE)))
        return &poe;
    if (span_equal(type, SPAN_LIT(ID_LIST_TYPE)))
        return &list;
    return span_equal(type, SPAN_LIT(REVOCATION_TYPE)) ? &revocation : NULL;
}

const struct evidence_kind *evidence_kind_other(struct span in)
{
    static const struct evidence_kind snp = {"an attestation report of AMD SEV-SNP", NO_READER};
    static const struct evidence_kind der = {
        "a certificate, CRL or key in DER",
        "it is no evidence: CRLs are given beside it, roots in the trust file"};
    const struct evidence_kind *document = signed_document(in);
    if (document)
        return document;
    if (is_snp(in))
        return &snp;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (span_starts(in, span_of(beginnings[i].begin, beginnings[i].size)))
            return &beginnings[i].kind;
    return is_der(in) ? &der : NULL;
}
