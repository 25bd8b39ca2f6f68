/* The row snp.attributes: what its host may do to a guest, and who says that it is this guest. */
#include "base/text.h"
#include "tee/amd/snp_verify.h"

/* Guest policy: AMD 56860, 4.3, table 9. */
#define POLICY_SMT (UINT64_C(1) << 16)
#define POLICY_ONE (UINT64_C(1) << 17) /* reserved, must be one */
#define POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define POLICY_DEBUG (UINT64_C(1) << 19)
#define POLICY_SINGLE_SOCKET (UINT64_C(1) << 20)
#define POLICY_KNOWN ((UINT64_C(1) << 26) - 1) /* and CXL, AES-XTS, RAPL, ciphertexts, page swap */
#define AUTHOR_KEY_EN 1u
#define VMPL_HOST UINT32_MAX /* asked for by the host (8.26) */

static bool refuse(struct findings *f, const char *field, const char *expected, const char *got,
                   const char *hint)
{
    return finding_fail(f, CHECK_SNP_ATTRIBUTES, SITUS_NOT_ALLOWED, FINDING_AT("snp", field),
                        expected, got, hint);
}

static bool guest_policy(const struct snp_report *r, const struct policy *p, struct findings *f)
{
    static const char field[] = "policy";
    struct span bytes = SNP_POLICY(r);
    uint64_t bits = snp_u64(bytes);
    const char *got = TEXT_HEX(bytes);
    if (bits & POLICY_DEBUG)
        return refuse(f, field, "DEBUG (bit 19) clear", got, "start the guest without debugging");
    if (bits & POLICY_MIGRATE_MA)
        return refuse(f, field, "MIGRATE_MA (bit 18) clear", got,
                      "start the guest without a migration agent, which could move it");
    if (!(bits & POLICY_ONE) || bits & ~POLICY_KNOWN)
        return refuse(f, field, "bit 17 set, bits 26 to 63 clear", got, NULL);
    if (bits & POLICY_SMT && !p->v[PARAM_SNP_SMT].flag)
        return refuse(f, field, "SMT (bit 16) clear", got,
                      "start the guest without SMT, or set allow_smt");
    if (!(bits & POLICY_SINGLE_SOCKET) && p->v[PARAM_SNP_SINGLE_SOCKET].flag)
        return refuse(f, field, "SINGLE_SOCKET (bit 20) set", got,
                      "start the guest for a single socket");
    uint32_t abi = (uint32_t)(bits & 0xffff); /* major, minor: the least firmware that may run it */
    const struct param_value *major = &p->v[PARAM_SNP_ABI_MAJOR],
                             *minor = &p->v[PARAM_SNP_ABI_MINOR];
    int64_t least = (major->given ? major->num << 8 : 0) | (minor->given ? minor->num : 0);
    return abi >= least || refuse(f, field, "the ABI version that the policy demands, or later",
                                  got, "start the guest with that ABI version in its policy");
}

static bool vmpl(const struct snp_report *r, const struct policy *p, struct findings *f)
{
    uint32_t level = (uint32_t)snp_u64(snp_field(r, 0x030, 4));
    const struct param_value *allowed = &p->v[PARAM_SNP_VMPL];
    for (size_t i = 0; i < allowed->n; i++)
        if (level == (uint64_t)allowed->nums[i])
            return true;
    return refuse(f, "vmpl", "a privilege level of the guest that the policy allows",
                  level == VMPL_HOST ? "a report that the host asked for" : TEXT_NUM(level),
                  "have the guest's agent ask for the report, at its own level");
}

static bool platform(const struct snp_report *r, const struct policy *p, struct findings *f)
{
    const struct param_value *bits = &p->v[PARAM_SNP_PLATFORM];
    struct span has = SNP_PLATFORM_INFO(r);
    for (size_t i = 0; bits->given && i < 8; i++)
        if (bits->hex.n != 8 || bits->hex.p[i] & ~has.p[i])
            return refuse(f, "platform_info", TEXT_HEX(bits->hex), TEXT_HEX(has),
                          "set the platform up as platform_required says");
    return true;
}

/* The digest of a key is among those that the policy lists, or nothing is asked. */
static bool key(struct span digest, bool present, const struct policy *p, enum param keys,
                const char *field, struct findings *f)
{
    return !p->v[keys].given || (present && policy_digest(p, keys, digest)) ||
           refuse(f, field, "the digest of a key that the policy lists", TEXT_HEX(digest),
                  "start the guest with an ID block that this key signed");
}

static bool identity(const struct snp_report *r, const struct policy *p, struct findings *f)
{
    struct span id = snp_field(r, 0x0e0, 48), author = snp_field(r, 0x110, 48);
    uint32_t svn = (uint32_t)snp_u64(snp_field(r, 0x004, 4));
    bool authored = r->whole.p[0x48] & AUTHOR_KEY_EN;
    const struct param_value *least = &p->v[PARAM_SNP_GUEST_SVN];
    if (!key(id, !span_all(id, 0), p, PARAM_SNP_ID_KEYS, "id_key_digest", f) ||
        !key(author, authored, p, PARAM_SNP_AUTHOR_KEYS, "author_key_digest", f))
        return false;
    return !least->given || svn >= least->num ||
           refuse(f, "guest_svn", TEXT_NUM(least->num), TEXT_NUM(svn),
                  "start an image of this or a later security version");
}

void snp_attributes_check(const struct snp_report *r, const struct policy *p, struct findings *f)
{
    if (guest_policy(r, p, f) && vmpl(r, p, f) && platform(r, p, f) && identity(r, p, f))
        finding_pass(f, CHECK_SNP_ATTRIBUTES);
}
