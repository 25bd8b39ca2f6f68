/* Binding formulas and their checks; see bind.h. */
#include "appraise/bind.h"

#include "base/text.h"
#include "crypto/digest.h"

/* Domain strings, with their terminating zero byte. */
#define TAG(s) span_of((s), sizeof(s))

bool bind_enter(struct span nonce, uint8_t n[BIND_NONCE_SIZE])
{
    memset(n, 0, BIND_NONCE_SIZE);
    if (nonce.n < BIND_NONCE_LEAST || nonce.n > BIND_NONCE_MOST)
        return false;
    if (nonce.n != BIND_NONCE_SIZE)
        return digest2(HASH_SHA256, TAG("situs/n/2"), nonce, n);
    memcpy(n, nonce.p, BIND_NONCE_SIZE);
    return true;
}

bool bind_key(struct span spki, uint8_t k[32])
{
    return digest(HASH_SHA256, spki, k);
}

bool bind_report_data(const uint8_t akh[32], const uint8_t n[BIND_NONCE_SIZE], const uint8_t k[32],
                      uint8_t out[64])
{
    const struct span parts[] = {TAG("situs/rd/1"), span_of(n, BIND_NONCE_SIZE), span_of(k, 32)};
    memcpy(out, akh, 32);
    return digest_parts(HASH_SHA256, parts, 3, out + 32);
}

bool bind_tq(const uint8_t n[BIND_NONCE_SIZE], const uint8_t tqh[32], uint8_t out[32])
{
    const struct span parts[] = {TAG("situs/tq/1"), span_of(n, BIND_NONCE_SIZE), span_of(tqh, 32)};
    return digest_parts(HASH_SHA256, parts, 3, out);
}

bool bind_pq(const uint8_t n[BIND_NONCE_SIZE], const uint8_t tqh[32], struct span ak_v_name,
             uint8_t out[32])
{
    const struct span parts[] = {TAG("situs/pq/1"), span_of(n, BIND_NONCE_SIZE), span_of(tqh, 32),
                                 ak_v_name};
    return digest_parts(HASH_SHA256, parts, 4, out);
}

static bool equal(struct findings *f, enum check c, const char *part, const char *field,
                  struct span expected, struct span got, const char *hint)
{
    if (!span_equal(expected, got))
        return finding_fail(f, c, SITUS_MISMATCH, FINDING_AT(part, field), TEXT_HEX(expected),
                            TEXT_HEX(got), hint);
    finding_pass(f, c);
    return true;
}

/* A claim of a size that only a wrong reader could get wrong, or NULL with a failed row. */
static const struct claim *sized(struct findings *f, enum check c, const struct claims *set,
                                 enum claim_id id, size_t size)
{
    const struct claim *claim = claims_get(set, id);
    if (claim && claim->bytes.n == size)
        return claim;
    finding_fail(f, c, SITUS_MISSING, FINDING_AT(set->instance, claim_row(id)->name),
                 TEXT_BYTES(size), claim ? TEXT_BYTES(claim->bytes.n) : "none", NULL);
    return NULL;
}

/* The 64 bytes that name key, challenge and channel, and what they are called. */
struct carrier {
    const char *part, *first, *second;
    struct span bytes; /* empty: the row is decided */
};

static struct carrier carrier_of(struct findings *f, enum check c, const struct bind *in,
                                 const struct claims *td)
{
    if (in->text)
        return (struct carrier){"hcl", "user-data[0..31]", "user-data[32..63]",
                                in->text->user_data};
    const struct claim *report = sized(f, c, td, CLAIM_REPORT_DATA, 64);
    return (struct carrier){td->instance, "report_data[0..31]", "report_data[32..63]",
                            report ? report->bytes : span_of(NULL, 0)};
}

/* Holds the report against the paravisor's text. Says why what the text carries cannot be asked, or NULL. */
static const char *check_text(struct findings *f, const struct bind_text *t,
                              const struct claims *td)
{
    static const char other[] = "the paravisor's text is not the report's";
    const struct claim *report = sized(f, CHECK_BIND_AK_IN_TD, td, CLAIM_REPORT_DATA, 64);
    if (!report)
        return other;
    if (!span_equal(report->bytes, SPAN_ARR(t->report_data))) {
        finding_fail(f, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH,
                     FINDING_AT(td->instance, "report_data"), TEXT_HEX(SPAN_ARR(t->report_data)),
                     TEXT_HEX(report->bytes),
                     "report_data is SHA-256 of the paravisor's text, and zeros: the text was "
                     "altered, or is another machine's");
        return other;
    }
    if (!t->of_report) {
        finding_fail(f, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, FINDING_AT("hcl", "hardware"),
                     "the TDREPORT of which the quote was made", "another",
                     "have the quote made of the report that is sent with it");
        return other;
    }
    if (span_all(t->user_data, 0))
        return "user-data names neither key nor challenge: genuine, and nothing more";
    if (!span_equal(span_cut(t->user_data, 0, 32), SPAN_ARR(t->akh)))
        finding_fail(f, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, FINDING_AT("hcl", "user-data[0..31]"),
                     TEXT_HEX(SPAN_ARR(t->akh)), TEXT_HEX(span_cut(t->user_data, 0, 32)),
                     "user-data is the hash of the key that the same text names, and the hash over "
                     "challenge and channel key: \"situs attest\" writes it");
    return NULL;
}

static void check_channel(struct findings *f, const struct bind *in)
{
    if (in->channel.n == 0)
        finding_skip(f, CHECK_BIND_CHANNEL,
                     "no channel key was given (--channel, or the bundle's channel)");
    else if (in->peer.n && !span_equal(in->channel, in->peer))
        finding_fail(f, CHECK_BIND_CHANNEL, SITUS_MISMATCH, FINDING_AT("channel", "spki"),
                     "the key of the peer", "another key",
                     "the evidence speaks for another endpoint: a relay, or a wrong --channel");
    else
        finding_pass(f, CHECK_BIND_CHANNEL);
}

/* Says why the rows about the challenge cannot run, or NULL. */
static const char *no_nonce(struct findings *f, const struct bind *in)
{
    if (in->nonce.n == 0)
        return "no nonce was given; see --nonce";
    if (in->nonce.n == BIND_NONCE_SIZE)
        return NULL;
    finding_fail(f, CHECK_BIND_NONCE_IN_TD, SITUS_MALFORMED, FINDING_AT("nonce", "nonce"),
                 BIND_NONCE_SIZES, TEXT_BYTES(in->nonce.n), NULL);
    finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_MALFORMED, FINDING_AT("nonce", "nonce"),
                 BIND_NONCE_SIZES, TEXT_BYTES(in->nonce.n), NULL);
    return "the nonce has not " BIND_NONCE_SIZES;
}

static void check_nonce(struct findings *f, const struct bind *in, const struct claims *td)
{
    struct carrier carrier = carrier_of(f, CHECK_BIND_NONCE_IN_TD, in, td);
    uint8_t k[32], want[64];
    static const uint8_t no_akh[32]; /* the half that this row does not compare */
    if (carrier.bytes.n == 0)
        return;
    if (!bind_key(in->channel, k) || !bind_report_data(no_akh, in->nonce.p, k, want)) {
        finding_fail(f, CHECK_BIND_NONCE_IN_TD, SITUS_INTERNAL,
                     FINDING_AT(td->instance, "report_data"), "", "", NULL);
        return;
    }
    equal(f, CHECK_BIND_NONCE_IN_TD, carrier.part, carrier.second, span_of(want + 32, 32),
          span_cut(carrier.bytes, 32, 32),
          "the TD did not make this report for this nonce and channel key: a replay, or evidence "
          "collected with other values");
}

static void check_ak(struct findings *f, const struct bind *in, const struct claims *td,
                     const struct claims *tpm)
{
    struct carrier carrier = carrier_of(f, CHECK_BIND_AK_IN_TD, in, td);
    const struct claim *ak = sized(f, CHECK_BIND_AK_IN_TD, tpm, CLAIM_AK_HASH, 32);
    if (carrier.bytes.n == 0 || !ak ||
        !equal(f, CHECK_BIND_AK_IN_TD, carrier.part, carrier.first, ak->bytes,
               span_cut(carrier.bytes, 0, 32),
               "the TD names another attestation key: the two quotes are not from one machine"))
        return;
    const struct claim *config =
        in->mrconfigid ? sized(f, CHECK_BIND_AK_IN_TD, td, CLAIM_MRCONFIGID, 48) : NULL;
    if (config)
        equal(f, CHECK_BIND_AK_IN_TD, td->instance, "mrconfigid", span_of(in->mrconfigid, 48),
              config->bytes, "the host did not put the attestation key into MRCONFIGID");
}

/* pq of this nonce, TD quote and guest key. */
static bool expected_pq(const struct bind *in, const struct claims *guest, uint8_t want[32])
{
    return in->tqh && in->nonce.n == BIND_NONCE_SIZE && guest->v[CLAIM_AK_NAME].set &&
           bind_pq(in->nonce.p, in->tqh, guest->v[CLAIM_AK_NAME].bytes, want);
}

bool bind_vouches(const struct bind *in, const struct claims *guest)
{
    uint8_t want[32];
    const struct claim *extra = in->platform ? claims_get(in->platform, CLAIM_EXTRA_DATA) : NULL;
    return extra && expected_pq(in, guest, want) && span_equal(SPAN_ARR(want), extra->bytes);
}

/* The platform's quote; false after a failed row. The name of AK_v needs no authority: the platform
 * gives it. */
static bool check_platform(struct findings *f, const struct bind *in, const struct claims *guest)
{
    const struct claim *extra = sized(f, CHECK_BIND_TD_IN_TPM, in->platform, CLAIM_EXTRA_DATA, 32);
    uint8_t want[32];
    if (!extra)
        return false;
    if (!expected_pq(in, guest, want))
        return finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_MISSING,
                            FINDING_AT(guest->instance, "ak_name"), "the Name of the guest's key",
                            "none", "send its TPMT_PUBLIC");
    return span_equal(SPAN_ARR(want), extra->bytes) ||
           finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH,
                        FINDING_AT(in->platform->instance, "extra_data"), TEXT_HEX(SPAN_ARR(want)),
                        TEXT_HEX(extra->bytes),
                        "the host spoke for another TD quote, nonce or guest TPM");
}

static void check_extra_data(struct findings *f, const struct bind *in, const struct claims *tpm)
{
    const struct claim *extra = sized(f, CHECK_BIND_TD_IN_TPM, tpm, CLAIM_EXTRA_DATA, 32);
    uint8_t want[32];
    if (!extra)
        return;
    if (!in->tqh || !bind_tq(in->nonce.p, in->tqh, want)) {
        finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_INTERNAL,
                     FINDING_AT(tpm->instance, "extra_data"), "", "", NULL);
        return;
    }
    equal(f, CHECK_BIND_TD_IN_TPM, tpm->instance, "extra_data", SPAN_ARR(want), extra->bytes,
          "the TPM quote was made for another TD quote or another nonce");
}

/* Says why rows about a TPM quote cannot run, or NULL. */
static const char *no_quote(const struct claims *tpm, const char *none, const char *bad)
{
    return !tpm || !tpm->instance ? none : tpm->authority ? NULL : bad;
}

static void check_td_in_tpm(struct findings *f, const struct bind *in, const struct claims *tpm)
{
    if (in->platform && !check_platform(f, in, tpm))
        return;
    const char *bad = no_quote(tpm, "", "the TPM quote does not hold");
    if (bad)
        finding_skip(f, CHECK_BIND_TD_IN_TPM, bad);
    else
        check_extra_data(f, in, tpm);
}

void bind_check(struct findings *f, const struct bind *in, const struct claims *td,
                const struct claims *tpm)
{
    check_channel(f, in);
    const char *nonce = no_nonce(f, in);
    const char *quote = !td->authority ? "the TEE quote does not hold"
                        : in->text     ? check_text(f, in->text, td)
                                       : NULL;
    static const char none[] = "no TPM quote was given";
    const char *ak = in->platform ? no_quote(in->platform, "no TPM quote of the platform was given",
                                             "the platform's TPM quote does not hold")
                                  : no_quote(tpm, none, "the TPM quote does not hold");
    if (quote || nonce)
        finding_skip(f, CHECK_BIND_NONCE_IN_TD, quote ? quote : nonce);
    else if (in->channel.n == 0)
        finding_skip(f, CHECK_BIND_NONCE_IN_TD, "no channel key was given");
    else
        check_nonce(f, in, td);
    if (quote || ak)
        finding_skip(f, CHECK_BIND_AK_IN_TD, quote ? quote : ak);
    else
        check_ak(f, in, td, in->platform ? in->platform : tpm);
    const char *why = ak ? ak : !tpm ? none : quote ? quote : nonce;
    if (why)
        finding_skip(f, CHECK_BIND_TD_IN_TPM, why);
    else
        check_td_in_tpm(f, in, tpm);
}
