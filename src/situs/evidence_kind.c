/* Kinds of files; see evidence_kind.h. */
#include "situs/evidence_kind.h"

#include "base/text.h"
#include "crypto/cose.h"
#include "endorse/endorsement.h"
#include "evidence/hcl_report.h"
#include "model/bundle.h"
#include "tee/tee.h"

#define EVIDENCE "it is what is appraised: give it as the evidence (in \"situs pack\": tdx)"
#define BESIDE "give it beside the evidence, as an endorsement (--endorsement)"
#define COLLATERAL "give it beside the evidence, as collateral (--collateral)"
#define NO_READER "situs reads quotes of Intel TDX and SGX, reports of AMD SEV-SNP, and bundles"
#define SECRET "keep it to yourself: it is for who signs with it alone"
#define PART(label) \
    "it is a part of a TPM's evidence: \"situs pack " label "=FILE\" makes it a bundle"

/* Longer beginnings first. */
static const struct {
    const char *begin;
    size_t size;
    struct evidence_kind kind;
} beginnings[] = {
#define BEGIN(text) text, sizeof text - 1
    {BEGIN("-----BEGIN CERTIFICATE-----"),
     {"a certificate in PEM",
      "an issuer's root goes into the trust file, Intel's chains are collateral, an attestation "
      "key's goes into the bundle (guest.cert)",
      PLACE_COLLATERAL | PLACE_CERTIFICATE}},
    {BEGIN("-----BEGIN X509 CRL-----"),
     {"a CRL in PEM", BESIDE "; Intel's as collateral", PLACE_COLLATERAL | PLACE_ENDORSEMENT}},
    {BEGIN("-----BEGIN PUBLIC KEY-----"),
     {"a public key in PEM",
      "the key of the channel is given in DER: openssl pkey -pubin -outform DER", 0}},
    {BEGIN("-----BEGIN PRIVATE KEY-----"), {"a private key", SECRET, PLACE_KEY}},
    {BEGIN("-----BEGIN EC PRIVATE KEY-----"), {"a private key", SECRET, PLACE_KEY}},
    {BEGIN("-----BEGIN RSA PRIVATE KEY-----"), {"a private key", SECRET, PLACE_KEY}},
    {BEGIN("-----BEGIN ENCRYPTED PRIVATE KEY-----"), {"a private key", SECRET, PLACE_KEY}},
    {BEGIN("-----BEGIN EC PARAMETERS-----"), {"a private key", SECRET, PLACE_KEY}},
    {BEGIN("HCLA"),
     {"an HCL report of Azure",
      "of a TD, give it in a bundle with the quote that Azure's service (/acc/tdquote) makes of it",
      PLACE_EVIDENCE}},
    {BEGIN("\xff"
           "TCG"),
     {"a TPM's quote (TPMS_ATTEST)", PART("guest.attest"), PLACE_ATTEST}},
    {BEGIN("\x84\x44\xa1\x01\x38\x22"), {"an attestation document of AWS Nitro", NO_READER, 0}},
    {BEGIN("\xd9\x01\x8f"), {"a token of Arm CCA", NO_READER, 0}},
    {BEGIN("\xd9\x01\xf4"), {"a CoRIM", "reference values are what a policy is made of", 0}},
    {BEGIN("\xd9\x01\xf5"), {"a CoRIM", "reference values are what a policy is made of", 0}},
    {BEGIN("\xd9\x01\xf6"), {"a CoRIM", "reference values are what a policy is made of", 0}},
    {BEGIN("\xd9\x02\x3b"), {"concise evidence of the TCG", NO_READER, 0}},
    {BEGIN("\xd2\x84"), {"a signed COSE document", BESIDE, PLACE_ENDORSEMENT | PLACE_OWNERSHIP}},
    {BEGIN("\x1f\x8b"), {"gzip", "unpack it first: gzip -d", 0}},
    {BEGIN("BZh"), {"bzip2", "unpack it first: bzip2 -d", 0}},
    {BEGIN("\xfd"
           "7zXZ"),
     {"xz", "unpack it first: xz -d", 0}},
    {BEGIN("\xff\xfe"), {"text in UTF-16", "save it as UTF-8: some shells write > FILE so", 0}},
    {BEGIN("\xef\xbb\xbf"),
     {"text with a byte order mark", "save it as UTF-8 without the mark", 0}},
    {BEGIN("PK\x03\x04"), {"a zip archive", "unpack it first", 0}},
    {BEGIN("\x28\xb5\x2f\xfd"), {"zstd", "unpack it first: zstd -d", 0}},
    {BEGIN("<"),
     {"HTML or XML", "that is a server's page, not what was asked for: fetch it again", 0}},
#undef BEGIN
};

static const struct {
    const char *key;
    struct evidence_kind kind;
} members[] = {
    {BUNDLE_TYPE_KEY, {"a bundle", EVIDENCE, PLACE_EVIDENCE}},
    {"hcl_report", {"evidence of Azure with an HCL report", EVIDENCE, PLACE_EVIDENCE}},
    {"attestation_report", {"JSON with a report of AMD SEV-SNP", EVIDENCE, PLACE_EVIDENCE}},
    {"intel_quote", {"JSON with a quote", EVIDENCE, PLACE_EVIDENCE}},
    {"quote", {"JSON with a quote", EVIDENCE, PLACE_EVIDENCE}},
    {"tcbInfo", {"collateral of Intel (TCB info)", COLLATERAL, PLACE_COLLATERAL}},
    {"enclaveIdentity",
     {"collateral of Intel (an enclave identity)", COLLATERAL, PLACE_COLLATERAL}},
    {"tcb_info", {"collateral of Intel", COLLATERAL, PLACE_COLLATERAL}},
    {"anchors",
     {"a trust file", "give it with --trust; \"situs trust show\" shows it", PLACE_TRUST}},
    {"require",
     {"a policy", "give it with --policy; \"situs policy explain\" shows it", PLACE_POLICY}},
    {"pcrs", {"PCR values of a TPM", PART("guest.pcrs"), PLACE_PCRS}},
    {"sha256", {"PCR values of a TPM", PART("guest.pcrs"), PLACE_PCRS}},
    {"verdict", {"a report of situs", "a verifier's word is no evidence", 0}},
};

static unsigned u16be(struct span in, size_t at)
{
    return (unsigned)in.p[at] << 8 | in.p[at + 1];
}

/* A SEQUENCE with a length of its own, as every certificate, CRL and key in DER is. */
static bool is_der(struct span in)
{
    return in.n > 1 && in.p[0] == 0x30 && in.p[1] >= 0x81 && in.p[1] <= 0x84;
}

static bool is_quote(struct span in)
{
    return intel_maker.is(in);
}

bool evidence_kind_ours(struct span in)
{
    return (in.n && (in.p[0] == '{' || in.p[0] >> 5 == 5)) || tee_is(in) || hcl_report_is(in);
}

/* The same as text: hex, base64. */
static bool is_quote_as_text(struct span in)
{
    uint8_t first[4];
    bool marked = span_starts(in, SPAN_LIT("0x")) || span_starts(in, SPAN_LIT("0X"));
    struct span s = marked ? span_cut(in, 2, in.n - 2) : in;
    if (s.n >= 8 && text_hex_read(first, sizeof first, span_cut(s, 0, 8)))
        return is_quote(SPAN_ARR(first));
    return span_starts(s, SPAN_LIT("BAACA")) || span_starts(s, SPAN_LIT("AwACA")) ||
           span_starts(s, SPAN_LIT("BQACA"));
}

/* The first event is the Spec ID event, its data after 32 bytes: PC Client PFP 1.06, 10.2.1. */
static bool is_log(struct span in)
{
    return in.n > 48 && span_equal(span_cut(in, 32, 15), SPAN_LIT("Spec ID Event03"));
}

/* A TPM_ALG_ID of TPM 2.0 part 2, 6.3: SHA-1, SHA-256 to SHA-512. */
static bool is_hash(unsigned alg)
{
    return alg == 4 || (alg >= 0xb && alg <= 0xd);
}

/* TPMT_SIGNATURE: RSASSA, RSAPSS or ECDSA, and its hash (TPM 2.0 part 2, 11.3.4). */
static bool is_signature(struct span in)
{
    return in.n > 8 && (u16be(in, 0) == 0x14 || u16be(in, 0) == 0x16 || u16be(in, 0) == 0x18) &&
           is_hash(u16be(in, 2));
}

/* TPMT_PUBLIC: RSA or ECC, and the hash of its name (12.2.4). */
static bool is_public(struct span in)
{
    return in.n > 8 && (u16be(in, 0) == 1 || u16be(in, 0) == 0x23) && is_hash(u16be(in, 2));
}

/* TPM2B_PUBLIC: a size, and as many bytes of one. */
static bool is_sized_public(struct span in)
{
    return in.n > 10 && u16be(in, 0) == in.n - 2 && is_public(span_cut(in, 2, in.n - 2));
}

/* QuoteV4 of go-tdx-guest: field 1, the header, and in it version and key type. */
static bool is_protobuf(struct span in)
{
    return in.n > 600 && in.p[0] == 0x0a && in.p[2] == 0x08 && in.p[3] >= 3 && in.p[3] <= 5 &&
           in.p[4] == 0x10;
}

static const struct {
    bool (*is)(struct span in);
    struct evidence_kind kind;
} forms[] = {
    {snp_report_is,
     {"an attestation report of AMD SEV-SNP",
      "it is what is appraised: give it as the evidence (in \"situs pack\": snp)", PLACE_EVIDENCE}},
    {is_quote, {"a quote of Intel TDX or SGX", EVIDENCE, PLACE_EVIDENCE}},
    {is_quote_as_text, {"a quote as text", EVIDENCE, PLACE_EVIDENCE}},
    {is_log,
     {"an event log",
      "it is evidence beside the quote: give it with --ccel (the TD's) or --pcr-log, or in the "
      "bundle",
      PLACE_LOG}},
    {is_signature,
     {"a TPM's signature (TPMT_SIGNATURE)", PART("guest.signature"), PLACE_SIGNATURE}},
    {is_public, {"a TPM's public key (TPMT_PUBLIC)", PART("guest.public"), PLACE_PUBLIC}},
    {is_sized_public,
     {"a TPM2B_PUBLIC, a size and a TPMT_PUBLIC",
      "cut the size off, two bytes: tail -c +3 FILE; then it is guest.public of \"situs pack\"",
      0}},
    {is_protobuf,
     {"a protocol buffer with a quote's fields",
      "give the quote itself, the bytes that it was made from", 0}},
    {is_der,
     {"a certificate, CRL or key in DER",
      "CRLs are given beside the evidence, roots in the trust file, an attestation key's "
      "certificate in the bundle (guest.cert)",
      PLACE_COLLATERAL | PLACE_ENDORSEMENT | PLACE_CERTIFICATE}},
};

static const struct evidence_kind endorsements[] = {
#define A(what) "a " what
#define AN(what) "an " what
#define ENDORSEMENT(id, name, what, bundle, source) \
    {what, BESIDE, PLACE_ENDORSEMENT | (ENDORSEMENT_##id == ENDORSEMENT_POE ? PLACE_OWNERSHIP : 0)},
#include "model/endorsements.def"
#undef ENDORSEMENT
#undef AN
#undef A
};

/* Of kinds that are no COSE, some look like text of another kind: an id of a list, a quote in hex. */
static const struct evidence_kind *signed_document(struct span in)
{
    enum endorsement_kind kind =
        cose_content_type(in).n ? endorsement_is("", in) : ENDORSEMENT_KIND_COUNT;
    return kind == ENDORSEMENT_KIND_COUNT ? NULL : &endorsements[kind];
}

const struct evidence_kind *evidence_kind_json(const struct json *root)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_has(root, members[i].key))
            return &members[i].kind;
    return NULL;
}

static const struct evidence_kind *of_json(struct span in)
{
    struct json_doc doc = {0};
    struct json root;
    struct situs_err ignored = {0};
    const struct evidence_kind *kind =
        json_read_nul(&doc, &root, in, "", &ignored) ? evidence_kind_json(&root) : NULL;
    json_free(&doc);
    return kind;
}

const struct evidence_kind *evidence_kind(struct span in)
{
    const struct evidence_kind *document = signed_document(in);
    if (document)
        return document;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (span_starts(in, span_of(beginnings[i].begin, beginnings[i].size)))
            return &beginnings[i].kind;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].is(in))
            return &forms[i].kind;
    return in.n && in.p[0] == '{' ? of_json(in) : NULL;
}

const struct evidence_kind *evidence_kind_other(struct span in)
{
    const struct evidence_kind *kind = in.n && in.p[0] == '{' ? NULL : evidence_kind(in);
    return kind && !(kind->places & PLACE_EVIDENCE) ? kind : NULL;
}

bool evidence_kind_named(struct span in, unsigned place, const char *part, const char *expected,
                         struct situs_err *err)
{
    static const struct evidence_kind empty = {"an empty file",
                                               "what wrote it failed: get it again", 0};
    const struct evidence_kind *kind = in.n ? evidence_kind(in) : &empty;
    if (!kind || kind->places & place || err->code == SITUS_NO_MEMORY)
        return false;
    *err = (struct situs_err){0};
    err_fail(err, SITUS_UNKNOWN, part, "", SITUS_NO_OFFSET, expected, kind->what);
    err_hint(err, kind->hint);
    return true;
}
