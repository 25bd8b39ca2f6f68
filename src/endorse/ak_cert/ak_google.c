/* AK certificates of Google's vTPM; see ak_google.h. */
#include "endorse/ak_cert/ak_google.h"

#include "base/text.h"
#include "codec/der.h"
#include "endorse/ak_cert/ak_profile.h"

/* securityProperties: [0] the security version, [1] production, then further flags that carry
 * nothing which situs uses; each at most once, in order. */
static void read_security(struct ak_google *e, struct rd *r)
{
    struct rd outer = der_enter(r, DER_EXPLICIT_0, "security_properties");
    struct rd list = der_enter(&outer, DER_SEQUENCE, "security_properties");
    rd_end(&outer, "security_properties");
    int last = -1;
    while (rd_left(&list) > 0) {
        size_t at = rd_at(&list);
        uint8_t tag = der_peek(&list);
        int number = tag - DER_EXPLICIT_0;
        if (number <= last || number > 15) {
            rd_fail(&list, SITUS_MALFORMED, "security_properties", at, "tags in order", NULL);
            break;
        }
        struct rd one = der_enter(&list, tag, "security_properties");
        bool flag = false;
        if (number == 0)
            der_u64(&one, "security_properties.security_version");
        else
            flag = der_boolean(&one, "security_properties.flag");
        rd_end(&one, "security_properties");
        if (number == 1)
            e->production = flag;
        last = number;
    }
    rd_end(&list, "security_properties");
}

bool ak_google_read(struct ak_google *e, struct span value, struct situs_err *err)
{
    *e = (struct ak_google){0};
    struct rd r = rd_new(value, 0, "gce instance extension", err);
    struct rd s = der_enter(&r, DER_SEQUENCE, "instance");
    rd_end(&r, "instance");
    e->zone = der_utf8(&s, "zone");
    e->project_number = der_u64(&s, "project_number");
    e->project_id = der_utf8(&s, "project_id");
    e->instance_id = der_u64(&s, "instance_id");
    e->instance_name = der_utf8(&s, "instance_name");
    if (rd_left(&s) > 0)
        read_security(e, &s);
    if (rd_end(&s, "instance") && err->code == SITUS_NONE)
        return true;
    *e = (struct ak_google){0};
    return false;
}

/* A word list that the policy gives must hold the value; not given, any value will do. */
static bool check_listed(const struct ak_asked *x, enum param list, struct span value,
                         const char *field)
{
    if (!x->q->policy->v[list].given || policy_word(x->q->policy, list, value))
        return true;
    return ak_profile_fail(x, SITUS_NOT_ALLOWED, field, "one that the policy lists",
                           TEXT_CUT(value), NULL);
}

static bool check_google(const struct ak_asked *x)
{
    struct ak_google e;
    struct situs_err err = {0};
    if (!ak_google_read(&e, x->said, &err))
        return finding_fail_err(x->findings, CHECK_AK_CERTIFICATE, &err);
    claim_bytes(x->claims, CLAIM_GCE_ZONE, e.zone);
    claim_bytes(x->claims, CLAIM_GCE_PROJECT_ID, e.project_id);
    claim_bytes(x->claims, CLAIM_GCE_INSTANCE_NAME, e.instance_name);
    claim_num(x->claims, CLAIM_GCE_PROJECT_NUMBER, (int64_t)e.project_number);
    claim_num(x->claims, CLAIM_GCE_INSTANCE_ID, (int64_t)e.instance_id);
    claim_num(x->claims, CLAIM_GCE_PRODUCTION, e.production);
    if (x->q->policy->v[PARAM_AK_PRODUCTION].flag && !e.production)
        return ak_profile_fail(x, SITUS_NOT_ALLOWED, "production", "true", "false", NULL);
    if (!policy_word(x->q->policy, PARAM_AK_PROJECTS, e.project_id)) /* anybody may rent there */
        return ak_profile_fail(x, SITUS_NOT_ALLOWED, "project_id", "one that the policy lists",
                               TEXT_CUT(e.project_id),
                               "name it in ak.certificate.projects of the policy");
    return check_listed(x, PARAM_AK_ZONES, e.zone, "zone");
}

/* 2.23.133.8.1 is tcg-kp-EKCertificate, which Google puts into AK certificates, and not at all since
 * its EK/AK CA. */
const struct ak_profile_does google_ak_profile = {
    .eku = "2.23.133.8.1", .eku_optional = true, .extension = AK_GOOGLE_OID, .check = check_google};
