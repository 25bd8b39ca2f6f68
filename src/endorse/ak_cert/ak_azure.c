/*
 * AK certificates of Azure's vTPM: they say nothing of the machine but by their subject. Their NV index is larger than what
 * it holds. Microsoft certified keys that a guest had chosen (CVE-2025-49707), and certifies ordinary machines under the
 * same CAs: so subject, begin and issuer are asked (DESIGN: attestation key, 3).
 */
#include "base/rd.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "endorse/ak_cert/ak_profile.h"

#define NAME_MOST 200
#define SUBJECT ".ConfidentialVM.Azure.windows.net"

/* Begin, and the one common name of subject and issuer, each behind its size; a size of 0: none, or two. */
static void say(const struct x509 *leaf, struct wr *w)
{
    uint8_t name[NAME_MOST];
    struct window valid = {0, 0};
    bool times = x509_validity(leaf, &valid);
    wr_u64be(w, times ? (uint64_t)valid.from : 0);
    for (int issuer = 0; issuer < 2; issuer++) {
        size_t n = issuer ? x509_issuer_common_name(leaf, name, sizeof name)
                          : x509_common_name(leaf, name, sizeof name);
        n = n < sizeof name ? n : 0; /* cut */
        wr_u8(w, (uint8_t)n);
        wr_bytes(w, span_of(name, n));
    }
}

static bool check_azure(const struct ak_asked *x)
{
    struct situs_err err = {0};
    struct rd r = rd_new(x->said, 0, AK_CERT_PART, &err);
    int64_t begin = (int64_t)rd_u64be(&r, "validity"), least = 0;
    struct span subject = rd_bytes(&r, rd_u8(&r, "subject"), "subject");
    struct span issuer = rd_bytes(&r, rd_u8(&r, "issuer"), "issuer"), end = SPAN_LIT(SUBJECT);
    const struct policy *p = x->q->policy;
    const struct param_value *not_before = &p->v[PARAM_AK_AZURE_NOT_BEFORE];
    if (!rd_end(&r, "names"))
        return finding_fail_err(x->findings, CHECK_AK_CERTIFICATE, &err);
    if (subject.n <= end.n || !span_equal(span_cut(subject, subject.n - end.n, end.n), end))
        return ak_profile_fail(x, SITUS_NOT_ALLOWED, "subject",
                               "one common name, ending in " SUBJECT,
                               subject.n ? TEXT_CUT(subject) : "none, or several",
                               "Microsoft certifies ordinary machines, too: this one is not "
                               "confidential");
    if (not_before->n != 1 || !time_read_rfc3339(&least, not_before->words[0]) || begin < least)
        return ak_profile_fail(x, SITUS_NOT_ALLOWED, "not_before", TEXT_TIME(least),
                               TEXT_TIME(begin),
                               "earlier certificates may be of keys that a guest chose "
                               "(CVE-2025-49707): restart the machine, so that it gets another");
    return policy_word(p, PARAM_AK_AZURE_ISSUERS, issuer) ||
           ak_profile_fail(x, SITUS_NOT_ALLOWED, "issuer", "a CA that the policy lists",
                           TEXT_CUT(issuer),
                           "name it in ak.certificate.azure_issuers, if your machines are in its "
                           "region");
}

/* tcg-kp-AIKCertificate (TCG EK Credential Profile 2.5, 3) */
const struct ak_profile_does azure_ak_profile = {
    .eku = "2.23.133.8.3", .padding = true, .says = say, .check = check_azure};
