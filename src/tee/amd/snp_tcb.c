/*
 * The row snp.tcb. AMD signs no list of statuses: a VEK is derived from the levels that the report states, so
 * its certificate bears them out (snp_verify.c), and the policy says which are enough.
 */
#include <stdio.h>

#include "base/text.h"
#include "tee/amd/snp_verify.h"

struct tcb {
    const struct snp_report *r;
    const struct policy *p;
    const struct claims *c;
    struct findings *f;
    const struct product *product;
};

/* The four of a report (AMD 56860, table 23). */
static const struct {
    uint16_t at;
    const char *field;
    bool least; /* the policy's minimum is asked of it */
} tcbs[] = {{0x180, "reported_tcb", true},
            {0x1e0, "committed_tcb", true},
            {0x1f0, "launch_tcb", true},
            {0x038, "current_tcb", false}};
enum { REPORTED, COMMITTED, LAUNCH, CURRENT, TCBS };

static bool fail(struct tcb *t, enum situs_code code, const char *field, const char *expected,
                 const char *got, const char *hint)
{
    return finding_fail(t->f, CHECK_SNP_TCB, code, FINDING_AT("snp", field), expected, got, hint);
}

static struct span tcb_of(const struct tcb *t, size_t i)
{
    return snp_field(t->r, tcbs[i].at, 8);
}

#define TEXT_TCB(t, s) product_tcb_text((char[PRODUCT_TCB_TEXT]){0}, (t)->product, s)

static bool well_formed(struct tcb *t)
{
    for (size_t i = 0; i < TCBS; i++)
        if (!product_tcb_well(t->product, tcb_of(t, i)))
            return fail(t, SITUS_MALFORMED, tcbs[i].field, "zero where the product has no part",
                        TEXT_HEX(tcb_of(t, i)), NULL);
    return true;
}

static bool reaches(const struct product *p, struct span has, struct span needs)
{
    for (unsigned i = 0; i < SNP_PARTS; i++)
        if (p->at[i] >= 0 && has.p[p->at[i]] < needs.p[p->at[i]])
            return false;
    return true;
}

/* What is committed cannot be taken back, and neither is above what runs. */
static bool in_order(struct tcb *t)
{
    struct span current = tcb_of(t, CURRENT);
    for (size_t i = REPORTED; i <= COMMITTED; i++)
        if (!reaches(t->product, current, tcb_of(t, i)))
            return fail(t, SITUS_NOT_ALLOWED, tcbs[i].field, TEXT_TCB(t, current),
                        TEXT_TCB(t, tcb_of(t, i)), "no firmware states more than what it is");
    if (!t->p->v[PARAM_SNP_REQUIRE_COMMITTED].flag || span_equal(current, tcb_of(t, COMMITTED)))
        return true;
    return fail(t, SITUS_NOT_ALLOWED, "committed_tcb", TEXT_TCB(t, current),
                TEXT_TCB(t, tcb_of(t, COMMITTED)),
                "the host can still go back to older firmware: have it commit this one "
                "(SNP_COMMIT)");
}

static bool at_least(struct tcb *t, const struct snp_minimum *m, size_t which)
{
    struct span has = tcb_of(t, which);
    char expected[80];
    for (unsigned i = 0; i < SNP_PARTS; i++) {
        int at = t->product->at[i];
        if (m->level[i] < 0)
            continue;
        snprintf(expected, sizeof expected, "%s at least %d", snp_part_word((enum snp_part)i),
                 m->level[i]);
        if (at < 0)
            return fail(t, SITUS_NOT_ALLOWED, tcbs[which].field, expected,
                        "a product without this part", "take it out of snp.tcb.minimum");
        if (has.p[at] < m->level[i])
            return fail(t, SITUS_OUT_OF_DATE, tcbs[which].field, expected, TEXT_TCB(t, has),
                        which == LAUNCH
                            ? "the guest was started under older firmware: start it anew"
                            : "update the platform's firmware and have it committed and reported");
    }
    return true;
}

/* The policy's least levels of the product; one that it does not name is not good enough. */
static bool minimum_reached(struct tcb *t)
{
    const struct param_value *minimum = &t->p->v[PARAM_SNP_MINIMUM];
    for (size_t i = 0; i < minimum->n; i++) {
        struct snp_minimum m;
        if (!snp_minimum_read(&m, minimum->words[i]) ||
            !span_equal(m.product, span_text(t->product->name)))
            continue;
        for (size_t k = 0; k < TCBS; k++)
            if (tcbs[k].least && !at_least(t, &m, k))
                return false;
        return true;
    }
    return !minimum->given || fail(t, SITUS_NOT_ALLOWED, "product", "a product of snp.tcb.minimum",
                                   t->product->name, "say in the policy which levels are enough");
}

/* Mitigation vectors (AMD 56860, 1.58, 2.5): bits of what the firmware had done, at launch and now. */
static bool mitigated(struct tcb *t)
{
    const struct param_value *bits = &t->p->v[PARAM_SNP_MITIGATIONS];
    const struct span vectors[] = {SNP_LAUNCH_MIT_VECTOR(t->r), SNP_CURRENT_MIT_VECTOR(t->r)};
    static const char *const names[] = {"launch_mit_vector", "current_mit_vector"};
    if (!bits->given)
        return true;
    if (t->r->version < 5)
        return fail(t, SITUS_MISSING, names[0], "a report of version 5", TEXT_NUM(t->r->version),
                    "older firmware says nothing of mitigations: update it");
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 8; k++)
            if (bits->hex.n != 8 || bits->hex.p[k] & ~vectors[i].p[k])
                return fail(t, SITUS_OUT_OF_DATE, names[i], TEXT_HEX(bits->hex),
                            TEXT_HEX(vectors[i]),
                            i ? "update the platform" : "start the guest anew");
    return true;
}

void snp_tcb_check(const struct snp_report *r, const struct policy *p, const struct claims *c,
                   struct findings *f)
{
    struct tcb t = {r, p, c, f, NULL};
    if (!c->authority) {
        finding_skip(f, CHECK_SNP_TCB, "the report does not verify");
        return;
    }
    t.product = product_by_name(c->v[CLAIM_PRODUCT].bytes);
    if (t.product && well_formed(&t) && in_order(&t) && minimum_reached(&t) && mitigated(&t))
        finding_pass(f, CHECK_SNP_TCB);
}
