/* What a policy demands, in words: the checks of its proofs and every parameter; see policy.h. */
#include <inttypes.h>

#include "base/text.h"
#include "model/policy.h"

/* Rows of the host are bare metal's; machine.same is also asked of an owner or a list. */
static bool demanded(const struct policy *p, enum check c)
{
    bool owned = p->require & (PROOF_OWNED | PROOF_LISTED);
    if (p->scenario == SCENARIO_BARE_METAL)
        return true;
    return check_row(c)->kind != KIND_HOST && (c != CHECK_MACHINE_SAME || owned);
}

/* same_as is an earlier required proof with the same rows; 0: none. */
static unsigned same_as(const struct policy *p, unsigned proof)
{
    for (unsigned other = PROOF_GENUINE; other < proof; other <<= 1) {
        bool same = p->require & other;
        for (enum check c = 0; c < CHECK_COUNT; c++)
            if (demanded(p, c))
                same &= !(check_row(c)->proofs & proof) == !(check_row(c)->proofs & other);
        if (same)
            return other;
    }
    return 0;
}

static void explain_checks(const struct policy *p, unsigned proof, struct wr *w)
{
    unsigned other = same_as(p, proof);
    if (other) {
        wr_format(w, "\n%s holds when ", proof_name(proof));
        wr_format(w, "%s does\n", proof_name(other));
        return;
    }
    wr_format(w, "\n%s holds when\n", proof_name(proof));
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (check_row(c)->proofs & proof && demanded(p, c))
            wr_format(w, "  %-18s %s\n", check_row(c)->id, check_row(c)->sentence);
}

/* Whose word it is that an image is closed, and which points it leaves out. */
static void explain_closed(const struct closed *c, struct wr *w)
{
    enum closed_point gap = closed_gap(c);
    wr_format(w, "closed: by %s", TEXT_CUT(c->by));
    if (gap == CLOSED_POINTS)
        wr_text(w, ", all points");
    for (unsigned i = gap; i < CLOSED_POINTS; i++)
        if (!(c->stated >> i & 1))
            wr_format(w, ", NOT %s", closed_key((enum closed_point)i));
}

static void explain_platform(const struct platform_statement *s, struct wr *w)
{
    wr_format(w, "by %s, banks", TEXT_CUT(s->by));
    for (unsigned h = 0; h < 32; h++)
        if (s->banks >> h & 1)
            wr_format(w, " %s", hash_name((enum hash)h));
    wr_text(w, s->firmware_first ? ", firmware first" : ", NOT firmware first");
    wr_text(w, s->all_banks_extended ? ", all banks extended" : ", NOT all banks extended");
}

/* An image under a paravisor: which one, and that PCRs name the image. */
static void explain_pcrs(const struct pcr_image *image, struct wr *w)
{
    const struct paravisor_pins *p = &image->paravisor;
    wr_text(w, "under a paravisor of");
    for (size_t i = 0; i < p->n; i++)
        wr_format(w, " %.16s...", TEXT_HEX(SPAN_ARR(p->launch[i])));
    if (p->by_id)
        wr_format(w, "%s ID key %.16s..., image %s, from SVN %s", p->n ? " or" : "",
                  TEXT_HEX(SPAN_ARR(p->id_key)), TEXT_HEX(SPAN_ARR(p->image_id)),
                  TEXT_NUM(p->min_svn));
    wr_text(w, ", PCRs of the image");
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
        if (PCR_PLATFORM >> pcr & 1 && image->pcr[pcr].n)
            wr_format(w, ", PCR %u of the platform", (unsigned)pcr);
    wr_text(w, ", ");
}

static void explain_references(const struct param_value *v, struct wr *w)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct reference *r = &v->references[i];
        wr_format(w, "%s%s (", i ? ", " : "", TEXT_CUT(r->name));
        if (!r->pcrs)
            wr_format(w, "%s %.16s..., ", r->tee == KIND_SNP ? "measurement" : "mrtd",
                      TEXT_HEX(SPAN_ARR(r->mrtd)));
        if (r->pcrs) {
            explain_pcrs(r->pcrs, w);
        } else if (r->tee == KIND_SNP) {
            wr_format(w, "VMPL %s, ", TEXT_NUM(r->vmpl));
        } else {
            wr_format(w, "firmware profile %s, ", profile_name(r->profile));
            wr_text(w, r->has_boot ? "with boot lists, " : "without boot lists, ");
        }
        explain_closed(&r->closed, w);
        wr_text(w, ")");
    }
}

static void explain_hosts(const struct param_value *v, struct wr *w)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct host_reference *r = &v->hosts[i];
        wr_format(w, "%s%s (%s, ", i ? ", " : "", TEXT_CUT(r->name), hash_name(r->bank));
        wr_format(w, "%zu events, ", r->n);
        explain_closed(&r->closed, w);
        wr_text(w, ", ");
        wr_format(w, "from %s to %s, ", TEXT_TIME(r->valid.from), TEXT_TIME(r->valid.to));
        wr_text(w, r->co_locates ? "its agent co-locates)" : "its agent does not co-locate)");
    }
}

static void explain_value(enum param_type type, const struct param_value *v, struct wr *w)
{
    switch (type) {
    case PARAM_IS_FLAG:
        wr_text(w, v->flag ? "true" : "false");
        break;
    case PARAM_IS_NUM:
        wr_text(w, TEXT_NUM(v->num));
        break;
    case PARAM_IS_NUMS:
        for (size_t i = 0; i < v->n; i++)
            wr_format(w, "%s%" PRId64, i ? ", " : "", v->nums[i]);
        break;
    case PARAM_IS_WORDS:
        for (size_t i = 0; i < v->n; i++)
            wr_format(w, "%s%s", i ? ", " : "", TEXT_CUT(v->words[i]));
        if (!v->n)
            wr_text(w, "none");
        break;
    case PARAM_IS_HEX:
        wr_hex(w, v->hex);
        break;
    case PARAM_IS_REFERENCES:
        explain_references(v, w);
        break;
    case PARAM_IS_HOSTS:
        explain_hosts(v, w);
        break;
    case PARAM_IS_PLATFORM:
        explain_platform(v->platform, w);
        break;
    }
}

void policy_explain_value(const struct policy *p, enum param id, struct wr *w)
{
    explain_value(param_row(id)->type, &p->v[id], w);
}

static void explain_param(const struct policy *p, enum param id, struct wr *w)
{
    const struct param_row *row = param_row(id);
    wr_format(w, "  %s %s: ", check_row(row->check)->id, row->key);
    if (p->v[id].given)
        explain_value(row->type, &p->v[id], w);
    else
        wr_text(w, "not given");
    wr_text(w, p->v[id].given && !p->stated[id] ? " (default)\n" : "\n");
    wr_format(w, "      %s\n", row->sentence);
}

void policy_explain(const struct policy *p, struct wr *w)
{
    wr_text(w, "policy ");
    wr_text(w, p->name);
    wr_text(w, ", SHA-256 ");
    wr_hex(w, SPAN_ARR(p->sha256));
    wr_format(w, "\nscenario: %s\nrequires:",
              p->scenario == SCENARIO_MANAGED      ? "managed"
              : p->scenario == SCENARIO_BARE_METAL ? "bare-metal"
                                                   : "none, a statement about a quote alone");
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (p->require & proof)
            wr_format(w, " %s", proof_name(proof));
    wr_text(w, "\nof:");
    for (unsigned i = KIND_ANY + 1; tee_row((enum check_kind)i); i++)
        if (policy_takes_tee(p, (enum check_kind)i))
            wr_format(w, " %s", tee_row((enum check_kind)i)->name);
    wr_text(w, p->simulated ? "\nanchors marked as simulated count\n" : "\n");
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (p->require & proof)
            explain_checks(p, proof, w);
    wr_text(w, "\nA failed check on evidence refuses even where no required proof needs it.\n"
               "\nparameters\n");
    for (enum param id = 0; id < PARAM_COUNT; id++)
        explain_param(p, id, w);
}
