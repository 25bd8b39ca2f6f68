/* Binding formulas and their checks; see bind.h. */
#include "appraise/bind.h"

#include "base/text.h"
#include "crypto/digest.h"

/* Domain strings, with their terminating zero byte. */
#define TAG(s) span_of((s), sizeof(s))

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
        return finding_fail(f, c, SITUS_MISMATCH, part, field, TEXT_HEX(expected), TEXT_HEX(got),
                            hint);
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
    finding_fail(f, c, SITUS_MISSING, set->instance, claim_row(id)->name, TEXT_BYTES(size),
                 claim ? TEXT_BYTES(claim->bytes.n) : "none", NULL);
    return NULL;
}

static void check_channel(struct findings *f, const struct bind *in)
{
    if (in->channel.n == 0)
        finding_fail(f, CHECK_BIND_CHANNEL, SITUS_MISSING, "channel", "spki",
                     "the key that the evidence speaks for", "none",
                     "a proof speaks of the holder of a key; collect with the service's key");
    else if (in->peer.n && !span_equal(in->channel, in->peer))
        finding_fail(f, CHECK_BIND_CHANNEL, SITUS_MISMATCH, "channel", "spki",
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
    finding_fail(f, CHECK_BIND_NONCE_IN_TD, SITUS_MALFORMED, "nonce", "nonce", "32 bytes",
                 TEXT_BYTES(in->nonce.n), NULL);
    finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_MALFORMED, "nonce", "nonce", "32 bytes",
                 TEXT_BYTES(in->nonce.n), NULL);
    return "the nonce is not 32 bytes";
}

static void check_nonce(struct findings *f, const struct bind *in, const struct claims *td)
{
    const struct claim *report = sized(f, CHECK_BIND_NONCE_IN_TD, td, CLAIM_REPORT_DATA, 64);
    uint8_t k[32], want[64];
    static const uint8_t no_akh[32]; /* the half that this row does not compare */
    if (!report)
        return;
    if (!bind_key(in->channel, k) || !bind_report_data(no_akh, in->nonce.p, k, want)) {
        finding_fail(f, CHECK_BIND_NONCE_IN_TD, SITUS_INTERNAL, td->instance, "report_data", "", "",
                     NULL);
        return;
    }
    equal(f, CHECK_BIND_NONCE_IN_TD, td->instance, "report_data[32..63]", span_of(want + 32, 32),
          span_cut(report->bytes, 32, 32),
          "the TD did not make this report for this nonce and channel key: a replay, or evidence "
          "collected with other values");
}

static void check_ak(struct findings *f, const struct claims *td, const struct claims *tpm)
{
    const struct claim *report = sized(f, CHECK_BIND_AK_IN_TD, td, CLAIM_REPORT_DATA, 64);
    const struct claim *ak = sized(f, CHECK_BIND_AK_IN_TD, tpm, CLAIM_AK_HASH, 32);
    if (report && ak)
        equal(f, CHECK_BIND_AK_IN_TD, td->instance, "report_data[0..31]", ak->bytes,
              span_cut(report->bytes, 0, 32),
              "the TD names another attestation key: the two quotes are not from one machine");
}

static void check_extra_data(struct findings *f, const struct bind *in, const struct claims *tpm)
{
    const struct claim *extra = sized(f, CHECK_BIND_TD_IN_TPM, tpm, CLAIM_EXTRA_DATA, 32);
    uint8_t want[32];
    if (!extra)
        return;
    if (!bind_tq(in->nonce.p, in->tqh, want)) {
        finding_fail(f, CHECK_BIND_TD_IN_TPM, SITUS_INTERNAL, tpm->instance, "extra_data", "", "",
                     NULL);
        return;
    }
    equal(f, CHECK_BIND_TD_IN_TPM, tpm->instance, "extra_data", SPAN_ARR(want), extra->bytes,
          "the TPM quote was made for another TD quote or another nonce");
}

void bind_check(struct findings *f, const struct bind *in, const struct claims *td,
                const struct claims *tpm)
{
    check_channel(f, in);
    const char *nonce = no_nonce(f, in);
    const char *quote = td->authority ? NULL : "the TEE quote does not hold";
    const char *tpm_quote = !tpm              ? "no TPM quote was given"
                            : !tpm->authority ? "the TPM quote does not hold"
                                              : NULL;
    if (quote || nonce)
        finding_skip(f, CHECK_BIND_NONCE_IN_TD, quote ? quote : nonce);
    else if (in->channel.n == 0)
        finding_skip(f, CHECK_BIND_NONCE_IN_TD, "no channel key was given");
    else
        check_nonce(f, in, td);
    if (quote || tpm_quote)
        finding_skip(f, CHECK_BIND_AK_IN_TD, quote ? quote : tpm_quote);
    else
        check_ak(f, td, tpm);
    if (tpm_quote || quote || nonce)
        finding_skip(f, CHECK_BIND_TD_IN_TPM, tpm_quote ? tpm_quote : quote ? quote : nonce);
    else
        check_extra_data(f, in, tpm);
}
