/* RTMR against PCR, event by event; see measurements.h. */
#include "appraise/measurements.h"

#include "appraise/event_list.h"
#include "appraise/reference.h"
#include "base/text.h"
#include "base/wr.h"

#define CHECK CHECK_BIND_MEASUREMENTS

/* UEFI 2.10, 38.4.1: RTMR0 holds PCR 1 and 7, RTMR1 PCR 2-6, RTMR2 PCR 8-15. */
#define CLASS_RTMR1 0x007cu
#define CLASS_RTMR2 0xff00u

/* One comparison at work: the two lists are refilled for each pair of registers. */
struct match {
    struct findings *f;
    enum profile profile;
    struct explained ccel, tcg;
    uint8_t separator[48]; /* SHA-384 of four zero bytes, EV_SEPARATOR's data (PFP 1.06, 10.4.1) */
    struct event_list td, tpm;
    struct measurements out;
};

/* "EV_IPL 394341b7...", or what is there instead of an event. */
static const char *describe(char text[160], const struct event_list *l, size_t i)
{
    struct wr w = wr_new(text, 160);
    const char *name = i < l->n ? event_type_name(event_list_at(l, i)->type) : NULL;
    if (i >= l->n)
        wr_text(&w, "no event");
    else
        wr_format(&w, "%s at %u: %s", name ? name : "event", event_list_at(l, i)->at,
                  TEXT_HEX(event_list_digest(l, i)));
    wr_u8(&w, 0);
    return wr_ok(&w) ? text : "event";
}

/* TD event number i and TPM event number k should be the same; SIZE_MAX stands for none. */
static bool diverge(struct match *m, const char *prefix, uint32_t number, size_t i, size_t k)
{
    char field[24], expected[160], got[160];
    struct wr w = wr_new(field, sizeof field);
    wr_format(&w, "%s%u", prefix, number);
    wr_u8(&w, 0);
    return finding_fail(m->f, CHECK, i < m->td.n && k < m->tpm.n ? SITUS_MISMATCH : SITUS_MISSING,
                        "log.tdx, log.guest", field, describe(expected, &m->td, i),
                        describe(got, &m->tpm, k),
                        "TD (expected) and TPM (got) measured different boots: they are not one "
                        "machine, or the firmware profile is the wrong one");
}

/* The label EV_SEPARATOR is trusted, so its digest must be the hash of its only good data. */
static bool check_separators(struct match *m, const struct explained *e)
{
    size_t bank = events_bank(e->log, HASH_SHA384);
    for (size_t i = 0; i < e->log->n; i++) {
        const struct event *v = &e->log->v[i];
        uint32_t at = events_register(e->log, v);
        if (at < REGISTERS_MAX && e->registers >> at & 1 && v->type == EV_SEPARATOR &&
            !span_equal(events_digest(e->log, v, bank), SPAN_ARR(m->separator)))
            return finding_fail(m->f, CHECK, SITUS_MISMATCH,
                                e->log->kind == LOG_CCEL ? "log.tdx" : "log.guest", "separator",
                                TEXT_HEX(SPAN_ARR(m->separator)),
                                TEXT_HEX(events_digest(e->log, v, bank)),
                                "an error separator, or an event under a false label");
    }
    return true;
}

/* Takes out the one separator that each register of mask has. */
static bool drop_separators(struct match *m, struct event_list *l, const char *prefix,
                            uint32_t mask)
{
    uint32_t seen = 0;
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++) {
        uint32_t bit = 1u << event_list_register(l, i);
        if ((mask & bit & ~seen) && span_equal(event_list_digest(l, i), SPAN_ARR(m->separator)))
            seen |= bit;
        else
            l->v[kept++] = l->v[i];
    }
    l->n = kept;
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        if ((mask & ~seen) >> i & 1) {
            char field[24];
            struct wr w = wr_new(field, sizeof field);
            wr_format(&w, "%s%u", prefix, i);
            wr_u8(&w, 0);
            return finding_fail(m->f, CHECK, SITUS_MISSING, "log.tdx, log.guest", field,
                                "one separator", "none",
                                "the firmware profile puts separators elsewhere; name another");
        }
    return true;
}

static bool same_sequence(struct match *m, uint32_t pcr)
{
    size_t most = m->td.n > m->tpm.n ? m->td.n : m->tpm.n;
    for (size_t i = 0; i < most; i++)
        if (i >= m->td.n || i >= m->tpm.n ||
            !span_equal(event_list_digest(&m->td, i), event_list_digest(&m->tpm, i)))
            return diverge(m, "pcr", pcr, i, i);
    m->out.shared += most;
    return true;
}

/* How many events lead RTMR0 that no PCR has; their number is fixed, so none can be slipped in. */
static bool drop_td_only(struct match *m)
{
    size_t n = 0;
    uint32_t type;
    for (; profile_td_only(m->profile, n, &type); n++)
        if (n >= m->td.n || event_list_at(&m->td, n)->type != type)
            return finding_fail(m->f, CHECK, SITUS_MISMATCH, "log.tdx", "rtmr0",
                                event_type_name(type), "another event",
                                "the firmware profile is another one");
    m->td.n -= n;
    memmove(m->td.v, m->td.v + n, m->td.n * sizeof *m->td.v);
    m->out.td_only = n;
    return true;
}

/* Keeps those events of RTMR0 that belong to PCR 7 (its first separator too), or the others. The
 * labels only sort: each sequence is then held against a quoted PCR. */
static void keep_pcr7(struct match *m, bool pcr7)
{
    bool separator = false;
    size_t kept = 0;
    for (size_t i = 0; i < m->td.n; i++) {
        const struct event *e = event_list_at(&m->td, i);
        bool first = e->type == EV_SEPARATOR && !separator;
        separator |= first;
        if (pcr7 == (first || e->type == EV_EFI_VARIABLE_DRIVER_CONFIG ||
                     e->type == EV_EFI_VARIABLE_AUTHORITY))
            m->td.v[kept++] = m->td.v[i];
    }
    m->td.n = kept;
}

static bool match_rtmr0(struct match *m, uint32_t pcr)
{
    event_list_collect(&m->td, m->ccel.log, 1u << 0);
    event_list_collect(&m->tpm, m->tcg.log, m->tcg.registers & 1u << pcr);
    if (!drop_td_only(m))
        return false;
    keep_pcr7(m, pcr == 7);
    if (pcr == 1 && !drop_separators(m, &m->tpm, "pcr", 1u << 1))
        return false;
    return same_sequence(m, pcr);
}

/* Whether a TPM event is one that the profile allows without RTMR. It stands for nothing that the
 * TD measured, also where both have that digest: the initrd of Linux's stub is often the section of
 * the unified kernel image, which has an event of its own. Text that software adds after boot is
 * authentic only where its hash is the digest. */
static enum tpm_only tpm_only(const struct match *m, size_t i, size_t *row)
{
    const struct event *e = event_list_at(&m->tpm, i);
    struct span data = events_data(m->tcg.log, e);
    enum tpm_only kind = profile_tpm_only(m->profile, e->index, e->type, data, row);
    uint8_t hash[48];
    if (kind == TPM_ONLY_TAIL && !(digest(HASH_SHA384, data, hash) &&
                                   span_equal(event_list_digest(&m->tpm, i), SPAN_ARR(hash))))
        return TPM_ONLY_NO;
    return kind;
}

/* Takes out what only the TPM measured: each at most once, a tail only at the end of its PCR. */
static bool drop_tpm_only(struct match *m)
{
    uint32_t rows = 0, tails = 0;
    size_t kept = 0, row = 0;
    for (size_t i = 0; i < m->tpm.n; i++) {
        uint32_t pcr = event_list_register(&m->tpm, i);
        enum tpm_only kind = tpm_only(m, i, &row);
        if (kind == TPM_ONLY_NO && !(tails >> pcr & 1)) {
            m->tpm.v[kept++] = m->tpm.v[i];
            continue;
        }
        if (kind == TPM_ONLY_NO || rows >> row & 1)
            return diverge(m, "pcr", pcr, SIZE_MAX, i);
        rows |= 1u << row;
        if (kind == TPM_ONLY_TAIL)
            tails |= 1u << pcr;
        m->out.tpm_only++;
    }
    m->tpm.n = kept;
    return true;
}

/* The TPM vouches for the order within a PCR: it must be the RTMR's. */
static bool in_order(struct match *m, uint32_t pcr)
{
    size_t next = 0;
    for (size_t i = 0; i < m->tpm.n; i++) {
        if (event_list_register(&m->tpm, i) != pcr)
            continue;
        while (next < m->td.n &&
               !span_equal(event_list_digest(&m->td, next), event_list_digest(&m->tpm, i)))
            next++;
        if (next++ >= m->td.n)
            return diverge(m, "pcr", pcr, SIZE_MAX, i);
    }
    return true;
}

static bool same_multiset(struct match *m, uint32_t rtmr)
{
    size_t most = m->td.n > m->tpm.n ? m->td.n : m->tpm.n;
    event_list_sort(&m->td);
    event_list_sort(&m->tpm);
    for (size_t i = 0; i < most; i++) {
        int order = i >= m->td.n ? 1
                    : i >= m->tpm.n
                        ? -1
                        : span_compare(event_list_digest(&m->td, i), event_list_digest(&m->tpm, i));
        if (order != 0)
            return diverge(m, "rtmr", rtmr, order < 0 ? i : SIZE_MAX, order > 0 ? i : SIZE_MAX);
    }
    m->out.shared += most;
    return true;
}

static bool match_class(struct match *m, uint32_t rtmr, uint32_t pcrs)
{
    pcrs &= m->tcg.registers;
    event_list_collect(&m->td, m->ccel.log, 1u << rtmr);
    event_list_collect(&m->tpm, m->tcg.log, pcrs);
    if (rtmr == 1 &&
        (!drop_separators(m, &m->td, "rtmr", 1u << 1) || !drop_separators(m, &m->tpm, "pcr", pcrs)))
        return false;
    if (!drop_tpm_only(m))
        return false;
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
        if (pcrs >> pcr & 1 && !in_order(m, pcr))
            return false;
    return same_multiset(m, rtmr);
}

/* The profile that the policy names, else that of the image which matches; PROFILE_COUNT with a
 * decided row when there is none. */
static enum profile choose(struct findings *f, const struct policy *p, const struct claims *td)
{
    const struct param_value *given = &p->v[PARAM_BIND_PROFILE];
    const struct reference *image = reference_find(p, td);
    struct span name = given->n ? given->words[0] : image ? image->profile : span_of(NULL, 0);
    enum profile profile = given->n > 1 ? PROFILE_COUNT : profile_find(name);
    if (given->n == 0 && !image)
        finding_skip(f, CHECK, "no image of the policy matches, so no firmware profile is known");
    else if (profile == PROFILE_COUNT)
        finding_fail(f, CHECK, SITUS_UNKNOWN, "policy", "bind.measurements.profile",
                     "one firmware profile: gcp, ovmf", name.n ? TEXT_CUT(name) : "none",
                     "name it in the policy, or in the image of ref.guest.images");
    return profile;
}

static bool known_mrtd(const struct policy *p, struct span mrtd)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    for (size_t i = 0; i < images->n; i++)
        if (span_equal(mrtd, SPAN_ARR(images->references[i].mrtd)))
            return true;
    return false;
}

static bool listed_pcr0(const struct policy *p, struct span pcr0)
{
    const struct param_value *v = &p->v[PARAM_BIND_PCR0];
    uint8_t value[48];
    for (size_t i = 0; i < v->n; i++)
        if (text_hex_read(value, sizeof value, v->words[i]) && span_equal(pcr0, SPAN_ARR(value)))
            return true;
    return false;
}

/* MRTD and PCR 0 both stand for the firmware, and only a table can pair them. */
static bool check_firmware(struct match *m, const struct policy *p, const struct claims *td,
                           const struct registers *quoted)
{
    const struct claim *mrtd = claims_get(td, CLAIM_MRTD);
    const struct bank *bank = registers_bank(quoted, HASH_SHA384);
    if (!mrtd || !known_mrtd(p, mrtd->bytes))
        return finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED, "tdx", "mrtd",
                            "the MRTD of an image of the policy",
                            mrtd ? TEXT_HEX(mrtd->bytes) : "none",
                            "which PCR 0 goes with this firmware is not known");
    if (!bank || !(bank->mask & 1))
        return finding_fail(m->f, CHECK, SITUS_MISSING, "tpm.guest", "pcr0.sha384",
                            "a quoted value", "none",
                            "RTMRs are SHA-384: quote the SHA-384 bank, PCR 0 too");
    if (!profile_pcr0(m->profile, mrtd->bytes, bank->value[0]) && !listed_pcr0(p, bank->value[0]))
        return finding_fail(m->f, CHECK, SITUS_NOT_ALLOWED, "tpm.guest", "pcr0.sha384",
                            "a value that goes with this MRTD", TEXT_HEX(bank->value[0]),
                            "if this firmware is known, list the value in bind.measurements.pcr0");
    return true;
}

static bool enough(struct match *m)
{
    char least[24];
    if (m->out.shared >= profile_overlap(m->profile))
        return true;
    return finding_fail(m->f, CHECK, SITUS_NOT_MEASURED, "log.tdx, log.guest", "overlap",
                        text_num(least, (int64_t)profile_overlap(m->profile)),
                        TEXT_NUM(m->out.shared),
                        "too few events are in both logs: this platform cannot be bound");
}

void measurements_check(struct findings *f, const struct policy *p, const struct claims *td,
                        const struct registers *quoted, struct explained ccel, struct explained tcg,
                        struct measurements *out)
{
    *out = (struct measurements){0};
    if (!ccel.log || !tcg.log || !(ccel.registers && tcg.registers)) {
        finding_skip(f, CHECK, "it needs both event logs, each explaining its registers");
        return;
    }
    struct match m = {.f = f, .profile = choose(f, p, td), .ccel = ccel, .tcg = tcg};
    static const uint8_t zero[4];
    if (m.profile == PROFILE_COUNT)
        return;
    if ((ccel.registers & 7) != 7) { /* RTMR0-2 */
        finding_fail(f, CHECK, SITUS_NOT_ALLOWED, "policy", "log.rtmr.registers", "0, 1 and 2",
                     "fewer", "RTMRs that no log explains cannot be compared");
        return;
    }
    if (!digest(HASH_SHA384, SPAN_ARR(zero), m.separator)) {
        finding_fail(f, CHECK, SITUS_INTERNAL, "log.tdx", "separator", "a hash", "none", NULL);
        return;
    }
    if (!check_firmware(&m, p, td, quoted) || !check_separators(&m, &ccel) ||
        !check_separators(&m, &tcg) || !match_rtmr0(&m, 7) || !match_rtmr0(&m, 1) ||
        !match_class(&m, 1, CLASS_RTMR1) || !match_class(&m, 2, CLASS_RTMR2) || !enough(&m))
        return;
    *out = m.out;
    finding_pass(f, CHECK);
}
