/*
 * Whole appraisals of guests under a paravisor, on TDX and SEV-SNP: each row refuses by itself, and without user-data such
 * evidence is genuine and nothing more.
 */
#include "support/test.h"

#include "lab/attacks/lab_azure.h"
#include "lab/attacks/lab_judge.h"

#define AT 1769510999

static struct lab_stage *s;
static struct lab_judge *j;
static struct lab_vm vm[2], other[2]; /* by TEE */
static const uint8_t nonce[32] = {1, 2, 3};
static const enum check_kind kinds[2] = {KIND_TDX, KIND_SNP};

static int setup(void **state)
{
    (void)state;
    struct lab_boot boot = lab_firmware_boot();
    s = lab_stage_new(AT);
    j = lab_judge_new(s);
    for (int i = 0; i < 2; i++) {
        vm[i] = lab_azure_vm(s, kinds[i], CLOUD_A, LAB_AZURE_PARAVISOR, &boot);
        other[i] = lab_azure_vm(s, kinds[i], CLOUD_B, LAB_AZURE_PARAVISOR, &boot);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        lab_vm_free(&vm[i]);
        lab_vm_free(&other[i]);
    }
    lab_judge_free(j);
    lab_stage_free(s);
    return 0;
}

static const struct result *judge(int i, const struct lab_evidence *e)
{
    return lab_judge_situs(j, i ? LAB_AZURE_SNP : LAB_AZURE, e);
}

static const enum check tpm_rows[] = {
    CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS,      CHECK_AK_CERTIFICATE,   CHECK_AK_ATTRIBUTES,
    CHECK_LOG_PCR,       CHECK_BIND_AK_IN_TD, CHECK_BIND_NONCE_IN_TD, CHECK_BIND_TD_IN_TPM,
    CHECK_BIND_CHANNEL,  CHECK_REF_GUEST};

static void expect_failed(const struct result *r, enum check only, const char *field)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if ((r->findings.v[c].outcome == OUTCOME_FAIL) != (c == only))
            fail_msg("%s: %s", check_row(c)->id,
                     r->findings.v[c].why ? r->findings.v[c].why->field : "did not fail");
    assert_string_equal(r->findings.v[only].why->field, field);
    assert_int_equal(r->verdict, VERDICT_REFUSED);
}

static void an_honest_guest_is_bound(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct lab_evidence e = lab_azure_attest(s, &vm[i], nonce);
        const struct result *r = judge(i, &e);
        for (size_t k = 0; k < sizeof tpm_rows / sizeof *tpm_rows; k++)
            if (r->findings.v[tpm_rows[k]].outcome != OUTCOME_PASS)
                fail_msg(
                    "%d %s: %s %s", i, check_row(tpm_rows[k])->id,
                    r->findings.v[tpm_rows[k]].why ? r->findings.v[tpm_rows[k]].why->field : "",
                    r->findings.v[tpm_rows[k]].reason ? r->findings.v[tpm_rows[k]].reason : "");
        assert_int_equal(r->verdict, VERDICT_TRUSTED);
        assert_true(r->held & PROOF_BOUND && r->held & PROOF_LIVE && r->no_overlap);
        assert_string_equal(r->image.image, i ? "lab image on SEV-SNP" : "lab image on TDX");
        e.log_guest = lab_buf_span(&vm[i].log); /* a log may come with it */
        assert_int_equal(judge(i, &e)->verdict, VERDICT_TRUSTED);
    }
}

static void each_row_refuses_by_itself(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct lab_evidence e = lab_azure_attest(s, &vm[i], nonce);
        e.hcl = lab_azure_attest(s, &other[i], nonce).hcl;
        e.guest.cert = other[i].ak_cert;
        if (i == 0) { /* of SEV-SNP the report beside it is another: it does not read */
            const struct result *r = judge(i, &e);
            assert_int_equal(r->findings.v[CHECK_BIND_AK_IN_TD].outcome, OUTCOME_FAIL);
            assert_string_equal(r->findings.v[CHECK_BIND_AK_IN_TD].why->field, "report_data");
        } else {
            assert_int_equal(judge(i, &e)->err.code, SITUS_MISMATCH);
        }
        /* another nonce in the text, which is quoted well */
        uint8_t user_data[64];
        const uint8_t old[32] = {9};
        lab_azure_user_data(&vm[i], old, user_data);
        struct lab_azure_report r = lab_azure_ask(s, &vm[i], vm[i].vtpm.ak, user_data);
        e = lab_azure_present(&vm[i], &r, nonce);
        expect_failed(judge(i, &e), CHECK_BIND_NONCE_IN_TD, "user-data[32..63]");
        lab_azure_user_data(&vm[i], nonce, user_data);
        user_data[0] ^= 1;
        r = lab_azure_ask(s, &vm[i], vm[i].vtpm.ak, user_data);
        e = lab_azure_present(&vm[i], &r, nonce);
        expect_failed(judge(i, &e), CHECK_BIND_AK_IN_TD, "user-data[0..31]");
        /* a quote for another nonce */
        e = lab_azure_attest(s, &vm[i], nonce);
        struct lab_evidence stale = lab_azure_attest(s, &vm[i], old);
        e.guest = stale.guest;
        expect_failed(judge(i, &e), CHECK_BIND_TD_IN_TPM, "extra_data");
    }
}

static void without_user_data_it_is_genuine_and_nothing_more(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    for (int i = 0; i < 4; i++) {
        const struct lab_vm *m = &vm[i / 2];
        struct lab_azure_report r = lab_azure_ask(s, m, m->vtpm.ak, i % 2 ? zeros : NULL);
        struct lab_evidence e = lab_azure_present(m, &r, nonce);
        const struct result *result = judge(i / 2, &e);
        assert_int_equal(result->held, PROOF_GENUINE);
        for (enum check c = 0; c < CHECK_COUNT; c++)
            assert_int_not_equal(result->findings.v[c].outcome, OUTCOME_FAIL);
    }
}

static void the_certificate_is_of_a_confidential_machine(void **state)
{
    (void)state;
    const struct {
        const char *subject;
        int64_t from;
        const char *field; /* NULL: it counts */
    } rows[] = {
        {"a.ConfidentialVM.Azure.windows.net", 1767225600, NULL},
        {"a.ConfidentialVM.Azure.windows.net", 1767225599, "not_before"},
        {"2ede2d532aaf.TrustedVM.Azure.windows.net", AT - 3600, "subject"},
        {".ConfidentialVM.Azure.windows.net", AT - 3600, "subject"},
        {"a.ConfidentialVM.Azure.windows.net.example", AT - 3600, "subject"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_evidence e = lab_azure_attest(s, &vm[0], nonce);
        e.guest.cert = lab_azure_certify(s, &vm[0], rows[i].subject, rows[i].from);
        for (int again = 0; again < 2; again++) { /* also where the certificate is known */
            const struct result *r = judge(0, &e);
            if (rows[i].field)
                expect_failed(r, CHECK_AK_CERTIFICATE, rows[i].field);
            else
                assert_int_equal(r->verdict, VERDICT_TRUSTED);
        }
    }
    struct lab_ca azure = s->azure; /* another CA of the provider's */
    s->azure = lab_ca_new(s->w, "Azure in another region");
    struct lab_evidence e = lab_azure_attest(s, &vm[0], nonce);
    e.guest.cert = lab_azure_certify(s, &vm[0], LAB_AZURE_SUBJECT, AT - 3600);
    expect_failed(judge(0, &e), CHECK_AK_CERTIFICATE, "chain[0].issuer");
    lab_ca_free(&s->azure);
    s->azure = azure;
}

static void paravisor_and_image_are_the_policys(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct lab_boot boot = lab_firmware_boot(), own = boot;
        struct lab_vm unpinned =
            lab_azure_vm(s, kinds[i], CLOUD_A, SPAN_LIT("own paravisor"), &boot);
        struct lab_evidence e = lab_azure_attest(s, &unpinned, nonce);
        expect_failed(judge(i, &e), CHECK_REF_GUEST, i ? "measurement" : "mrtd");
        lab_vm_free(&unpinned);
        lab_firmware_find(&own, ".initrd")->measured = SPAN_LIT("initrd with a shell");
        struct lab_vm shell = lab_azure_vm(s, kinds[i], CLOUD_A, LAB_AZURE_PARAVISOR, &own);
        e = lab_azure_attest(s, &shell, nonce);
        expect_failed(judge(i, &e), CHECK_REF_GUEST, "pcr11.sha256");
        lab_vm_free(&shell);
    }
    /* what is below: VMPL, guest SVN, image id; RTMRs */
    static const struct {
        uint16_t at;
        uint8_t value;
        const char *field;
    } rows[] = {{0x030, 1, "vmpl"}, {0x004, 11, "measurement"}, {0x020, 3, "measurement"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_vm bent = vm[1];
        bent.snp.report[rows[i].at] = rows[i].value;
        struct lab_evidence e = lab_azure_attest(s, &bent, nonce);
        expect_failed(judge(1, &e), CHECK_REF_GUEST, rows[i].field);
    }
    struct lab_vm bent = vm[0];
    bent.td.registers.rtmr[3][47] = 1;
    struct lab_evidence e = lab_azure_attest(s, &bent, nonce);
    expect_failed(judge(0, &e), CHECK_REF_GUEST, "rtmr3");
}

/* A report names the image by PCRs, which are worth what that TPM's rows are. */
static void registers_count_where_the_tpm_holds(void **state)
{
    (void)state;
    struct lab_evidence e = lab_azure_attest(s, &vm[0], nonce);
    e.guest.cert = span_of(NULL, 0);
    const struct result *r = judge(0, &e);
    expect_failed(r, CHECK_AK_CERTIFICATE, "certificate");
    assert_int_equal(r->findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(r->held, PROOF_GENUINE);
    e.guest.given = false;
    r = judge(0, &e);
    assert_int_equal(r->findings.v[CHECK_REF_GUEST].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(r->held, PROOF_GENUINE);
}

/* The key is the one that the text names: another that is sent does not read. */
static void another_key_that_is_sent_does_not_read(void **state)
{
    (void)state;
    struct lab_evidence e = lab_azure_attest(s, &vm[0], nonce);
    e.guest.public_area = lab_soft_public(&vm[0].vtpm);
    assert_int_equal(judge(0, &e)->verdict, VERDICT_TRUSTED);
    e.guest.public_area = lab_soft_public(&other[0].vtpm);
    const struct result *r = judge(0, &e);
    assert_int_equal(r->err.code, SITUS_MISMATCH);
    assert_string_equal(r->err.field, "public");
    e = lab_azure_attest(s, &vm[0], nonce);
    e.tdx = e.snp = span_of(NULL, 0);
    r = judge(0, &e);
    assert_int_equal(r->err.code, SITUS_MISSING);
    assert_string_equal(r->err.part, "hcl");
    e = lab_azure_attest(s, &vm[0], nonce);
    e.hcl = lab_azure_attest(s, &vm[1], nonce).hcl;
    assert_int_equal(judge(0, &e)->err.code, SITUS_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_guest_is_bound),
        cmocka_unit_test(each_row_refuses_by_itself),
        cmocka_unit_test(without_user_data_it_is_genuine_and_nothing_more),
        cmocka_unit_test(the_certificate_is_of_a_confidential_machine),
        cmocka_unit_test(paravisor_and_image_are_the_policys),
        cmocka_unit_test(registers_count_where_the_tpm_holds),
        cmocka_unit_test(another_key_that_is_sent_does_not_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
