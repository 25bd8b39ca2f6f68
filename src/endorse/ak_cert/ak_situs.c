/* AK certificates of our registrar; see ak_situs.h. */
#include "endorse/ak_cert/ak_situs.h"

#include "base/text.h"
#include "codec/der.h"
#include "endorse/ak_cert/ak_profile.h"

#include <stdio.h>

#define PIID_SIZE 16 /* Intel PCK profile 1.3.5, Platform Instance ID */

/* A Name: nameAlg and a digest of that size (TPM 2.0 part 1, 16). */
static struct span read_name(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_OCTET_STRING, field);
    if (!rd_ok(r))
        return s;
    enum hash h = s.n > 2 ? hash_by_tpm((uint16_t)(s.p[0] << 8 | s.p[1])) : HASH_NONE;
    bool strong = h == HASH_SHA256 || h == HASH_SHA384 || h == HASH_SHA512;
    if (!strong || s.n != 2 + hash_size(h))
        rd_fail(r, SITUS_MALFORMED, field, at, "a TPM Name", TEXT_BYTES(s.n));
    return s;
}

bool ak_situs_read(struct ak_situs *e, struct span value, struct situs_err *err)
{
    *e = (struct ak_situs){0};
    struct rd r = rd_new(value, 0, "situs machine extension", err);
    struct rd s = der_enter(&r, DER_SEQUENCE, "machine");
    rd_end(&r, "machine");
    e->facility = der_utf8(&s, "facility");
    e->machine = der_utf8(&s, "machine");
    e->class = (enum ak_machine_class)der_small(&s, DER_ENUMERATED, AK_CLASS_VTPM, "class");
    e->ek_name = read_name(&s, "ek_name");
    e->ak_name = read_name(&s, "ak_name");
    size_t at = rd_at(&s);
    e->piid = der_value(&s, DER_OCTET_STRING, "piid");
    if (rd_ok(&s) && e->piid.n != PIID_SIZE)
        rd_fail(&s, SITUS_MALFORMED, "piid", at, TEXT_BYTES(PIID_SIZE), TEXT_BYTES(e->piid.n));
    e->reset_count = der_u64(&s, "reset_count");
    e->restart_count = der_u64(&s, "restart_count");
    if (rd_end(&s, "machine") && err->code == SITUS_NONE)
        return true;
    *e = (struct ak_situs){0};
    return false;
}

/* One registrar does not speak for another's hall. */
static bool check_facility(const struct ak_asked *x, struct span facility)
{
    char got[256];
    if (policy_pair(x->q->policy, PARAM_AK_ALLOW, span_text(x->anchor->name), facility))
        return true;
    snprintf(got, sizeof got, "%s=%s", x->anchor->name, TEXT_CUT(facility));
    return ak_profile_fail(x, SITUS_NOT_ALLOWED, "facility",
                           "an anchor and facility that the policy pairs", got,
                           "name the pair in ak.certificate.allow of the policy, if it is right");
}

static bool check_situs(const struct ak_asked *x)
{
    struct ak_situs e;
    struct situs_err err = {0};
    if (!ak_situs_read(&e, x->said, &err))
        return finding_fail_err(x->findings, CHECK_AK_CERTIFICATE, &err);
    const char *class = e.class == AK_CLASS_DTPM ? "dtpm" : "vtpm";
    claim_bytes(x->claims, CLAIM_FACILITY, e.facility);
    claim_bytes(x->claims, CLAIM_MACHINE, e.machine);
    claim_bytes(x->claims, CLAIM_MACHINE_CLASS, span_text(class));
    claim_bytes(x->claims, CLAIM_EK_NAME, e.ek_name);
    claim_bytes(x->claims, CLAIM_MACHINE_PIID, e.piid);
    claim_bytes(x->claims, CLAIM_ENROLLED_AK_NAME, e.ak_name);
    claim_num(x->claims, CLAIM_ENROLLED_RESET_COUNT, (int64_t)e.reset_count);
    claim_num(x->claims, CLAIM_ENROLLED_RESTART_COUNT, (int64_t)e.restart_count);
    if (!check_facility(x, e.facility))
        return false;
    if (strcmp(x->claims->instance, "tpm.platform") == 0)
        return true; /* ak.enrolled judges these claims */
    if (e.class != AK_CLASS_VTPM)
        return ak_profile_fail(x, SITUS_NOT_ALLOWED, "class", "vtpm", class,
                               "the machine's own TPM does not stand for a guest's");
    if (!x->q->ak->has_public || !span_equal(e.ak_name, ak_name(x->q->ak)))
        return ak_profile_fail(x, SITUS_MISMATCH, "ak_name", TEXT_HEX(ak_name(x->q->ak)),
                               TEXT_HEX(e.ak_name), NULL);
    return true;
}

/* tcg-kp-AIKCertificate (TCG EK Credential Profile 2.5, 3) */
const struct ak_profile_does situs_ak_profile = {.eku = "2.23.133.8.3",
                                                 .crl_required = true,
                                                 .max_hours = 24,
                                                 .extension = AK_SITUS_OID,
                                                 .check = check_situs};
