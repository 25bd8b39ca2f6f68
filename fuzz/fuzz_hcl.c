/* A paravisor's report takes any bytes without harm: its parts lie inside them, its text is one that jansson takes too, and
 * the key that is built of it reads as one. */
#include <assert.h>

#include "codec/json/json.h"
#include "crypto/ak.h"
#include "evidence/hcl_report.h"
#include "oracle.h"

const char *const oracles[] = {"report of SEV-SNP", "report of TDX", "user-data", NULL};

static void inside(struct span part, struct span in)
{
    assert(part.p >= in.p && part.n <= in.n - (size_t)(part.p - in.p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of(data, size);
    struct situs_err err = {0};
    struct hcl_report h;
    bool ok = hcl_report_read(&h, in, &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok)
        return 0;
    struct json_doc doc = {0};
    struct json root;
    struct tpm_public public;
    struct claims claims = {0};
    uint8_t ak[HCL_AK_PUBLIC], want[64];
    assert(hcl_report_is(in) && (h.tee == KIND_SNP || h.tee == KIND_TDX));
    assert(h.hardware.n == (h.tee == KIND_SNP ? 1184 : HCL_TD_REPORT));
    inside(h.hardware, in);
    inside(h.runtime, in);
    assert(json_read(&doc, &root, h.runtime, "text", &err));
    json_free(&doc);
    hcl_report_ak(&h, ak);
    assert(tpm_public_read(&public, SPAN_ARR(ak), &err) && public.bits == 2048);
    hcl_report_claims(&h, &claims);
    assert(hcl_report_data(&h, want) && span_all(span_of(want + 32, 32), 0));
    oracle_ran(h.tee == KIND_TDX);
    if (h.has_user_data)
        oracle_ran(2);
    return 0;
}
