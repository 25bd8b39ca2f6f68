/* Guest references; see reference.h. */
#include "appraise/reference.h"

#include "appraise/boot_walk.h"
#include "appraise/closed_check.h"
#include "base/text.h"
#include "base/wr.h"

#define REGISTERS 5 /* MRTD, RTMR0-3 */
#define RTMR1 2

struct register_row {
    enum claim_id claim;
    const char *name;
};

/* By which registers an image of each kind is named, in the order of struct reference. */
static const struct registers_of {
    struct register_row v[REGISTERS];
    size_t n;
} kinds[] = {
    [KIND_TDX] = {{{CLAIM_MRTD, "mrtd"},
                   {CLAIM_RTMR0, "rtmr0"},
                   {CLAIM_RTMR1, "rtmr1"},
                   {CLAIM_RTMR2, "rtmr2"},
                   {CLAIM_RTMR3, "rtmr3"}},
                  5},
    [KIND_SNP] = {{{CLAIM_MEASUREMENT, "measurement"}}, 1},
};

/* NULL: no image is named of such evidence. */
static const struct registers_of *registers_of(const struct claims *td)
{
    enum check_kind kind = tee_find(td->instance);
    return kind < sizeof kinds / sizeof *kinds && kinds[kind].n ? &kinds[kind] : NULL;
}

static struct span expected(const struct reference *image, size_t i)
{
    return i == 0 ? SPAN_ARR(image->mrtd) : SPAN_ARR(image->rtmr[i - 1]);
}

/* One search among the images of a policy. */
struct search {
    const struct claims *td;
    const struct registers_of *of;
    const struct reference_logs *logs;
    struct boot_walk_asked asked;
    const struct reference *nearest; /* of those that do not match, the first; NULL: none yet */
    unsigned mask;                   /* where it differs: bit i for register i */
};

/* The partition table of a reference that leaves it open is the same in both logs, with the data
 * that its digest is of: in the TPM's log it is, as the walk saw. */
static bool same_gpt(const struct boot_walk *w, const struct reference_logs *logs)
{
    struct span want = events_digest(logs->guest, w->gpt, w->rtmr1.bank);
    if (!logs->ccel)
        return false;
    size_t bank = events_bank(logs->ccel, HASH_SHA384);
    for (size_t i = 0; i < logs->ccel->n; i++) {
        const struct event *e = &logs->ccel->v[i];
        if (events_register(logs->ccel, e) == 1 &&
            span_equal(events_digest(logs->ccel, e, bank), want))
            return span_equal(events_data(logs->ccel, e), events_data(logs->guest, w->gpt));
    }
    return false;
}

/* RTMR1 is what the lists lead to, merged as the TPM's log says. */
static bool leads_to(struct search *s, const struct reference *image, struct span rtmr1)
{
    const struct events *log = s->logs->guest;
    struct boot_walk w;
    uint8_t value[48] = {0};
    if (!log || events_bank(log, HASH_SHA384) == log->banks ||
        !boot_walk_run(&w, image, log, &s->asked) || (w.gpt && !same_gpt(&w, s->logs)))
        return false;
    for (size_t i = 0; i < w.rtmr1.n; i++)
        if (!digest2(HASH_SHA384, SPAN_ARR(value), event_list_digest(&w.rtmr1, i), value))
            return false;
    return span_equal(rtmr1, SPAN_ARR(value));
}

/* The registers that differ, bit i for register i; a claim that is missing differs. A register
 * that is given by lists is asked last, when the others agree. */
static unsigned differing(struct search *s, const struct reference *image)
{
    unsigned mask = 0;
    const struct claim *rtmr1 = claims_get(s->td, CLAIM_RTMR1);
    for (size_t i = 0; i < s->of->n; i++) {
        const struct claim *c = claims_get(s->td, s->of->v[i].claim);
        bool listed = i == RTMR1 && image->rtmr1_listed;
        if (!listed && (!c || !span_equal(c->bytes, expected(image, i))))
            mask |= 1u << i;
    }
    if (image->rtmr1_listed && mask == 0 && !(rtmr1 && leads_to(s, image, rtmr1->bytes)))
        mask |= 1u << RTMR1;
    return mask;
}

static unsigned bits(unsigned mask)
{
    unsigned n = 0;
    for (; mask; mask >>= 1)
        n += mask & 1;
    return n;
}

/* The image that matches, or NULL; each is looked at once. */
static const struct reference *find(struct search *s, const struct policy *p)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    for (size_t i = 0; i < images->n; i++) {
        const struct reference *image = &images->references[i];
        if (image->pcrs || image->tee != tee_find(s->td->instance))
            continue;
        unsigned mask = differing(s, image);
        if (mask == 0)
            return image;
        if (s->nearest && bits(mask) >= bits(s->mask))
            continue;
        s->nearest = image;
        s->mask = mask;
    }
    return NULL;
}

/* RTMR1 alone differs, and the reference gives it by lists. */
static void fail_lists(struct findings *f, struct search *s)
{
    const struct reference_logs *logs = s->logs;
    const struct claim *c = claims_get(s->td, CLAIM_RTMR1);
    char hint[200], expected_[160] = "the value that the boot lists lead to";
    struct boot_walk w;
    struct wr text = wr_new(hint, sizeof hint - 1);
    wr_format(&text, "image %s gives RTMR1 by lists: ", TEXT_CUT(s->nearest->name));
    if (!logs->guest || events_bank(logs->guest, HASH_SHA384) == logs->guest->banks)
        wr_text(&text, "give the TPM's event log, with a SHA-384 bank, as a witness of the order");
    else if (!boot_walk_run(&w, s->nearest, logs->guest, &s->asked))
        wr_format(&text, "the TPM's log is not theirs in PCR %u", (unsigned)w.pcr);
    else if (w.gpt && !same_gpt(&w, logs))
        wr_text(&text, "the partition table needs its whole data in the CCEL too");
    else
        wr_text(&text, "they lead elsewhere in the order of this log");
    hint[wr_ok(&text) ? text.n : 0] = 0;
    finding_fail(f, CHECK_REF_GUEST, c ? SITUS_MISMATCH : SITUS_MISSING,
                 FINDING_AT(s->td->instance, "rtmr1"), expected_, c ? TEXT_HEX(c->bytes) : "none",
                 hint);
}

static void fail(struct findings *f, struct search *s)
{
    const struct reference *image = s->nearest;
    size_t first = 0;
    if (!image) {
        finding_fail(
            f, CHECK_REF_GUEST, SITUS_MISSING, FINDING_AT(s->td->instance, "ref.guest.images"),
            "an image of this kind of TEE in the policy", "only others'",
            "of a TD an image is named by mrtd and rtmr, of an SEV-SNP guest by measurement");
        return;
    }
    if (image->rtmr1_listed && s->mask == 1u << RTMR1) {
        fail_lists(f, s);
        return;
    }
    while (!(s->mask >> first & 1))
        first++;
    char hint[200];
    struct wr w = wr_new(hint, sizeof hint);
    wr_format(&w, "nearest image: %s; it differs in", TEXT_CUT(image->name));
    for (size_t i = first; i < s->of->n; i++)
        if (s->mask >> i & 1)
            wr_format(&w, " %s", s->of->v[i].name);
    wr_u8(&w, 0);
    const struct claim *c = claims_get(s->td, s->of->v[first].claim);
    finding_fail(f, CHECK_REF_GUEST, c ? SITUS_MISMATCH : SITUS_MISSING,
                 FINDING_AT(s->td->instance, s->of->v[first].name),
                 TEXT_HEX(expected(image, first)), c ? TEXT_HEX(c->bytes) : "none",
                 wr_ok(&w) ? hint : NULL);
}

/* An image's agent asks for reports at its own privilege level; another level is not the image. */
static bool right_level(struct findings *f, const struct claims *td, const struct reference *image)
{
    const struct claim *vmpl = claims_get(td, CLAIM_VMPL);
    return !vmpl || vmpl->num == image->vmpl ||
           finding_fail(f, CHECK_REF_GUEST, SITUS_MISMATCH, FINDING_AT(td->instance, "vmpl"),
                        TEXT_NUM(image->vmpl), TEXT_NUM(vmpl->num),
                        "the report was asked for at another level than the image's agent runs at");
}

const struct reference *reference_check(struct findings *f, const struct policy *p,
                                        const struct claims *td, const struct reference_logs *logs)
{
    struct search s = {.td = td, .of = registers_of(td), .logs = logs};
    const struct reference *image = NULL;
    if (p->v[PARAM_REF_GUEST_IMAGES].n == 0)
        finding_skip(f, CHECK_REF_GUEST, "the policy names no guest image");
    else if (!td->authority)
        finding_skip(f, CHECK_REF_GUEST, "the TD quote does not hold");
    else if (!s.of)
        finding_fail(f, CHECK_REF_GUEST, SITUS_UNSUPPORTED,
                     FINDING_AT(td->instance, "ref.guest.images"),
                     "a TD or an SEV-SNP guest, by whose registers images are named",
                     "an enclave, which has none",
                     "appraise enclaves by a policy of their own, without guest images");
    else if (!(image = find(&s, p)))
        fail(f, &s);
    else if (right_level(f, td, image) &&
             closed_check(f, CHECK_REF_GUEST, "ref.guest.images", image->name, &image->closed))
        finding_pass(f, CHECK_REF_GUEST);
    return image;
}
