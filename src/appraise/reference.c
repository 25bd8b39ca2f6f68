/* Guest references; see reference.h. */
#include "appraise/reference.h"

#include "appraise/boot_walk.h"
#include "appraise/closed_check.h"
#include "base/text.h"
#include "base/wr.h"

#define REGISTERS 5 /* MRTD, RTMR0-3 */
#define RTMR1 2

static const struct {
    enum claim_id claim;
    const char *name;
} registers[REGISTERS] = {{CLAIM_MRTD, "mrtd"},
                          {CLAIM_RTMR0, "rtmr0"},
                          {CLAIM_RTMR1, "rtmr1"},
                          {CLAIM_RTMR2, "rtmr2"},
                          {CLAIM_RTMR3, "rtmr3"}};

static struct span expected(const struct reference *image, size_t i)
{
    return i == 0 ? SPAN_ARR(image->mrtd) : SPAN_ARR(image->rtmr[i - 1]);
}

/* The partition table of a reference that leaves it open is the same in both logs, with the data
 * that its digest is of. */
static bool same_gpt(const struct boot_walk *w, const struct reference_logs *logs)
{
    struct span want = events_digest(logs->guest, w->gpt, w->rtmr1.bank);
    uint8_t hash[48];
    if (!logs->ccel)
        return false;
    size_t bank = events_bank(logs->ccel, HASH_SHA384);
    for (size_t i = 0; i < logs->ccel->n; i++) {
        const struct event *e = &logs->ccel->v[i];
        if (events_register(logs->ccel, e) == 1 &&
            span_equal(events_digest(logs->ccel, e, bank), want))
            return digest(HASH_SHA384, events_data(logs->ccel, e), hash) &&
                   span_equal(SPAN_ARR(hash), want);
    }
    return false;
}

/* RTMR1 is what the lists lead to, merged as the TPM's log says. */
static bool leads_to(const struct reference *image, struct span rtmr1,
                     const struct reference_logs *logs)
{
    struct boot_walk w;
    uint8_t value[48] = {0};
    if (!logs->guest || events_bank(logs->guest, HASH_SHA384) == logs->guest->banks ||
        !boot_walk_run(&w, image, logs->guest) || (w.gpt && !same_gpt(&w, logs)))
        return false;
    for (size_t i = 0; i < w.rtmr1.n; i++)
        if (!digest2(HASH_SHA384, SPAN_ARR(value), event_list_digest(&w.rtmr1, i), value))
            return false;
    return span_equal(rtmr1, SPAN_ARR(value));
}

/* The registers that differ, bit i for registers[i]; a claim that is missing differs. A register
 * that is given by lists is asked last, when the others agree. */
static unsigned differing(const struct reference *image, const struct claims *td,
                          const struct reference_logs *logs)
{
    unsigned mask = 0;
    const struct claim *rtmr1 = claims_get(td, CLAIM_RTMR1);
    for (size_t i = 0; i < REGISTERS; i++) {
        const struct claim *c = claims_get(td, registers[i].claim);
        bool listed = i == RTMR1 && image->rtmr1_listed;
        if (!listed && (!c || !span_equal(c->bytes, expected(image, i))))
            mask |= 1u << i;
    }
    if (image->rtmr1_listed && mask == 0 && !(rtmr1 && leads_to(image, rtmr1->bytes, logs)))
        mask |= 1u << RTMR1;
    return mask;
}

const struct reference *reference_find(const struct policy *p, const struct claims *td,
                                       const struct reference_logs *logs)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    for (size_t i = 0; i < images->n; i++)
        if (differing(&images->references[i], td, logs) == 0)
            return &images->references[i];
    return NULL;
}

static unsigned bits(unsigned mask)
{
    unsigned n = 0;
    for (; mask; mask >>= 1)
        n += mask & 1;
    return n;
}

static const struct reference *nearest(const struct param_value *images, const struct claims *td,
                                       const struct reference_logs *logs)
{
    const struct reference *best = &images->references[0];
    for (size_t i = 1; i < images->n; i++)
        if (bits(differing(&images->references[i], td, logs)) < bits(differing(best, td, logs)))
            best = &images->references[i];
    return best;
}

/* RTMR1 alone differs, and the reference gives it by lists. */
static void fail_lists(struct findings *f, const struct reference *image, const struct claims *td,
                       const struct reference_logs *logs)
{
    const struct claim *c = claims_get(td, CLAIM_RTMR1);
    char hint[200], expected_[160] = "the value that the boot lists lead to";
    struct boot_walk w;
    struct wr text = wr_new(hint, sizeof hint - 1);
    wr_format(&text, "image %s gives RTMR1 by lists: ", TEXT_CUT(image->name));
    if (!logs->guest || events_bank(logs->guest, HASH_SHA384) == logs->guest->banks)
        wr_text(&text, "give the TPM's event log, with a SHA-384 bank, as a witness of the order");
    else if (!boot_walk_run(&w, image, logs->guest))
        wr_format(&text, "the TPM's log is not theirs in PCR %u", (unsigned)w.pcr);
    else if (w.gpt && !same_gpt(&w, logs))
        wr_text(&text, "the partition table needs its whole data in the CCEL too");
    else
        wr_text(&text, "they lead elsewhere in the order of this log");
    hint[wr_ok(&text) ? text.n : 0] = 0;
    finding_fail(f, CHECK_REF_GUEST, c ? SITUS_MISMATCH : SITUS_MISSING, td->instance, "rtmr1",
                 expected_, c ? TEXT_HEX(c->bytes) : "none", hint);
}

static void fail(struct findings *f, const struct reference *image, const struct claims *td,
                 const struct reference_logs *logs)
{
    unsigned mask = differing(image, td, logs);
    size_t first = 0;
    if (image->rtmr1_listed && mask == 1u << RTMR1) {
        fail_lists(f, image, td, logs);
        return;
    }
    while (!(mask >> first & 1))
        first++;
    char hint[200];
    struct wr w = wr_new(hint, sizeof hint);
    wr_format(&w, "nearest image: %s; it differs in", TEXT_CUT(image->name));
    for (size_t i = first; i < REGISTERS; i++)
        if (mask >> i & 1)
            wr_format(&w, " %s", registers[i].name);
    wr_u8(&w, 0);
    const struct claim *c = claims_get(td, registers[first].claim);
    finding_fail(f, CHECK_REF_GUEST, c ? SITUS_MISMATCH : SITUS_MISSING, td->instance,
                 registers[first].name, TEXT_HEX(expected(image, first)),
                 c ? TEXT_HEX(c->bytes) : "none", wr_ok(&w) ? hint : NULL);
}

const struct reference *reference_check(struct findings *f, const struct policy *p,
                                        const struct claims *td, const struct reference_logs *logs)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    const struct reference *image = NULL;
    if (images->n == 0)
        finding_skip(f, CHECK_REF_GUEST, "the policy names no guest image");
    else if (!td->authority)
        finding_skip(f, CHECK_REF_GUEST, "the TD quote does not hold");
    else if (strcmp(td->instance, "tdx") != 0)
        finding_fail(f, CHECK_REF_GUEST, SITUS_UNSUPPORTED, td->instance, "ref.guest.images",
                     "a TD: images are named by MRTD and RTMRs", "an enclave, which has none",
                     "appraise enclaves by a policy of their own, without guest images");
    else if (!(image = reference_find(p, td, logs)))
        fail(f, nearest(images, td, logs), td, logs);
    else if (closed_check(f, CHECK_REF_GUEST, "ref.guest.images", image->name, &image->closed))
        finding_pass(f, CHECK_REF_GUEST);
    return image;
}
