/* The attester in an SEV-SNP guest: what it asks of the kernel, and what it sends. */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "model/tpm_value.h"
#include "support/collected.h"
#include "support/fake_tsm.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "tee/amd/snp_report.h"

#include <stdlib.h>

#define AT INT64_C(1800000000)

static const uint8_t nonce[32] = {1, 2, 3};

/* One guest on a chip, and room for its bundle. */
static struct {
    struct lab_world *world;
    struct lab_snp amd;
    struct lab_snp_chip chip;
    struct lab_snp_guest snp;
    struct fake_tsm tsm;
    struct channel channel;
    struct attest_config config;
    uint8_t *bytes;
    struct wr out;
    struct situs_err err;
} lab;

static int make_lab(void **state)
{
    (void)state;
    lab.world = lab_world_new(AT);
    lab.amd = lab_snp_new(lab.world);
    lab.chip = lab_snp_chip_new(&lab.amd, 0);
    lab.bytes = malloc(LIMIT_BUNDLE);
    return lab.bytes && channel_make(&lab.channel, &lab.err) ? 0 : -1;
}

static int free_lab(void **state)
{
    (void)state;
    channel_free(&lab.channel);
    lab_snp_free(&lab.amd);
    lab_world_free(lab.world);
    free(lab.bytes);
    return 0;
}

static int start_guest(void **state)
{
    static const uint8_t measurement[48] = {1};
    (void)state;
    lab.snp = lab_snp_guest_launch(&lab.chip, measurement);
    fake_tsm_init(&lab.tsm, lab.world);
    fake_tsm_snp(&lab.tsm, &lab.snp);
    lab.config = (struct attest_config){.files = &lab.tsm.files, .tsm = "/tsm", .td_device = "/td"};
    return 0;
}

static bool collect(void)
{
    lab.err = (struct situs_err){0};
    lab.out = wr_new(lab.bytes, LIMIT_BUNDLE);
    return attest_collect(&lab.config, &lab.channel, nonce, false, &lab.out, &lab.err);
}

/* What was collected, which has n items. */
static struct bundle *collected(size_t n)
{
    if (!collect())
        fail_msg("%s %s: %s", lab.err.part, lab.err.field, lab.err.got);
    return collected_read(wr_span(&lab.out), n);
}

static void refused(enum situs_code code, const char *field, size_t at)
{
    assert_false(collect());
    expect_err(lab.err, code, field, at);
    assert_int_equal(lab.out.n, 0);
    assert_int_equal(lab.tsm.entries, 0);
}

static void report_and_certificates_are_sent(void **state)
{
    (void)state;
    struct snp_report r;
    uint8_t k[32], want[64], akh[32] = {0};
    assert_true(bind_key(channel_spki(&lab.channel), k) && bind_report_data(akh, nonce, k, want));
    assert_true(snp_report_read(&r, collected_item(collected(2), "snp"), &lab.err));
    assert_true(span_equal(SNP_REPORT_DATA(&r), SPAN_ARR(want)));
    assert_int_equal(r.n_certs, 3);
    lab.snp.table = span_of(NULL, 0); /* a host without certificates */
    assert_int_equal(collected_item(collected(2), "snp").n, SNP_REPORT_SIZE);
}

/* Level 0 is another's where something runs below the guest. */
static void it_is_asked_for_at_the_guests_own_level(void **state)
{
    (void)state;
    const size_t vmpl = 0x030;
    for (unsigned floor = 0; floor < 4; floor++) {
        lab.tsm.floor = floor;
        assert_int_equal(collected_item(collected(2), "snp").p[vmpl], floor);
    }
}

static void what_is_not_ours_is_not_sent(void **state)
{
    (void)state;
    static const char *const files[] = {"privlevel_floor", "privlevel", "auxblob"};
    lab.tsm.floor = 1;
    for (size_t i = 0; i < 3; i++) {
        lab.tsm.failing = files[i];
        refused(SITUS_MISSING, files[i], SITUS_NO_OFFSET);
    }
    lab.tsm.failing = NULL;
    lab.tsm.floor = 4;
    refused(SITUS_MALFORMED, "privlevel_floor", SITUS_NO_OFFSET);
    lab.tsm.floor = 0;
    lab.tsm.other_report_data = true;
    refused(SITUS_MISMATCH, "report_data", SITUS_NO_OFFSET);
    lab.tsm.other_report_data = false;
    lab.snp.table = SPAN_LIT("no certificate table");
    refused(SITUS_TOO_SHORT, "certificate_table.length", SNP_REPORT_SIZE + 20);
}

static void its_tpm_commits_to_the_report(void **state)
{
    (void)state;
    static struct tpm_value v;
    struct swtpm swtpm;
    struct tpm_attest attest;
    uint8_t tqh[32], extra[32];
    swtpm_need();
    swtpm_make(&swtpm, false);
    lab.config.tcti = swtpm.tcti;
    struct bundle *b = collected(3);
    swtpm_end(&swtpm);
    assert_true(tpm_value_read(&v, collected_item(b, "guest"), "guest", &lab.err));
    assert_true(tpm_attest_read(&attest, v.attest, &lab.err));
    struct span report = span_cut(collected_item(b, "snp"), 0, SNP_REPORT_SIZE);
    assert_true(digest(HASH_SHA256, report, tqh) && bind_tq(nonce, tqh, extra));
    assert_true(span_equal(attest.extra_data, SPAN_ARR(extra)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(report_and_certificates_are_sent, start_guest),
        cmocka_unit_test_setup(it_is_asked_for_at_the_guests_own_level, start_guest),
        cmocka_unit_test_setup(what_is_not_ours_is_not_sent, start_guest),
        cmocka_unit_test_setup(its_tpm_commits_to_the_report, start_guest),
    };
    return cmocka_run_group_tests(tests, make_lab, free_lab);
}
