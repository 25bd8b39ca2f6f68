/* What a policy says of the provider's platform, and whether it says enough for what it requires;
 * see policy_guest.h. */
#include "model/policy_guest.h"

#include "base/text.h"

#include <stdio.h>

#define STRONG (1u << HASH_SHA256 | 1u << HASH_SHA384 | 1u << HASH_SHA512)

static bool read_banks(const struct json *object, uint32_t *banks, struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "banks", &list, err))
        return false;
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        struct span name;
        if (!json_as_text(&v, &name, err))
            return false;
        enum hash h = hash_by_name(name);
        if (h == HASH_NONE)
            return json_fail(&v, SITUS_UNKNOWN, "sha1, sha256, sha384 or sha512", TEXT_CUT(name),
                             err);
        if (*banks >> h & 1)
            return json_fail(&v, SITUS_DUPLICATE, "each bank once", TEXT_CUT(name), err);
        *banks |= 1u << h;
    }
    return *banks || json_fail(&list, SITUS_MISSING, "at least one bank", "an empty list", err);
}

bool policy_platform_read(const struct json *object, struct param_value *out, struct arena *a,
                          struct situs_err *err)
{
    struct json by;
    struct platform_statement *s = ARENA_NEW(a, struct platform_statement);
    if (!s)
        return json_no_memory(object, err);
    if (!json_as_object(object, err) ||
        !JSON_KNOWN(object, err, "by", "banks", "firmware_first", "all_banks_extended") ||
        !json_get(object, "by", &by, err))
        return false;
    out->platform = s;
    return json_keep_text(&by, &s->by, a, err) && read_banks(object, &s->banks, err) &&
           json_get_bool(object, "firmware_first", &s->firmware_first, err) &&
           json_get_bool(object, "all_banks_extended", &s->all_banks_extended, err);
}

static bool missing(const char *field, const char *expected, const char *got, const char *hint,
                    struct situs_err *err)
{
    err_fail(err, SITUS_MISSING, "policy", field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

static uint32_t registers_of(const struct policy *p, enum param id)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < p->v[id].n; i++)
        mask |= 1u << p->v[id].nums[i];
    return mask;
}

/* All that bind.measurements compares is quoted, and explained by the log. */
static bool check_registers(const struct policy *p, struct situs_err *err)
{
    static const struct {
        enum param id;
        const char *field;
    } sets[] = {{PARAM_TPM_PCRS_SET, "tpm.pcrs.registers"},
                {PARAM_LOG_PCR_SET, "log.pcr.registers"}};
    for (size_t i = 0; i < 2; i++)
        if (BOOT_QUOTED & ~registers_of(p, sets[i].id))
            return missing(sets[i].field, "PCR 0 to 9 and 11 to 14", "fewer",
                           "what is not quoted, the guest may have measured as it likes", err);
    return true;
}

/* What the images of a policy need of the TPM. */
struct needs {
    bool overlap; /* RTMRs are compared with PCRs */
    bool pcrs;    /* PCRs name an image */
};

static bool check_banks(const struct policy *p, const struct needs *needs, struct situs_err *err)
{
    const struct platform_statement *s = p->v[PARAM_AK_PLATFORM].platform;
    uint32_t banks = policy_banks(p);
    bool managed = p->scenario == SCENARIO_MANAGED;
    if (needs->pcrs && !(banks >> HASH_SHA256 & 1))
        return missing("tpm.pcrs.bank", "sha256 among the banks", "none",
                       "images under a paravisor are named by that bank's registers", err);
    if (needs->overlap && !(banks >> HASH_SHA384 & 1))
        return missing("tpm.pcrs.bank", "sha384 among the banks", "none",
                       "RTMRs are SHA-384, and compared with that bank alone", err);
    if (!(banks & STRONG))
        return missing("tpm.pcrs.bank", "sha256, sha384 or sha512 among the banks", "sha1 alone",
                       "SHA-1 is quoted beside another bank, never instead of one", err);
    if (managed && s && s->banks & ~banks)
        return missing("tpm.pcrs.bank", "every bank of ak.certificate.platform.banks", "fewer",
                       "a bank that is not quoted may have been left for the guest to fill", err);
    return true;
}

/* A reference that may carry bound says which firmware and which events, or which registers. */
static bool check_image(const struct policy *p, size_t i, struct needs *needs,
                        struct situs_err *err)
{
    const struct reference *r = &p->v[PARAM_REF_GUEST_IMAGES].references[i];
    char field[48];
    bool managed = p->scenario == SCENARIO_MANAGED;
    needs->pcrs |= r->pcrs != NULL;
    needs->overlap |= !r->pcrs && (managed || r->profile != PROFILE_COUNT);
    snprintf(field, sizeof field, "ref.guest.images[%zu].%s", i,
             r->profile == PROFILE_COUNT ? "profile" : "boot");
    if (r->pcrs)
        return managed || missing("scenario", "managed", "bare-metal",
                                  "an image under a paravisor runs in a managed cloud", err);
    if (managed && r->profile == PROFILE_COUNT)
        return missing(field, "a firmware that measures to TD and TPM alike", "nothing",
                       "\"situs policy new\" writes profile and boot lists from evidence", err);
    if (r->profile == PROFILE_COUNT && r->has_boot)
        return missing(field, "a profile, without which nothing compares the boot lists", "nothing",
                       "name the firmware that measures to TD and TPM alike, or leave boot out",
                       err);
    if (r->profile != PROFILE_COUNT && !r->has_boot)
        return missing(field, "the events of an honest boot, by PCR", "nothing",
                       "\"situs policy new\" writes these lists from evidence", err);
    return true;
}

/* MRTD and PCR 0 stand for one firmware: a value of PCR 0 alone says which only where there is one
 * MRTD. */
static bool check_pcr0(const struct policy *p, struct situs_err *err)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES],
                             *pcr0 = &p->v[PARAM_BIND_PCR0];
    bool alone = false, several = false;
    const struct reference *first = NULL;
    for (size_t i = 0; i < pcr0->n; i++)
        alone |= !memchr(pcr0->words[i].p, '=', pcr0->words[i].n);
    for (size_t i = 0; i < images->n; i++) {
        const struct reference *r = &images->references[i];
        if (r->profile == PROFILE_COUNT)
            continue;
        first = first ? first : r;
        several |= memcmp(r->mrtd, first->mrtd, sizeof r->mrtd) != 0;
    }
    return !(alone && several) ||
           missing("bind.measurements.pcr0", "MRTD=PCR0",
                   "PCR 0 alone, and images of several MRTDs",
                   "say with which firmware each value goes, or a TD of one firmware is bound to "
                   "a TPM of another",
                   err);
}

bool policy_guest_complete(const struct policy *p, struct situs_err *err)
{
    struct needs needs = {false, false};
    if (!check_pcr0(p, err))
        return false;
    if (!(p->require & PROOFS_BOUND))
        return check_banks(p, &needs, err);
    if (p->scenario == SCENARIO_MANAGED && !p->v[PARAM_AK_PLATFORM].given)
        return missing("ak.certificate.platform", "what the provider's vTPMs are stated to be",
                       "nothing",
                       "by, banks, firmware_first, all_banks_extended: see situs-policy(5)", err);
    for (size_t i = 0; i < p->v[PARAM_REF_GUEST_IMAGES].n; i++)
        if (!check_image(p, i, &needs, err))
            return false;
    return check_banks(p, &needs, err) &&
           (!(needs.overlap || needs.pcrs) || check_registers(p, err));
}
