/* RTMR against PCR, event by event; see measurements.h. */
#include "appraise/measurements.h"

#include "appraise/boot_pcr7.h"
#include "appraise/boot_walk.h"
#include "base/text.h"
#include "base/wr.h"

#define CHECK CHECK_BIND_MEASUREMENTS
#define RTMRS 7u /* RTMR0-2; UEFI 2.10, 38.4.1: PCR 1 and 7, PCR 2-6, PCR 8-15 */

/* Room, 40 KB; each is filled before it is read, so nobody writes zeroes. */
struct lists {
    struct boot_walk walk;
    struct event_list td, pcr7, tpm; /* td and tpm are filled anew for each pair */
};

/* One comparison at work. */
struct match {
    struct findings *f;
    const struct reference *image;
    struct explained ccel, tcg;
    struct lists *l;
    struct measurements out;
};

/* Lists that must be one, of the TD and of the TPM, and what they are called: "pcr", 7. */
struct pair {
    const char *prefix;
    uint32_t number;
    const struct event_list *td, *tpm;
};

static const char *named(char field[24], const char *prefix, uint32_t number)
{
    struct wr w = wr_new(field, 24);
    wr_format(&w, "%s%u", prefix, (unsigned)number);
    wr_u8(&w, 0);
    return field;
}

/* TD event number i and TPM event number k should be the same. */
static bool diverge(struct match *m, const struct pair *p, size_t i, size_t k)
{
    char field[24], expected[160], got[160];
    return finding_fail(m->f, CHECK, i < p->td->n && k < p->tpm->n ? SITUS_MISMATCH : SITUS_MISSING,
                        FINDING_AT("log.tdx, log.guest", named(field, p->prefix, p->number)),
                        event_list_describe(expected, p->td, i),
                        event_list_describe(got, p->tpm, k),
                        "TD (expected) and TPM (got) measured different boots: they are not one "
                        "machine, or the image's boot lists are of another firmware");
}

/* The TPM's log has, in each register, the events of the reference and no others. */
static bool walk(struct match *m)
{
    struct boot_walk *w = &m->l->walk;
    char field[24], got[160];
    if (boot_walk_run(w, m->image, m->tcg.log, &(struct boot_walk_asked){0}))
        return true;
    struct event_list one = {.log = m->tcg.log, .bank = w->rtmr1.bank};
    if (w->at < m->tcg.log->n)
        one.v[one.n++] = (uint16_t)w->at;
    enum situs_code code = !w->expected ? SITUS_NOT_ALLOWED
                           : one.n      ? SITUS_MISMATCH
                                        : SITUS_MISSING;
    return finding_fail(m->f, CHECK, code, FINDING_AT("log.guest", named(field, "pcr", w->pcr)),
                        w->expected ? TEXT_HEX(SPAN_ARR(w->expected->digest)) : "no more events",
                        event_list_describe(got, &one, 0),
                        "the TPM's machine booted something else than the image of ref.guest, "
                        "or an update of it: \"situs policy new\" writes its boot lists");
}

/* The lists are one, event by event. */
static bool same(struct match *m, const struct pair *p)
{
    size_t most = p->td->n > p->tpm->n ? p->td->n : p->tpm->n;
    for (size_t i = 0; i < most; i++)
        if (i >= p->td->n || i >= p->tpm->n ||
            !span_equal(event_list_digest(p->td, i), event_list_digest(p->tpm, i)))
            return diverge(m, p, i, i);
    m->out.shared += most;
    return true;
}

static bool same_rtmr(struct match *m, uint32_t rtmr, const struct event_list *tpm)
{
    event_list_collect(&m->l->td, m->ccel.log, 1u << rtmr);
    return same(m, &(struct pair){"rtmr", rtmr, &m->l->td, tpm});
}

/* An event of RTMR0 is PCR 7's by what it is the hash of, or by its digest in the reference. */
static bool is_pcr7(const struct match *m, size_t i, bool *separator)
{
    const struct event_list *td = &m->l->td;
    struct span value = event_list_digest(td, i);
    for (size_t k = 0; k < m->image->n_pcr7; k++)
        if (span_equal(value, SPAN_ARR(m->image->pcr7[k])))
            return true;
    return boot_pcr7_tells(events_data(td->log, event_list_at(td, i)), value, separator);
}

/* Of RTMR0, in td, the events from its front on: PCR 7's go, PCR 1's stay. False: of a separator in
 * it none is PCR 7's: its digest is known to be one, and who sends the CCEL has taken back what the
 * data say. */
static bool split(struct match *m, size_t front)
{
    struct event_list *td = &m->l->td, *pcr7 = &m->l->pcr7;
    bool separator = false, denied = false;
    size_t kept = 0;
    pcr7->log = td->log;
    pcr7->bank = td->bank;
    pcr7->n = 0;
    for (size_t i = front; i < td->n; i++) {
        bool of_7 = is_pcr7(m, i, &separator);
        denied |= !of_7 && span_equal(event_list_digest(td, i), SPAN_ARR(boot_separator));
        if (of_7)
            pcr7->v[pcr7->n++] = td->v[i];
        else
            td->v[kept++] = td->v[i];
    }
    td->n = kept;
    return separator || !denied ||
           finding_fail(m->f, CHECK, SITUS_MISMATCH, FINDING_AT("log.tdx", "pcr7"),
                        "a separator of PCR 7, whose data are 00000000", "one of other data",
                        "give the CCEL as the firmware wrote it");
}

/* RTMR0 without its front, split, is PCR 7, and PCR 1 without the separator that ends it. */
static bool match_rtmr0(struct match *m)
{
    struct event_list *td = &m->l->td, *tpm = &m->l->tpm;
    const struct pair pcr7 = {"pcr", 7, &m->l->pcr7, tpm}, pcr1 = {"pcr", 1, td, tpm};
    size_t front = profile_front(m->image->profile);
    event_list_collect(td, m->ccel.log, 1u << 0);
    m->out.td_only = front < td->n ? front : td->n;
    if (!split(m, front))
        return false;
    event_list_collect(tpm, m->tcg.log, 1u << 7);
    if (!same(m, &pcr7))
        return false;
    event_list_collect(tpm, m->tcg.log, 1u << 1);
    size_t all = tpm->n, shared = all ? all - 1 : 0;
    tpm->n = shared;
    if (!same(m, &pcr1))
        return false;
    tpm->n = all;
    return (all && span_equal(event_list_digest(tpm, shared), SPAN_ARR(boot_separator))) ||
           diverge(m, &pcr1, td->n, shared);
}

/* "PCR0", of a policy whose images have one MRTD, or "MRTD=PCR0". */
static bool listed_pcr0(const struct policy *p, struct span mrtd, struct span pcr0)
{
    const struct param_value *v = &p->v[PARAM_BIND_PCR0];
    uint8_t value[48];
    for (size_t i = 0; i < v->n; i++) {
        struct span word = v->words[i];
        if (word.n > 96) {
            if (!text_hex_read(value, sizeof value, span_cut(word, 0, 96)) ||
                !span_equal(mrtd, SPAN_ARR(value)))
                continue;
            word = span_cut(word, 97, word.n - 97);
        }
        if (text_hex_read(value, sizeof value, word) && span_equal(pcr0, SPAN_ARR(value)))
            return true;
    }
    return false;
}

/* MRTD and PCR 0 both stand for the firmware, and only a table can pair them. */
static bool check_firmware(struct match *m, const struct policy *p, const struct registers *quoted)
{
    const struct bank *bank = registers_bank(quoted, HASH_SHA384);
    if (!bank || !(bank->mask & 1))
        return finding_fail(m->f, CHECK, SITUS_MISSING, FINDING_AT("tpm.guest", "pcr0.sha384"),
                            "a quoted value", "none",
                            "RTMRs are SHA-384: quote the SHA-384 bank, PCR 0 too");
    if (!profile_pcr0(m->image->profile, SPAN_ARR(m->image->mrtd), bank->value[0]) &&
        !listed_pcr0(p, SPAN_ARR(m->image->mrtd), bank->value[0]))
        return finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED, FINDING_AT("tpm.guest", "pcr0.sha384"),
                            "a value that goes with this MRTD", TEXT_HEX(bank->value[0]),
                            "if this firmware is known, list the value in bind.measurements.pcr0");
    return true;
}

/* Whether there is a reference that can be asked; else the row is decided. */
static bool can_compare(struct match *m, const struct claims *td)
{
    const struct reference *image = m->image;
    bool simulated = td->authority && td->authority->simulated;
    if (!m->ccel.log || !m->tcg.log || !(m->ccel.registers && m->tcg.registers))
        finding_skip(m->f, CHECK, "it needs both event logs, each explaining its registers");
    else if (!image)
        finding_skip(m->f, CHECK, "no image of the policy matches, so no boot lists are known");
    else if (image->profile == PROFILE_COUNT)
        finding_skip(m->f, CHECK, "overlap: none; the image names no firmware profile");
    else if (!image->has_boot)
        finding_skip(m->f, CHECK, "the image has no boot lists, so it carries no bound");
    else if (profile_simulated(image->profile) && !simulated)
        finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED,
                     FINDING_AT("policy", "ref.guest.images.profile"), "a profile of real firmware",
                     profile_name(image->profile),
                     "the lab's firmware counts only under an anchor that is marked as simulated");
    else if ((m->ccel.registers & RTMRS) != RTMRS)
        finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED, FINDING_AT("policy", "log.rtmr.registers"),
                     "0, 1 and 2", "fewer", "RTMRs that no log explains cannot be compared");
    else if ((m->tcg.registers & BOOT_QUOTED) != BOOT_QUOTED)
        finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED, FINDING_AT("policy", "log.pcr.registers"),
                     "PCR 0 to 9 and 11 to 14", "fewer",
                     "what is not quoted, the guest may have measured as it likes");
    else
        return true;
    return false;
}

void measurements_check(struct findings *f, const struct policy *p, const struct measured *x,
                        struct measurements *out)
{
    struct lists l;
    struct match m = {.f = f, .image = x->image, .ccel = x->ccel, .tcg = x->tcg, .l = &l};
    *out = (struct measurements){0};
    if (!can_compare(&m, x->td) || !check_firmware(&m, p, x->quoted) || !walk(&m) ||
        !match_rtmr0(&m) || !same_rtmr(&m, 1, &l.walk.rtmr1) || !same_rtmr(&m, 2, &l.walk.rtmr2))
        return;
    m.out.tpm_only = l.walk.tpm_only;
    *out = m.out;
    finding_pass(f, CHECK);
}
