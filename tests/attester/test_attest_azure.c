/* The attester under a paravisor: a relay before swtpm that makes its report as Azure's does, and a metadata service. */
#include "attester/attest.h"

#include "attester/imds.h"
#include "crypto/digest.h"
#include "evidence/hcl_report.h"
#include "lab/guest/lab_imds.h"
#include "lab/guest/lab_paravisor.h"
#include "model/tpm_value.h"
#include "support/collected.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "tee/amd/snp_report.h"
#include "tee/intel/quote.h"

#include <stdio.h>
#include <stdlib.h>

#define AT INT64_C(1800000000)

static const struct span certificate =
    SPAN_LIT("\x30\x03\x02\x01\x05"); /* what lies in the index */

/* One machine; its TPM is made once, its paravisor starts for each test. */
static struct {
    struct lab_world *world;
    struct lab_snp amd;
    struct lab_snp_chip chip;
    struct lab_cpu cpu, other;
    struct lab_snp_guest snp;
    struct swtpm swtpm;
    struct lab_paravisor paravisor;
    struct lab_imds imds;
    const struct lab_td *instead;
    struct channel channel;
    struct attest_config config;
    char socket[96];
    uint8_t nonce[32], *bytes;
    struct wr out;
    struct situs_err err;
} lab;

static int make_lab(void **state)
{
    static const uint8_t measurement[48] = {1};
    struct lab_swtpm vtpm = {.process = 0};
    (void)state;
    if (system("command -v swtpm swtpm_setup swtpm_localca >/dev/null 2>&1") != 0)
        return 0;
    lab.world = lab_world_new(AT);
    lab.amd = lab_snp_new(lab.world);
    lab.chip = lab_snp_chip_new(&lab.amd, 0);
    lab.snp = lab_snp_guest_launch(&lab.chip, measurement);
    lab.cpu = lab_cpu_new(lab.world, 0);
    lab.other = lab_cpu_new(lab.world, 1);
    swtpm_make(&lab.swtpm, false);
    snprintf(vtpm.socket, sizeof vtpm.socket, "%s", strchr(lab.swtpm.tcti, '=') + 1);
    snprintf(lab.socket, sizeof lab.socket, "%s/guest", lab.swtpm.dir);
    lab_paravisor_make(&lab.paravisor, &vtpm);
    lab_paravisor_certify(&lab.paravisor, certificate);
    lab.bytes = malloc(LIMIT_BUNDLE);
    return lab.bytes && channel_make(&lab.channel, &lab.err) ? 0 : -1;
}

static int free_lab(void **state)
{
    (void)state;
    if (!lab.world)
        return 0;
    lab_paravisor_free(&lab.paravisor);
    swtpm_end(&lab.swtpm);
    channel_free(&lab.channel);
    lab_snp_free(&lab.amd);
    lab_world_free(lab.world);
    free(lab.bytes);
    return 0;
}

/* start boots a guest of this kind; quotes are made by this processor's enclave. */
static void start(enum check_kind tee, const struct lab_cpu *quotes, unsigned pause)
{
    swtpm_need();
    struct lab_paravisor *p = &lab.paravisor;
    p->w = lab.world;
    p->pause = pause;
    p->td = lab_td_build(&lab.cpu, SPAN_LIT("paravisor"));
    p->snp = tee == KIND_SNP ? lab.snp : (struct lab_snp_guest){.chip = NULL};
    lab_paravisor_start(p, lab.socket);
    lab.imds = (struct lab_imds){.cpu = quotes, .chip = &lab.chip, .instead = lab.instead};
    lab_imds_start(&lab.imds);
    lab.config = (struct attest_config){.tcti = p->tcti,
                                        .paravisor = true,
                                        .kept_key = kept_key_find("paravisor"),
                                        .imds = lab.imds.url};
    lab.nonce[0]++;
}

static int stop(void **state)
{
    (void)state;
    lab_paravisor_stop(&lab.paravisor);
    lab_imds_stop(&lab.imds);
    lab.paravisor.silent = lab.paravisor.loose = false;
    return 0;
}

static bool collect(void)
{
    lab.err = (struct situs_err){0};
    lab.out = wr_new(lab.bytes, LIMIT_BUNDLE);
    return attest_collect(&lab.config, &lab.channel, lab.nonce, false, &lab.out, &lab.err);
}

/* What was collected, which has n items. */
static struct bundle *collected(size_t n)
{
    if (!collect())
        fail_msg("%s %s: %s", lab.err.part, lab.err.field, lab.err.got);
    return collected_read(wr_span(&lab.out), n);
}

static void refused(enum situs_code code, const char *part, const char *field)
{
    assert_false(collect());
    assert_int_equal(lab.err.code, code);
    assert_string_equal(lab.err.part, part);
    assert_string_equal(lab.err.field, field);
    assert_int_equal(lab.out.n, 0);
}

/* The report that was sent, whose user-data is what this challenge asks for. */
static void read_report(struct bundle *b, struct hcl_report *h)
{
    uint8_t k[32], akh[32], ak[HCL_AK_PUBLIC], want[64];
    assert_true(hcl_report_read(h, collected_item(b, "hcl"), &lab.err));
    hcl_report_ak(h, ak);
    assert_true(digest(HASH_SHA256, SPAN_ARR(ak), akh) && bind_key(channel_spki(&lab.channel), k) &&
                bind_report_data(akh, lab.nonce, k, want));
    assert_memory_equal(h->user_data, want, 64);
}

/* The quote, whose extraData commits to the TEE's evidence. */
static void read_quote(struct bundle *b, struct span committed, struct tpm_value *v)
{
    struct tpm_attest attest;
    uint8_t tqh[32], extra[32];
    assert_true(tpm_value_read(v, collected_item(b, "guest"), "guest", &lab.err));
    assert_true(tpm_attest_read(&attest, v->attest, &lab.err));
    assert_true(digest(HASH_SHA256, committed, tqh) && bind_tq(lab.nonce, tqh, extra));
    assert_true(span_equal(attest.extra_data, SPAN_ARR(extra)));
    assert_int_equal(v->registers.n, 1);
    assert_int_equal(v->registers.bank[0].hash, HASH_SHA256);
    assert_int_equal(v->registers.bank[0].mask, ATTEST_PCRS);
}

static void report_quote_and_key_are_of_one_challenge(void **state)
{
    static struct tpm_value v;
    struct hcl_report h;
    struct quote q;
    (void)state;
    start(KIND_TDX, &lab.cpu, 1);
    struct bundle *b = collected(4);
    read_report(b, &h);
    assert_true(quote_read(&q, collected_item(b, "tdx"), &lab.err) && hcl_report_of_td(&h, q.body));
    read_quote(b, q.whole, &v);
    assert_int_equal(v.n_certs, 1);
    assert_true(span_equal(v.certs[0], certificate));
}

/* Its issuers come behind it; a caller who names it, too, does not send it twice. */
static void the_kept_certificate_is_first(void **state)
{
    static struct tpm_value v;
    static const struct span issuer = SPAN_LIT("\x30\x03\x02\x01\x06");
    struct quote q;
    (void)state;
    start(KIND_TDX, &lab.cpu, 1);
    lab.config.ak_certs[0] = issuer;
    lab.config.n_ak_certs = 1;
    for (size_t i = 0; i < 2; i++) {
        struct bundle *b = collected(4);
        assert_true(quote_read(&q, collected_item(b, "tdx"), &lab.err));
        read_quote(b, q.whole, &v);
        assert_int_equal(v.n_certs, 2);
        assert_true(span_equal(v.certs[0], certificate) && span_equal(v.certs[1], issuer));
        lab.config.ak_certs[0] = certificate;
        lab.config.ak_certs[1] = issuer;
        lab.config.n_ak_certs = 2;
    }
    lab.config.n_ak_certs = LIMIT_CHAIN_CERTS;
    lab.config.ak_certs[0] = issuer;
    refused(SITUS_TOO_LONG, "ak-cert", "");
}

/* The chip's certificate comes of the host's service, if that is asked. */
static void an_snp_guest_sends_its_report(void **state)
{
    static struct tpm_value v;
    struct hcl_report h;
    struct snp_report r;
    (void)state;
    start(KIND_SNP, NULL, 1);
    for (size_t certs = 2; certs-- > 0; lab.config.imds = NULL) {
        struct bundle *b = collected(4);
        read_report(b, &h);
        assert_true(snp_report_read(&r, collected_item(b, "snp"), &lab.err));
        assert_int_equal(r.n_certs, certs);
        assert_true(span_equal(h.hardware, span_cut(collected_item(b, "snp"), 0, SNP_REPORT_SIZE)));
        read_quote(b, h.hardware, &v);
    }
}

/* Within the pause after the last report the one before comes: it is of another challenge. */
static void an_earlier_report_is_waited_out(void **state)
{
    struct hcl_report h;
    (void)state;
    start(KIND_SNP, NULL, 300);
    for (size_t i = 0; i < 2; i++, lab.nonce[0]++)
        read_report(collected(4), &h);
}

static void a_report_of_another_challenge_is_not_sent(void **state)
{
    struct hcl_report h;
    (void)state;
    start(KIND_SNP, NULL, 3600 * 1000);
    read_report(collected(4), &h);
    lab.nonce[0]++;
    lab.config.patience = 1;
    refused(SITUS_MISMATCH, "hcl", "user-data");
}

static void a_paravisor_that_takes_no_user_data_is_asked_all_the_same(void **state)
{
    static struct tpm_value v;
    struct hcl_report h;
    (void)state;
    lab.paravisor.silent = true;
    start(KIND_SNP, NULL, 1);
    lab.config.patience = 1;
    struct bundle *b = collected(4);
    assert_true(hcl_report_read(&h, collected_item(b, "hcl"), &lab.err));
    assert_false(h.has_user_data);
    read_quote(b, h.hardware, &v);
}

static void a_td_needs_the_service_of_its_own_host(void **state)
{
    (void)state;
    start(KIND_TDX, &lab.other, 1); /* whose enclave refuses TDREPORTs of this processor */
    refused(SITUS_MISSING, "imds", "status");
    lab.config.imds = NULL;
    refused(SITUS_MISSING, "hcl", "quote");
    lab.config.imds = "http://127.0.0.1:1";
    refused(SITUS_MISSING, "imds", "connect");
}

/* A service that has the quotes of others: one of the same report data is of another TD all the same. */
static void a_quote_of_another_td_is_not_sent(void **state)
{
    (void)state;
    struct lab_td another = lab_td_build(&lab.cpu, SPAN_LIT("another paravisor"));
    lab.instead = &another;
    start(KIND_TDX, &lab.cpu, 1);
    lab.instead = NULL;
    refused(SITUS_MISMATCH, "tsm", "tdinfo");
}

static void a_report_over_another_text_is_not_sent(void **state)
{
    (void)state;
    for (enum check_kind tee = KIND_TDX;; tee = KIND_SNP) {
        lab.paravisor.loose = true;
        start(tee, &lab.cpu, 1);
        refused(SITUS_MISMATCH, "hcl", "hardware.report_data");
        stop(state);
        if (tee == KIND_SNP)
            return;
    }
}

static void a_key_that_is_not_the_reports_signs_nothing(void **state)
{
    (void)state;
    swtpm_need();
    EVP_PKEY *own = lab.paravisor.ak;
    struct lab_soft_tpm other = lab_soft_new_rsa(lab.world, LAB_HCL_AK);
    lab.paravisor.ak = other.ak;
    start(KIND_SNP, NULL, 1);
    refused(SITUS_MISMATCH, "hcl", "keys.HCLAkPub");
    lab.paravisor.ak = own;
    lab_soft_free(&other);
}

/* A TPM without a paravisor has neither key nor report. */
static void another_tpm_is_told_so(void **state)
{
    struct swtpm plain;
    (void)state;
    swtpm_need();
    swtpm_make(&plain, false);
    lab.config = (struct attest_config){
        .tcti = plain.tcti, .paravisor = true, .kept_key = kept_key_find("paravisor")};
    refused(SITUS_MISSING, "tpm", "TPM2_ReadPublic");
    swtpm_end(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(report_quote_and_key_are_of_one_challenge, stop),
        cmocka_unit_test_teardown(the_kept_certificate_is_first, stop),
        cmocka_unit_test_teardown(an_snp_guest_sends_its_report, stop),
        cmocka_unit_test_teardown(an_earlier_report_is_waited_out, stop),
        cmocka_unit_test_teardown(a_report_of_another_challenge_is_not_sent, stop),
        cmocka_unit_test_teardown(a_paravisor_that_takes_no_user_data_is_asked_all_the_same, stop),
        cmocka_unit_test_teardown(a_td_needs_the_service_of_its_own_host, stop),
        cmocka_unit_test_teardown(a_quote_of_another_td_is_not_sent, stop),
        cmocka_unit_test_teardown(a_report_over_another_text_is_not_sent, stop),
        cmocka_unit_test_teardown(a_key_that_is_not_the_reports_signs_nothing, stop),
        cmocka_unit_test_teardown(another_tpm_is_told_so, stop),
    };
    return cmocka_run_group_tests(tests, make_lab, free_lab);
}
