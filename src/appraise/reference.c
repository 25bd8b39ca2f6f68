/* Guest references; see reference.h. */
#include "appraise/reference.h"

#include "base/text.h"
#include "base/wr.h"

#define REGISTERS 5 /* MRTD, RTMR0-3 */

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

/* The registers that differ, bit i for registers[i]; a claim that is missing differs. */
static unsigned differing(const struct reference *image, const struct claims *td)
{
    unsigned mask = 0;
    for (size_t i = 0; i < REGISTERS; i++) {
        const struct claim *c = claims_get(td, registers[i].claim);
        if (!c || !span_equal(c->bytes, expected(image, i)))
            mask |= 1u << i;
    }
    return mask;
}

const struct reference *reference_find(const struct policy *p, const struct claims *td)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    for (size_t i = 0; i < images->n; i++)
        if (differing(&images->references[i], td) == 0)
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

static const struct reference *nearest(const struct param_value *images, const struct claims *td)
{
    const struct reference *best = &images->references[0];
    for (size_t i = 1; i < images->n; i++)
        if (bits(differing(&images->references[i], td)) < bits(differing(best, td)))
            best = &images->references[i];
    return best;
}

static void fail(struct findings *f, const struct reference *image, const struct claims *td)
{
    unsigned mask = differing(image, td);
    size_t first = 0;
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

void reference_check(struct findings *f, const struct policy *p, const struct claims *td)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    if (images->n == 0)
        finding_skip(f, CHECK_REF_GUEST, "the policy names no guest image");
    else if (!td->authority)
        finding_skip(f, CHECK_REF_GUEST, "the TD quote does not hold");
    else if (strcmp(td->instance, "tdx") != 0)
        finding_fail(f, CHECK_REF_GUEST, SITUS_UNSUPPORTED, td->instance, "ref.guest.images",
                     "a TD: images are named by MRTD and RTMRs", "an enclave, which has none",
                     "appraise enclaves by a policy of their own, without guest images");
    else if (reference_find(p, td))
        finding_pass(f, CHECK_REF_GUEST);
    else
        fail(f, nearest(images, td), td);
}
