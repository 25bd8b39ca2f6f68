/* Appraisals in the lab's Intel world; see lab_case.h. */
#include "support/lab_case.h"

#include "support/test.h"

struct lab_case *lab_case_new(struct lab_world *w, uint16_t version, uint16_t body_type)
{
    static struct lab_case c;
    bool tdx = body_type != LAB_BODY_SGX;
    memset(&c, 0, sizeof c);
    c.w = w;
    c.at = lab_world_at(w);
    c.platform = lab_platform_honest(0);
    c.quote = tdx ? lab_quote_tdx(w, &c.platform, version, body_type)
                  : lab_quote_sgx(w, &c.platform, version);
    c.collateral = lab_collateral_honest(w, &c.platform, tdx);
    return &c;
}

bool lab_case_load(struct lab_case *c)
{
    static uint8_t memory[64 * 1024];
    static struct trust trust;
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_item all[LAB_PARTS], given[LAB_PARTS + 2];
    struct situs_err err = {0};
    size_t n = 0;
    struct span anchors = c->trust.n ? c->trust : lab_trust_json(c->w);
    if (!trust_read(&trust, anchors, &arena, &err))
        fail_msg("trust: %s %s", err_code_name(err.code), err.field);
    if (c->builtin)
        ((struct anchor *)(uintptr_t)trust.anchors)[0].builtin = true;
    c->a.trust = &trust;
    lab_collateral_parts(c->w, &c->collateral, all);
    for (size_t i = 0; i < LAB_PARTS; i++)
        if (!(c->leave_out & 1u << i))
            given[n++] = all[i];
    if (c->more.size)
        given[n++] = c->more;
    if (c->and_more.size)
        given[n++] = c->and_more;
    return appraise_load(&c->a, given, n, c->policy);
}

void lab_case_run(struct lab_case *c)
{
    struct appraisal *a = &c->a;
    if (!lab_case_load(c))
        fail_msg("%s: %s %s: expected %s, got %s", a->err.part, err_code_name(a->err.code),
                 a->err.field, a->err.expected, a->err.got);
    if (!appraise_quote(a, lab_quote_make(c->w, &c->quote), c->at))
        fail_msg("%s: %s %s at %zu: expected %s, got %s", a->err.part, err_code_name(a->err.code),
                 a->err.field, a->err.at, a->err.expected, a->err.got);
}

void lab_case_free(struct lab_case *c)
{
    appraise_free(&c->a);
}
