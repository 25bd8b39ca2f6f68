/* Guests under a paravisor; see paravisor.h. */
#include "appraise/paravisor.h"

#include "appraise/closed_check.h"
#include "appraise/logs.h"
#include "base/text.h"
#include "base/wr.h"

static bool holds(const struct claims *c, enum claim_id id, struct span want)
{
    const struct claim *claim = claims_get(c, id);
    return claim && span_equal(claim->bytes, want);
}

/* Whether it is a paravisor that the image may run under. */
static bool pinned(const struct reference *r, const struct claims *tee)
{
    const struct paravisor_pins *p = &r->pcrs->paravisor;
    enum claim_id launch = r->tee == KIND_TDX ? CLAIM_MRTD : CLAIM_MEASUREMENT;
    const struct claim *svn = claims_get(tee, CLAIM_GUEST_SVN);
    for (size_t i = 0; i < p->n; i++)
        if (holds(tee, launch, SPAN_ARR(p->launch[i])))
            return true;
    return p->by_id && holds(tee, CLAIM_ID_KEY_DIGEST, SPAN_ARR(p->id_key)) &&
           holds(tee, CLAIM_IMAGE_ID, SPAN_ARR(p->image_id)) && svn && svn->num >= p->min_svn;
}

static struct span quoted_value(const struct registers *quoted, uint32_t pcr)
{
    const struct bank *bank = quoted ? registers_bank(quoted, HASH_SHA256) : NULL;
    return bank && bank->mask >> pcr & 1 ? bank->value[pcr] : span_of(NULL, 0);
}

static uint32_t differing(const struct reference *r, const struct claims *tee,
                          const struct registers *quoted)
{
    uint32_t mask = pinned(r, tee) ? 0 : PARAVISOR_PINS;
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++) {
        const struct pcr_values *values = &r->pcrs->pcr[pcr];
        struct span got = quoted_value(quoted, pcr);
        bool same = values->n == 0;
        for (size_t i = 0; i < values->n; i++)
            same |= span_equal(got, SPAN_ARR(values->v[i]));
        mask |= same ? 0 : 1u << pcr;
    }
    return mask;
}

struct paravisor paravisor_find(const struct policy *p, const struct claims *tee,
                                const struct registers *quoted)
{
    struct paravisor found = {.tee = tee, .quoted = quoted};
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    for (size_t i = 0; i < images->n && !found.image; i++) {
        const struct reference *r = &images->references[i];
        if (!r->pcrs || r->tee != tee_find(tee->instance))
            continue;
        uint32_t mask = differing(r, tee, quoted);
        if (mask == 0)
            found.image = r;
        if (found.nearest && __builtin_popcount(mask) >= __builtin_popcount(found.mask))
            continue;
        found.nearest = r;
        found.mask = mask;
    }
    return found;
}

void paravisor_check_log(struct findings *f, const struct policy *p, const struct paravisor *found,
                         const struct events *log)
{
    if (log)
        logs_check_pcr(f, p, found->quoted, log);
    else if (found->nearest && (found->mask & ~PARAVISOR_PINS) == 0)
        finding_pass(f, CHECK_LOG_PCR);
    else
        finding_skip(f, CHECK_LOG_PCR,
                     "no TPM event log was given, and no image's registers are the quoted ones");
}

static bool refuse(struct findings *f, enum situs_code code, const char *part, const char *field,
                   const char *expected, const char *got, const char *hint)
{
    return finding_fail(f, CHECK_REF_GUEST, code, FINDING_AT(part, field), expected, got, hint);
}

/* The first register in which the nearest image differs. */
static bool refuse_registers(struct findings *f, const struct paravisor *found)
{
    const struct reference *r = found->nearest;
    uint32_t pcr = 0;
    char field[24], hint[200];
    struct wr w = wr_new(field, sizeof field), names = wr_new(hint, sizeof hint);
    while (!(found->mask >> pcr & 1))
        pcr++;
    struct span got = quoted_value(found->quoted, pcr);
    wr_format(&w, "pcr%u.sha256", (unsigned)pcr);
    wr_u8(&w, 0);
    wr_format(&names, "nearest image: %s; it differs in PCR", TEXT_CUT(r->name));
    for (uint32_t i = pcr; i < REGISTERS_MAX; i++)
        if (found->mask >> i & 1)
            wr_format(&names, " %u", (unsigned)i);
    wr_u8(&names, 0);
    return refuse(f, got.n ? SITUS_MISMATCH : SITUS_MISSING, "tpm.guest", field,
                  TEXT_HEX(SPAN_ARR(r->pcrs->pcr[pcr].v[0])), got.n ? TEXT_HEX(got) : "not quoted",
                  wr_ok(&names) ? hint : NULL);
}

static bool refuse_pins(struct findings *f, const struct paravisor *found)
{
    bool td = found->nearest->tee == KIND_TDX;
    const struct claim *launch = claims_get(found->tee, td ? CLAIM_MRTD : CLAIM_MEASUREMENT);
    return refuse(f, SITUS_NOT_ALLOWED, found->tee->instance, td ? "mrtd" : "measurement",
                  "a paravisor that the image names", launch ? TEXT_HEX(launch->bytes) : "none",
                  "if it is known who made this paravisor, name it in the image's paravisor");
}

/* What the paravisor's own launch leaves behind. */
static bool right_level(struct findings *f, const struct claims *tee)
{
    const struct claim *vmpl = claims_get(tee, CLAIM_VMPL);
    if (vmpl && vmpl->num != 0)
        return refuse(f, SITUS_MISMATCH, tee->instance, "vmpl", "0", TEXT_NUM(vmpl->num),
                      "the paravisor asks at VMPL 0; somebody else asked for this report");
    for (int i = CLAIM_RTMR0; i <= CLAIM_RTMR3; i++) {
        const struct claim *rtmr = claims_get(tee, (enum claim_id)i);
        if (rtmr && !span_all(rtmr->bytes, 0))
            return refuse(f, SITUS_MISMATCH, tee->instance, claim_row((enum claim_id)i)->name,
                          "zero, as under a paravisor", TEXT_HEX(rtmr->bytes),
                          "what measures into RTMRs is no paravisor with a vTPM");
    }
    return true;
}

/* What the host says of the machine proves nothing; a policy may refuse by it. */
static bool right_words(struct findings *f, const struct policy *p, const struct claims *tee)
{
    const struct claim *secure = claims_get(tee, CLAIM_VM_SECURE_BOOT),
                       *console = claims_get(tee, CLAIM_VM_CONSOLE);
    if (p->v[PARAM_REF_SECURE_BOOT].flag && !(secure && secure->num))
        return refuse(f, SITUS_NOT_ALLOWED, "hcl", "vm-configuration.secure-boot", "true",
                      secure ? "false" : "none", "start the machine with Secure Boot");
    if (!p->v[PARAM_REF_CONSOLE].flag && !(console && !console->num))
        return refuse(f, SITUS_NOT_ALLOWED, "hcl", "vm-configuration.console-enabled", "false",
                      console ? "true" : "none", "start the machine without a console");
    return true;
}

/* Says that its registers count: every row about the TPM holds. */
static bool tpm_holds(const struct findings *f)
{
    static const enum check rows[] = {CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS, CHECK_AK_CERTIFICATE,
                                      CHECK_AK_ATTRIBUTES, CHECK_LOG_PCR,  CHECK_BIND_AK_IN_TD,
                                      CHECK_BIND_TD_IN_TPM};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (f->v[rows[i]].outcome != OUTCOME_PASS)
            return false;
    return true;
}

void paravisor_check(struct findings *f, const struct policy *p, const struct paravisor *found)
{
    if (p->v[PARAM_REF_GUEST_IMAGES].n == 0)
        finding_skip(f, CHECK_REF_GUEST, "the policy names no guest image");
    else if (!found->tee->authority)
        finding_skip(f, CHECK_REF_GUEST, "the TEE quote does not hold");
    else if (!found->nearest)
        refuse(f, SITUS_MISSING, found->tee->instance, "ref.guest.images",
               "an image of a guest under a paravisor of this kind of TEE", "only others'",
               "under a paravisor an image is named by paravisor and pcrs");
    else if (!found->quoted || p->scenario != SCENARIO_MANAGED)
        finding_skip(
            f, CHECK_REF_GUEST,
            found->quoted
                ? "a paravisor's guest is of a managed cloud, and the policy says no such scenario"
                : "under a paravisor the TPM's registers name the image, and no TPM quote was "
                  "given");
    else if (found->mask & ~PARAVISOR_PINS)
        refuse_registers(f, found);
    else if (found->mask)
        refuse_pins(f, found);
    else if (!right_level(f, found->tee) || !right_words(f, p, found->tee))
        return;
    else if (!tpm_holds(f))
        finding_skip(
            f, CHECK_REF_GUEST,
            "the TPM's registers name the image only where every row about that TPM holds");
    else if (closed_check(f, CHECK_REF_GUEST, "ref.guest.images", found->image->name,
                          &found->image->closed))
        finding_pass(f, CHECK_REF_GUEST);
}
