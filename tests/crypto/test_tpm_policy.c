/* crypto/tpm_policy: what the TPM computes. PolicyPCR is held to a real sealed key's policy, the
 * rest to Python, independently (s is SHA-256, cc a big-endian u32): s(p + cc(0x16c) + cc(0x147));
 * s(bytes(32) + cc(0x171) + p + that) s(s(bytes(32) + cc(0x16a) + key_name) + policy_ref) b"\0\x0c"
 * + sha384(cc(0x4000000b) + ek_name); b"\0\x0b" + s(that + ak_name) */
#include "support/test.h"

#include "base/text.h"
#include "crypto/tpm_policy.h"
#include "support/tpm_vectors.h"
#include "support/vectors.h"

static const char pcr_hex[] = "32c01296dc16172b91ecb1057fe71a778de5d12cf3b5fb132fb7820a64cdb72f";
static const char pcr_command_hex[] =
    "27eb08517157c3d5e6df103ccc64bdd1549a8097b32fc3b6c2c849f1eac2d8ea";
static const char pcr_or_hex[] = "55f969c8a228cb9d61f025088d0d2aa8c96e0e54461b737ade13e101c3a73ba5";
static const char authorize_hex[] =
    "80bd2580419df2761410cbaa297a2f1e8b504c3b1cf6126ebd07dea23629700e";
static const char qualified_hex[] =
    "000b270692f72be413701c4cde2cb183091dec897a614ce5e1b3dc75ac4a81efa1a3";

static void count(uint8_t *name, uint8_t alg, uint8_t from, size_t n)
{
    name[0] = 0;
    name[1] = alg;
    for (size_t i = 0; i < n; i++)
        name[2 + i] = (uint8_t)(from + i);
}

static void policy_pcr_is_that_of_a_real_sealed_key(void **state)
{
    (void)state;
    vectors_need();
    struct registers r = {0};
    uint8_t p[32];
    tpm_vectors_text(&r, "lab/baremetal-drtm/pcrs.txt", "sha256", 3 << 17);
    const struct span values[] = {r.bank[0].value[17], r.bank[0].value[18]};
    assert_true(tpm_policy_pcr(HASH_SHA256, 3 << 17, values, 2, p));
    assert_true(span_equal(SPAN_ARR(p), vectors_read("lab/baremetal-drtm/pcr_policy")));
    expect_hex(SPAN_ARR(p), pcr_hex);
    assert_true(tpm_policy_pcr(HASH_SHA384, 3 << 17, values, 2, p)); /* the bank counts */
    assert_false(span_equal(SPAN_ARR(p), vectors_read("lab/baremetal-drtm/pcr_policy")));
    assert_false(tpm_policy_pcr(HASH_NONE, 3 << 17, values, 2, p));
    assert_false(tpm_policy_pcr(HASH_SHA256, 1 << 24, values, 2, p));
}

static void policies_follow_each_other(void **state)
{
    (void)state;
    uint8_t p[32], command[32], both[32], name[34];
    assert_true(text_hex_read(p, 32, span_text(pcr_hex)));
    assert_true(tpm_policy_command(p, TPM_CC_ACTIVATE_CREDENTIAL, command));
    expect_hex(SPAN_ARR(command), pcr_command_hex);
    assert_true(tpm_policy_or(p, command, both));
    expect_hex(SPAN_ARR(both), pcr_or_hex);
    assert_true(tpm_policy_command(p, TPM_CC_ACTIVATE_CREDENTIAL, p));
    expect_hex(SPAN_ARR(p), pcr_command_hex);
    count(name, 0x0b, 0, 32);
    assert_true(tpm_policy_authorize(SPAN_ARR(name), SPAN_LIT("hosts"), p));
    expect_hex(SPAN_ARR(p), authorize_hex);
}

/* Google's AK (GCE vTPM): the qualifiedSigner of its quotes. */
static void a_primary_is_that_of_real_quotes(void **state)
{
    (void)state;
    vectors_need();
    uint8_t name[34] = {0, 0x0b}, out[2 + HASH_MAX_SIZE];
    assert_true(digest(HASH_SHA256, vectors_read("tpm/gce-cos-85/ak_pub.tpmt"), name + 2));
    assert_int_equal(tpm_policy_primary(SPAN_ARR(name), out), 34);
    struct span attest = vectors_read("tpm/gce-cos-85/quote0.tpms_attest");
    assert_true(span_equal(span_cut(attest, 8, 34), span_of(out, 34))); /* behind its size */
    assert_int_equal(tpm_policy_primary(span_of(name, 33), out), 0);
}

static void qualified_names_use_each_keys_hash(void **state)
{
    (void)state;
    uint8_t ek[50], ak[34], out[2 + HASH_MAX_SIZE];
    count(ek, 0x0c, 0, 48);
    count(ak, 0x0b, 32, 32);
    assert_int_equal(tpm_policy_qualified(SPAN_ARR(ek), SPAN_ARR(ak), out), 34);
    expect_hex(span_of(out, 34), qualified_hex);
    assert_int_equal(tpm_policy_qualified(span_of(ek, 49), SPAN_ARR(ak), out), 0);
    assert_int_equal(tpm_policy_qualified(SPAN_ARR(ek), span_of(ak, 1), out), 0);
    ak[1] = 0x0d; /* SHA-512 */
    assert_int_equal(tpm_policy_qualified(SPAN_ARR(ek), SPAN_ARR(ak), out), 0);
    ak[1] = 0xff;
    assert_int_equal(tpm_policy_qualified(SPAN_ARR(ek), SPAN_ARR(ak), out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_pcr_is_that_of_a_real_sealed_key),
        cmocka_unit_test(policies_follow_each_other),
        cmocka_unit_test(a_primary_is_that_of_real_quotes),
        cmocka_unit_test(qualified_names_use_each_keys_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
