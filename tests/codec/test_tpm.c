/* codec/tpm: every byte of the three structures has one reading; tss2-mu reads the same. */
#include "support/test.h"

#include "codec/tpm.h"
#include "support/soft_tpm.h"
#include "support/vectors.h"

#include <tss2/tss2_mu.h>

static const char *const attests[] = {
    "tpm/gce-cos-85/quote0.tpms_attest", "tpm/gce-cos-85/quote1.tpms_attest",
    "tpm/gce-cos-85/quote2.tpms_attest", "tdx/azure-2026/vtpm_quote.tpms_attest",
    "lab/baremetal-drtm/quote_msg",
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void agrees_with_tss2(struct span bytes)
{
    struct tpm_attest a;
    struct situs_err err = {0};
    assert_true(tpm_attest_read(&a, bytes, &err));
    TPMS_ATTEST t;
    size_t used = 0;
    assert_int_equal(Tss2_MU_TPMS_ATTEST_Unmarshal(bytes.p, bytes.n, &used, &t), 0);
    assert_int_equal(used, bytes.n);
    assert_true(a.is_quote);
    assert_int_equal(a.magic, t.magic);
    assert_int_equal(a.type, t.type);
    assert_true(span_equal(a.extra_data, span_of(t.extraData.buffer, t.extraData.size)));
    assert_true(
        span_equal(a.qualified_signer, span_of(t.qualifiedSigner.name, t.qualifiedSigner.size)));
    assert_true(a.clock == t.clockInfo.clock && a.firmware_version == t.firmwareVersion);
    assert_int_equal(a.reset_count, t.clockInfo.resetCount);
    assert_int_equal(a.restart_count, t.clockInfo.restartCount);
    assert_int_equal(a.safe, t.clockInfo.safe);
    const TPMS_QUOTE_INFO *q = &t.attested.quote;
    assert_int_equal(a.n_selections, q->pcrSelect.count);
    for (size_t i = 0; i < a.n_selections; i++) {
        const TPMS_PCR_SELECTION *s = &q->pcrSelect.pcrSelections[i];
        assert_int_equal(a.selection[i].hash, s->hash);
        assert_int_equal(a.selection[i].mask, s->pcrSelect[0] | (uint32_t)s->pcrSelect[1] << 8 |
                                                  (uint32_t)s->pcrSelect[2] << 16);
    }
    assert_true(span_equal(a.pcr_digest, span_of(q->pcrDigest.buffer, q->pcrDigest.size)));
}

static void tpm_reads_real_quotes_as_tss2_does(void **state)
{
    (void)state;
    vectors_need();
    for (size_t i = 0; i < COUNT(attests); i++)
        agrees_with_tss2(vectors_read(attests[i]));
}

static void tpm_reads_real_signatures_and_keys(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err = {0};
    struct tpm_signature s;
    assert_true(tpm_signature_read(&s, vectors_read("lab/baremetal-drtm/quote_sig"), &err));
    assert_int_equal(s.alg, TPM_ALG_ECDSA);
    assert_int_equal(s.r.n, 32);
    assert_true(tpm_signature_read(&s, vectors_read("tpm/gce-cos-85/quote0.tpmt_signature"), &err));
    assert_int_equal(s.alg, TPM_ALG_RSASSA);
    assert_int_equal(s.rsa.n, 256);
    struct tpm_public p;
    assert_true(tpm_public_read(&p, vectors_read("tpm/gce-cos-85/ak_pub.tpmt"), &err));
    assert_int_equal(p.attributes, 0x50072);
    assert_int_equal(p.bits, 2048);
    assert_int_equal(p.exponent, 65537);
    assert_int_equal(p.scheme, TPM_ALG_RSASSA);
    struct span whole = vectors_read("lab/baremetal-drtm/ak_pub"); /* TPM2B_PUBLIC */
    assert_true(tpm_public_read(&p, span_cut(whole, 2, whole.n - 2), &err));
    assert_int_equal(p.type, TPM_ALG_ECC);
    assert_int_equal(p.curve, TPM_ECC_NIST_P256);
    assert_int_equal(p.attributes, 0x50032);
    assert_int_equal(p.auth_policy.n, 32);
}

static uint8_t buffer[4200];

static struct span attest_bytes(void)
{
    static const uint8_t digest[32] = {1};
    struct tpm_attest a = {.magic = TPM_GENERATED,
                           .type = TPM_ST_ATTEST_QUOTE,
                           .extra_data = SPAN_LIT("extra"),
                           .safe = true,
                           .n_selections = 2,
                           .selection = {{0x000b, 0xff}, {0x000c, 0xff}},
                           .pcr_digest = SPAN_ARR(digest)};
    return soft_tpm_attest(buffer, sizeof buffer, &a);
}

/* Offsets in attest_bytes: magic 0, type 4, signer 6, extra 8, clock info 15, firmware 32, count
 * 40, selections 44 and 50, digest 56. */
static void attest_refuses(size_t at, uint8_t value, enum situs_code code, const char *field,
                           size_t error_at)
{
    struct span s = attest_bytes();
    struct tpm_attest a;
    struct situs_err err = {0};
    buffer[at] = value;
    assert_false(tpm_attest_read(&a, s, &err));
    expect_err(err, code, field, error_at);
    assert_false(a.is_quote);
}

static void tpm_attest_refuses_damage(void **state)
{
    (void)state;
    attest_refuses(31, 2, SITUS_MALFORMED, "clock_info.safe", 31);
    attest_refuses(43, 6, SITUS_TOO_LONG, "attested.pcr_select.count", 40);    /* N52 */
    attest_refuses(40, 0xff, SITUS_TOO_LONG, "attested.pcr_select.count", 40); /* N52 */
    attest_refuses(51, 0x0b, SITUS_DUPLICATE, "attested.pcr_select.hash", 50); /* N52 */
    attest_refuses(46, 4, SITUS_UNSUPPORTED, "attested.pcr_select.sizeof_select", 46);
    attest_refuses(57, 33, SITUS_TOO_SHORT, "attested.pcr_digest", 58);
    attest_refuses(57, 31, SITUS_TRAILING, "tpms_attest", 89);
    attest_refuses(8, 0xff, SITUS_TOO_SHORT, "extra_data", 10);
}

/* N56: trailing bytes, and every shorter input. */
static void tpm_structures_end_where_they_end(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct tpm_attest a;
    struct span s = attest_bytes();
    assert_true(tpm_attest_read(&a, s, &err));
    for (size_t n = 0; n < s.n; n++) {
        err = (struct situs_err){0};
        assert_false(tpm_attest_read(&a, span_of(s.p, n), &err));
        assert_int_equal(err.code, SITUS_TOO_SHORT);
    }
    err = (struct situs_err){0};
    buffer[s.n] = 0;
    assert_false(tpm_attest_read(&a, span_of(s.p, s.n + 1), &err));
    expect_err(err, SITUS_TRAILING, "tpms_attest", s.n);
    err = (struct situs_err){0};
    assert_false(tpm_attest_read(&a, span_of(buffer, LIMIT_ATTEST + 1), &err));
    expect_err(err, SITUS_TOO_LONG, "size", SITUS_NO_OFFSET);

    struct soft_ak ak;
    soft_tpm_ak(&ak, SOFT_P256, 0x50072, span_of(NULL, 0));
    struct tpm_public p;
    for (size_t n = 0; n <= ak.public.n; n++) {
        err = (struct situs_err){0};
        assert_int_equal(tpm_public_read(&p, span_of(ak.bytes, n), &err), n == ak.public.n);
    }
    assert_false(tpm_public_read(&p, span_of(ak.bytes, ak.public.n + 1), &err));
    expect_err(err, SITUS_TRAILING, "tpmt_public", ak.public.n);

    struct tpm_signature sig;
    struct span signature = soft_tpm_sign(buffer, sizeof buffer, &ak, ak.hash, ak.public);
    for (size_t n = 0; n <= signature.n; n++) {
        err = (struct situs_err){0};
        assert_int_equal(tpm_signature_read(&sig, span_of(buffer, n), &err), n == signature.n);
    }
    assert_false(tpm_signature_read(&sig, span_of(buffer, signature.n + 1), &err));
    expect_err(err, SITUS_TRAILING, "tpmt_signature", signature.n);
}

/* N48: a null signature is no signature. */
static void tpm_signature_refuses_null(void **state)
{
    (void)state;
    struct tpm_signature s;
    struct situs_err err = {0};
    static const uint8_t null[] = {0x00, 0x10};
    assert_false(tpm_signature_read(&s, SPAN_ARR(null), &err));
    expect_err(err, SITUS_UNSUPPORTED, "sig_alg", 0);
}

static void public_refuses(size_t at, uint8_t value, enum situs_code code, const char *field,
                           size_t error_at)
{
    struct soft_ak ak;
    struct tpm_public p;
    struct situs_err err = {0};
    soft_tpm_ak(&ak, SOFT_P256, 0x50072, span_of(NULL, 0));
    ak.bytes[at] = value;
    assert_false(tpm_public_read(&p, ak.public, &err));
    expect_err(err, code, field, error_at);
}

static void tpm_public_refuses_what_no_signing_key_has(void **state)
{
    (void)state;
    public_refuses(1, 0x08, SITUS_UNSUPPORTED, "type", 0); /* KEYEDHASH */
    public_refuses(11, 0x06, SITUS_UNSUPPORTED, "parameters.symmetric", 10);
    public_refuses(13, 0x14, SITUS_UNSUPPORTED, "parameters.scheme", 12); /* RSASSA for ECC */
    public_refuses(17, 0x05, SITUS_UNSUPPORTED, "parameters.curve_id", 16);
    public_refuses(19, 0x20, SITUS_UNSUPPORTED, "parameters.kdf", 18);
    struct situs_err err = {0};
    struct soft_ak rsa;
    struct tpm_public p;
    soft_tpm_ak(&rsa, SOFT_RSASSA, 0x50072, span_of(NULL, 0));
    rsa.bytes[16] = 0x0c; /* key_bits 3072, a modulus of 2048 */
    assert_false(tpm_public_read(&p, rsa.public, &err));
    expect_err(err, SITUS_MISMATCH, "unique", 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tpm_reads_real_quotes_as_tss2_does),
        cmocka_unit_test(tpm_reads_real_signatures_and_keys),
        cmocka_unit_test(tpm_attest_refuses_damage),
        cmocka_unit_test(tpm_structures_end_where_they_end),
        cmocka_unit_test(tpm_signature_refuses_null),
        cmocka_unit_test(tpm_public_refuses_what_no_signing_key_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
