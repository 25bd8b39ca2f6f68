/*
 * The report of Azure's paravisor, over 64 bytes that the guest writes first (DESIGN: paravisor). A reading of its NV index
 * makes it anew, but not within two seconds of the last, and then gives the one before (openvmm,
 * vm/devices/tpm/tpm_device): so it is read until it has what was written.
 */
#include "attester/attest.h"

#include "attester/imds.h"
#include "base/text.h"
#include "evidence/hcl_report.h"
#include "frame/out.h"
#include "tee/amd/cert_table.h"
#include "wire/wire.h"

#include <unistd.h>

#define PART "hcl"
#define PATIENCE 10000 /* ms */
#define PAUSE 200      /* ms */

static bool no_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
}

/* Whether somebody else's 64 bytes are in it; zeros are nobody's. */
static bool of_another(const struct hcl_report *h, const uint8_t wanted[64])
{
    return !span_equal(SPAN_ARR(h->user_data), span_of(wanted, 64)) &&
           !span_all(SPAN_ARR(h->user_data), 0);
}

/* ask writes what the report is to hold, and reads it until it does, or time is up. */
static bool ask(struct attest *a, const uint8_t wanted[64], struct hcl_report *h,
                struct situs_err *err)
{
    size_t n = 0;
    int64_t until = wire_now() + (a->config->patience ? a->config->patience : PATIENCE);
    uint8_t *p = arena_take(&a->arena, LIMIT_HCL_REPORT);
    if (!p)
        return no_memory(err);
    for (;;) {
        if (!tpm_nv_put(a->tpm, TPM_NV_HCL_USER_DATA, span_of(wanted, 64), err) ||
            !tpm_nv_read_as_owner(a->tpm, TPM_NV_HCL_REPORT, p, LIMIT_HCL_REPORT, &n, err) ||
            !hcl_report_read(h, span_of(p, n), err))
            return false;
        a->hcl = span_of(p, n);
        if (span_equal(SPAN_ARR(h->user_data), span_of(wanted, 64)) || wire_now() >= until)
            return true;
        usleep(PAUSE * 1000);
    }
}

/* It is of this TPM, and of these 64 bytes or of none. */
static bool is_ours(struct attest *a, const uint8_t wanted[64], const struct hcl_report *h,
                    struct situs_err *err)
{
    uint8_t ak[HCL_AK_PUBLIC], carried[64];
    hcl_report_ak(h, ak);
    if (!hcl_report_data(h, a->report_data))
        return err_fail(err, SITUS_INTERNAL, PART, "report_data", SITUS_NO_OFFSET, NULL, NULL);
    if (!span_equal(SPAN_ARR(ak), tpm_key_public(&a->ak)))
        return err_fail(err, SITUS_MISMATCH, PART, "keys.HCLAkPub", SITUS_NO_OFFSET,
                        "the key at 81000003h", "another");
    memcpy(carried, h->hardware.p + (h->tee == KIND_TDX ? 128 : 0x050), sizeof carried);
    if (!span_equal(SPAN_ARR(carried), SPAN_ARR(a->report_data)))
        return err_fail(err, SITUS_MISMATCH, PART, "hardware.report_data", 32,
                        TEXT_HEX(SPAN_ARR(a->report_data)), TEXT_HEX(SPAN_ARR(carried)));
    if (of_another(h, wanted)) {
        err_fail(err, SITUS_MISMATCH, PART, "user-data", SITUS_NO_OFFSET,
                 TEXT_HEX(span_of(wanted, 64)), TEXT_HEX(SPAN_ARR(h->user_data)));
        return err_hint(err,
                        "another program writes into NV index 01400002h: let only one attester "
                        "run");
    }
    if (!h->has_user_data || span_all(SPAN_ARR(h->user_data), 0))
        out_note("the paravisor puts no user-data into its report: this evidence shows genuine "
                 "alone");
    return true;
}

/* The quote of the TDREPORT, which nobody but the host's service makes. */
static bool quote(struct attest *a, const struct hcl_report *h, struct situs_err *err)
{
    struct span made;
    const char *imds = a->config->imds;
    if (!imds) {
        err_fail(err, SITUS_MISSING, PART, "quote", SITUS_NO_OFFSET, "a quote of the TDREPORT",
                 "no service that makes one");
        return err_hint(err, "--imds http://169.254.169.254 asks Azure's metadata service");
    }
    if (!imds_quote(imds, h->hardware, &made, &a->arena, err))
        return false;
    a->td_report = h->hardware.p;
    a->tee = (struct tsm_answer){KIND_TDX, (uint8_t *)(uintptr_t)made.p, made.n, made.n};
    return true;
}

/* The report with its chip's certificate behind it, where the host's service is asked for that. */
static bool certified(struct attest *a, const struct hcl_report *h, struct situs_err *err)
{
    struct span vcek = span_of(NULL, 0);
    const char *imds = a->config->imds;
    if (imds && !imds_vcek(imds, &vcek, &a->arena, err))
        return false;
    size_t room = SNP_REPORT_SIZE + CERT_TABLE_ONE + vcek.n;
    struct wr w = wr_new(arena_take(&a->arena, room), room);
    if (!w.p)
        return no_memory(err);
    wr_bytes(&w, h->hardware);
    if (vcek.n)
        cert_table_write_vcek(&w, vcek);
    a->tee = (struct tsm_answer){KIND_SNP, w.p, w.n, w.n};
    return true;
}

bool source_hcl(struct attest *a, struct span *value, struct situs_err *err)
{
    uint8_t k[32], wanted[64];
    struct hcl_report h;
    if (!a->config->paravisor)
        return true;
    if (!bind_key(channel_spki(a->channel), k) || !bind_report_data(a->akh, a->nonce, k, wanted))
        return err_fail(err, SITUS_INTERNAL, PART, "user-data", SITUS_NO_OFFSET, NULL, NULL);
    if (!ask(a, wanted, &h, err) || !is_ours(a, wanted, &h, err))
        return false;
    out_step("hcl: a report of the paravisor, %zu bytes", a->hcl.n);
    *value = a->hcl;
    return h.tee == KIND_TDX ? quote(a, &h, err) : certified(a, &h, err);
}
