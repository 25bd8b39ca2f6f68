/* Keys that a provider keeps in a guest's TPM: Google's, by templates in NV indices that its firmware wrote. */
#include "attester/attest.h"

#include "codec/tpm.h"
#include "crypto/digest.h"
#include "lab/process/lab_socket.h"
#include "lab/tpm/lab_raw.h"
#include "model/tpm_value.h"
#include "support/swtpm.h"
#include "support/test.h"

#include <stdlib.h>

#define PASSWORD "the firmware's"
#define ROOM 512 /* of an index */

static const struct span certificate = SPAN_LIT("\x30\x03\x02\x01\x07");

static struct {
    struct swtpm swtpm;
    struct channel channel;
    struct attest_config config;
    uint8_t *bytes;
    struct wr out;
    struct situs_err err;
} lab;

/* Google's templates (go-tpm-tools, client/template.go: AKTemplateRSA, AKTemplateECC): unique of zeros. */
static struct span template_of(bool ecc)
{
    static uint8_t room[ROOM];
    static const uint8_t zeros[256];
    struct wr w = wr_new(room, sizeof room);
    wr_u16be(&w, ecc ? TPM_ALG_ECC : TPM_ALG_RSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u32be(&w, 0x00050072);
    wr_u16be(&w, 0);
    wr_u16be(&w, TPM_ALG_NULL);
    wr_u16be(&w, ecc ? TPM_ALG_ECDSA : TPM_ALG_RSASSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u16be(&w, ecc ? TPM_ECC_NIST_P256 : 2048);
    if (ecc) {
        wr_u16be(&w, TPM_ALG_NULL);
        wr_u16be(&w, 32);
        wr_bytes(&w, span_of(zeros, 32));
    } else {
        wr_u32be(&w, 0);
    }
    wr_u16be(&w, ecc ? 32 : 256);
    wr_bytes(&w, span_of(zeros, ecc ? 32 : 256));
    return wr_span(&w);
}

/* keep writes an index of just so many bytes, as Google's firmware does, and of more for a certificate. */
static void keep(uint32_t index, struct span bytes, size_t more)
{
    uint8_t whole[ROOM] = {0};
    int fd = lab_socket_connect(strchr(lab.swtpm.tcti, '=') + 1);
    if (bytes.n)
        memcpy(whole, bytes.p, bytes.n);
    assert_int_equal(lab_raw_nv_define(fd, index, PASSWORD, (uint16_t)(bytes.n + more)), 0);
    assert_int_equal(lab_raw_nv_write(fd, index, PASSWORD, span_of(whole, bytes.n + more)), 0);
    lab_socket_close(fd);
}

static int power_on(void **state)
{
    (void)state;
    if (system("command -v swtpm swtpm_setup swtpm_localca >/dev/null 2>&1") != 0)
        return 0;
    swtpm_make(&lab.swtpm, false);
    lab.bytes = malloc(LIMIT_BUNDLE);
    lab.config = (struct attest_config){.tcti = lab.swtpm.tcti};
    return lab.bytes && channel_make(&lab.channel, &lab.err) ? 0 : -1;
}

static int power_off(void **state)
{
    (void)state;
    if (!lab.bytes)
        return 0;
    channel_free(&lab.channel);
    swtpm_end(&lab.swtpm);
    free(lab.bytes);
    lab.bytes = NULL;
    return 0;
}

static bool collect(const char *name)
{
    static const uint8_t nonce[32] = {1};
    swtpm_need();
    lab.config.kept_key = kept_key_find(name);
    assert_non_null(lab.config.kept_key);
    lab.err = (struct situs_err){0};
    lab.out = wr_new(lab.bytes, LIMIT_BUNDLE);
    return attest_collect(&lab.config, &lab.channel, nonce, false, &lab.out, &lab.err);
}

/* The quote that was collected. */
static const struct tpm_value *collected(const char *name)
{
    static struct bundle b;
    static struct tpm_value v;
    static uint8_t room[65536];
    struct arena arena = arena_new(room, sizeof room);
    if (!collect(name))
        fail_msg("%s %s: %s", lab.err.part, lab.err.field, lab.err.got);
    assert_true(bundle_read(&b, wr_span(&lab.out), &arena, &lab.err));
    assert_true(tpm_value_read(&v, bundle_find(&b, "guest")->value, "guest", &lab.err));
    return &v;
}

/* The key is a primary of the endorsement hierarchy, as the profile asks of Google's. */
static void is_of_template(const struct tpm_value *v, struct span template)
{
    struct tpm_attest attest;
    uint8_t name[34] = {0, 0x0b}, signer[34] = {0, 0x0b};
    assert_true(tpm_attest_read(&attest, v->attest, &lab.err));
    assert_memory_equal(v->public_area.p, template.p, 18);
    assert_true(digest(HASH_SHA256, v->public_area, name + 2) &&
                digest2(HASH_SHA256, SPAN_LIT("\x40\0\0\x0b"), SPAN_ARR(name), signer + 2));
    assert_true(span_equal(attest.qualified_signer, SPAN_ARR(signer)));
}

static void templates_make_the_keys_and_indices_certify_them(void **state)
{
    (void)state;
    for (int ecc = 0; ecc < 2; ecc++) {
        struct span template = template_of(ecc);
        const char *name = ecc ? "google-ecc" : "google-rsa";
        swtpm_need();
        assert_false(collect(name));
        expect_err(lab.err, SITUS_MISSING, "TPM2_NV_ReadPublic", SITUS_NO_OFFSET);
        assert_non_null(strstr(lab.err.hint, "--kept-key"));
        keep(ecc ? TPM_NV_GCE_ECC_TEMPLATE : TPM_NV_GCE_RSA_TEMPLATE, template, 0);
        const struct tpm_value *v = collected(name);
        is_of_template(v, template);
        assert_int_equal(v->n_certs, 0);
        keep(ecc ? TPM_NV_GCE_ECC_CERT : TPM_NV_GCE_RSA_CERT, certificate, 100);
        v = collected(name);
        assert_int_equal(v->n_certs, 1);
        assert_true(span_equal(v->certs[0], certificate));
    }
}

static void what_is_no_template_makes_no_key(void **state)
{
    (void)state;
    swtpm_need();
    keep(TPM_NV_GCE_RSA_TEMPLATE, template_of(false), 1);
    assert_false(collect("google-rsa"));
    expect_err(lab.err, SITUS_MALFORMED, "template", SITUS_NO_OFFSET);
}

static void what_is_no_certificate_is_not_sent(void **state)
{
    (void)state;
    swtpm_need();
    keep(TPM_NV_GCE_ECC_TEMPLATE, template_of(true), 0);
    keep(TPM_NV_GCE_ECC_CERT, SPAN_LIT("\x30\x82\xff\xff"), 10);
    assert_false(collect("google-ecc"));
    assert_string_equal(lab.err.field, "certificate");
}

static void an_index_that_nobody_wrote_has_none(void **state)
{
    (void)state;
    swtpm_need();
    keep(TPM_NV_GCE_ECC_TEMPLATE, template_of(true), 0);
    keep(TPM_NV_GCE_ECC_CERT, span_of(NULL, 0), 20);
    assert_int_equal(collected("google-ecc")->n_certs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(templates_make_the_keys_and_indices_certify_them, power_on,
                                        power_off),
        cmocka_unit_test_setup_teardown(what_is_no_template_makes_no_key, power_on, power_off),
        cmocka_unit_test_setup_teardown(what_is_no_certificate_is_not_sent, power_on, power_off),
        cmocka_unit_test_setup_teardown(an_index_that_nobody_wrote_has_none, power_on, power_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
